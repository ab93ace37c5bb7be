-- What a unit said of itself last, by element and period: it is not asked again. Nobody is in it.
CREATE TABLE fact (
  county_id UUID NOT NULL,
  area_id UUID NOT NULL,
  element TEXT COLLATE "C" NOT NULL,
  option_code TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  value BIGINT NOT NULL,
  form_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  answered_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (county_id, area_id, element, option_code, period)
);
CREATE INDEX fact_area ON fact (area_id, element, option_code, period);
CREATE INDEX fact_submission ON fact (submission_id);
