use kernel::{Area, AreaPath, Form as FormName, Id, Submission};
use store::{Row, StoreError, Tx, params};

use super::model::{Binding, Fact, KnownOf, OtherForm};

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

/// Of units in a subtree, by other forms than one.
const KNOWN_WITHOUT: &str = "SELECT COUNT(DISTINCT t.area_id), MIN(t.answered_at), MAX(t.answered_at) FROM fact t \
    JOIN area a ON a.id = t.area_id WHERE t.element = $1 AND t.option_code = $2 AND t.form_id <> $3 \
    AND a.path >= $4 AND a.path < $5";
const ASKED_BY_OTHERS: &str = "SELECT f.form_id, f.title, f.area_path, b.since FROM fact_binding b \
    JOIN form f ON f.id = b.form_id WHERE b.element = $1 AND b.option_code = $2 AND b.form_id <> $3 AND f.state = 'open' \
    ORDER BY f.form_id LIMIT $4";
const BINDINGS: &str = "SELECT question, element, option_code, since, reason FROM fact_binding WHERE form_id = $1 \
    ORDER BY element, option_code";
const BIND: &str = "INSERT INTO fact_binding (form_id, element, option_code, question, since, reason) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const UNBIND: &str = "DELETE FROM fact_binding WHERE form_id = $1";
/// Forms that are looked at, of those that ask for one element.
const OTHERS_READ: i64 = 100;

/// Form, element and option.
type Asked<'a> = (Id<FormName>, &'a str, &'a str);

pub fn known_without(
    tx: &mut Tx<'_>,
    (form, element, option): Asked<'_>,
    within: &AreaPath,
) -> Result<Option<KnownOf>, StoreError> {
    let values = params![element, option, form, within.low(), within.high()];
    let Some(row) = tx.first(KNOWN_WITHOUT, values)? else { return Ok(None) };
    let units: i64 = row.get(0)?;
    if units == 0 { Ok(None) } else { Ok(Some(KnownOf { units, first: row.get(1)?, last: row.get(2)? })) }
}

pub fn asked_by_others(
    tx: &mut Tx<'_>,
    (form, element, option): Asked<'_>,
) -> Result<Vec<OtherForm>, StoreError> {
    let other = |row: &Row| {
        Ok(OtherForm { form_id: row.get(0)?, title: row.get(1)?, path: row.get(2)?, since: row.get(3)? })
    };
    tx.query(ASKED_BY_OTHERS, params![element, option, form, OTHERS_READ])?.iter().map(other).collect()
}

pub fn bindings(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<Vec<Binding>, StoreError> {
    let binding = |row: &Row| {
        Ok(Binding {
            question: row.get(0)?,
            element: row.get(1)?,
            option: row.get(2)?,
            since: row.get(3)?,
            reason: row.get(4)?,
        })
    };
    tx.query(BINDINGS, params![form])?.iter().map(binding).collect()
}

pub fn bind(tx: &mut Tx<'_>, form: Id<FormName>, it: &Binding) -> Result<(), StoreError> {
    let values = params![
        form,
        it.element.as_str(),
        it.option.as_str(),
        it.question.as_str(),
        it.since,
        it.reason.as_str()
    ];
    tx.execute(BIND, values).map(drop)
}

pub fn unbind(tx: &mut Tx<'_>, form: Id<FormName>) -> Result<(), StoreError> {
    tx.execute(UNBIND, params![form]).map(drop)
}

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
