-- What the log says in public, in words that everybody can read: nothing in it is about a person. A mark of the city's key
-- stands beside it, so that who has the database alone says nothing in the city's name.
CREATE TABLE log_statement (
  id UUID NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  entry BYTEA NOT NULL,
  mark BYTEA NOT NULL,
  log_index BIGINT
);
CREATE INDEX log_statement_waiting ON log_statement (at, id) WHERE log_index IS NULL;
CREATE INDEX log_statement_index ON log_statement (log_index) WHERE log_index IS NOT NULL;

-- An order under which passes are given, with its end. What one body proposed another decides.
CREATE TABLE pass_regime (
  number BIGINT NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  county_id UUID NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  legal_basis TEXT NOT NULL,
  order_number TEXT NOT NULL,
  purposes TEXT NOT NULL,
  duties TEXT NOT NULL,
  organization_id UUID NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  scopes TEXT NOT NULL,
  bearer TEXT NOT NULL,
  pass_seconds BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  proposed_at BIGINT NOT NULL,
  decided_by UUID,
  decided_at BIGINT,
  note TEXT NOT NULL,
  counted_day BIGINT NOT NULL,
  deleted_at BIGINT,
  revision BIGINT NOT NULL
);
CREATE INDEX pass_regime_state ON pass_regime (state, number);

-- The rule of a regime, version by version.
CREATE TABLE pass_rule (
  regime BIGINT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  body TEXT NOT NULL,
  affected BIGINT NOT NULL,
  proposed_by UUID NOT NULL,
  proposed_at BIGINT NOT NULL,
  decided_by UUID,
  decided_at BIGINT,
  settled_at BIGINT,
  PRIMARY KEY (regime, version)
);

-- The public half of the keys with which offices sign. The secret half stands in no database.
CREATE TABLE pass_key (
  regime BIGINT NOT NULL,
  number BIGINT NOT NULL,
  organization_id UUID NOT NULL,
  public_key BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  issue_from BIGINT NOT NULL,
  issue_until BIGINT NOT NULL,
  verify_until BIGINT NOT NULL,
  withdrawn_at BIGINT,
  reason TEXT,
  asked_by UUID,
  affected BIGINT,
  PRIMARY KEY (regime, number)
);

-- What checkpoints take along. Only the newest are kept.
CREATE TABLE pass_bundle (
  number BIGINT NOT NULL PRIMARY KEY,
  issued_at BIGINT NOT NULL,
  content BYTEA NOT NULL,
  bytes BYTEA NOT NULL,
  statement_id UUID NOT NULL,
  digest BYTEA NOT NULL
);

-- What a body or a person states, by which a rule gives passes. Whom it is about is a mark of the regime's secret.
CREATE TABLE pass_evidence (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  regime BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  holder BYTEA NOT NULL,
  helper BYTEA,
  organization_id UUID,
  sealed BYTEA NOT NULL,
  stated_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by UUID,
  -- Why it was taken back, sealed.
  reason BYTEA,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX pass_evidence_holder ON pass_evidence (county_id, regime, holder);
CREATE INDEX pass_evidence_helper ON pass_evidence (county_id, regime, helper) WHERE helper IS NOT NULL;

-- Moved by whoever changes anything of a holder, so that of two who do at once one begins anew. By which version of the rule
-- the holder was judged last.
CREATE TABLE pass_holder (
  county_id UUID NOT NULL,
  regime BIGINT NOT NULL,
  holder BYTEA NOT NULL,
  revision BIGINT NOT NULL,
  judged_by BIGINT,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, regime, holder)
);
CREATE INDEX pass_holder_judged ON pass_holder (county_id, regime, judged_by) WHERE judged_by IS NOT NULL;

-- How often a body took facts back on a day.
CREATE TABLE pass_end_count (
  county_id UUID NOT NULL,
  regime BIGINT NOT NULL,
  organization_id UUID NOT NULL,
  day BIGINT NOT NULL,
  people BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, regime, organization_id, day)
);

-- What a rule came to for somebody. Rows are only added.
CREATE TABLE pass_outcome (
  county_id UUID NOT NULL,
  regime BIGINT NOT NULL,
  holder BYTEA NOT NULL,
  number BIGINT NOT NULL,
  rule_version BIGINT NOT NULL,
  granted BOOLEAN NOT NULL,
  failed TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  decided_at BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, regime, holder, number)
);

-- Places in a status list that were given, none twice. A pass is not kept: this is what revoking it needs.
CREATE TABLE pass_issue (
  county_id UUID NOT NULL,
  regime BIGINT NOT NULL,
  list_index BIGINT NOT NULL,
  holder BYTEA,
  key_number BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- What the pass says of whoever carries it, as it was signed.
  sealed BYTEA,
  revoked_at BIGINT,
  reason TEXT COLLATE "C",
  mark BYTEA,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, regime, list_index)
);
CREATE INDEX pass_issue_holder ON pass_issue (county_id, regime, holder, expires_at) WHERE holder IS NOT NULL;
CREATE INDEX pass_issue_bound ON pass_issue (county_id, regime, expires_at) WHERE holder IS NOT NULL;
CREATE INDEX pass_issue_revoked ON pass_issue (county_id, regime, expires_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX pass_issue_day ON pass_issue (county_id, regime, not_before);

-- Which case somebody's appeal is.
CREATE TABLE pass_appeal (
  county_id UUID NOT NULL,
  regime BIGINT NOT NULL,
  holder BYTEA NOT NULL,
  case_id UUID NOT NULL,
  appealed_at BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, regime, holder, case_id)
);

-- Until when the words of an appeal are kept: of a case that ended they go at the end of its regime, of another when it ends.
ALTER TABLE case_file ADD COLUMN words_until BIGINT;
CREATE INDEX case_file_words_until ON case_file (words_until) WHERE words_until IS NOT NULL;
-- The reporter lets the body that has the case know who they are.
ALTER TABLE case_file ADD COLUMN contact_shared BOOLEAN NOT NULL DEFAULT FALSE;

-- By what a notice about passes is found when its regime is over.
ALTER TABLE notice ADD COLUMN regime BIGINT;
CREATE INDEX notice_regime ON notice (county_id, regime) WHERE regime IS NOT NULL;

-- Whom somebody means who says a name and a number, at a desk or in a body's name. An index on text is in the order of bytes.
ALTER TABLE person ADD COLUMN telephone TEXT COLLATE "C";
UPDATE person SET telephone = phone;
ALTER TABLE person DROP COLUMN phone;
ALTER TABLE person RENAME COLUMN telephone TO phone;
CREATE INDEX person_phone ON person (phone) WHERE phone IS NOT NULL;
