-- When a case was handled as far as is known now, and when its handling passed the check; what the evaluation counts by.
ALTER TABLE case_file ADD COLUMN handled_at BIGINT;
ALTER TABLE case_file ADD COLUMN passed_at BIGINT;
UPDATE case_file SET handled_at = (SELECT MAX(e.at) FROM case_event e
  WHERE e.county_id = case_file.county_id AND e.case_id = case_file.id AND e.from_stage = 'handle' AND e.to_stage = 'feedback')
  WHERE stage IN ('feedback', 'check', 'evaluate', 'closed');
UPDATE case_file SET passed_at = (SELECT MAX(e.at) FROM case_event e
  WHERE e.county_id = case_file.county_id AND e.case_id = case_file.id AND e.transition = 'close')
  WHERE stage IN ('evaluate', 'closed');

-- Each holds all that its figures need, so that a month of a million cases is counted without reading a case.
CREATE INDEX case_file_reported ON case_file (reported_at, area_path, owner_id, registered_at);
CREATE INDEX case_file_due ON case_file
  (due, area_path, owner_id, status, handled_at, passed_at, closed_at, returns, reworks, rating, solved) WHERE due IS NOT NULL;
CREATE INDEX case_file_late_handled ON case_file (handled_at, area_path, owner_id, due) WHERE handled_at > due;
CREATE INDEX case_file_late_open ON case_file (due, area_path, owner_id) WHERE handled_at IS NULL AND status = 'open';
