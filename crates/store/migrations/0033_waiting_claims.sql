-- An appeal that was refused in the first round waits for nobody: it stands in the index no more.
DROP INDEX evaluation_claim_waiting;
CREATE INDEX evaluation_claim_waiting ON evaluation_claim (due, id)
  WHERE last_at IS NULL AND reminded_at IS NULL AND (first_granted IS NULL OR first_granted);
