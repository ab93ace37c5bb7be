-- Further limits granted to a case (延期), its pause (挂账), and what was asked for and is not decided. A case in which none
-- of it ever happened says nothing.
ALTER TABLE case_file ADD COLUMN extensions BIGINT;
ALTER TABLE case_file ADD COLUMN stage_extensions BIGINT;
ALTER TABLE case_file ADD COLUMN paused_at BIGINT;
ALTER TABLE case_file ADD COLUMN paused_until BIGINT;
ALTER TABLE case_file ADD COLUMN resumed_at BIGINT;
ALTER TABLE case_file ADD COLUMN asked_relief TEXT;
ALTER TABLE case_file ADD COLUMN asked_revision BIGINT;
