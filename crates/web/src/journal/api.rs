//! Who read one's record, by JSON.

use axum::Json;
use domain::{Window, journal};
use kernel::{Id, Person};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    locale::Translator,
    problem::{Problem, ReadErrors},
    request::{PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(reads))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadsQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ReadPage {
    items: Vec<Read>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

/// One time that somebody read the record. A reader is named by office and role.
#[derive(Serialize, ToSchema)]
pub struct Read {
    #[schema(format = DateTime)]
    at: String,
    /// A word for programs, such as `person.read`.
    action: String,
    purpose: String,
    organization: Option<Uuid>,
    organization_name: Option<String>,
    role: Option<&'static str>,
    /// In the language asked for.
    role_label: Option<String>,
}

impl Read {
    pub(crate) fn new(t: &Translator, it: &journal::Reading) -> Self {
        Self {
            at: it.at.to_string(),
            action: it.action.clone(),
            purpose: it.purpose.clone(),
            organization: it.organization.map(Id::uuid),
            organization_name: it.organization_name.clone(),
            role: it.role.map(|role| role.as_str()),
            role_label: it.role.map(|role| t.say(&format!("role-{}", role.as_str()))),
        }
    }
}

/// Who read a person's record, latest first; for that person alone.
#[utoipa::path(
    get, path = "/api/v1/people/{id}/reads", tag = "people", security(("session" = [])),
    params(("id" = Uuid, Path), ReadsQuery),
    responses((status = 200, description = "A page of readings", body = ReadPage), ReadErrors)
)]
async fn reads(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Person>>,
    QueryString(query): QueryString<ReadsQuery>,
) -> Result<Json<ReadPage>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        journal::readings(ctx, id, &Window::parse(query.limit, query.cursor.as_deref())?)
    });
    let page = found.await?;
    Ok(Json(ReadPage {
        items: page.items.iter().map(|it| Read::new(&t, it)).collect(),
        next: page.next.map(|it| it.encode()),
    }))
}
