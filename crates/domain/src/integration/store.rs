use kernel::{ApiKey as ApiKeyName, Id, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::model::ApiKey;

const INSERT: &str = "INSERT INTO api_key (key_hash, id, system_id, name, per_minute, per_day, valid_from, \
    valid_to) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
const FIND: &str =
    "SELECT id, system_id, name, per_minute, per_day, valid_from, valid_to FROM api_key WHERE key_hash = $1";
const BY_ID: &str =
    "SELECT id, system_id, name, per_minute, per_day, valid_from, valid_to FROM api_key WHERE id = $1";
const LIST: &str = "SELECT id, system_id, name, per_minute, per_day, valid_from, valid_to FROM api_key ORDER BY valid_from, id LIMIT $1";
const REVOKE: &str = "UPDATE api_key SET valid_to = $2 WHERE id = $1 AND valid_to IS NULL";

pub fn insert(tx: &mut Tx<'_>, key_hash: &[u8], it: &ApiKey) -> Result<(), StoreError> {
    let limits = (it.per_minute, it.per_day);
    tx.execute(INSERT, params![key_hash, it.id, it.system, it.name.as_str(), limits.0, limits.1, it.from])
        .map(drop)
}

pub fn find(tx: &mut Tx<'_>, key_hash: &[u8]) -> Result<Option<ApiKey>, StoreError> {
    tx.first(FIND, params![key_hash])?.as_ref().map(api_key).transpose()
}

pub fn by_id(tx: &mut Tx<'_>, id: Id<ApiKeyName>) -> Result<Option<ApiKey>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(api_key).transpose()
}

pub fn list(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<ApiKey>, StoreError> {
    tx.query(LIST, params![rows])?.iter().map(api_key).collect()
}

/// Rows changed: none if it was revoked before, or never was.
pub fn revoke(tx: &mut Tx<'_>, id: Id<ApiKeyName>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(REVOKE, params![id, at])
}

fn api_key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.get(0)?,
        system: row.get(1)?,
        name: row.get(2)?,
        per_minute: row.get(3)?,
        per_day: row.get(4)?,
        from: row.get(5)?,
        to: row.get(6)?,
    })
}
