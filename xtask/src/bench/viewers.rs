//! Viewers of the live map, and how long an event takes to reach all of them.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;

use super::{
    Options,
    city::City,
    client::{Body, Client},
    desk::Desk,
    load::quantile_ms,
    report::{Section, figure_text, megabytes},
};

const VIEWERS: usize = 500;
/// Events, each waited for by all before the next.
const EVENTS: usize = 40;
const ALL_SEE_MS_AIM: f64 = 1_000.0;
/// Longer than this an event was lost.
const WAIT: Duration = Duration::from_secs(20);
/// A viewer's thread does nothing but read lines.
const STACK_BYTES: usize = 128 * 1024;
const MICROSECONDS_MAX: u64 = 60_000_000;
/// The city whose events all viewers watch.
const CITY: &str = "1509";

/// That a viewer saw a case move.
struct Seen {
    viewer: usize,
    case: String,
    at: Instant,
}

pub fn measure(options: &Options) -> Result<Section> {
    let mut rows = Vec::new();
    let mut engines = Vec::new();
    let mut slowest = Vec::new();
    for engine in options.engines() {
        let (city, _) = City::demo(engine, "viewers", 0.05)?;
        engines.push(city.rows()?.version()?);
        let server = city.serve()?;
        let desk = Desk::open(&city, &server)?;
        let token = server.sign_in(&city.logins()?, "commander")?;
        let (sender, seen) = mpsc::channel();
        for viewer in 0..VIEWERS {
            watch(server.address, &token, viewer, sender.clone())?;
        }
        let mut client = Client::connect(server.address)?;
        // One that is not counted, after which all are surely there.
        round(&desk, &mut client, &seen)?;
        let (busy, started) = (server.process.cpu_seconds()?, Instant::now());
        let mut each = Histogram::<u64>::new_with_bounds(1, MICROSECONDS_MAX, 3)?;
        let mut last = Histogram::<u64>::new_with_bounds(1, MICROSECONDS_MAX, 3)?;
        for _ in 0..EVENTS {
            let times = round(&desk, &mut client, &seen)?;
            let micros = |it: &Duration| u64::try_from(it.as_micros()).unwrap_or(u64::MAX).max(1);
            times.iter().for_each(|it| each.saturating_record(micros(it)));
            last.saturating_record(times.iter().map(micros).max().unwrap_or(1));
        }
        let cores = (server.process.cpu_seconds()? - busy) / started.elapsed().as_secs_f64();
        rows.push(vec![
            engine.name().to_owned(),
            figure_text(each.len() as f64),
            figure_text(quantile_ms(&each, 0.5)),
            figure_text(quantile_ms(&each, 0.99)),
            figure_text(quantile_ms(&last, 0.5)),
            figure_text(last.max() as f64 / 1_000.0),
            format!("{cores:.2}"),
            megabytes(server.process.resident()?),
        ]);
        slowest.push((engine, last.max() as f64 / 1_000.0));
    }
    let mut section = Section::new("Live viewers", &engines)?;
    section.line(&format!(
        "{VIEWERS} viewers of the city's events (GET /api/v1/events?area={CITY}, a connection each), told at most every \
         two seconds the figures too. A resident reports {EVENTS} cases, one after the other; the time runs from the \
         answer to the report until the viewer has read the event. Each viewer must see each event, or the run fails. \
         “Slowest” is the last viewer of an event."
    ));
    section.table(
        &[
            "engine",
            "events seen",
            "p50, ms",
            "p99, ms",
            "slowest, p50, ms",
            "slowest of all, ms",
            "cores",
            "memory",
        ],
        &rows,
    );
    for (engine, figure) in slowest {
        section.aim(
            &format!("on {}, an event reaches the last viewer within", engine.name()),
            figure,
            ALL_SEE_MS_AIM,
            "ms",
            false,
        );
    }
    Ok(section)
}

/// One viewer, on a thread of its own, as long as the server lets it.
fn watch(address: SocketAddr, token: &str, viewer: usize, seen: Sender<Seen>) -> Result<()> {
    let mut stream = TcpStream::connect(address).context("a viewer cannot connect")?;
    stream.set_nodelay(true)?;
    write!(
        stream,
        "GET /api/v1/events?area={CITY} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         accept: text/event-stream\r\n\r\n"
    )?;
    let mut lines = BufReader::with_capacity(4 * 1024, stream);
    let mut head = String::new();
    lines.read_line(&mut head)?;
    ensure!(head.contains(" 200 "), "a viewer was answered with {head}");
    thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let mut line = String::new();
        let mut is_case = false;
        while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            let text = line.trim();
            if let Some(id) = text.strip_prefix("data:").filter(|_| is_case).and_then(id_of) {
                let told = seen.send(Seen { viewer, case: id.to_owned(), at: Instant::now() });
                if told.is_err() {
                    return;
                }
            }
            if let Some(name) = text.strip_prefix("event:") {
                is_case = name.trim() == "case";
            }
            line.clear();
        }
    })?;
    Ok(())
}

/// The id at the head of a `CaseEvent`.
fn id_of(data: &str) -> Option<&str> {
    data.split_once("\"id\":\"")?.1.split('"').next()
}

/// Reports a case and waits until each viewer has seen it; how long each took.
fn round(desk: &Desk, client: &mut Client, seen: &Receiver<Seen>) -> Result<Vec<Duration>> {
    let (id, report) = desk.report("city-event");
    client.call("POST", "/api/v1/cases", &desk.resident, &Body::Json(&report))?;
    let answered = Instant::now();
    let mut times = vec![None; VIEWERS];
    let mut missing = VIEWERS;
    while missing > 0 {
        match seen.recv_timeout(WAIT.saturating_sub(answered.elapsed())) {
            Ok(it) if it.case == id && times[it.viewer].is_none() => {
                times[it.viewer] = Some(it.at.saturating_duration_since(answered));
                missing -= 1;
            }
            // Other cases move too, by the clock.
            Ok(_) => {}
            Err(_) => bail!("{missing} of {VIEWERS} viewers did not see {id} within {} s", WAIT.as_secs()),
        }
    }
    Ok(times.into_iter().flatten().collect())
}
