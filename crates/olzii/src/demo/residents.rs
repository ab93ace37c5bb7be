//! Residents in households in premises in grids, grid by grid, with nothing about them beyond a name,
//! some telephones, the household and its address.

use std::collections::HashMap;

use anyhow::{Context, Result};
use domain::{
    Ctx,
    area::Place,
    resident::{self, Household, Person, Premises},
};
use kernel::{Id, Person as PersonName};

use super::{
    chance::Chance,
    territory::{Community, Grid, SHOWN_COUNTY, Territory},
    words::{Words, phone},
};

/// People written in one transaction, about.
const BATCH: usize = 10_000;
/// How many of a hundred households have at most 1, 2, 3, 4 members; the rest have 5.
const SIZES: [usize; 4] = [20, 53, 78, 92];
/// Share of people with a Mongolian name, by the part of the county's name that tells.
const MONGOLIAN: [(&str, f64); 2] = [("四子王", 0.12), ("察哈尔右翼", 0.08)];
const MONGOLIAN_ELSEWHERE: f64 = 0.03;

/// Rows that wait to be written.
#[derive(Default)]
struct Batch {
    premises: Vec<Premises>,
    households: Vec<Household>,
    people: Vec<Person>,
}

/// The head of the first household of each grid that has one, by the grid's code.
pub type Heads = HashMap<String, Id<PersonName>>;

/// Who was settled, as far as the stories that follow need them.
#[derive(Default)]
pub struct Settled {
    pub heads: Heads,
    /// Everybody of the shown county.
    pub shown: Vec<Id<PersonName>>,
    /// Some who live in other counties.
    pub elsewhere: Vec<Id<PersonName>>,
}

/// People of other counties who are remembered.
const ELSEWHERE: usize = 40;

/// Settles exactly `total` residents, at least one of them in the first grid of the shown community.
pub fn settle(
    ctx: &Ctx,
    plan: (u64, &Territory, &Words),
    places: &HashMap<String, Place>,
    total: usize,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Settled> {
    let (seed, territory, words) = plan;
    let shown = &territory.shown_community()?.grids.first().context("the shown community has a grid")?.code;
    let weights: f64 = territory.grids().map(|(_, grid)| grid.weight).sum();
    let (mut weight, mut settled) = (0.0, 0);
    let (mut all, mut batch) = (Settled::default(), Batch::default());
    let grids = territory.grids().count();
    for (number, (community, grid)) in territory.grids().enumerate() {
        weight += grid.weight;
        let goal = if number + 1 == grids { total } else { (total as f64 * weight / weights) as usize };
        let people = goal.saturating_sub(settled).max(usize::from(grid.code == *shown));
        settled += people;
        let place = places.get(&grid.code).with_context(|| format!("grid {} was not founded", grid.code))?;
        let county = Territory::above(&territory.counties, &grid.path).map_or("", |it| it.name.as_str());
        let mongolian =
            MONGOLIAN.iter().find(|(part, _)| county.contains(part)).map_or(MONGOLIAN_ELSEWHERE, |it| it.1);
        let chance = &mut Chance::of(seed, "residents", number);
        let first = batch.people.len();
        Settler { ctx, words, place, community, grid, mongolian }.fill(&mut batch, people, chance);
        if people > 0 {
            all.heads.insert(grid.code.clone(), batch.people[first].id);
        }
        let people = batch.people[first..].iter().map(|it| it.id);
        if grid.code.starts_with(SHOWN_COUNTY) {
            all.shown.extend(people);
        } else if all.elsewhere.len() < ELSEWHERE {
            all.elsewhere.extend(people.take(1));
        }
        if batch.people.len() >= BATCH {
            write(ctx, &mut batch)?;
            progress(settled as u64, total as u64);
        }
    }
    write(ctx, &mut batch)?;
    progress(settled as u64, total as u64);
    Ok(all)
}

fn write(ctx: &Ctx, batch: &mut Batch) -> Result<()> {
    let rows = std::mem::take(batch);
    Ok(ctx.write(|tx| resident::register_all(tx, &rows.premises, &rows.households, &rows.people))?)
}

struct Settler<'a> {
    ctx: &'a Ctx,
    words: &'a Words,
    place: &'a Place,
    community: &'a Community,
    grid: &'a Grid,
    mongolian: f64,
}

impl Settler<'_> {
    fn fill(&self, batch: &mut Batch, people: usize, chance: &mut Chance) {
        let (mut left, mut number) = (people, 0);
        while left > 0 {
            let draw = chance.below(100);
            let size = (1 + SIZES.iter().filter(|limit| draw >= **limit).count()).min(left);
            left -= size;
            number += 1;
            self.household(batch, size, number, chance);
        }
    }

    fn household(&self, batch: &mut Batch, size: usize, number: usize, chance: &mut Chance) {
        let county = self.place.county;
        let premises = Premises {
            county,
            id: self.ctx.id(),
            area: self.place.id,
            area_path: self.place.path.clone(),
            address: self.address(number, chance),
        };
        let household = Household { county, id: self.ctx.id(), premises: premises.id };
        let mongolian = chance.happens(self.mongolian);
        let surname = self.words.surname(chance);
        for member in 0..size {
            // The second is the first one's spouse and keeps another surname; children take the first one's.
            let name = match (mongolian, member) {
                (true, _) => self.words.mongolian_name(chance),
                (false, 1) => {
                    let other = self.words.surname(chance);
                    self.words.name(other, chance)
                }
                (false, _) => self.words.name(surname, chance),
            };
            let reachable = chance.happens(if member == 0 { 0.85 } else { 0.3 });
            let phone = reachable.then(|| phone(chance));
            batch.people.push(Person {
                county,
                id: self.ctx.id(),
                name,
                phone,
                household: Some(household.id),
            });
        }
        batch.premises.push(premises);
        batch.households.push(household);
    }

    fn address(&self, number: usize, chance: &mut Chance) -> String {
        let (short, street) = (&self.community.short, &self.grid.street);
        if !self.community.urban {
            return format!("{short}{street}{number}号");
        }
        let compound = &self.words.compounds[usize::from(self.grid.order) % self.words.compounds.len()];
        let (building, entrance) = (1 + number / 36, 1 + number / 12 % 3);
        let (floor, door) = (1 + number / 2 % 6, 1 + number % 2);
        format!(
            "{short}{street}{}号{compound}{building}号楼{entrance}单元{floor}0{door}室",
            1 + chance.below(120)
        )
    }
}
