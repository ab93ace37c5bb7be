//! Submissions of a long form, durable, with all its rules evaluated again.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, Result, ensure};
use uuid::Uuid;

use super::{
    Options,
    city::{City, Server},
    client::{Body, Client, holds},
    limit, load,
    report::{self, Section, figure_text},
};

const QUESTIONS: usize = 250;
const BOUNDARY: &str = "olzii-bench-boundary";
const PROJECT: &str = "/v1/projects/150902";
const OPENROSA: &str = "x-openrosa-version: 1.0\r\n";
/// ODK Central's own figure for such a form, from its documents.
const PEER_RATE: f64 = 41.2;

pub fn measure(options: &Options) -> Result<Section> {
    let (mut rows, mut engines, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    let mut best: f64 = 0.0;
    for engine in options.engines() {
        let (city, _) = City::demo(engine, "forms", 0.002)?;
        engines.push(city.rows()?.version()?);
        let commits = limit::commits_per_second(city.bare()?)?;
        limits.push(format!("{} {} a second", engine.name(), figure_text(commits)));
        let server = city.serve()?;
        let phone = publish(&city, &server)?;
        for clients in options.clients() {
            let numbers = &AtomicU64::new(0);
            let phone = &phone;
            let make = |_| {
                let mut client = Client::connect(server.address)?.with_head(OPENROSA.into());
                Ok(move |watch: &mut load::Stopwatch| {
                    let body = record(numbers.fetch_add(1, Ordering::Relaxed));
                    let body = Body::Multipart { boundary: BOUNDARY, bytes: &body };
                    watch.time("submit", || {
                        let answer = client.call("POST", &format!("{phone}/submission"), "", &body)?;
                        ensure!(
                            holds(answer, "nature=\"\""),
                            "not taken: {}",
                            String::from_utf8_lossy(answer)
                        );
                        Ok(())
                    })
                })
            };
            let outcome = options.closed(clients, &server.process, make)?;
            if clients == 16 {
                best = best.max(outcome.0.rate);
            }
            let mut row = vec![format!("{}, {clients} clients", engine.name())];
            row.extend(report::run_cells(&outcome));
            row.push(format!("{:.2}", outcome.0.rate / commits));
            rows.push(row);
        }
        let invalid = city
            .rows()?
            .number("SELECT COUNT(*) FROM submission WHERE state <> 'valid' AND sent_by IS NULL")?;
        ensure!(invalid == 0, "{invalid} submissions were not found to be valid");
    }
    let mut section = Section::new("Submissions of a form", &engines)?;
    let bytes = record(0).len();
    section.line(&format!(
        "A phone sends a record of a form with {QUESTIONS} questions over OpenRosa ({bytes} bytes, multipart); the server evaluates every \
         type, constraint, relevance, required, calculation and choice again, and answers 201 once the record, its judgement and its journal \
         entry are on disk. Every record was found valid. Bare commits by one connection: {}. {} runs of {} s.",
        limits.join(", "),
        options.repeats,
        options.seconds
    ));
    section.line(&format!(
        "ODK Central's documents say {PEER_RATE} a second for a form of as many questions; it does not evaluate rules. Central needs \
         Node 24 and a service of its own for spreadsheets, and comes from no package registry, so it was not run beside this."
    ));
    let head = ["submit"].into_iter().chain(report::RUN_HEAD).chain(["writes to bare commits"]);
    section.table(&head.collect::<Vec<_>>(), &rows);
    if best > 0.0 {
        section.aim("submissions a second, 16 clients", best, 20.0 * PEER_RATE, "a second", true);
    }
    Ok(section)
}

/// Publishes the form; the path of the project for a phone that was given it.
fn publish(city: &City, server: &Server) -> Result<String> {
    let token = server.sign_in(&city.logins()?, "leader")?;
    let mut client = Client::connect(server.address)?.with_head("x-xlsform-formid-fallback: long\r\n".into());
    let mut answer = |path: &str, body: &str| -> Result<serde_json::Value> {
        let bytes = client.call("POST", &format!("{PROJECT}{path}"), &token, &Body::Json(body))?;
        Ok(serde_json::from_slice(bytes)?)
    };
    answer("/forms?ignoreWarnings=true&publish=true", &form())?;
    let user = answer("/app-users", r#"{"displayName":"bench"}"#)?;
    answer(&format!("/forms/long/assignments/2/{}", user["id"]), "")?;
    let key = user["token"].as_str().context("no token came")?;
    Ok(format!("/v1/key/{key}{}", PROJECT.trim_start_matches("/v1")))
}

/// Of five kinds: a number with bounds, one that follows from it, a choice, a text that is asked after a choice, a date.
fn form() -> String {
    let (mut instance, mut binds, mut body) = (String::new(), String::new(), String::new());
    for number in 0..QUESTIONS {
        let path = format!("/data/q{number}");
        let before = number - number % 5;
        let _ = write!(instance, "<q{number}/>");
        let label = format!("<label>第{number}题</label>");
        let (bind, control) = match number % 5 {
            0 => (
                "type=\"int\" required=\"true()\" constraint=\". &gt;= 0 and . &lt; 5000\"".to_owned(),
                "input",
            ),
            1 => (format!("type=\"int\" calculate=\"/data/q{before} * 2 + 1\""), ""),
            2 => ("type=\"string\" required=\"true()\"".to_owned(), "select1"),
            3 => (
                format!("type=\"string\" required=\"true()\" relevant=\"/data/q{} = 'yes'\"", before + 2),
                "input",
            ),
            _ => ("type=\"date\" constraint=\". &lt;= today()\"".to_owned(), "input"),
        };
        let _ = write!(binds, "<bind nodeset=\"{path}\" {bind}/>");
        let choices =
            "<item><label>是</label><value>yes</value></item><item><label>否</label><value>no</value></item>";
        let choices = if control == "select1" { choices } else { "" };
        if !control.is_empty() {
            let _ = write!(body, "<{control} ref=\"{path}\">{label}{choices}</{control}>");
        }
    }
    format!(
        "<h:html xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:head><h:title>长表</h:title>\
         <model><instance><data id=\"long\" version=\"1\">{instance}<meta><instanceID/></meta></data></instance>{binds}</model>\
         </h:head><h:body>{body}</h:body></h:html>"
    )
}

fn record(number: u64) -> Vec<u8> {
    let mut answers = String::new();
    for question in 0..QUESTIONS as u64 {
        let households = (number + question - question % 5) % 5_000;
        let is_yes = !(number + question / 5).is_multiple_of(3);
        let _ = match question % 5 {
            0 => write!(answers, "<q{question}>{households}</q{question}>"),
            1 => write!(answers, "<q{question}>{}</q{question}>", households * 2 + 1),
            2 => write!(answers, "<q{question}>{}</q{question}>", if is_yes { "yes" } else { "no" }),
            3 if !is_yes => Ok(()),
            3 => write!(answers, "<q{question}>恩和路社区第{question}栋</q{question}>"),
            _ => write!(answers, "<q{question}>2026-01-31</q{question}>"),
        };
    }
    format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"xml_submission_file\"; filename=\"record.xml\"\r\n\
         content-type: text/xml\r\n\r\n<data id=\"long\" version=\"1\">{answers}<meta><instanceID>uuid:{}</instanceID></meta></data>\
         \r\n--{BOUNDARY}--\r\n",
        Uuid::new_v4()
    )
    .into_bytes()
}
