-- A decision of two bodies that a person is not told yet that one of them reads their record: on what law, until when.
CREATE TABLE withholding (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  basis TEXT NOT NULL,
  days BIGINT NOT NULL,
  proposed_at BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  decided_by UUID,
  decided_at BIGINT,
  note TEXT NOT NULL,
  ends_at BIGINT,
  told_at BIGINT,
  revision BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX withholding_id ON withholding (id);
CREATE INDEX withholding_person ON withholding (person_id, organization_id) WHERE state = 'approved';
CREATE INDEX withholding_organization ON withholding (organization_id, proposed_at, id);
CREATE INDEX withholding_area ON withholding (area_path, proposed_at, id);
CREATE INDEX withholding_untold ON withholding (ends_at) WHERE state = 'approved' AND told_at IS NULL;
