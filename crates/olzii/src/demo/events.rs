//! The events of 2020 that the report counted and no room of the city holds yet: demonstration records, spread over the
//! areas by chance from the seed so that they sum to what the report printed.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use domain::{
    Ctx,
    area::{Kind, kind_of_code},
    statistic::{self, Origin},
};

use super::{chance::Chance, figures::Figures, territory::Territory};

const ORIGIN: Origin<'_> = Origin {
    name: "demo-events-2020.csv",
    provenance: "演示数据，合计与2020年报告刊载的数字一致",
};

/// Which areas events of a kind happened in.
#[derive(Clone, Copy)]
enum Where {
    City,
    Counties,
    Townships,
    Communities,
    Urban,
    Rural,
}

/// Days of 2020 between which they happened.
type Days = (&'static str, &'static str);
const EPIDEMIC: Days = ("2020-01-27", "2020-04-30");
const YEAR: Days = ("2020-02-01", "2020-11-30");
const YEAR_END: Days = ("2020-12-31", "2020-12-31");

/// Element, option, how much in all, where and when.
type Events = (&'static str, &'static str, i64, Where, Days);

pub fn import(ctx: &Ctx, seed: u64, territory: &Territory, figures: &Figures) -> Result<()> {
    let file = file(seed, territory, figures)?;
    match statistic::import(ctx, file.as_bytes(), &ORIGIN) {
        Ok(_) => Ok(()),
        Err(statistic::ImportError::Refusal(refusal)) => Err(refusal.into()),
        Err(statistic::ImportError::Faults(faults)) => {
            bail!("the demo's events are not right: {}", faults.listed.first().context("a fault")?)
        }
    }
}

/// As a city would bring them.
fn file(seed: u64, territory: &Territory, figures: &Figures) -> Result<String> {
    let mut text = format!("{}\n", statistic::COLUMNS.join(","));
    for (number, kind) in kinds(figures)?.into_iter().enumerate() {
        let (element, option, total, place, days) = kind;
        let chance = &mut Chance::of(seed, "events", number);
        let areas = areas(territory, place);
        let weights: Vec<f64> = areas.iter().map(|_| chance.between(0.4, 1.6)).collect();
        for (area, value) in areas.iter().zip(spread(total, &weights)) {
            row(&mut text, (element, option), area, value, day(days, chance)?)?;
        }
    }
    planned_grids(&mut text, seed, territory, figures)?;
    Ok(text)
}

fn row(
    text: &mut String,
    (element, option): (&str, &str),
    area: &str,
    value: i64,
    day: String,
) -> Result<()> {
    if value > 0 {
        writeln!(text, "{element},{area},{day},{value},{option},demo-{area}-{option}")?;
    }
    Ok(())
}

/// What the report counts, from the largest to the smallest part of each. Where it prints one number for several parts,
/// how they share in it is invented.
fn kinds(figures: &Figures) -> Result<Vec<Events>> {
    let printed = |id: &str| figures.printed(id);
    let part = |whole: i64, percent: i64| whole * percent / 100;
    let (claims, funds, gifts) =
        (printed("post_claims")?, printed("emergency_funds")?, printed("donations")?);
    let (pioneer, volunteer) = (part(claims, 40), part(claims, 45));
    let (of_city, of_counties) = (part(funds, 30), part(funds, 45));
    // The share of completed items is above 90 %.
    let completed = printed("approval_items")?;
    let accepted = completed * 10 / 9 - 1;
    let (over_50, below) = (printed("cadres_over_50")?, printed("cadres_below_college")?);
    // Both shares that it prints, 0.53 and 0.83, are those of 7,194 village cadres.
    let (cadres, both) = ((below * 100 + 41) / 83, part(over_50, 90));
    let (workers, full) = (printed("social_workers")?, printed("social_workers_full_time")?);
    let certified = printed("social_workers_certified")?;
    let full_certified = part(certified, 75);
    let (signups, young) = (printed("reserve_signups")?, printed("reserve_under_35")?);
    Ok(vec![
        ("SURVEY_UNITS", "rural", printed("villages_surveyed")?, Where::Townships, YEAR),
        ("SURVEY_UNITS", "urban", printed("communities_surveyed")?, Where::Townships, YEAR),
        ("PARTY_MEMBERS", "", printed("party_members")?, Where::Communities, YEAR_END),
        ("EMPLOYERS_REPORTED", "", printed("units_sent_down")?, Where::Townships, EPIDEMIC),
        ("STAFF_REPORTED", "", printed("staff_sent_down")?, Where::Communities, EPIDEMIC),
        ("POSTS_CLAIMED", "pioneer", pioneer, Where::Communities, EPIDEMIC),
        ("POSTS_CLAIMED", "volunteer", volunteer, Where::Communities, EPIDEMIC),
        ("POSTS_CLAIMED", "supervision", claims - pioneer - volunteer, Where::Communities, EPIDEMIC),
        ("TEAMS", "", printed("teams")?, Where::Communities, EPIDEMIC),
        ("CHECKPOINTS", "", printed("checkpoints")?, Where::Communities, EPIDEMIC),
        ("VOLUNTEERS", "", printed("volunteers")?, Where::Communities, EPIDEMIC),
        ("PASSES", "", printed("entry_passes")?, Where::Urban, EPIDEMIC),
        ("EMERGENCY_FUNDS", "city", of_city, Where::City, EPIDEMIC),
        ("EMERGENCY_FUNDS", "county", of_counties, Where::Counties, EPIDEMIC),
        ("EMERGENCY_FUNDS", "township", funds - of_city - of_counties, Where::Townships, EPIDEMIC),
        ("DUES_GRANTED", "", printed("dues_granted")?, Where::Counties, EPIDEMIC),
        ("DONATIONS", "cash", part(gifts, 60), Where::Townships, EPIDEMIC),
        ("DONATIONS", "kind", gifts - part(gifts, 60), Where::Townships, EPIDEMIC),
        ("APPROVAL_FIRMS", "", printed("approval_firms")?, Where::Counties, YEAR),
        ("APPROVAL_PROJECTS", "", printed("approval_projects")?, Where::Counties, YEAR),
        ("APPROVAL_ACCEPTED", "", accepted, Where::Counties, YEAR),
        ("APPROVAL_COMPLETED", "", completed, Where::Counties, YEAR),
        ("JOB_FAIRS", "", printed("job_fairs")?, Where::Counties, YEAR),
        ("VACANCIES", "", printed("job_posts")?, Where::Counties, YEAR),
        ("ATTENDANCES", "", printed("job_attendance")?, Where::Townships, YEAR),
        ("JOB_INTENTS", "", printed("job_intents")?, Where::Townships, YEAR),
        ("JOB_AGREEMENTS", "", printed("job_contracts")?, Where::Townships, YEAR),
        ("WORKERS_EMPLOYED", "", printed("workers_employed")?, Where::Rural, YEAR),
        ("RESERVE_SIGNUPS", "under_35", young, Where::Townships, YEAR),
        ("RESERVE_SIGNUPS", "from_35", signups - young, Where::Townships, YEAR),
        ("VILLAGE_CADRES", "over_50_below_college", both, Where::Rural, YEAR_END),
        ("VILLAGE_CADRES", "over_50_college", over_50 - both, Where::Rural, YEAR_END),
        ("VILLAGE_CADRES", "under_50_below_college", below - both, Where::Rural, YEAR_END),
        ("VILLAGE_CADRES", "under_50_college", cadres - over_50 - below + both, Where::Rural, YEAR_END),
        ("SOCIAL_WORKERS", "full_certified", full_certified, Where::Urban, YEAR_END),
        ("SOCIAL_WORKERS", "full_other", full - full_certified, Where::Urban, YEAR_END),
        ("SOCIAL_WORKERS", "part_certified", certified - full_certified, Where::Urban, YEAR_END),
        ("SOCIAL_WORKERS", "part_other", workers - full - certified + full_certified, Where::Urban, YEAR_END),
    ])
}

/// The urban grids with the households that were counted for them, of which each has as many as the report aimed at.
fn planned_grids(text: &mut String, seed: u64, territory: &Territory, figures: &Figures) -> Result<()> {
    let chance = &mut Chance::new(seed, "planned grids");
    let urban: Vec<_> = territory.communities.iter().filter(|it| it.urban).collect();
    let weights: Vec<f64> = urban.iter().map(|it| it.grids.len() as f64 * chance.between(0.8, 1.2)).collect();
    let households = figures.printed("households_per_urban_grid")? * figures.printed("grids_urban")?;
    for (community, households) in urban.iter().zip(spread(households, &weights)) {
        let day = day(YEAR, chance)?;
        row(text, ("PLANNED_GRIDS", ""), &community.code, community.grids.len() as i64, day.clone())?;
        row(text, ("PLANNED_HOUSEHOLDS", ""), &community.code, households, day)?;
    }
    Ok(())
}

fn areas(territory: &Territory, place: Where) -> Vec<&str> {
    let communities = |wanted: &dyn Fn(Kind) -> bool| {
        let codes = territory.communities.iter().map(|it| it.code.as_str());
        codes.filter(|code| wanted(kind_of_code(code))).collect()
    };
    match place {
        Where::City => vec![&territory.city.code],
        Where::Counties => territory.counties.iter().map(|it| it.code.as_str()).collect(),
        Where::Townships => territory.townships.iter().map(|it| it.code.as_str()).collect(),
        Where::Communities => communities(&|_| true),
        Where::Urban => communities(&|kind| kind == Kind::Urban),
        Where::Rural => communities(&|kind| kind == Kind::Rural),
    }
}

/// `total` in whole numbers in proportion to the weights: each gets what the sum up to it leaves to be given.
fn spread(total: i64, weights: &[f64]) -> Vec<i64> {
    let sum: f64 = weights.iter().sum();
    let (mut so_far, mut given) = (0.0, 0);
    let mut values = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        so_far += weight;
        let upto = if index + 1 == weights.len() { total } else { (total as f64 * so_far / sum) as i64 };
        values.push(upto - given);
        given = upto;
    }
    values
}

fn day((first, last): Days, chance: &mut Chance) -> Result<String> {
    let moment = |text: &str| kernel::Timestamp::parse(text).with_context(|| format!("no day {text}"));
    let days = moment(last)?.seconds_since(moment(first)?) / 86_400;
    let day = chance.below(days as usize + 1) as i64;
    Ok(moment(first)?.plus_seconds(day * 86_400).civil().date().to_string())
}
