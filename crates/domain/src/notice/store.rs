use kernel::{Area, Case, Id, Notice as NoticeName, Person, Timestamp};
use store::{StoreError, Tx, params};

use super::model::{Notice, NoticeKind};

const INSERT: &str = "INSERT INTO notice (county_id, id, person_id, case_id, kind, detail, at, read_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
const LIST: &str = "SELECT id, case_id, kind, detail, at, read_at FROM notice \
    WHERE person_id = $1 AND (at < $2 OR (at = $2 AND id < $3)) ORDER BY at DESC, id DESC LIMIT $4";
const UNREAD: &str = "SELECT COUNT(*) FROM notice WHERE person_id = $1 AND read_at IS NULL";
const READ_ALL: &str = "UPDATE notice SET read_at = $2 WHERE person_id = $1 AND read_at IS NULL";
const FORGET: &str = "DELETE FROM notice WHERE at < $1";

#[expect(clippy::too_many_arguments, reason = "one per column")]
pub fn insert(
    tx: &mut Tx<'_>,
    county: Id<Area>,
    id: Id<NoticeName>,
    person: Id<Person>,
    case: Id<Case>,
    kind: NoticeKind,
    detail: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(INSERT, params![county, id, person, case, kind.as_str(), detail, at]).map(drop)
}

pub fn list(
    tx: &mut Tx<'_>,
    person: Id<Person>,
    after: Option<(i64, Id<NoticeName>)>,
    rows: i64,
) -> Result<Vec<Notice>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, Id::from_uuid(uuid::Uuid::max())));
    tx.query(LIST, params![person, at, id, rows])?.iter().map(notice).collect()
}

fn notice(row: &store::Row) -> Result<Notice, StoreError> {
    let kind: String = row.get(2)?;
    let seen: Option<i64> = row.get(5)?;
    Ok(Notice {
        id: row.get(0)?,
        case: row.get(1)?,
        kind: NoticeKind::parse(&kind).ok_or_else(|| StoreError::Broken(format!("notice kind {kind}")))?,
        detail: row.get(3)?,
        at: row.get(4)?,
        read: seen.is_some(),
    })
}

pub fn unread(tx: &mut Tx<'_>, person: Id<Person>) -> Result<i64, StoreError> {
    tx.count(UNREAD, params![person])
}

pub fn read_all(tx: &mut Tx<'_>, person: Id<Person>, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(READ_ALL, params![person, at]).map(drop)
}

pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, params![before])
}
