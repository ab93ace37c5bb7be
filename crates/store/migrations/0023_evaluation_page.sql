-- What the evaluation counts a case by beside its handling: by when its check is due, by when its requester is to be
-- contacted and when that was done, whether a decision leaves it out, and which of its facts a granted appeal exempts
-- (1 its lateness, 2 its return, 4 its rework).
ALTER TABLE case_file ADD COLUMN close_due BIGINT;
ALTER TABLE case_file ADD COLUMN contact_due BIGINT;
ALTER TABLE case_file ADD COLUMN contacted_at BIGINT;
ALTER TABLE case_file ADD COLUMN excluded_at BIGINT;
ALTER TABLE case_file ADD COLUMN exempt BIGINT;
UPDATE case_file SET close_due = due;

-- The figures of whole months are added up from pages: one row for each county and day holds what the cases count there.
-- A case that has changed since it was entered has no counted_revision; it is counted by itself until it is entered
-- anew, so that a figure is exact at every moment. The row of a case keeps what it was entered as.
ALTER TABLE case_file ADD COLUMN counted BYTEA;
ALTER TABLE case_file ADD COLUMN counted_revision BIGINT;
CREATE INDEX case_file_uncounted ON case_file (updated_at, id) WHERE counted_revision IS NULL;
CREATE TABLE evaluation_page (
  kind TEXT COLLATE "C" NOT NULL,
  day BIGINT NOT NULL,
  county_path TEXT COLLATE "C" NOT NULL,
  last_day BIGINT NOT NULL,
  entries BYTEA NOT NULL,
  PRIMARY KEY (kind, day, county_path)
);

-- For the lists behind figures, in their order; what is rare stands in the index, the rest is looked up until a page is
-- full. What counts needed stands in them no more, so that fewer moves change them.
DROP INDEX case_file_reported;
CREATE INDEX case_file_reported ON case_file (reported_at, id, area_path);
DROP INDEX case_file_due;
CREATE INDEX case_file_due ON case_file (due, id, area_path, returns, reworks) WHERE due IS NOT NULL;
CREATE INDEX case_file_close_due ON case_file (close_due, id, area_path) WHERE close_due IS NOT NULL;
CREATE INDEX case_file_contact_due ON case_file (contact_due, id, area_path) WHERE contact_due IS NOT NULL;

-- Whose work a step was: 1 filed, 2 dispatched, 4 closed, 8 verified, 16 checked, 32 reported, or the sum of several;
-- whether it was done within its stage's time; and when it proved to be wrong.
ALTER TABLE case_event ADD COLUMN work BIGINT;
ALTER TABLE case_event ADD COLUMN in_time BOOLEAN;
ALTER TABLE case_event ADD COLUMN undone_at BIGINT;
CREATE INDEX case_event_work ON case_event (organization_id, at, case_id) WHERE work > 0;
