//! The plan of the city's tree: its divisions as the code list has them, and grids below each community.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use domain::area::{Kind, kind_of_code};
use kernel::{AreaPath, Tier};

use super::{chance::Chance, figures::Figures, words::Words};

pub const DIVISIONS: &[u8] = include_bytes!("../../../../data/divisions/ulanqab.csv");

/// The community whose people carry the demo's named logins: the first in the list, in 集宁区.
/// The county around the shown community.
pub const SHOWN_COUNTY: &str = "150902";
pub const SHOWN_COMMUNITY: &str = "150902001001";

/// A city, county or township.
pub struct Unit {
    pub code: String,
    pub name: String,
    pub path: AreaPath,
}

pub struct Community {
    pub code: String,
    pub name: String,
    /// Without the words for its committee: 恩和路社区.
    pub short: String,
    pub path: AreaPath,
    /// Grids below a unit that is neither urban nor rural are rural.
    pub urban: bool,
    pub grids: Vec<Grid>,
}

pub struct Grid {
    /// 1, 2 … within the community; in the code in three digits.
    pub order: u16,
    pub code: String,
    pub path: AreaPath,
    pub name: String,
    /// The street or natural village that it is named after.
    pub street: String,
    /// How many live there, in comparison.
    pub weight: f64,
}

pub struct Territory {
    pub city: Unit,
    pub counties: Vec<Unit>,
    pub townships: Vec<Unit>,
    pub communities: Vec<Community>,
}

/// Share of the residents who live in urban grids, as at the census of 2020, roughly.
const URBAN_SHARE: f64 = 0.59;

impl Territory {
    pub fn plan(seed: u64, figures: &Figures, words: &Words) -> Result<Self> {
        let mut territory = read()?;
        let chance = &mut Chance::new(seed, "grids");
        let urban = figures.grids_urban as f64;
        let rural = figures.grids_rural as f64;
        for (is_urban, grids, mean) in [
            (true, figures.grids_urban, URBAN_SHARE / urban),
            (false, figures.grids_rural, (1.0 - URBAN_SHARE) / rural),
        ] {
            let mut those: Vec<_> =
                territory.communities.iter_mut().filter(|it| it.urban == is_urban).collect();
            let weights: Vec<f64> =
                those.iter().map(|_| chance.between(0.3, 1.0) + chance.fraction()).collect();
            for (community, count) in those.iter_mut().zip(shared(grids, &weights)?) {
                community.grids = found(community, count, mean, words, chance)?;
            }
        }
        Ok(territory)
    }

    pub fn grids(&self) -> impl Iterator<Item = (&Community, &Grid)> {
        self.communities
            .iter()
            .flat_map(|community| community.grids.iter().map(move |grid| (community, grid)))
    }

    pub fn shown_community(&self) -> Result<&Community> {
        let shown = self.communities.iter().find(|it| it.code == SHOWN_COMMUNITY);
        shown.with_context(|| format!("the list of divisions has no {SHOWN_COMMUNITY}"))
    }

    /// The county or township around a path.
    pub fn above<'a>(units: &'a [Unit], path: &AreaPath) -> Option<&'a Unit> {
        units.iter().find(|unit| path.is_within(&unit.path))
    }
}

/// The tree of the code list, in its order, which is that of the codes.
fn read() -> Result<Territory> {
    let mut paths: HashMap<String, AreaPath> = HashMap::new();
    let mut cities = Vec::new();
    let (mut counties, mut townships, mut communities) = (Vec::new(), Vec::new(), Vec::new());
    for row in csv::Reader::from_reader(DIVISIONS).records() {
        let row = row?;
        let (code, name) = (row[0].to_owned(), row[1].to_owned());
        let path = match paths.get(&row[2]) {
            Some(parent) => parent.child(&code)?,
            None => AreaPath::root(&code)?,
        };
        paths.insert(code.clone(), path.clone());
        match Tier::of_code(&code) {
            Some(Tier::City) => cities.push(Unit { code, name, path }),
            Some(Tier::County) => counties.push(Unit { code, name, path }),
            Some(Tier::Township) => townships.push(Unit { code, name, path }),
            Some(Tier::Community) => communities.push(Community {
                short: short(&name),
                urban: kind_of_code(&code) == Kind::Urban,
                code,
                name,
                path,
                grids: Vec::new(),
            }),
            _ => bail!("the list of divisions has a code {code} that is of no tier of a city"),
        }
    }
    let city =
        cities.pop().filter(|_| cities.is_empty()).context("the list of divisions is that of one city")?;
    Ok(Territory { city, counties, townships, communities })
}

fn short(name: &str) -> String {
    let endings = ["居民委员会", "村民委员会", "委员会"];
    let short = endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    short.to_owned()
}

/// `total` in whole numbers of at least one, in proportion to the weights (the largest remainders are rounded up).
fn shared(total: usize, weights: &[f64]) -> Result<Vec<usize>> {
    let spare = total.checked_sub(weights.len()).context("there are fewer grids than communities")? as f64;
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights.iter().map(|weight| spare * weight / sum).collect();
    let mut counts: Vec<usize> = exact.iter().map(|it| 1 + *it as usize).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by(|one, other| exact[*other].fract().total_cmp(&exact[*one].fract()));
    let missing = total - counts.iter().sum::<usize>();
    for index in by_remainder.into_iter().take(missing) {
        counts[index] += 1;
    }
    Ok(counts)
}

fn found(
    community: &Community,
    count: usize,
    mean: f64,
    words: &Words,
    chance: &mut Chance,
) -> Result<Vec<Grid>> {
    let spread = if community.urban { (0.6, 1.4) } else { (0.2, 1.8) };
    let first_street = chance.below(words.streets.len());
    let first_village = chance.below(words.villages());
    let mut grids = Vec::with_capacity(count);
    for index in 0..count {
        let order = u16::try_from(index + 1)?;
        let code = format!("{}{order:03}", community.code);
        // Steps of a prime that divides neither list walk through all of it before they repeat.
        let street = match community.urban {
            true => words.streets[(first_street + index * 7) % words.streets.len()].clone(),
            false => words.village(first_village + index * 7),
        };
        grids.push(Grid {
            order,
            path: community.path.child(&code)?,
            code,
            name: format!("第{}网格（{street}）", numeral(order)),
            street,
            weight: mean * chance.between(spread.0, spread.1),
        });
    }
    Ok(grids)
}

/// 1 to 99 in Chinese; above that in digits.
fn numeral(number: u16) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match number {
        1..=9 => DIGITS[number as usize].to_owned(),
        10..=19 => format!("十{}", DIGITS[number as usize % 10]),
        20..=99 => format!("{}十{}", DIGITS[number as usize / 10], DIGITS[number as usize % 10]),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn grids_are_as_many_as_the_report_says_and_every_community_has_one() {
        let (figures, words) = (Figures::read().unwrap(), Words::read().unwrap());
        for seed in [1, 2, 99] {
            let territory = Territory::plan(seed, &figures, &words).unwrap();
            assert_eq!(territory.grids().count(), figures.grids);
            assert_eq!(
                territory.grids().filter(|(community, _)| community.urban).count(),
                figures.grids_urban
            );
            assert_eq!(
                territory.grids().filter(|(community, _)| !community.urban).count(),
                figures.grids_rural
            );
            assert!(territory.communities.iter().all(|it| !it.grids.is_empty()));
            let codes: BTreeSet<_> = territory.grids().map(|(_, grid)| &grid.code).collect();
            assert_eq!(codes.len(), figures.grids, "no code is there twice");
            for community in &territory.communities {
                let names: BTreeSet<_> = community.grids.iter().map(|it| &it.name).collect();
                assert_eq!(names.len(), community.grids.len());
            }
        }
    }

    #[test]
    fn numbers_read_as_they_are_said() {
        assert_eq!([1, 10, 11, 20, 47, 100].map(numeral), ["一", "十", "十一", "二十", "四十七", "100"]);
    }
}
