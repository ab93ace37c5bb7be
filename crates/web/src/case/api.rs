//! Cases, by JSON; the secret link of a case opens it to `?follow=`.

use axum::{
    Json,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Ctx, Message, Refusal, Window, area,
    case::{self, Filter, Lens, Status},
};
use kernel::{Case, Id, Organization, Photo};
use policy::{Action, Resource};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{admission::Admitted, upload::UPLOAD_BYTES_MAX};
use crate::{
    app::Shared,
    problem::{ChangeErrors, Problem, PublicErrors, PublicOneErrors, ReadErrors, WriteErrors},
    request::{JsonBody, Nothing, PathPart, QueryString, day},
    visitor::Visitor,
};

mod answer;
mod body;
mod clock;
mod joined;
mod kind;
mod relief;

pub(crate) use answer::{CasePage, case_item};
use answer::{CaseRecord, ContactItem, Reported, case_record};
use body::{NoteBody, ReportBody, ReportForm, StepBody, StepForm, WithPhotos};
use kind::{ClassList, ProcedureItem, ProcedureList, major_class, procedure_item};

pub fn routes() -> OpenApiRouter<Shared> {
    let with_photos = OpenApiRouter::new()
        .routes(routes!(list, report))
        .routes(routes!(advance))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX));
    OpenApiRouter::new()
        .merge(with_photos)
        .routes(routes!(procedures))
        .routes(routes!(procedure))
        .routes(routes!(classes))
        .routes(routes!(get))
        .routes(routes!(add_note))
        .routes(routes!(withhold))
        .routes(routes!(photo))
        .routes(routes!(read_contact))
        .merge(relief::routes())
        .routes(routes!(joined::merge))
        .routes(routes!(joined::unmerge))
        .routes(routes!(joined::nearby))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CaseQuery {
    /// Code of an area: cases in it and below it. At most one of area, organization and mine.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: Option<String>,
    /// Cases that this body has to handle, or ever was given.
    #[param(value_type = Option<Uuid>)]
    organization: Option<Id<Organization>>,
    /// Cases that one reported oneself.
    mine: Option<bool>,
    /// With `open` the most urgent come first, with `closed` and `void` those that ended last, else the latest reports.
    #[param(pattern = "^(open|closed|void)$")]
    status: Option<String>,
    #[param(pattern = "^[a-z_]{1,64}$")]
    stage: Option<String>,
    /// Code of a minor class.
    #[param(pattern = "^[a-z0-9-]{1,64}$")]
    class: Option<String>,
    /// Those alone whose stage is over its time; they are open.
    overdue: Option<bool>,
    /// Those alone that a body gave back and that are open.
    returned: Option<bool>,
    /// Those alone that were opened again after they had been closed, and are open.
    reopened: Option<bool>,
    /// Those alone that were closed on this day or later.
    #[param(format = Date)]
    closed_since: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FollowQuery {
    /// The token of the case's secret link, instead of a session.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    follow: Option<String>,
}

impl FollowQuery {
    /// The actor with what the link adds. A link to another case opens nothing.
    fn actor(&self, ctx: &Ctx, id: Id<Case>) -> Result<Ctx, Refusal> {
        let Some(token) = &self.follow else { return Ok(ctx.clone()) };
        match case::follow(ctx, token)? {
            (follower, case) if case == id => Ok(follower),
            _ => Err(Refusal::NotFound),
        }
    }
}

/// Cases that the actor may see.
#[utoipa::path(
    get, path = "/api/v1/cases", tag = "cases", params(CaseQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = CasePage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<CaseQuery>,
) -> Result<Json<CasePage>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let (lens, filter) = (lens(ctx, &query)?, filter(ctx, &query)?);
        let page = case::list(ctx, &lens, &filter, &window)?;
        let items = page.items.iter().map(|it| case_item(ctx, language, it)).collect();
        Ok(CasePage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

fn lens(ctx: &Ctx, query: &CaseQuery) -> Result<Lens, Refusal> {
    match (&query.area, query.organization, query.mine == Some(true)) {
        (None, None, false) => Ok(Lens::Everything),
        (None, None, true) => Ok(Lens::Mine),
        (None, Some(id), false) => Ok(Lens::Organization(id)),
        (Some(code), None, false) => match area::get(ctx, code, None) {
            Err(Refusal::NotFound) => Err(Refusal::invalid("area", Message::new("fault-area"))),
            found => Ok(Lens::Subtree(found?.path)),
        },
        (Some(_), ..) => Err(Refusal::invalid("area", Message::new("fault-one-lens"))),
        (None, Some(_), true) => Err(Refusal::invalid("organization", Message::new("fault-one-lens"))),
    }
}

/// What is not among the choices is told, and does not reach the store.
fn filter(ctx: &Ctx, query: &CaseQuery) -> Result<Filter, Refusal> {
    let no_choice = |field| Refusal::invalid(field, Message::new("fault-choice"));
    let status = query.status.as_deref().map(|text| Status::parse(text).ok_or_else(|| no_choice("status")));
    let (overdue, returned) = (query.overdue == Some(true), query.returned == Some(true));
    let reopened = query.reopened == Some(true);
    let closed_since = day("closed_since", query.closed_since.as_deref())?;
    let implied = match (overdue || returned || reopened, closed_since) {
        (true, _) => Some(Status::Open),
        (false, Some(_)) => Some(Status::Closed),
        (false, None) => None,
    };
    let is_stage = |id: &String| ctx.city.procedures.iter().any(|it| it.stage(id).is_some());
    if query.stage.as_ref().is_some_and(|it| !is_stage(it)) {
        return Err(no_choice("stage"));
    }
    if query.class.as_ref().is_some_and(|it| ctx.city.classes.get(it).is_none()) {
        return Err(no_choice("class"));
    }
    Ok(Filter {
        status: status.transpose()?.or(implied),
        stage: query.stage.clone(),
        class: query.class.clone(),
        overdue,
        returned,
        reopened,
        closed_since,
    })
}

/// Report something; without an account too. The same report under the same id is one case.
///
/// As JSON, or as a form with the JSON in its part `case` and files in parts `photos`.
#[utoipa::path(
    post, path = "/api/v1/cases", tag = "cases", security((), ("session" = [])),
    request_body(content((ReportBody = "application/json"), (ReportForm = "multipart/form-data"))),
    responses(
        (status = 201, description = "A new case", body = Reported),
        (status = 200, description = "The same report was there", body = Reported),
        WriteErrors
    )
)]
async fn report(
    visitor: Visitor,
    _: QueryString<Nothing>,
    _: Admitted,
    report: WithPhotos<ReportBody>,
) -> Result<(StatusCode, Json<Reported>), Problem> {
    let done = visitor.api(move |ctx| {
        let (body, photos) = report.store(ctx)?;
        let (case, is_new) = case::report(ctx, body.report(ctx, photos))?;
        let follow_token = case::follow_token(&ctx.city, case.id);
        Ok((is_new, Reported { id: case.id.uuid(), number: case.number, stage: case.stage, follow_token }))
    });
    let (is_new, reported) = done.await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(reported)))
}

/// One case with its timeline and what the actor may do with it.
#[utoipa::path(
    get, path = "/api/v1/cases/{id}", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), FollowQuery),
    responses((status = 200, description = "It", body = CaseRecord), PublicOneErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    QueryString(query): QueryString<FollowQuery>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        let ctx = &query.actor(ctx, id)?;
        case_record(ctx, &t, &case::record(ctx, id)?)
    });
    Ok(Json(found.await?))
}

/// Take a transition of the case. The same request again changes nothing.
///
/// As JSON, or as a form with the JSON in its part `case` and files in parts `photos`.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/transitions/{transition}", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), ("transition" = String, Path, description = "As the case offers them"), FollowQuery),
    request_body(content((StepBody = "application/json"), (StepForm = "multipart/form-data"))),
    responses((status = 200, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
async fn advance(
    visitor: Visitor,
    PathPart((id, transition)): PathPart<(Id<Case>, String)>,
    QueryString(query): QueryString<FollowQuery>,
    _: Admitted,
    step: WithPhotos<StepBody>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let ctx = &query.actor(ctx, id)?;
        // Photos of a step that is not this actor's to take are not kept.
        let keep = step.has_photos() && case::record(ctx, id)?.transitions.contains(&transition);
        let (body, photos) = if keep { step.store(ctx)? } else { (step.body, Vec::new()) };
        case_record(ctx, &t, &case::advance(ctx, id, &transition, &body.step(photos)?)?)
    });
    Ok(Json(done.await?))
}

/// Add a note: a public one is for the reporter too.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/notes", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), FollowQuery), request_body = NoteBody,
    responses((status = 201, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
async fn add_note(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    QueryString(query): QueryString<FollowQuery>,
    JsonBody(body): JsonBody<NoteBody>,
) -> Result<(StatusCode, Json<CaseRecord>), Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let ctx = &query.actor(ctx, id)?;
        case_record(ctx, &t, &case::add_note(ctx, id, body.request, &body.note, body.public, &[])?)
    });
    Ok((StatusCode::CREATED, Json(done.await?)))
}

/// Take the report's words and place out of what is published, for good.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/withholding", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), FollowQuery),
    responses((status = 200, description = "The case as it is now", body = CaseRecord), ChangeErrors)
)]
async fn withhold(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    QueryString(query): QueryString<FollowQuery>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let ctx = &query.actor(ctx, id)?;
        case_record(ctx, &t, &case::withhold(ctx, id, None)?)
    });
    Ok(Json(done.await?))
}

/// The picture of a photo of a case.
#[utoipa::path(
    get, path = "/api/v1/cases/{id}/photos/{photo}", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), ("photo" = Uuid, Path), FollowQuery),
    responses(
        (status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg"),
        PublicOneErrors
    )
)]
async fn photo(
    visitor: Visitor,
    PathPart((id, photo)): PathPart<(Id<Case>, Id<Photo>)>,
    QueryString(query): QueryString<FollowQuery>,
) -> Result<Response, Problem> {
    let bytes = visitor.api(move |ctx| case::photo(&query.actor(ctx, id)?, id, photo)).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, max-age=86400, immutable")];
    Ok((headers, bytes).into_response())
}

/// Read how to reach the reporter. The reading is on record and shown to the reporter, so it is no GET.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/contact", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), FollowQuery),
    responses((status = 200, description = "It, as far as it is known", body = ContactItem), ChangeErrors)
)]
async fn read_contact(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    QueryString(query): QueryString<FollowQuery>,
) -> Result<Json<ContactItem>, Problem> {
    let contact = visitor.api(move |ctx| case::read_contact(&query.actor(ctx, id)?, id)).await?;
    Ok(Json(ContactItem { name: contact.name, phone: contact.phone }))
}

/// The procedures that cases run by: stages, transitions, and what has to come with each.
#[utoipa::path(
    get, path = "/api/v1/procedures", tag = "procedures", security((), ("session" = [])),
    responses((status = 200, description = "All of them", body = ProcedureList), PublicErrors)
)]
async fn procedures(visitor: Visitor, _: QueryString<Nothing>) -> Result<Json<ProcedureList>, Problem> {
    let language = visitor.language.tag();
    let items = visitor.api(move |ctx| {
        ctx.must(Action::ProcedureRead, Resource::City)?;
        Ok(ctx.city.procedures.iter().map(|it| procedure_item(it, language)).collect())
    });
    Ok(Json(ProcedureList { items: items.await? }))
}

/// One procedure.
#[utoipa::path(
    get, path = "/api/v1/procedures/{id}", tag = "procedures", security((), ("session" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "It", body = ProcedureItem), PublicOneErrors)
)]
async fn procedure(
    visitor: Visitor,
    PathPart(id): PathPart<String>,
    _: QueryString<Nothing>,
) -> Result<Json<ProcedureItem>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        ctx.must(Action::ProcedureRead, Resource::City)?;
        ctx.city.procedures.get(&id).map(|it| procedure_item(it, language)).ok_or(Refusal::NotFound)
    });
    Ok(Json(found.await?))
}

/// What a case can be about, in two levels.
#[utoipa::path(
    get, path = "/api/v1/classes", tag = "procedures", security((), ("session" = [])),
    responses((status = 200, description = "All of them", body = ClassList), PublicErrors)
)]
async fn classes(visitor: Visitor, _: QueryString<Nothing>) -> Result<Json<ClassList>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        ctx.must(Action::ProcedureRead, Resource::City)?;
        let classes = &ctx.city.classes;
        let items = classes.classes.iter().map(|it| major_class(it, language)).collect();
        Ok(ClassList { version: classes.version, items })
    });
    Ok(Json(found.await?))
}
