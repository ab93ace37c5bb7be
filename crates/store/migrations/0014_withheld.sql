-- A system stays the same when its key is replaced: what was filed by the old key can be added to by the new one.
-- It is called by the id of its first key.
ALTER TABLE api_key ADD COLUMN system_id UUID;
UPDATE api_key SET system_id = id;

-- Cases whose words and place were taken out of what is published (不公开).
CREATE TABLE case_withheld (
  county_id UUID NOT NULL,
  case_id UUID NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (county_id, case_id)
);
