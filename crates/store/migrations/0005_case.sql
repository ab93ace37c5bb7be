-- A case (案卷): one piece of work on the loop. "case" is a word of SQL, hence case_file.
CREATE TABLE case_file (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  number TEXT COLLATE "C" NOT NULL,
  request_hash BYTEA NOT NULL,
  procedure_id TEXT COLLATE "C" NOT NULL,
  procedure_version BIGINT NOT NULL,
  class TEXT COLLATE "C" NOT NULL,
  stage TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  source TEXT NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  place TEXT NOT NULL,
  longitude DOUBLE PRECISION,
  latitude DOUBLE PRECISION,
  description TEXT NOT NULL,
  reporter_id UUID,
  contact_name TEXT,
  contact_phone TEXT,
  owner_id UUID,
  reported_at BIGINT NOT NULL,
  registered_at BIGINT,
  stage_since BIGINT NOT NULL,
  stage_due BIGINT NOT NULL,
  escalated BIGINT NOT NULL,
  due BIGINT,
  closed_at BIGINT,
  updated_at BIGINT NOT NULL,
  returns BIGINT NOT NULL,
  reworks BIGINT NOT NULL,
  rating BIGINT,
  solved BOOLEAN,
  revision BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX case_file_id ON case_file (id);
CREATE INDEX case_file_number ON case_file (number);
CREATE INDEX case_file_area ON case_file (area_path, reported_at, id);
CREATE INDEX case_file_reporter ON case_file (reporter_id, reported_at, id);
CREATE INDEX case_file_updated ON case_file (updated_at, id);
CREATE INDEX case_file_open ON case_file (area_path, stage_due, id) WHERE status = 'open';
CREATE INDEX case_file_owner ON case_file (owner_id, stage_due, id) WHERE status = 'open';
CREATE INDEX case_file_late ON case_file (stage_due, id) WHERE status = 'open' AND escalated = 0;
CREATE INDEX case_file_closed ON case_file (closed_at, area_path);

-- What happened to a case, one row a step or note; the timeline.
CREATE TABLE case_event (
  county_id UUID NOT NULL,
  case_id UUID NOT NULL,
  revision BIGINT NOT NULL,
  request_id UUID NOT NULL,
  at BIGINT NOT NULL,
  transition TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  actor_id UUID,
  actor_role TEXT NOT NULL,
  organization_id UUID,
  part TEXT NOT NULL,
  note TEXT NOT NULL,
  public BOOLEAN NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (county_id, case_id, revision)
);

-- The picture itself is a file named by its id; this row is written after the file is safe.
CREATE TABLE case_photo (
  county_id UUID NOT NULL,
  case_id UUID NOT NULL,
  id UUID NOT NULL,
  revision BIGINT NOT NULL,
  sha256 BYTEA NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  PRIMARY KEY (county_id, case_id, id)
);

-- The bodies that a case was ever given to.
CREATE TABLE case_handling (
  county_id UUID NOT NULL,
  case_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  reported_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, case_id, organization_id)
);
CREATE INDEX case_handling_organization ON case_handling (organization_id, reported_at, case_id);
