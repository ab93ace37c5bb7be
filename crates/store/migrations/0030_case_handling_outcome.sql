-- What a body did with a case that it was given: whether it gave it back, and whether its own work was sent back. Figures of
-- bodies count these by who did it, not by who has the case now. Until now it was not kept whose work was sent back: it
-- stays with the body that has the case.
ALTER TABLE case_handling ADD COLUMN returned_at BIGINT;
ALTER TABLE case_handling ADD COLUMN reworked_at BIGINT;
UPDATE case_handling SET returned_at = (SELECT MIN(e.at) FROM case_event e WHERE e.county_id = case_handling.county_id
  AND e.case_id = case_handling.case_id AND e.organization_id = case_handling.organization_id
  AND e.transition IN ('return', 'dispute'));
UPDATE case_handling SET reworked_at = (SELECT c.updated_at FROM case_file c WHERE c.county_id = case_handling.county_id
  AND c.id = case_handling.case_id AND c.owner_id = case_handling.organization_id AND c.reworks > 0);

-- The pages of the evaluation hold entries of another kind from now on: each case is entered anew.
DELETE FROM evaluation_page;
UPDATE case_file SET counted = NULL, counted_revision = NULL;
