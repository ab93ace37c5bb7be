use std::collections::BTreeMap;

use kernel::{AreaPath, Case as CaseName, Id, Organization, Timestamp};
use store::{FromValue, StoreError, Tx, Value, params};

use super::model::{Figure, Figures};

// $1 and $2 are the period's first moment and the first after it, $3 and $4 the ends of the subtree.
macro_rules! counts_of_reported {
    ($group:literal) => {
        concat!(
            "SELECT ",
            $group,
            ", COUNT(*), CAST(COALESCE(SUM(CASE WHEN registered_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM case_file \
             WHERE reported_at >= $1 AND reported_at < $2 AND area_path >= $3 AND area_path < $4 GROUP BY 1"
        )
    };
}
macro_rules! counts_of_due {
    ($group:literal) => {
        concat!(
            "SELECT ",
            $group,
            ", COUNT(*), CAST(COALESCE(SUM(CASE WHEN handled_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN handled_at < $2 AND handled_at <= due THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN passed_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN returns > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN handled_at < $2 AND reworks > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN closed_at < $2 AND rating > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN closed_at < $2 AND rating > 0 AND solved THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN closed_at < $2 AND rating >= 3 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN first_closed_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(COALESCE(SUM(CASE WHEN reopened_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM case_file \
             WHERE due >= $1 AND due < $2 AND status <> 'void' AND area_path >= $3 AND area_path < $4 GROUP BY 1"
        )
    };
}
macro_rules! counts_of_late_handled {
    ($group:literal) => {
        concat!(
            "SELECT ",
            $group,
            ", COUNT(*), CAST(COALESCE(SUM(CASE WHEN handled_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM case_file \
             WHERE handled_at > due AND handled_at >= $1 AND due < $1 AND area_path >= $3 AND area_path < $4 GROUP BY 1"
        )
    };
}
macro_rules! counts_of_late_open {
    ($group:literal) => {
        concat!(
            "SELECT ",
            $group,
            ", COUNT(*) FROM case_file WHERE handled_at IS NULL AND status = 'open' AND due < $1 \
             AND area_path >= $2 AND area_path < $3 GROUP BY 1"
        )
    };
}

/// One text for each group of figures.
struct Counts {
    reported: &'static str,
    due: &'static str,
    late_handled: &'static str,
    late_open: &'static str,
}

const BY_AREA: Counts = Counts {
    reported: counts_of_reported!("SUBSTR(area_path, 1, CAST($5 AS INTEGER))"),
    due: counts_of_due!("SUBSTR(area_path, 1, CAST($5 AS INTEGER))"),
    late_handled: counts_of_late_handled!("SUBSTR(area_path, 1, CAST($5 AS INTEGER))"),
    late_open: counts_of_late_open!("SUBSTR(area_path, 1, CAST($4 AS INTEGER))"),
};
const BY_ORGANIZATION: Counts = Counts {
    reported: counts_of_reported!("owner_id"),
    due: counts_of_due!("owner_id"),
    late_handled: counts_of_late_handled!("owner_id"),
    late_open: counts_of_late_open!("owner_id"),
};

// $5 is the figure, $6 the body or none, $7 and $8 the last row's moment and id, $9 how many.
const REPORTED: &str = "SELECT reported_at, id FROM case_file \
    WHERE reported_at >= $1 AND reported_at < $2 AND area_path >= $3 AND area_path < $4 \
    AND ($5 = 'reported' OR registered_at < $2) AND (CAST($6 AS UUID) IS NULL OR owner_id = $6) \
    AND (reported_at < $7 OR (reported_at = $7 AND id < $8)) ORDER BY reported_at DESC, id DESC LIMIT $9";
const DUE: &str = "SELECT due, id FROM case_file \
    WHERE due >= $1 AND due < $2 AND status <> 'void' AND area_path >= $3 AND area_path < $4 \
    AND CASE $5 WHEN 'due' THEN TRUE WHEN 'handled' THEN handled_at < $2 \
    WHEN 'handled_on_time' THEN handled_at < $2 AND handled_at <= due \
    WHEN 'unhandled' THEN handled_at IS NULL OR handled_at >= $2 WHEN 'passed' THEN passed_at < $2 \
    WHEN 'closed' THEN first_closed_at < $2 WHEN 'reopened' THEN reopened_at < $2 \
    WHEN 'returned' THEN returns > 0 WHEN 'reworked' THEN handled_at < $2 AND reworks > 0 \
    WHEN 'rated' THEN closed_at < $2 AND rating > 0 WHEN 'solved' THEN closed_at < $2 AND rating > 0 AND solved \
    ELSE closed_at < $2 AND rating >= 3 END AND (CAST($6 AS UUID) IS NULL OR owner_id = $6) \
    AND (due < $7 OR (due = $7 AND id < $8)) ORDER BY due DESC, id DESC LIMIT $9";
const LATE_HANDLED: &str = "SELECT due, id FROM case_file \
    WHERE handled_at > due AND handled_at >= $1 AND due < $1 AND area_path >= $3 AND area_path < $4 \
    AND ($5 = 'carried' OR handled_at < $2) AND (CAST($6 AS UUID) IS NULL OR owner_id = $6) \
    AND (due < $7 OR (due = $7 AND id < $8)) ORDER BY due DESC, id DESC LIMIT $9";
const LATE_OPEN: &str = "SELECT due, id FROM case_file \
    WHERE handled_at IS NULL AND status = 'open' AND due < $1 AND area_path >= $2 AND area_path < $3 \
    AND (CAST($4 AS UUID) IS NULL OR owner_id = $4) \
    AND (due < $5 OR (due = $5 AND id < $6)) ORDER BY due DESC, id DESC LIMIT $7";

/// Which cases are counted.
pub struct Ground<'a> {
    pub start: Timestamp,
    pub end: Timestamp,
    pub path: &'a AreaPath,
}

/// The figures of each start, so many characters long, of the cases' paths.
pub fn by_area(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    length: i64,
) -> Result<BTreeMap<String, Figures>, StoreError> {
    counted(tx, &BY_AREA, ground, Some(length))
}

/// The figures of each body that has to handle, or was the last that had to.
pub fn by_organization(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
) -> Result<BTreeMap<Option<Id<Organization>>, Figures>, StoreError> {
    counted(tx, &BY_ORGANIZATION, ground, None)
}

fn counted<Key: FromValue + Ord>(
    tx: &mut Tx<'_>,
    counts: &Counts,
    ground: &Ground<'_>,
    length: Option<i64>,
) -> Result<BTreeMap<Key, Figures>, StoreError> {
    let mut all: BTreeMap<Key, Figures> = BTreeMap::new();
    let (low, high) = (Value::from(ground.path.low()), Value::from(ground.path.high()));
    let mut values = vec![ground.start.into(), ground.end.into(), low.clone(), high.clone()];
    values.extend(length.map(Value::from));
    for row in tx.query(counts.reported, &values)? {
        let it = all.entry(row.get(0)?).or_default();
        (it.reported, it.registered) = (row.get(1)?, row.get(2)?);
    }
    for row in tx.query(counts.due, &values)? {
        let it = all.entry(row.get(0)?).or_default();
        (it.due, it.handled, it.handled_on_time) = (row.get(1)?, row.get(2)?, row.get(3)?);
        (it.passed, it.returned, it.reworked) = (row.get(4)?, row.get(5)?, row.get(6)?);
        (it.rated, it.solved, it.satisfied) = (row.get(7)?, row.get(8)?, row.get(9)?);
        (it.closed, it.reopened) = (row.get(10)?, row.get(11)?);
        it.unhandled = it.due - it.handled;
    }
    for row in tx.query(counts.late_handled, &values)? {
        let it = all.entry(row.get(0)?).or_default();
        (it.carried, it.carried_handled) = (row.get(1)?, row.get(2)?);
    }
    let mut values = vec![ground.start.into(), low, high];
    values.extend(length.map(Value::from));
    for row in tx.query(counts.late_open, &values)? {
        all.entry(row.get(0)?).or_default().carried += row.get::<i64>(1)?;
    }
    Ok(all)
}

/// The moment by which a list is ordered (microseconds), and the case.
pub type Place = (i64, Id<CaseName>);

/// The cases behind a figure, latest first; `after` is the last row's place.
pub fn cases(
    tx: &mut Tx<'_>,
    ground: &Ground<'_>,
    figure: Figure,
    organization: Option<Id<Organization>>,
    after: Option<Place>,
    rows: i64,
) -> Result<Vec<Place>, StoreError> {
    let (at, id) = after.unwrap_or((i64::MAX, Id::from_uuid(uuid::Uuid::max())));
    let (low, high) = (ground.path.low(), ground.path.high());
    let values =
        params![ground.start, ground.end, low, high.clone(), figure.as_str(), organization, at, id, rows];
    let text = match figure {
        Figure::Reported | Figure::Registered => REPORTED,
        Figure::Carried | Figure::CarriedHandled => LATE_HANDLED,
        _ => DUE,
    };
    let mut found = tx.query(text, values)?;
    if figure == Figure::Carried {
        found.extend(tx.query(LATE_OPEN, params![ground.start, low, high, organization, at, id, rows])?);
    }
    let mut places: Vec<Place> =
        found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?;
    places.sort_unstable_by_key(|place| std::cmp::Reverse(*place));
    places.truncate(rows.max(0) as usize);
    Ok(places)
}
