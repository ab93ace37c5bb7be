use kernel::{Area, Evidence, Id, Organization, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::{
    model::{EvidenceKind, Held, KeyState, Outcome, Regime, RuleState, RuleVersion, State},
    rule::Rule,
};

mod issue;
mod order;

pub use issue::*;
pub use order::*;

const ADD_EVIDENCE: &str = "INSERT INTO pass_evidence (county_id, id, regime, kind, holder, helper, organization_id, sealed, \
    stated_at, forget_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
macro_rules! evidence {
    () => {
        "SELECT id, kind, holder, helper, organization_id, sealed, stated_at FROM pass_evidence \
         WHERE county_id = $1 AND regime = $2 AND ended_at IS NULL AND "
    };
}
const EVIDENCE_OF_HOLDER: &str = concat!(evidence!(), "holder = $3 ORDER BY stated_at, id LIMIT $4");
const EVIDENCE_OF_HELPER: &str = concat!(evidence!(), "helper = $3 ORDER BY kind, stated_at, id LIMIT $4");
const EVIDENCE_BETWEEN: &str =
    concat!(evidence!(), "helper = $3 AND holder = $4 ORDER BY kind, stated_at, id");
const DISPUTED: &str = "SELECT COUNT(*) FROM pass_evidence WHERE county_id = $1 AND regime = $2 AND holder = $3 \
    AND helper = $4 AND kind = 'guardian' AND ended_at IS NOT NULL AND ended_by IS NULL AND reason IS NULL";
const HELPED: &str = "SELECT COUNT(*) FROM pass_evidence \
    WHERE county_id = $1 AND regime = $2 AND helper = $3 AND kind = $4 AND ended_at IS NULL";
const TOLD: &str = "SELECT id, kind, holder, helper, organization_id, sealed, stated_at, ended_at, ended_by, reason \
    FROM pass_evidence WHERE county_id = $1 AND regime = $2 AND holder = $3 ORDER BY stated_at DESC, id DESC LIMIT $4";
const END_EVIDENCE: &str = "UPDATE pass_evidence SET ended_at = $3, ended_by = $4, reason = $5 \
    WHERE county_id = $1 AND id = $2 AND ended_at IS NULL";
const COUNT_END: &str = "INSERT INTO pass_end_count (county_id, regime, organization_id, day, people, forget_at) \
    VALUES ($1, $2, $3, $4, 1, $6) ON CONFLICT (county_id, regime, organization_id, day) \
    DO UPDATE SET people = pass_end_count.people + 1 WHERE pass_end_count.people < $5";

const MOVE_HOLDER: &str = "INSERT INTO pass_holder (county_id, regime, holder, revision, forget_at) \
    VALUES ($1, $2, $3, 1, $4) ON CONFLICT (county_id, regime, holder) DO UPDATE SET revision = pass_holder.revision + 1";
const SET_JUDGED: &str =
    "UPDATE pass_holder SET judged_by = $4 WHERE county_id = $1 AND regime = $2 AND holder = $3";
const JUDGED_BEFORE: &str = "SELECT holder FROM pass_holder WHERE county_id = $1 AND regime = $2 AND judged_by IS NOT NULL \
    AND judged_by < $3 ORDER BY judged_by LIMIT $4";

const ADD_OUTCOME: &str = "INSERT INTO pass_outcome (county_id, regime, holder, number, rule_version, granted, failed, sealed, \
    decided_at, forget_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const LAST_OUTCOME: &str = "SELECT number, rule_version, granted, failed, decided_at, sealed FROM pass_outcome \
    WHERE county_id = $1 AND regime = $2 AND holder = $3 ORDER BY number DESC LIMIT 1";
/// The last of each holder, in their order.
const LAST_OUTCOMES: &str = "SELECT o.holder, o.number, o.rule_version, o.granted, o.failed, o.decided_at, o.sealed \
    FROM pass_outcome o WHERE o.county_id = $1 AND o.regime = $2 AND o.holder > $3 AND NOT EXISTS \
    (SELECT 1 FROM pass_outcome later WHERE later.county_id = o.county_id AND later.regime = o.regime \
    AND later.holder = o.holder AND later.number > o.number) ORDER BY o.holder LIMIT $4";

const APPEALS: &str = "SELECT case_id, appealed_at FROM pass_appeal \
    WHERE county_id = $1 AND regime = $2 AND holder = $3 ORDER BY appealed_at DESC LIMIT 20";
const APPEALS_OF_ALL: &str = "SELECT case_id FROM pass_appeal WHERE county_id = $1 AND regime = $2";
const APPEAL: &str = "INSERT INTO pass_appeal (county_id, regime, holder, case_id, appealed_at, forget_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

const DELETE_EVIDENCE: &str = "DELETE FROM pass_evidence WHERE county_id = $1 AND regime = $2";
const DELETE_OUTCOMES: &str = "DELETE FROM pass_outcome WHERE county_id = $1 AND regime = $2";
const DELETE_ISSUES: &str = "DELETE FROM pass_issue WHERE county_id = $1 AND regime = $2";
const DELETE_APPEALS: &str = "DELETE FROM pass_appeal WHERE county_id = $1 AND regime = $2";
const DELETE_HOLDERS: &str = "DELETE FROM pass_holder WHERE county_id = $1 AND regime = $2";
const DELETE_END_COUNTS: &str = "DELETE FROM pass_end_count WHERE county_id = $1 AND regime = $2";

/// Where the rows of a regime lie.
#[derive(Clone, Copy)]
pub struct Place {
    pub county: Id<Area>,
    pub regime: i64,
    pub forget_at: Timestamp,
}

impl From<&Regime> for Place {
    fn from(it: &Regime) -> Self {
        Self { county: it.county, regime: it.number.into(), forget_at: it.end }
    }
}

/// Something that is stated, as it stands in its row.
pub struct EvidenceRow {
    pub id: Id<Evidence>,
    pub kind: EvidenceKind,
    pub holder: Vec<u8>,
    pub helper: Option<Vec<u8>>,
    pub organization: Option<Id<Organization>>,
    pub sealed: Vec<u8>,
    pub stated_at: Timestamp,
}

/// Statements of one kind about one person by one body, and mandates of one person, at most.
pub const STATED_MAX: i64 = 20;
/// Statements about one person at most, by all bodies: more than can come together but on purpose.
pub const EVIDENCE_MAX: i64 = 1_000;
/// People whom one guardian looks after, and whom one agent acts for, at most.
pub const HELPED_MAX: i64 = 50;
/// Statements about one person that are shown to them, those that were taken back among them.
const TOLD_MAX: i64 = 100;

pub fn add_evidence(tx: &mut Tx<'_>, place: Place, it: &EvidenceRow) -> Result<(), StoreError> {
    let set = params![
        place.county,
        it.id,
        place.regime,
        it.kind.as_str(),
        &it.holder[..],
        it.helper.as_deref(),
        it.organization,
        &it.sealed[..],
        it.stated_at,
        place.forget_at
    ];
    tx.execute(ADD_EVIDENCE, set).map(drop)
}

pub fn evidence_of(tx: &mut Tx<'_>, place: Place, holder: &[u8]) -> Result<Vec<EvidenceRow>, StoreError> {
    let found = tx.query(EVIDENCE_OF_HOLDER, params![place.county, place.regime, holder, EVIDENCE_MAX])?;
    found.iter().map(evidence).collect()
}

/// By which `helper` may ask for others.
pub fn evidence_for(tx: &mut Tx<'_>, place: Place, helper: &[u8]) -> Result<Vec<EvidenceRow>, StoreError> {
    let found = tx.query(EVIDENCE_OF_HELPER, params![place.county, place.regime, helper, 2 * HELPED_MAX])?;
    found.iter().map(evidence).collect()
}

/// By which `helper` may ask for `holder`; a guardian's comes first.
pub fn evidence_between(
    tx: &mut Tx<'_>,
    place: Place,
    helper: &[u8],
    holder: &[u8],
) -> Result<Vec<EvidenceRow>, StoreError> {
    let found = tx.query(EVIDENCE_BETWEEN, params![place.county, place.regime, helper, holder])?;
    found.iter().map(evidence).collect()
}

/// Whether the holder said of a guardian that it is not so.
pub fn is_disputed(tx: &mut Tx<'_>, place: Place, holder: &[u8], helper: &[u8]) -> Result<bool, StoreError> {
    Ok(tx.count(DISPUTED, params![place.county, place.regime, holder, helper])? > 0)
}

/// How many somebody helps by statements of a kind.
pub fn helped(tx: &mut Tx<'_>, place: Place, helper: &[u8], kind: EvidenceKind) -> Result<i64, StoreError> {
    tx.count(HELPED, params![place.county, place.regime, helper, kind.as_str()])
}

/// A statement with how it ended, if it did.
pub struct Told {
    pub row: EvidenceRow,
    /// When, and by which body; none: by whom it is about or, with a reason, by whom it let act for them.
    pub ended: Option<(Timestamp, Option<Id<Organization>>)>,
    pub reason: Option<Vec<u8>>,
}

/// All that was stated about a holder, latest first.
pub fn told(tx: &mut Tx<'_>, place: Place, holder: &[u8]) -> Result<Vec<Told>, StoreError> {
    let told = |row: &Row| -> Result<Told, StoreError> {
        let (at, by): (Option<Timestamp>, Option<Id<Organization>>) = (row.get(7)?, row.get(8)?);
        Ok(Told { row: evidence(row)?, ended: at.map(|at| (at, by)), reason: row.get(9)? })
    };
    tx.query(TOLD, params![place.county, place.regime, holder, TOLD_MAX])?.iter().map(told).collect()
}

fn evidence(row: &Row) -> Result<EvidenceRow, StoreError> {
    let kind: String = row.get(1)?;
    Ok(EvidenceRow {
        id: row.get(0)?,
        kind: EvidenceKind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        holder: row.get(2)?,
        helper: row.get(3)?,
        organization: row.get(4)?,
        sealed: row.get(5)?,
        stated_at: row.get(6)?,
    })
}

pub(super) fn unknown(word: &str) -> StoreError {
    StoreError::Broken(format!("{word} is no word of passes"))
}

pub fn end_evidence(
    tx: &mut Tx<'_>,
    place: Place,
    id: Id<Evidence>,
    at: Timestamp,
    by: Option<Id<Organization>>,
    reason: Option<&[u8]>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(END_EVIDENCE, params![place.county, id, at, by, reason])? == 1)
}

/// Counts one more of whom a body takes facts back on a day. Whether it was below `max`.
pub fn count_end(
    tx: &mut Tx<'_>,
    place: Place,
    body: Id<Organization>,
    day: i64,
    max: i64,
) -> Result<bool, StoreError> {
    let set = params![place.county, place.regime, body, day, max, place.forget_at];
    Ok(tx.execute(COUNT_END, set)? == 1)
}

/// Says that something of a holder changes: whoever changes something of theirs at the same time begins anew.
pub fn move_holder(tx: &mut Tx<'_>, place: Place, holder: &[u8]) -> Result<(), StoreError> {
    tx.execute(MOVE_HOLDER, params![place.county, place.regime, holder, place.forget_at]).map(drop)
}

/// The version of the rule by which a holder, who was moved, is judged.
pub fn set_judged(tx: &mut Tx<'_>, place: Place, holder: &[u8], version: i64) -> Result<(), StoreError> {
    tx.execute(SET_JUDGED, params![place.county, place.regime, holder, version]).map(drop)
}

/// Some of those who were judged last by a version before `version`.
pub fn judged_before(
    tx: &mut Tx<'_>,
    place: Place,
    version: i64,
    rows: i64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let found = tx.query(JUDGED_BEFORE, params![place.county, place.regime, version, rows])?;
    found.iter().map(|row| row.get(0)).collect()
}

pub fn add_outcome(
    tx: &mut Tx<'_>,
    place: Place,
    holder: &[u8],
    it: &Outcome,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let failed = Rule { groups: it.failed.clone() }.to_string();
    let set = params![
        place.county,
        place.regime,
        holder,
        it.number,
        it.rule_version,
        it.is_granted,
        failed,
        sealed,
        it.at,
        place.forget_at
    ];
    tx.execute(ADD_OUTCOME, set).map(drop)
}

/// The latest outcome of a holder, with what is sealed of it.
pub fn last_outcome(
    tx: &mut Tx<'_>,
    place: Place,
    holder: &[u8],
) -> Result<Option<(Outcome, Vec<u8>)>, StoreError> {
    let row = tx.first(LAST_OUTCOME, params![place.county, place.regime, holder])?;
    row.map(|row| Ok((outcome(&row, 0)?, row.get(5)?))).transpose()
}

/// The latest outcome of one holder.
pub struct Last {
    pub holder: Vec<u8>,
    pub outcome: Outcome,
    pub sealed: Vec<u8>,
}

/// The latest of each holder behind `after`.
pub fn last_outcomes(
    tx: &mut Tx<'_>,
    place: Place,
    after: &[u8],
    rows: i64,
) -> Result<Vec<Last>, StoreError> {
    let found = tx.query(LAST_OUTCOMES, params![place.county, place.regime, after, rows])?;
    let last = |row: &Row| Ok(Last { holder: row.get(0)?, outcome: outcome(row, 1)?, sealed: row.get(6)? });
    found.iter().map(last).collect()
}

fn outcome(row: &Row, first: usize) -> Result<Outcome, StoreError> {
    let failed: String = row.get(first + 3)?;
    Ok(Outcome {
        number: row.get(first)?,
        rule_version: row.get(first + 1)?,
        is_granted: row.get(first + 2)?,
        failed: Rule::parse(&failed).map(|it| it.groups).unwrap_or_default(),
        at: row.get(first + 4)?,
    })
}

pub fn appeals(tx: &mut Tx<'_>, place: Place, holder: &[u8]) -> Result<Vec<(Uuid, Timestamp)>, StoreError> {
    let found = tx.query(APPEALS, params![place.county, place.regime, holder])?;
    found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The appeals of everybody.
pub fn appeals_of_all(tx: &mut Tx<'_>, place: Place) -> Result<Vec<Uuid>, StoreError> {
    tx.query(APPEALS_OF_ALL, params![place.county, place.regime])?.iter().map(|row| row.get(0)).collect()
}

pub fn add_appeal(
    tx: &mut Tx<'_>,
    place: Place,
    holder: &[u8],
    case: Uuid,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(APPEAL, params![place.county, place.regime, holder, case, at, place.forget_at]).map(drop)
}

/// What of a regime was deleted, by table.
pub fn delete(tx: &mut Tx<'_>, place: Place) -> Result<[(&'static str, u64); 6], StoreError> {
    let set = params![place.county, place.regime];
    Ok([
        ("pass_evidence", tx.execute(DELETE_EVIDENCE, set)?),
        ("pass_outcome", tx.execute(DELETE_OUTCOMES, set)?),
        ("pass_issue", tx.execute(DELETE_ISSUES, set)?),
        ("pass_appeal", tx.execute(DELETE_APPEALS, set)?),
        ("pass_holder", tx.execute(DELETE_HOLDERS, set)?),
        ("pass_end_count", tx.execute(DELETE_END_COUNTS, set)?),
    ])
}
