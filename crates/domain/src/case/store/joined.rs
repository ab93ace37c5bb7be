//! Cases that belong together: what lies near, what was merged, what supports.

use kernel::{AreaPath, Case as CaseName, Id, Organization, Person, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::{
    super::{
        joint::Support,
        model::{Case, Status},
    },
    case, case_columns,
};

// A narrow band of one class, by an index that holds all that is asked.
const NEAR: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.status = 'open' AND c.class = $1 AND c.latitude >= $2 AND c.latitude <= $3 \
      AND c.longitude >= $4 AND c.longitude <= $5 AND c.reported_at >= $6 AND c.area_path >= $7 AND c.area_path < $8 \
      AND c.parent_id IS NULL ORDER BY c.reported_at, c.id LIMIT $9"
);
const MERGED_INTO: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM case_file c WHERE c.merged_into_id = $1 ORDER BY c.id LIMIT 200"
);
const CHILDREN: &str =
    concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.parent_id = $1 ORDER BY c.id LIMIT 200");
const SUPPORT: &str = "SELECT id, status, owner_id FROM case_file WHERE parent_id = $1 ORDER BY id LIMIT 200";
const OWNER: &str = "SELECT owner_id FROM case_file WHERE id = $1";

const HANDLERS_OF_SUPPORT: &str = "SELECT DISTINCT e.actor_id FROM case_file c JOIN case_event e \
    ON e.county_id = c.county_id AND e.case_id = c.id WHERE c.parent_id = $1 AND e.part = 'handler' \
    AND e.actor_id IS NOT NULL ORDER BY e.actor_id LIMIT 1000";
const HANDLERS: &str = "SELECT DISTINCT e.actor_id FROM case_file c JOIN case_event e \
    ON e.county_id = c.county_id AND e.case_id = c.id WHERE c.id = $1 AND e.part = 'handler' \
    AND e.actor_id IS NOT NULL ORDER BY e.actor_id LIMIT 1000";

/// The sides of a box, in degrees.
#[derive(Clone, Copy, Debug)]
pub struct Degrees {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

/// Rows of open cases of a class in a box and an area, reported since; the first that were.
pub fn near(
    tx: &mut Tx<'_>,
    class: &str,
    area: &AreaPath,
    degrees: &Degrees,
    since: Timestamp,
    rows: i64,
) -> Result<Vec<Row>, StoreError> {
    let Degrees { west, south, east, north } = *degrees;
    let values = params![class, south, north, west, east, since, area.low(), area.high(), rows];
    tx.query(NEAR, values)
}

/// The cases that were merged into one.
pub fn merged_into(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Vec<Case>, StoreError> {
    tx.query(MERGED_INTO, params![id])?.iter().map(case).collect()
}

/// The cases that were split off one.
pub fn children(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Vec<Case>, StoreError> {
    tx.query(CHILDREN, params![id])?.iter().map(case).collect()
}

/// How those stand.
pub fn support(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Vec<Support>, StoreError> {
    let support = |row: &Row| {
        let status: String = row.get(1)?;
        let status = Status::parse(&status).ok_or_else(|| StoreError::Broken("case_file.status".into()))?;
        Ok(Support { id: row.get(0)?, status, owner: row.get(2)? })
    };
    tx.query(SUPPORT, params![id])?.iter().map(support).collect()
}

/// The body that has a case.
pub fn owner(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Option<Id<Organization>>, StoreError> {
    tx.first(OWNER, params![id])?.map_or(Ok(None), |row| row.get(0))
}

/// Who handled a case.
pub fn handlers(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Vec<Id<Person>>, StoreError> {
    tx.query(HANDLERS, params![id])?.iter().map(|row| row.get(0)).collect()
}

/// Who handled the cases that support one.
pub fn handlers_of_support(tx: &mut Tx<'_>, id: Id<CaseName>) -> Result<Vec<Id<Person>>, StoreError> {
    tx.query(HANDLERS_OF_SUPPORT, params![id])?.iter().map(|row| row.get(0)).collect()
}
