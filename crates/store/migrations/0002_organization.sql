-- Bodies that work in an area. A temporary one carries its end.
CREATE TABLE organization (
  id UUID NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT
);
CREATE INDEX organization_area ON organization (area_path, kind, name, id);
CREATE INDEX organization_kind ON organization (kind, area_path);
CREATE INDEX organization_name ON organization (name, id);

-- A place in an organization that a person can hold, with its role and the area it serves.
CREATE TABLE post (
  id UUID NOT NULL PRIMARY KEY,
  organization_id UUID NOT NULL,
  role TEXT COLLATE "C" NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL
);
CREATE INDEX post_area ON post (area_path, role);
CREATE INDEX post_organization ON post (organization_id, role);

-- Who holds a post, from when to when.
CREATE TABLE appointment (
  id UUID NOT NULL PRIMARY KEY,
  post_id UUID NOT NULL,
  person_id UUID NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT
);
CREATE INDEX appointment_person ON appointment (person_id);
CREATE INDEX appointment_post ON appointment (post_id);
