//! What is published of cases. The columns that tell of a person are not read here.

use kernel::{AreaPath, Case as CaseName, Id, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::super::{
    event::EventDetail,
    model::{Source, Status},
    public::{Published, Step},
};

macro_rules! public_columns {
    () => {
        "c.id, c.number, c.procedure_id, c.class, c.stage, c.status, c.source, c.area_path, c.place, \
         c.longitude, c.latitude, c.description, o.name, c.reported_at, c.registered_at, c.updated_at, c.stage_due, \
         c.due, c.returns, c.reworks, c.passed_at, c.closed_at, w.at, c.merged_into_id, \
         c.reopens FROM case_file c LEFT JOIN organization o ON o.id = c.owner_id \
         LEFT JOIN case_withheld w ON w.county_id = c.county_id AND w.case_id = c.id"
    };
}

const BY_ID: &str = concat!("SELECT ", public_columns!(), " WHERE c.id = $1");
const LATEST: &str = concat!(
    "SELECT ",
    public_columns!(),
    " WHERE c.reported_at >= $1 AND c.reported_at <= $2 AND (c.reported_at < $2 OR c.id < $3) \
      ORDER BY c.reported_at DESC, c.id DESC LIMIT $4"
);
const CHANGED: &str = concat!(
    "SELECT ",
    public_columns!(),
    " WHERE c.updated_at <= $1 AND c.updated_at >= $2 AND (c.updated_at > $2 OR c.id > $3) \
      ORDER BY c.updated_at, c.id LIMIT $4"
);

/// Notes are free text between people, and what the clock says is no step: they are not published.
const STEPS_OF_CASE: &str = "SELECT e.case_id, e.revision, e.at, c.procedure_id, e.transition, e.to_stage, e.detail \
    FROM case_event e JOIN case_file c ON c.county_id = e.county_id AND c.id = e.case_id \
    WHERE c.id = $1 AND e.transition NOT IN ('note', 'overdue', 'alarm', 'recounted', 'asked', 'granted', 'refused', 'resumed', 'pause_ended', 'withheld', 'remark') \
    AND e.public ORDER BY e.revision";
const STEPS_SINCE: &str = "SELECT e.case_id, e.revision, e.at, c.procedure_id, e.transition, e.to_stage, e.detail \
    FROM case_event e JOIN case_file c ON c.county_id = e.county_id AND c.id = e.case_id \
    WHERE e.at <= $1 AND e.at >= $2 AND (e.at > $2 OR e.case_id > $3 OR (e.case_id = $3 AND e.revision > $4)) \
    AND e.transition NOT IN ('note', 'overdue', 'alarm', 'recounted', 'asked', 'granted', 'refused', 'resumed', 'pause_ended', 'withheld', 'remark') AND e.transition <> 'report' \
    AND e.public ORDER BY e.at, e.case_id, e.revision LIMIT $5";

pub fn published(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Option<Published>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(read).transpose()
}

/// Latest report first, from `from` on, before the row of `before`.
pub fn published_latest(
    tx: &mut Tx<'_>,
    from: Timestamp,
    before: (Timestamp, Id<CaseName>),
    rows: i64,
) -> Result<Vec<Published>, StoreError> {
    tx.query(LATEST, params![from, before.0, before.1, rows])?.iter().map(read).collect()
}

/// In the order of their last change, up to `to`, after the row of `after`.
pub fn published_changed(
    tx: &mut Tx<'_>,
    to: Timestamp,
    after: (Timestamp, Id<CaseName>),
    rows: i64,
) -> Result<Vec<Published>, StoreError> {
    tx.query(CHANGED, params![to, after.0, after.1, rows])?.iter().map(read).collect()
}

pub fn published_steps(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Vec<Step>, StoreError> {
    tx.query(STEPS_OF_CASE, params![id])?.iter().map(read_step).collect()
}

/// Steps of all cases up to `to`, after the one of `after`: its time, case and revision.
pub fn published_steps_since(
    tx: &mut Tx<'_>,
    to: Timestamp,
    after: (Timestamp, Id<CaseName>, i64),
    rows: i64,
) -> Result<Vec<Step>, StoreError> {
    tx.query(STEPS_SINCE, params![to, after.0, after.1, after.2, rows])?.iter().map(read_step).collect()
}

fn read(row: &Row) -> Result<Published, StoreError> {
    let broken = |what: &str| StoreError::Broken(format!("case_file.{what}"));
    let (longitude, latitude): (Option<f64>, Option<f64>) = (row.get(9)?, row.get(10)?);
    let path: AreaPath = row.get(7)?;
    let stage_due: i64 = row.get(16)?;
    Ok(Published {
        id: row.get(0)?,
        number: row.get(1)?,
        procedure: row.get(2)?,
        class: row.get(3)?,
        stage: row.get(4)?,
        status: Status::parse(&row.get::<String>(5)?).ok_or_else(|| broken("status"))?,
        source: Source::parse(&row.get::<String>(6)?).ok_or_else(|| broken("source"))?,
        path,
        place: row.get(8)?,
        position: longitude.zip(latitude),
        description: row.get(11)?,
        owner: row.get(12)?,
        reported_at: row.get(13)?,
        registered_at: row.get(14)?,
        updated_at: row.get(15)?,
        stage_due: super::due_moment(stage_due),
        due: row.get(17)?,
        returns: row.get(18)?,
        reworks: row.get(19)?,
        reopens: row.get(24)?,
        led_by: None,
        is_withheld: row.get::<Option<Timestamp>>(22)?.is_some(),
        merged_into: row.get(23)?,
        ended_at: row.get::<Option<Timestamp>>(20)?.or(row.get(21)?),
    })
}

fn read_step(row: &Row) -> Result<Step, StoreError> {
    let detail: String = row.get(6)?;
    Ok(Step {
        case: row.get(0)?,
        revision: row.get(1)?,
        at: row.get(2)?,
        procedure: row.get(3)?,
        transition: row.get(4)?,
        stage: row.get(5)?,
        detail: serde_json::from_str::<EventDetail>(&detail)
            .map_err(|_| StoreError::Broken("case_event.detail".into()))?,
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::event::{LET_GO, MERGE, NO_TRANSITION, TAKE_IN, UNMERGE},
        *,
    };

    #[test]
    fn what_moves_no_case_is_published_only_where_that_is_meant() {
        // That it was merged is for everybody; what came to a case is internal, and left out as such.
        let meant = ["report", MERGE, UNMERGE, TAKE_IN, LET_GO];
        for word in NO_TRANSITION.into_iter().filter(|it| !meant.contains(it)) {
            for query in [STEPS_OF_CASE, STEPS_SINCE] {
                assert!(query.contains(&format!("'{word}'")), "{word} is not left out of {query}");
            }
        }
    }
}
