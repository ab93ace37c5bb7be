-- A closed case may be opened again: how often, when first, and when the work on it had first ended.
ALTER TABLE case_file ADD COLUMN reopens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE case_file ADD COLUMN reopened_at BIGINT;
ALTER TABLE case_file ADD COLUMN first_closed_at BIGINT;
UPDATE case_file SET first_closed_at = COALESCE(passed_at, closed_at) WHERE status <> 'void';

-- Lists and figures find in their indexes all that they ask.
DROP INDEX case_file_open;
CREATE INDEX case_file_open ON case_file (area_path, stage_due, id, stage, returns, reopens, class) WHERE status = 'open';
DROP INDEX case_file_due;
CREATE INDEX case_file_due ON case_file
  (due, area_path, owner_id, status, handled_at, passed_at, closed_at, returns, reworks, rating, solved, first_closed_at, reopened_at)
  WHERE due IS NOT NULL;

-- Whose reporter is still kept: an hourly round finds those that ended long ago without reading all that ever did.
CREATE INDEX case_file_reporter_kept ON case_file (closed_at)
  WHERE closed_at IS NOT NULL AND (reporter_id IS NOT NULL OR contact_name IS NOT NULL OR contact_phone IS NOT NULL);
