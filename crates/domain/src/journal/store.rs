use kernel::{Case, Id, JournalEntry, Organization, Person, Role, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::model::{Entry, Reading};

const INSERT: &str = "INSERT INTO journal (county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
    subject_id, person_id, purpose, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const READINGS: &str = "SELECT j.id, j.at, j.action, j.purpose, j.organization_id, o.name, j.actor_role FROM journal j \
    LEFT JOIN organization o ON o.id = j.organization_id \
    WHERE j.person_id = $1 AND (j.at < $2 OR (j.at = $2 AND j.id < $3)) ORDER BY j.at DESC, j.id DESC LIMIT $4";

/// What a reporter read of themself has no purpose.
const READINGS_OF_CONTACT: &str = "SELECT j.id, j.at, j.action, j.purpose, j.organization_id, o.name, j.actor_role \
    FROM journal j LEFT JOIN organization o ON o.id = j.organization_id \
    WHERE j.action = 'case.read_contact' AND j.subject_id = $1 AND j.purpose <> '' \
    ORDER BY j.at DESC, j.id DESC LIMIT $2";

pub fn insert(
    tx: &mut Tx<'_>,
    id: Id<JournalEntry>,
    at: Timestamp,
    actor: Option<Id<Person>>,
    (role, organization): (Role, Option<Id<Organization>>),
    entry: &Entry,
) -> Result<(), StoreError> {
    let purpose = entry.purpose.map_or("", |purpose| purpose.as_str());
    tx.execute(
        INSERT,
        params![
            entry.county,
            id,
            at,
            entry.action.as_str(),
            actor,
            role.as_str(),
            organization,
            entry.subject_kind.as_str(),
            entry.subject,
            entry.person,
            purpose,
            entry.canonical_detail()
        ],
    )
    .map(drop)
}

pub fn readings(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    after: Option<(i64, Id<JournalEntry>)>,
    rows: i64,
) -> Result<Vec<(Id<JournalEntry>, Reading)>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, Id::from_uuid(uuid::Uuid::max())));
    let named = |row: &Row| Ok((row.get(0)?, reading(row)?));
    tx.query(READINGS, params![person, at, id, rows])?.iter().map(named).collect()
}

pub fn readings_of_contact(tx: &mut Tx<'_>, case: Id<Case>, rows: i64) -> Result<Vec<Reading>, StoreError> {
    tx.query(READINGS_OF_CONTACT, params![case, rows])?.iter().map(reading).collect()
}

fn reading(row: &Row) -> Result<Reading, StoreError> {
    let role: String = row.get(6)?;
    Ok(Reading {
        at: row.get(1)?,
        action: row.get(2)?,
        purpose: row.get(3)?,
        organization: row.get(4)?,
        organization_name: row.get(5)?,
        role: Role::parse(&role),
    })
}
