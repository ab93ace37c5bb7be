//! What the clock has to do next, and with which cases.

use kernel::{AreaPath, Case as CaseName, Id, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::{super::model::Case, NEVER, due_moment};

const ALARMED: &str = "SELECT id, next_alarm, procedure_id, stage, stage_due, escalated FROM case_file \
    WHERE next_alarm < $1 AND (next_alarm > $2 OR (next_alarm = $2 AND id > $3)) ORDER BY next_alarm, id LIMIT $4";
const SET_NEXT_ALARM: &str =
    "UPDATE case_file SET next_alarm = $3 WHERE county_id = $1 AND id = $2 AND revision = $4";

const DUE_FROM: &str = "SELECT id FROM case_file WHERE status = 'open' AND area_path >= $1 AND area_path < $2 \
    AND ((stage_due >= $3 AND stage_due < $6) OR due >= $3 OR close_due >= $3) AND id > $4 ORDER BY id LIMIT $5";

/// A case about whose stage the clock has something to say.
#[derive(Clone, Debug)]
pub struct Alarmed {
    pub id: Id<CaseName>,
    pub at: Timestamp,
    pub procedure: String,
    pub stage: String,
    pub stage_due: Option<Timestamp>,
    pub escalated: i64,
}

/// Those before `now`, earliest first; `after` is moment and id of the last row before.
pub fn alarmed(
    tx: &mut Tx<'_>,
    now: Timestamp,
    after: Option<(Timestamp, Id<CaseName>)>,
    rows: i64,
) -> Result<Vec<Alarmed>, StoreError> {
    let (at, id) = after.map_or((i64::MIN, Id::from_uuid(uuid::Uuid::nil())), |(at, id)| (at.micros(), id));
    let alarmed = |row: &Row| {
        Ok(Alarmed {
            id: row.get(0)?,
            at: row.get(1)?,
            procedure: row.get(2)?,
            stage: row.get(3)?,
            stage_due: due_moment(row.get(4)?),
            escalated: row.get(5)?,
        })
    };
    tx.query(ALARMED, params![now, at, id, rows])?.iter().map(alarmed).collect()
}

/// Sets when the clock looks at the case again, and nothing else.
pub fn set_next_alarm(tx: &mut Tx<'_>, case: &Case, at: Option<Timestamp>) -> Result<(), StoreError> {
    tx.compare_and_set(SET_NEXT_ALARM, params![case.county, case.id, at, case.revision])
}

/// Open cases of a subtree with a deadline at `from` or later, by id after `after`.
pub fn due_from(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    from: Timestamp,
    after: Id<CaseName>,
    rows: i64,
) -> Result<Vec<Id<CaseName>>, StoreError> {
    let values = params![path.low(), path.high(), from, after, rows, NEVER];
    tx.query(DUE_FROM, values)?.iter().map(|row| row.get(0)).collect()
}
