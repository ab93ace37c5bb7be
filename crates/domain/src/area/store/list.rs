//! Narrowed lists and search. A part of a name is found by taking it out: `LIKE` folds case differently
//! on the two engines, `REPLACE` is the same on both.

use super::*;

const LIST_OF_ALL: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE code >= $1 AND code < $2 AND code > $3 AND valid_to IS NULL AND ($4 = '' OR REPLACE(name, $4, '') <> name) \
    ORDER BY code LIMIT $5";
const COUNT_OF_ALL: &str = "SELECT COUNT(*) FROM area \
    WHERE code >= $1 AND code < $2 AND valid_to IS NULL AND ($3 = '' OR REPLACE(name, $3, '') <> name)";
const LIST_OF_TIER: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE tier = $6 AND code >= $1 AND code < $2 AND code > $3 AND valid_to IS NULL AND ($4 = '' OR REPLACE(name, $4, '') <> name) \
    ORDER BY code LIMIT $5";
const COUNT_OF_TIER: &str = "SELECT COUNT(*) FROM area \
    WHERE tier = $4 AND code >= $1 AND code < $2 AND valid_to IS NULL AND ($3 = '' OR REPLACE(name, $3, '') <> name)";
const LIST_OF_PARENT: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE parent_id = $6 AND tier >= $7 AND tier <= $8 AND code >= $1 AND code < $2 AND code > $3 AND valid_to IS NULL \
    AND ($4 = '' OR REPLACE(name, $4, '') <> name) ORDER BY code LIMIT $5";
const COUNT_OF_PARENT: &str = "SELECT COUNT(*) FROM area \
    WHERE parent_id = $4 AND tier >= $5 AND tier <= $6 AND code >= $1 AND code < $2 AND valid_to IS NULL \
    AND ($3 = '' OR REPLACE(name, $3, '') <> name)";
/// Roots, and what is counted below them: all there is, without visiting it.
const TOTAL: &str = "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM ( \
    SELECT COUNT(*) AS n FROM area WHERE parent_id IS NULL AND valid_to IS NULL AND tier >= $1 AND tier <= $2 \
    UNION ALL SELECT c.areas FROM area a JOIN area_count c ON c.area_id = a.id \
    WHERE a.parent_id IS NULL AND a.valid_to IS NULL AND c.tier >= $1 AND c.tier <= $2) t";

const SEARCH_CODE: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE code >= $1 AND code < $2 AND valid_to IS NULL ORDER BY code LIMIT $3";
const SEARCH_NAME: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE name >= $1 AND name < $2 AND valid_to IS NULL ORDER BY name, code LIMIT $3";
const SEARCH_WITHIN: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM ( \
    SELECT * FROM area WHERE path >= $1 AND path < $2 AND valid_to IS NULL ORDER BY path LIMIT $3) t \
    WHERE REPLACE(name, $4, '') <> name ORDER BY tier, code LIMIT $5";
const OF_TIER_WITHIN: &str = "SELECT id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id FROM area \
    WHERE path >= $1 AND path < $2 AND tier = $3 AND ($4 = '' OR kind = $4) AND valid_to IS NULL ORDER BY path LIMIT $5";

/// What a list is narrowed to, in terms of the table.
pub struct Narrow<'a> {
    pub tier: Option<Tier>,
    pub code_prefix: &'a str,
    /// Part of the name; empty for any.
    pub name: &'a str,
    pub parent: Option<Id<AreaName>>,
}

impl Narrow<'_> {
    /// Codes are digits: `~` comes after all of them.
    fn high(&self) -> String {
        format!("{}~", self.code_prefix)
    }

    fn tiers(&self) -> (i64, i64) {
        self.tier
            .map_or((Tier::Province.number(), Tier::Group.number()), |tier| (tier.number(), tier.number()))
    }

    pub fn list(&self, tx: &mut Tx<'_>, after: &str, rows: i64) -> Result<Vec<Area>, StoreError> {
        let (low, high, name) = (self.code_prefix, self.high(), self.name);
        let (from, to) = self.tiers();
        let rows = match (self.parent, self.tier) {
            (Some(parent), _) => {
                tx.query(LIST_OF_PARENT, params![low, high, after, name, rows, parent, from, to])?
            }
            (None, Some(tier)) => {
                tx.query(LIST_OF_TIER, params![low, high, after, name, rows, tier.number()])?
            }
            (None, None) => tx.query(LIST_OF_ALL, params![low, high, after, name, rows])?,
        };
        rows.iter().map(area).collect()
    }

    pub fn total(&self, tx: &mut Tx<'_>) -> Result<i64, StoreError> {
        let (low, high, name) = (self.code_prefix, self.high(), self.name);
        let (from, to) = self.tiers();
        match (self.parent, self.tier) {
            (Some(parent), _) => tx.count(COUNT_OF_PARENT, params![low, high, name, parent, from, to]),
            (None, _) if low.is_empty() && name.is_empty() => tx.count(TOTAL, params![from, to]),
            (None, Some(tier)) => tx.count(COUNT_OF_TIER, params![low, high, name, tier.number()]),
            (None, None) => tx.count(COUNT_OF_ALL, params![low, high, name]),
        }
    }
}

/// Codes that begin with `prefix`.
pub fn search_code(tx: &mut Tx<'_>, prefix: &str, rows: i64) -> Result<Vec<Area>, StoreError> {
    tx.query(SEARCH_CODE, params![prefix, format!("{prefix}~"), rows])?.iter().map(area).collect()
}

pub fn of_tier_within(
    tx: &mut Tx<'_>,
    around: &AreaPath,
    (tier, kind): (Tier, Option<Kind>),
    rows: i64,
) -> Result<Vec<Area>, StoreError> {
    let kind = kind.map_or("", Kind::as_str);
    tx.query(OF_TIER_WITHIN, params![around.low(), around.high(), tier.number(), kind, rows])?
        .iter()
        .map(area)
        .collect()
}

/// Names that begin with `prefix`, through their index.
pub fn search_name(tx: &mut Tx<'_>, prefix: &str, rows: i64) -> Result<Vec<Area>, StoreError> {
    tx.query(SEARCH_NAME, params![prefix, format!("{prefix}{}", char::MAX), rows])?.iter().map(area).collect()
}

/// Names that have `part` anywhere, upper tiers first, among the first `SEARCHED_MAX` areas from `low` to `high`.
pub fn search_within(
    tx: &mut Tx<'_>,
    low: &str,
    high: &str,
    part: &str,
    rows: i64,
) -> Result<Vec<Area>, StoreError> {
    tx.query(SEARCH_WITHIN, params![low, high, SEARCHED_MAX, part, rows])?.iter().map(area).collect()
}
