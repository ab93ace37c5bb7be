-- A case that was split off for a supporting body has a parent; one that was found to be reported before was merged.
ALTER TABLE case_file ADD COLUMN parent_id UUID;
ALTER TABLE case_file ADD COLUMN merged_into_id UUID;
CREATE INDEX case_file_parent ON case_file (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX case_file_merged ON case_file (merged_into_id, id) WHERE merged_into_id IS NOT NULL;

-- What is open near a place: a narrow band of one class.
CREATE INDEX case_file_near ON case_file (class, latitude, longitude, reported_at) WHERE status = 'open' AND latitude IS NOT NULL;
