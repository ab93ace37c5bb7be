-- A workbook with reports of many units. It waits for a day at most, until who sent it has seen what it would change.
CREATE TABLE statistic_upload (
  id UUID NOT NULL PRIMARY KEY,
  person_id UUID NOT NULL,
  data_set TEXT COLLATE "C" NOT NULL,
  area_code TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  content BYTEA NOT NULL,
  forget_at BIGINT NOT NULL
);
CREATE INDEX statistic_upload_person ON statistic_upload (person_id);
CREATE INDEX statistic_upload_forget ON statistic_upload (forget_at);
