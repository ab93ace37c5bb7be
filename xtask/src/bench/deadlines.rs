//! Cases whose deadlines fall in the same minute: how soon all of them are told of, each exactly once.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use super::{
    Options,
    city::{City, Engine},
    client::{Body, Client},
    desk::Desk,
    report::{Section, figure_text},
    rows::Rows,
};

const CASES: usize = 10_000;
/// Seconds from the first case told of to the last.
const AIM_SECONDS: f64 = 10.0;
const CLIENTS: usize = 16;
/// As many seconds as all of it may take before it counts as failed.
const SECONDS_MAX: u64 = 300;
/// Thirty days: longer than any stage of these cases has.
const LONG_BEFORE_MICROS: i64 = 30 * 86_400 * 1_000_000;
/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(20);
/// The server looks at deadlines every 20 seconds: so long it is given to tell anything a second time.
const AGAIN: Duration = Duration::from_secs(45);

/// What one engine did.
struct Outcome {
    made: Duration,
    /// From the start of the server to its first case, and from that to the last.
    first: Duration,
    all: Duration,
    notices: i64,
}

pub fn measure(options: &Options) -> Result<Section> {
    let mut engines = Vec::new();
    let mut table = Vec::new();
    let mut worst: f64 = 0.0;
    for engine in options.engines() {
        let (city, _) = City::demo(engine, "deadlines", 0.05)?;
        engines.push(city.rows()?.version()?);
        let outcome = at_once(&city)?;
        worst = worst.max(outcome.all.as_secs_f64());
        table.push(row(engine, &outcome));
    }
    let mut section = Section::new("Deadlines in one minute", &engines)?;
    section.line(&format!(
        "{} cases of 城市事件 are filed through the server and wait to be dispatched. With the server stopped their deadlines \
         are put into one minute, which has passed when it starts again. Counted is from the first of them of which the \
         leaders nearest above were told (timeline, journal, notice) to the last; afterwards that each was told of exactly \
         once, also after {} s more, in which the server looks again.",
        figure_text(CASES as f64),
        AGAIN.as_secs()
    ));
    section.table(
        &["engine", "filed in", "start to first told", "first to last told", "cases a second", "notices"],
        &table,
    );
    section.aim("from the first to the last told", worst, AIM_SECONDS, "s", false);
    Ok(section)
}

fn row(engine: Engine, outcome: &Outcome) -> Vec<String> {
    let seconds = |it: Duration| format!("{} s", figure_text(it.as_secs_f64()));
    vec![
        engine.name().to_owned(),
        seconds(outcome.made),
        seconds(outcome.first),
        seconds(outcome.all),
        figure_text(CASES as f64 / outcome.all.as_secs_f64()),
        figure_text(outcome.notices as f64),
    ]
}

fn at_once(city: &City) -> Result<Outcome> {
    let server = city.serve()?;
    let desk = Desk::open(city, &server)?;
    let before = city.rows()?.number("SELECT MAX(reported_at) FROM case_file")?;
    let started = Instant::now();
    file(&desk, server.address)?;
    let made = started.elapsed();
    server.stop()?;

    let mut rows = city.rows()?;
    let now = uuid::Timestamp::now(uuid::NoContext).to_unix();
    let minute = (now.0 as i64 / 60 - 1) * 60_000_000;
    // The demo's own cases say nothing meanwhile.
    rows.run(&format!("UPDATE case_file SET next_alarm = NULL WHERE reported_at <= {before}"))?;
    // The stage began before it, or half of its time would not have run by then.
    rows.run(&format!(
        "UPDATE case_file SET stage_since = stage_since - {LONG_BEFORE_MICROS}, \
         stage_due = {minute} + reported_at % 60000000, next_due = {minute} + reported_at % 60000000, \
         next_alarm = {minute} + reported_at % 60000000 \
         WHERE reported_at > {before}"
    ))?;
    let ours = format!(
        "FROM case_file WHERE reported_at > {before} AND stage_due >= {minute} AND stage_due < {minute} + 60000000"
    );
    ensure!(
        rows.number(&format!("SELECT COUNT(*) {ours}"))? == CASES as i64,
        "not all deadlines fall in one minute"
    );

    let started = Instant::now();
    let server = city.serve()?;
    let told = format!("SELECT COUNT(*) FROM case_file WHERE reported_at > {before} AND escalated >= 100");
    let first = until(&mut rows, &told, 1, started)?;
    let all = until(&mut rows, &told, CASES as i64, started)? - first;
    once(&mut rows, before)?;
    thread::sleep(AGAIN);
    let notices = once(&mut rows, before)?;
    server.stop()?;
    Ok(Outcome { made, first, all, notices })
}

/// Files the cases, each by a call of its own.
fn file(desk: &Desk, address: std::net::SocketAddr) -> Result<()> {
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || {
                    let mut connection = Client::connect(address)?;
                    for _ in (client..CASES).step_by(CLIENTS) {
                        let (_, report) = desk.report("city-event");
                        connection.call("POST", "/api/v1/cases", &desk.acceptor, &Body::Json(&report))?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        clients.into_iter().try_for_each(|it| it.join().expect("a client does not panic"))
    })
}

/// How long after `started` the number was at least `wanted`.
fn until(rows: &mut Rows, sql: &str, wanted: i64, started: Instant) -> Result<Duration> {
    while rows.number(sql)? < wanted {
        ensure!(started.elapsed().as_secs() < SECONDS_MAX, "not all were told of within {SECONDS_MAX} s");
        thread::sleep(LOOK);
    }
    Ok(started.elapsed())
}

/// Each case has one row `overdue` that names whom it told, and as many notices. Returns how many there are.
fn once(rows: &mut Rows, before: i64) -> Result<i64> {
    let events = "FROM case_event e JOIN case_file c ON c.county_id = e.county_id AND c.id = e.case_id";
    let said = format!("{events} WHERE c.reported_at > {before} AND e.transition IN ('overdue', 'alarm')");
    let rows_said = rows.number(&format!("SELECT COUNT(*) {said}"))?;
    let cases_said =
        rows.number(&format!("SELECT COUNT(*) FROM (SELECT DISTINCT e.case_id {said}) AS found"))?;
    ensure!(
        (rows_said, cases_said) == (CASES as i64, CASES as i64),
        "{rows_said} rows tell of {cases_said} cases: each of {CASES} is to be told of exactly once"
    );
    let told = format!(
        "FROM notice n JOIN case_file c ON c.county_id = n.county_id AND c.id = n.case_id \
         WHERE c.reported_at > {before} AND n.kind = 'case-overdue'"
    );
    let notices = rows.number(&format!("SELECT COUNT(*) {told}"))?;
    let of_cases =
        rows.number(&format!("SELECT COUNT(*) FROM (SELECT DISTINCT n.case_id {told}) AS found"))?;
    ensure!(of_cases == CASES as i64, "the offices heard of {of_cases} of {CASES} cases");
    let twice = rows.number(&format!(
        "SELECT COUNT(*) FROM (SELECT n.case_id {told} GROUP BY n.case_id, n.organization_id, n.role, n.area_path \
         HAVING COUNT(*) > 1) AS found"
    ))?;
    ensure!(twice == 0, "{twice} offices heard twice of the same case");
    Ok(notices)
}
