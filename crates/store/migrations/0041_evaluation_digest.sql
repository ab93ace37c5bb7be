-- Beside each page of the evaluation stand its digests from now on, by which whole counties and days are added up: each
-- case is entered anew.
DELETE FROM evaluation_page;
UPDATE case_file SET counted = NULL, counted_revision = NULL;
