-- A notice is for a person, or for whoever holds an office: a role in an organization for an area.
ALTER TABLE notice RENAME TO notice_of_person;
CREATE TABLE notice (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID,
  organization_id UUID,
  role TEXT COLLATE "C",
  area_path TEXT COLLATE "C",
  actor_id UUID,
  case_id UUID,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
INSERT INTO notice (county_id, id, person_id, case_id, kind, detail, at)
  SELECT county_id, id, person_id, case_id, kind, detail, at FROM notice_of_person;
CREATE INDEX notice_of_person_at ON notice (person_id, at, id) WHERE person_id IS NOT NULL;
CREATE INDEX notice_of_office_at ON notice (organization_id, role, area_path, at, id) WHERE organization_id IS NOT NULL;
CREATE INDEX notice_at ON notice (at);

-- Until when a person has seen their notices.
CREATE TABLE notice_seen (
  county_id UUID NOT NULL,
  person_id UUID NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, person_id)
);
INSERT INTO notice_seen (county_id, person_id, seen_at)
  SELECT county_id, person_id, MAX(read_at) FROM notice_of_person WHERE read_at IS NOT NULL GROUP BY county_id, person_id;
DROP TABLE notice_of_person;
