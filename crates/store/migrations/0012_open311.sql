-- What another system reports with (接入密钥). Only a hash of the key is kept.
CREATE TABLE api_key (
  key_hash BYTEA NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  per_minute BIGINT NOT NULL,
  per_day BIGINT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT
);
CREATE UNIQUE INDEX api_key_id ON api_key (id);

-- Which key a case was reported by: that system may add to it.
CREATE TABLE case_api_key (
  county_id UUID NOT NULL,
  case_id UUID NOT NULL,
  api_key_id UUID NOT NULL,
  PRIMARY KEY (county_id, case_id)
);

-- What is published is read across all areas: latest report first, and steps in the order of time.
CREATE INDEX case_event_at ON case_event (at, case_id, revision);
