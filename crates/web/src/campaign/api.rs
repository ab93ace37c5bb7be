//! Campaigns, by JSON.

use axum::{Json, http::StatusCode};
use domain::{
    Ctx, Message, Refusal, Window,
    campaign::{self, Audience, Campaign, Counts, DueBy, End, New, Show, Unit},
    form,
};
use jiff::civil;
use kernel::{Campaign as CampaignName, Id};
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
    OpenApiRouter::new()
        .routes(routes!(list, send))
        .routes(routes!(asked))
        .routes(routes!(get))
        .routes(routes!(progress))
        .routes(routes!(units))
        .routes(routes!(remind))
        .routes(routes!(end))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CampaignQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AreaQuery {
    /// Code of an area in the one that is asked; left out, the widest that one may see.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UnitQuery {
    /// Code of an area in the one that is asked; left out, the widest that one may see.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: Option<String>,
    /// `expected` for all, when left out; or those that are `silent`, `arrived`, `valid`, `invalid`, `unchecked`, `late`,
    /// `waiting` for a review, `returned` or `accepted`.
    #[param(pattern = "^(expected|silent|arrived|valid|invalid|unchecked|late|waiting|returned|accepted)$")]
    show: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct CampaignPage {
    items: Vec<CampaignItem>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// A form that an office sent to units or people, with a moment by which they answer.
#[derive(Serialize, ToSchema)]
struct CampaignItem {
    id: Uuid,
    /// Id of the form, as `/v1/projects/{area}/forms` has it.
    form: String,
    title: String,
    /// What the answers are about; may be empty.
    period: String,
    /// Code of the area that is asked.
    area: String,
    /// Who is asked in it: a tier, as `community`, one of its kinds, as `community-rural`, or `holders-` and a role.
    audience: String,
    #[schema(format = DateTime)]
    starts: String,
    #[schema(format = DateTime)]
    due: String,
    /// Until when late records are taken.
    #[schema(format = DateTime)]
    closes: String,
    /// `open`, `closed` or `withdrawn`.
    state: &'static str,
    #[schema(format = DateTime)]
    sent: String,
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// Why it was withdrawn, or closed before its time; may be empty.
    reason: String,
    /// When every unit had a valid record for the first time.
    #[schema(format = DateTime)]
    completed: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct CampaignProgress {
    /// Code of the area.
    area: String,
    counts: CampaignCounts,
    /// Of each area right below; empty where those are the units themselves.
    areas: Vec<CampaignArea>,
    #[schema(format = DateTime)]
    as_of: String,
}

#[derive(Serialize, ToSchema)]
struct CampaignArea {
    area: String,
    counts: CampaignCounts,
}

/// `arrived` is the sum of `valid`, `invalid` and `unchecked`, and with `silent` it is what is `expected`.
#[derive(Serialize, ToSchema)]
struct CampaignCounts {
    expected: i64,
    arrived: i64,
    silent: i64,
    valid: i64,
    invalid: i64,
    unchecked: i64,
    late: i64,
    waiting: i64,
    returned: i64,
    accepted: i64,
}

#[derive(Serialize, ToSchema)]
struct CampaignUnitPage {
    items: Vec<CampaignUnit>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// A unit that is asked, or a person in office, who appears by office.
#[derive(Serialize, ToSchema)]
struct CampaignUnit {
    id: Uuid,
    /// Code of the unit, or of the area in which the person works.
    area: String,
    /// Of the unit; empty for a person.
    name: String,
    record: Option<CampaignRecord>,
    #[schema(format = DateTime)]
    reminded: Option<String>,
    reminders: i64,
}

#[derive(Serialize, ToSchema)]
struct CampaignRecord {
    /// The first instance id, which names it under its form.
    instance: String,
    /// `valid`, `invalid` or `unchecked`.
    state: &'static str,
    /// `edited`, `hasIssues`, `rejected` or `approved`; none of what nobody has reviewed.
    review: Option<&'static str>,
    #[schema(format = DateTime)]
    arrived: String,
    /// When its writer had finished it, as their phone says.
    #[schema(format = DateTime)]
    finished: Option<String>,
    #[schema(format = DateTime)]
    updated: String,
    late: bool,
}

#[derive(Serialize, ToSchema)]
struct AskedList {
    items: Vec<CampaignAskedItem>,
}

/// What is asked of oneself, or of a unit that one answers for.
#[derive(Serialize, ToSchema)]
struct CampaignAskedItem {
    campaign: CampaignItem,
    unit: CampaignUnit,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CampaignBody {
    /// Made by the client: the same campaign again under it is one campaign.
    #[schema(value_type = Option<Uuid>)]
    id: Option<Id<CampaignName>>,
    /// Id of an open form of the area that is asked, or of one above it.
    #[schema(min_length = 1, max_length = 200)]
    form: String,
    /// Whether the version that is handed out now is asked to the end; otherwise the newest.
    #[serde(default)]
    fixed: bool,
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 200)]
    #[serde(default)]
    period: String,
    /// Code of the area that is asked.
    #[schema(pattern = "^[0-9]{2,18}$")]
    area: String,
    #[schema(pattern = "^(county|township|community(-rural|-urban)?|grid|holders-[a-z_]+)$")]
    audience: String,
    /// From which day on it asks; left out, from now on.
    #[schema(format = Date)]
    starts: Option<String>,
    #[schema(format = Date)]
    due: String,
    /// `day` for midnight after the due day, when left out; `work` for the end of work on it.
    #[schema(pattern = "^(day|work)$")]
    due_by: Option<String>,
    /// Days after the due day for which late records are taken; none when left out.
    #[schema(minimum = 0, maximum = 90)]
    #[serde(default)]
    grace_days: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReminderBody {
    /// Code of the area in which those who are silent are reminded.
    #[schema(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// The only unit that is meant.
    unit: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
struct ReminderRound {
    id: Uuid,
    /// Units that were told.
    units: i64,
    /// Units that were told shortly before, and left in peace.
    skipped: i64,
    /// Units for which nobody holds an office that could be told.
    vacant: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CampaignEndBody {
    #[schema(pattern = "^(close|withdraw)$")]
    how: String,
    /// Needed to withdraw.
    #[schema(max_length = 4000)]
    #[serde(default)]
    reason: String,
}

/// Campaigns of which one may see how they stand somewhere, latest due first.
#[utoipa::path(
    get, path = "/api/v1/campaigns", tag = "campaigns", params(CampaignQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = CampaignPage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<CampaignQuery>,
) -> Result<Json<CampaignPage>, Problem> {
    let found = visitor.api(move |ctx| {
        let page = campaign::list(ctx, &Window::parse(query.limit, query.cursor.as_deref())?)?;
        let items = page.items.iter().map(|(it, form)| item(it, form)).collect();
        Ok(CampaignPage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

/// Send a form to all units of a tier, or all holders of a role, in an area.
#[utoipa::path(
    post, path = "/api/v1/campaigns", tag = "campaigns", security(("session" = [])), request_body = CampaignBody,
    responses((status = 201, description = "The campaign", body = CampaignItem), WriteErrors)
)]
async fn send(
    visitor: Visitor,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<CampaignBody>,
) -> Result<(StatusCode, Json<CampaignItem>), Problem> {
    let done = visitor.api(move |ctx| {
        ctx.person()?;
        let form_id = body.form.clone();
        let it = campaign::send(ctx, &read(ctx, body)?)?;
        Ok(item(&it, &form_id))
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

fn read(ctx: &Ctx, body: CampaignBody) -> Result<New, Refusal> {
    let mut faults = domain::Faults::default();
    let mut date = |field: &str, text: &str| -> Option<civil::Date> {
        let date = text.parse().ok();
        if date.is_none() {
            faults.add(field, Message::new("fault-date"));
        }
        date
    };
    let due = date("due", &body.due);
    let starts = body.starts.as_deref().map(|it| date("starts", it));
    let audience = Audience::parse(&body.audience);
    let due_by = body.due_by.as_deref().map_or(Some(DueBy::Day), DueBy::parse);
    for (field, is_known) in [("audience", audience.is_some()), ("due_by", due_by.is_some())] {
        if !is_known {
            faults.add(field, Message::new("fault-choice"));
        }
    }
    faults.check()?;
    let ((audience, due), due_by) = audience.zip(due).zip(due_by).ok_or(Refusal::NotFound)?;
    Ok(New {
        id: body.id.unwrap_or_else(|| ctx.id()),
        form_id: body.form,
        is_fixed: body.fixed,
        title: body.title,
        period: body.period,
        area: body.area,
        audience,
        starts: starts.flatten(),
        due,
        due_by,
        grace_days: body.grace_days,
    })
}

/// What is asked of oneself and of the units that one answers for, first due first.
#[utoipa::path(
    get, path = "/api/v1/campaigns/asked", tag = "campaigns", security(("session" = [])),
    responses((status = 200, description = "All of it", body = AskedList), ReadErrors)
)]
async fn asked(visitor: Visitor, _: QueryString<Nothing>) -> Result<Json<AskedList>, Problem> {
    let found = visitor.api(move |ctx| {
        let mine = campaign::mine(ctx)?;
        let item = |it: &campaign::Mine| CampaignAskedItem {
            campaign: item(&it.campaign, &it.form_id),
            unit: unit(&it.unit),
        };
        Ok(AskedList { items: mine.iter().map(item).collect() })
    });
    Ok(Json(found.await?))
}

/// One campaign.
#[utoipa::path(
    get, path = "/api/v1/campaigns/{id}", tag = "campaigns", security(("session" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, description = "It", body = CampaignItem), ReadErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(id): PathPart<Id<CampaignName>>,
    _: QueryString<Nothing>,
) -> Result<Json<CampaignItem>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let (it, form) = campaign::get(ctx, id)?;
        Ok(item(&it, &form))
    });
    Ok(Json(found.await?))
}

/// How many have answered in an area and in each area right below, and how. Exact at the moment of asking.
#[utoipa::path(
    get, path = "/api/v1/campaigns/{id}/progress", tag = "campaigns", security(("session" = [])),
    params(("id" = Uuid, Path), AreaQuery),
    responses((status = 200, description = "The figures", body = CampaignProgress), ReadErrors)
)]
async fn progress(
    visitor: Visitor,
    PathPart(id): PathPart<Id<CampaignName>>,
    QueryString(query): QueryString<AreaQuery>,
) -> Result<Json<CampaignProgress>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let it = campaign::progress(ctx, id, query.area.as_deref())?;
        let line = |it: &campaign::Line| CampaignArea {
            area: it.path.code().to_owned(),
            counts: counts(&it.counts),
        };
        Ok(CampaignProgress {
            area: it.path.code().to_owned(),
            counts: counts(&it.counts),
            areas: it.lines.iter().map(line).collect(),
            as_of: ctx.now.to_string(),
        })
    });
    Ok(Json(found.await?))
}

/// Those who are asked in an area, along the tree, and how each has answered; nothing of what they answered.
#[utoipa::path(
    get, path = "/api/v1/campaigns/{id}/units", tag = "campaigns", security(("session" = [])),
    params(("id" = Uuid, Path), UnitQuery),
    responses((status = 200, description = "A page of them", body = CampaignUnitPage), ReadErrors)
)]
async fn units(
    visitor: Visitor,
    PathPart(id): PathPart<Id<CampaignName>>,
    QueryString(query): QueryString<UnitQuery>,
) -> Result<Json<CampaignUnitPage>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let show = query.show.as_deref().map_or(Some(Show::All), Show::parse);
        let show = show.ok_or_else(|| Refusal::invalid("show", Message::new("fault-choice")))?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let page = campaign::units(ctx, id, query.area.as_deref(), show, &window)?;
        let items = page.items.iter().map(unit).collect();
        Ok(CampaignUnitPage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

/// Remind those who are silent in an area, or one of them. Who was told within twelve hours is left in peace.
#[utoipa::path(
    post, path = "/api/v1/campaigns/{id}/reminders", tag = "campaigns", security(("session" = [])),
    params(("id" = Uuid, Path)), request_body = ReminderBody,
    responses((status = 201, description = "Who was told", body = ReminderRound), WriteErrors)
)]
async fn remind(
    visitor: Visitor,
    PathPart(id): PathPart<Id<CampaignName>>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<ReminderBody>,
) -> Result<(StatusCode, Json<ReminderRound>), Problem> {
    let done = visitor.api(move |ctx| {
        ctx.person()?;
        let it = campaign::remind(ctx, id, &body.area, body.unit)?;
        Ok(ReminderRound { id: it.id.uuid(), units: it.units, skipped: it.skipped, vacant: it.vacant })
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// Close a campaign before its time, or take it back. The same again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/campaigns/{id}/end", tag = "campaigns", security(("session" = [])),
    params(("id" = Uuid, Path)), request_body = CampaignEndBody,
    responses((status = 200, description = "The campaign as it is now", body = CampaignItem), WriteErrors)
)]
async fn end(
    visitor: Visitor,
    PathPart(id): PathPart<Id<CampaignName>>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<CampaignEndBody>,
) -> Result<Json<CampaignItem>, Problem> {
    let done = visitor.api(move |ctx| {
        ctx.person()?;
        let how = End::parse(&body.how);
        let how = how.ok_or_else(|| Refusal::invalid("how", Message::new("fault-choice")))?;
        let (_, form) = campaign::get(ctx, id)?;
        Ok(item(&campaign::end(ctx, id, how, &body.reason)?, &form))
    });
    Ok(Json(done.await?))
}

fn item(it: &Campaign, form: &str) -> CampaignItem {
    CampaignItem {
        id: it.id.uuid(),
        form: form.to_owned(),
        title: it.title.clone(),
        period: it.period.clone(),
        area: it.path.code().to_owned(),
        audience: it.audience.word(),
        starts: it.starts_at.to_string(),
        due: it.due.to_string(),
        closes: it.closes_at.to_string(),
        state: it.state.as_str(),
        sent: it.sent_at.to_string(),
        ended: it.ended_at.map(|at| at.to_string()),
        reason: it.reason.clone(),
        completed: it.completed_at.map(|at| at.to_string()),
    }
}

fn counts(it: &Counts) -> CampaignCounts {
    CampaignCounts {
        expected: it.expected,
        arrived: it.arrived,
        silent: it.silent(),
        valid: it.valid,
        invalid: it.invalid,
        unchecked: it.unchecked,
        late: it.late,
        waiting: it.waiting,
        returned: it.returned,
        accepted: it.accepted,
    }
}

fn unit(it: &Unit) -> CampaignUnit {
    let record = |it: &campaign::Record| CampaignRecord {
        instance: it.instance_id.clone(),
        state: it.state.as_str(),
        review: it.review.map(form::Review::as_str),
        arrived: it.arrived_at.to_string(),
        finished: it.finished_at.map(|at| at.to_string()),
        updated: it.updated_at.to_string(),
        late: it.is_late,
    };
    CampaignUnit {
        id: it.id,
        area: it.path.code().to_owned(),
        name: it.name.clone(),
        record: it.record.as_ref().map(record),
        reminded: it.reminded_at.map(|at| at.to_string()),
        reminders: it.reminders,
    }
}
