-- The time of the whole runs beside that of the stage: by the earlier of the two, while the case is not handled, it is listed,
-- counted as overdue and told of. `due_told` is the deadline of the whole of which offices were told that it is over.
ALTER TABLE case_file ADD COLUMN next_due BIGINT;
ALTER TABLE case_file ADD COLUMN due_told BIGINT;
UPDATE case_file SET next_due = CASE WHEN handled_at IS NULL AND due < stage_due THEN due ELSE stage_due END;
UPDATE case_file SET next_alarm = due
  WHERE status = 'open' AND handled_at IS NULL AND due IS NOT NULL AND (next_alarm IS NULL OR due < next_alarm);

-- As before, in that order.
DROP INDEX case_file_open;
CREATE INDEX case_file_open ON case_file (area_path, next_due, id, stage, returns, reopens, class) WHERE status = 'open';
DROP INDEX case_file_owner;
CREATE INDEX case_file_owner ON case_file (owner_id, next_due, id) WHERE status = 'open';
