-- A case keeps the limit that its stage began with, and when the clock has next something to say about it: at parts of
-- that limit, at its end and after it. `escalated` counts the hundredths of which offices were told last.
ALTER TABLE case_file ADD COLUMN stage_limit_kind TEXT;
ALTER TABLE case_file ADD COLUMN stage_limit_amount BIGINT;
ALTER TABLE case_file ADD COLUMN next_alarm BIGINT;
UPDATE case_file SET escalated = 100 WHERE escalated <> 0;
UPDATE case_file SET next_alarm = stage_due WHERE status = 'open' AND stage_due < 9223372036854775807;
DROP INDEX case_file_late;
CREATE INDEX case_file_alarm ON case_file (next_alarm, id) WHERE next_alarm IS NOT NULL;

-- Whether somebody of an office has seen what it was told.
CREATE INDEX notice_seen_person ON notice_seen (person_id);
