-- Lists of what has ended show the last that did first. One index holds them in that order, with what lists and
-- counts ask besides, so that a row is fetched only to be shown: the whole city finds a page at its end, whatever
-- the month's count. An area with few cases would have to look through all of the city's there; the list sorts those
-- of case_file_area instead (SORTED_MAX). An index by area and then by time would not do: areas below stand in it one
-- after the other, and a page of a subtree would still be all of it, sorted.
DROP INDEX case_file_closed;
CREATE INDEX case_file_closed ON case_file (status, closed_at, id, area_path, class) WHERE closed_at IS NOT NULL;

-- Open cases are counted by stage, late and returned, for every list that shows them: all that is asked stands in the
-- index, which has a new entry with every move anyhow.
DROP INDEX case_file_open;
CREATE INDEX case_file_open ON case_file (area_path, stage_due, id, stage, returns, class) WHERE status = 'open';

-- The same order for what a body was ever given.
ALTER TABLE case_handling ADD COLUMN closed_at BIGINT;
UPDATE case_handling SET closed_at = (SELECT c.closed_at FROM case_file c
  WHERE c.county_id = case_handling.county_id AND c.id = case_handling.case_id);
CREATE INDEX case_handling_closed ON case_handling (organization_id, closed_at, case_id) WHERE closed_at IS NOT NULL;
