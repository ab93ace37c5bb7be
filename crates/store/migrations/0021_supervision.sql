-- An order to reply about a case (督办). Its steps stand in the case's timeline; this row says how it stands now.
CREATE TABLE supervision (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  case_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  level TEXT NOT NULL,
  requirement TEXT NOT NULL,
  ordered_at BIGINT NOT NULL,
  ordered_role TEXT NOT NULL,
  ordered_by UUID NOT NULL,
  ordered_in TEXT COLLATE "C" NOT NULL,
  organization_id UUID NOT NULL,
  due BIGINT NOT NULL,
  escalated BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  reply TEXT NOT NULL,
  replied_at BIGINT,
  refusals BIGINT NOT NULL,
  ended_at BIGINT,
  revision BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX supervision_id ON supervision (id);
CREATE INDEX supervision_case ON supervision (case_id, ordered_at, id);
CREATE INDEX supervision_area ON supervision (area_path, state, due, id) WHERE ended_at IS NULL;
CREATE INDEX supervision_organization ON supervision (organization_id, state, due, id) WHERE ended_at IS NULL;
CREATE INDEX supervision_ended ON supervision (area_path, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX supervision_ended_of ON supervision (organization_id, ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX supervision_late ON supervision (due, id) WHERE state = 'waiting' AND escalated = 0;
