-- The list of responsibilities (权责清单): which body has to do with a class in an area. A row is in force from valid_from
-- up to but not including valid_to, and is never deleted: cases point to the one by which they were sent out.
CREATE TABLE responsibility (
  id UUID NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL,
  class TEXT COLLATE "C" NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  limit_kind TEXT,
  limit_amount BIGINT,
  closing_condition TEXT NOT NULL,
  evidence TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT
);
CREATE INDEX responsibility_area ON responsibility (area_path, class, id);
CREATE UNIQUE INDEX responsibility_in_force ON responsibility (class, area_id, organization_id) WHERE valid_to IS NULL;
