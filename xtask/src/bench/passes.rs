//! Passes: what checking and issuing cost beside the bare signature and beside other verifiers, and the endpoint of
//! turnstiles up to and beyond what the machine can do.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use pass_format::{
    Algorithm, Bearer, Bundle, Hint, Issuer, KeyId, KeyRecord, Mark, Pass, Regime, SecretKey, StatusList,
    StatusPlace, sign_list,
};

use super::{
    LAG_MS_MAX, Options,
    city::{City, Engine, Server, folder},
    client::{Body, Client, holds},
    load::{self, Plan, Run, Stopwatch, quantile_ms},
    report::{Section, figure_text},
};
use crate::{install, run, workspace};

/// The packages of the verifier in Node.js; that of Python stands in `install`.
const NODE_PEER: [&str; 3] = ["@auth0/cose@1.0.2", "base45-js@1.0.2", "cbor-x@1.6.0"];
const PATH: &str = "/api/v1/passes/verify";
const URI: &str = "https://city.example/status/12";
const ENTRIES: u64 = 131_072;
const DAY: u64 = 86_400;
/// Different passes that are shown in turn.
const PASSES: u64 = 2_000;
const SEED: u64 = 6;
/// Arrivals a second that are aimed at, and at most so long for 99 of 100.
const RATE_AIM: f64 = 3_000.0;
const P99_MS_AIM: f64 = 200.0;
/// Connections that carry the arrivals.
const CONNECTIONS: usize = 64;
/// Clients that all ask again at once: the last ones ask for far more than can be done.
const CROWDS: [usize; 6] = [1, 16, 64, 256, 1_024, 2_048];
const GREEN: &str = "answered";
const SHED: &str = "told to come back";

pub fn measure(options: &Options) -> Result<Section> {
    let (city, _) = City::demo(Engine::Sqlite, "passes", 0.002)?;
    let (bundle, texts) = passes()?;
    let path = folder()?.join(format!("passes-{}.bundle", std::process::id()));
    fs::write(&path, bundle).with_context(|| path.display().to_string())?;
    let server = city.serve_with(&["--pass-bundle".to_owned(), path.to_string_lossy().into_owned()])?;
    let mut section = Section::new("Passes verified", &[city.rows()?.version()?])?;
    of_one_core(&mut section)?;

    let bodies: Vec<String> =
        texts.iter().map(|text| format!("{{\"pass\":\"{text}\",\"scope\":0}}")).collect();
    let make = |number: usize| asker(&server, &bodies, number);
    section.line(&format!(
        "`POST {PATH}`, {PASSES} passes in turn, each with its signature, regime and status list. Arrivals over {CONNECTIONS} \
         connections, {} s:",
        options.seconds
    ));
    let mut rows = Vec::new();
    for rate in [RATE_AIM / 3.0, RATE_AIM, 2.0 * RATE_AIM] {
        let run = load::open(options.plan(CONNECTIONS), rate, SEED, &server.process, make)?;
        let lag = quantile_ms(&run.lag, 0.99);
        if rate.total_cmp(&RATE_AIM).is_eq() {
            ensure!(lag <= LAG_MS_MAX || !options.write, "the generator itself was late by {lag:.1} ms");
            // Of those that were judged: who is told to come back is told at once, and would flatter the figure.
            let green = times(&run, GREEN).context("nothing was judged")?;
            section.aim("p99 at 3,000 a second", quantile_ms(green, 0.99), P99_MS_AIM, "ms", false);
        }
        rows.push(
            [vec![format!("{} a second", figure_text(rate))], cells(&run), vec![format!("{lag:.1}")]]
                .concat(),
        );
    }
    section.table(
        &[
            "arrivals",
            "answered a second",
            "p50 ms",
            "p99 ms",
            "told to come back a second",
            "p99 ms",
            "cores of the server",
            "generator late, p99 ms",
        ],
        &rows,
    );

    section.line("Clients that ask again at once, whatever they were told; nothing but 200 and 429 with `Retry-After` is answered:");
    let mut rows = Vec::new();
    for clients in CROWDS {
        let plan = Plan {
            clients,
            warm_up: Duration::from_secs(1),
            length: Duration::from_secs(options.seconds.div_ceil(2)),
        };
        let run = load::closed(plan, &server.process, make)?;
        rows.push([vec![clients.to_string()], cells(&run)].concat());
    }
    section.table(
        &[
            "clients",
            "answered a second",
            "p50 ms",
            "p99 ms",
            "told to come back a second",
            "p99 ms",
            "cores of the server",
        ],
        &rows,
    );
    // It still answers, at once.
    let mut client = Client::connect(server.address)?;
    ensure!(
        holds(client.call("POST", PATH, "", &Body::Json(&bodies[0]))?, "\"green\""),
        "no answer after the crowd"
    );
    fs::remove_file(&path)?;
    Ok(section)
}

/// One turnstile: one pass after the other.
fn asker<'a>(
    server: &Server,
    bodies: &'a [String],
    number: usize,
) -> Result<impl FnMut(&mut Stopwatch) -> Result<()> + use<'a>> {
    let mut client = Client::connect(server.address)?;
    let mut next = number * 31;
    Ok(move |watch: &mut Stopwatch| {
        next += 1;
        let body = Body::Json(&bodies[next % bodies.len()]);
        watch.time_as(|| match client.ask("POST", PATH, "", &body)? {
            (200, answer) => {
                ensure!(holds(answer, "\"green\""), "not green: {}", String::from_utf8_lossy(answer));
                Ok(GREEN)
            }
            (429, _) => Ok(SHED),
            (status, answer) => anyhow::bail!("{status}: {}", String::from_utf8_lossy(answer)),
        })
    })
}

fn times<'r>(run: &'r Run, name: &str) -> Option<&'r load::Times> {
    run.calls.iter().find(|(known, _)| *known == name).map(|(_, times)| times)
}

fn cells(run: &Run) -> Vec<String> {
    let total = run.whole.len().max(1) as f64;
    let of = |name: &str| times(run, name);
    let rate = |name: &str| figure_text(of(name).map_or(0.0, |it| it.len() as f64 / total * run.rate));
    let ms =
        |name: &str, share: f64| of(name).map_or("-".to_owned(), |it| figure_text(quantile_ms(it, share)));
    vec![
        rate(GREEN),
        ms(GREEN, 0.5),
        ms(GREEN, 0.99),
        rate(SHED),
        ms(SHED, 0.99),
        format!("{:.2}", run.server_cores),
    ]
}

/// What the format's own measurement prints, and its peers on the same passes.
fn of_one_core(section: &mut Section) -> Result<()> {
    let file = folder()?.join(format!("passes-{}.json", std::process::id()));
    let mut bench = workspace::cargo();
    bench
        .args(["bench", "--quiet", "--package", "pass", "--bench", "verify"])
        .env("OLZII_PEER_PASSES", &file);
    section.line(
        "One core, checking and issuing beside the bare signature, the fastest of many rounds of both in turn \
         (`cargo bench --package pass`):",
    );
    section.line(run::output(&mut bench)?.trim());

    section.line(
        "The same passes by two verifiers of the registries, from text to claims, CPU time of the fastest round; they check \
         neither time nor regime nor status list:",
    );
    let modules = workspace::root().join("target/pass-peers");
    install::node_packages_of(&modules, &NODE_PEER)?;
    fs::write(modules.join("peer.mjs"), include_str!("passes/peer.mjs"))?;
    let mut node = Command::new("node");
    node.current_dir(&modules).arg("peer.mjs").arg(&file);
    let mut python = Command::new(install::pass_peers()?);
    python.args(["-c", include_str!("passes/peer.py")]).arg(&file);
    let mut rows = Vec::new();
    for (name, command) in [("cwt 3.3.0, Python", &mut python), ("@auth0/cose 1.0.2, Node.js", &mut node)] {
        let told: Told = serde_json::from_str(&run::output(command)?)?;
        let a_second = figure_text(1e6 / told.micros);
        rows.push(vec![name.to_owned(), told.verified.to_string(), figure_text(told.micros), a_second]);
    }
    section.table(&["verifier", "verified", "µs each", "a second"], &rows);
    fs::remove_file(&file)?;
    Ok(())
}

/// What a peer says of the passes it was given.
#[derive(serde::Deserialize)]
struct Told {
    verified: u64,
    micros: f64,
}

/// A bundle of today, and passes that are good under it.
fn passes() -> Result<(Vec<u8>, Vec<String>)> {
    let now = u64::try_from(Timestamp::now().as_second())?;
    let secret = || SecretKey::new(Algorithm::Ed25519, &[7; 32]);
    let id = KeyId::new(&secret()?.public().id())?;
    let record = KeyRecord {
        id,
        key: secret()?.public(),
        office: "Street office".to_owned(),
        regimes: vec![12],
        scope: 1,
        issue_from: now - DAY,
        issue_until: now + DAY,
        verify_until: now + 3 * DAY,
        withdrawn_at: None,
    };
    let text = || "A text".to_owned();
    let regime = Regime {
        number: 12,
        title: text(),
        legal_basis: text(),
        order_number: text(),
        office: text(),
        start: now - DAY,
        end: now + 3 * DAY,
        scopes: vec!["compound".to_owned()],
        pass_seconds_max: DAY,
        status: Some(StatusPlace { uri: URI.to_owned(), entries: ENTRIES }),
    };
    let list = sign_list(&secret()?, id, URI, &StatusList::new(1, ENTRIES)?, now, now + DAY);
    let issuer = Issuer::new(secret()?, record.clone())?;
    let issue = |number: u64| {
        let mark = Mark::Status { index: number * 65 % ENTRIES, list: "12".into() };
        let bearer = Bearer::NameAndDigits(Hint::new('\u{738b}')?, (number % 10_000) as u16);
        let pass = Pass { not_before: now, expires: now + DAY, mark, regime: 12, scope: 1, bearer };
        anyhow::Ok(issuer.issue(&pass, &regime)?)
    };
    let texts = (0..PASSES).map(issue).collect::<Result<_>>()?;
    let bundle = Bundle {
        number: 1,
        issued_at: now,
        expires: now + 3 * DAY,
        keys: vec![record],
        regimes: vec![regime],
        lists: vec![list],
    };
    Ok((bundle.to_bytes(), texts))
}
