//! SQL of forms and records.

use kernel::{Form as FormName, FormVersion as VersionName, Id};
use store::{Row, StoreError, Tx, params};

use super::model::{Form, FormFile, FormState, FormVersion, Listed};

mod app_user;
mod submission;

pub use app_user::{find_app_user, insert_app_user, list_app_users, revoke_app_user};
pub use submission::{
    Known, NewVersion, Place, by_instance, carry_file, counts, expect_file, insert_submission,
    insert_version, move_submission, number, put_file, version_files,
};

const INSERT: &str = "INSERT INTO form (id, form_id, title, county_id, area_id, area_path, organization_id, version_id, \
    state, refuses_invalid, created_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE: &str = "UPDATE form SET title = $3, version_id = $4, state = $5, refuses_invalid = $6, revision = $2 + 1 \
    WHERE id = $1 AND revision = $2";

macro_rules! form_columns {
    () => {
        "f.id, f.form_id, f.title, f.county_id, f.area_id, f.area_path, f.organization_id, f.version_id, f.state, \
         f.refuses_invalid, f.created_at, f.revision"
    };
}
macro_rules! version_columns {
    () => {
        "v.id, v.form, v.version, v.md5, v.files, v.published_at"
    };
}
const BY_FORM_ID: &str = concat!("SELECT ", form_columns!(), " FROM form f WHERE f.form_id = $1");
const LIST: &str = concat!(
    "SELECT ",
    form_columns!(),
    ", ",
    version_columns!(),
    " FROM form f JOIN form_version v ON v.id = f.version_id ORDER BY f.form_id LIMIT $1"
);
const INSERT_VERSION: &str = "INSERT INTO form_version (id, form, version, xml, md5, source, files, published_at, \
    published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SET_FILES: &str = "UPDATE form_version SET files = $2 WHERE id = $1";
const VERSION: &str =
    concat!("SELECT ", version_columns!(), " FROM form_version v WHERE v.form = $1 AND v.version = $2");
const VERSION_BY_ID: &str = concat!("SELECT ", version_columns!(), " FROM form_version v WHERE v.id = $1");
const XML: &str = "SELECT xml FROM form_version WHERE id = $1";
const INSERT_FILE: &str = "INSERT INTO form_file (form_version_id, name, md5, bytes) VALUES ($1, $2, $3, $4)";
const FILES: &str = "SELECT name, md5 FROM form_file WHERE form_version_id = $1 ORDER BY name";
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
            it.state.as_str(),
            it.refuses_invalid,
            it.created_at,
            it.revision
        ],
    )
    .map(drop)
}

/// Of a form that nobody has changed since it was read.
pub fn update(tx: &mut Tx<'_>, it: &Form) -> Result<(), StoreError> {
    let values =
        params![it.id, it.revision, it.title.as_str(), it.version, it.state.as_str(), it.refuses_invalid];
    tx.compare_and_set(UPDATE, values)
}

pub fn by_form_id(tx: &mut Tx<'_>, form_id: &str) -> Result<Option<Form>, StoreError> {
    tx.first(BY_FORM_ID, params![form_id])?.as_ref().map(form).transpose()
}

/// By their ids, at most so many.
pub fn list(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Listed>, StoreError> {
    let listed = |row: &Row| Ok(Listed { form: form(row)?, version: version_at(row, 12)? });
    tx.query(LIST, params![rows])?.iter().map(listed).collect()
}

/// A version with its bytes and, if it was made of one, the spreadsheet.
pub struct NewText<'a> {
    pub version: &'a FormVersion,
    pub xml: &'a [u8],
    pub source: Option<&'a [u8]>,
    pub by: Option<Id<kernel::Person>>,
}

pub fn insert_text(tx: &mut Tx<'_>, it: &NewText<'_>) -> Result<(), StoreError> {
    let version = it.version;
    let values = params![
        version.id,
        version.form,
        version.version.as_str(),
        it.xml,
        version.md5.as_str(),
        it.source,
        version.files,
        version.published_at,
        it.by
    ];
    tx.execute(INSERT_VERSION, values).map(drop)
}

pub fn set_files(tx: &mut Tx<'_>, version: Id<VersionName>, files: i64) -> Result<(), StoreError> {
    tx.execute(SET_FILES, params![version, files]).map(drop)
}

pub fn version(
    tx: &mut Tx<'_>,
    form: Id<FormName>,
    version: &str,
) -> Result<Option<FormVersion>, StoreError> {
    tx.first(VERSION, params![form, version])?.map(|row| version_at(&row, 0)).transpose()
}

pub fn version_by_id(tx: &mut Tx<'_>, id: Id<VersionName>) -> Result<Option<FormVersion>, StoreError> {
    tx.first(VERSION_BY_ID, params![id])?.map(|row| version_at(&row, 0)).transpose()
}

pub fn xml(tx: &mut Tx<'_>, id: Id<VersionName>) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(XML, params![id])?.map(|row| row.get(0)).transpose()
}

pub fn insert_file(
    tx: &mut Tx<'_>,
    version: Id<VersionName>,
    file: &FormFile,
    bytes: &[u8],
) -> Result<(), StoreError> {
    tx.execute(INSERT_FILE, params![version, file.name.as_str(), file.md5.as_str(), bytes]).map(drop)
}

pub fn files(tx: &mut Tx<'_>, version: Id<VersionName>) -> Result<Vec<FormFile>, StoreError> {
    let file = |row: &Row| Ok(FormFile { name: row.get(0)?, md5: row.get(1)? });
    tx.query(FILES, params![version])?.iter().map(file).collect()
}

pub fn file(tx: &mut Tx<'_>, version: Id<VersionName>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first(FILE, params![version, name])?.map(|row| row.get(0)).transpose()
}

fn form(row: &Row) -> Result<Form, StoreError> {
    let state: String = row.get(8)?;
    Ok(Form {
        id: row.get(0)?,
        form_id: row.get(1)?,
        title: row.get(2)?,
        county: row.get(3)?,
        area: row.get(4)?,
        area_path: row.get(5)?,
        organization: row.get(6)?,
        version: row.get(7)?,
        state: FormState::parse(&state).ok_or_else(|| StoreError::Broken("form.state".into()))?,
        refuses_invalid: row.get(9)?,
        created_at: row.get(10)?,
        revision: row.get(11)?,
    })
}

fn version_at(row: &Row, first: usize) -> Result<FormVersion, StoreError> {
    Ok(FormVersion {
        id: row.get(first)?,
        form: row.get(first + 1)?,
        version: row.get(first + 2)?,
        md5: row.get(first + 3)?,
        files: row.get(first + 4)?,
        published_at: row.get(first + 5)?,
    })
}
