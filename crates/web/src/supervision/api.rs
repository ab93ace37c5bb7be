//! Supervision, by JSON.

use axum::{Json, http::StatusCode};
use domain::{
    Ctx, Message, Refusal, Window, area, case,
    supervision::{self, Filter, Kind, Lens, New, Order, Step},
};
use kernel::{Case, Id, Supervision};
use policy::{Action, Resource};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::view::{kind_label, level_label, names};
use crate::{
    app::Shared,
    locale::Translator,
    problem::{Problem, PublicErrors, ReadErrors, WriteErrors},
    request::{JsonBody, Nothing, PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, order))
        .routes(routes!(levels))
        .routes(routes!(get))
        .routes(routes!(advance))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SupervisionQuery {
    /// Those to which one's own bodies reply, instead of those about cases in the areas that one sees.
    to_reply: Option<bool>,
    /// Code of an area: about cases in it and below it.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: Option<String>,
    /// `waiting` for a reply, when left out; of these those that are `late`; `replied`; or `ended`.
    #[param(pattern = "^(waiting|late|replied|ended)$")]
    show: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct SupervisionPage {
    items: Vec<SupervisionItem>,
    /// How many there are of each, on all pages.
    counts: SupervisionCounts,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct SupervisionCounts {
    waiting: i64,
    late: i64,
    replied: i64,
    ended: i64,
}

/// An order to reply about a case. People appear by office.
#[derive(Serialize, ToSchema)]
struct SupervisionItem {
    id: Uuid,
    case: Uuid,
    case_number: String,
    /// `overdue`, `leader` or `important`.
    kind: &'static str,
    kind_label: String,
    level: String,
    level_label: String,
    /// What has to be done or explained.
    requirement: String,
    #[schema(format = DateTime)]
    ordered_at: String,
    ordered_by: OfficeItem,
    /// The body that has to reply.
    organization: Uuid,
    organization_name: Option<String>,
    /// When the reply has to be there.
    #[schema(format = DateTime)]
    due: String,
    late: bool,
    /// `waiting`, `replied`, `accepted` or `cancelled`.
    state: &'static str,
    /// The latest reply; empty until there is one.
    reply: String,
    #[schema(format = DateTime)]
    replied_at: Option<String>,
    /// How often another reply was asked for.
    refusals: i64,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct OfficeItem {
    role: &'static str,
    organization: Uuid,
    organization_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct SupervisionRecord {
    #[serde(flatten)]
    order: SupervisionItem,
    /// Those of `reply`, `refuse`, `accept` and `cancel` that one may take now.
    steps: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct SupervisionLevelList {
    version: i64,
    items: Vec<SupervisionLevelItem>,
}

/// A level of supervision, as this city has them.
#[derive(Serialize, ToSchema)]
struct SupervisionLevelItem {
    id: String,
    label: String,
    /// The lowest tier whose offices may order it.
    tier: &'static str,
    /// How the time to reply is counted: `urgent_hours`, `work_hours`, `work_days` or `natural_days`.
    within_kind: &'static str,
    within_amount: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    /// Made by the client: the same order again under it is one order.
    #[schema(value_type = Option<Uuid>)]
    id: Option<Id<Supervision>>,
    #[schema(value_type = Uuid)]
    case: Id<Case>,
    #[schema(pattern = "^(overdue|leader|important)$")]
    kind: String,
    /// Id of a level, as /api/v1/supervisions/levels has them.
    #[schema(min_length = 1, max_length = 64)]
    level: String,
    #[schema(min_length = 1, max_length = 4000)]
    requirement: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SupervisionStepBody {
    /// Made by the client: the same one again changes nothing.
    request: Option<Uuid>,
    /// The reply, what is missing in it, or the ground; it may be left out with `accept`.
    #[schema(max_length = 4000)]
    #[serde(default)]
    note: String,
}

/// Orders of supervision: about cases in the areas that one sees, or those that one's bodies reply to.
#[utoipa::path(
    get, path = "/api/v1/supervisions", tag = "supervision", params(SupervisionQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = SupervisionPage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<SupervisionQuery>,
) -> Result<Json<SupervisionPage>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let filter = match query.show.as_deref() {
            None => Filter::Waiting,
            Some(word) => {
                Filter::parse(word).ok_or_else(|| Refusal::invalid("show", Message::new("fault-choice")))?
            }
        };
        let lens = lens(ctx, &query)?;
        let page = supervision::list(ctx, &lens, filter, &window)?;
        let tally = supervision::tally(ctx, &lens)?;
        let names = names(ctx, page.items.iter().map(|it| &it.order))?;
        let item = |it: &supervision::Listed| {
            item(ctx, &t, &it.order, &it.case.number, |id| names.get(&id).cloned())
        };
        let counts = SupervisionCounts {
            waiting: tally.waiting,
            late: tally.late,
            replied: tally.replied,
            ended: tally.ended,
        };
        let items = page.items.iter().map(item).collect();
        Ok(SupervisionPage { items, counts, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

fn lens(ctx: &Ctx, query: &SupervisionQuery) -> Result<Lens, Refusal> {
    match (query.to_reply == Some(true), query.area.as_deref()) {
        (true, None) => Ok(Lens::ToReply),
        (true, Some(_)) => Err(Refusal::invalid("area", Message::new("fault-one-lens"))),
        (false, None) => Ok(Lens::Area(None)),
        (false, Some(code)) => match area::get(ctx, code, None) {
            Err(Refusal::NotFound) => Err(Refusal::invalid("area", Message::new("fault-area"))),
            found => Ok(Lens::Area(Some(found?.path))),
        },
    }
}

/// The levels of supervision, the mildest first.
#[utoipa::path(
    get, path = "/api/v1/supervisions/levels", tag = "supervision", security((), ("session" = [])),
    responses((status = 200, description = "All of them", body = SupervisionLevelList), PublicErrors)
)]
async fn levels(visitor: Visitor, _: QueryString<Nothing>) -> Result<Json<SupervisionLevelList>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        ctx.must(Action::ProcedureRead, Resource::City)?;
        let levels = &ctx.city.supervision;
        let item = |it: &supervision::Level| SupervisionLevelItem {
            id: it.id.clone(),
            label: case::words(&it.label, language).to_owned(),
            tier: it.tier.as_str(),
            within_kind: it.within.kind.as_str(),
            within_amount: it.within.amount,
        };
        let items = levels.levels.iter().map(item).collect();
        Ok(SupervisionLevelList { version: levels.version, items })
    });
    Ok(Json(found.await?))
}

/// Put a case under supervision: the body answerable for where it stands has to reply in the time of the level.
#[utoipa::path(
    post, path = "/api/v1/supervisions", tag = "supervision", security(("session" = [])), request_body = OrderBody,
    responses((status = 201, description = "The order", body = SupervisionRecord), WriteErrors)
)]
async fn order(
    visitor: Visitor,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<OrderBody>,
) -> Result<(StatusCode, Json<SupervisionRecord>), Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let kind = Kind::parse(&body.kind);
        let kind = kind.ok_or_else(|| Refusal::invalid("kind", Message::new("fault-choice")))?;
        let new = New {
            id: body.id.unwrap_or_else(|| ctx.id()),
            case: body.case,
            kind,
            level: body.level,
            requirement: body.requirement,
        };
        let order = supervision::order(ctx, &new)?;
        record(ctx, &t, order.id)
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// One order, with what one may do about it.
#[utoipa::path(
    get, path = "/api/v1/supervisions/{id}", tag = "supervision", security(("session" = [])),
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "It", body = SupervisionRecord), ReadErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Supervision>>,
    _: QueryString<Nothing>,
) -> Result<Json<SupervisionRecord>, Problem> {
    let t = visitor.translator();
    Ok(Json(visitor.api(move |ctx| record(ctx, &t, id)).await?))
}

/// Reply to an order, ask for another reply, accept one, or cancel the order. The same request again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/supervisions/{id}/steps/{step}", tag = "supervision", security(("session" = [])),
    params(
        ("id" = Uuid, Path),
        ("step" = String, Path, description = "`reply`, `refuse`, `accept` or `cancel`", pattern = "^(reply|refuse|accept|cancel)$")
    ),
    request_body = SupervisionStepBody,
    responses((status = 200, description = "The order as it is now", body = SupervisionRecord), WriteErrors)
)]
async fn advance(
    visitor: Visitor,
    PathPart((id, step)): PathPart<(Id<Supervision>, String)>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<SupervisionStepBody>,
) -> Result<Json<SupervisionRecord>, Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let step = Step::parse(&step).ok_or(Refusal::NotFound)?;
        supervision::advance(ctx, id, step, body.request, &body.note)?;
        record(ctx, &t, id)
    });
    Ok(Json(done.await?))
}

fn record(ctx: &Ctx, t: &Translator, id: Id<Supervision>) -> Result<SupervisionRecord, Refusal> {
    let (it, case) = supervision::get(ctx, id)?;
    let names = names(ctx, std::iter::once(&it.order))?;
    Ok(SupervisionRecord {
        order: item(ctx, t, &it.order, &case.number, |id| names.get(&id).cloned()),
        steps: it.steps.iter().map(|step| step.as_str()).collect(),
    })
}

fn item(
    ctx: &Ctx,
    t: &Translator,
    it: &Order,
    number: &str,
    name: impl Fn(Id<kernel::Organization>) -> Option<String>,
) -> SupervisionItem {
    SupervisionItem {
        id: it.id.uuid(),
        case: it.case.uuid(),
        case_number: number.to_owned(),
        kind: it.kind.as_str(),
        kind_label: kind_label(t, it.kind),
        level: it.level.clone(),
        level_label: level_label(ctx, t, &it.level),
        requirement: it.requirement.clone(),
        ordered_at: it.ordered_at.to_string(),
        ordered_by: OfficeItem {
            role: it.office.role.as_str(),
            organization: it.office.organization.uuid(),
            organization_name: name(it.office.organization),
        },
        organization: it.organization.uuid(),
        organization_name: name(it.organization),
        due: it.due.to_string(),
        late: it.is_late(ctx.now),
        state: it.state.as_str(),
        reply: it.reply.clone(),
        replied_at: it.replied_at.map(|at| at.to_string()),
        refusals: it.refusals,
        ended_at: it.ended_at.map(|at| at.to_string()),
    }
}
