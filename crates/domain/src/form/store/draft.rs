//! Records that are being filled in.

use kernel::{Area, Form as FormName, FormVersion as VersionName, Id, Person, Submission, Timestamp};
use store::{Row, StoreError, Tx, params};

use crate::form::{Draft, NamedBytes, Own, Review};

use super::super::Judged;

macro_rules! columns {
    () => {
        "d.county_id, d.id, d.person_id, d.form, d.form_version_id, d.instance_id, d.replaces, d.xml, d.revision, \
         d.updated_at, f.form_id, f.title, d.campaign_id, d.unit_id, d.spent_seconds"
    };
}
const INSERT: &str = "INSERT INTO submission_draft (county_id, id, person_id, form, form_version_id, instance_id, replaces, \
    xml, revision, updated_at, forget_at, campaign_id, unit_id, spent_seconds) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const BY_ID: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM submission_draft d JOIN form f ON f.id = d.form WHERE d.id = $1 AND d.person_id = $2"
);
const OF_PERSON: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM submission_draft d JOIN form f ON f.id = d.form WHERE d.person_id = $1 \
     ORDER BY d.updated_at DESC, d.id DESC LIMIT $2"
);
const OF_UNIT: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM submission_draft d JOIN form f ON f.id = d.form \
     WHERE d.person_id = $1 AND d.campaign_id = $2 AND d.unit_id = $3 ORDER BY d.updated_at DESC, d.id DESC LIMIT 1"
);
const UPDATE: &str = "UPDATE submission_draft SET xml = $4, revision = $3 + 1, updated_at = $5, forget_at = $6, spent_seconds = $7 \
    WHERE county_id = $1 AND id = $2 AND revision = $3";
const DELETE: &str = "DELETE FROM submission_draft WHERE county_id = $1 AND id = $2";
const DELETE_FILES: &str = "DELETE FROM submission_draft_file WHERE county_id = $1 AND draft_id = $2";
const DELETE_FILE: &str =
    "DELETE FROM submission_draft_file WHERE county_id = $1 AND draft_id = $2 AND name = $3";
const INSERT_FILE: &str = "INSERT INTO submission_draft_file (county_id, draft_id, name, bytes, forget_at) \
    VALUES ($1, $2, $3, $4, $5)";
const FILES: &str =
    "SELECT name, bytes FROM submission_draft_file WHERE county_id = $1 AND draft_id = $2 ORDER BY name";
const FORGET: &str = "DELETE FROM submission_draft WHERE forget_at <= $1";
const FORGET_FILES: &str = "DELETE FROM submission_draft_file WHERE forget_at <= $1";
const SENT_BY: &str = "SELECT v.state, v.sent_at FROM submission s JOIN submission_version v \
    ON v.county_id = s.county_id AND v.submission_id = s.id WHERE s.sent_by = $1 AND v.sent_by = $1 AND v.instance_id = $2 LIMIT 1";
const EDITED_BY: &str = "SELECT state, sent_at FROM submission_version \
    WHERE sent_by = $1 AND instance_id = $2 AND number > 1 LIMIT 1";
const OWN: &str = "SELECT f.form_id, f.title, s.instance_id, s.state, s.review, s.created_at, s.updated_at, \
    (SELECT c.body FROM submission_comment c WHERE c.county_id = s.county_id AND c.submission_id = s.id \
    ORDER BY c.written_at DESC, c.id DESC LIMIT 1) \
    FROM submission s JOIN form f ON f.id = s.form WHERE s.sent_by = $1 \
    ORDER BY s.created_at DESC, s.id DESC LIMIT $2";

/// How the version with this instance id is judged and when it came, of a record that the person sent or edited.
pub fn sent_by(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    instance_id: &str,
) -> Result<Option<(Judged, Timestamp)>, StoreError> {
    let row = match tx.first(SENT_BY, params![person, instance_id])? {
        Some(row) => Some(row),
        None => tx.first(EDITED_BY, params![person, instance_id])?,
    };
    let Some(row) = row else { return Ok(None) };
    let state: String = row.get(0)?;
    let state = Judged::parse(&state).ok_or(StoreError::Broken("submission_version.state".into()))?;
    Ok(Some((state, row.get(1)?)))
}

pub fn insert_draft(tx: &mut Tx<'_>, it: &Draft, forget_at: Timestamp) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.id,
        it.person,
        it.form,
        it.version,
        it.instance_id.as_str(),
        it.replaces.as_deref(),
        it.xml.as_str(),
        it.revision,
        it.updated_at,
        forget_at,
        it.asked.map(|it| it.0),
        it.asked.map(|it| it.1),
        it.spent_seconds
    ];
    tx.execute(INSERT, values).map(drop)
}

/// A person's own.
pub fn draft(tx: &mut Tx<'_>, id: Id<Submission>, person: Id<Person>) -> Result<Option<Draft>, StoreError> {
    tx.first(BY_ID, params![id, person])?.as_ref().map(of_row).transpose()
}

/// Latest first.
pub fn drafts(tx: &mut Tx<'_>, person: Id<Person>, rows: i64) -> Result<Vec<Draft>, StoreError> {
    tx.query(OF_PERSON, params![person, rows])?.iter().map(of_row).collect()
}

/// What a person has begun for a unit that a campaign asks.
pub fn draft_for(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    asked: (Id<kernel::Campaign>, uuid::Uuid),
) -> Result<Option<Draft>, StoreError> {
    tx.first(OF_UNIT, params![person, asked.0, asked.1])?.as_ref().map(of_row).transpose()
}

/// Of a draft that nothing has changed since it was read.
pub fn update_draft(tx: &mut Tx<'_>, it: &Draft, xml: &str, forget_at: Timestamp) -> Result<(), StoreError> {
    let values = params![it.county, it.id, it.revision, xml, it.updated_at, forget_at, it.spent_seconds];
    tx.compare_and_set(UPDATE, values)
}

/// With its files.
pub fn delete_draft(tx: &mut Tx<'_>, it: &Draft) -> Result<(), StoreError> {
    tx.execute(DELETE_FILES, params![it.county, it.id])?;
    tx.execute(DELETE, params![it.county, it.id]).map(drop)
}

pub fn put_draft_file(
    tx: &mut Tx<'_>,
    it: &Draft,
    file: &NamedBytes,
    forget_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(DELETE_FILE, params![it.county, it.id, file.name.as_str()])?;
    let values = params![it.county, it.id, file.name.as_str(), file.bytes.as_slice(), forget_at];
    tx.execute(INSERT_FILE, values).map(drop)
}

pub fn delete_draft_file(tx: &mut Tx<'_>, it: &Draft, name: &str) -> Result<(), StoreError> {
    tx.execute(DELETE_FILE, params![it.county, it.id, name]).map(drop)
}

pub fn draft_files(tx: &mut Tx<'_>, it: &Draft) -> Result<Vec<NamedBytes>, StoreError> {
    let file = |row: &Row| Ok(NamedBytes { name: row.get(0)?, bytes: row.get(1)? });
    tx.query(FILES, params![it.county, it.id])?.iter().map(file).collect()
}

/// Rows deleted.
pub fn forget_drafts(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx.execute(FORGET, params![now])? + tx.execute(FORGET_FILES, params![now])?)
}

/// What a person sent, latest first.
pub fn own(tx: &mut Tx<'_>, person: Id<Person>, rows: i64) -> Result<Vec<Own>, StoreError> {
    let own = |row: &Row| {
        let (state, review): (String, Option<String>) = (row.get(3)?, row.get(4)?);
        let state = Judged::parse(&state).ok_or(StoreError::Broken("submission.state".into()))?;
        let review = review.and_then(|it| Review::parse(&it));
        Ok(Own {
            form_id: row.get(0)?,
            title: row.get(1)?,
            instance_id: row.get(2)?,
            is_to_mend: Review::is_to_mend(review, state),
            state,
            review,
            sent_at: row.get(5)?,
            updated_at: row.get(6)?,
            comment: row.get(7)?,
        })
    };
    tx.query(OWN, params![person, rows])?.iter().map(own).collect()
}

fn of_row(row: &Row) -> Result<Draft, StoreError> {
    let (campaign, unit): (Option<Id<kernel::Campaign>>, Option<uuid::Uuid>) = (row.get(12)?, row.get(13)?);
    let (county, form, version): (Id<Area>, Id<FormName>, Id<VersionName>) =
        (row.get(0)?, row.get(3)?, row.get(4)?);
    Ok(Draft {
        county,
        id: row.get(1)?,
        person: row.get(2)?,
        form,
        version,
        instance_id: row.get(5)?,
        replaces: row.get(6)?,
        xml: row.get(7)?,
        revision: row.get(8)?,
        updated_at: row.get(9)?,
        form_id: row.get(10)?,
        title: row.get(11)?,
        asked: campaign.zip(unit),
        spent_seconds: row.get(14)?,
    })
}
