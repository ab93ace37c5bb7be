//! Who is asked, and how they have answered.

use kernel::{AreaPath, Id, Submission, Timestamp};
use store::{Row, StoreError, Tx, Value, params};
use uuid::Uuid;

use crate::{
    area::Kind,
    campaign::{Audience, Campaign, Counts, Line, Record, Show, Unit},
    form::{Judged, Review},
};

// $1 county and $2 id of the campaign, $3 and $4 the area that is looked at, $5 tier or role, $6 kind, $7 the moment that
// counts, $8 and $9 the path that the area that is asked had at that moment.
//
// Who is asked is told by what areas were at the moment; where they are found, by what they are now. An earlier state of a
// community was of the kind that its code told then; a grid keeps its kind.
macro_rules! areas {
    () => {
        " FROM area u LEFT JOIN submission s ON s.county_id = $1 AND s.campaign_id = $2 AND s.unit_id = u.id \
         WHERE u.path >= $3 AND u.path < $4 AND u.tier = $5 AND ((u.valid_from <= $7 \
         AND (u.valid_to IS NULL OR u.valid_to > $7) AND u.path >= $8 AND u.path < $9 AND ($6 = '' OR u.kind = $6)) \
         OR EXISTS (SELECT 1 FROM area_version v WHERE v.area_id = u.id AND v.valid_from <= $7 AND v.valid_to > $7 \
         AND v.path >= $8 AND v.path < $9 AND ($6 = '' OR $6 = CASE WHEN u.tier <> 4 THEN u.kind \
         WHEN SUBSTR(v.code, 10, 3) BETWEEN '001' AND '199' THEN 'urban' \
         WHEN SUBSTR(v.code, 10, 3) BETWEEN '200' AND '399' THEN 'rural' ELSE 'other' END)))"
    };
}
// Whoever holds several posts of the role is asked once, where the first of them lies.
macro_rules! holders {
    () => {
        " FROM (SELECT a.person_id AS id, MIN(p.area_path) AS path, '' AS name FROM post p \
         JOIN appointment a ON a.post_id = p.id JOIN organization o ON o.id = p.organization_id \
         LEFT JOIN area_version v ON v.area_id = p.area_id AND v.valid_from <= $7 AND v.valid_to > $7 \
         WHERE COALESCE(v.path, p.area_path) >= $8 AND COALESCE(v.path, p.area_path) < $9 AND p.role = $5 AND $6 = '' \
         AND a.valid_from <= $7 AND (a.valid_to IS NULL OR a.valid_to > $7) \
         AND o.valid_from <= $7 AND (o.valid_to IS NULL OR o.valid_to > $7) GROUP BY a.person_id) u \
         LEFT JOIN submission s ON s.county_id = $1 AND s.campaign_id = $2 AND s.unit_id = u.id \
         WHERE u.path >= $3 AND u.path < $4"
    };
}
macro_rules! sum {
    ($condition:literal) => {
        concat!("CAST(COALESCE(SUM(CASE WHEN ", $condition, " THEN 1 ELSE 0 END), 0) AS BIGINT)")
    };
}
// $10 the due moment, $11 characters of the paths of the areas by which it is counted, $12 and $13 the area that is asked as
// it lies now: what has left it since is counted right there.
macro_rules! counts {
    ($units:ident) => {
        concat!(
            "SELECT CASE WHEN u.path >= $12 AND u.path < $13 THEN SUBSTR(u.path, 1, $11) ELSE $12 END, COUNT(*), ",
            sum!("s.id IS NOT NULL"),
            ", ",
            sum!("s.state = 'valid'"),
            ", ",
            sum!("s.state = 'invalid'"),
            ", ",
            sum!("s.state = 'unchecked'"),
            ", ",
            sum!("s.created_at > $10"),
            ", ",
            sum!("s.state <> 'invalid' AND (s.review IS NULL OR s.review = 'edited')"),
            ", ",
            sum!("s.review IN ('hasIssues', 'rejected')"),
            ", ",
            sum!("s.review = 'approved'"),
            $units!(),
            " GROUP BY 1 ORDER BY 1"
        )
    };
}
macro_rules! unit_columns {
    () => {
        "SELECT u.id, u.path, u.name, s.id, s.instance_id, s.state, s.review, s.created_at, s.updated_at, s.finished_at, \
         (SELECT MAX(r.at) FROM campaign_reminder r WHERE r.county_id = $1 AND r.campaign_id = $2 AND r.unit_id = u.id), \
         COALESCE((SELECT MAX(r.number) FROM campaign_reminder r \
         WHERE r.county_id = $1 AND r.campaign_id = $2 AND r.unit_id = u.id), 0)"
    };
}
// $10 the due moment, $11 what is shown, $12 and $13 the key before, $14 rows.
macro_rules! units {
    ($units:ident) => {
        concat!(
            unit_columns!(),
            $units!(),
            " AND ($11 = 'expected' OR ($11 = 'silent' AND s.id IS NULL) OR ($11 = 'arrived' AND s.id IS NOT NULL) \
             OR ($11 IN ('valid', 'invalid', 'unchecked') AND s.state = $11) OR ($11 = 'late' AND s.created_at > $10) \
             OR ($11 = 'waiting' AND s.state <> 'invalid' AND (s.review IS NULL OR s.review = 'edited')) \
             OR ($11 = 'returned' AND s.review IN ('hasIssues', 'rejected')) OR ($11 = 'accepted' AND s.review = 'approved')) \
             AND (u.path > $12 OR (u.path = $12 AND u.id > $13)) ORDER BY u.path, u.id LIMIT $14"
        )
    };
}
macro_rules! one {
    ($units:ident) => {
        concat!(unit_columns!(), $units!(), " AND u.id = $10")
    };
}
macro_rules! silent {
    ($units:ident) => {
        concat!(unit_columns!(), $units!(), " AND s.id IS NULL AND u.id > $10 ORDER BY u.id LIMIT $11")
    };
}
macro_rules! incomplete {
    ($units:ident) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT 1",
            $units!(),
            " AND (s.id IS NULL OR s.state <> 'valid' OR s.review IN ('hasIssues', 'rejected')) LIMIT 1) AS found"
        )
    };
}

macro_rules! expected {
    ($units:ident) => {
        concat!("SELECT COUNT(*)", $units!())
    };
}

/// What an area's path was at a moment, where it was not the one of now.
const PATH_THEN: &str =
    "SELECT path FROM area_version WHERE area_id = $1 AND valid_from <= $2 AND valid_to > $2";
const EXPECTED: [&str; 2] = [expected!(areas), expected!(holders)];
const COUNTS: [&str; 2] = [counts!(areas), counts!(holders)];
const UNITS: [&str; 2] = [units!(areas), units!(holders)];
const ONE: [&str; 2] = [one!(areas), one!(holders)];
const SILENT: [&str; 2] = [silent!(areas), silent!(holders)];
const INCOMPLETE: [&str; 2] = [incomplete!(areas), incomplete!(holders)];

/// Those whom a campaign asks, by the tree at the moment that counts, as far as they are in an area now. In the whole that is
/// asked they all are, wherever they have moved since.
pub struct Scope<'a> {
    pub campaign: &'a Campaign,
    path: &'a AreaPath,
    as_of: Timestamp,
    /// What the path of the area that is asked was then.
    root: AreaPath,
}

impl<'a> Scope<'a> {
    pub fn new(
        tx: &mut Tx<'_>,
        campaign: &'a Campaign,
        path: &'a AreaPath,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let as_of = campaign.as_of(now);
        let then = tx.first(PATH_THEN, params![campaign.area, as_of])?;
        let root = then.map_or_else(|| Ok(campaign.path.clone()), |row| row.get(0))?;
        Ok(Self { campaign, path, as_of, root })
    }

    /// From where to before where the paths lie of now.
    fn bounds(&self) -> (&str, String) {
        match *self.path == self.campaign.path {
            true => ("", "~".to_owned()),
            false => (self.path.low(), self.path.high()),
        }
    }

    /// Of a text for areas and one for holders.
    fn text(&self, texts: [&'static str; 2]) -> &'static str {
        match self.campaign.audience {
            Audience::Areas { .. } => texts[0],
            Audience::Holders { .. } => texts[1],
        }
    }

    fn values(&self) -> Vec<Value> {
        let it = self.campaign;
        let (what, kind): (Value, &str) = match it.audience {
            Audience::Areas { tier, kind } => (tier.number().into(), kind.map_or("", Kind::as_str)),
            Audience::Holders { role } => (role.as_str().into(), ""),
        };
        let (low, high) = self.bounds();
        let mut values = params![it.county, it.id, low, high].to_vec();
        values.push(what);
        values.extend(params![kind, self.as_of, self.root.low(), self.root.high()].to_vec());
        values
    }

    fn with(&self, more: &[Value]) -> Vec<Value> {
        let mut values = self.values();
        values.extend_from_slice(more);
        values
    }
}

/// How many are asked.
pub fn expected(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<i64, StoreError> {
    tx.count(scope.text(EXPECTED), &scope.values())
}

/// Figures by the areas whose paths have so many characters. What lies above them is counted where it lies.
pub fn counts(tx: &mut Tx<'_>, scope: &Scope<'_>, chars: usize) -> Result<Vec<Line>, StoreError> {
    let root = &scope.campaign.path;
    let values = scope.with(params![scope.campaign.due, chars as i64, root.low(), root.high()]);
    let line = |row: &Row| {
        Ok(Line {
            path: row.get(0)?,
            counts: Counts {
                expected: row.get(1)?,
                arrived: row.get(2)?,
                valid: row.get(3)?,
                invalid: row.get(4)?,
                unchecked: row.get(5)?,
                late: row.get(6)?,
                waiting: row.get(7)?,
                returned: row.get(8)?,
                accepted: row.get(9)?,
            },
        })
    };
    tx.query(scope.text(COUNTS), &values)?.iter().map(line).collect()
}

/// In the order of their paths, behind the one with this path and id.
pub fn units(
    tx: &mut Tx<'_>,
    scope: &Scope<'_>,
    show: Show,
    after: &(String, Uuid),
    rows: i64,
) -> Result<Vec<Unit>, StoreError> {
    let due = scope.campaign.due;
    let values = scope.with(params![due, show.as_str(), after.0.as_str(), after.1, rows]);
    tx.query(scope.text(UNITS), &values)?.iter().map(|row| unit(row, scope.campaign)).collect()
}

/// The one with this id, if it is asked.
pub fn one(tx: &mut Tx<'_>, scope: &Scope<'_>, id: Uuid) -> Result<Option<Unit>, StoreError> {
    tx.first(scope.text(ONE), &scope.with(params![id]))?.map(|row| unit(&row, scope.campaign)).transpose()
}

/// Those without a record, in the order of their ids behind this one.
pub fn silent(tx: &mut Tx<'_>, scope: &Scope<'_>, after: Uuid, rows: i64) -> Result<Vec<Unit>, StoreError> {
    let found = tx.query(scope.text(SILENT), &scope.with(params![after, rows]))?;
    found.iter().map(|row| unit(row, scope.campaign)).collect()
}

/// Whether a record is missing, invalid or given back.
pub fn is_incomplete(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<bool, StoreError> {
    Ok(tx.count(scope.text(INCOMPLETE), &scope.values())? > 0)
}

fn unit(row: &Row, campaign: &Campaign) -> Result<Unit, StoreError> {
    let id: Uuid = row.get(0)?;
    Ok(Unit {
        id,
        key: campaign.key(id),
        path: row.get(1)?,
        name: row.get(2)?,
        record: record(row, campaign.due)?,
        reminded_at: row.get(10)?,
        reminders: row.get(11)?,
    })
}

fn record(row: &Row, due: Timestamp) -> Result<Option<Record>, StoreError> {
    let Some(id) = row.get::<Option<Id<Submission>>>(3)? else { return Ok(None) };
    let (state, review): (String, Option<String>) = (row.get(5)?, row.get(6)?);
    let arrived_at: Timestamp = row.get(7)?;
    Ok(Some(Record {
        id,
        instance_id: row.get(4)?,
        state: Judged::parse(&state).ok_or(StoreError::Broken("submission.state".into()))?,
        review: review.and_then(|it| Review::parse(&it)),
        arrived_at,
        updated_at: row.get(8)?,
        finished_at: row.get(9)?,
        is_late: arrived_at > due,
    }))
}
