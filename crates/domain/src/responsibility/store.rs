use kernel::{Area, AreaPath, Id, Responsibility as ResponsibilityName, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use super::model::Responsibility;
use crate::calendar::{Limit, LimitKind};

/// Rows that stand around one place, at most: each area on the way up has its own, of some dozens of classes.
const AROUND_MAX: i64 = 2_000;

const INSERT: &str = "INSERT INTO responsibility (id, version, class, area_id, area_path, organization_id, limit_kind, \
    limit_amount, closing_condition, evidence, legal_basis, valid_from) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const END: &str = "UPDATE responsibility SET valid_to = $2 WHERE id = $1 AND valid_to IS NULL";
const LAST_VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM responsibility";

macro_rules! columns {
    () => {
        "id, version, class, area_id, area_path, organization_id, limit_kind, limit_amount, closing_condition, evidence, \
         legal_basis, valid_from, valid_to"
    };
}
const BY_ID: &str = concat!("SELECT ", columns!(), " FROM responsibility WHERE id = $1");
const AROUND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM responsibility WHERE area_path IN ($1, $2, $3, $4, $5, $6, $7, $8) \
      AND valid_from <= $9 AND (valid_to IS NULL OR valid_to > $9) ORDER BY area_path, class, id LIMIT $10"
);
const AROUND_OF_CLASS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM responsibility WHERE area_path IN ($1, $2, $3, $4, $5, $6, $7, $8) AND class IN ($11, $12) \
      AND valid_from <= $9 AND (valid_to IS NULL OR valid_to > $9) ORDER BY area_path, class, id LIMIT $10"
);
const WITHIN: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM responsibility WHERE area_path >= $1 AND area_path < $2 AND valid_from <= $3 \
      AND (valid_to IS NULL OR valid_to > $3) AND (area_path, class, id) > ($4, $5, $6) ORDER BY area_path, class, id LIMIT $7"
);

pub fn insert(tx: &mut Tx<'_>, row: &Responsibility) -> Result<(), StoreError> {
    tx.execute(
        INSERT,
        params![
            row.id,
            row.version,
            row.class.as_str(),
            row.area,
            &row.area_path,
            row.organization,
            row.limit.map(|it| it.kind.as_str()),
            row.limit.map(|it| it.amount),
            row.closing_condition.as_str(),
            row.evidence.as_str(),
            row.legal_basis.as_str(),
            row.from
        ],
    )
    .map(drop)
}

/// Ends a row that is in force; one that somebody else ended first is a conflict.
pub fn end(tx: &mut Tx<'_>, id: Id<ResponsibilityName>, at: Timestamp) -> Result<(), StoreError> {
    tx.compare_and_set(END, params![id, at])
}

pub fn last_version(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.count(LAST_VERSION, &[])
}

pub fn by_id(tx: &mut Tx<'_>, id: Id<ResponsibilityName>) -> Result<Option<Responsibility>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(read).transpose()
}

/// Those in force of an area and of all around it; of these classes alone, if any are named.
pub fn around(
    tx: &mut Tx<'_>,
    area: &AreaPath,
    classes: Option<(&str, &str)>,
    at: Timestamp,
) -> Result<Vec<Responsibility>, StoreError> {
    let mut values = Value::ancestors(area);
    values.extend([at.into(), AROUND_MAX.into()]);
    let text = match classes {
        Some((minor, major)) => {
            values.extend([minor.into(), major.into()]);
            AROUND_OF_CLASS
        }
        None => AROUND,
    };
    tx.query(text, &values)?.iter().map(read).collect()
}

/// Where a row stands in the order of lists: the path of its area, its class, its id.
pub type Position = (String, String, Id<ResponsibilityName>);

/// Those in force in an area and below it.
pub fn within(
    tx: &mut Tx<'_>,
    area: &AreaPath,
    at: Timestamp,
    after: Option<&Position>,
    rows: i64,
) -> Result<Vec<Responsibility>, StoreError> {
    let first = (String::new(), String::new(), Id::from_uuid(uuid::Uuid::nil()));
    let (path, class, id) = after.unwrap_or(&first);
    let values = params![area.low(), area.high(), at, path.as_str(), class.as_str(), *id, rows];
    tx.query(WITHIN, values)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Responsibility, StoreError> {
    let broken = || StoreError::Broken("responsibility.limit".into());
    let limit = match row.get::<Option<String>>(6)?.zip(row.get::<Option<i64>>(7)?) {
        None => None,
        Some((kind, amount)) => {
            let kind = LimitKind::parse(&kind).ok_or_else(broken)?;
            Some(Limit::new(kind, amount).ok_or_else(broken)?)
        }
    };
    Ok(Responsibility {
        id: row.get(0)?,
        version: row.get(1)?,
        class: row.get(2)?,
        area: row.get::<Id<Area>>(3)?,
        area_path: row.get(4)?,
        organization: row.get(5)?,
        limit,
        closing_condition: row.get(8)?,
        evidence: row.get(9)?,
        legal_basis: row.get(10)?,
        from: row.get(11)?,
        to: row.get(12)?,
    })
}
