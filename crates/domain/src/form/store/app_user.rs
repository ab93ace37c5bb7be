use kernel::{AppUser as AppUserName, Id, Timestamp};
use store::{Row, StoreError, Tx, params};

use crate::form::AppUser;

const INSERT: &str =
    "INSERT INTO app_user (token_hash, id, name, valid_from, valid_to) VALUES ($1, $2, $3, $4, NULL)";
const FIND: &str = "SELECT id, name, valid_from, valid_to FROM app_user WHERE token_hash = $1";
const LIST: &str = "SELECT id, name, valid_from, valid_to FROM app_user ORDER BY valid_from, id LIMIT $1";
const REVOKE: &str = "UPDATE app_user SET valid_to = $2 WHERE id = $1 AND valid_to IS NULL";

pub fn insert_app_user(tx: &mut Tx<'_>, token_hash: &[u8], it: &AppUser) -> Result<(), StoreError> {
    tx.execute(INSERT, params![token_hash, it.id, it.name.as_str(), it.from]).map(drop)
}

pub fn find_app_user(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<Option<AppUser>, StoreError> {
    tx.first(FIND, params![token_hash])?.as_ref().map(app_user).transpose()
}

pub fn list_app_users(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<AppUser>, StoreError> {
    tx.query(LIST, params![rows])?.iter().map(app_user).collect()
}

/// Rows changed: none if it was revoked before, or never was.
pub fn revoke_app_user(tx: &mut Tx<'_>, id: Id<AppUserName>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(REVOKE, params![id, at])
}

fn app_user(row: &Row) -> Result<AppUser, StoreError> {
    Ok(AppUser { id: row.get(0)?, name: row.get(1)?, from: row.get(2)?, to: row.get(3)? })
}
