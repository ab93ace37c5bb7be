//! SQL of the burden of forms and nothing else.

use kernel::{Area, AreaPath, Id, Role, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::model::{Limit, Line, Month, Spent};

/// An edit adds its time; what is asked is what the record asks now.
const SPEND: &str = "INSERT INTO burden (county_id, submission_id, form_id, month, area_id, organization_id, role, questions, \
    again, seconds, forget_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
    ON CONFLICT (county_id, submission_id) DO UPDATE SET questions = excluded.questions, \
    again = CASE WHEN excluded.again > burden.again THEN excluded.again ELSE burden.again END, \
    seconds = CASE WHEN excluded.seconds IS NULL THEN burden.seconds \
    ELSE COALESCE(burden.seconds, 0) + excluded.seconds END";
const OF_AREAS: &str = "SELECT a.path, COUNT(*), CAST(COALESCE(SUM(b.questions), 0) AS BIGINT), CAST(COALESCE(SUM(b.again), 0) AS BIGINT), \
    CAST(COALESCE(SUM(b.seconds), 0) AS BIGINT), COUNT(b.seconds) FROM burden b JOIN area a ON a.id = b.area_id \
    WHERE b.month = $1 AND a.path >= $2 AND a.path < $3 GROUP BY a.path ORDER BY a.path LIMIT $4";
const OF_POSTS: &str = "SELECT o.name, b.role, COUNT(*), CAST(COALESCE(SUM(b.questions), 0) AS BIGINT), CAST(COALESCE(SUM(b.again), 0) AS BIGINT), \
    CAST(COALESCE(SUM(b.seconds), 0) AS BIGINT), COUNT(b.seconds) FROM burden b JOIN area a ON a.id = b.area_id \
    JOIN organization o ON o.id = b.organization_id WHERE b.month = $1 AND a.path >= $2 AND a.path < $3 \
    GROUP BY o.id, o.name, b.role ORDER BY 4 DESC, 1, 2 LIMIT $4";
const FORGET: &str = "DELETE FROM burden WHERE forget_at <= $1";

macro_rules! limits {
    () => {
        "SELECT l.area_id, a.path, l.forms, l.questions, l.organization_id, l.set_at, l.revision \
         FROM burden_limit l JOIN area a ON a.id = l.area_id WHERE "
    };
}
const LIMIT: &str = concat!(limits!(), "l.area_id = $1");
/// Of a subtree, and of all areas above it.
const LIMITS_AROUND: &str = concat!(
    limits!(),
    "(a.path >= $1 AND a.path < $2) OR SUBSTR($1, 1, LENGTH(a.path)) = a.path ORDER BY a.path LIMIT $3"
);
const ADD_LIMIT: &str = "INSERT INTO burden_limit (area_id, forms, questions, organization_id, set_at, revision) \
    VALUES ($1, $2, $3, $4, $5, $6)";
const SAVE_LIMIT: &str = "UPDATE burden_limit SET forms = $2, questions = $3, organization_id = $4, set_at = $5, revision = $6 \
    WHERE area_id = $1 AND revision = $6 - 1";

const HOLD_LIMIT: &str = "UPDATE burden_limit SET revision = revision WHERE area_id = $1";

/// Changes nothing, but meets whoever is held by it at the same time.
pub fn hold_limit(tx: &mut Tx<'_>, area: Id<Area>) -> Result<(), StoreError> {
    tx.execute(HOLD_LIMIT, params![area]).map(drop)
}

pub fn spend(tx: &mut Tx<'_>, it: &Spent, month: Month, forget_at: Timestamp) -> Result<(), StoreError> {
    let (organization, role) = (it.post.map(|it| it.0), it.post.map_or("", |it| it.1.as_str()));
    let month = month.to_string();
    let values = params![
        it.county,
        it.submission,
        it.form,
        month.as_str(),
        it.area,
        organization,
        role,
        it.questions,
        it.again,
        it.seconds,
        forget_at
    ];
    tx.execute(SPEND, values).map(drop)
}

/// Of each area of a subtree that wrote, in the order of paths.
pub fn of_areas(
    tx: &mut Tx<'_>,
    month: Month,
    within: &AreaPath,
    rows: i64,
) -> Result<Vec<(AreaPath, Line)>, StoreError> {
    let month = month.to_string();
    let found = tx.query(OF_AREAS, params![month.as_str(), within.low(), within.high(), rows])?;
    found.iter().map(|row| Ok((row.get(0)?, line(row, 1)?))).collect()
}

pub fn of_posts(
    tx: &mut Tx<'_>,
    month: Month,
    within: &AreaPath,
    rows: i64,
) -> Result<Vec<(String, Role, Line)>, StoreError> {
    let month = month.to_string();
    let found = tx.query(OF_POSTS, params![month.as_str(), within.low(), within.high(), rows])?;
    let post = |row: &Row| {
        let role: String = row.get(1)?;
        let role = Role::parse(&role).ok_or_else(|| StoreError::Broken("burden.role".into()))?;
        Ok((row.get(0)?, role, line(row, 2)?))
    };
    found.iter().map(post).collect()
}

fn line(row: &Row, first: usize) -> Result<Line, StoreError> {
    Ok(Line {
        forms: row.get(first)?,
        questions: row.get(first + 1)?,
        again: row.get(first + 2)?,
        seconds: row.get(first + 3)?,
        timed: row.get(first + 4)?,
    })
}

pub fn forget(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(FORGET, params![now])
}

pub fn limit(tx: &mut Tx<'_>, area: Id<Area>) -> Result<Option<Limit>, StoreError> {
    tx.first(LIMIT, params![area])?.as_ref().map(read_limit).transpose()
}

pub fn limits_around(tx: &mut Tx<'_>, path: &AreaPath, rows: i64) -> Result<Vec<Limit>, StoreError> {
    tx.query(LIMITS_AROUND, params![path.low(), path.high(), rows])?.iter().map(read_limit).collect()
}

/// A first one, or one that was one revision older when it was read.
pub fn save_limit(tx: &mut Tx<'_>, it: &Limit) -> Result<(), StoreError> {
    let values = params![it.area, it.forms, it.questions, it.organization, it.set_at, it.revision];
    match it.revision {
        1 => tx.execute(ADD_LIMIT, values).map(drop),
        _ => tx.compare_and_set(SAVE_LIMIT, values),
    }
}

fn read_limit(row: &Row) -> Result<Limit, StoreError> {
    Ok(Limit {
        area: row.get(0)?,
        path: row.get(1)?,
        forms: row.get(2)?,
        questions: row.get(3)?,
        organization: row.get(4)?,
        set_at: row.get(5)?,
        revision: row.get(6)?,
    })
}
