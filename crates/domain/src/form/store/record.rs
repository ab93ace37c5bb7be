//! Reading records, and what is said of them.

use kernel::{Area, AreaPath, Campaign, Form as FormName, Id, Person, Submission, Timestamp};
use store::{Row, StoreError, Tx, params};

use crate::form::{Comment, Judged, Record, RecordVersion, Review, Sender, Unit};

macro_rules! columns {
    () => {
        "s.county_id, s.id, s.instance_id, s.review, s.sent_by, s.app_user_id, s.created_at, s.updated_at, \
         v.number, v.instance_id, v.instance_name, v.state, v.sent_by, v.app_user_id, v.sent_at, t.version, \
         s.campaign_id, s.unit_id, s.unit_path, s.finished_at"
    };
}
/// Where the columns of the version begin.
const VERSION: usize = 8;
/// Where those of the unit begin.
const UNIT: usize = 16;
macro_rules! tables {
    () => {
        " FROM submission s JOIN submission_version v \
         ON v.county_id = s.county_id AND v.submission_id = s.id AND v.number = s.number \
         JOIN form_version t ON t.id = v.form_version_id"
    };
}
const RECORDS: &str = concat!(
    "SELECT ",
    columns!(),
    tables!(),
    " WHERE s.form = $1 AND (s.created_at < $2 OR (s.created_at = $2 AND s.id < $3)) ORDER BY s.created_at DESC, s.id DESC LIMIT $4"
);
const RECORD: &str =
    concat!("SELECT ", columns!(), tables!(), " WHERE s.county_id = $1 AND s.id = $2 AND s.form = $3");
const VERSIONS: &str = "SELECT v.number, v.instance_id, v.instance_name, v.state, v.sent_by, v.app_user_id, v.sent_at, \
    t.version FROM submission_version v JOIN form_version t ON t.id = v.form_version_id \
    WHERE v.county_id = $1 AND v.submission_id = $2 ORDER BY v.number DESC LIMIT $3";
const XML: &str =
    "SELECT xml FROM submission_version WHERE county_id = $1 AND submission_id = $2 AND number = $3";
const FILE: &str = "SELECT bytes FROM submission_file \
    WHERE county_id = $1 AND submission_id = $2 AND number = $3 AND name = $4";
const REVIEW: &str =
    "UPDATE submission SET review = $3, updated_at = $4 WHERE county_id = $1 AND id = $2 AND number = $5";
const INSERT_COMMENT: &str = "INSERT INTO submission_comment (county_id, submission_id, id, body, written_at, written_by, \
    forget_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const COMMENTS: &str = "SELECT body, written_at, written_by FROM submission_comment \
    WHERE county_id = $1 AND submission_id = $2 ORDER BY written_at DESC, id DESC LIMIT $3";

/// Latest first, from behind the record at `after`.
pub fn records(
    tx: &mut Tx<'_>,
    form: Id<FormName>,
    after: (Timestamp, Id<Submission>),
    rows: i64,
) -> Result<Vec<Record>, StoreError> {
    tx.query(RECORDS, params![form, after.0, after.1, rows])?.iter().map(of_row).collect()
}

pub fn record(
    tx: &mut Tx<'_>,
    at: (Id<Area>, Id<Submission>),
    form: Id<FormName>,
) -> Result<Option<Record>, StoreError> {
    tx.first(RECORD, params![at.0, at.1, form])?.as_ref().map(of_row).transpose()
}

/// Latest first.
pub fn versions_of(tx: &mut Tx<'_>, it: &Record, rows: i64) -> Result<Vec<RecordVersion>, StoreError> {
    tx.query(VERSIONS, params![it.county, it.id, rows])?.iter().map(|row| version(row, 0)).collect()
}

/// None once it is forgotten.
pub fn version_xml(tx: &mut Tx<'_>, it: &Record, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(XML, params![it.county, it.id, number])?.map_or(Ok(None), |row| row.get(0))
}

/// Of its current version.
pub fn record_file(tx: &mut Tx<'_>, it: &Record, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(FILE, params![it.county, it.id, it.current.number, name])?.map_or(Ok(None), |row| row.get(0))
}

pub fn review(tx: &mut Tx<'_>, it: &Record, review: Option<Review>, at: Timestamp) -> Result<(), StoreError> {
    tx.compare_and_set(REVIEW, params![it.county, it.id, review.map(Review::as_str), at, it.current.number])
}

pub fn insert_comment(
    tx: &mut Tx<'_>,
    it: &Record,
    id: uuid::Uuid,
    comment: &Comment,
    forget_at: Timestamp,
) -> Result<(), StoreError> {
    let values = params![it.county, it.id, id, comment.body.as_str(), comment.at, comment.by, forget_at];
    tx.execute(INSERT_COMMENT, values).map(drop)
}

/// Latest first.
pub fn comments(tx: &mut Tx<'_>, it: &Record, rows: i64) -> Result<Vec<Comment>, StoreError> {
    let comment = |row: &Row| Ok(Comment { body: row.get(0)?, at: row.get(1)?, by: row.get(2)? });
    tx.query(COMMENTS, params![it.county, it.id, rows])?.iter().map(comment).collect()
}

fn of_row(row: &Row) -> Result<Record, StoreError> {
    let review: Option<String> = row.get(3)?;
    let review =
        review.map(|text| Review::parse(&text).ok_or(StoreError::Broken("submission.review".into())));
    Ok(Record {
        county: row.get(0)?,
        id: row.get(1)?,
        instance_id: row.get(2)?,
        review: review.transpose()?,
        sender: sender_at(row, 4)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
        current: version(row, VERSION)?,
        unit: unit_at(row, UNIT)?,
    })
}

/// Of the columns of campaign, unit, path and the moment when it was finished.
pub(super) fn unit_at(row: &Row, first: usize) -> Result<Option<Unit>, StoreError> {
    let (campaign, id): (Option<Id<Campaign>>, Option<uuid::Uuid>) = (row.get(first)?, row.get(first + 1)?);
    let path: Option<AreaPath> = row.get(first + 2)?;
    let finished_at = row.get(first + 3)?;
    let whole = campaign.zip(id).zip(path);
    Ok(whole.map(|((campaign, id), path)| Unit { campaign, id, path, finished_at }))
}

fn version(row: &Row, first: usize) -> Result<RecordVersion, StoreError> {
    let state: String = row.get(first + 3)?;
    Ok(RecordVersion {
        number: row.get(first)?,
        instance_id: row.get(first + 1)?,
        instance_name: row.get(first + 2)?,
        state: Judged::parse(&state).ok_or(StoreError::Broken("submission_version.state".into()))?,
        sender: sender_at(row, first + 4)?,
        sent_at: row.get(first + 6)?,
        form_version: row.get(first + 7)?,
    })
}

/// Of the columns of a person and an app user.
pub(super) fn sender_at(row: &Row, first: usize) -> Result<Sender, StoreError> {
    let (person, app_user): (Option<Id<Person>>, Option<Id<kernel::AppUser>>) =
        (row.get(first)?, row.get(first + 1)?);
    Ok(match (person, app_user) {
        (Some(person), _) => Sender::Person(person),
        (None, Some(app_user)) => Sender::AppUser(app_user),
        (None, None) => Sender::System,
    })
}
