//! SQL of the territory. Of other rooms' tables it knows the one column that follows a moved subtree:
//! one statement a table, here rather than in each room, so that no move can forget one.

mod boundary;
mod list;

use std::collections::{BTreeSet, HashSet};

use kernel::{Area as AreaName, AreaPath, Id, Tier, Timestamp};
use store::{Row, StoreError, Tx, params};

use super::model::{Area, Counts, Kind, Place, Version, kind_of_code};
pub use boundary::{boundaries, boundaries_at, boundary, frame, geometry, put_boundary};
pub use list::{Narrow, of_tier_within, search_code, search_name, search_within};

/// Areas read in one go when the whole tree is loaded.
const BLOCK: i64 = 10_000;
/// Areas whose names are searched for a part of them.
const SEARCHED_MAX: i64 = 20_000;

const INSERT: &str = "INSERT INTO area (id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "UPDATE area SET code = $2, name = $3, kind = $4, parent_id = $5, path = $6, valid_from = $7, \
    valid_to = $8, successor_id = $9 WHERE id = $1";
const STEP_ASIDE: &str = "UPDATE area SET code = '~' || code, path = '~' || path WHERE id = $1";
const INSERT_VERSION: &str = "INSERT INTO area_version (area_id, valid_from, valid_to, code, name, parent_id, path) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const COUNT_UP: &str = "INSERT INTO area_count (area_id, tier, kind, areas) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (area_id, tier, kind) DO UPDATE SET areas = area_count.areas + $4";

const BLOCK_OF_ALL: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE path > $1 ORDER BY path LIMIT $2";
const BY_ID: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area WHERE id = $1";
const BY_CODE: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE code = $1";
const CHILDREN: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE parent_id = $1 AND valid_to IS NULL AND code > $2 ORDER BY code LIMIT $3";
const CHILDREN_THEN: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE parent_id = $1 AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2) AND code > $3 ORDER BY code LIMIT $4";
const EARLIER_CHILDREN: &str = "SELECT a.id, v.code, v.name, a.tier, a.kind, v.parent_id, v.path, v.valid_from, v.valid_to, NULL \
    FROM area_version v JOIN area a ON a.id = v.area_id WHERE v.path >= $1 AND v.path < $2 AND v.parent_id = $3 \
    AND v.valid_from <= $4 AND v.valid_to > $4 AND v.code > $5 ORDER BY v.code LIMIT $6";
const EARLIER_BY_CODE: &str = "SELECT a.id, v.code, v.name, a.tier, a.kind, v.parent_id, v.path, v.valid_from, v.valid_to, NULL \
    FROM area_version v JOIN area a ON a.id = v.area_id WHERE v.code = $1 AND v.valid_from <= $2 AND v.valid_to > $2";
const BORE: &str = "SELECT DISTINCT area_id FROM area_version WHERE code = $1";
const VERSIONS: &str = "SELECT valid_from, valid_to, code, name, parent_id, path FROM area_version WHERE area_id = $1 \
    ORDER BY valid_from";
const COUNTS: &str =
    "SELECT tier, kind, areas FROM area_count WHERE area_id = $1 AND areas > 0 ORDER BY tier, kind";

// $1 for what stood before, whose rest begins at $2; from $3 to before $4.
macro_rules! rebase {
    ($table:literal, $column:literal) => {
        rebase!($table, $column, "")
    };
    ($table:literal, $column:literal, $more:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET ",
            $column,
            " = $1 || SUBSTR(",
            $column,
            ", $2)",
            $more,
            " WHERE ",
            $column,
            " >= $3 AND ",
            $column,
            " < $4"
        )
    };
}
/// Whatever keeps the path of an area.
const REBASE: [&str; 19] = [
    rebase!("organization", "area_path"),
    rebase!("post", "area_path"),
    rebase!("premises", "area_path"),
    rebase!("responsibility", "area_path"),
    // Its figures are entered anew.
    rebase!("case_file", "area_path", ", counted_revision = NULL"),
    rebase!("supervision", "area_path"),
    rebase!("supervision", "ordered_in"),
    rebase!("notice", "area_path"),
    rebase!("form", "area_path"),
    rebase!("app_user", "area_path"),
    rebase!("campaign", "area_path"),
    rebase!("campaign", "sent_in"),
    rebase!("campaign_round", "area_path"),
    rebase!("submission", "unit_path"),
    rebase!("pass_regime", "area_path"),
    rebase!("checkpoint", "area_path"),
    rebase!("checkpoint_reason", "county_path"),
    rebase!("statistic_record", "area_path"),
    rebase!("withholding", "area_path"),
];

fn area(row: &Row) -> Result<Area, StoreError> {
    let (tier, kind): (i64, String) = (row.get(3)?, row.get(4)?);
    Ok(Area {
        id: row.get(0)?,
        code: row.get(1)?,
        name: row.get(2)?,
        tier: tier_of(tier)?,
        kind: kind_of(&kind)?,
        parent_id: row.get(5)?,
        path: row.get(6)?,
        valid_from: row.get(7)?,
        valid_to: row.get(8)?,
        successor: row.get(9)?,
    })
}

/// An earlier state. A community's kind was what its code told then.
fn earlier(row: &Row) -> Result<Area, StoreError> {
    let area = area(row)?;
    let kind = if area.tier == Tier::Community { kind_of_code(&area.code) } else { area.kind };
    Ok(Area { kind, ..area })
}

fn tier_of(number: i64) -> Result<Tier, StoreError> {
    Tier::from_number(number).ok_or_else(|| StoreError::Broken(format!("area tier {number}")))
}

fn kind_of(text: &str) -> Result<Kind, StoreError> {
    Kind::parse(text).ok_or_else(|| StoreError::Broken(format!("area kind {text}")))
}

/// Every area, in blocks so that the rows are never all there twice.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Area>, StoreError> {
    let mut areas: Vec<Area> = Vec::new();
    loop {
        let after = areas.last().map_or_else(String::new, |area| area.path.to_string());
        let block = tx.query(BLOCK_OF_ALL, params![after, BLOCK])?;
        let is_last = (block.len() as i64) < BLOCK;
        for row in &block {
            areas.push(area(row)?);
        }
        if is_last {
            return Ok(areas);
        }
    }
}

/// The areas that once bore `code`, and do no longer.
pub fn bore(tx: &mut Tx<'_>, code: &str) -> Result<Vec<Id<AreaName>>, StoreError> {
    tx.query(BORE, params![code])?.iter().map(|row| row.get(0)).collect()
}

/// As [`bore`] for many codes: who bore which.
pub fn bore_all<'a>(
    tx: &mut Tx<'_>,
    codes: impl Iterator<Item = &'a str>,
) -> Result<HashSet<(Id<AreaName>, String)>, StoreError> {
    let mut out = HashSet::new();
    for code in codes {
        out.extend(bore(tx, code)?.into_iter().map(|id| (id, code.to_owned())));
    }
    Ok(out)
}

pub fn insert(tx: &mut Tx<'_>, area: &Area) -> Result<(), StoreError> {
    let Area { id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor } = area;
    let params = params![
        *id,
        code,
        name,
        tier.number(),
        kind.as_str(),
        *parent_id,
        path,
        *valid_from,
        *valid_to,
        *successor
    ];
    tx.execute(INSERT, params).map(drop)
}

pub fn update(tx: &mut Tx<'_>, area: &Area) -> Result<(), StoreError> {
    let Area { id, code, name, kind, parent_id, path, valid_from, valid_to, successor, tier: _ } = area;
    let params =
        params![*id, code, name, kind.as_str(), *parent_id, path, *valid_from, *valid_to, *successor];
    tx.compare_and_set(UPDATE, params)
}

pub fn step_aside(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<(), StoreError> {
    tx.execute(STEP_ASIDE, params![id]).map(drop)
}

pub fn insert_version(tx: &mut Tx<'_>, version: &Version) -> Result<(), StoreError> {
    let Version { area, code, name, parent_id, path, valid_from, valid_to, successor: _ } = version;
    tx.execute(INSERT_VERSION, params![*area, *valid_from, *valid_to, code, name, *parent_id, path]).map(drop)
}

/// Changes a count below an area by `by`.
pub fn count_up(
    tx: &mut Tx<'_>,
    id: Id<AreaName>,
    tier: Tier,
    kind: Kind,
    by: i64,
) -> Result<(), StoreError> {
    tx.execute(COUNT_UP, params![id, tier.number(), kind.as_str(), by]).map(drop)
}

pub fn counts(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Counts, StoreError> {
    let count = |row: &Row| Ok((tier_of(row.get(0)?)?, kind_of(&row.get::<String>(1)?)?, row.get(2)?));
    tx.query(COUNTS, params![id])?.iter().map(count).collect::<Result<_, _>>().map(Counts)
}

pub fn by_id(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Option<Area>, StoreError> {
    tx.first(BY_ID, params![id])?.as_ref().map(area).transpose()
}

/// In force or ended.
pub fn by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Area>, StoreError> {
    tx.first(BY_CODE, params![code])?.as_ref().map(area).transpose()
}

/// The area that bore `code` at `at`, as it was then.
pub fn by_code_then(tx: &mut Tx<'_>, code: &str, at: Timestamp) -> Result<Option<Area>, StoreError> {
    let is_then = |area: &Area| area.valid_from <= at && area.valid_to.is_none_or(|end| end > at);
    match by_code(tx, code)?.filter(is_then) {
        Some(area) => Ok(Some(area)),
        None => tx.first(EARLIER_BY_CODE, params![code, at])?.as_ref().map(earlier).transpose(),
    }
}

/// The county above `area`; itself where there is none.
pub fn place(tx: &mut Tx<'_>, area: Area) -> Result<Place, StoreError> {
    let above = area
        .path
        .codes()
        .find(|code| Tier::of_code(code) == Some(Tier::County))
        .filter(|code| *code != area.code);
    let county = match above {
        None => area.id,
        Some(code) => match by_code(tx, code)? {
            Some(county) => county.id,
            // Below an ended area the county may have gone on under another code.
            None => {
                *bore(tx, code)?.first().ok_or_else(|| StoreError::Broken(format!("no county {code}")))?
            }
        },
    };
    Ok(Place { id: area.id, code: area.code, name: area.name, tier: area.tier, path: area.path, county })
}

pub fn children(
    tx: &mut Tx<'_>,
    parent: Id<AreaName>,
    after: &str,
    rows: i64,
) -> Result<Vec<Area>, StoreError> {
    tx.query(CHILDREN, params![parent, after, rows])?.iter().map(area).collect()
}

/// The children that `parent`, as it was at `at`, had then.
pub fn children_then(
    tx: &mut Tx<'_>,
    parent: &Area,
    at: Timestamp,
    after: &str,
    rows: i64,
) -> Result<Vec<Area>, StoreError> {
    let latest = tx.query(CHILDREN_THEN, params![parent.id, at, after, rows])?;
    let path = &parent.path;
    let earlier_rows =
        tx.query(EARLIER_CHILDREN, params![path.low(), path.high(), parent.id, at, after, rows])?;
    let mut areas = latest.iter().map(area).collect::<Result<Vec<_>, _>>()?;
    for row in &earlier_rows {
        areas.push(earlier(row)?);
    }
    areas.sort_unstable_by(|left, right| left.code.cmp(&right.code));
    areas.truncate(rows as usize);
    Ok(areas)
}

/// All states of an area, first one first.
pub fn versions(tx: &mut Tx<'_>, id: Id<AreaName>) -> Result<Vec<Version>, StoreError> {
    let version = |row: &Row| -> Result<Version, StoreError> {
        Ok(Version {
            area: id,
            valid_from: row.get(0)?,
            valid_to: row.get(1)?,
            code: row.get(2)?,
            name: row.get(3)?,
            parent_id: row.get(4)?,
            path: row.get(5)?,
            successor: None,
        })
    };
    let mut versions = tx.query(VERSIONS, params![id])?.iter().map(version).collect::<Result<Vec<_>, _>>()?;
    versions.extend(by_id(tx, id)?.as_ref().map(Version::from));
    Ok(versions)
}

/// Lets the rows of other rooms follow subtrees to their new paths; `pairs` deepest first.
pub fn rebase(tx: &mut Tx<'_>, pairs: &[(AreaPath, AreaPath)]) -> Result<(), StoreError> {
    if !collide(pairs) {
        return pairs.iter().try_for_each(|(from, to)| rebase_one(tx, from.as_str(), to.as_str()));
    }
    // Where one subtree goes to where another still is, all step aside first.
    for (number, (from, _)) in pairs.iter().enumerate() {
        rebase_one(tx, from.as_str(), &format!("~{number}/"))?;
    }
    for (number, (_, to)) in pairs.iter().enumerate() {
        rebase_one(tx, &format!("~{number}/"), to.as_str())?;
    }
    Ok(())
}

fn rebase_one(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let rest = from.len() as i64 + 1; // SUBSTR counts from 1, and paths are ASCII
    let high = format!("{}0", &from[..from.len() - 1]);
    for sql in REBASE {
        tx.execute(sql, params![to, rest, from, high.as_str()])?;
    }
    Ok(())
}

/// Whether a subtree's new place lies below, at or above another's old one.
fn collide(pairs: &[(AreaPath, AreaPath)]) -> bool {
    let olds: BTreeSet<AreaPath> = pairs.iter().map(|(from, _)| from.clone()).collect();
    pairs.iter().any(|(from, to)| {
        to.ancestors().any(|path| path != *from && olds.contains(&path))
            || olds.range(to.clone()..).take_while(|path| path.is_within(to)).any(|path| path != from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made anew from what is rebased, or the tree itself.
    const MADE_ANEW: [(&str, &str); 3] = [
        ("evaluation_page", "county_path"),
        ("statistic_total", "area_path"),
        ("statistic_total", "parent_path"),
    ];

    #[test]
    fn whatever_keeps_a_path_follows_an_area_that_moves() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/migrations");
        let mut columns = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let mut table = String::new();
            for line in text.lines() {
                let words: Vec<&str> = line.split_whitespace().collect();
                let column = match words[..] {
                    ["CREATE", "TABLE", name, ..] => {
                        name.clone_into(&mut table);
                        continue;
                    }
                    ["ALTER", "TABLE", name, "ADD", "COLUMN", column, "TEXT", ..] => {
                        name.clone_into(&mut table);
                        column
                    }
                    [column, "TEXT", ..] => column,
                    _ => continue,
                };
                if column.ends_with("_path") || column.ends_with("_in") {
                    columns.push((table.clone(), column.to_owned()));
                }
            }
        }
        let is_rebased = |(table, column): &(String, String)| {
            let beginning = format!("UPDATE {table} SET {column} = ");
            REBASE.iter().any(|it| it.starts_with(&beginning))
                || MADE_ANEW.contains(&(table.as_str(), column.as_str()))
        };
        let left: Vec<_> = columns.iter().filter(|it| !is_rebased(it)).collect();
        assert!(columns.len() > REBASE.len() && left.is_empty(), "{left:?}");
    }
}
