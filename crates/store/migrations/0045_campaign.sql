-- A campaign (填报任务): a form that an office sends to the units of one tier, or to the holders of one role, in a subtree.
-- Who is expected is never written down: it is read from the tree, or from the posts, as they stand.
CREATE TABLE campaign (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  form UUID NOT NULL,
  form_version_id UUID,
  title TEXT NOT NULL,
  period TEXT NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  tier BIGINT,
  kind TEXT NOT NULL,
  role TEXT,
  starts_at BIGINT NOT NULL,
  due BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  sent_by UUID,
  sent_role TEXT NOT NULL,
  sent_organization_id UUID,
  sent_in TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  ended_at BIGINT,
  ended_by UUID,
  reason TEXT NOT NULL,
  completed_at BIGINT,
  next_round TEXT,
  next_at BIGINT,
  revision BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX campaign_id ON campaign (id);
CREATE INDEX campaign_due ON campaign (due, id);
CREATE INDEX campaign_open ON campaign (form, due) WHERE ended_at IS NULL;
CREATE INDEX campaign_next ON campaign (next_at, id) WHERE next_at IS NOT NULL;

-- The unit that a record answers for; of one that no campaign asked for there is none.
ALTER TABLE submission ADD COLUMN campaign_id UUID;
ALTER TABLE submission ADD COLUMN unit_id UUID;
ALTER TABLE submission ADD COLUMN unit_path TEXT COLLATE "C";
ALTER TABLE submission ADD COLUMN finished_at BIGINT;
CREATE UNIQUE INDEX submission_unit ON submission (county_id, campaign_id, unit_id) WHERE campaign_id IS NOT NULL;
ALTER TABLE submission_draft ADD COLUMN campaign_id UUID;
ALTER TABLE submission_draft ADD COLUMN unit_id UUID;
-- Of what moves with an area, and of what somebody has still to mend.
CREATE INDEX submission_unit_path ON submission (unit_path) WHERE unit_path IS NOT NULL;
-- What somebody has begun for a unit is begun once.
CREATE UNIQUE INDEX submission_draft_unit ON submission_draft (county_id, person_id, campaign_id, unit_id) WHERE campaign_id IS NOT NULL;
-- An edit may be another's than the one who sent the record.
CREATE INDEX submission_version_edit ON submission_version (sent_by, instance_id) WHERE number > 1;

-- One time that those who are silent in an area, or one of them, are reminded: by an office or by the clock. It is carried
-- out in parts, in the order of the units' ids, and goes on where it was interrupted.
CREATE TABLE campaign_round (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  campaign_id UUID NOT NULL,
  kind TEXT NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  unit_id UUID,
  begun_at BIGINT NOT NULL,
  begun_by UUID,
  role TEXT NOT NULL,
  organization_id UUID,
  after_id UUID NOT NULL,
  units BIGINT NOT NULL,
  vacant BIGINT NOT NULL,
  skipped BIGINT NOT NULL,
  done_at BIGINT,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX campaign_round_campaign ON campaign_round (campaign_id, begun_at, id);
CREATE INDEX campaign_round_open ON campaign_round (begun_at, id) WHERE done_at IS NULL;

-- That a unit was reminded. Numbered, so that of two who remind it at once one sees that the other did.
CREATE TABLE campaign_reminder (
  county_id UUID NOT NULL,
  campaign_id UUID NOT NULL,
  unit_id UUID NOT NULL,
  number BIGINT NOT NULL,
  round_id UUID NOT NULL,
  at BIGINT NOT NULL,
  offices BIGINT NOT NULL,
  PRIMARY KEY (county_id, campaign_id, unit_id, number)
);
CREATE INDEX campaign_reminder_at ON campaign_reminder (at);
