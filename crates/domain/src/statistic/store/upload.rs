use kernel::{Id, Person, StatisticUpload, Timestamp};
use store::{StoreError, Tx, params};

const INSERT: &str = "INSERT INTO statistic_upload (id, person_id, data_set, area_code, period, content, forget_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const BY_ID: &str =
    "SELECT id, person_id, data_set, area_code, period, content FROM statistic_upload WHERE id = $1";
const WAITING: &str = "SELECT COUNT(*) FROM statistic_upload WHERE person_id = $1";
const DELETE: &str = "DELETE FROM statistic_upload WHERE id = $1";
const FORGET: &str = "DELETE FROM statistic_upload WHERE forget_at < $1";

/// A workbook that waits for its sender's word.
pub struct Upload {
    pub id: Id<StatisticUpload>,
    pub person: Id<Person>,
    pub data_set: String,
    /// Code of the area with the units.
    pub area: String,
    pub period: String,
    pub content: Vec<u8>,
}

pub fn insert_upload(tx: &mut Tx<'_>, it: &Upload, forget_at: Timestamp) -> Result<(), StoreError> {
    let set = params![it.id, it.person, &it.data_set, &it.area, &it.period, &it.content[..], forget_at];
    tx.execute(INSERT, set).map(drop)
}

pub fn upload(tx: &mut Tx<'_>, id: Id<StatisticUpload>) -> Result<Option<Upload>, StoreError> {
    let Some(row) = tx.first(BY_ID, params![id])? else { return Ok(None) };
    Ok(Some(Upload {
        id: row.get(0)?,
        person: row.get(1)?,
        data_set: row.get(2)?,
        area: row.get(3)?,
        period: row.get(4)?,
        content: row.get(5)?,
    }))
}

/// How many of a person's wait.
pub fn waiting(tx: &mut Tx<'_>, person: Id<Person>) -> Result<i64, StoreError> {
    tx.count(WAITING, params![person])
}

pub fn delete_upload(tx: &mut Tx<'_>, id: Id<StatisticUpload>) -> Result<(), StoreError> {
    tx.execute(DELETE, params![id]).map(drop)
}

pub fn forget_uploads(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, params![now])
}
