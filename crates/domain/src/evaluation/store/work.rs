//! The work of posts, counted from the steps of timelines.

use kernel::{AreaPath, Case as CaseName, Id, Organization, Person, Role};
use store::{FromValue, Row, StoreError, Tx, Value, params};

use crate::evaluation::{count::Bounds, figure::WorkFigure};

macro_rules! sums {
    () => {
        "COUNT(*), CAST(COALESCE(SUM(CASE WHEN e.in_time THEN 1 ELSE 0 END), 0) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN e.undone_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT)"
    };
}

// $1 and $2 are the first moment that counts and the first after those that do. The bodies come first: a planner that
// began with the moments would read all steps of the city in the period.
const OF_OFFICES: &str = concat!(
    "SELECT e.organization_id, e.actor_role, e.work, ",
    sums!(),
    " FROM organization o CROSS JOIN case_event e \
     WHERE e.organization_id = o.id AND e.work > 0 AND e.at >= $1 AND e.at < $2 \
     AND o.area_path >= $3 AND o.area_path < $4 GROUP BY e.organization_id, e.actor_role, e.work"
);
const OF_PEOPLE: &str = concat!(
    "SELECT e.actor_id, e.actor_role, e.work, ",
    sums!(),
    " FROM case_event e WHERE e.organization_id = $3 AND e.work > 0 AND e.at >= $1 AND e.at < $2 \
     AND e.actor_id IS NOT NULL GROUP BY e.actor_id, e.actor_role, e.work"
);
// What grid workers reported and was filed.
const VALID_OF_OFFICES: &str = "SELECT e.organization_id, e.actor_role, COUNT(*) \
    FROM organization o CROSS JOIN case_event e CROSS JOIN case_file c \
    WHERE e.organization_id = o.id AND e.work > 0 AND e.work >= 32 AND e.at >= $1 AND e.at < $2 \
    AND c.county_id = e.county_id AND c.id = e.case_id AND c.registered_at < $2 \
    AND o.area_path >= $3 AND o.area_path < $4 GROUP BY e.organization_id, e.actor_role";
const VALID_OF_PEOPLE: &str = "SELECT e.actor_id, e.actor_role, COUNT(*) FROM case_event e \
    JOIN case_file c ON c.county_id = e.county_id AND c.id = e.case_id AND c.registered_at < $2 \
    WHERE e.organization_id = $3 AND e.work >= 32 AND e.at >= $1 AND e.at < $2 AND e.actor_id IS NOT NULL \
    GROUP BY e.actor_id, e.actor_role";
// What came in the period and waits, in the area of each body of grid workers.
const WAITING_OF_TEAMS: &str = "SELECT o.id, c.procedure_id, c.stage, COUNT(*) FROM organization o \
    JOIN case_file c ON c.area_path >= o.area_path \
    AND c.area_path < SUBSTR(o.area_path, 1, CAST(LENGTH(o.area_path) - 1 AS INTEGER)) || '0' \
    WHERE c.status = 'open' AND c.stage_since >= $1 AND c.stage_since < $2 \
    AND o.area_path >= $3 AND o.area_path < $4 AND EXISTS (SELECT 1 FROM post p WHERE p.organization_id = o.id \
    AND p.role IN ('grid_leader', 'grid_assistant', 'grid_supervisor', 'grid_hygienist')) \
    GROUP BY o.id, c.procedure_id, c.stage";

const STEPS: &str = "SELECT e.at, e.case_id FROM case_event e \
    WHERE e.organization_id = $3 AND e.work > 0 AND e.at >= $1 AND e.at < $2 \
    AND (e.work & CAST($4 AS BIGINT)) <> 0 AND (CAST($5 AS TEXT) = '' OR e.actor_role = $5) \
    AND (CAST($6 AS UUID) IS NULL OR e.actor_id = $6) \
    AND CASE $7 WHEN 'in_time' THEN e.in_time WHEN 'right' THEN e.undone_at IS NULL OR e.undone_at >= $2 \
    WHEN 'wrong' THEN e.undone_at < $2 \
    WHEN 'filed' THEN EXISTS (SELECT 1 FROM case_file c WHERE c.county_id = e.county_id AND c.id = e.case_id \
    AND c.registered_at < $2) ELSE TRUE END \
    AND (e.at < $8 OR (e.at = $8 AND e.case_id < $9)) ORDER BY e.at DESC, e.case_id DESC LIMIT $10";
const WAITING: &str = "SELECT c.stage_since, c.id, c.procedure_id, c.stage FROM organization o \
    JOIN case_file c ON c.area_path >= o.area_path \
    AND c.area_path < SUBSTR(o.area_path, 1, CAST(LENGTH(o.area_path) - 1 AS INTEGER)) || '0' \
    WHERE o.id = $3 AND c.status = 'open' AND c.stage_since >= $1 AND c.stage_since < $2 \
    AND (c.stage_since < $4 OR (c.stage_since = $4 AND c.id < $5)) ORDER BY c.stage_since DESC, c.id DESC";

/// Steps of one kind, or of several at once, by whom.
pub struct Sum<Whose> {
    pub whose: Whose,
    pub role: Role,
    /// Bits of `case::Work`.
    pub work: i64,
    pub steps: i64,
    pub in_time: i64,
    pub undone: i64,
}

pub fn of_offices(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    area: &AreaPath,
) -> Result<Vec<Sum<Id<Organization>>>, StoreError> {
    sums(tx, OF_OFFICES, params![bounds.start, bounds.end, area.low(), area.high()])
}

pub fn of_people(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    organization: Id<Organization>,
) -> Result<Vec<Sum<Id<Person>>>, StoreError> {
    sums(tx, OF_PEOPLE, params![bounds.start, bounds.end, organization])
}

fn sums<Whose: FromValue>(
    tx: &mut Tx<'_>,
    text: &'static str,
    values: &[Value],
) -> Result<Vec<Sum<Whose>>, StoreError> {
    let read = |row: &Row| {
        Ok(Sum {
            whose: row.get(0)?,
            role: role(row)?,
            work: row.get(2)?,
            steps: row.get(3)?,
            in_time: row.get(4)?,
            undone: row.get(5)?,
        })
    };
    tx.query(text, values)?.iter().map(read).collect()
}

fn role(row: &Row) -> Result<Role, StoreError> {
    let text: String = row.get(1)?;
    Role::parse(&text).ok_or_else(|| StoreError::Broken(format!("case_event.actor_role {text}")))
}

/// Reports by grid workers that were filed by the end.
pub fn valid_of_offices(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    area: &AreaPath,
) -> Result<Vec<(Id<Organization>, Role, i64)>, StoreError> {
    let values = params![bounds.start, bounds.end, area.low(), area.high()];
    tx.query(VALID_OF_OFFICES, values)?.iter().map(|row| Ok((row.get(0)?, role(row)?, row.get(2)?))).collect()
}

pub fn valid_of_people(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    organization: Id<Organization>,
) -> Result<Vec<(Id<Person>, Role, i64)>, StoreError> {
    let values = params![bounds.start, bounds.end, organization];
    tx.query(VALID_OF_PEOPLE, values)?.iter().map(|row| Ok((row.get(0)?, role(row)?, row.get(2)?))).collect()
}

/// A body, a procedure, a stage of it, and cases.
pub type Waiting = (Id<Organization>, String, String, i64);

/// How many cases wait at which stage of which procedure in the area of each body of grid workers.
pub fn waiting_of_teams(
    tx: &mut Tx<'_>,
    bounds: &Bounds,
    area: &AreaPath,
) -> Result<Vec<Waiting>, StoreError> {
    let values = params![bounds.start, bounds.end, area.low(), area.high()];
    let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    tx.query(WAITING_OF_TEAMS, values)?.iter().map(read).collect()
}

/// The moment of a step (microseconds), and its case.
pub type Place = (i64, Id<CaseName>);

/// Whose steps, and which.
pub struct Wanted {
    pub bounds: Bounds,
    pub organization: Id<Organization>,
    /// None for all of them.
    pub role: Option<Role>,
    pub person: Option<Id<Person>>,
    pub figure: WorkFigure,
}

/// The cases of the steps behind a figure, latest step first; a case stands once for each step.
pub fn steps(
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    kinds: i64,
    after: Place,
    rows: i64,
) -> Result<Vec<Place>, StoreError> {
    let condition = match wanted.figure {
        WorkFigure::FiledOnTime | WorkFigure::VerifiedOnTime | WorkFigure::CheckedOnTime => "in_time",
        WorkFigure::DispatchedRight => "right",
        WorkFigure::Errors => "wrong",
        WorkFigure::ValidReports => "filed",
        _ => "",
    };
    let values = params![
        wanted.bounds.start,
        wanted.bounds.end,
        wanted.organization,
        kinds,
        wanted.role.map_or("", Role::as_str),
        wanted.person,
        condition,
        after.0,
        after.1,
        rows
    ];
    tx.query(STEPS, values)?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The cases that came in the period and wait in the area of a body, with procedure and stage, latest first.
pub fn waiting(
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    after: Place,
) -> Result<Vec<(Place, String, String)>, StoreError> {
    let values = params![wanted.bounds.start, wanted.bounds.end, wanted.organization, after.0, after.1];
    let read = |row: &Row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?));
    tx.query(WAITING, values)?.iter().map(read).collect()
}
