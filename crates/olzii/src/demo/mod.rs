//! The demo city: Ulanqab as a report of 2020 counted it, with invented people, deterministic from a seed.
//!
//! The plan (`territory`, `bodies`) is pure: it says what there is. `build` writes it through the rooms'
//! own bulk functions, settles residents, and then plays the cases of the past weeks through the case
//! engine, every step by somebody who may take it. The same seed, scale and moment give the same rows
//! (on PostgreSQL the same but for ids: a transaction that it runs again takes new ones).
//!
//! It is a demo city and no other: all its accounts share one password and its ids can be foretold.

mod bodies;
mod campaigns;
mod chance;
pub mod command;
mod events;
mod figures;
mod forms;
mod gates;
mod history;
mod ids;
mod live;
mod passes;
mod people;
mod picture;
mod place;
mod play;
mod residents;
mod responsibilities;
mod territory;
#[cfg(test)]
mod tests;
mod witness;
mod words;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use domain::{
    City, Ctx,
    area::{self, Kind, NewGrid, Place, Source},
    journal::{self, Entry, SubjectKind},
    statistic,
};
use kernel::Timestamp;
use policy::Actor;

pub use ids::SeededIds;
pub use live::live;

use self::{bodies::SHOWN_LOGINS, figures::Figures, play::Player, territory::Territory, words::Words};

/// How large a city, from what, and at which moment it is.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub seed: u64,
    /// Share of the residents, above 0 and up to 1. Bodies, grids and workers are always all there.
    pub scale: f64,
    pub now: Timestamp,
}

/// What to sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logins {
    pub password: String,
    /// Login name by what it is for; all have to do with one community, so that one case can be walked through.
    pub logins: BTreeMap<String, String>,
}

/// Days before `now` since when everything stands as it does.
const SETTLED_DAYS: i64 = 365;
/// The date of the list of divisions.
const DIVISIONS_DATE: &str = "2023-12-31";
/// Cases at scale 1, and bounds at any.
const CASES: f64 = 8_000.0;
const CASES_MIN: f64 = 40.0;
const CASES_MAX: f64 = 2_000.0;

/// Builds the city in an empty database. For the same rows each time, `city` has ids of [`SeededIds`];
/// open it anew with ids and secrets of chance to serve it. `progress` is told the stage, how much of it
/// is done, and its whole.
pub fn build(city: &Arc<City>, options: Options, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Logins> {
    ensure!(
        options.scale > 0.0 && options.scale <= 1.0,
        "the scale is above 0 and at most 1, not {}",
        options.scale
    );
    let (figures, words) = (Figures::read()?, Words::read()?);
    let territory = Territory::plan(options.seed, &figures, &words)?;
    let bodies = bodies::plan(options.seed, &territory, &figures, &words)?;
    let logins = Logins {
        password: words.password(options.seed),
        logins: SHOWN_LOGINS
            .iter()
            .map(|(word, _, login)| ((*word).to_owned(), (*login).to_owned()))
            .collect(),
    };
    let since = options.now.plus_seconds(-SETTLED_DAYS * 86_400);
    let ctx = Ctx { city: city.clone(), actor: Actor::system(), signed_in: None, now: since };

    let places = settle_areas(&ctx, &territory, progress)?;
    let staff =
        people::Staff { ctx: &ctx, words: &words, places: &places, seed: options.seed, now: options.now };
    let accounts = staff.appoint(&bodies, &mut |done, total| progress("organizations", done, total))?;
    responsibilities::import(&ctx, &territory)?;
    let total = ((figures.residents as f64 * options.scale).round() as usize).max(1);
    let plan = (options.seed, &territory, &words);
    let settled =
        residents::settle(&ctx, plan, &places, total, &mut |done, all| progress("residents", done, all))?;
    let first = &territory.shown_community()?.grids.first().context("the shown community has a grid")?.code;
    let heads = &settled.heads;
    let resident = heads.get(first).context("nobody lives in the first grid of the shown community")?;
    let accounts = people::Accounts { ctx: &ctx, password: &logins.password, accounts };
    accounts.open((*resident, places[first].county), &mut |done, all| progress("accounts", done, all))?;
    record(&ctx, &territory, &places, &options)?;
    progress("events", 0, 1);
    events::import(&ctx, options.seed, &territory, &figures)?;
    statistic::count(city)?;
    progress("events", 1, 1);
    city.db.analyze()?;

    let cases = (CASES * options.scale).clamp(CASES_MIN, CASES_MAX) as usize;
    let player = Player::new(city.clone(), options.seed, "cases", territory, words)?;
    let report = &mut |done, all| progress("cases", done, all);
    history::play(&player, options.seed, heads, cases, options.now, report)?;
    forms::play(&player, options.seed, options.now)?;
    let report = &mut |done, all| progress("passes", done, all);
    passes::play(&player, &settled, options.seed, options.scale, options.now, report)?;
    campaigns::play(&player, options.seed, options.now)?;
    city.db.analyze()?;
    Ok(logins)
}

/// Divisions, boundaries and grids. Returns every area by its code.
fn settle_areas(
    ctx: &Ctx,
    territory: &Territory,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<HashMap<String, Place>> {
    if ctx.read(|tx| area::place(tx, &territory.city.code))?.is_some() {
        bail!("there is a city in this database already: build the demo in an empty one");
    }
    let date = Timestamp::parse(DIVISIONS_DATE).context("a date")?.min(ctx.now);
    let source = Source { name: "ulanqab.csv", bytes: territory::DIVISIONS };
    let options = area::Options { complete: false, date };
    area::import(ctx, source, options, &mut |done, total| progress("areas", done, total))?;
    area::import_boundaries(ctx, place::BOUNDARIES, place::BOUNDARIES_SOURCE)?;

    let kind = |urban| if urban { Kind::Urban } else { Kind::Rural };
    let grids = territory.grids().map(|(community, grid)| NewGrid {
        community_code: community.code.clone(),
        order: grid.order,
        name: grid.name.clone(),
        kind: kind(community.urban),
    });
    let grids: Vec<NewGrid> = grids.collect();
    progress("grids", 0, grids.len() as u64);
    let founded = ctx.write(|tx| area::found_grids(tx, ctx, &grids))?;
    progress("grids", founded.len() as u64, grids.len() as u64);

    let units = std::iter::once(&territory.city).chain(&territory.counties).chain(&territory.townships);
    let codes = units.map(|it| &it.code).chain(territory.communities.iter().map(|it| &it.code));
    let mut places = HashMap::new();
    ctx.read(|tx| {
        for code in codes.clone() {
            places.extend(area::place(tx, code)?.map(|place| (code.clone(), place)));
        }
        Ok(())
    })?;
    for grid in founded {
        let county = places.get(&grid.code[..6]).context("a grid lies in a county")?.id;
        let place =
            Place { id: grid.id, code: grid.code, name: grid.name, tier: grid.tier, path: grid.path, county };
        places.insert(place.code.clone(), place);
    }
    Ok(places)
}

/// One journal entry a county for all that was written there in bulk.
fn record(
    ctx: &Ctx,
    territory: &Territory,
    places: &HashMap<String, Place>,
    options: &Options,
) -> Result<()> {
    let units = std::iter::once(&territory.city).chain(&territory.counties);
    let counties: Vec<&Place> = units.filter_map(|unit| places.get(&unit.code)).collect();
    Ok(ctx.write(|tx| {
        for place in &counties {
            let entry = Entry::new(place.county, "demo.build", SubjectKind::Area, place.id.uuid());
            journal::record(tx, ctx, &entry.with("seed", options.seed).with("scale", options.scale))?;
        }
        Ok(())
    })?)
}

/// Where the shown community stands in the plan.
fn place_in_list(territory: &Territory) -> Result<usize> {
    let shown = territory.communities.iter().position(|it| it.code == territory::SHOWN_COMMUNITY);
    shown.context("the list of divisions has no shown community")
}
