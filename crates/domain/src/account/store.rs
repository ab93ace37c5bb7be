use kernel::{Account as AccountName, Id, Person, Session as SessionName, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::model::{AccountRow, Credentials, Found, Holder, NewAccount, SessionRow};

const INSERT: &str = "INSERT INTO account (id, person_id, county_id, login_name, password_hash, created_at, disabled_at) \
    VALUES ($1, $2, $3, $4, $5, $6, NULL)";
const BY_LOGIN_NAME: &str =
    "SELECT id, login_name, password_hash, disabled_at FROM account WHERE login_name = $1";
const BY_ID: &str = "SELECT id, login_name, password_hash, disabled_at FROM account WHERE id = $1";
const SET_PASSWORD: &str = "UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
const DISABLE: &str = "UPDATE account SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
const HOLDER: &str = "SELECT a.id, a.person_id, a.county_id, p.name, a.disabled_at \
    FROM account a JOIN person p ON p.county_id = a.county_id AND p.id = a.person_id WHERE a.id = $1";
const ROW: &str = "SELECT a.id, a.person_id, a.county_id, c.path, a.login_name, a.created_at, a.disabled_at \
    FROM account a JOIN area c ON c.id = a.county_id WHERE a.id = $1";
const ROW_BY_LOGIN_NAME: &str = "SELECT a.id, a.person_id, a.county_id, c.path, a.login_name, a.created_at, a.disabled_at \
    FROM account a JOIN area c ON c.id = a.county_id WHERE a.login_name = $1";

const OPEN: &str = "INSERT INTO session (token_hash, id, account_id, device, created_at, seen_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $5, $6)";
const FIND: &str = "SELECT a.id, a.person_id, a.county_id, p.name, a.disabled_at, s.id, s.seen_at, s.expires_at \
    FROM session s JOIN account a ON a.id = s.account_id \
    JOIN person p ON p.county_id = a.county_id AND p.id = a.person_id WHERE s.token_hash = $1";
const SEEN: &str = "UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2";
const SESSIONS: &str = "SELECT id, device, created_at, seen_at, expires_at FROM session \
    WHERE account_id = $1 AND seen_at > $2 AND expires_at > $3 ORDER BY created_at DESC, id DESC LIMIT 200";
const REVOKE: &str = "DELETE FROM session WHERE account_id = $1 AND id = $2";
const REVOKE_OTHERS: &str = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
const REVOKE_ALL: &str = "DELETE FROM session WHERE account_id = $1";
const EXPIRE: &str = "DELETE FROM session WHERE expires_at < $1";

pub fn insert(tx: &mut Tx<'_>, it: &NewAccount) -> Result<(), StoreError> {
    tx.execute(INSERT, params![it.id, it.person, it.county, &it.login_name, &it.password_hash, it.created_at])
        .map(drop)
}

pub fn by_login_name(tx: &mut Tx<'_>, login_name: &str) -> Result<Option<Credentials>, StoreError> {
    tx.first(BY_LOGIN_NAME, params![login_name])?.as_ref().map(credentials).transpose()
}

pub fn by_id(tx: &mut Tx<'_>, account: Id<AccountName>) -> Result<Option<Credentials>, StoreError> {
    tx.first(BY_ID, params![account])?.as_ref().map(credentials).transpose()
}

/// Rows changed: none if the password is no longer that of `before`.
pub fn set_password(
    tx: &mut Tx<'_>,
    account: Id<AccountName>,
    before: &str,
    after: &str,
) -> Result<u64, StoreError> {
    tx.execute(SET_PASSWORD, params![account, before, after])
}

/// Rows changed: none if it was disabled before.
pub fn disable(tx: &mut Tx<'_>, account: Id<AccountName>, at: Timestamp) -> Result<u64, StoreError> {
    tx.execute(DISABLE, params![account, at])
}

pub fn holder(tx: &mut Tx<'_>, account: Id<AccountName>) -> Result<Option<Holder>, StoreError> {
    tx.first(HOLDER, params![account])?.as_ref().map(read_holder).transpose()
}

pub fn row(tx: &mut Tx<'_>, account: Id<AccountName>) -> Result<Option<AccountRow>, StoreError> {
    tx.first(ROW, params![account])?.as_ref().map(account_row).transpose()
}

pub fn row_by_login_name(tx: &mut Tx<'_>, login_name: &str) -> Result<Option<AccountRow>, StoreError> {
    tx.first(ROW_BY_LOGIN_NAME, params![login_name])?.as_ref().map(account_row).transpose()
}

pub fn open(
    tx: &mut Tx<'_>,
    token_hash: &[u8],
    id: Id<SessionName>,
    account: Id<AccountName>,
    device: &str,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(OPEN, params![token_hash, id, account, device, at, expires_at]).map(drop)
}

pub fn find(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<Option<Found>, StoreError> {
    let Some(row) = tx.first(FIND, params![token_hash])? else { return Ok(None) };
    Ok(Some(Found {
        holder: read_holder(&row)?,
        session: row.get(5)?,
        seen_at: row.get(6)?,
        expires_at: row.get(7)?,
    }))
}

pub fn seen(tx: &mut Tx<'_>, token_hash: &[u8], at: Timestamp) -> Result<(), StoreError> {
    tx.execute(SEEN, params![token_hash, at]).map(drop)
}

/// Those seen after `idle` that have not expired at `now`, latest first.
pub fn sessions(
    tx: &mut Tx<'_>,
    account: Id<AccountName>,
    current: Id<SessionName>,
    idle: Timestamp,
    now: Timestamp,
) -> Result<Vec<SessionRow>, StoreError> {
    let read = |row: &Row| {
        let id = row.get(0)?;
        Ok(SessionRow {
            id,
            device: row.get(1)?,
            created_at: row.get(2)?,
            seen_at: row.get(3)?,
            expires_at: row.get(4)?,
            current: id == current,
        })
    };
    tx.query(SESSIONS, params![account, idle, now])?.iter().map(read).collect()
}

pub fn revoke(
    tx: &mut Tx<'_>,
    account: Id<AccountName>,
    session: Id<SessionName>,
) -> Result<u64, StoreError> {
    tx.execute(REVOKE, params![account, session])
}

pub fn revoke_others(
    tx: &mut Tx<'_>,
    account: Id<AccountName>,
    kept: Id<SessionName>,
) -> Result<u64, StoreError> {
    tx.execute(REVOKE_OTHERS, params![account, kept])
}

pub fn revoke_all(tx: &mut Tx<'_>, account: Id<AccountName>) -> Result<u64, StoreError> {
    tx.execute(REVOKE_ALL, params![account])
}

pub fn expire(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(EXPIRE, params![before])
}

fn credentials(row: &Row) -> Result<Credentials, StoreError> {
    let disabled: Option<i64> = row.get(3)?;
    Ok(Credentials {
        account: row.get(0)?,
        login_name: row.get(1)?,
        password_hash: row.get(2)?,
        disabled: disabled.is_some(),
    })
}

fn read_holder(row: &Row) -> Result<Holder, StoreError> {
    let disabled: Option<i64> = row.get(4)?;
    let person: Id<Person> = row.get(1)?;
    Ok(Holder {
        account: row.get(0)?,
        person,
        county: row.get(2)?,
        name: row.get(3)?,
        disabled: disabled.is_some(),
    })
}

fn account_row(row: &Row) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: row.get(0)?,
        person: row.get(1)?,
        county: row.get(2)?,
        county_path: row.get(3)?,
        login_name: row.get(4)?,
        created_at: row.get(5)?,
        disabled_at: row.get(6)?,
    })
}
