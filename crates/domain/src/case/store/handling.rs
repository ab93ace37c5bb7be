//! The bodies that a case was given to, and what they did with it.

use kernel::{Id, Organization, Timestamp};
use store::{StoreError, Tx, params};

use super::super::model::{Case, Handling};

const INSERT: &str = "INSERT INTO case_handling (county_id, case_id, organization_id, reported_at) \
    VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const CLOSE: &str = "UPDATE case_handling SET closed_at = $3 WHERE county_id = $1 AND case_id = $2";
const RETURNED: &str = "UPDATE case_handling SET returned_at = COALESCE(returned_at, $4) \
    WHERE county_id = $1 AND case_id = $2 AND organization_id = $3";
const REWORKED: &str = "UPDATE case_handling SET reworked_at = COALESCE(reworked_at, $4) \
    WHERE county_id = $1 AND case_id = $2 AND organization_id = $3";
const OF_CASE: &str = "SELECT organization_id FROM case_handling WHERE county_id = $1 AND case_id = $2";
const ONE: &str = "SELECT returned_at, reworked_at FROM case_handling \
    WHERE county_id = $1 AND case_id = $2 AND organization_id = $3";

pub fn insert_handling(
    tx: &mut Tx<'_>,
    case: &Case,
    organization: Id<Organization>,
) -> Result<(), StoreError> {
    tx.execute(INSERT, params![case.county, case.id, organization, case.reported_at]).map(drop)
}

/// All of them end when the case does, or none where it goes on.
pub(super) fn close_handlings(tx: &mut Tx<'_>, case: &Case) -> Result<(), StoreError> {
    tx.execute(CLOSE, params![case.county, case.id, case.closed_at]).map(drop)
}

/// The body gave the case back; that it did so the first time is what stays.
pub fn mark_returned(
    tx: &mut Tx<'_>,
    case: &Case,
    organization: Id<Organization>,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(RETURNED, params![case.county, case.id, organization, at]).map(drop)
}

/// The work of the body was sent back.
pub fn mark_reworked(
    tx: &mut Tx<'_>,
    case: &Case,
    organization: Id<Organization>,
    at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(REWORKED, params![case.county, case.id, organization, at]).map(drop)
}

/// The bodies that the case was given to.
pub fn handlings(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Id<Organization>>, StoreError> {
    tx.query(OF_CASE, params![case.county, case.id])?.iter().map(|row| row.get(0)).collect()
}

/// What one of them did with it; nothing if it never had it.
pub fn handling(
    tx: &mut Tx<'_>,
    case: &Case,
    organization: Id<Organization>,
) -> Result<Handling, StoreError> {
    let Some(row) = tx.first(ONE, params![case.county, case.id, organization])? else {
        return Ok(Handling::default());
    };
    let (returned, reworked): (Option<Timestamp>, Option<Timestamp>) = (row.get(0)?, row.get(1)?);
    Ok(Handling { returned: returned.is_some(), reworked: reworked.is_some() })
}
