-- Of a pass that is a household's: a mark of the regime's secret for the household, by which its passes are counted together.
ALTER TABLE pass_issue ADD COLUMN household BYTEA;
CREATE INDEX pass_issue_household ON pass_issue (county_id, regime, household, expires_at) WHERE household IS NOT NULL;
