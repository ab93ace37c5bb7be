use jiff::civil;
use kernel::{Area, AreaPath, Id, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use super::model::{AreaCalendar, Change, Day, DayKind, Entered, Hours, Period};

// From the few areas on the way up to what they entered: nothing else tells an engine that this is the short way.
const REVISIONS: &str = "SELECT y.area_id, a.path, MAX(y.revision) FROM area a JOIN calendar_year y ON y.area_id = a.id \
    WHERE a.path IN ($1, $2, $3, $4, $5, $6, $7, $8) GROUP BY y.area_id, a.path";
const NEXT_REVISION: &str = "SELECT COALESCE(MAX(revision), 0) + 1 FROM calendar_year";
const ENTER: &str = "INSERT INTO calendar_year (area_id, year, source, revision, entered_at, settled_at) \
    VALUES ($1, $2, $3, $4, $5, NULL) ON CONFLICT (area_id, year) DO UPDATE SET source = EXCLUDED.source, \
    revision = EXCLUDED.revision, entered_at = EXCLUDED.entered_at, settled_at = NULL";
const ENTERED: &str = "SELECT source, entered_at FROM calendar_year WHERE area_id = $1 AND year = $2";
const UNSETTLED: &str = "SELECT y.area_id, a.path, y.year, y.revision, y.entered_at FROM calendar_year y \
    JOIN area a ON a.id = y.area_id WHERE y.settled_at IS NULL ORDER BY y.revision";
const SETTLE: &str =
    "UPDATE calendar_year SET settled_at = $4 WHERE area_id = $1 AND year = $2 AND revision = $3";

const CLEAR_DAYS: &str = "DELETE FROM calendar_day WHERE area_id = $1 AND day >= $2 AND day < $3";
const CLEAR_HOURS: &str =
    "DELETE FROM calendar_hours WHERE area_id = $1 AND first_day >= $2 AND first_day < $3";
const INSERT_DAY: &str = "INSERT INTO calendar_day (area_id, day, kind, name) VALUES ($1, $2, $3, $4)";
const INSERT_HOURS: &str =
    "INSERT INTO calendar_hours (area_id, first_day, last_day, name, periods) VALUES ($1, $2, $3, $4, $5)";
const DAYS: &str = "SELECT day, kind, name FROM calendar_day WHERE area_id = $1";
const HOURS: &str =
    "SELECT first_day, last_day, name, periods FROM calendar_hours WHERE area_id = $1 ORDER BY first_day";

const WARNED: &str = "SELECT warned_at FROM calendar_warning WHERE year = $1";
const WARN: &str = "INSERT INTO calendar_warning (year, warned_at) VALUES ($1, $2) \
    ON CONFLICT (year) DO UPDATE SET warned_at = EXCLUDED.warned_at";

/// An area that has a calendar of its own, and the last change to it.
pub struct Revision {
    pub area: Id<Area>,
    pub path: AreaPath,
    pub revision: i64,
}

/// Those of an area and of all around it.
pub fn revisions(tx: &mut Tx<'_>, area: &AreaPath) -> Result<Vec<Revision>, StoreError> {
    let revision = |row: &Row| Ok(Revision { area: row.get(0)?, path: row.get(1)?, revision: row.get(2)? });
    tx.query(REVISIONS, &Value::ancestors(area))?.iter().map(revision).collect()
}

/// All that an area has entered.
pub fn calendar(tx: &mut Tx<'_>, area: Id<Area>) -> Result<AreaCalendar, StoreError> {
    let mut calendar = AreaCalendar::default();
    for row in tx.query(DAYS, params![area])? {
        let (date, kind): (civil::Date, String) = (date(&row, 0)?, row.get(1)?);
        let kind =
            DayKind::parse(&kind).ok_or_else(|| StoreError::Broken(format!("calendar_day.kind {kind}")))?;
        // A year is known by its holidays: hours alone do not tell them.
        calendar.years.insert(date.year());
        calendar.days.insert(date, Day { kind, name: row.get(2)? });
    }
    for row in tx.query(HOURS, params![area])? {
        let text: String = row.get(3)?;
        let periods = Period::parse_all(&text);
        let periods = periods.ok_or_else(|| StoreError::Broken(format!("calendar_hours.periods {text}")))?;
        calendar.hours.push(Hours {
            first: date(&row, 0)?,
            last: date(&row, 1)?,
            name: row.get(2)?,
            periods,
        });
    }
    Ok(calendar)
}

fn date(row: &Row, column: usize) -> Result<civil::Date, StoreError> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| StoreError::Broken(format!("{text} is no day of a calendar")))
}

/// Takes away what the area has entered for a year.
pub fn clear(tx: &mut Tx<'_>, area: Id<Area>, year: i16) -> Result<(), StoreError> {
    let (low, high) = (format!("{year:04}-"), format!("{:04}-", year + 1));
    for sql in [CLEAR_DAYS, CLEAR_HOURS] {
        tx.execute(sql, params![area, &low, &high])?;
    }
    Ok(())
}

pub fn insert_day(tx: &mut Tx<'_>, area: Id<Area>, date: civil::Date, day: &Day) -> Result<(), StoreError> {
    tx.execute(INSERT_DAY, params![area, date.to_string(), day.kind.as_str(), &day.name]).map(drop)
}

pub fn insert_hours(tx: &mut Tx<'_>, area: Id<Area>, hours: &Hours) -> Result<(), StoreError> {
    let periods: Vec<String> = hours.periods.iter().map(ToString::to_string).collect();
    let (first, last) = (hours.first.to_string(), hours.last.to_string());
    tx.execute(INSERT_HOURS, params![area, first, last, &hours.name, periods.join(" ")]).map(drop)
}

/// Notes that the year was entered, so that deadlines in it are counted again. Returns the revision.
pub fn enter(
    tx: &mut Tx<'_>,
    area: Id<Area>,
    year: i16,
    source: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let revision = tx.count(NEXT_REVISION, params![])?;
    tx.execute(ENTER, params![area, i64::from(year), source, revision, now])?;
    Ok(revision)
}

pub fn entered(tx: &mut Tx<'_>, area: Id<Area>, year: i16) -> Result<Option<Entered>, StoreError> {
    let row = tx.first(ENTERED, params![area, i64::from(year)])?;
    row.map(|row| Ok(Entered { source: row.get(0)?, at: row.get(1)? })).transpose()
}

/// Years by which deadlines have still to be counted again, in the order in which they were entered.
pub fn unsettled(tx: &mut Tx<'_>) -> Result<Vec<Change>, StoreError> {
    let change = |row: &Row| {
        let year: i64 = row.get(2)?;
        Ok(Change {
            area: row.get(0)?,
            path: row.get(1)?,
            year: i16::try_from(year).map_err(|_| StoreError::Broken("calendar_year.year".into()))?,
            revision: row.get(3)?,
            at: row.get(4)?,
        })
    };
    tx.query(UNSETTLED, params![])?.iter().map(change).collect()
}

pub fn settle(tx: &mut Tx<'_>, change: &Change, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(SETTLE, params![change.area, i64::from(change.year), change.revision, now]).map(drop)
}

/// When offices were last told that a year is not known.
pub fn warned(tx: &mut Tx<'_>, year: i16) -> Result<Option<Timestamp>, StoreError> {
    tx.first(WARNED, params![i64::from(year)])?.map(|row| row.get(0)).transpose()
}

pub fn warn(tx: &mut Tx<'_>, year: i16, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(WARN, params![i64::from(year), now]).map(drop)
}
