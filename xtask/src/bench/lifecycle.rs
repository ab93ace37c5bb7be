//! The four calls that a case's way is measured by elsewhere too: create, dispatch, resolve, read.

use anyhow::{Result, ensure};

use super::{
    LAG_MS_MAX, Options,
    city::{City, Engine, Server},
    client::{Body, Client, holds},
    desk::Desk,
    fill, limit,
    load::{self, Run, Stopwatch, quantile_ms},
    report::{self, Section, figure_text, megabytes},
};

/// Lifecycles a second.
const AIM: f64 = 1_000.0;
/// Megabytes of the server.
const AIM_MEMORY: f64 = 300.0;
/// Clients of the procedure with a photo, and of the table by call.
const CLIENTS: usize = 16;
/// Connections of the open loop, and its share of the highest rate of the closed one.
const CONNECTIONS: usize = 64;
const OPEN_SHARE: f64 = 0.7;
const SEED: u64 = 20_261_122;
/// Durable writes in one lifecycle.
const WRITES: f64 = 3.0;

/// By which procedure the cases run, and what resolves them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// 城市事件: the resolution needs a photo, which is decoded, written anew and synced as a file.
    CityEvent,
    /// The same steps without photos.
    Order,
}

#[derive(Default)]
struct Tables {
    closed: Vec<Vec<String>>,
    open: Vec<Vec<String>>,
    calls: Vec<Vec<String>>,
    places: Vec<String>,
    /// Size and highest rate, on SQLite.
    best: Vec<(usize, f64)>,
    resident_max: u64,
}

pub fn measure(options: &Options) -> Result<Section> {
    let mut tables = Tables::default();
    let mut engines = Vec::new();
    for engine in options.engines() {
        let mut version = None;
        for size in options.sizes(engine) {
            let (city, _) = City::demo(engine, "lifecycle", 0.05)?;
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
    let there = city.rows()?.number("SELECT COUNT(*) FROM case_file")?;
    let bytes = city.bytes()?;
    let commits = limit::commits_per_second(city.bare()?)?;
    let server = city.serve()?;
    // A city enters as it goes; a million copies at once are the fill's doing.
    city.settle()?;
    let desk = Desk::open(city, &server)?;
    let label = |what: &str| format!("{engine}, {} cases, {what}", figure_text(size as f64));
    let mut best: f64 = 0.0;
    for clients in options.clients() {
        let outcome = options.closed(clients, &server.process, worker(&desk, &server, Way::Order))?;
        best = best.max(outcome.0.rate);
        tables.closed.push(closed_row(label(&format!("{clients} clients")), &outcome, commits));
        if clients == CLIENTS {
            tables.calls.extend(call_rows(&label("16 clients"), &outcome.0));
        }
    }
    let outcome = options.closed(CLIENTS, &server.process, worker(&desk, &server, Way::CityEvent))?;
    tables.closed.push(closed_row(label("16 clients, with a photo"), &outcome, commits));

    let rate = best * OPEN_SHARE;
    let paced = load::open(
        options.plan(CONNECTIONS),
        rate,
        SEED,
        &server.process,
        worker(&desk, &server, Way::Order),
    )?;
    tables.open.push(open_row(label(&format!("{} arrivals a second", figure_text(rate))), &paced));

    if city.engine == Engine::Sqlite {
        tables.best.push((size, best));
        tables.resident_max = tables.resident_max.max(server.process.resident_max()?);
    }
    let made = city.rows()?.number("SELECT COUNT(*) FROM case_file")? - there;
    tables.places.push(format!(
        "{engine}: {} cases and {} of database at the beginning, {} cases made by the runs, {} bare commits a second",
        figure_text(there as f64),
        megabytes(bytes),
        figure_text(made as f64),
        figure_text(commits)
    ));
    server.stop()
}

type Work<'a> = Box<dyn FnMut(&mut Stopwatch) -> Result<()> + 'a>;

/// Makes clients that carry one case after the other through the four calls.
pub fn worker<'a>(desk: &'a Desk, server: &'a Server, way: Way) -> impl Fn(usize) -> Result<Work<'a>> + Sync {
    move |_| {
        let mut client = Client::connect(server.address)?;
        let upload = desk.upload()?;
        Ok(Box::new(move |watch: &mut Stopwatch| lifecycle(desk, &mut client, way, &upload, watch)))
    }
}

fn lifecycle(desk: &Desk, client: &mut Client, way: Way, upload: &[u8], watch: &mut Stopwatch) -> Result<()> {
    const NOTE: Body = Body::Json(Desk::NOTE);
    let photo = Body::Multipart { boundary: Desk::BOUNDARY, bytes: upload };
    let (procedure, resolve, resolution) = match way {
        Way::CityEvent => ("city-event", "feed_back", &photo),
        Way::Order => ("bench-order", "resolve", &NOTE),
    };
    let (id, report) = desk.report(procedure);
    let path = format!("/api/v1/cases/{id}");
    let dispatch = format!(r#"{{"organization":"{}"}}"#, desk.organization);
    let to = |transition: &str| format!("{path}/transitions/{transition}");
    watch.time("create", || {
        client.call("POST", "/api/v1/cases", &desk.acceptor, &Body::Json(&report)).map(drop)
    })?;
    watch.time("dispatch", || {
        client.call("POST", &to("dispatch"), &desk.dispatcher, &Body::Json(&dispatch)).map(drop)
    })?;
    watch.time("resolve", || client.call("POST", &to(resolve), &desk.handler, resolution).map(drop))?;
    watch.time("read", || {
        let body = client.call("GET", &path, &desk.acceptor, &Body::None)?;
        ensure!(
            holds(body, &id) && holds(body, r#""stage":"feedback""#),
            "not the case that was written: {}",
            String::from_utf8_lossy(body)
        );
        Ok(())
    })
}

fn closed_row(label: String, outcome: &(Run, f64, f64), commits: f64) -> Vec<String> {
    let mut row = vec![label];
    row.extend(report::run_cells(outcome));
    row.push(format!("{:.2}", outcome.0.rate * WRITES / commits));
    row
}

fn call_rows(label: &str, run: &Run) -> Vec<Vec<String>> {
    let row = |(name, times): &(&str, load::Times)| {
        vec![
            format!("{label}: {name}"),
            figure_text(quantile_ms(times, 0.5)),
            figure_text(quantile_ms(times, 0.99)),
            figure_text(times.max() as f64 / 1_000.0),
        ]
    };
    run.calls.iter().map(row).collect()
}

fn open_row(label: String, run: &Run) -> Vec<String> {
    let lag = quantile_ms(&run.lag, 0.99);
    let verdict = if lag > LAG_MS_MAX { " **(void)**" } else { "" };
    vec![
        label,
        figure_text(run.rate),
        figure_text(quantile_ms(&run.whole, 0.5)),
        figure_text(quantile_ms(&run.whole, 0.99)),
        figure_text(run.whole.max() as f64 / 1_000.0),
        format!("{}{verdict}", figure_text(lag)),
        format!("{:.2} / {:.2} / {:.2}", run.server_cores, run.generator_cores, run.machine_cores),
    ]
}

fn section(options: &Options, engines: &[String], tables: &Tables) -> Result<Section> {
    let mut section = Section::new("Lifecycle: create, dispatch, resolve, read", engines)?;
    section.line(&format!(
        "The supervision centre files a case for a community of the county, the command centre gives it to a department, \
         a handler reports it handled, the supervision centre reads it: three durable writes, each with its timeline, \
         journal and notices, and one read. By a procedure without photos, so that it can be set beside other systems; \
         “with a photo” is 城市事件 itself, where the resolution brings a JPEG of 64 × 64 pixels. {} runs of {} s each. \
         Cases beyond those of the demo are copies of them with timeline, journal and notices, under new ids over 300 \
         days, one in fifty open.",
        options.repeats, options.seconds
    ));
    for place in &tables.places {
        section.line(place);
    }
    let head =
        ["lifecycles, closed loop"].into_iter().chain(report::RUN_HEAD).chain(["writes to bare commits"]);
    section.table(&head.collect::<Vec<_>>(), &tables.closed);
    let head = [
        "lifecycles, open loop",
        "per second",
        "p50 ms",
        "p99 ms",
        "longest ms",
        "generator's lag p99 ms",
        "cores: server / generator / all",
    ];
    section.table(&head, &tables.open);
    section.table(&["by call", "p50 ms", "p99 ms", "longest ms"], &tables.calls);
    for (size, best) in &tables.best {
        section.aim(
            &format!("with {} cases on SQLite, lifecycles a second", figure_text(*size as f64)),
            *best,
            AIM,
            "",
            true,
        );
    }
    if let ([(_, first), .., (_, last)], true) = (&tables.best[..], tables.best.len() > 1) {
        section.aim(
            "rate with the most cases, in percent of that with the fewest,",
            last / first * 100.0,
            90.0,
            "%",
            true,
        );
    }
    if tables.resident_max > 0 {
        section.aim(
            "the server's memory on SQLite over all these runs,",
            tables.resident_max as f64 / 1e6,
            AIM_MEMORY,
            "MB",
            false,
        );
    }
    Ok(section)
}
