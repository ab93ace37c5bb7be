//! The tree of areas, by JSON; public.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Ctx, Message, Refusal, Window,
    area::{self, Area, Filter},
};
use kernel::{Id, Tier};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    problem::{Problem, PublicErrors, PublicOneErrors},
    request::{Nothing, PathPart, QueryString, day},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(boundaries))
        .routes(routes!(locate))
        .routes(routes!(get))
        .routes(routes!(history))
        .routes(routes!(children))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AreaQuery {
    /// By name or number: `province` 0, `city` 1, `county` 2, `township` 3, `community` 4, `grid` 5, `group` 6.
    #[param(pattern = "^(province|city|county|township|community|grid|group|[0-6])$")]
    tier: Option<String>,
    /// The first digits of the code.
    #[param(pattern = "^[0-9]{0,18}$")]
    code: Option<String>,
    /// A part of the name.
    #[param(max_length = 200)]
    name: Option<String>,
    /// Code of the area right above.
    #[param(pattern = "^[0-9]{0,18}$")]
    parent: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DateQuery {
    /// As it was on this day; now when left out.
    #[param(format = Date)]
    as_of: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChildrenQuery {
    /// As it was on this day; now when left out.
    #[param(format = Date)]
    as_of: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BoundaryQuery {
    /// Code of the area whose parts are drawn.
    #[param(pattern = "^[0-9]{2,18}$")]
    parent: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PositionQuery {
    /// Degrees.
    #[param(minimum = -180, maximum = 180)]
    longitude: f64,
    /// Degrees.
    #[param(minimum = -90, maximum = 90)]
    latitude: f64,
}

#[derive(Serialize, ToSchema)]
struct AreaPage {
    items: Vec<AreaItem>,
    /// How many there are on all pages.
    total: i64,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ChildPage {
    items: Vec<AreaItem>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// A unit of the tree, in one of its states.
#[derive(Serialize, ToSchema)]
struct AreaItem {
    /// Statistical division code, or a grid's.
    code: String,
    name: String,
    tier: &'static str,
    /// `urban`, `rural` or `other`.
    kind: &'static str,
    parent_code: Option<String>,
    /// Codes from the root down, each followed by `/`.
    path: String,
    /// This state holds from here …
    #[schema(format = DateTime)]
    valid_from: String,
    /// … up to but not including here; in force when none.
    #[schema(format = DateTime)]
    valid_to: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AreaDetail {
    #[serde(flatten)]
    area: AreaItem,
    /// Those above it and itself, root first.
    line: Vec<AreaName>,
    /// How many stand below it now, at any depth.
    counts: Vec<TierCount>,
}

#[derive(Serialize, ToSchema)]
struct AreaName {
    code: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
struct TierCount {
    tier: &'static str,
    kind: &'static str,
    count: i64,
}

#[derive(Serialize, ToSchema)]
struct History {
    items: Vec<AreaState>,
}

/// One state of an area, past or present.
#[derive(Serialize, ToSchema)]
struct AreaState {
    code: String,
    name: String,
    path: String,
    #[schema(format = DateTime)]
    valid_from: String,
    #[schema(format = DateTime)]
    valid_to: Option<String>,
    /// Code of the area that took an ended one in.
    successor_code: Option<String>,
}

/// Areas in force, by code, narrowed.
#[utoipa::path(
    get, path = "/api/v1/areas", tag = "areas", params(AreaQuery), security((), ("session" = [])),
    responses((status = 200, description = "A page of them", body = AreaPage), PublicErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<AreaQuery>,
) -> Result<Json<AreaPage>, Problem> {
    let found = visitor.api(move |ctx| {
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let given = |text: Option<String>| text.filter(|it| !it.is_empty());
        let filter = Filter {
            tier: query.tier.as_deref().map(tier).transpose()?,
            code_prefix: given(query.code),
            name: given(query.name),
            parent: given(query.parent),
        };
        area::list(ctx, &filter, &window)
    });
    let (page, total) = found.await?;
    Ok(Json(AreaPage {
        items: page.items.iter().map(item).collect(),
        total,
        next: page.next.map(|it| it.encode()),
    }))
}

/// One area, with those above it and how many stand below it.
#[utoipa::path(
    get, path = "/api/v1/areas/{code}", tag = "areas", security((), ("session" = [])),
    params(("code" = String, Path), DateQuery),
    responses((status = 200, description = "It", body = AreaDetail), PublicOneErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(code): PathPart<String>,
    QueryString(query): QueryString<DateQuery>,
) -> Result<Json<AreaDetail>, Problem> {
    let found = visitor
        .api(move |ctx| area::overview(ctx, &code, day("as_of", query.as_of.as_deref())?, &Window::first(1)));
    let found = found.await?;
    let line = found.line.into_iter().map(|it| AreaName { code: it.code, name: it.name }).collect();
    let count = |(tier, kind, count): &(Tier, area::Kind, i64)| TierCount {
        tier: tier.as_str(),
        kind: kind.as_str(),
        count: *count,
    };
    Ok(Json(AreaDetail { area: item(&found.area), line, counts: found.counts.0.iter().map(count).collect() }))
}

/// Every state of the areas that bear or once bore this code, oldest first.
#[utoipa::path(
    get, path = "/api/v1/areas/{code}/history", tag = "areas", security((), ("session" = [])),
    params(("code" = String, Path)),
    responses((status = 200, description = "All of them", body = History), PublicOneErrors)
)]
async fn history(
    visitor: Visitor,
    PathPart(code): PathPart<String>,
    _: QueryString<Nothing>,
) -> Result<Json<History>, Problem> {
    let states = visitor.api(move |ctx| {
        let versions = area::history(ctx, &code)?;
        versions.into_iter().map(|it| state(ctx, it)).collect::<Result<_, Refusal>>()
    });
    Ok(Json(History { items: states.await? }))
}

/// The areas right below one, by code.
#[utoipa::path(
    get, path = "/api/v1/areas/{code}/children", tag = "areas", security((), ("session" = [])),
    params(("code" = String, Path), ChildrenQuery),
    responses((status = 200, description = "A page of them", body = ChildPage), PublicOneErrors)
)]
async fn children(
    visitor: Visitor,
    PathPart(code): PathPart<String>,
    QueryString(query): QueryString<ChildrenQuery>,
) -> Result<Json<ChildPage>, Problem> {
    let found = visitor.api(move |ctx| {
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        area::children(ctx, &code, day("as_of", query.as_of.as_deref())?, &window)
    });
    let page = found.await?;
    Ok(Json(ChildPage {
        items: page.items.iter().map(item).collect(),
        next: page.next.map(|it| it.encode()),
    }))
}

/// Outlines of the areas right below one, as GeoJSON (RFC 7946) with the properties `code` and `name`.
#[utoipa::path(
    get, path = "/api/v1/areas/boundaries", tag = "areas", params(BoundaryQuery), security((), ("session" = [])),
    responses(
        (status = 200, description = "A FeatureCollection", body = Object, content_type = "application/geo+json"),
        (status = 304, description = "As the `ETag` sent says"),
        PublicOneErrors
    )
)]
async fn boundaries(
    visitor: Visitor,
    QueryString(query): QueryString<BoundaryQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = visitor.api(move |ctx| area::boundaries(ctx, &query.parent)).await?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == tag.as_bytes());
    let kept = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    Ok((kept, [(header::CONTENT_TYPE, "application/geo+json")], text).into_response())
}

/// The deepest area whose boundary holds a point.
#[utoipa::path(
    get, path = "/api/v1/areas/locate", tag = "areas", params(PositionQuery), security((), ("session" = [])),
    responses((status = 200, description = "It", body = AreaItem), PublicOneErrors)
)]
async fn locate(
    visitor: Visitor,
    QueryString(query): QueryString<PositionQuery>,
) -> Result<Json<AreaItem>, Problem> {
    let found = visitor.api(move |ctx| {
        within("longitude", query.longitude, 180)?;
        within("latitude", query.latitude, 90)?;
        area::locate(ctx, query.longitude, query.latitude)?.ok_or(Refusal::NotFound)
    });
    Ok(Json(item(&found.await?)))
}

fn within(field: &str, degrees: f64, bound: i32) -> Result<(), Refusal> {
    if degrees.abs() <= f64::from(bound) {
        return Ok(());
    }
    Err(Refusal::invalid(field, Message::new("fault-range").with("min", -bound).with("max", bound)))
}

fn tier(text: &str) -> Result<Tier, Refusal> {
    let number = text.parse().ok().filter(|_| text.len() == 1).and_then(Tier::from_number);
    number.or_else(|| Tier::parse(text)).ok_or_else(|| Refusal::invalid("tier", Message::new("fault-choice")))
}

fn item(area: &Area) -> AreaItem {
    AreaItem {
        code: area.code.clone(),
        name: area.name.clone(),
        tier: area.tier.as_str(),
        kind: area.kind.as_str(),
        parent_code: area.path.parent().map(|it| it.code().to_owned()),
        path: area.path.to_string(),
        valid_from: area.valid_from.to_string(),
        valid_to: area.valid_to.map(|at| at.to_string()),
    }
}

fn state(ctx: &Ctx, it: area::Version) -> Result<AreaState, Refusal> {
    let successor = |id: Id<kernel::Area>| ctx.read(|tx| area::place_by_id(tx, id));
    Ok(AreaState {
        successor_code: it.successor.map(successor).transpose()?.flatten().map(|place| place.code),
        code: it.code,
        name: it.name,
        path: it.path.to_string(),
        valid_from: it.valid_from.to_string(),
        valid_to: it.valid_to.map(|at| at.to_string()),
    })
}
