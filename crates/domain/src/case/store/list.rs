//! Lists, each read in the order of an index or sorted where it is sure to be short, and counts of open and of
//! closed cases.

use kernel::{AreaPath, Case as CaseName, Id, Organization, Person, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use super::{super::model::Status, Case, NEVER, case, case_columns};

/// Up to so many cases of an area are all looked at and sorted for a list of those that have ended. An area with
/// more has enough of them among the latest that ended anywhere.
const SORTED_MAX: i64 = 1_000;

// Open: $1 stage, $2 latest next_due, $3 fewest returns, $4 class, $5 and $6 the key before, $7 rows, $8 fewest
// reopens, then the view.
const OPEN_IN_SUBTREE: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.status = 'open' AND c.area_path >= $9 AND c.area_path < $10 \
      AND (CAST($1 AS TEXT) IS NULL OR c.stage = $1) AND c.next_due <= $2 AND c.returns >= $3 AND c.reopens >= $8 \
      AND (CAST($4 AS TEXT) IS NULL OR c.class = $4) \
      AND (c.next_due > $5 OR (c.next_due = $5 AND c.id > $6)) ORDER BY c.next_due, c.id LIMIT $7"
);
const OPEN_OF_OWNER: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.status = 'open' AND c.owner_id = $9 \
      AND (CAST($1 AS TEXT) IS NULL OR c.stage = $1) AND c.next_due <= $2 AND c.returns >= $3 AND c.reopens >= $8 \
      AND (CAST($4 AS TEXT) IS NULL OR c.class = $4) \
      AND (c.next_due > $5 OR (c.next_due = $5 AND c.id > $6)) ORDER BY c.next_due, c.id LIMIT $7"
);
const OPEN_OF_REPORTER: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.status = 'open' AND c.reporter_id = $9 \
      AND (CAST($1 AS TEXT) IS NULL OR c.stage = $1) AND c.next_due <= $2 AND c.returns >= $3 AND c.reopens >= $8 \
      AND (CAST($4 AS TEXT) IS NULL OR c.class = $4) \
      AND (c.next_due > $5 OR (c.next_due = $5 AND c.id > $6)) ORDER BY c.next_due, c.id LIMIT $7"
);

// Ended: $1 status, $2 stage, $3 class, $4 earliest closed_at, $5 and $6 the key before, $7 rows, then the view.
// Compared as a pair, the key is where both engines start in the index.
const ENDED_IN_SUBTREE: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.status = $1 AND c.closed_at >= $4 \
      AND (c.closed_at, c.id) < ($5, $6) AND c.area_path >= $8 AND c.area_path < $9 \
      AND (CAST($2 AS TEXT) IS NULL OR c.stage = $2) AND (CAST($3 AS TEXT) IS NULL OR c.class = $3) \
      ORDER BY c.closed_at DESC, c.id DESC LIMIT $7"
);
/// The same cases; a status that might be any keeps SQLite from the index of all that ended.
const ENDED_IN_SMALL_SUBTREE: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE (CAST($1 AS TEXT) IS NULL OR c.status = $1) AND c.closed_at >= $4 \
      AND (c.closed_at, c.id) < ($5, $6) AND c.area_path >= $8 AND c.area_path < $9 \
      AND (CAST($2 AS TEXT) IS NULL OR c.stage = $2) AND (CAST($3 AS TEXT) IS NULL OR c.class = $3) \
      ORDER BY c.closed_at DESC, c.id DESC LIMIT $7"
);
const CASES_UP_TO: &str =
    "SELECT COUNT(*) FROM (SELECT id FROM case_file WHERE area_path >= $1 AND area_path < $2 LIMIT $3) t";
const ENDED_OF_HANDLER: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_handling h JOIN case_file c ON c.county_id = h.county_id AND c.id = h.case_id \
      WHERE h.organization_id = $8 AND h.closed_at >= $4 \
      AND (h.closed_at, h.case_id) < ($5, $6) AND c.status = $1 \
      AND (CAST($2 AS TEXT) IS NULL OR c.stage = $2) AND (CAST($3 AS TEXT) IS NULL OR c.class = $3) \
      ORDER BY h.closed_at DESC, h.case_id DESC LIMIT $7"
);
/// What one person reported is little: it is sorted, as in a small subtree.
const ENDED_OF_REPORTER: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE (CAST($1 AS TEXT) IS NULL OR c.status = $1) AND c.closed_at >= $4 \
      AND (c.closed_at, c.id) < ($5, $6) AND c.reporter_id = $8 \
      AND (CAST($2 AS TEXT) IS NULL OR c.stage = $2) AND (CAST($3 AS TEXT) IS NULL OR c.class = $3) \
      ORDER BY c.closed_at DESC, c.id DESC LIMIT $7"
);

// With any status: $1 stage, $2 class, $3 and $4 the key before, $5 rows, then the view.
const ALL_IN_SUBTREE: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.area_path >= $6 AND c.area_path < $7 \
      AND (CAST($1 AS TEXT) IS NULL OR c.stage = $1) AND (CAST($2 AS TEXT) IS NULL OR c.class = $2) \
      AND (c.reported_at < $3 OR (c.reported_at = $3 AND c.id < $4)) ORDER BY c.reported_at DESC, c.id DESC LIMIT $5"
);
const ALL_OF_HANDLER: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_handling h JOIN case_file c ON c.county_id = h.county_id AND c.id = h.case_id \
      WHERE h.organization_id = $6 \
      AND (CAST($1 AS TEXT) IS NULL OR c.stage = $1) AND (CAST($2 AS TEXT) IS NULL OR c.class = $2) \
      AND (h.reported_at < $3 OR (h.reported_at = $3 AND h.case_id < $4)) \
      ORDER BY h.reported_at DESC, h.case_id DESC LIMIT $5"
);
const ALL_OF_REPORTER: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.reporter_id = $6 \
      AND (CAST($1 AS TEXT) IS NULL OR c.stage = $1) AND (CAST($2 AS TEXT) IS NULL OR c.class = $2) \
      AND (c.reported_at < $3 OR (c.reported_at = $3 AND c.id < $4)) ORDER BY c.reported_at DESC, c.id DESC LIMIT $5"
);

/// Open cases of a subtree by the first `$3` characters of their path and by stage.
const COUNT_OPEN_IN_SUBTREE: &str = "SELECT SUBSTR(area_path, 1, CAST($3 AS INTEGER)), stage, COUNT(*), \
    CAST(COALESCE(SUM(CASE WHEN next_due < $4 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN returns > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN reopens > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM case_file \
    WHERE status = 'open' AND area_path >= $1 AND area_path < $2 GROUP BY 1, 2";
const COUNT_OPEN_OF_OWNER: &str = "SELECT area_path, stage, COUNT(*), \
    CAST(COALESCE(SUM(CASE WHEN next_due < $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN returns > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN reopens > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), owner_id FROM case_file \
    WHERE status = 'open' AND owner_id = $1 GROUP BY area_path, stage, owner_id";
const COUNT_OPEN_OF_REPORTER: &str = "SELECT area_path, stage, COUNT(*), \
    CAST(COALESCE(SUM(CASE WHEN next_due < $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN returns > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
    CAST(COALESCE(SUM(CASE WHEN reopens > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), owner_id FROM case_file \
    WHERE status = 'open' AND reporter_id = $1 GROUP BY area_path, stage, owner_id";
const COUNT_CLOSED: &str = "SELECT SUBSTR(area_path, 1, CAST($3 AS INTEGER)), COUNT(*) FROM case_file \
    WHERE status = 'closed' AND closed_at >= $4 AND area_path >= $1 AND area_path < $2 GROUP BY 1";

/// Whose cases are read.
#[derive(Clone, Debug)]
pub enum View {
    Subtree(AreaPath),
    /// Those open that a body has to handle; those ended, or of any status, that it ever was given.
    Owner(Id<Organization>),
    Reporter(Id<Person>),
}

impl View {
    fn values(&self) -> Vec<Value> {
        match self {
            View::Subtree(path) => vec![path.low().into(), path.high().into()],
            View::Owner(owner) => vec![(*owner).into()],
            View::Reporter(person) => vec![(*person).into()],
        }
    }

    pub fn subtree(&self) -> Option<&AreaPath> {
        if let View::Subtree(path) = self { Some(path) } else { None }
    }

    /// Whether it holds the open cases that were counted together through a view after it.
    pub fn holds(&self, count: &OpenCount) -> bool {
        match self {
            View::Subtree(path) => count.place.starts_with(path.as_str()),
            View::Owner(owner) => count.owner == Some(*owner),
            View::Reporter(_) => false,
        }
    }
}

/// By what a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Open cases, most urgent first.
    NextDue,
    /// Cases that have ended, the last that did first.
    ClosedAt,
    /// Cases of any status, latest report first.
    ReportedAt,
}

/// Where a case stands in an order: microseconds and id.
pub type Key = (i64, Id<CaseName>);

impl Order {
    pub fn of(status: Option<Status>) -> Self {
        match status {
            Some(Status::Open) => Order::NextDue,
            Some(Status::Closed | Status::Void) => Order::ClosedAt,
            None => Order::ReportedAt,
        }
    }

    pub fn key(self, case: &Case) -> Key {
        let at = match self {
            Order::NextDue => case.next_due().map_or(NEVER, Timestamp::micros),
            Order::ClosedAt => case.closed_at.map_or(i64::MIN, Timestamp::micros),
            Order::ReportedAt => case.reported_at.micros(),
        };
        (at, case.id)
    }

    /// The key before that of every case.
    fn start(self) -> Key {
        match self {
            Order::NextDue => (i64::MIN, Id::from_uuid(uuid::Uuid::nil())),
            Order::ClosedAt | Order::ReportedAt => (i64::MAX, Id::from_uuid(uuid::Uuid::max())),
        }
    }
}

/// Which cases a list is about, besides the view it is read through.
#[derive(Clone, Debug, Default)]
pub struct Conditions<'a> {
    pub status: Option<Status>,
    pub stage: Option<&'a str>,
    pub class: Option<&'a str>,
    /// Of the open, only those that were due before, at their stage or as a whole.
    pub late_at: Option<Timestamp>,
    /// Of the open, only those that were returned at least this often.
    pub returns_min: i64,
    /// Of the open, only those that were opened again at least this often.
    pub reopens_min: i64,
    /// Of those that ended, only those that did then or later.
    pub closed_since: Option<Timestamp>,
}

/// Cases in the order of their status; `after` is the key of the last row before.
pub fn list(
    tx: &mut Tx<'_>,
    view: &View,
    conditions: &Conditions<'_>,
    after: Option<Key>,
    rows: i64,
) -> Result<Vec<Case>, StoreError> {
    let order = Order::of(conditions.status);
    let (at, id) = after.unwrap_or(order.start());
    let Conditions { status, stage, class, .. } = *conditions;
    let mut values = match order {
        Order::NextDue => {
            let due_max = conditions.late_at.map_or(NEVER, |at| at.micros() - 1);
            params![stage, due_max, conditions.returns_min, class, at, id, rows, conditions.reopens_min]
                .to_vec()
        }
        Order::ClosedAt => {
            let since = conditions.closed_since.map_or(i64::MIN, Timestamp::micros);
            params![status.map(Status::as_str), stage, class, since, at, id, rows].to_vec()
        }
        Order::ReportedAt => params![stage, class, at, id, rows].to_vec(),
    };
    values.extend(view.values());
    let text = match (order, view) {
        (Order::NextDue, View::Subtree(_)) => OPEN_IN_SUBTREE,
        (Order::NextDue, View::Owner(_)) => OPEN_OF_OWNER,
        (Order::NextDue, View::Reporter(_)) => OPEN_OF_REPORTER,
        (Order::ClosedAt, View::Subtree(path)) if is_small(tx, path)? => ENDED_IN_SMALL_SUBTREE,
        (Order::ClosedAt, View::Subtree(_)) => ENDED_IN_SUBTREE,
        (Order::ClosedAt, View::Owner(_)) => ENDED_OF_HANDLER,
        (Order::ClosedAt, View::Reporter(_)) => ENDED_OF_REPORTER,
        (Order::ReportedAt, View::Subtree(_)) => ALL_IN_SUBTREE,
        (Order::ReportedAt, View::Owner(_)) => ALL_OF_HANDLER,
        (Order::ReportedAt, View::Reporter(_)) => ALL_OF_REPORTER,
    };
    tx.query(text, &values)?.iter().map(case).collect()
}

fn is_small(tx: &mut Tx<'_>, path: &AreaPath) -> Result<bool, StoreError> {
    let cases = tx.count(CASES_UP_TO, params![path.low(), path.high(), SORTED_MAX + 1])?;
    Ok(cases <= SORTED_MAX)
}

/// Open cases at one stage of those in one place, or of those of one owner in one place.
#[derive(Clone, Debug)]
pub struct OpenCount {
    /// The start of the path that they share, or all of it.
    pub place: String,
    /// Read through a body or a reporter only.
    pub owner: Option<Id<Organization>>,
    pub stage: String,
    pub open: i64,
    pub overdue: i64,
    pub returned: i64,
    pub reopened: i64,
}

/// Open cases of a view; those of a subtree by the first `length` characters of their path.
pub fn count_open(
    tx: &mut Tx<'_>,
    view: &View,
    length: usize,
    now: Timestamp,
) -> Result<Vec<OpenCount>, StoreError> {
    let rows = match view {
        View::Subtree(path) => {
            tx.query(COUNT_OPEN_IN_SUBTREE, params![path.low(), path.high(), length as i64, now])?
        }
        View::Owner(owner) => tx.query(COUNT_OPEN_OF_OWNER, params![*owner, now])?,
        View::Reporter(person) => tx.query(COUNT_OPEN_OF_REPORTER, params![*person, now])?,
    };
    let has_owner = !matches!(view, View::Subtree(_));
    let count = |row: &Row| {
        Ok(OpenCount {
            place: row.get(0)?,
            stage: row.get(1)?,
            open: row.get(2)?,
            overdue: row.get(3)?,
            returned: row.get(4)?,
            reopened: row.get(5)?,
            owner: if has_owner { row.get(6)? } else { None },
        })
    };
    rows.iter().map(count).collect()
}

/// `(start of the path, closed)` of a subtree for each start of `length` characters.
pub fn count_closed(
    tx: &mut Tx<'_>,
    path: &AreaPath,
    length: usize,
    since: Timestamp,
) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx.query(COUNT_CLOSED, params![path.low(), path.high(), length as i64, since])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
