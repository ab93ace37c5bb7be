pub mod anew;
mod upload;

use kernel::{AreaPath, Id, StatisticSet, Tier, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::{
    definition::Counted,
    model::{Record, Source},
    period::Period,
};
use crate::area::Kind;

const INSERT_SET: &str =
    "INSERT INTO statistic_set (id, name, provenance, received_at) VALUES ($1, $2, $3, $4)";
const INSERT_SET_ELEMENT: &str =
    "INSERT INTO statistic_set_element (element, received_at, set_id) VALUES ($1, $2, $3)";
const SETS: &str = "SELECT s.name, s.provenance, s.received_at FROM statistic_set_element e \
    JOIN statistic_set s ON s.id = e.set_id WHERE e.element = $1 AND EXISTS (SELECT 1 FROM statistic_record r \
    WHERE r.set_id = e.set_id AND r.element = e.element AND r.area_path >= $2 AND r.area_path < $3 \
    AND r.period >= $4 AND r.period <= $5) AND e.received_at <= $6 ORDER BY e.received_at DESC, e.set_id LIMIT $7";

const INSERT: &str = "INSERT INTO statistic_record (county_id, element, reference, revision, area_id, area_path, period, day, \
    option_code, value, reported_at, set_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const REPLACE: &str = "UPDATE statistic_record SET replaced_at = $5 WHERE county_id = $1 AND element = $2 AND reference = $3 \
    AND revision = $4 AND replaced_at IS NULL";

macro_rules! records {
    ($rest:literal) => {
        concat!(
            "SELECT r.county_id, r.element, r.reference, r.revision, r.area_id, r.area_path, r.period, r.day, r.option_code, \
             r.value, r.reported_at, r.set_id, s.name, a.name FROM statistic_record r JOIN statistic_set s ON s.id = r.set_id \
             JOIN area a ON a.id = r.area_id ",
            $rest
        )
    };
}
const IN_FORCE: &str =
    records!("WHERE r.element = $1 AND r.reference = $2 AND r.replaced_at IS NULL ORDER BY r.county_id");
const OF_PERIOD: &str = records!(
    "WHERE r.element = $1 AND r.period = $2 AND r.replaced_at IS NULL ORDER BY r.reference LIMIT $3"
);
const WITHIN: &str = records!(
    "WHERE r.element = $1 AND r.area_path >= $2 AND r.area_path < $3 AND r.period >= $4 AND r.period <= $5 \
     AND (r.area_path, r.period, r.reference, r.revision) > ($6, $7, $8, $9) \
     ORDER BY r.area_path, r.period, r.reference, r.revision LIMIT $10"
);
const SAID: &str = "SELECT option_code, name, reported, CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM (SELECT r.option_code, s.name, r.value, \
    CASE WHEN r.reference = $4 || CASE WHEN r.option_code = '' THEN '' ELSE ' ' || r.option_code END THEN 1 ELSE 0 END \
    AS reported FROM statistic_record r JOIN statistic_set s ON s.id = r.set_id WHERE r.element = $1 AND r.area_path = $2 \
    AND r.period = $3 AND r.replaced_at IS NULL AND r.value IS NOT NULL) d \
    GROUP BY option_code, name, reported ORDER BY option_code, name, reported";
const REPORTED: &str = "SELECT r.area_path, MAX(f.reported_at) FROM statistic_record r JOIN statistic_record f \
    ON f.county_id = r.county_id AND f.element = r.element AND f.reference = r.reference AND f.revision = 1 \
    WHERE r.element = $1 AND r.area_path >= $2 AND r.area_path < $3 AND r.period = $4 AND r.replaced_at IS NULL \
    AND r.value IS NOT NULL GROUP BY r.area_path ORDER BY r.area_path";

const POST: &str = "INSERT INTO statistic_total (element, area_path, period, option_code, part, parent_path, value, records, \
    latest_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    ON CONFLICT (element, area_path, period, option_code, part) DO UPDATE SET value = statistic_total.value + $7, \
    records = statistic_total.records + $8, \
    latest_at = CASE WHEN statistic_total.latest_at < $9 THEN $9 ELSE statistic_total.latest_at END";

macro_rules! sums {
    () => {
        "CAST(COALESCE(SUM(value), 0) AS BIGINT), CAST(COALESCE(SUM(records), 0) AS BIGINT), MAX(latest_at)"
    };
}
const TOTALS: &str = concat!(
    "SELECT option_code, ",
    sums!(),
    " FROM statistic_total WHERE element = $1 AND area_path = $2 AND period >= $3 AND period <= $4 GROUP BY option_code"
);
const OWN: &str = concat!(
    "SELECT option_code, ",
    sums!(),
    " FROM statistic_total WHERE element = $1 AND area_path = $2 AND period >= $3 AND period <= $4 AND part = 0 \
     GROUP BY option_code"
);
const CHILDREN: &str = concat!(
    "SELECT option_code, ",
    sums!(),
    ", area_path FROM statistic_total WHERE element = $1 AND parent_path = $2 AND period >= $3 AND period <= $4 \
     GROUP BY area_path, option_code ORDER BY area_path, option_code"
);
const AS_OF: &str = "SELECT option_code, \
    CAST(COALESCE(SUM(CASE WHEN replaced_at IS NULL OR replaced_at > $6 THEN value END), 0) AS BIGINT), \
    COUNT(CASE WHEN replaced_at IS NULL OR replaced_at > $6 THEN value END), \
    MAX(CASE WHEN replaced_at <= $6 THEN replaced_at ELSE reported_at END) \
    FROM statistic_record WHERE element = $1 AND area_path >= $2 AND area_path < $3 AND period >= $4 AND period <= $5 \
    AND reported_at <= $6 GROUP BY option_code";
// Parts by themselves may be below zero where totals were made anew meanwhile.
const LATEST: &str = "SELECT COALESCE(MAX(period), '') FROM (SELECT period FROM statistic_total WHERE element = $1 \
    AND area_path = $2 AND period >= $3 AND period <= $4 GROUP BY period HAVING CAST(COALESCE(SUM(records), 0) AS BIGINT) > 0) p";
const LATEST_AS_OF: &str = "SELECT COALESCE(MAX(period), '') FROM statistic_record WHERE element = $1 AND area_path >= $2 \
    AND area_path < $3 AND period >= $4 AND period <= $5 AND reported_at <= $6 \
    AND (replaced_at IS NULL OR replaced_at > $6) AND value IS NOT NULL";
const PERIODS: &str = "SELECT COALESCE(MIN(period), ''), COALESCE(MAX(period), '') FROM statistic_total WHERE element = $1 \
    AND area_path = $2";
const ARRIVED: &str = "SELECT COUNT(*) FROM (SELECT t.area_path, t.period FROM statistic_total t \
    JOIN area a ON a.path = t.area_path WHERE t.element = $1 AND t.area_path >= $2 AND t.area_path < $3 \
    AND t.period >= $4 AND t.period <= $5 AND t.part = 0 AND t.records > 0 AND a.valid_to IS NULL AND a.tier = $6 \
    AND ($7 = '' OR a.kind = $7) GROUP BY t.area_path, t.period) r";

const GRIDS: &str = "SELECT path, kind, 1 FROM area WHERE tier = 5 AND valid_to IS NULL ORDER BY path";
const GRID_WORKERS: &str = "SELECT p.area_path, p.role, COUNT(*) FROM appointment a JOIN post p ON p.id = a.post_id \
    WHERE p.role IN ('grid_leader', 'grid_assistant', 'grid_supervisor', 'grid_hygienist') AND a.valid_from <= $1 \
    AND (a.valid_to IS NULL OR a.valid_to > $1) GROUP BY p.area_path, p.role ORDER BY p.area_path, p.role";
const TEMPORARY_ORGANIZATIONS: &str = "SELECT area_path, '', COUNT(*) FROM organization \
    WHERE kind = 'temporary_party_organization' AND valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) \
    GROUP BY area_path ORDER BY area_path";
const RESIDENTS: &str = "SELECT m.area_path, '', COUNT(*) FROM premises m \
    JOIN household h ON h.county_id = m.county_id AND h.premises_id = m.id \
    JOIN person p ON p.county_id = h.county_id AND p.household_id = h.id GROUP BY m.area_path ORDER BY m.area_path";

pub use upload::{Upload, delete_upload, forget_uploads, insert_upload, upload, waiting};

/// What a total, or a sum of them, holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Empty for an element without a disaggregation.
    pub option: String,
    pub value: i64,
    pub records: i64,
    pub latest_at: Timestamp,
}

/// Periods from one to another, in their words.
pub type Span = (String, String);

pub fn insert_set(
    tx: &mut Tx<'_>,
    id: Id<StatisticSet>,
    (name, provenance): (&str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(INSERT_SET, params![id, name, provenance, now]).map(drop)
}

pub fn insert_set_element(
    tx: &mut Tx<'_>,
    id: Id<StatisticSet>,
    element: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(INSERT_SET_ELEMENT, params![element, now, id]).map(drop)
}

/// The latest sources that brought records of an element in a subtree.
pub fn sets(
    tx: &mut Tx<'_>,
    (element, as_of): (&str, Option<Timestamp>),
    path: &AreaPath,
    (first, last): &Span,
    most: i64,
) -> Result<Vec<Source>, StoreError> {
    let at = as_of.map_or(i64::MAX, Timestamp::micros);
    let rows = tx.query(SETS, params![element, path.low(), path.high(), first, last, at, most])?;
    rows.iter()
        .map(|row| Ok(Source { name: row.get(0)?, provenance: row.get(1)?, received_at: row.get(2)? }))
        .collect()
}

fn record(row: &Row) -> Result<Record, StoreError> {
    let day: String = row.get(7)?;
    Ok(Record {
        county: row.get(0)?,
        element: row.get(1)?,
        reference: row.get(2)?,
        revision: row.get(3)?,
        area: row.get(4)?,
        path: row.get(5)?,
        period: row.get(6)?,
        day: day.parse().map_err(|_| StoreError::Broken(format!("a record of the day {day:?}")))?,
        option: row.get(8)?,
        value: row.get(9)?,
        reported_at: row.get(10)?,
        set: row.get(11)?,
        set_name: row.get(12)?,
        area_name: row.get(13)?,
    })
}

/// One of each county that has a record of this reference.
pub fn in_force(tx: &mut Tx<'_>, element: &str, reference: &str) -> Result<Vec<Record>, StoreError> {
    tx.query(IN_FORCE, params![element, reference])?.iter().map(record).collect()
}

pub fn of_period(tx: &mut Tx<'_>, element: &str, period: &str, most: i64) -> Result<Vec<Record>, StoreError> {
    tx.query(OF_PERIOD, params![element, period, most])?.iter().map(record).collect()
}

/// What is said of an area itself, by option and source.
pub struct Said {
    pub option: String,
    pub source: String,
    /// Its record is the one that a report of the area has.
    pub is_reported: bool,
    pub value: i64,
}

/// What records of an area itself say that are in force. `reference` is that of its report, to which an option is added.
pub fn said(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (period, reference): (&str, &str),
) -> Result<Vec<Said>, StoreError> {
    let said = |row: &Row| {
        Ok(Said {
            option: row.get(0)?,
            source: row.get(1)?,
            is_reported: row.get::<i64>(2)? == 1,
            value: row.get(3)?,
        })
    };
    tx.query(SAID, params![element, path, period, reference])?.iter().map(said).collect()
}

/// When the last of an element's records in force first came in, of each area of a subtree that has any in a period.
pub fn reported(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    period: &str,
) -> Result<Vec<(AreaPath, Timestamp)>, StoreError> {
    let rows = tx.query(REPORTED, params![element, path.low(), path.high(), period])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Every revision of the records of a subtree, behind the one that `after` names.
pub fn within(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
    (after, revision): (&[String; 3], i64),
    rows: i64,
) -> Result<Vec<Record>, StoreError> {
    let [after_path, after_period, after_reference] = after;
    let params = params![
        element,
        path.low(),
        path.high(),
        first,
        last,
        after_path,
        after_period,
        after_reference,
        revision,
        rows
    ];
    tx.query(WITHIN, params)?.iter().map(record).collect()
}

pub fn insert(tx: &mut Tx<'_>, it: &Record) -> Result<(), StoreError> {
    let params = params![
        it.county,
        &it.element,
        &it.reference,
        it.revision,
        it.area,
        &it.path,
        &it.period,
        it.day.to_string(),
        &it.option,
        it.value,
        it.reported_at,
        it.set
    ];
    tx.execute(INSERT, params).map(drop)
}

pub fn replace(tx: &mut Tx<'_>, it: &Record, at: Timestamp) -> Result<(), StoreError> {
    tx.compare_and_set(REPLACE, params![it.county, &it.element, &it.reference, it.revision, at])
}

/// Where a difference is posted: element, area, period, option and part.
pub type Place = (String, AreaPath, String, String, i64);

pub fn post(
    tx: &mut Tx<'_>,
    (element, path, period, option, part): &Place,
    [value, records]: [i64; 2],
    at: Timestamp,
) -> Result<(), StoreError> {
    let parent = path.parent().map_or_else(String::new, |it| it.to_string());
    tx.execute(POST, params![element, path, period, option, *part, parent, value, records, at]).map(drop)
}

fn sum(row: &Row) -> Result<Sum, StoreError> {
    Ok(Sum { option: row.get(0)?, value: row.get(1)?, records: row.get(2)?, latest_at: row.get(3)? })
}

pub fn totals(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
) -> Result<Vec<Sum>, StoreError> {
    tx.query(TOTALS, params![element, path, first, last])?.iter().map(sum).collect()
}

/// Of the area itself, without what lies below.
pub fn own(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
) -> Result<Vec<Sum>, StoreError> {
    tx.query(OWN, params![element, path, first, last])?.iter().map(sum).collect()
}

pub fn children(
    tx: &mut Tx<'_>,
    element: &str,
    parent: &AreaPath,
    (first, last): &Span,
) -> Result<Vec<(AreaPath, Sum)>, StoreError> {
    let rows = tx.query(CHILDREN, params![element, parent, first, last])?;
    rows.iter().map(|row| Ok((row.get(4)?, sum(row)?))).collect()
}

/// As it was known at a moment, counted from the records.
pub fn totals_then(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
    at: Timestamp,
) -> Result<Vec<Sum>, StoreError> {
    let rows = tx.query(AS_OF, params![element, path.low(), path.high(), first, last, at])?;
    rows.iter().map(sum).collect()
}

/// Of the area itself, as it was known at a moment.
pub fn own_then(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
    at: Timestamp,
) -> Result<Vec<Sum>, StoreError> {
    // Whatever lies below goes on with a letter or digit, and those follow '!'.
    let rows = tx.query(AS_OF, params![element, path.low(), format!("{path}!"), first, last, at])?;
    rows.iter().map(sum).collect()
}

/// Of how many areas of a tier and kind, and periods, anything is there.
pub fn arrived(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
    (tier, kind): (Tier, Option<Kind>),
) -> Result<i64, StoreError> {
    let kind = kind.map_or("", Kind::as_str);
    tx.count(ARRIVED, params![element, path.low(), path.high(), first, last, tier.number(), kind])
}

/// The latest period with anything in it.
pub fn latest(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
    (first, last): &Span,
    at: Option<Timestamp>,
) -> Result<Option<String>, StoreError> {
    let row = match at {
        None => tx.first(LATEST, params![element, path, first, last])?,
        Some(at) => tx.first(LATEST_AS_OF, params![element, path.low(), path.high(), first, last, at])?,
    };
    let found: Option<String> = row.map(|row| row.get(0)).transpose()?;
    Ok(found.filter(|it| !it.is_empty()))
}

/// The first and the last period of which anything ever came.
pub fn periods(
    tx: &mut Tx<'_>,
    element: &str,
    path: &AreaPath,
) -> Result<Option<(Period, Period)>, StoreError> {
    let Some(row) = tx.first(PERIODS, params![element, path])? else { return Ok(None) };
    let [first, last]: [String; 2] = [row.get(0)?, row.get(1)?];
    Ok(Period::parse(&first).zip(Period::parse(&last)))
}

/// What the city's own tables hold, by area and option.
pub fn counted(
    tx: &mut Tx<'_>,
    of: Counted,
    now: Timestamp,
) -> Result<Vec<(AreaPath, String, i64)>, StoreError> {
    let rows = match of {
        Counted::Grids => tx.query(GRIDS, &[])?,
        Counted::GridWorkers => tx.query(GRID_WORKERS, params![now])?,
        Counted::TemporaryOrganizations => tx.query(TEMPORARY_ORGANIZATIONS, params![now])?,
        Counted::Residents => tx.query(RESIDENTS, &[])?,
    };
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}
