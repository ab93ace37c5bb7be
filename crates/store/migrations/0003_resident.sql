CREATE TABLE premises (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX premises_area ON premises (area_path);

CREATE TABLE household (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  premises_id UUID NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX household_premises ON household (county_id, premises_id);

-- A natural person: a resident, a member of staff, or both.
CREATE TABLE person (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  phone TEXT,
  household_id UUID,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX person_id ON person (id);
CREATE INDEX person_household ON person (county_id, household_id);
