//! Organizations, by JSON; for the signed-in.

use axum::Json;
use domain::{
    Ctx, Message, Refusal, Window, area,
    organization::{self, Filter, Organization, OrganizationKind},
};
use kernel::{AreaPath, Id};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    problem::{Problem, ReadErrors},
    request::{Nothing, PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrganizationQuery {
    /// Code of an area: those in it and below it.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: Option<String>,
    /// A kind, such as `government_department`.
    #[param(pattern = "^[a-z_]{1,40}$")]
    kind: Option<String>,
    /// The beginning of the name.
    #[param(max_length = 200)]
    name: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct OrganizationPage {
    items: Vec<OrganizationItem>,
    /// How many there are on all pages.
    total: i64,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct OrganizationItem {
    id: Uuid,
    /// A word for programs.
    kind: &'static str,
    /// In the language asked for.
    kind_label: String,
    name: String,
    area_code: String,
    #[schema(format = DateTime)]
    from: String,
    /// In force up to but not including here.
    #[schema(format = DateTime)]
    to: Option<String>,
}

/// Organizations in force now, along the tree of areas and by kind, or by name when one is asked for.
#[utoipa::path(
    get, path = "/api/v1/organizations", tag = "organizations", params(OrganizationQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = OrganizationPage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<OrganizationQuery>,
) -> Result<Json<OrganizationPage>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let kind = query.kind.as_deref().map(kind).transpose()?;
        let area = query.area.as_deref().map(|code| subtree(ctx, code)).transpose()?;
        organization::list(ctx, &Filter { area, kind, name_prefix: query.name }, &window)
    });
    let (page, total) = found.await?;
    let label = |it: &Organization| t.say(&format!("organization-kind-{}", it.kind.as_str()));
    let items = page.items.into_iter().map(|it| item(label(&it), it)).collect();
    Ok(Json(OrganizationPage { items, total, next: page.next.map(|it| it.encode()) }))
}

/// One organization, in force or not.
#[utoipa::path(
    get, path = "/api/v1/organizations/{id}", tag = "organizations", security(("session" = [])),
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "It", body = OrganizationItem), ReadErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(id): PathPart<Id<kernel::Organization>>,
    _: QueryString<Nothing>,
) -> Result<Json<OrganizationItem>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| organization::get(ctx, id)).await?;
    Ok(Json(item(t.say(&format!("organization-kind-{}", found.kind.as_str())), found)))
}

fn kind(text: &str) -> Result<OrganizationKind, Refusal> {
    OrganizationKind::parse(text).ok_or_else(|| Refusal::invalid("kind", Message::new("fault-choice")))
}

fn subtree(ctx: &Ctx, code: &str) -> Result<AreaPath, Refusal> {
    match area::get(ctx, code, None) {
        Err(Refusal::NotFound) => Err(Refusal::invalid("area", Message::new("fault-area"))),
        found => Ok(found?.path),
    }
}

fn item(kind_label: String, it: Organization) -> OrganizationItem {
    OrganizationItem {
        id: it.id.uuid(),
        kind: it.kind.as_str(),
        kind_label,
        name: it.name,
        area_code: it.area_path.code().to_owned(),
        from: it.from.to_string(),
        to: it.to.map(|at| at.to_string()),
    }
}
