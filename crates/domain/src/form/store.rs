//! SQL of forms and records.

use kernel::{Form as FormName, FormVersion as VersionName, Id, Person};
use store::{Row, StoreError, Tx, params};

use super::model::{Form, FormFile, FormState, FormVersion, Listed};

mod app_user;
mod draft;
mod record;
mod submission;

pub use app_user::{
    app_user_by_number, app_user_name, assign, assigned, find_app_user, insert_app_user, is_assigned,
    list_app_users, revoke_app_user,
};
pub use draft::{
    delete_draft, delete_draft_file, draft, draft_files, draft_for, drafts, forget_drafts, insert_draft, own,
    put_draft_file, sent_by, update_draft,
};
pub use record::{comments, insert_comment, record, record_file, records, review, version_xml, versions_of};
pub use submission::{
    Known, NewVersion, Place, authors, by_instance, carry_record_file, counts, expect_file, forget,
    insert_submission, insert_submission_version, move_submission, number, put_record_file, sender, unit,
    version_files,
};

const INSERT: &str = "INSERT INTO form (id, form_id, title, county_id, area_id, area_path, organization_id, version_id, \
    draft_id, state, refuses_invalid, answer_days, created_at, updated_at, revision) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const UPDATE: &str = "UPDATE form SET title = $3, version_id = $4, draft_id = $5, state = $6, refuses_invalid = $7, \
    answer_days = $8, updated_at = $9, revision = $2 + 1 WHERE id = $1 AND revision = $2";
const HOLD: &str = "UPDATE form SET revision = revision WHERE id = $1";

macro_rules! form_columns {
    () => {
        "f.id, f.form_id, f.title, f.county_id, f.area_id, f.area_path, f.organization_id, f.version_id, f.draft_id, \
         f.state, f.refuses_invalid, f.answer_days, f.created_at, f.updated_at, f.revision"
    };
}
macro_rules! version_columns {
    () => {
        "v.id, v.form, v.version, v.md5, v.files, v.created_at, v.published_at"
    };
}
const FORM_COLUMNS: usize = 15;
const BY_FORM_ID: &str = concat!("SELECT ", form_columns!(), " FROM form f WHERE f.form_id = $1");
const LIST: &str = concat!(
    "SELECT ",
    form_columns!(),
    ", ",
    version_columns!(),
    " FROM form f JOIN form_version v ON v.id = COALESCE(f.version_id, f.draft_id) ORDER BY f.form_id LIMIT $1"
);
const INSERT_VERSION: &str = "INSERT INTO form_version (id, form, version, xml, md5, source, files, created_at, \
    created_by, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const PUBLISH_VERSION: &str =
    "UPDATE form_version SET version = $2, xml = $3, md5 = $4, files = $5, published_at = $6 WHERE id = $1";
const DELETE_VERSION: &str = "DELETE FROM form_version WHERE id = $1 AND published_at IS NULL";
const DELETE_FILES: &str = "DELETE FROM form_file WHERE form_version_id = $1";
const SET_FILES: &str = "UPDATE form_version SET files = $2 WHERE id = $1";
const VERSION: &str = concat!(
    "SELECT ",
    version_columns!(),
    " FROM form_version v WHERE v.form = $1 AND v.version = $2 AND v.published_at IS NOT NULL"
);
const VERSIONS: &str = concat!(
    "SELECT ",
    version_columns!(),
    " FROM form_version v WHERE v.form = $1 AND v.published_at IS NOT NULL ORDER BY v.published_at DESC, v.id DESC LIMIT $2"
);
const VERSION_BY_ID: &str = concat!("SELECT ", version_columns!(), " FROM form_version v WHERE v.id = $1");
const TEXT: &str = "SELECT xml, source FROM form_version WHERE id = $1";
const INSERT_FILE: &str = "INSERT INTO form_file (form_version_id, name, md5, bytes) VALUES ($1, $2, $3, $4)";
const DELETE_FILE: &str = "DELETE FROM form_file WHERE form_version_id = $1 AND name = $2";
const FILE_TO_CARRY: &str = "SELECT md5, bytes FROM form_file WHERE form_version_id = $1 AND name = $2";
const FILES: &str = "SELECT name, md5 FROM form_file WHERE form_version_id = $1 ORDER BY name";
const COUNT_FILES: &str = "SELECT COUNT(*) FROM form_file WHERE form_version_id = $1";
const FILE: &str = "SELECT bytes FROM form_file WHERE form_version_id = $1 AND name = $2";

pub fn insert(tx: &mut Tx<'_>, it: &Form) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        params![
            it.id,
            it.form_id.as_str(),
            it.title.as_str(),
            it.county,
            it.area,
            &it.area_path,
            it.organization,
            it.version,
            it.draft,
            it.state.as_str(),
            it.refuses_invalid,
            it.answer_days,
            it.created_at,
            it.updated_at,
            it.revision
        ],
    )
    .map(drop)
}

/// Of a form that nobody has changed since it was read.
pub fn update(tx: &mut Tx<'_>, it: &Form) -> Result<(), StoreError> {
    let values = params![
        it.id,
        it.revision,
        it.title.as_str(),
        it.version,
        it.draft,
        it.state.as_str(),
        it.refuses_invalid,
        it.answer_days,
        it.updated_at
    ];
    tx.compare_and_set(UPDATE, values)
}

/// Changes nothing, but meets whoever changes it at the same time.
pub fn hold(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<(), StoreError> {
    tx.execute(HOLD, params![form]).map(drop)
}

pub fn by_form_id(tx: &mut Tx<'_>, form_id: &str) -> Result<Option<Form>, StoreError> {
    tx.first(BY_FORM_ID, params![form_id])?.as_ref().map(form).transpose()
}

/// By their ids, at most so many.
pub fn list(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Listed>, StoreError> {
    let listed = |row: &Row| Ok(Listed { form: form(row)?, version: version_at(row, FORM_COLUMNS)? });
    tx.query(LIST, params![rows])?.iter().map(listed).collect()
}

/// With its XML and, if it was made of one, its spreadsheet.
pub fn insert_version(
    tx: &mut Tx<'_>,
    it: &FormVersion,
    (xml, source): (&[u8], Option<&[u8]>),
    by: Option<Id<Person>>,
) -> Result<(), StoreError> {
    let values = params![
        it.id,
        it.form,
        it.version.as_str(),
        xml,
        it.md5.as_str(),
        source,
        it.files,
        it.created_at,
        by,
        it.published_at
    ];
    tx.execute(INSERT_VERSION, values).map(drop)
}

/// With the XML under which it goes out.
pub fn publish_version(tx: &mut Tx<'_>, it: &FormVersion, xml: &[u8]) -> Result<(), StoreError> {
    let values = params![it.id, it.version.as_str(), xml, it.md5.as_str(), it.files, it.published_at];
    tx.execute(PUBLISH_VERSION, values).map(drop)
}

/// A draft, with its files.
pub fn delete_version(tx: &mut Tx<'_>, version: Id<VersionName>) -> Result<(), StoreError> {
    if tx.execute(DELETE_VERSION, params![version])? > 0 {
        tx.execute(DELETE_FILES, params![version])?;
    }
    Ok(())
}

pub fn set_files(tx: &mut Tx<'_>, version: Id<VersionName>, files: i64) -> Result<(), StoreError> {
    tx.execute(SET_FILES, params![version, files]).map(drop)
}

/// A published one.
pub fn version(
    tx: &mut Tx<'_>,
    form: Id<FormName>,
    version: &str,
) -> Result<Option<FormVersion>, StoreError> {
    tx.first(VERSION, params![form, version])?.map(|row| version_at(&row, 0)).transpose()
}

/// The published ones, latest first.
pub fn versions(tx: &mut Tx<'_>, form: Id<FormName>, rows: i64) -> Result<Vec<FormVersion>, StoreError> {
    tx.query(VERSIONS, params![form, rows])?.iter().map(|row| version_at(row, 0)).collect()
}

pub fn version_by_id(tx: &mut Tx<'_>, id: Id<VersionName>) -> Result<Option<FormVersion>, StoreError> {
    tx.first(VERSION_BY_ID, params![id])?.map(|row| version_at(&row, 0)).transpose()
}

/// XML and spreadsheet.
pub type Text = (Vec<u8>, Option<Vec<u8>>);

pub fn text(tx: &mut Tx<'_>, id: Id<VersionName>) -> Result<Option<Text>, StoreError> {
    tx.first(TEXT, params![id])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// In place of one of the same name, with the MD5 of its bytes.
pub fn put_file(
    tx: &mut Tx<'_>,
    version: Id<VersionName>,
    (name, md5): (&str, &str),
    bytes: &[u8],
) -> Result<(), StoreError> {
    tx.execute(DELETE_FILE, params![version, name])?;
    tx.execute(INSERT_FILE, params![version, name, md5, bytes]).map(drop)
}

/// From one version to another, if the first has it.
pub fn carry_file(
    tx: &mut Tx<'_>,
    (from, to): (Id<VersionName>, Id<VersionName>),
    name: &str,
) -> Result<(), StoreError> {
    let Some(row) = tx.first(FILE_TO_CARRY, params![from, name])? else { return Ok(()) };
    let (md5, bytes): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
    put_file(tx, to, (name, &md5), &bytes)
}

pub fn files(tx: &mut Tx<'_>, version: Id<VersionName>) -> Result<Vec<FormFile>, StoreError> {
    let file = |row: &Row| Ok(FormFile { name: row.get(0)?, md5: row.get(1)? });
    tx.query(FILES, params![version])?.iter().map(file).collect()
}

pub fn count_files(tx: &mut Tx<'_>, version: Id<VersionName>) -> Result<i64, StoreError> {
    tx.count(COUNT_FILES, params![version])
}

pub fn file(tx: &mut Tx<'_>, version: Id<VersionName>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(FILE, params![version, name])?.map(|row| row.get(0)).transpose()
}

fn form(row: &Row) -> Result<Form, StoreError> {
    let state: String = row.get(9)?;
    Ok(Form {
        id: row.get(0)?,
        form_id: row.get(1)?,
        title: row.get(2)?,
        county: row.get(3)?,
        area: row.get(4)?,
        area_path: row.get(5)?,
        organization: row.get(6)?,
        version: row.get(7)?,
        draft: row.get(8)?,
        state: FormState::parse(&state).ok_or_else(|| StoreError::Broken("form.state".into()))?,
        refuses_invalid: row.get(10)?,
        answer_days: row.get(11)?,
        created_at: row.get(12)?,
        updated_at: row.get(13)?,
        revision: row.get(14)?,
    })
}

fn version_at(row: &Row, first: usize) -> Result<FormVersion, StoreError> {
    Ok(FormVersion {
        id: row.get(first)?,
        form: row.get(first + 1)?,
        version: row.get(first + 2)?,
        md5: row.get(first + 3)?,
        files: row.get(first + 4)?,
        created_at: row.get(first + 5)?,
        published_at: row.get(first + 6)?,
    })
}
