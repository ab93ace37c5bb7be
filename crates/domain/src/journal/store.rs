use kernel::{Case, Id, JournalEntry, Person, Role, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::{
    model::{Reading, Record},
    rule::{Commitment, Salt},
};

mod log;

pub use log::*;

const INSERT: &str = "INSERT INTO journal (county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
    subject_id, person_id, purpose, detail, salt, commitment) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

/// What a decision in force withholds from the person (`withholding`) is not there for them until it is over.
macro_rules! shown {
    ($now:literal) => {
        concat!(
            " AND NOT EXISTS (SELECT 1 FROM withholding w WHERE w.person_id = j.person_id \
             AND w.organization_id = j.organization_id AND w.state = 'approved' AND j.at >= w.decided_at \
             AND j.at < w.ends_at AND w.ends_at > ",
            $now,
            ")"
        )
    };
}

const READINGS: &str = concat!(
    "SELECT j.id, j.at, j.action, j.purpose, j.organization_id, o.name, j.actor_role, j.log_index, j.salt, j.person_id \
     FROM journal j LEFT JOIN organization o ON o.id = j.organization_id \
     WHERE j.person_id = $1 AND (j.at < $2 OR (j.at = $2 AND j.id < $3))",
    shown!("$5"),
    " ORDER BY j.at DESC, j.id DESC LIMIT $4"
);

/// What a reporter read of themself has no purpose.
const READINGS_OF_CONTACT: &str = concat!(
    "SELECT j.id, j.at, j.action, j.purpose, j.organization_id, o.name, j.actor_role, j.log_index, j.salt, j.person_id \
     FROM journal j LEFT JOIN organization o ON o.id = j.organization_id \
     WHERE j.action = 'case.read_contact' AND j.subject_id = $1 AND j.purpose <> ''",
    shown!("$3"),
    " ORDER BY j.at DESC, j.id DESC LIMIT $2"
);

const OF_PERSON: &str = concat!(
    "SELECT county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, subject_id, person_id, purpose, \
     detail, salt, commitment, log_index FROM journal j WHERE person_id = $1 AND id = $2",
    shown!("$3")
);

const OF_CONTACT: &str = concat!(
    "SELECT county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, subject_id, person_id, purpose, \
     detail, salt, commitment, log_index FROM journal j \
     WHERE action = 'case.read_contact' AND subject_id = $1 AND purpose <> '' AND id = $2",
    shown!("$3")
);

/// Who acted for themself is as personal as whom it was about.
const FORGET: &str = "UPDATE journal SET person_id = NULL, salt = NULL, \
    actor_id = CASE WHEN actor_role = 'resident' OR actor_id = person_id THEN NULL ELSE actor_id END, \
    subject_id = CASE WHEN subject_kind IN ('person', 'account') THEN $3 ELSE subject_id END \
    WHERE county_id = $1 AND id = $2 AND salt IS NOT NULL";

const FORGETTINGS: &str = "SELECT county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
    subject_id, person_id, purpose, detail, salt, commitment, log_index FROM journal \
    WHERE action = 'journal.forget' ORDER BY at DESC, id DESC LIMIT $1";

/// A row with what seals it.
#[derive(Clone)]
pub struct Sealed {
    pub record: Record,
    /// None once the person is forgotten, and in rows from before there was a log.
    pub salt: Option<Salt>,
    pub commitment: Option<Vec<u8>>,
    pub index: Option<i64>,
}

impl Sealed {
    /// Where it stands among those that wait.
    pub fn place(&self) -> After {
        (self.record.at, self.record.id)
    }
}

pub fn insert(
    tx: &mut Tx<'_>,
    record: &Record,
    salt: &Salt,
    commitment: &Commitment,
) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        params![
            record.county,
            record.id,
            record.at,
            record.action.as_str(),
            record.actor,
            record.role.as_str(),
            record.organization,
            record.subject_kind.as_str(),
            record.subject,
            record.person,
            record.purpose.as_str(),
            record.detail.as_str(),
            salt.bytes(),
            &commitment[..]
        ],
    )
    .map(drop)
}

pub fn readings(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    after: Option<(i64, Id<JournalEntry>)>,
    rows: i64,
    now: Timestamp,
) -> Result<Vec<Reading>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, Id::from_uuid(Uuid::max())));
    let found = tx.query(READINGS, params![person, at, id, rows, now])?;
    found.iter().map(|row| reading(row, Some(person))).collect()
}

/// As `viewer` may see them.
pub fn readings_of_contact(
    tx: &mut Tx<'_>,
    viewer: Option<Id<Person>>,
    case: Id<Case>,
    rows: i64,
    now: Timestamp,
) -> Result<Vec<Reading>, StoreError> {
    let found = tx.query(READINGS_OF_CONTACT, params![case, rows, now])?;
    found.iter().map(|row| reading(row, viewer)).collect()
}

/// A proof holds the person whom the entry is about: nobody else is offered one.
fn reading(row: &Row, viewer: Option<Id<Person>>) -> Result<Reading, StoreError> {
    let role: String = row.get(6)?;
    let (index, salt): (Option<i64>, Option<Vec<u8>>) = (row.get(7)?, row.get(8)?);
    let person: Option<Id<Person>> = row.get(9)?;
    Ok(Reading {
        id: row.get(0)?,
        at: row.get(1)?,
        action: row.get(2)?,
        purpose: row.get(3)?,
        organization: row.get(4)?,
        organization_name: row.get(5)?,
        role: Role::parse(&role),
        is_sealed: index.is_some() && salt.is_some() && (person.is_none() || person == viewer),
    })
}

pub fn of_person(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    id: Id<JournalEntry>,
    now: Timestamp,
) -> Result<Option<Sealed>, StoreError> {
    tx.first(OF_PERSON, params![person, id, now])?.as_ref().map(sealed).transpose()
}

pub fn of_contact(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    id: Id<JournalEntry>,
    now: Timestamp,
) -> Result<Option<Sealed>, StoreError> {
    tx.first(OF_CONTACT, params![case, id, now])?.as_ref().map(sealed).transpose()
}

/// A row of `county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, subject_id, person_id,
/// purpose, detail, salt, commitment, log_index`.
fn sealed(row: &Row) -> Result<Sealed, StoreError> {
    let record = Record {
        county: row.get(0)?,
        id: row.get(1)?,
        at: row.get(2)?,
        action: row.get(3)?,
        actor: row.get(4)?,
        role: row.get(5)?,
        organization: row.get(6)?,
        subject_kind: row.get(7)?,
        subject: row.get(8)?,
        person: row.get(9)?,
        purpose: row.get(10)?,
        detail: row.get(11)?,
    };
    let salt: Option<Vec<u8>> = row.get(12)?;
    // One of another length opens nothing, like none.
    let salt = salt.and_then(|it| Salt::read(&it));
    Ok(Sealed { record, salt, commitment: row.get(13)?, index: row.get(14)? })
}

/// Takes the persons out of an entry, and what would prove it. Whether it had not been done before.
pub fn forget(tx: &mut Tx<'_>, it: &Record) -> Result<bool, StoreError> {
    Ok(tx.execute(FORGET, params![it.county, it.id, Uuid::nil()])? == 1)
}

/// The entries that say what was forgotten, newest first.
pub fn forgettings(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Sealed>, StoreError> {
    tx.query(FORGETTINGS, params![rows])?.iter().map(sealed).collect()
}
