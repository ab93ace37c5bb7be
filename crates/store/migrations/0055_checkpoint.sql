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

-- What a device sent once, so that it counts once however often it is sent.
CREATE TABLE checkpoint_batch (
  county_id UUID NOT NULL,
  device_id UUID NOT NULL,
  id UUID NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, device_id, id)
);
CREATE INDEX checkpoint_batch_received ON checkpoint_batch (received_at);
CREATE INDEX checkpoint_batch_device ON checkpoint_batch (county_id, device_id, received_at);

-- How many looks of each outcome in an hour (hours since 1970): no person, no pass, no moment.
CREATE TABLE checkpoint_count (
  county_id UUID NOT NULL,
  checkpoint_id UUID NOT NULL,
  hour BIGINT NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  looks BIGINT NOT NULL,
  PRIMARY KEY (county_id, checkpoint_id, hour, outcome)
);
CREATE INDEX checkpoint_count_hour ON checkpoint_count (hour);
