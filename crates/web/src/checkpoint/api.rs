//! What devices and turnstiles send: counts by a link, passes to be judged. Nothing of a pass is kept.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    Ctx, Message, Refusal,
    checkpoint::{self, Batch, Count},
};
use pass_format::{Class, Gate, Verifier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    locale::Translator,
    problem::{self, Problem, PublicErrors, WriteErrors},
    request::{JsonBody, Nothing, QueryString},
    visitor::{Visitor, run},
};

/// Passes in one request: a family, a small bus.
const PASSES_MAX: usize = 16;
/// Seconds after which a turnstile that was told to come back may do so.
const RETRY_SECONDS: u64 = 1;

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(count)).routes(routes!(verify))
}

/// What a device of a checkpoint counted. There is no room in it for a person or a pass.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountsBody {
    /// What the link of the device ends in.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$")]
    device: String,
    /// Made by the device: the same one again is not counted again.
    batch: Uuid,
    /// None: the device is there, and asks how its checkpoint stands.
    #[schema(max_items = 1000)]
    counts: Vec<CountItem>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountItem {
    /// Hours since 1970.
    hour: i64,
    /// `accepted`; `refused`, a genuine pass that does not open here and now; the code of any other refusal; or what was wrong
    /// with the device: `status-unsure`, `clock`, `no-list`. Other codes of a genuine pass are taken for `refused`.
    #[schema(max_length = 30)]
    outcome: String,
    #[schema(minimum = 1, maximum = 18000)]
    looks: i64,
}

/// How the checkpoint stands.
#[derive(Serialize, ToSchema)]
struct CheckpointState {
    name: String,
    regime: u16,
    /// The kind of place: a bit of a scope.
    place: u8,
    /// When it ends or ended for this device, in seconds since 1970.
    end: i64,
    /// Number of the device.
    number: i64,
    /// The batch was not counted before.
    is_new: bool,
}

/// Send what a device of a checkpoint counted.
#[utoipa::path(
    post, path = "/api/v1/checkpoints/counts", tag = "passes", request_body = CountsBody,
    responses((status = 200, description = "Counted, now or before", body = CheckpointState), WriteErrors)
)]
async fn count(
    visitor: Visitor,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<CountsBody>,
) -> Result<Json<CheckpointState>, Problem> {
    let translator = visitor.translator();
    let count = |it: CountItem| Count { hour: it.hour, outcome: it.outcome, looks: it.looks };
    let batch = Batch { id: body.batch, counts: body.counts.into_iter().map(count).collect() };
    // The link speaks for the device, whoever may be signed in beside.
    let taken = run(visitor.app.clone(), move |app| {
        checkpoint::take(&Ctx::anonymous(app.city.clone()), &body.device, &batch)
    });
    let taken = taken.await.map_err(|refusal| Problem::new(&translator, refusal))?;
    let it = &taken.checkpoint;
    Ok(Json(CheckpointState {
        name: it.name.clone(),
        regime: it.regime,
        place: it.place,
        end: taken.end.micros() / 1_000_000,
        number: taken.number,
        is_new: taken.is_new,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyBody {
    /// The text of a QR code.
    pass: Option<String>,
    /// Several at once, in place of `pass`.
    #[schema(max_items = 16)]
    passes: Option<Vec<String>>,
    /// The class of checkpoint: its bit, or the name that the regime has for it. Left out, any will do.
    scope: Option<Scope>,
    /// The number of the regime (order) whose checkpoint it is: passes of another are refused. Left out, any will do, and
    /// a bit of a scope means something else in each.
    regime: Option<u16>,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum Scope {
    Bit(u8),
    Name(String),
}

#[derive(Serialize, ToSchema)]
struct Answers {
    /// Number of the bundle that they were judged by.
    bundle: u64,
    /// When that was made, in seconds since 1970.
    issued_at: u64,
    /// In the order of the passes.
    answers: Vec<AnswerItem>,
}

#[derive(Serialize, ToSchema)]
struct AnswerItem {
    /// `green`: let in. `red`: do not. `yellow`: nothing is said against the pass, and it cannot be told.
    answer: &'static str,
    /// `accepted`, or the code of the refusal.
    code: &'static str,
    /// For people, in the language asked for.
    reason: String,
    /// Of an accepted pass, and of one of another regime than asked for: the number of its own.
    regime: Option<u16>,
    /// The title of that.
    order: Option<String>,
    /// Of an accepted pass, when it ends: seconds since 1970.
    expires: Option<u64>,
}

/// Judge passes by the current bundle, for turnstiles. Nothing is kept of them.
#[utoipa::path(
    post, path = "/api/v1/passes/verify", tag = "passes", request_body = VerifyBody,
    responses((status = 200, description = "An answer to each", body = Answers), PublicErrors,
        (status = 408, description = "The body came too slowly", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = Problem, content_type = "application/problem+json"))
)]
async fn verify(
    visitor: Visitor,
    State(app): State<Shared>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<VerifyBody>,
) -> Result<Json<Answers>, Response> {
    let translator = visitor.translator();
    let refuse = |refusal| Problem::new(&translator, refusal).into_response();
    let passes = passes(&body).map_err(refuse)?;
    // Who cannot be served at once is told so at once: a line of people is shorter than a line of requests.
    let Ok(permit) = app.known.verifying.clone().try_acquire_owned() else {
        return Err(refuse(Refusal::TooMany { retry_after_seconds: RETRY_SECONDS }));
    };
    let (city, t) = (app.city.clone(), translator.clone());
    let judged = tokio::task::spawn_blocking(move || {
        // Given back as soon as the work is done, not when its answer has found its way through a crowd of others.
        let _permit = permit;
        let now = u64::try_from(city.clock.now().micros() / 1_000_000).unwrap_or(0);
        let verifier = app.known.verifier(&city)?;
        Some(gate(&body, &verifier).map(|gate| answers(&t, &verifier, &passes, gate, now)))
    });
    match judged.await {
        Ok(Some(answers)) => answers.map(Json).map_err(refuse),
        Ok(None) => {
            let problem = Problem::of_protocol(&translator, StatusCode::SERVICE_UNAVAILABLE, "no-bundle")
                .into_response();
            Err(problem::with_retry_after(problem, Some(RETRY_SECONDS)))
        }
        Err(error) => Err(refuse(Refusal::Broken(error.to_string()))),
    }
}

fn passes(body: &VerifyBody) -> Result<Vec<String>, Refusal> {
    let passes = match (&body.pass, &body.passes) {
        (Some(pass), None) => vec![pass.clone()],
        (None, Some(passes)) => passes.clone(),
        _ => return Err(Refusal::invalid("pass", Message::new("fault-pass-or-passes"))),
    };
    if !(1..=PASSES_MAX).contains(&passes.len()) {
        let range = Message::new("fault-range").with("min", 1).with("max", PASSES_MAX);
        return Err(Refusal::invalid("passes", range));
    }
    Ok(passes)
}

/// Which checkpoint asks. One that there is in no order that is in force would refuse everybody for ever: that is told to
/// whoever set the turnstile.
fn gate<'b>(body: &'b VerifyBody, verifier: &Verifier) -> Result<Gate<'b>, Refusal> {
    let regime = body.regime;
    let asked = || verifier.regimes().filter(move |it| regime.is_none_or(|number| number == it.number));
    if regime.is_some() && asked().next().is_none() {
        return Err(Refusal::invalid("regime", Message::new("fault-regime-number")));
    }
    let (class, is_known) = match &body.scope {
        None => (Class::Any, true),
        Some(Scope::Bit(bit)) => (Class::Bit(*bit), asked().any(|it| usize::from(*bit) < it.scopes.len())),
        Some(Scope::Name(name)) => (Class::Named(name), asked().any(|it| it.scopes.contains(name))),
    };
    if !is_known {
        return Err(Refusal::invalid("scope", Message::new("fault-scope-name")));
    }
    Ok(Gate { regime, class })
}

fn answers(t: &Translator, verifier: &Arc<Verifier>, passes: &[String], gate: Gate<'_>, now: u64) -> Answers {
    let answer = |text: &String| {
        let judged = verifier.check(text, gate, now);
        let (answer, code) = match &judged {
            Ok(_) => ("green", checkpoint::ACCEPTED),
            Err(refusal) if refusal.is_cannot_tell() => ("yellow", refusal.code()),
            Err(refusal) => ("red", refusal.code()),
        };
        let reason = t.say(&format!("pass-{code}"));
        let (regime, order) = match &judged {
            Ok(it) => (Some(it.regime.number), Some(it.regime.title.clone())),
            Err(pass_format::Refusal::OtherRegime { number, order }) => (Some(*number), Some(order.clone())),
            Err(_) => (None, None),
        };
        AnswerItem { answer, code, reason, regime, order, expires: judged.ok().map(|it| it.pass.expires) }
    };
    Answers {
        bundle: verifier.number(),
        issued_at: verifier.issued_at(),
        answers: passes.iter().map(answer).collect(),
    }
}
