//! What a command centre counts and lists. The count and the list of one thing have one condition.

use kernel::{AreaPath, Id, Organization, Timestamp};
use store::{Row, StoreError, Tx, params};
use uuid::Uuid;

use super::{super::work::Work, Case, NEVER, case, case_columns};

/// Where a case stands in a list: microseconds and id.
pub type Key = (i64, Uuid);

// $1 and $2 are the ends of the subtree, $3 the time.
const WAITING: &str = "SELECT owner_id, stage, COUNT(*), \
    CAST(COALESCE(SUM(CASE WHEN next_due < $3 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    MIN(CASE WHEN resumed_at > stage_since THEN resumed_at ELSE stage_since END) FROM case_file \
    WHERE status = 'open' AND owner_id IS NOT NULL AND area_path >= $1 AND area_path < $2 \
    AND (paused_until IS NULL OR paused_until <= $3) GROUP BY owner_id, stage";
const LAST_ACT: &str = "SELECT MAX(at) FROM case_event WHERE organization_id = $1";

// $1 body, $2 stage, $3 and $4 the ends of the subtree, $5 latest next_due, $6 and $7 the key before, $8 rows,
// $9 the time.
const WORK_OF: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.status = 'open' AND c.owner_id = $1 AND c.stage = $2 \
      AND c.area_path >= $3 AND c.area_path < $4 AND c.next_due <= $5 \
      AND (c.paused_until IS NULL OR c.paused_until <= $9) \
      AND (c.next_due > $6 OR (c.next_due = $6 AND c.id > $7)) ORDER BY c.next_due, c.id LIMIT $8"
);

// $1 and $2 are the ends of the subtree, $3 and $4 those of the time; then $5 and $6 the key before, $7 rows.
macro_rules! breaking {
    () => {
        " FROM case_file c WHERE c.status = 'open' AND c.area_path >= $1 AND c.area_path < $2 \
         AND c.next_due >= $3 AND c.next_due < $4"
    };
}
// What came and what ended is counted once, however many bodies support it.
macro_rules! received {
    () => {
        " FROM case_file c WHERE c.reported_at >= $3 AND c.reported_at < $4 AND c.area_path >= $1 AND c.area_path < $2 \
         AND c.parent_id IS NULL"
    };
}
macro_rules! closed {
    () => {
        " FROM case_file c WHERE c.status = 'closed' AND c.closed_at >= $3 AND c.closed_at < $4 \
         AND c.area_path >= $1 AND c.area_path < $2 AND c.parent_id IS NULL"
    };
}
/// Here $5 is the work of a row that says so.
macro_rules! went_overdue {
    () => {
        " FROM case_event e JOIN case_file c ON c.county_id = e.county_id AND c.id = e.case_id \
         WHERE e.at >= $3 AND e.at < $4 AND (e.work & CAST($5 AS BIGINT)) <> 0 AND c.area_path >= $1 AND c.area_path < $2 \
         GROUP BY e.county_id, e.case_id"
    };
}
const COUNT_BREAKING: &str = concat!("SELECT COUNT(*)", breaking!());
const COUNT_RECEIVED: &str = concat!("SELECT COUNT(*)", received!());
const COUNT_CLOSED: &str = concat!("SELECT COUNT(*)", closed!());
const COUNT_WENT_OVERDUE: &str = concat!("SELECT COUNT(*) FROM (SELECT e.case_id", went_overdue!(), ") t");
const BREAKING: &str = concat!(
    "SELECT ",
    case_columns!(),
    breaking!(),
    " AND (c.next_due > $5 OR (c.next_due = $5 AND c.id > $6)) ORDER BY c.next_due, c.id LIMIT $7"
);
const RECEIVED: &str = concat!(
    "SELECT ",
    case_columns!(),
    received!(),
    " AND (c.reported_at < $5 OR (c.reported_at = $5 AND c.id < $6)) ORDER BY c.reported_at DESC, c.id DESC LIMIT $7"
);
const CLOSED: &str = concat!(
    "SELECT ",
    case_columns!(),
    closed!(),
    " AND (c.closed_at < $5 OR (c.closed_at = $5 AND c.id < $6)) ORDER BY c.closed_at DESC, c.id DESC LIMIT $7"
);
const WENT_OVERDUE: &str = concat!(
    "SELECT MAX(e.at), e.case_id",
    went_overdue!(),
    " HAVING MAX(e.at) < $6 OR (MAX(e.at) = $6 AND e.case_id < $7) ORDER BY MAX(e.at) DESC, e.case_id DESC LIMIT $8"
);

/// Open cases that one body has at one stage.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub owner: Id<Organization>,
    pub stage: String,
    pub open: i64,
    pub overdue: i64,
    /// Since when the first of them is there.
    pub since: Timestamp,
}

/// Of a subtree, all that have a body and are not paused.
pub fn waiting(tx: &mut Tx<'_>, path: &AreaPath, now: Timestamp) -> Result<Vec<Waiting>, StoreError> {
    let waiting = |row: &Row| {
        Ok(Waiting {
            owner: row.get(0)?,
            stage: row.get(1)?,
            open: row.get(2)?,
            overdue: row.get(3)?,
            since: row.get(4)?,
        })
    };
    tx.query(WAITING, params![path.low(), path.high(), now])?.iter().map(waiting).collect()
}

/// When somebody of the body last did anything with a case.
pub fn last_act(tx: &mut Tx<'_>, body: Id<Organization>) -> Result<Option<Timestamp>, StoreError> {
    tx.first(LAST_ACT, params![body])?.map_or(Ok(None), |row| row.get(0))
}

/// What a body has at a stage, most urgent first.
pub fn work_of(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    (owner, stage): (Id<Organization>, &str),
    (late_at, now): (Option<Timestamp>, Timestamp),
    (at, id): Key,
    rows: i64,
) -> Result<Vec<Case>, StoreError> {
    let due_max = late_at.map_or(NEVER, |at| at.micros() - 1);
    let values = params![owner, stage, path.low(), path.high(), due_max, at, id, rows, now];
    tx.query(WORK_OF, values)?.iter().map(case).collect()
}

macro_rules! between {
    ($($count:ident $count_text:ident, $list:ident $list_text:ident;)+) => {$(
        pub fn $count(tx: &mut Tx<'_>, path: &AreaPath, from: Timestamp, until: Timestamp) -> Result<i64, StoreError> {
            tx.count($count_text, params![path.low(), path.high(), from, until])
        }

        pub fn $list(
            tx: &mut Tx<'_>,
            path: &AreaPath,
            from: Timestamp,
            until: Timestamp,
            (at, id): Key,
            rows: i64,
        ) -> Result<Vec<Case>, StoreError> {
            let values = params![path.low(), path.high(), from, until, at, id, rows];
            tx.query($list_text, values)?.iter().map(case).collect()
        }
    )+};
}

between! {
    count_breaking COUNT_BREAKING, breaking BREAKING;
    count_received COUNT_RECEIVED, received RECEIVED;
    count_closed_between COUNT_CLOSED, closed CLOSED;
}

/// Cases of which a stage ran over its time then, each once.
pub fn count_went_overdue(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    from: Timestamp,
    until: Timestamp,
) -> Result<i64, StoreError> {
    tx.count(COUNT_WENT_OVERDUE, params![path.low(), path.high(), from, until, Work::OVERRAN.bits()])
}

/// The same, by when the last of their stages did.
pub fn went_overdue(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    from: Timestamp,
    until: Timestamp,
    (at, id): Key,
    rows: i64,
) -> Result<Vec<Key>, StoreError> {
    let values = params![path.low(), path.high(), from, until, Work::OVERRAN.bits(), at, id, rows];
    tx.query(WENT_OVERDUE, values)?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
