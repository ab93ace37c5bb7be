-- What a unit or post has written (填报负担): a line for each record, so that whoever asks sees what asking costs. No answer is
-- in it, and nobody's name.
CREATE TABLE burden (
  county_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  form_id UUID NOT NULL,
  month TEXT COLLATE "C" NOT NULL,
  area_id UUID NOT NULL,
  organization_id UUID,
  role TEXT COLLATE "C" NOT NULL,
  questions BIGINT NOT NULL,
  again BIGINT NOT NULL,
  seconds BIGINT,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, submission_id)
);
CREATE INDEX burden_month ON burden (month, area_id);
CREATE INDEX burden_forget ON burden (forget_at);

-- The most that a unit or post of an area is asked in a month, as a tier above has set it.
CREATE TABLE burden_limit (
  area_id UUID NOT NULL PRIMARY KEY,
  forms BIGINT,
  questions BIGINT,
  organization_id UUID NOT NULL,
  set_at BIGINT NOT NULL,
  revision BIGINT NOT NULL
);

-- Time between two pages, where it was not a pause.
ALTER TABLE submission_draft ADD COLUMN spent_seconds BIGINT NOT NULL DEFAULT 0;
