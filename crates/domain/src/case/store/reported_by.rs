//! Which other system reported a case.

use kernel::{ApiKey, Case as CaseName, Id};
use store::{StoreError, Tx, params};

use super::super::model::Case;

const INSERT: &str = "INSERT INTO case_api_key (county_id, case_id, api_key_id) VALUES ($1, $2, $3)";
const FIND: &str = "SELECT a.system_id FROM case_file c LEFT JOIN case_api_key k \
    ON k.county_id = c.county_id AND k.case_id = c.id LEFT JOIN api_key a ON a.id = k.api_key_id WHERE c.id = $1";

pub fn insert_reported_by(tx: &mut Tx<'_>, case: &Case, key: Id<ApiKey>) -> Result<(), StoreError> {
    tx.execute(INSERT, params![case.county, case.id, key]).map(drop)
}

/// None without such a case; else the system that reported it, if one did.
pub fn reported_by(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Option<Option<Id<ApiKey>>>, StoreError> {
    tx.first(FIND, params![id])?.map(|row| row.get(0)).transpose()
}
