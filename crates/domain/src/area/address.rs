//! Which community an address names, as people write it.

use kernel::{AreaPath, Tier};

use super::{model::Area, query, store as rows};
use crate::{Ctx, Refusal};

/// Communities whose names are looked for: a large city has some thousands.
const COMMUNITIES_MAX: i64 = 5_000;
/// Characters of the shortest name that is told from chance.
const NAME_CHARS_MIN: usize = 2;

/// How a list of divisions ends the names of committees, and letters those of offices, and what people say in its place.
const COMMITTEES: &str = include_str!("committees.txt");

/// The community in `around` that an address names, told from others of its name by the names above it;
/// none where the address names none, or does not tell which.
pub fn named_in(ctx: &Ctx, around: &AreaPath, address: &str) -> Result<Option<Area>, Refusal> {
    ctx.read(|tx| {
        let mut found: Vec<(usize, Area)> = Vec::new();
        for area in rows::of_tier_within(tx, around, (Tier::Community, None), COMMUNITIES_MAX)? {
            let name = spoken(&area.name);
            if name.chars().count() < NAME_CHARS_MIN || !address.contains(&name) {
                continue;
            }
            let mut named = name.chars().count();
            for code in area.path.codes().filter(|code| *code != area.code) {
                let above = query::in_force(tx, code)?.filter(|it| address.contains(&it.name));
                named += above.map_or(0, |it| it.name.chars().count());
            }
            found.push((named, area));
        }
        // The longest name wins: one may stand in another.
        found.sort_by_key(|(named, _)| std::cmp::Reverse(*named));
        let is_told = found.len() < 2 || found[0].0 > found[1].0;
        Ok(found.into_iter().next().filter(|_| is_told).map(|(_, area)| area))
    })
}

/// The name of a committee or an office as it stands in addresses and on sheets.
pub fn spoken(name: &str) -> String {
    let endings = COMMITTEES.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    let shorter =
        endings.into_iter().find_map(|(long, short)| Some(format!("{}{short}", name.strip_suffix(long)?)));
    shorter.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committee_is_called_by_its_place() {
        for (name, said) in [
            ("永安社区居民委员会", "永安社区"),
            ("东城外社区居委会", "东城外社区"),
            ("渠家村村民委员会", "渠家村"),
            ("苏计村民委员会", "苏计村"),
            ("丁吉嘎查委员会", "丁吉嘎查"),
            ("泰昌社区", "泰昌社区"),
        ] {
            assert_eq!(spoken(name), said);
        }
    }
}
