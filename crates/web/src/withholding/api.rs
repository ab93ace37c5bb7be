//! Decisions to withhold, by JSON: for the body that asks and the auditors who decide.

use axum::{Json, http::StatusCode};
use domain::{
    Ctx, Refusal, Window,
    withholding::{self, DAYS_MAX, New, Step, Withholding},
};
use kernel::{Id, Person, Withholding as WithholdingName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    problem::{Problem, ReadErrors, WriteErrors},
    request::{JsonBody, Nothing, PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, propose)).routes(routes!(get)).routes(routes!(advance))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WithholdingQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct WithholdingPage {
    items: Vec<WithholdingItem>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// That a person is not shown yet that a body reads their record. Who it is the body knows that asked; whoever decides does so
/// by the law, and sees bodies and not people.
#[derive(Serialize, ToSchema)]
struct WithholdingItem {
    id: Uuid,
    /// The body that asked for it, and whose readings are withheld.
    organization: Uuid,
    /// The law and the document that ask for it.
    basis: String,
    /// From the decision on.
    days: i64,
    #[schema(format = DateTime)]
    proposed_at: String,
    /// `proposed`, `approved` or `refused`.
    state: &'static str,
    /// The body of the auditor who decided.
    decided_by: Option<Uuid>,
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    /// Why it was refused.
    note: String,
    /// When the person is shown what was read.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// Those of `approve`, `refuse` and `lift` that one may take now.
    steps: Vec<&'static str>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithholdingBody {
    /// Made by the client: the same request again under it is one request.
    #[schema(value_type = Option<Uuid>)]
    id: Option<Id<WithholdingName>>,
    #[schema(value_type = Uuid)]
    person: Id<Person>,
    #[schema(min_length = 1, max_length = 4000)]
    basis: String,
    #[schema(minimum = 1, maximum = 90)]
    days: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithholdingStepBody {
    /// Why it is refused; with the other steps it may be left out.
    #[schema(max_length = 4000)]
    #[serde(default)]
    note: String,
}

const _: () = assert!(DAYS_MAX == 90, "the document above says it");

/// Those that one's bodies asked for, and those on which one may decide, latest first.
#[utoipa::path(
    get, path = "/api/v1/withholdings", tag = "people", security(("session" = [])), params(WithholdingQuery),
    responses((status = 200, description = "A page of them", body = WithholdingPage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<WithholdingQuery>,
) -> Result<Json<WithholdingPage>, Problem> {
    let found = visitor.api(move |ctx| {
        let page = withholding::list(ctx, &Window::parse(query.limit, query.cursor.as_deref())?)?;
        let items = page.items.iter().map(|it| item(ctx, it)).collect();
        Ok(WithholdingPage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

/// Ask, on the ground of a law, that what one's body reads of a person's record is not shown to the person for some days.
#[utoipa::path(
    post, path = "/api/v1/withholdings", tag = "people", security(("session" = [])), request_body = WithholdingBody,
    responses((status = 201, description = "It waits for the decision of another body", body = WithholdingItem), WriteErrors)
)]
async fn propose(
    visitor: Visitor,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<WithholdingBody>,
) -> Result<(StatusCode, Json<WithholdingItem>), Problem> {
    let done = visitor.api(move |ctx| {
        let id = body.id.unwrap_or_else(|| ctx.id());
        let new = New { id, person: body.person, basis: body.basis, days: body.days };
        withholding::propose(ctx, &new).map(|it| item(ctx, &it))
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// One of them.
#[utoipa::path(
    get, path = "/api/v1/withholdings/{id}", tag = "people", security(("session" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, description = "It", body = WithholdingItem), ReadErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(id): PathPart<Id<WithholdingName>>,
    _: QueryString<Nothing>,
) -> Result<Json<WithholdingItem>, Problem> {
    Ok(Json(visitor.api(move |ctx| withholding::get(ctx, id).map(|it| item(ctx, &it))).await?))
}

/// Approve or refuse what another body asked for, or lift what one's own has before its day.
#[utoipa::path(
    post, path = "/api/v1/withholdings/{id}/steps/{step}", tag = "people", security(("session" = [])),
    params(
        ("id" = Uuid, Path),
        ("step" = String, Path, description = "`approve`, `refuse` or `lift`", pattern = "^(approve|refuse|lift)$")
    ),
    request_body = WithholdingStepBody,
    responses((status = 200, description = "It as it is now", body = WithholdingItem), WriteErrors)
)]
async fn advance(
    visitor: Visitor,
    PathPart((id, step)): PathPart<(Id<WithholdingName>, String)>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<WithholdingStepBody>,
) -> Result<Json<WithholdingItem>, Problem> {
    let done = visitor.api(move |ctx| {
        let step = Step::parse(&step).ok_or(Refusal::NotFound)?;
        withholding::advance(ctx, id, step, &body.note).map(|it| item(ctx, &it))
    });
    Ok(Json(done.await?))
}

fn item(ctx: &Ctx, it: &Withholding) -> WithholdingItem {
    WithholdingItem {
        id: it.id.uuid(),
        organization: it.organization.uuid(),
        basis: it.basis.clone(),
        days: it.days,
        proposed_at: it.proposed_at.to_string(),
        state: it.state.as_str(),
        decided_by: it.decided_by.map(Id::uuid),
        decided_at: it.decided_at.map(|at| at.to_string()),
        note: it.note.clone(),
        ends_at: it.ends_at.map(|at| at.to_string()),
        steps: it.steps(ctx),
    }
}
