//! Orders, rules, keys, bundles: rows that are about nobody.

use kernel::{Id, Organization, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::{KeyState, Regime, RuleState, RuleVersion, State, unknown};
use crate::pass::model::Bearer;

macro_rules! regime {
    () => {
        "SELECT number, id, county_id, area_id, area_path, state, title, legal_basis, order_number, purposes, duties, \
         organization_id, starts_at, ends_at, scopes, bearer, pass_seconds, entries, proposed_at, decided_by, decided_at, \
         note, counted_day, deleted_at, revision FROM pass_regime"
    };
}
const REGIME: &str = concat!(regime!(), " WHERE number = $1");
/// What is in force first, however many were proposed since.
const REGIMES: &str =
    concat!(regime!(), " ORDER BY CASE WHEN state = 'in_force' THEN 0 ELSE 1 END, number DESC LIMIT $1");
const REGIMES_IN: &str = concat!(regime!(), " WHERE state = $1 ORDER BY number");
const LAST_REGIME: &str = "SELECT COALESCE(MAX(number), 0) FROM pass_regime";
const ADD_REGIME: &str = "INSERT INTO pass_regime (number, id, county_id, area_id, area_path, state, title, legal_basis, \
    order_number, purposes, duties, organization_id, starts_at, ends_at, scopes, bearer, pass_seconds, entries, proposed_at, \
    note, counted_day, revision) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
const SAVE_REGIME: &str = "UPDATE pass_regime SET state = $3, decided_by = $4, decided_at = $5, note = $6, counted_day = $7, \
    deleted_at = $8, starts_at = $9, revision = revision + 1 WHERE number = $1 AND revision = $2";

macro_rules! rule {
    () => {
        "SELECT version, state, body, affected, proposed_by, proposed_at, decided_by, decided_at, settled_at FROM pass_rule \
         WHERE regime = $1"
    };
}
const RULES: &str = concat!(rule!(), " ORDER BY version DESC");
const ADD_RULE: &str = "INSERT INTO pass_rule (regime, version, state, body, affected, proposed_by, proposed_at, decided_by, \
    decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SAVE_RULE: &str = "UPDATE pass_rule SET state = $3, affected = $4, decided_by = $5, decided_at = $6 \
    WHERE regime = $1 AND version = $2 AND state = $7";
const SETTLE_RULE: &str = "UPDATE pass_rule SET settled_at = $3 WHERE regime = $1 AND version = $2";

const KEYS: &str = "SELECT number, organization_id, public_key, issue_from, issue_until, verify_until, withdrawn_at, reason, \
    asked_by, affected FROM pass_key WHERE regime = $1 ORDER BY number";
const KEYS_OF_ALL: &str = "SELECT COUNT(*) FROM pass_key k JOIN pass_regime r ON r.number = k.regime \
    WHERE r.state = 'in_force' AND r.ends_at > $1";
const ADD_KEY: &str = "INSERT INTO pass_key (regime, number, organization_id, public_key, made_at, issue_from, issue_until, \
    verify_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const SAVE_KEY: &str = "UPDATE pass_key SET issue_until = $3, withdrawn_at = $4, reason = $5, asked_by = $6, affected = $7 \
    WHERE regime = $1 AND number = $2 AND withdrawn_at IS NULL";

const BUNDLES: &str =
    "SELECT number, issued_at, content, statement_id, digest FROM pass_bundle ORDER BY number DESC LIMIT $1";
const BUNDLE_BYTES: &str = "SELECT bytes FROM pass_bundle WHERE number = $1";
const ADD_BUNDLE: &str = "INSERT INTO pass_bundle (number, issued_at, content, bytes, statement_id, digest) VALUES ($1, $2, $3, $4, $5, $6)";
const FORGET_BUNDLES: &str = "DELETE FROM pass_bundle WHERE issued_at < $1 AND number < $2";

pub fn regime(tx: &mut Tx<'_>, number: u16) -> Result<Option<Regime>, StoreError> {
    tx.first(REGIME, params![i64::from(number)])?.as_ref().map(read_regime).transpose()
}

/// Newest first.
pub fn regimes(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Regime>, StoreError> {
    tx.query(REGIMES, params![rows])?.iter().map(read_regime).collect()
}

pub fn regimes_in(tx: &mut Tx<'_>, state: State) -> Result<Vec<Regime>, StoreError> {
    tx.query(REGIMES_IN, params![state.as_str()])?.iter().map(read_regime).collect()
}

pub fn last_regime(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.count(LAST_REGIME, &[])
}

pub fn add_regime(tx: &mut Tx<'_>, it: &Regime) -> Result<(), StoreError> {
    let set = params![
        i64::from(it.number),
        it.id,
        it.county,
        it.area,
        &it.path,
        it.state.as_str(),
        &it.title,
        &it.legal_basis,
        &it.order_number,
        &it.purposes,
        &it.duties,
        it.organization,
        it.start,
        it.end,
        it.scopes.join("\n"),
        it.bearer.as_str(),
        it.pass_seconds,
        it.entries,
        it.proposed_at,
        &it.note,
        it.counted_day,
        it.revision
    ];
    tx.execute(ADD_REGIME, set).map(drop)
}

/// Writes what moves; another writer that came first is a conflict.
pub fn save_regime(tx: &mut Tx<'_>, it: &Regime) -> Result<(), StoreError> {
    let set = params![
        i64::from(it.number),
        it.revision,
        it.state.as_str(),
        it.decided_by,
        it.decided_at,
        &it.note,
        it.counted_day,
        it.deleted_at,
        it.start
    ];
    tx.compare_and_set(SAVE_REGIME, set)
}

fn read_regime(row: &Row) -> Result<Regime, StoreError> {
    let (number, state, scopes, bearer): (i64, String, String, String) =
        (row.get(0)?, row.get(5)?, row.get(14)?, row.get(15)?);
    Ok(Regime {
        number: u16::try_from(number).map_err(|_| unknown("a regime's number"))?,
        id: row.get(1)?,
        county: row.get(2)?,
        area: row.get(3)?,
        path: row.get(4)?,
        state: State::parse(&state).ok_or_else(|| unknown(&state))?,
        title: row.get(6)?,
        legal_basis: row.get(7)?,
        order_number: row.get(8)?,
        purposes: row.get(9)?,
        duties: row.get(10)?,
        organization: row.get(11)?,
        start: row.get(12)?,
        end: row.get(13)?,
        scopes: scopes.lines().map(str::to_owned).collect(),
        bearer: Bearer::parse(&bearer).ok_or_else(|| unknown(&bearer))?,
        pass_seconds: row.get(16)?,
        entries: row.get(17)?,
        proposed_at: row.get(18)?,
        decided_by: row.get(19)?,
        decided_at: row.get(20)?,
        note: row.get(21)?,
        counted_day: row.get(22)?,
        deleted_at: row.get(23)?,
        revision: row.get(24)?,
    })
}

/// All versions, newest first.
pub fn rules(tx: &mut Tx<'_>, regime: u16) -> Result<Vec<RuleVersion>, StoreError> {
    let version = |row: &Row| -> Result<RuleVersion, StoreError> {
        let state: String = row.get(1)?;
        Ok(RuleVersion {
            version: row.get(0)?,
            state: RuleState::parse(&state).ok_or_else(|| unknown(&state))?,
            text: row.get(2)?,
            affected: row.get(3)?,
            proposed_by: row.get(4)?,
            proposed_at: row.get(5)?,
            decided_by: row.get(6)?,
            decided_at: row.get(7)?,
            settled_at: row.get(8)?,
        })
    };
    tx.query(RULES, params![i64::from(regime)])?.iter().map(version).collect()
}

pub fn add_rule(tx: &mut Tx<'_>, regime: u16, it: &RuleVersion) -> Result<(), StoreError> {
    let set = params![
        i64::from(regime),
        it.version,
        it.state.as_str(),
        &it.text,
        it.affected,
        it.proposed_by,
        it.proposed_at,
        it.decided_by,
        it.decided_at
    ];
    tx.execute(ADD_RULE, set).map(drop)
}

/// Moves a version on from `held`; another writer that came first is a conflict.
pub fn save_rule(tx: &mut Tx<'_>, regime: u16, it: &RuleVersion, held: RuleState) -> Result<(), StoreError> {
    let set = params![
        i64::from(regime),
        it.version,
        it.state.as_str(),
        it.affected,
        it.decided_by,
        it.decided_at,
        held.as_str()
    ];
    tx.compare_and_set(SAVE_RULE, set)
}

/// All whom the version changed have been judged by it.
pub fn settle_rule(tx: &mut Tx<'_>, regime: u16, version: i64, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(SETTLE_RULE, params![i64::from(regime), version, at]).map(drop)
}

pub fn keys(tx: &mut Tx<'_>, regime: u16) -> Result<Vec<KeyState>, StoreError> {
    let key = |row: &Row| {
        Ok(KeyState {
            number: row.get(0)?,
            organization: row.get(1)?,
            public: row.get(2)?,
            issue_from: row.get(3)?,
            issue_until: row.get(4)?,
            verify_until: row.get(5)?,
            withdrawn_at: row.get(6)?,
            reason: row.get(7)?,
            asked_by: row.get(8)?,
            affected: row.get(9)?,
        })
    };
    tx.query(KEYS, params![i64::from(regime)])?.iter().map(key).collect()
}

/// Keys of all regimes that are not over.
pub fn keys_of_all(tx: &mut Tx<'_>, now: Timestamp) -> Result<i64, StoreError> {
    tx.count(KEYS_OF_ALL, params![now])
}

pub fn add_key(tx: &mut Tx<'_>, regime: u16, it: &KeyState, made_at: Timestamp) -> Result<(), StoreError> {
    let set = params![
        i64::from(regime),
        it.number,
        it.organization,
        &it.public[..],
        made_at,
        it.issue_from,
        it.issue_until,
        it.verify_until
    ];
    tx.execute(ADD_KEY, set).map(drop)
}

/// A key that is withdrawn is never changed again.
pub fn save_key(tx: &mut Tx<'_>, regime: u16, it: &KeyState) -> Result<(), StoreError> {
    let set = params![
        i64::from(regime),
        it.number,
        it.issue_until,
        it.withdrawn_at,
        it.reason.as_deref(),
        it.asked_by,
        it.affected
    ];
    tx.compare_and_set(SAVE_KEY, set)
}

/// A bundle without its bytes.
pub struct BundleRow {
    pub number: i64,
    pub issued_at: Timestamp,
    /// Digest of what it says, without its number and times.
    pub content: Vec<u8>,
    pub statement: Uuid,
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
}

/// Newest first.
pub fn bundles(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<BundleRow>, StoreError> {
    let bundle = |row: &Row| {
        Ok(BundleRow {
            number: row.get(0)?,
            issued_at: row.get(1)?,
            content: row.get(2)?,
            statement: row.get(3)?,
            digest: row.get(4)?,
        })
    };
    tx.query(BUNDLES, params![rows])?.iter().map(bundle).collect()
}

pub fn bundle_bytes(tx: &mut Tx<'_>, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(BUNDLE_BYTES, params![number])?.map(|row| row.get(0)).transpose()
}

pub fn add_bundle(tx: &mut Tx<'_>, it: &BundleRow, bytes: &[u8]) -> Result<(), StoreError> {
    let set = params![it.number, it.issued_at, &it.content[..], bytes, it.statement, &it.digest[..]];
    tx.execute(ADD_BUNDLE, set).map(drop)
}

/// Deletes those from before `before`, never one at or above `kept`.
pub fn forget_bundles(tx: &mut Tx<'_>, before: Timestamp, kept: i64) -> Result<u64, StoreError> {
    tx.execute(FORGET_BUNDLES, params![before, kept])
}

/// The bodies that some rows name.
pub fn bodies(regime: &Regime, keys: &[KeyState]) -> Vec<Id<Organization>> {
    let mut bodies: Vec<_> = keys.iter().map(|it| it.organization).collect();
    bodies.extend(std::iter::once(regime.organization).chain(regime.decided_by));
    bodies.sort_unstable();
    bodies.dedup();
    bodies
}
