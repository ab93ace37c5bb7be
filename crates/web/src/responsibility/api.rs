//! The list of responsibilities, by JSON; public, since it names bodies and no person.

use std::collections::HashMap;

use axum::Json;
use domain::{
    Ctx, Message, Refusal, Window, area, organization,
    responsibility::{self, Candidate, Responsibility},
};
use kernel::{Id, Organization, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    problem::{Problem, PublicErrors},
    request::{QueryString, day},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(responsible))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Code of an area: rows in it and below it.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// As the list was on this day; now when left out.
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
struct ResponsibleQuery {
    /// Code of the area where something is.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// Code of a minor class.
    #[param(pattern = "^[a-z0-9-]{1,64}$")]
    class: String,
    /// As the list was on this day; now when left out.
    #[param(format = Date)]
    as_of: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ResponsibilityPage {
    items: Vec<ResponsibilityItem>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ResponsibleList {
    /// The bodies of the nearest row: the minor class before the major one; several share it, none is named.
    items: Vec<ResponsibleItem>,
}

/// One row of the list.
#[derive(Serialize, ToSchema)]
pub struct ResponsibilityItem {
    id: Uuid,
    /// Of the list that the row came with.
    version: i64,
    /// A minor or a major class.
    class: String,
    /// The row holds in this area and below it.
    area_code: String,
    organization: Uuid,
    organization_name: String,
    /// Time for the handling from filing on; that of the class when none.
    limit: Option<LimitItem>,
    closing_condition: String,
    evidence: String,
    legal_basis: String,
    #[schema(format = DateTime)]
    valid_from: String,
    #[schema(format = DateTime)]
    valid_to: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct LimitItem {
    /// `urgent_hours`, `work_hours`, `work_days` or `natural_days`.
    kind: &'static str,
    amount: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ResponsibleItem {
    #[serde(flatten)]
    row: ResponsibilityItem,
    /// Cases there can be sent to it now.
    can_handle: bool,
}

/// Rows of the list in an area and below it.
#[utoipa::path(
    get, path = "/api/v1/responsibilities", tag = "responsibilities", params(ListQuery), security((), ("session" = [])),
    responses((status = 200, description = "A page of them", body = ResponsibilityPage), PublicErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<ListQuery>,
) -> Result<Json<ResponsibilityPage>, Problem> {
    let found = visitor.api(move |ctx| {
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let as_of = day("as_of", query.as_of.as_deref())?;
        let page = responsibility::list(ctx, known(ctx, &query.area, as_of)?, as_of, &window)?;
        let bodies: Vec<_> = page.items.iter().map(|it| it.organization).collect();
        let names = ctx.read(|tx| organization::names(tx, &bodies))?;
        let items = page.items.iter().map(|it| item(it, &names)).collect();
        Ok(ResponsibilityPage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

/// Which body has to do with a class in an area.
#[utoipa::path(
    get, path = "/api/v1/responsibilities/responsible", tag = "responsibilities", params(ResponsibleQuery),
    security((), ("session" = [])),
    responses((status = 200, description = "It, or those that share it", body = ResponsibleList), PublicErrors)
)]
async fn responsible(
    visitor: Visitor,
    QueryString(query): QueryString<ResponsibleQuery>,
) -> Result<Json<ResponsibleList>, Problem> {
    let found = visitor.api(move |ctx| {
        let as_of = day("as_of", query.as_of.as_deref())?;
        let found = responsibility::responsible(ctx, known(ctx, &query.area, as_of)?, &query.class, as_of)?;
        Ok(ResponsibleList { items: found.iter().map(responsible_item).collect() })
    });
    Ok(Json(found.await?))
}

/// The code, if an area bears it, or bore it then: one that is sent in a query is at fault, not missing.
fn known<'a>(ctx: &Ctx, code: &'a str, as_of: Option<Timestamp>) -> Result<&'a str, Refusal> {
    match area::get(ctx, code, as_of) {
        Ok(_) => Ok(code),
        Err(Refusal::NotFound) => Err(Refusal::invalid("area", Message::new("fault-area"))),
        Err(refusal) => Err(refusal),
    }
}

pub fn item(row: &Responsibility, names: &HashMap<Id<Organization>, String>) -> ResponsibilityItem {
    ResponsibilityItem {
        id: row.id.uuid(),
        version: row.version,
        class: row.class.clone(),
        area_code: row.area_path.code().to_owned(),
        organization: row.organization.uuid(),
        organization_name: names.get(&row.organization).cloned().unwrap_or_default(),
        limit: row.limit.map(|it| LimitItem { kind: it.kind.as_str(), amount: it.amount }),
        closing_condition: row.closing_condition.clone(),
        evidence: row.evidence.clone(),
        legal_basis: row.legal_basis.clone(),
        valid_from: row.from.to_string(),
        valid_to: row.to.map(|it| it.to_string()),
    }
}

pub fn responsible_item(it: &Candidate) -> ResponsibleItem {
    let names = HashMap::from([(it.row.organization, it.name.clone())]);
    ResponsibleItem { row: item(&it.row, &names), can_handle: it.can_handle }
}
