//! The cases behind a figure.

use kernel::{AreaPath, Case as CaseName, Id, Organization};
use store::{StoreError, Tx, params};

use crate::evaluation::{count::Bounds, figure::Figure};

// $1 and $2 are the first moment that counts and the first after those that do, $3 and $4 the ends of the subtree, $5 the
// figure, $6 the body or none, which leaves the parts of cases out, $7 and $8 the last row's moment and id, $9 how many, $10 whether decisions and granted
// appeals are heeded.
macro_rules! behind {
    ($at:literal, $condition:literal) => {
        concat!(
            "SELECT ",
            $at,
            ", id FROM case_file WHERE ",
            $at,
            " >= $1 AND ",
            $at,
            " < $2 AND area_path >= $3 AND area_path < $4 AND CASE ",
            $condition,
            " END AND CASE WHEN CAST($6 AS UUID) IS NULL THEN parent_id IS NULL ELSE owner_id = $6 END AND (CAST($10 AS BIGINT) = 0 OR excluded_at IS NULL) AND (",
            $at,
            " < $7 OR (",
            $at,
            " = $7 AND id < $8)) ORDER BY ",
            $at,
            " DESC, id DESC LIMIT $9"
        )
    };
}

const REPORTED: &str = behind!(
    "reported_at",
    "WHEN parent_id IS NOT NULL THEN FALSE WHEN $5 = 'reported' THEN TRUE \
     WHEN $5 = 'repeated' THEN merged_into_id IS NOT NULL ELSE registered_at < $2"
);
const DUE: &str = behind!(
    "due",
    "WHEN status = 'void' THEN FALSE WHEN $5 = 'due' THEN TRUE \
     WHEN $5 = 'dispatched' THEN owner_id IS NOT NULL OR returns > 0 \
     WHEN $5 = 'dispatched_right' THEN (owner_id IS NOT NULL OR returns > 0) \
       AND (returns = 0 OR (CAST($10 AS BIGINT) = 1 AND (COALESCE(exempt, 0) & 2) = 2)) \
     WHEN $5 = 'handled' THEN handled_at < $2 \
     WHEN $5 = 'handled_on_time' THEN handled_at < $2 AND (handled_at <= due OR (CAST($10 AS BIGINT) = 1 AND (COALESCE(exempt, 0) & 1) = 1)) \
     WHEN $5 = 'unhandled' THEN handled_at IS NULL OR handled_at >= $2 \
     WHEN $5 = 'returned' THEN returns > 0 AND (CAST($10 AS BIGINT) = 0 OR (COALESCE(exempt, 0) & 2) = 0) \
     WHEN $5 = 'reworked' THEN handled_at < $2 AND reworks > 0 AND (CAST($6 AS UUID) IS NULL OR EXISTS ( \
       SELECT 1 FROM case_handling h WHERE h.county_id = case_file.county_id AND h.case_id = case_file.id \
       AND h.organization_id = $6 AND h.reworked_at IS NOT NULL)) AND (CAST($10 AS BIGINT) = 0 OR (COALESCE(exempt, 0) & 4) = 0) \
     WHEN $5 = 'ended' THEN first_closed_at < $2 WHEN $5 = 'reopened' THEN reopened_at < $2 \
     WHEN $5 = 'rated' THEN closed_at < $2 AND rating > 0 WHEN $5 = 'solved' THEN closed_at < $2 AND rating > 0 AND solved \
     WHEN $5 = 'satisfied' THEN closed_at < $2 AND rating >= 3 WHEN $5 = 'excluded' THEN excluded_at IS NOT NULL \
     ELSE exempt > 0"
);
// Of a body what it was given, whoever has it now; of the returns its own.
const GIVEN: &str = "SELECT due, id FROM case_file WHERE due >= $1 AND due < $2 AND area_path >= $3 AND area_path < $4 \
    AND status <> 'void' AND EXISTS (SELECT 1 FROM case_handling h WHERE h.county_id = case_file.county_id \
    AND h.case_id = case_file.id AND h.organization_id = $6 AND CASE WHEN $5 = 'dispatched' THEN TRUE \
    WHEN h.returned_at IS NULL THEN $5 = 'dispatched_right' \
    WHEN CAST($10 AS BIGINT) = 1 AND (COALESCE(exempt, 0) & 2) = 2 AND owner_id = h.organization_id THEN $5 = 'dispatched_right' \
    ELSE $5 = 'returned' END) AND (CAST($10 AS BIGINT) = 0 OR excluded_at IS NULL) \
    AND (due < $7 OR (due = $7 AND id < $8)) ORDER BY due DESC, id DESC LIMIT $9";
const CLOSING: &str = behind!(
    "close_due",
    "WHEN status = 'void' THEN FALSE WHEN $5 = 'due_to_close' THEN TRUE WHEN $5 = 'closed' THEN passed_at < $2 \
     ELSE passed_at < $2 AND passed_at <= close_due"
);
const CONTACT: &str = behind!(
    "contact_due",
    "WHEN status = 'void' THEN FALSE WHEN $5 = 'to_contact' THEN TRUE ELSE contacted_at < $2 AND contacted_at <= contact_due"
);
const LATE_HANDLED: &str = "SELECT due, id FROM case_file \
    WHERE handled_at > due AND handled_at >= $1 AND due < $1 AND due < $2 AND area_path >= $3 AND area_path < $4 \
    AND status <> 'void' AND CASE $5 WHEN 'carried' THEN TRUE WHEN 'carried_handled' THEN handled_at < $2 \
    ELSE handled_at >= $2 END AND CASE WHEN CAST($6 AS UUID) IS NULL THEN parent_id IS NULL ELSE owner_id = $6 END AND (CAST($10 AS BIGINT) = 0 OR excluded_at IS NULL) \
    AND (due < $7 OR (due = $7 AND id < $8)) ORDER BY due DESC, id DESC LIMIT $9";
const LATE_OPEN: &str = "SELECT due, id FROM case_file \
    WHERE handled_at IS NULL AND status = 'open' AND due < $1 AND due < $2 AND area_path >= $3 AND area_path < $4 \
    AND $5 <> 'carried_handled' AND CASE WHEN CAST($6 AS UUID) IS NULL THEN parent_id IS NULL ELSE owner_id = $6 END AND (CAST($10 AS BIGINT) = 0 OR excluded_at IS NULL) \
    AND (due < $7 OR (due = $7 AND id < $8)) ORDER BY due DESC, id DESC LIMIT $9";

/// The moment by which a list is ordered (microseconds), and the case.
pub type Place = (i64, Id<CaseName>);

/// Which cases are asked for.
pub struct Wanted<'a> {
    pub area: &'a AreaPath,
    pub bounds: Bounds,
    pub figure: Figure,
    pub organization: Option<Id<Organization>>,
    pub adjusted: bool,
}

/// The cases behind a figure, latest first; `after` is the last row's place.
pub fn cases(
    tx: &mut Tx<'_>,
    wanted: &Wanted<'_>,
    after: Option<Place>,
    rows: i64,
) -> Result<Vec<Place>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, Id::from_uuid(uuid::Uuid::max())));
    let values = params![
        wanted.bounds.start,
        wanted.bounds.end,
        wanted.area.low(),
        wanted.area.high(),
        wanted.figure.as_str(),
        wanted.organization,
        at,
        id,
        rows,
        i64::from(wanted.adjusted)
    ];
    let texts: &[&'static str] = match wanted.figure {
        Figure::Reported | Figure::Registered | Figure::Repeated => &[REPORTED],
        Figure::DueToClose | Figure::Closed | Figure::ClosedOnTime => &[CLOSING],
        Figure::ToContact | Figure::Contacted => &[CONTACT],
        Figure::Dispatched | Figure::DispatchedRight | Figure::Returned if wanted.organization.is_some() => {
            &[GIVEN]
        }
        Figure::Carried | Figure::CarriedHandled | Figure::CarriedOpen => &[LATE_HANDLED, LATE_OPEN],
        _ => &[DUE],
    };
    let mut places: Vec<Place> = Vec::new();
    for text in texts {
        for row in tx.query(text, values)? {
            places.push((row.get(0)?, row.get(1)?));
        }
    }
    places.sort_unstable_by_key(|place| std::cmp::Reverse(*place));
    places.truncate(rows.max(0) as usize);
    Ok(places)
}
