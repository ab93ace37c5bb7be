-- The row of the list of responsibilities by which a body has a case, and the time that it gives for the handling.
ALTER TABLE case_file ADD COLUMN responsibility_id UUID;
ALTER TABLE case_file ADD COLUMN limit_kind TEXT;
ALTER TABLE case_file ADD COLUMN limit_amount BIGINT;
