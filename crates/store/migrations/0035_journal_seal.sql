-- An entry is sealed: what it commits to is written with it, and soon afterwards stands at a place of the log that
-- everybody can read. The salt opens the commitment, and without it nobody can find out what it is of. Entries from before
-- have neither until the log begins with them.
ALTER TABLE journal ADD COLUMN salt BYTEA;
ALTER TABLE journal ADD COLUMN commitment BYTEA;
ALTER TABLE journal ADD COLUMN log_index BIGINT;
CREATE INDEX journal_waiting ON journal (at, id) WHERE log_index IS NULL;
CREATE INDEX journal_log_index ON journal (log_index) WHERE log_index IS NOT NULL;
-- What was forgotten stands in entries of its own, of which the newest is looked for.
CREATE INDEX journal_forgetting ON journal (at, id) WHERE action = 'journal.forget';

-- The public files of the log: hashes by level and number, and at level -1 the entries. A partial one grows in place,
-- so that each width that it ever had is its beginning.
CREATE TABLE log_tile (
  level BIGINT NOT NULL,
  number BIGINT NOT NULL,
  width BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (level, number)
);

-- What is signed of the whole, and what of that is shown: the latter has the cosignatures that the policy asks for.
CREATE TABLE log_head (
  origin TEXT COLLATE "C" NOT NULL,
  head TEXT NOT NULL,
  published TEXT,
  published_size BIGINT NOT NULL,
  published_at BIGINT,
  PRIMARY KEY (origin)
);

-- Checkpoints as they were shown, one for each span of time: they tell since when something is wrong.
CREATE TABLE log_checkpoint (
  span BIGINT NOT NULL,
  at BIGINT NOT NULL,
  size BIGINT NOT NULL,
  checkpoint TEXT NOT NULL,
  PRIMARY KEY (span)
);

-- When each witness last cosigned by our clock, what was wrong since (its kind, then words), and when offices were told of its silence.
CREATE TABLE log_witness (
  name TEXT COLLATE "C" NOT NULL,
  cosigned_at BIGINT,
  cosigned_size BIGINT,
  asked_at BIGINT NOT NULL,
  failure TEXT,
  warned_at BIGINT,
  PRIMARY KEY (name)
);
