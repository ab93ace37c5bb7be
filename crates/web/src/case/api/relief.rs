//! Asking for a pause or more time, deciding it, and ending a pause, by JSON.

use axum::{Json, http::StatusCode};
use domain::{
    Message, Refusal,
    case::{self, ReliefKind},
};
use kernel::{Case, Id};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::answer::{CaseRecord, case_record};
use crate::{
    app::Shared,
    problem::{Problem, WriteErrors},
    request::{JsonBody, Nothing, PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(ask)).routes(routes!(decide)).routes(routes!(end))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    /// `pause` or `extension`.
    #[schema(pattern = "^(pause|extension)$")]
    kind: String,
    #[schema(min_length = 1, max_length = 64)]
    ground: String,
    /// Of a pause: the day on which the clock runs again.
    #[schema(format = Date)]
    until: Option<String>,
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecideBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    granted: bool,
    /// A refusal says why.
    #[schema(max_length = 4000)]
    #[serde(default)]
    note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    #[schema(min_length = 1, max_length = 4000)]
    note: String,
}

/// Ask for a pause of the case or for more time, as its procedure allows.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/relief", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path)), request_body = AskBody,
    responses((status = 201, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
async fn ask(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<AskBody>,
) -> Result<(StatusCode, Json<CaseRecord>), Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let no_choice = || Refusal::invalid("kind", Message::new("fault-choice"));
        let no_day = || Refusal::invalid("until", Message::new("fault-date"));
        let until = body.until.as_deref().map(|text| text.parse().map_err(|_| no_day())).transpose()?;
        let request = case::ReliefRequest {
            request: body.request,
            kind: ReliefKind::parse(&body.kind).ok_or_else(no_choice)?,
            ground: body.ground,
            until,
            note: body.note,
        };
        case_record(ctx, &t, &case::ask_relief(ctx, id, &request)?)
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// Grant or refuse what was asked for.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/relief/decision", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path)), request_body = DecideBody,
    responses((status = 200, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
async fn decide(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<DecideBody>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let decision = case::ReliefDecision { request: body.request, granted: body.granted, note: body.note };
        case_record(ctx, &t, &case::decide_relief(ctx, id, &decision)?)
    });
    Ok(Json(done.await?))
}

/// End a pause before its day.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/relief/end", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path)), request_body = EndBody,
    responses((status = 200, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
async fn end(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<EndBody>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let done =
        visitor.api(move |ctx| case_record(ctx, &t, &case::end_pause(ctx, id, body.request, &body.note)?));
    Ok(Json(done.await?))
}
