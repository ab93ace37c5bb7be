-- A form (表单). What it asks stands in its versions; all of them take submissions as long as the form does.
CREATE TABLE form (
  id UUID NOT NULL PRIMARY KEY,
  form_id TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  county_id UUID NOT NULL,
  area_id UUID NOT NULL,
  area_path TEXT COLLATE "C" NOT NULL,
  organization_id UUID,
  version_id UUID NOT NULL,
  state TEXT NOT NULL,
  refuses_invalid BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL
);
CREATE UNIQUE INDEX form_form_id ON form (form_id);

-- One text of a form, for good: the bytes that clients load and hash.
CREATE TABLE form_version (
  id UUID NOT NULL PRIMARY KEY,
  form UUID NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  xml BYTEA NOT NULL,
  md5 TEXT NOT NULL,
  source BYTEA,
  files BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  published_by UUID
);
CREATE UNIQUE INDEX form_version_version ON form_version (form, version);

-- Files that a version brings along: lists, pictures, sounds. A file does not change.
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
  number BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (county_id, id)
);
CREATE INDEX submission_form ON submission (form, state);

-- Each version of a record, exactly as it came: the first, and one for each edit. None is ever changed.
CREATE TABLE submission_version (
  county_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  number BIGINT NOT NULL,
  form UUID NOT NULL,
  form_version_id UUID NOT NULL,
  instance_id TEXT COLLATE "C" NOT NULL,
  sha256 BYTEA NOT NULL,
  xml BYTEA NOT NULL,
  state TEXT NOT NULL,
  findings TEXT NOT NULL,
  sent_at BIGINT NOT NULL,
  sent_by UUID,
  app_user_id UUID,
  PRIMARY KEY (county_id, submission_id, number)
);
CREATE UNIQUE INDEX submission_version_instance ON submission_version (county_id, form, instance_id);

-- A file that a version names; without bytes it is expected and has not come yet.
CREATE TABLE submission_file (
  county_id UUID NOT NULL,
  submission_id UUID NOT NULL,
  number BIGINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  sha256 BYTEA,
  bytes BYTEA,
  arrived_at BIGINT,
  PRIMARY KEY (county_id, submission_id, number, name)
);

-- What a phone or program sends submissions with (填报设备). Only a hash of its token is kept.
CREATE TABLE app_user (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  name TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT
);
CREATE UNIQUE INDEX app_user_id ON app_user (id);
