//! Places in the lists that were given: whose they are while a pass lasts, and that they are revoked.

use kernel::Timestamp;
use store::{Row, StoreError, Tx, params};

use super::{Held, Place};

const TAKE_INDEX: &str = "INSERT INTO pass_issue (county_id, regime, list_index, holder, key_number, not_before, expires_at, \
    forget_at, sealed, household) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
macro_rules! held {
    ($whose:literal) => {
        concat!(
            "SELECT i.list_index, i.key_number, i.not_before, i.expires_at, i.revoked_at, i.reason, k.withdrawn_at \
             FROM pass_issue i LEFT JOIN pass_key k ON k.regime = i.regime AND k.number = i.key_number \
             WHERE i.county_id = $1 AND i.regime = $2 AND i.",
            $whose,
            " = $3 AND i.expires_at > $4 ORDER BY i.not_before DESC, i.list_index LIMIT $5"
        )
    };
}
const HELD: &str = held!("holder");
const HELD_AT_HOME: &str = held!("household");
const SEALED_BEARER: &str = "SELECT sealed FROM pass_issue \
    WHERE county_id = $1 AND regime = $2 AND list_index = $3 AND sealed IS NOT NULL";
const REVOKE: &str = "UPDATE pass_issue SET revoked_at = $4, reason = $5, mark = $6 \
    WHERE county_id = $1 AND regime = $2 AND list_index = $3 AND revoked_at IS NULL";
const REVOKED: &str = "SELECT list_index, mark FROM pass_issue \
    WHERE county_id = $1 AND regime = $2 AND revoked_at IS NOT NULL AND expires_at > $3";
const GIVEN: &str = "SELECT COUNT(*) FROM pass_issue WHERE county_id = $1 AND regime = $2";
const GIVEN_BY_KEY: &str = "SELECT COUNT(*) FROM pass_issue \
    WHERE county_id = $1 AND regime = $2 AND key_number = $3 AND expires_at > $4 AND revoked_at IS NULL";
/// What of a day is published: how many began in it, and how many were revoked in it, whenever they began.
const GIVEN_IN_DAY: &str = "SELECT key_number, \
    CAST(COALESCE(SUM(CASE WHEN not_before >= $3 AND not_before < $4 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN revoked_at >= $3 AND revoked_at < $4 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM pass_issue \
    WHERE county_id = $1 AND regime = $2 AND ((not_before >= $3 AND not_before < $4) OR (revoked_at >= $3 AND revoked_at < $4)) \
    GROUP BY key_number ORDER BY key_number";
/// The place stays taken; whose it was goes.
const UNBIND: &str = "UPDATE pass_issue SET holder = NULL, household = NULL, sealed = NULL \
    WHERE county_id = $1 AND regime = $2 AND holder IS NOT NULL AND expires_at < $3";

/// Whose a pass is, by marks of the regime's secret.
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    pub holder: &'a [u8],
    /// Of a pass that is a household's.
    pub household: Option<&'a [u8]>,
}

/// Whether the place in the list was free. `sealed` is what the pass says of its bearer.
pub fn take_index(
    tx: &mut Tx<'_>,
    place: Place,
    owner: Owner<'_>,
    it: &Held,
    sealed: &[u8],
) -> Result<bool, StoreError> {
    let set = params![
        place.county,
        place.regime,
        it.index,
        owner.holder,
        it.key_number,
        it.not_before,
        it.expires,
        place.forget_at,
        sealed,
        owner.household
    ];
    Ok(tx.execute(TAKE_INDEX, set)? == 1)
}

/// Passes of a holder that end after `now`, latest first; revoked ones too.
pub fn held(tx: &mut Tx<'_>, place: Place, holder: &[u8], now: Timestamp) -> Result<Vec<Held>, StoreError> {
    held_by(tx, HELD, place, holder, now)
}

/// Those of a household, whoever of it has them.
pub fn held_at_home(
    tx: &mut Tx<'_>,
    place: Place,
    household: &[u8],
    now: Timestamp,
) -> Result<Vec<Held>, StoreError> {
    held_by(tx, HELD_AT_HOME, place, household, now)
}

fn held_by(
    tx: &mut Tx<'_>,
    query: &'static str,
    place: Place,
    mark: &[u8],
    now: Timestamp,
) -> Result<Vec<Held>, StoreError> {
    const ROWS: i64 = 100;
    let held = |row: &Row| -> Result<Held, StoreError> {
        let (at, reason): (Option<Timestamp>, Option<String>) = (row.get(4)?, row.get(5)?);
        Ok(Held {
            index: row.get(0)?,
            key_number: row.get(1)?,
            not_before: row.get(2)?,
            expires: row.get(3)?,
            revoked: at.zip(reason),
            is_key_withdrawn: row.get::<Option<Timestamp>>(6)?.is_some(),
        })
    };
    tx.query(query, params![place.county, place.regime, mark, now, ROWS])?.iter().map(held).collect()
}

/// What the pass in that place says of its bearer.
pub fn sealed_bearer(tx: &mut Tx<'_>, place: Place, index: i64) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(SEALED_BEARER, params![place.county, place.regime, index])?.map(|row| row.get(0)).transpose()
}

/// Whether it was not revoked before.
pub fn revoke(
    tx: &mut Tx<'_>,
    place: Place,
    index: i64,
    at: Timestamp,
    reason: &str,
    mark: &[u8],
) -> Result<bool, StoreError> {
    Ok(tx.execute(REVOKE, params![place.county, place.regime, index, at, reason, mark])? == 1)
}

/// A place that was revoked, with the mark of who did.
pub struct Revoked {
    pub index: i64,
    pub mark: Option<Vec<u8>>,
}

/// Places that were revoked and whose pass ends after `since`.
pub fn revoked(tx: &mut Tx<'_>, place: Place, since: Timestamp) -> Result<Vec<Revoked>, StoreError> {
    let found = tx.query(REVOKED, params![place.county, place.regime, since])?;
    found.iter().map(|row| Ok(Revoked { index: row.get(0)?, mark: row.get(1)? })).collect()
}

pub fn given(tx: &mut Tx<'_>, place: Place) -> Result<i64, StoreError> {
    tx.count(GIVEN, params![place.county, place.regime])
}

/// Passes by one key that are valid.
pub fn given_by_key(tx: &mut Tx<'_>, place: Place, key: i64, now: Timestamp) -> Result<i64, StoreError> {
    tx.count(GIVEN_BY_KEY, params![place.county, place.regime, key, now])
}

/// Of each key: passes given between two moments, and those of them that were revoked.
pub fn given_between(
    tx: &mut Tx<'_>,
    place: Place,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    let found = tx.query(GIVEN_IN_DAY, params![place.county, place.regime, from, to])?;
    found.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

pub fn unbind(tx: &mut Tx<'_>, place: Place, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(UNBIND, params![place.county, place.regime, before])
}
