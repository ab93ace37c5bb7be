-- Which element a published form asks for, at which question, and why it asks again for what was known or asked already.
CREATE TABLE fact_binding (
  form_id UUID NOT NULL,
  element TEXT COLLATE "C" NOT NULL,
  option_code TEXT COLLATE "C" NOT NULL,
  question TEXT NOT NULL,
  since BIGINT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (form_id, element, option_code)
);
CREATE INDEX fact_binding_element ON fact_binding (element, option_code);
CREATE INDEX fact_element ON fact (element, option_code, area_id);
