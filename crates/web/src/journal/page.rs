//! The log: its page, and its public files as C2SP tlog-tiles lays them out.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Ctx, Refusal, journal};

use crate::{
    app::Shared,
    locale::Translator,
    problem,
    shell::{self, Shell},
    visitor::{Visitor, origin, run},
};

/// What is written once is not changed, unless a log that was lost in part goes on under another name.
const FOR_MINUTES: &str = "public, max-age=300";
/// A new checkpoint comes within the minute.
const FOR_SECONDS: &str = "public, max-age=5";
const TEXT: &str = "text/plain; charset=utf-8";

pub fn routes() -> Router<Shared> {
    Router::new().route("/log", get(page)).route("/log/policy", get(policy)).route("/log/{*path}", get(file))
}

#[derive(Template)]
#[template(path = "journal/log.html")]
struct LogPage {
    shell: Shell,
    state: journal::LogState,
    /// What is wrong, most urgent first.
    alarms: Vec<String>,
    witnesses: Vec<Witness>,
    /// Where the files are, for those who check.
    address: String,
}

struct Witness {
    name: String,
    key: String,
    /// When it cosigned last, and how much.
    cosigned: Option<String>,
    failure: Option<String>,
    is_silent: bool,
    /// It cosigned when it was asked last.
    is_well: bool,
}

async fn page(visitor: Visitor, headers: axum::http::HeaderMap) -> Response {
    let site = origin(&visitor, &headers);
    visitor.page(move |ctx, shell| render(ctx, shell, &site)).await
}

fn render(ctx: &Ctx, shell: Shell, site: &str) -> Result<Response, Refusal> {
    let state = journal::log_state(ctx)?;
    let t = &shell.t;
    let witness = |it: &journal::WitnessState| Witness {
        name: it.name.clone(),
        key: it.verifier_key.clone(),
        cosigned: it.cosigned.map(|(at, size)| {
            t.with2("log-cosigned", ("time", &t.moment(at, ctx.now)), ("count", &number(t, size)))
        }),
        failure: it.failure.map(|it| t.say(&format!("log-failure-{}", it.as_str()))),
        is_silent: it.is_silent,
        is_well: it.failure.is_none_or(|it| it == journal::FailureKind::Clock),
    };
    let page = LogPage {
        alarms: alarms(ctx, t, &state),
        witnesses: state.witnesses.iter().map(witness).collect(),
        address: format!("{site}/log"),
        state,
        shell,
    };
    shell::html(StatusCode::OK, &page)
}

fn number(t: &Translator, number: u64) -> String {
    t.number(i64::try_from(number).unwrap_or(i64::MAX))
}

fn alarms(ctx: &Ctx, t: &Translator, state: &journal::LogState) -> Vec<String> {
    let since = |message: &str, at| t.with(message, "time", t.moment(at, ctx.now));
    let mut alarms = Vec::new();
    alarms.extend(state.failing_since.map(|at| since("log-alarm-failing", at)));
    alarms.extend(state.late_since.map(|at| since("log-alarm-waiting", at)));
    if let Some(published) = state.published.as_ref().filter(|it| it.is_old) {
        alarms.push(since("log-alarm-old", published.at));
    }
    for it in state.witnesses.iter().filter(|it| it.is_silent) {
        alarms.push(match it.cosigned {
            Some((at, _)) => {
                t.with2("log-alarm-silent", ("name", &it.name), ("time", &t.moment(at, ctx.now)))
            }
            None => t.with("log-alarm-never", "name", &it.name),
        });
    }
    alarms
}

impl LogPage {
    fn entries(&self, size: impl Borrow<u64>) -> String {
        number(&self.shell.t, *size.borrow())
    }
}

/// The city's trust policy. Whoever wants to rely on it compares it with a copy from elsewhere.
async fn policy(State(app): State<Shared>) -> Response {
    let policy = app.city.log.policy_text().to_owned();
    ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, FOR_SECONDS)], policy).into_response()
}

/// A file of the log, for programs.
async fn file(State(app): State<Shared>, Path(path): Path<String>) -> Response {
    let found = run(app, move |app| journal::log_file(&app.city, &path)).await;
    match found {
        Ok((bytes, is_final)) => {
            let (kind, cache) =
                if is_final { ("application/octet-stream", FOR_MINUTES) } else { (TEXT, FOR_SECONDS) };
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)], bytes).into_response()
        }
        Err(refusal) => {
            let (status, kind) = problem::status(&refusal);
            let response = (status, [(header::CONTENT_TYPE, TEXT)], format!("{kind}\n")).into_response();
            problem::with_retry_after(response, problem::retry_after_seconds(&refusal))
        }
    }
}
