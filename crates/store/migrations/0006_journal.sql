-- Who did what, when, on what. Rows are only added; of an old one the persons in it are taken out, and nothing else.
CREATE TABLE journal (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  at BIGINT NOT NULL,
  action TEXT COLLATE "C" NOT NULL,
  actor_id UUID,
  actor_role TEXT NOT NULL,
  organization_id UUID,
  subject_kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  person_id UUID,
  purpose TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX journal_person ON journal (person_id, at, id) WHERE person_id IS NOT NULL;
