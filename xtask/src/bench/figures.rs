//! Figures of the evaluation: random areas of every tier and random months, with few cases there and with many.

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use serde_json::Value;

use super::{
    Options,
    city::{City, Server},
    client::{Body, Client},
    fill,
    load::{Stopwatch, quantile_ms},
    report::{self, Section, figure_text},
};

/// Milliseconds of any area's figures in any month.
const AIM_P99_MS: f64 = 50.0;
/// Those who look at figures are few.
const CLIENTS: [usize; 2] = [1, 4];
/// The tiers from the city to grids.
const TIERS: std::ops::RangeInclusive<u8> = 1..=5;
const SEED: u64 = 20_261_126;

/// What the rows are.
const GROUPINGS: [&str; 2] = ["area", "organization"];

/// Months and areas to ask about, and who asks.
struct Ground {
    token: String,
    /// Codes by tier, the city first.
    areas: Vec<Vec<String>>,
    /// First and last day.
    months: Vec<(String, String)>,
}

#[derive(Default)]
struct Tables {
    runs: Vec<Vec<String>>,
    tiers: Vec<Vec<String>>,
    places: Vec<String>,
    /// Engine, cases and p99 of the slowest run.
    worst: Vec<(&'static str, usize, f64)>,
}

pub fn measure(options: &Options) -> Result<Section> {
    let mut tables = Tables::default();
    let mut engines = Vec::new();
    for engine in options.engines() {
        let mut version = None;
        for size in options.sizes(engine) {
            let (city, _) = City::demo(engine, "figures", 0.05)?;
            version = Some(city.rows()?.version()?);
            if size > 0 {
                fill::fill(&mut city.rows()?, size)?;
            }
            at_size(options, &city, size, &mut tables)?;
        }
        engines.extend(version);
    }
    section(options, &engines, &tables)
}

fn at_size(options: &Options, city: &City, size: usize, tables: &mut Tables) -> Result<()> {
    let engine = city.engine.name();
    let server = city.serve()?;
    let settled = city.settle()?;
    let ground = Ground::of(city, &server)?;
    let mut worst: f64 = 0.0;
    for grouping in GROUPINGS {
        for clients in CLIENTS {
            let mut outcome = options
                .closed(clients, &server.process, |number| asker(&ground, &server, grouping, number))?;
            outcome.0.whole = outcome.0.answers()?;
            let label =
                format!("{engine}, {} cases, by {grouping}, {clients} at once", figure_text(size as f64));
            let mut row = vec![label.clone()];
            row.extend(report::run_cells(&outcome));
            row.push(figure_text(outcome.0.whole.max() as f64 / 1_000.0));
            tables.runs.push(row);
            worst = worst.max(quantile_ms(&outcome.0.whole, 0.99));
            if clients == 1 {
                for (tier, times) in &outcome.0.calls {
                    let cells = [0.5, 0.99].map(|share| figure_text(quantile_ms(times, share)));
                    tables.tiers.push([vec![format!("{label}: {tier}")], cells.into()].concat());
                }
            }
        }
    }
    tables.worst.push((engine, size, worst));
    tables.places.push(format!(
        "{engine}: {} cases, {} of database; entering them in pages took {} s",
        figure_text(city.rows()?.number("SELECT COUNT(*) FROM case_file")? as f64),
        report::megabytes(city.bytes()?),
        figure_text(settled)
    ));
    server.stop()
}

impl Ground {
    fn of(city: &City, server: &Server) -> Result<Self> {
        let logins = city.logins()?;
        let mut rows = city.rows()?;
        let names = rows.texts(
            "SELECT a.login_name FROM account a JOIN appointment h ON h.person_id = a.person_id \
             JOIN post p ON p.id = h.post_id JOIN area c ON c.id = p.area_id AND c.tier = 1 \
             WHERE p.role = 'commander' ORDER BY a.login_name",
        )?;
        let name = names.first().context("the demo has no commander of the city")?;
        let codes = |tier| {
            let codes = format!(
                "SELECT code FROM area WHERE tier = {tier} AND valid_to IS NULL AND code >= '1509' AND code < '1509~' ORDER BY code"
            );
            city.rows()?.texts(&codes)
        };
        let areas = TIERS.map(codes).collect::<Result<Vec<_>>>()?;
        ensure!(areas.iter().all(|it| !it.is_empty()), "a tier of the demo has no areas");
        let moment = |sql: &str| -> Result<jiff::civil::Date> {
            let micros = city.rows()?.number(sql)?;
            Ok(jiff::Timestamp::from_microsecond(micros)?.to_zoned(jiff::tz::TimeZone::UTC).date())
        };
        let (mut month, last) = (
            moment("SELECT MIN(reported_at) FROM case_file")?.first_of_month(),
            moment("SELECT MAX(reported_at) FROM case_file")?,
        );
        let mut months = Vec::new();
        while month <= last {
            months.push((month.to_string(), month.last_of_month().to_string()));
            month = month.last_of_month().tomorrow()?;
        }
        Ok(Self { token: server.sign_in_as(&logins, name)?, areas, months })
    }
}

type Work<'a> = Box<dyn FnMut(&mut Stopwatch) -> Result<()> + 'a>;

/// Asks for one area and month after the other; each tier as often as another.
fn asker<'a>(ground: &'a Ground, server: &Server, grouping: &'a str, number: usize) -> Result<Work<'a>> {
    const NAMES: [&str; 5] = ["city", "county", "township", "community", "grid"];
    let mut client = Client::connect(server.address)?;
    let mut chance = ChaCha8Rng::seed_from_u64(SEED + number as u64);
    Ok(Box::new(move |watch: &mut Stopwatch| {
        let tier = chance.random_range(0..ground.areas.len());
        let area = &ground.areas[tier][chance.random_range(0..ground.areas[tier].len())];
        let (from, to) = &ground.months[chance.random_range(0..ground.months.len())];
        let path = format!("/api/v1/evaluations?area={area}&from={from}&to={to}&by={grouping}");
        let answer = watch.time(NAMES[tier], || {
            client.call("GET", &path, &ground.token, &Body::None).map(<[u8]>::to_vec)
        })?;
        check(&serde_json::from_slice(&answer)?, grouping).with_context(|| path.clone())
    }))
}

/// The areas of an answer add up to its whole, bodies to no less of what is due, since two may have had the same case;
/// and what is of something is no more than that.
fn check(answer: &Value, grouping: &str) -> Result<()> {
    let total = answer["total"]["figures"].as_object().context("no figures")?;
    let rows = answer["rows"].as_array().context("no rows")?;
    for (name, whole) in total {
        let parts: i64 = rows.iter().filter_map(|row| row["figures"][name].as_i64()).sum();
        let adds_up = match grouping {
            "area" => Some(parts) == whole.as_i64(),
            _ => !["due", "handled", "dispatched"].contains(&name.as_str()) || Some(parts) >= whole.as_i64(),
        };
        ensure!(rows.is_empty() || adds_up, "{name} is {whole} and its parts {parts}");
    }
    let of = |name: &str| total.get(name).and_then(Value::as_i64).unwrap_or(-1);
    for (part, whole) in [
        ("registered", "reported"),
        ("handled_on_time", "handled"),
        ("handled", "due"),
        ("closed", "due_to_close"),
    ] {
        ensure!(of(part) >= 0 && of(part) <= of(whole), "{part} is {} of {whole} {}", of(part), of(whole));
    }
    Ok(())
}

fn section(options: &Options, engines: &[String], tables: &Tables) -> Result<Section> {
    let mut section = Section::new("Evaluation of any area and month", engines)?;
    section.line(&format!(
        "A commander of the city asks /api/v1/evaluations for an area and a month, drawn at random: each tier from the \
         city to grids as often as another, within it each area, and each month in which there are cases. The answer \
         has all figures and rates of the area and of each of its parts, as they are and adjusted; that the areas add \
         up to the whole is checked with each answer, outside the time. Cases beyond those of the demo are copies of \
         them over 300 days. {} runs of {} s each.",
        options.repeats, options.seconds
    ));
    for place in &tables.places {
        section.line(place);
    }
    let head = ["figures"].into_iter().chain(report::RUN_HEAD).chain(["longest ms"]);
    section.table(&head.collect::<Vec<_>>(), &tables.runs);
    section.table(&["by tier", "p50 ms", "p99 ms"], &tables.tiers);
    for (engine, size, worst) in &tables.worst {
        let what = format!("with {} cases on {engine}, p99 of the slowest run", figure_text(*size as f64));
        section.aim(&what, *worst, AIM_P99_MS, "ms", false);
    }
    Ok(section)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_whose_parts_do_not_add_up_ends_the_run() {
        let figures = |reported: i64| {
            json!({ "reported": reported, "registered": 1, "due": 1, "handled": 1, "handled_on_time": 0,
                "due_to_close": 0, "closed": 0 })
        };
        let answer = |whole: i64| {
            let parts = json!([{ "figures": figures(1) }]);
            json!({ "total": { "figures": figures(whole) }, "rows": parts })
        };
        assert!(check(&answer(1), "area").is_ok());
        assert!(check(&answer(2), "area").unwrap_err().to_string().contains("reported"));
        assert!(check(&json!({ "total": {}, "rows": [] }), "organization").is_err());
    }
}
