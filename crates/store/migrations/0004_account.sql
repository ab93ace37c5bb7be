-- What a person signs in with.
CREATE TABLE account (
  id UUID NOT NULL PRIMARY KEY,
  person_id UUID NOT NULL,
  county_id UUID NOT NULL,
  login_name TEXT COLLATE "C" NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);
CREATE UNIQUE INDEX account_login_name ON account (login_name);
CREATE INDEX account_person ON account (person_id);

-- One signed-in device. Only a hash of its token is kept.
CREATE TABLE session (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  account_id UUID NOT NULL,
  device TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id, created_at);
CREATE INDEX session_expires ON session (expires_at);
