//! Campaigns, by JSON.

mod answer;
mod body;

use axum::{Json, http::StatusCode};
use domain::{
    Message, Refusal, Window,
    campaign::{self, End, Show},
};
use kernel::{Campaign as CampaignName, Id};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    answer::{
        AskedList, CampaignAskedItem, CampaignItem, CampaignPage, CampaignProgress, CampaignUnitPage,
        ReminderRound,
    },
    body::{AreaQuery, CampaignBody, CampaignEndBody, ReminderBody, UnitQuery},
};
use crate::{
    app::Shared,
    problem::{Problem, ReadErrors, WriteErrors},
    request::{JsonBody, Nothing, PageParams, PathPart, QueryString},
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

/// Campaigns of which one may see how they stand somewhere, latest due first.
#[utoipa::path(
    get, path = "/api/v1/campaigns", tag = "campaigns", params(PageParams), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = CampaignPage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<PageParams>,
) -> Result<Json<CampaignPage>, Problem> {
    let found = visitor.api(move |ctx| {
        let page = campaign::list(ctx, &Window::parse(query.limit, query.cursor.as_deref())?)?;
        let items = page.items.iter().map(|(it, form)| answer::item(it, form)).collect();
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
        let it = campaign::send(ctx, &body.read(ctx)?)?;
        Ok(answer::item(&it, &form_id))
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
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
            campaign: answer::item(&it.campaign, &it.form_id),
            unit: answer::unit(&it.unit),
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
        Ok(answer::item(&it, &form))
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
        Ok(answer::progress(&it, ctx.now))
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
        let items = page.items.iter().map(answer::unit).collect();
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
        Ok(answer::item(&campaign::end(ctx, id, how, &body.reason)?, &form))
    });
    Ok(Json(done.await?))
}
