-- The six-tier tree as it is now. What an area was before stands in area_version.
CREATE TABLE area (
  id UUID NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  tier BIGINT NOT NULL,
  kind TEXT NOT NULL,
  parent_id UUID,
  path TEXT COLLATE "C" NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT,
  successor_id UUID
);
CREATE UNIQUE INDEX area_code ON area (code);
CREATE UNIQUE INDEX area_path ON area (path);
CREATE INDEX area_name ON area (name, code);
CREATE INDEX area_tier ON area (tier, code);
CREATE INDEX area_parent ON area (parent_id, code);

-- Earlier states, each in force from valid_from up to but not including valid_to.
CREATE TABLE area_version (
  area_id UUID NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  parent_id UUID,
  path TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (area_id, valid_from)
);
CREATE INDEX area_version_code ON area_version (code, valid_from);
CREATE INDEX area_version_path ON area_version (path, valid_from);

-- GeoJSON geometry (Polygon or MultiPolygon) of an area, with the datum that its source names.
CREATE TABLE boundary (
  area_id UUID NOT NULL PRIMARY KEY,
  geometry TEXT NOT NULL,
  source TEXT NOT NULL,
  west DOUBLE PRECISION NOT NULL,
  south DOUBLE PRECISION NOT NULL,
  east DOUBLE PRECISION NOT NULL,
  north DOUBLE PRECISION NOT NULL
);
