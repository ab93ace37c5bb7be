-- What a person is told, in the app.
CREATE TABLE notice (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  case_id UUID,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL,
  read_at BIGINT,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX notice_person ON notice (person_id, at, id);
CREATE INDEX notice_unread ON notice (person_id) WHERE read_at IS NULL;
