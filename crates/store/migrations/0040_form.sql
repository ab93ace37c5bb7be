-- A form (表单). What it asks stands in its versions; all that were published take records as long as the form does.
CREATE TABLE form (
  id UUID NOT NULL PRIMARY KEY,
  form_id TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  county_id UUID NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  organization_id UUID,
  version_id UUID,
  draft_id UUID,
  state TEXT NOT NULL,
  refuses_invalid BOOLEAN NOT NULL,
  answer_days BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX form_form_id ON form (form_id);
CREATE INDEX form_area ON form (area_path);

-- One text of a form: a draft until it is published, and then for good the bytes that clients load and hash.
CREATE TABLE form_version (
  id UUID NOT NULL PRIMARY KEY,
  form UUID NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  xml BYTEA NOT NULL,
  md5 TEXT NOT NULL,
  source BYTEA,
  files BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by UUID,
  published_at BIGINT
);
CREATE UNIQUE INDEX form_version_published ON form_version (form, version) WHERE published_at IS NOT NULL;
CREATE INDEX form_version_form ON form_version (form, published_at);

-- Files that a version brings along: lists, pictures, sounds. Of a published version a file does not change.
CREATE TABLE form_file (
  form_version_id UUID NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  md5 TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (form_version_id, name)
);

-- A submission (填报): the record and how its current version is judged. The first instance id names it.
CREATE TABLE submission (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  form UUID NOT NULL,
  instance_id TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  review TEXT,
  sent_by UUID,
  app_user_id UUID,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX submission_form_state ON submission (form, state);
CREATE INDEX submission_form_created ON submission (form, created_at, id);

-- Each version of a record, exactly as it came: the first, and one for each edit. None is ever changed; what it says is
-- forgotten when its time is over.
CREATE TABLE submission_version (
  county_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  number BIGINT NOT NULL,
  form UUID NOT NULL,
  form_version_id UUID NOT NULL,
  instance_id TEXT COLLATE "C" NOT NULL,
  instance_name TEXT,
  sha256 BYTEA NOT NULL,
  xml BYTEA,
  state TEXT NOT NULL,
  findings TEXT NOT NULL,
  sent_at BIGINT NOT NULL,
  sent_by UUID,
  app_user_id UUID,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, submission_id, number)
);
CREATE UNIQUE INDEX submission_version_instance ON submission_version (county_id, form, instance_id);
CREATE INDEX submission_version_forget ON submission_version (forget_at) WHERE xml IS NOT NULL;

-- A file that a version names; without bytes it is expected and has not come yet.
CREATE TABLE submission_file (
  county_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  number BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  sha256 BYTEA,
  bytes BYTEA,
  arrived_at BIGINT,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, submission_id, number, name)
);
CREATE INDEX submission_file_forget ON submission_file (forget_at);

-- What reviewers and authors tell each other about a record.
CREATE TABLE submission_comment (
  county_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  id UUID NOT NULL,
  body TEXT NOT NULL,
  written_at BIGINT NOT NULL,
  written_by UUID,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, submission_id, id)
);
CREATE INDEX submission_comment_forget ON submission_comment (forget_at);

-- What a phone or program sends submissions with (填报设备). Only a hash of its token is kept.
CREATE TABLE app_user (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  number BIGINT NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT
);
CREATE UNIQUE INDEX app_user_id ON app_user (id);
CREATE UNIQUE INDEX app_user_number ON app_user (number);
CREATE INDEX app_user_area ON app_user (area_id, valid_from);

-- The forms that an app user may load and send records for.
CREATE TABLE app_user_form (
  app_user_id UUID NOT NULL,
  form UUID NOT NULL,
  PRIMARY KEY (app_user_id, form)
);

-- A record that somebody is filling in on our pages, and has not sent. `replaces` names the version that it edits.
CREATE TABLE submission_draft (
  county_id UUID NOT NULL,
  id UUID NOT NULL,
  person_id UUID NOT NULL,
  form UUID NOT NULL,
  form_version_id UUID NOT NULL,
  instance_id TEXT COLLATE "C" NOT NULL,
  replaces TEXT,
  xml TEXT NOT NULL,
  revision BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX submission_draft_person ON submission_draft (person_id, updated_at, id);
CREATE INDEX submission_draft_forget ON submission_draft (forget_at);

CREATE TABLE submission_draft_file (
  county_id UUID NOT NULL,
  draft_id UUID NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  bytes BYTEA NOT NULL,
  forget_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, draft_id, name)
);
CREATE INDEX submission_draft_file_forget ON submission_draft_file (forget_at);
CREATE INDEX submission_sent_by ON submission (sent_by, created_at, id) WHERE sent_by IS NOT NULL;
