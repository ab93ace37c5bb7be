-- A checkpoint (卡口): a gate where passes of one regime are looked at, until its end. What was looked at is not kept.
CREATE TABLE checkpoint (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  regime BIGINT NOT NULL,
  place BIGINT NOT NULL,
  organization_id UUID,
  opened_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  closed_at BIGINT,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX checkpoint_id ON checkpoint (id);
CREATE INDEX checkpoint_area ON checkpoint (area_path, id);

-- A phone or scanner that stands at a checkpoint. Its link is sealed by the city's key: nothing secret is kept here.
CREATE TABLE checkpoint_device (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  checkpoint_id UUID NOT NULL,
  number BIGINT NOT NULL,
  added_at BIGINT NOT NULL,
  heard_at BIGINT,
  ended_at BIGINT,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX checkpoint_device_id ON checkpoint_device (id);
CREATE UNIQUE INDEX checkpoint_device_number ON checkpoint_device (county_id, checkpoint_id, number);

-- What a device sent once, so that it counts once however often it is sent. In which hour (hours since 1970), not when: at a
-- quiet gate that would be the moment of a look.
CREATE TABLE checkpoint_batch (
  county_id UUID NOT NULL,
  device_id UUID NOT NULL,
  id UUID NOT NULL,
  received_hour BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, device_id, id)
);
CREATE INDEX checkpoint_batch_forget ON checkpoint_batch (forget_at);
CREATE INDEX checkpoint_batch_device ON checkpoint_batch (county_id, device_id, received_hour);

-- How many looks of each colour in an hour of one gate: no person, no pass, no moment, and no reason. A body knows whose pass
-- it had revoked; where that was held up stands nowhere.
CREATE TABLE checkpoint_count (
  county_id UUID NOT NULL,
  checkpoint_id UUID NOT NULL,
  hour BIGINT NOT NULL,
  tone TEXT COLLATE "C" NOT NULL,
  looks BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, checkpoint_id, hour, tone)
);
CREATE INDEX checkpoint_count_forget ON checkpoint_count (forget_at);

-- Why looks came to no green: by the day (days since 1970, by the city's clock), for all gates of an order in a county.
CREATE TABLE checkpoint_reason (
  county_id UUID NOT NULL,
  regime BIGINT NOT NULL,
  day BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  county_path TEXT COLLATE "C" NOT NULL,
  looks BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, regime, day, outcome)
);
CREATE INDEX checkpoint_reason_area ON checkpoint_reason (county_path, day);
CREATE INDEX checkpoint_reason_forget ON checkpoint_reason (forget_at);
