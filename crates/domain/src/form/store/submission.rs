use kernel::{Area, Form as FormName, FormVersion as VersionName, Id, Submission, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::record::{sender_at, unit_at};
use crate::form::{Counts, Finding, Judged, RecordFile, Review, Sender, Unit};

const INSERT: &str = "INSERT INTO submission (county_id, id, form, instance_id, number, state, review, sent_by, \
    app_user_id, created_at, updated_at, campaign_id, unit_id, unit_path, finished_at) \
    VALUES ($1, $2, $3, $4, 1, $5, NULL, $6, $7, $8, $8, $9, $10, $11, $12)";
const MOVE: &str = "UPDATE submission SET number = $3 + 1, state = $4, review = 'edited', updated_at = $5 \
    WHERE county_id = $1 AND id = $2 AND number = $3";
const NUMBER: &str = "SELECT number FROM submission WHERE county_id = $1 AND id = $2";
const SENDER: &str = "SELECT sent_by, app_user_id FROM submission WHERE county_id = $1 AND id = $2";
const UNIT: &str = "SELECT campaign_id, unit_id, unit_path, finished_at, review, state FROM submission \
    WHERE county_id = $1 AND id = $2";
const AUTHORS: &str = "SELECT DISTINCT sent_by FROM submission_version \
    WHERE county_id = $1 AND submission_id = $2 AND sent_by IS NOT NULL";
const COUNTS: &str = "SELECT state, COUNT(*) FROM submission WHERE form = $1 GROUP BY state";
const INSERT_VERSION: &str = "INSERT INTO submission_version (county_id, submission_id, number, form, form_version_id, \
    instance_id, instance_name, sha256, xml, state, findings, sent_at, sent_by, app_user_id, forget_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const BY_INSTANCE: &str = "SELECT submission_id, number, sha256, state, findings FROM submission_version \
    WHERE county_id = $1 AND form = $2 AND instance_id = $3";
const INSERT_FILE: &str = "INSERT INTO submission_file (county_id, submission_id, number, name, sha256, bytes, arrived_at, \
    forget_at) VALUES ($1, $2, $3, $4, NULL, NULL, NULL, $5)";
const PUT_FILE: &str = "UPDATE submission_file SET sha256 = $5, bytes = $6, arrived_at = $7 \
    WHERE county_id = $1 AND submission_id = $2 AND number = $3 AND name = $4 AND bytes IS NULL";
const CARRY_FILE: &str = "INSERT INTO submission_file (county_id, submission_id, number, name, sha256, bytes, arrived_at, \
    forget_at) SELECT county_id, submission_id, number + 1, name, sha256, bytes, arrived_at, $5 FROM submission_file \
    WHERE county_id = $1 AND submission_id = $2 AND number = $3 AND name = $4";
const FILES: &str = "SELECT name, sha256 FROM submission_file \
    WHERE county_id = $1 AND submission_id = $2 AND number = $3 ORDER BY name";

const FORGET_VERSIONS: &str = "UPDATE submission_version SET xml = NULL, instance_name = NULL, findings = '[]' \
    WHERE xml IS NOT NULL AND forget_at <= $1";
const FORGET_FILES: &str = "DELETE FROM submission_file WHERE forget_at <= $1";
const FORGET_COMMENTS: &str = "DELETE FROM submission_comment WHERE forget_at <= $1";

/// A version of a record that is there.
pub struct Known {
    pub submission: Id<Submission>,
    pub number: i64,
    pub sha256: Vec<u8>,
    pub state: Judged,
    pub findings: Vec<Finding>,
}

/// A version of a record as it came.
pub struct NewVersion<'a> {
    pub county: Id<Area>,
    pub submission: Id<Submission>,
    pub number: i64,
    pub form: Id<FormName>,
    pub version: Id<VersionName>,
    pub instance_id: &'a str,
    pub instance_name: Option<&'a str>,
    pub sha256: &'a [u8],
    pub xml: &'a [u8],
    pub state: Judged,
    pub findings: &'a [Finding],
    pub at: Timestamp,
    pub by: Option<Id<kernel::Person>>,
    pub app_user: Option<Id<kernel::AppUser>>,
    pub forget_at: Timestamp,
    /// Of a first version that a campaign asks for.
    pub unit: Option<&'a Unit>,
}

pub fn insert_submission(tx: &mut Tx<'_>, it: &NewVersion<'_>) -> Result<(), StoreError> {
    let state = it.state.as_str();
    let values = params![
        it.county,
        it.submission,
        it.form,
        it.instance_id,
        state,
        it.by,
        it.app_user,
        it.at,
        it.unit.map(|it| it.campaign),
        it.unit.map(|it| it.id),
        it.unit.map(|it| it.path.as_str()),
        it.unit.and_then(|it| it.finished_at)
    ];
    tx.execute(INSERT, values).map(drop)
}

/// From the version before to this one; a conflict if another came first.
pub fn move_submission(tx: &mut Tx<'_>, it: &NewVersion<'_>) -> Result<(), StoreError> {
    tx.compare_and_set(MOVE, params![it.county, it.submission, it.number - 1, it.state.as_str(), it.at])
}

/// Of the current version.
pub fn number(tx: &mut Tx<'_>, county: Id<Area>, id: Id<Submission>) -> Result<Option<i64>, StoreError> {
    tx.first(NUMBER, params![county, id])?.map(|row| row.get(0)).transpose()
}

/// The unit that a record answers for, if a campaign asked for it, and how its form and a reviewer judge it.
pub fn unit(
    tx: &mut Tx<'_>,
    county: Id<Area>,
    id: Id<Submission>,
) -> Result<Option<(Unit, Judged, Option<Review>)>, StoreError> {
    let Some(row) = tx.first(UNIT, params![county, id])? else { return Ok(None) };
    let (review, state): (Option<String>, String) = (row.get(4)?, row.get(5)?);
    let state = Judged::parse(&state).ok_or(StoreError::Broken("submission.state".into()))?;
    Ok(unit_at(&row, 0)?.map(|unit| (unit, state, review.and_then(|it| Review::parse(&it)))))
}

/// The people who wrote or changed a record.
pub fn authors(
    tx: &mut Tx<'_>,
    county: Id<Area>,
    id: Id<Submission>,
) -> Result<Vec<Id<kernel::Person>>, StoreError> {
    tx.query(AUTHORS, params![county, id])?.iter().map(|row| row.get(0)).collect()
}

/// Who sent the first version.
pub fn sender(tx: &mut Tx<'_>, county: Id<Area>, id: Id<Submission>) -> Result<Option<Sender>, StoreError> {
    tx.first(SENDER, params![county, id])?.map(|row| sender_at(&row, 0)).transpose()
}

pub fn insert_submission_version(tx: &mut Tx<'_>, it: &NewVersion<'_>) -> Result<(), StoreError> {
    let findings = serde_json::to_string(it.findings)
        .map_err(|error| StoreError::Broken(format!("submission_version.findings: {error}")))?;
    let values = params![
        it.county,
        it.submission,
        it.number,
        it.form,
        it.version,
        it.instance_id,
        it.instance_name,
        it.sha256,
        it.xml,
        it.state.as_str(),
        findings,
        it.at,
        it.by,
        it.app_user,
        it.forget_at
    ];
    tx.execute(INSERT_VERSION, values).map(drop)
}

pub fn by_instance(
    tx: &mut Tx<'_>,
    county: Id<Area>,
    form: Id<FormName>,
    instance_id: &str,
) -> Result<Option<Known>, StoreError> {
    let known = |row: Row| {
        let broken = |column: &str| StoreError::Broken(format!("submission_version.{column}"));
        let state: String = row.get(3)?;
        let findings: String = row.get(4)?;
        Ok(Known {
            submission: row.get(0)?,
            number: row.get(1)?,
            sha256: row.get(2)?,
            state: Judged::parse(&state).ok_or_else(|| broken("state"))?,
            findings: serde_json::from_str(&findings).map_err(|_| broken("findings"))?,
        })
    };
    tx.first(BY_INSTANCE, params![county, form, instance_id])?.map(known).transpose()
}

/// Where a version of a record is.
pub type Place = (Id<Area>, Id<Submission>, i64);

/// Enters a file that has not come yet.
pub fn expect_file(tx: &mut Tx<'_>, at: Place, name: &str, forget_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(INSERT_FILE, params![at.0, at.1, at.2, name, forget_at]).map(drop)
}

/// A file that was expected has come.
pub fn put_record_file(
    tx: &mut Tx<'_>,
    at: Place,
    name: &str,
    file: (&[u8], &[u8]),
    when: Timestamp,
) -> Result<(), StoreError> {
    tx.compare_and_set(PUT_FILE, params![at.0, at.1, at.2, name, file.0, file.1, when])
}

/// Takes a file over from this version into the next; rows made: none if this one does not name it.
pub fn carry_record_file(
    tx: &mut Tx<'_>,
    from: Place,
    name: &str,
    forget_at: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(CARRY_FILE, params![from.0, from.1, from.2, name, forget_at])
}

/// The files that a version names, with the hashes of those that have come.
pub fn version_files(tx: &mut Tx<'_>, at: Place) -> Result<Vec<RecordFile>, StoreError> {
    let rows = tx.query(FILES, params![at.0, at.1, at.2])?;
    rows.iter().map(|row| Ok(RecordFile { name: row.get(0)?, sha256: row.get(1)? })).collect()
}

/// Forgets what records say whose time is over. Rows changed.
pub fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let mut changed = 0;
    for sql in [FORGET_VERSIONS, FORGET_FILES, FORGET_COMMENTS] {
        changed += tx.execute(sql, params![now])?;
    }
    Ok(changed)
}

pub fn counts(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for row in tx.query(COUNTS, params![form])? {
        let (state, count): (String, i64) = (row.get(0)?, row.get(1)?);
        match Judged::parse(&state) {
            Some(Judged::Valid) => counts.valid = count,
            Some(Judged::Invalid) => counts.invalid = count,
            Some(Judged::Unchecked) => counts.unchecked = count,
            None => return Err(StoreError::Broken("submission.state".into())),
        }
    }
    Ok(counts)
}
