-- Where records of statistics come from: a file, or, without a name, the city's own tables.
CREATE TABLE statistic_set (
  id UUID NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  provenance TEXT NOT NULL,
  received_at BIGINT NOT NULL
);

-- Each revision of each record; the one in force has no replaced_at, a withdrawn one no value.
CREATE TABLE statistic_record (
  county_id UUID NOT NULL,
  element TEXT COLLATE "C" NOT NULL,
  reference TEXT COLLATE "C" NOT NULL,
  revision BIGINT NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  option_code TEXT COLLATE "C" NOT NULL,
  value BIGINT,
  reported_at BIGINT NOT NULL,
  replaced_at BIGINT,
  set_id UUID NOT NULL,
  PRIMARY KEY (county_id, element, reference, revision)
);
CREATE INDEX statistic_record_reference ON statistic_record (element, reference) WHERE replaced_at IS NULL;
CREATE INDEX statistic_record_area ON statistic_record (element, area_path, period, reference, revision);
CREATE INDEX statistic_record_path ON statistic_record (area_path);
CREATE INDEX statistic_record_set ON statistic_record (set_id, element, area_path);

-- Totals of an area and all below it, by option. Part 0 is of records of the area itself; those from below stand in several
-- parts, so that writers seldom meet. latest_at is when a record last came in, was corrected or withdrawn.
CREATE TABLE statistic_total (
  element TEXT COLLATE "C" NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  option_code TEXT COLLATE "C" NOT NULL,
  part BIGINT NOT NULL,
  parent_path TEXT COLLATE "C" NOT NULL,
  value BIGINT NOT NULL,
  records BIGINT NOT NULL,
  latest_at BIGINT NOT NULL,
  PRIMARY KEY (element, area_path, period, option_code, part)
);
CREATE INDEX statistic_total_parent ON statistic_total (element, parent_path, period);

-- Which elements a data set brought records of.
CREATE TABLE statistic_set_element (
  element TEXT COLLATE "C" NOT NULL,
  received_at BIGINT NOT NULL,
  set_id UUID NOT NULL,
  PRIMARY KEY (element, received_at, set_id)
);
