-- What an area says of its days: holidays, adjusted workdays (调休) and the hours of a season, entered for a whole year
-- at once. A year that was entered anew has a new revision; until its deadlines are counted again it is not settled.
CREATE TABLE calendar_year (
  area_id UUID NOT NULL,
  year BIGINT NOT NULL,
  source TEXT NOT NULL,
  revision BIGINT NOT NULL,
  entered_at BIGINT NOT NULL,
  settled_at BIGINT,
  PRIMARY KEY (area_id, year)
);
CREATE UNIQUE INDEX calendar_year_revision ON calendar_year (revision);
CREATE TABLE calendar_day (
  area_id UUID NOT NULL,
  day TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (area_id, day)
);
CREATE TABLE calendar_hours (
  area_id UUID NOT NULL,
  first_day TEXT COLLATE "C" NOT NULL,
  last_day TEXT NOT NULL,
  name TEXT NOT NULL,
  periods TEXT NOT NULL,
  PRIMARY KEY (area_id, first_day)
);

-- When offices were last told that nobody has entered a year.
CREATE TABLE calendar_warning (
  year BIGINT NOT NULL PRIMARY KEY,
  warned_at BIGINT NOT NULL
);

-- The limit that a case was filed with, and from when it runs: a change of its class's limit is none of its own.
ALTER TABLE case_file ADD COLUMN filed_limit_kind TEXT;
ALTER TABLE case_file ADD COLUMN filed_limit_amount BIGINT;
ALTER TABLE case_file ADD COLUMN due_since BIGINT;
