-- How many areas in force stand below an area, at any depth, kept with every change of the tree.
CREATE TABLE area_count (
  area_id UUID NOT NULL,
  tier BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  areas BIGINT NOT NULL,
  PRIMARY KEY (area_id, tier, kind)
);
