//! Making a city, and starting one with all its residents.

use anyhow::Result;

use super::{
    Options,
    city::{City, Engine},
    client::{Body, Client},
    desk::Desk,
    lifecycle::{self, Way},
    load,
    report::{Section, figure_text, megabytes},
};

const BUILD_SECONDS_AIM: f64 = 30.0;
const BUILD_ALL_SECONDS_AIM: f64 = 300.0;
const READY_SECONDS_AIM: f64 = 1.0;
const MEMORY_AIM: f64 = 300.0;
const CLIENTS: usize = 16;

pub fn measure(options: &Options) -> Result<Section> {
    let (small, took_small) = City::demo(Engine::Sqlite, "start", 0.05)?;
    let version = small.rows()?.version()?;
    let bytes_small = small.bytes()?;
    drop(small);
    let (city, took_all) = City::demo(Engine::Sqlite, "start", 1.0)?;
    let residents = city.rows()?.number("SELECT COUNT(*) FROM person WHERE household_id IS NOT NULL")?;

    let mut starts = Vec::new();
    for _ in 0..options.repeats.max(1) {
        let server = city.serve()?;
        Client::connect(server.address)?.call("GET", "/ready", "", &Body::None)?;
        starts.push((server.ready_after.as_secs_f64(), server.process.resident()?));
        server.stop()?;
    }
    starts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ready, resident) = starts[starts.len() / 2];

    let server = city.serve()?;
    let desk = Desk::open(&city, &server)?;
    let run =
        load::closed(options.plan(CLIENTS), &server.process, lifecycle::worker(&desk, &server, Way::Order))?;
    let resident_max = server.process.resident_max()?;

    let mut section = Section::new("Making and starting a city", &[version])?;
    section.line(&format!(
        "`olzii demo` to its `ready` line, at 1/20 of the residents and with all ({} of them in households); then \
         `olzii serve` on the latter, from the start of the process to its `ready` line, {} times, and {CLIENTS} clients \
         that carry cases through the four calls for {} s.",
        figure_text(residents as f64),
        options.repeats,
        options.seconds
    ));
    let row = |what: &str, figure: String| vec![what.to_owned(), figure];
    section.table(
        &["on SQLite", "figure"],
        &[
            row(
                "demo city at 1/20",
                format!(
                    "{} s, {} of database",
                    figure_text(took_small.as_secs_f64()),
                    megabytes(bytes_small)
                ),
            ),
            row(
                "demo city with all residents",
                format!(
                    "{} s, {} of database",
                    figure_text(took_all.as_secs_f64()),
                    megabytes(city.bytes()?)
                ),
            ),
            row("start to ready", format!("{} s", figure_text(ready))),
            row("memory when ready", megabytes(resident)),
            row("lifecycles a second", figure_text(run.rate)),
            row("p99 of a lifecycle", format!("{} ms", figure_text(load::quantile_ms(&run.whole, 0.99)))),
            row("memory after these, at most", megabytes(resident_max)),
        ],
    );
    section.aim("demo city at 1/20", took_small.as_secs_f64(), BUILD_SECONDS_AIM, "s", false);
    section.aim("demo city with all residents", took_all.as_secs_f64(), BUILD_ALL_SECONDS_AIM, "s", false);
    section.aim("start with all residents", ready, READY_SECONDS_AIM, "s", false);
    section.aim(
        "memory of the server with all residents, under load,",
        resident_max as f64 / 1e6,
        MEMORY_AIM,
        "MB",
        false,
    );
    server.stop()?;
    Ok(section)
}
