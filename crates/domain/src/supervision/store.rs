use kernel::{AreaPath, Case as CaseName, Id, Organization, Role, Supervision, Timestamp};
use policy::Appointment;
use store::{Row, StoreError, Tx, Value, params};

use super::{
    model::{Kind, Order, State},
    query::{Filter, Tally},
};

const INSERT: &str = "INSERT INTO supervision (county_id, id, case_id, area_path, kind, level, requirement, ordered_at, \
    ordered_role, ordered_by, ordered_in, organization_id, due, escalated, state, reply, replied_at, refusals, ended_at, \
    revision, due_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
const UPDATE: &str = "UPDATE supervision SET due = $3, escalated = $4, state = $5, reply = $6, replied_at = $7, \
    refusals = $8, ended_at = $9, revision = $10, due_since = $11 WHERE county_id = $1 AND id = $2 AND revision = $10 - 1";

macro_rules! order_columns {
    () => {
        "county_id, id, case_id, area_path, kind, level, requirement, ordered_at, ordered_role, ordered_by, ordered_in, \
         organization_id, due, escalated, state, reply, replied_at, refusals, ended_at, revision, due_since FROM supervision"
    };
}

const BY_ID: &str = concat!("SELECT ", order_columns!(), " WHERE id = $1");
const OF_CASE: &str = concat!("SELECT ", order_columns!(), " WHERE case_id = $1 ORDER BY ordered_at, id");
const LATE: &str = "SELECT due, id FROM supervision WHERE state = 'waiting' AND escalated = 0 AND due < $1 \
    AND (due > $2 OR (due = $2 AND id > $3)) ORDER BY due, id LIMIT $4";

// Open: $1 state, $2 latest due, $3 and $4 the key before, $5 rows, then the view.
const OPEN_IN_SUBTREE: &str = concat!(
    "SELECT ",
    order_columns!(),
    " WHERE ended_at IS NULL AND area_path >= $6 AND area_path < $7 AND state = $1 AND due <= $2 \
      AND (due > $3 OR (due = $3 AND id > $4)) ORDER BY due, id LIMIT $5"
);
const OPEN_OF_BODY: &str = concat!(
    "SELECT ",
    order_columns!(),
    " WHERE ended_at IS NULL AND organization_id = $6 AND state = $1 AND due <= $2 \
      AND (due > $3 OR (due = $3 AND id > $4)) ORDER BY due, id LIMIT $5"
);
// Ended: $1 and $2 the key before, $3 rows, then the view.
const ENDED_IN_SUBTREE: &str = concat!(
    "SELECT ",
    order_columns!(),
    " WHERE ended_at IS NOT NULL AND area_path >= $4 AND area_path < $5 \
      AND (ended_at < $1 OR (ended_at = $1 AND id < $2)) ORDER BY ended_at DESC, id DESC LIMIT $3"
);
const ENDED_OF_BODY: &str = concat!(
    "SELECT ",
    order_columns!(),
    " WHERE ended_at IS NOT NULL AND organization_id = $4 \
      AND (ended_at < $1 OR (ended_at = $1 AND id < $2)) ORDER BY ended_at DESC, id DESC LIMIT $3"
);

// Open and ended orders each stand whole in indexes of their own.
macro_rules! count_open {
    ($view:literal) => {
        concat!(
            "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN state = 'waiting' AND due < $1 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN state = 'replied' THEN 1 ELSE 0 END), 0) AS BIGINT) FROM supervision \
             WHERE ended_at IS NULL AND ",
            $view
        )
    };
}
const COUNT_IN_SUBTREE: &str = count_open!("area_path >= $2 AND area_path < $3");
const COUNT_OF_BODY: &str = count_open!("organization_id = $2");
const COUNT_ENDED_IN_SUBTREE: &str =
    "SELECT COUNT(*) FROM supervision WHERE ended_at IS NOT NULL AND area_path >= $1 AND area_path < $2";
const COUNT_ENDED_OF_BODY: &str =
    "SELECT COUNT(*) FROM supervision WHERE ended_at IS NOT NULL AND organization_id = $1";
const DUE_FROM: &str = "SELECT id FROM supervision WHERE ended_at IS NULL AND state = 'waiting' \
    AND area_path >= $1 AND area_path < $2 AND due >= $3 AND id > $4 ORDER BY id LIMIT $5";

/// Whose orders are read.
#[derive(Clone, Debug)]
pub enum View {
    /// About cases of a subtree.
    Subtree(AreaPath),
    /// To a body.
    Body(Id<Organization>),
}

impl View {
    fn values(&self) -> Vec<Value> {
        match self {
            View::Subtree(path) => vec![path.low().into(), path.high().into()],
            View::Body(id) => vec![(*id).into()],
        }
    }
}

/// Which of them.
pub struct Conditions {
    pub filter: Filter,
    pub now: Timestamp,
}

/// Where an order stands in a list: microseconds and id.
pub type Key = (i64, Id<Supervision>);

impl Conditions {
    pub fn key(&self, order: &Order) -> Key {
        let at = match self.filter {
            Filter::Ended => order.ended_at.unwrap_or(order.due),
            _ => order.due,
        };
        (at.micros(), order.id)
    }
}

pub fn insert(tx: &mut Tx<'_>, it: &Order) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        params![
            it.county,
            it.id,
            it.case,
            &it.path,
            it.kind.as_str(),
            it.level.as_str(),
            it.requirement.as_str(),
            it.ordered_at,
            it.office.role.as_str(),
            it.office.organization,
            &it.office.area,
            it.organization,
            it.due,
            i64::from(it.escalated),
            it.state.as_str(),
            it.reply.as_str(),
            it.replied_at,
            it.refusals,
            it.ended_at,
            it.revision,
            it.due_since
        ],
    )
    .map(drop)
}

/// Saves an order that was one revision older when it was read.
pub fn save(tx: &mut Tx<'_>, it: &Order) -> Result<(), StoreError> {
    tx.compare_and_set(
        UPDATE,
        params![
            it.county,
            it.id,
            it.due,
            i64::from(it.escalated),
            it.state.as_str(),
            it.reply.as_str(),
            it.replied_at,
            it.refusals,
            it.ended_at,
            it.revision,
            it.due_since
        ],
    )
}

pub fn load(tx: &mut Tx<'_>, id: Id<Supervision>) -> Result<Option<Order>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(order).transpose()
}

/// The first first.
pub fn of_case(tx: &mut Tx<'_>, case: Id<CaseName>) -> Result<Vec<Order>, StoreError> {
    tx.query(OF_CASE, params![case])?.iter().map(order).collect()
}

/// Those whose reply is late and of which nobody above has been told, after the key `after`.
pub fn late(tx: &mut Tx<'_>, now: Timestamp, after: Option<Key>, rows: i64) -> Result<Vec<Key>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MIN, Id::from_uuid(uuid::Uuid::nil())));
    tx.query(LATE, params![now, at, id, rows])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Orders about cases of a subtree whose reply is due at `from` or later, by id after `after`.
pub fn due_from(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    from: Timestamp,
    after: Option<Id<Supervision>>,
    rows: i64,
) -> Result<Vec<Id<Supervision>>, StoreError> {
    let after = after.unwrap_or(Id::from_uuid(uuid::Uuid::nil()));
    let values = params![path.low(), path.high(), from, after, rows];
    tx.query(DUE_FROM, values)?.iter().map(|row| row.get(0)).collect()
}

/// Orders in the order of their filter; `after` is the key of the last row before.
pub fn list(
    tx: &mut Tx<'_>,
    view: &View,
    conditions: &Conditions,
    after: Option<Key>,
    rows: i64,
) -> Result<Vec<Order>, StoreError> {
    let (nil, max) = (Id::from_uuid(uuid::Uuid::nil()), Id::from_uuid(uuid::Uuid::max()));
    let (text, mut values) = match (conditions.filter, view) {
        (Filter::Ended, view) => {
            let (at, id) = after.unwrap_or((i64::MAX, max));
            let text = if matches!(view, View::Subtree(_)) { ENDED_IN_SUBTREE } else { ENDED_OF_BODY };
            (text, params![at, id, rows].to_vec())
        }
        (filter, view) => {
            let (at, id) = after.unwrap_or((i64::MIN, nil));
            let state = if filter == Filter::Replied { State::Replied } else { State::Waiting };
            let latest = if filter == Filter::Late { conditions.now.micros() - 1 } else { i64::MAX };
            let text = if matches!(view, View::Subtree(_)) { OPEN_IN_SUBTREE } else { OPEN_OF_BODY };
            (text, params![state.as_str(), latest, at, id, rows].to_vec())
        }
    };
    values.extend(view.values());
    tx.query(text, &values)?.iter().map(order).collect()
}

pub fn count(tx: &mut Tx<'_>, view: &View, now: Timestamp) -> Result<Tally, StoreError> {
    let (open, ended) = match view {
        View::Subtree(_) => (COUNT_IN_SUBTREE, COUNT_ENDED_IN_SUBTREE),
        View::Body(_) => (COUNT_OF_BODY, COUNT_ENDED_OF_BODY),
    };
    let mut values = params![now].to_vec();
    values.extend(view.values());
    let ended = tx.count(ended, &view.values())?;
    let Some(row) = tx.first(open, &values)? else { return Ok(Tally { ended, ..Tally::default() }) };
    Ok(Tally { waiting: row.get(0)?, late: row.get(1)?, replied: row.get(2)?, ended })
}

fn order(row: &Row) -> Result<Order, StoreError> {
    let broken = |what: &str| StoreError::Broken(format!("supervision.{what}"));
    let word = |index: usize| row.get::<String>(index);
    Ok(Order {
        county: row.get(0)?,
        id: row.get(1)?,
        case: row.get(2)?,
        path: row.get(3)?,
        kind: Kind::parse(&word(4)?).ok_or_else(|| broken("kind"))?,
        level: word(5)?,
        requirement: word(6)?,
        ordered_at: row.get(7)?,
        office: Appointment {
            role: Role::parse(&word(8)?).ok_or_else(|| broken("ordered_role"))?,
            organization: row.get(9)?,
            area: row.get(10)?,
        },
        organization: row.get(11)?,
        due: row.get(12)?,
        escalated: row.get::<i64>(13)? != 0,
        state: State::parse(&word(14)?).ok_or_else(|| broken("state"))?,
        reply: word(15)?,
        replied_at: row.get(16)?,
        refusals: row.get(17)?,
        ended_at: row.get(18)?,
        revision: row.get(19)?,
        due_since: row.get(20)?,
    })
}

#[cfg(test)]
mod tests {
    use store::testing::Scratch;

    use super::*;

    const OF_SUBTREE: &str =
        concat!("EXPLAIN QUERY PLAN ", count_open!("area_path >= $2 AND area_path < $3"));
    const OF_BODY: &str = concat!("EXPLAIN QUERY PLAN ", count_open!("organization_id = $2"));

    #[test]
    fn what_is_open_is_counted_by_indexes_that_hold_nothing_that_ended() {
        let scratch = Scratch::sqlite();
        let plan = |text: &'static str, values: &[Value]| {
            let rows = scratch.db.read::<_, StoreError>(|tx| tx.query(text, values)).unwrap();
            rows.iter().map(|row| row.get::<String>(3).unwrap()).collect::<Vec<_>>().join("\n")
        };
        let body: Id<Organization> = Id::from_uuid(uuid::Uuid::nil());
        let (subtree, of_body) =
            (plan(OF_SUBTREE, params![0_i64, "a", "b"]), plan(OF_BODY, params![0_i64, body]));
        assert!(subtree.contains("INDEX supervision_area ("), "{subtree}");
        assert!(of_body.contains("INDEX supervision_organization ("), "{of_body}");
    }
}
