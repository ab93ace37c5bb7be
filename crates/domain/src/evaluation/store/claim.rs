//! Claims about what a case counts for.

use kernel::{AreaPath, Case as CaseName, Claim as ClaimName, Id, Role, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use crate::{
    case::Case,
    evaluation::claim::{Claim, Kind, Ruling, Said},
};

const INSERT: &str = "INSERT INTO evaluation_claim (county_id, case_id, id, kind, about, due, asked_by, asked_role, \
    asked_organization, asked_at, asked_note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const UPDATE: &str = "UPDATE evaluation_claim SET due = $4, reminded_at = NULL, first_by = $5, first_role = $6, \
    first_organization = $7, first_at = $8, first_note = $9, first_granted = $10, last_by = $11, last_role = $12, \
    last_organization = $13, last_at = $14, last_note = $15, last_granted = $16, revoked_by = $17, revoked_role = $18, \
    revoked_organization = $19, revoked_at = $20, revoked_note = $21 WHERE county_id = $1 AND case_id = $2 AND id = $3";
const OF_CASE: &str = "SELECT id, kind, about, due, asked_by, asked_role, asked_organization, asked_at, asked_note, \
    first_by, first_role, first_organization, first_at, first_note, first_granted, last_by, last_role, last_organization, \
    last_at, last_note, last_granted, revoked_by, revoked_role, revoked_organization, revoked_at, revoked_note \
    FROM evaluation_claim WHERE county_id = $1 AND case_id = $2 ORDER BY asked_at DESC, id DESC";
// What still waits for a word: the index holds no other.
const LATE: &str = "SELECT due, id, case_id FROM evaluation_claim \
    WHERE due < $1 AND reminded_at IS NULL AND last_at IS NULL AND (first_granted IS NULL OR first_granted) \
    AND (due > $2 OR (due = $2 AND id > $3)) ORDER BY due, id LIMIT $4";
const DUE_FROM: &str = "SELECT c.case_id, c.id FROM evaluation_claim c \
    JOIN case_file f ON f.county_id = c.county_id AND f.id = c.case_id \
    WHERE c.last_at IS NULL AND c.reminded_at IS NULL AND (c.first_granted IS NULL OR c.first_granted) AND c.due >= $3 AND f.area_path >= $1 AND f.area_path < $2 \
    AND c.id > $4 ORDER BY c.id LIMIT $5";
const REMINDED: &str =
    "UPDATE evaluation_claim SET reminded_at = $4 WHERE county_id = $1 AND case_id = $2 AND id = $3";
const APPLY: &str = "UPDATE case_file SET excluded_at = CASE WHEN CAST($3 AS BIGINT) IS NULL THEN NULL \
    ELSE COALESCE(excluded_at, $3) END, exempt = $4, counted_revision = NULL WHERE county_id = $1 AND id = $2";

pub fn insert(tx: &mut Tx<'_>, case: &Case, it: &Claim) -> Result<(), StoreError> {
    let mut values = params![case.county, case.id, it.id, kind(it.kind), it.about.as_str(), it.due].to_vec();
    values.extend(said(Some(&it.asked)));
    tx.execute(INSERT, &values).map(drop)
}

pub fn update(tx: &mut Tx<'_>, case: &Case, it: &Claim) -> Result<(), StoreError> {
    let mut values = params![case.county, case.id, it.id, it.due].to_vec();
    for ruling in [&it.first, &it.last] {
        values.extend(said(ruling.as_ref().map(|it| &it.said)));
        values.push(ruling.as_ref().map(|it| it.granted).into());
    }
    values.extend(said(it.revoked.as_ref()));
    tx.execute(UPDATE, &values).map(drop)
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Exclusion => "exclusion",
        Kind::Appeal => "appeal",
    }
}

fn said(said: Option<&Said>) -> [Value; 5] {
    [
        said.map(|it| it.person).into(),
        said.map(|it| it.role.as_str()).into(),
        said.map(|it| it.organization).into(),
        said.map(|it| it.at).into(),
        said.map(|it| it.note.as_str()).into(),
    ]
}

/// The claims about a case, latest first.
pub fn of_case(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Claim>, StoreError> {
    let read = |row: &Row| {
        let of: String = row.get(1)?;
        Ok(Claim {
            id: row.get(0)?,
            kind: if of == kind(Kind::Appeal) { Kind::Appeal } else { Kind::Exclusion },
            about: row.get(2)?,
            due: row.get(3)?,
            asked: word(row, 4)?.ok_or_else(|| StoreError::Broken("evaluation_claim.asked_by".into()))?,
            first: ruling(row, 9)?,
            last: ruling(row, 15)?,
            revoked: word(row, 21)?,
        })
    };
    tx.query(OF_CASE, params![case.county, case.id])?.iter().map(read).collect()
}

fn word(row: &Row, at: usize) -> Result<Option<Said>, StoreError> {
    let Some(person) = row.get(at)? else { return Ok(None) };
    let role: String = row.get(at + 1)?;
    let role =
        Role::parse(&role).ok_or_else(|| StoreError::Broken(format!("evaluation_claim role {role}")))?;
    let (organization, moment, note) = (row.get(at + 2)?, row.get(at + 3)?, row.get(at + 4)?);
    Ok(Some(Said { person, role, organization, at: moment, note }))
}

fn ruling(row: &Row, at: usize) -> Result<Option<Ruling>, StoreError> {
    let Some(said) = word(row, at)? else { return Ok(None) };
    Ok(Some(Ruling { granted: row.get(at + 5)?, said }))
}

/// Makes the case count as its claims say. That it is left out keeps the moment of the first decision.
pub fn apply(
    tx: &mut Tx<'_>,
    case: &Case,
    excluded: Option<Timestamp>,
    exempt: i64,
) -> Result<(), StoreError> {
    tx.execute(APPLY, params![case.county, case.id, excluded, exempt]).map(drop)
}

/// A claim, and the case that it is about.
pub type Named = (Id<CaseName>, Id<ClaimName>);

/// Where a claim stands in the order of its time: microseconds and id.
pub type Key = (i64, Id<ClaimName>);

/// Claims whose turn is over without a word, and of which nobody above was told, after the key `after`; with their cases.
pub fn late(
    tx: &mut Tx<'_>,
    now: Timestamp,
    after: Option<Key>,
    rows: i64,
) -> Result<Vec<(Key, Id<CaseName>)>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MIN, Id::from_uuid(uuid::Uuid::nil())));
    let late = |row: &Row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?));
    tx.query(LATE, params![now, at, id, rows])?.iter().map(late).collect()
}

/// Claims about cases of a subtree on which a word is due at `from` or later, by id after `after`.
pub fn due_from(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    from: Timestamp,
    after: Option<Named>,
    rows: i64,
) -> Result<Vec<Named>, StoreError> {
    let after = after.map_or(Id::from_uuid(uuid::Uuid::nil()), |(_, claim)| claim);
    let values = params![path.low(), path.high(), from, after, rows];
    tx.query(DUE_FROM, values)?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

pub fn reminded(tx: &mut Tx<'_>, case: &Case, claim: Id<ClaimName>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(REMINDED, params![case.county, case.id, claim, at]).map(drop)
}
