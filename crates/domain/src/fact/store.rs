use kernel::{Area, Id, Submission};
use store::{Row, StoreError, Tx, params};

use super::model::Fact;

macro_rules! columns {
    () => {
        "t.county_id, t.area_id, t.element, t.option_code, t.period, t.value, t.form_id, t.submission_id, t.answered_at, \
         t.revision"
    };
}
const LOAD: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM fact t WHERE t.area_id = $1 AND t.element = $2 AND t.option_code = $3 AND t.period = $4"
);
const OF_SUBMISSION: &str = concat!("SELECT ", columns!(), " FROM fact t WHERE t.submission_id = $1");
const LATEST: &str = concat!(
    "SELECT ",
    columns!(),
    ", f.title FROM fact t JOIN form f ON f.id = t.form_id \
     WHERE t.area_id = $1 AND t.element = $2 AND t.option_code = $3 ORDER BY t.period DESC LIMIT 1"
);
const INSERT: &str = "INSERT INTO fact (county_id, area_id, element, option_code, period, value, form_id, submission_id, \
    answered_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "UPDATE fact SET value = $6, form_id = $7, submission_id = $8, answered_at = $9, revision = $10 \
    WHERE county_id = $1 AND area_id = $2 AND element = $3 AND option_code = $4 AND period = $5 AND revision = $10 - 1";
const DELETE: &str = "DELETE FROM fact WHERE county_id = $1 AND area_id = $2 AND element = $3 AND option_code = $4 \
    AND period = $5 AND revision = $6";

/// Unit, element, option and period.
type Key<'a> = (Id<Area>, &'a str, &'a str, &'a str);

pub fn load(tx: &mut Tx<'_>, (area, element, option, period): Key<'_>) -> Result<Option<Fact>, StoreError> {
    tx.first(LOAD, params![area, element, option, period])?.as_ref().map(fact).transpose()
}

/// What one record said last.
pub fn of_submission(tx: &mut Tx<'_>, id: Id<Submission>) -> Result<Vec<Fact>, StoreError> {
    tx.query(OF_SUBMISSION, params![id])?.iter().map(fact).collect()
}

/// The latest fact of a unit, and the title of the form by which it was said.
pub fn latest(
    tx: &mut Tx<'_>,
    (area, element, option): (Id<Area>, &str, &str),
) -> Result<Option<(Fact, String)>, StoreError> {
    let row = tx.first(LATEST, params![area, element, option])?;
    row.map(|row| Ok((fact(&row)?, row.get(10)?))).transpose()
}

/// A first one, or one that was one revision older when it was read.
pub fn keep(tx: &mut Tx<'_>, it: &Fact) -> Result<(), StoreError> {
    let values = params![
        it.county,
        it.area,
        it.element.as_str(),
        it.option.as_str(),
        it.period.as_str(),
        it.value,
        it.form,
        it.submission,
        it.answered_at,
        it.revision
    ];
    if it.revision == 1 { tx.execute(INSERT, values).map(drop) } else { tx.compare_and_set(UPDATE, values) }
}

pub fn take_back(tx: &mut Tx<'_>, it: &Fact) -> Result<(), StoreError> {
    let values =
        params![it.county, it.area, it.element.as_str(), it.option.as_str(), it.period.as_str(), it.revision];
    tx.compare_and_set(DELETE, values)
}

fn fact(row: &Row) -> Result<Fact, StoreError> {
    Ok(Fact {
        county: row.get(0)?,
        area: row.get(1)?,
        element: row.get(2)?,
        option: row.get(3)?,
        period: row.get(4)?,
        value: row.get(5)?,
        form: row.get(6)?,
        submission: row.get(7)?,
        answered_at: row.get(8)?,
        revision: row.get(9)?,
    })
}
