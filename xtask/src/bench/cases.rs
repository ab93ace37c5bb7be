//! Cases submitted durably and read back.

use anyhow::{Result, ensure};

use super::{
    Options,
    city::City,
    client::{Body, Client, holds},
    desk::Desk,
    limit, load,
    peer::Peer,
    report::{self, Section, figure_text},
};
use crate::install;

/// Under 64 the peer leaves requests without an answer until they are given up.
const PEER_CLIENTS_MAX: usize = 16;

pub fn measure(options: &Options) -> Result<Section> {
    let mut rows = Vec::new();
    let mut engines = Vec::new();
    let mut limits = Vec::new();
    for engine in options.engines() {
        let (city, _) = City::demo(engine, "cases", 0.05)?;
        engines.push(city.rows()?.version()?);
        let commits = limit::commits_per_second(city.bare()?)?;
        limits.push(format!("{} {} a second", engine.name(), figure_text(commits)));
        let server = city.serve()?;
        let desk = Desk::open(&city, &server)?;
        for clients in options.clients() {
            let make = |_| {
                let mut client = Client::connect(server.address)?;
                let desk = &desk;
                Ok(move |watch: &mut load::Stopwatch| submit(desk, &mut client, watch))
            };
            let outcome = options.closed(clients, &server.process, make)?;
            let mut row = vec![format!("{}, {clients} clients", engine.name())];
            row.extend(report::run_cells(&outcome));
            row.push(format!("{:.2}", outcome.0.rate / commits));
            rows.push(row);
        }
    }
    let peer = Peer::start()?;
    for clients in options.clients().into_iter().filter(|it| *it <= PEER_CLIENTS_MAX) {
        let make = |_| {
            let mut client = peer.client()?;
            let peer = &peer;
            Ok(move |watch: &mut load::Stopwatch| peer.submit(&mut client, watch))
        };
        let outcome = options.closed(clients, &peer.process, make)?;
        let mut row = vec![format!("Roundup on SQLite, {clients} clients")];
        row.extend(report::run_cells(&outcome));
        row.push("–".into());
        rows.push(row);
    }
    engines.push(install::ROUNDUP.replace("==", " "));
    let mut section = Section::new("Cases submitted and read back", &engines)?;
    section.line(&format!(
        "A resident reports something in a community of the county (POST /api/v1/cases), and reads the case \
         (GET /api/v1/cases/ID): one durable write and one read. Bare commits by one connection: {}. The city has \
         the demo's residents at 1/20; {} runs of {} s.",
        limits.join(", "),
        options.repeats,
        options.seconds
    ));
    section.line(
        "Beside it Roundup, an issue tracker from PyPI with its own server, which forks for each connection (in its threaded mode reads fail under 16 clients, and under 64 it leaves \
         requests unanswered when it forks; its cores stand under “all” alone): an issue of a title alone is \
         submitted by REST and read back; its passwords are hashed with 1,000 rounds, so that hashing is not what is \
         measured. No Open311 server can be installed from a package registry: what npm and PyPI have are clients.",
    );
    let head = ["submit and read back"].into_iter().chain(report::RUN_HEAD).chain(["writes to bare commits"]);
    section.table(&head.collect::<Vec<_>>(), &rows);
    Ok(section)
}

fn submit(desk: &Desk, client: &mut Client, watch: &mut load::Stopwatch) -> Result<()> {
    let (id, report) = desk.report("city-event");
    watch.time("submit", || {
        client.call("POST", "/api/v1/cases", &desk.resident, &Body::Json(&report)).map(drop)
    })?;
    let path = format!("/api/v1/cases/{id}");
    watch.time("read back", || {
        let body = client.call("GET", &path, &desk.resident, &Body::None)?;
        ensure!(
            holds(body, &id) && holds(body, r#""stage":"collect""#),
            "not the case that was written: {}",
            String::from_utf8_lossy(body)
        );
        Ok(())
    })
}
