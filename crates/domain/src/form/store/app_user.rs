use kernel::{AppUser as AppUserName, Area, AreaPath, Form as FormName, Id, Timestamp};
use store::{Row, StoreError, Tx, params};

use crate::form::AppUser;

const INSERT: &str = "INSERT INTO app_user (token_hash, id, number, area_id, area_path, name, valid_from, valid_to) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
const FIND: &str = "SELECT id, number, name, valid_from, valid_to FROM app_user WHERE token_hash = $1";
const LIST: &str = "SELECT id, number, name, valid_from, valid_to FROM app_user WHERE area_id = $1 \
    ORDER BY valid_from DESC, id DESC LIMIT $2";
const BY_NUMBER: &str = "SELECT id FROM app_user WHERE number = $1 AND area_id = $2 AND valid_to IS NULL";
const NAME: &str = "SELECT name FROM app_user WHERE id = $1";
const REVOKE: &str = "UPDATE app_user SET valid_to = $2, name = '' WHERE id = $1 AND valid_to IS NULL";
const ASSIGN: &str = "INSERT INTO app_user_form (app_user_id, form) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const ASSIGNED: &str = "SELECT form FROM app_user_form WHERE app_user_id = $1";
const IS_ASSIGNED: &str = "SELECT COUNT(*) FROM app_user_form WHERE app_user_id = $1 AND form = $2";

/// Where an app user belongs.
pub type Home<'a> = (Id<Area>, &'a AreaPath);

pub fn insert_app_user(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    (area, path): Home<'_>,
    it: &AppUser,
) -> Result<(), StoreError> {
    tx.execute(INSERT, params![token_hash, it.id, it.number, area, path, it.name.as_str(), it.from]).map(drop)
}

pub fn find_app_user(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<Option<AppUser>, StoreError> {
    tx.first(FIND, params![token_hash])?.as_ref().map(app_user).transpose()
}

/// Of an area, latest first.
pub fn list_app_users(tx: &mut Tx<'_>, area: Id<Area>, rows: i64) -> Result<Vec<AppUser>, StoreError> {
    tx.query(LIST, params![area, rows])?.iter().map(app_user).collect()
}

/// The one of an area that bears the number and was not revoked.
pub fn app_user_by_number(
    tx: &mut Tx<'_>,
    area: Id<Area>,
    number: i64,
) -> Result<Option<Id<AppUserName>>, StoreError> {
    tx.first(BY_NUMBER, params![number, area])?.map(|row| row.get(0)).transpose()
}

pub fn app_user_name(tx: &mut Tx<'_>, id: Id<AppUserName>) -> Result<Option<String>, StoreError> {
    tx.first(NAME, params![id])?.map(|row| row.get(0)).transpose()
}

/// Rows changed: none if it was revoked before, or never was.
pub fn revoke_app_user(tx: &mut Tx<'_>, id: Id<AppUserName>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(REVOKE, params![id, at])
}

/// Rows made: none if it was assigned before.
pub fn assign(tx: &mut Tx<'_>, id: Id<AppUserName>, form: Id<FormName>) -> Result<u64, StoreError> {
    tx.execute(ASSIGN, params![id, form])
}

pub fn assigned(tx: &mut Tx<'_>, id: Id<AppUserName>) -> Result<Vec<Id<FormName>>, StoreError> {
    tx.query(ASSIGNED, params![id])?.iter().map(|row| row.get(0)).collect()
}

pub fn is_assigned(tx: &mut Tx<'_>, id: Id<AppUserName>, form: Id<FormName>) -> Result<bool, StoreError> {
    Ok(tx.count(IS_ASSIGNED, params![id, form])? > 0)
}

fn app_user(row: &Row) -> Result<AppUser, StoreError> {
    Ok(AppUser {
        id: row.get(0)?,
        number: row.get(1)?,
        name: row.get(2)?,
        from: row.get(3)?,
        to: row.get(4)?,
    })
}
