-- From when the time to reply runs, so that a calendar that is entered later can count it again.
ALTER TABLE supervision ADD COLUMN due_since BIGINT;
UPDATE supervision SET due_since = ordered_at WHERE refusals = 0;
