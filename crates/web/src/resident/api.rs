//! A person's record, by JSON. Each reading is journalled and shown to the person.

use axum::Json;
use domain::{Message, Refusal, resident};
use kernel::{Id, Person};
use policy::Purpose;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    problem::{Problem, ReadErrors},
    request::{PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PersonQuery {
    /// Why the record is read: `case`, `visit`, `service` or `emergency`. Not needed for one's own.
    #[param(pattern = "^(case|visit|service|emergency)$")]
    purpose: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PersonItem {
    id: Uuid,
    name: String,
    phone: Option<String>,
    address: Option<String>,
    /// Of the household's grid; without one, of the county.
    area_code: String,
}

/// A person's record: one's own, or another's with a purpose.
#[utoipa::path(
    get, path = "/api/v1/people/{id}", tag = "people", security(("session" = [])),
    params(("id" = Uuid, Path), PersonQuery),
    responses((status = 200, description = "The record", body = PersonItem), ReadErrors)
)]
async fn get(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Person>>,
    QueryString(query): QueryString<PersonQuery>,
) -> Result<Json<PersonItem>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        resident::get(ctx, id, query.purpose.as_deref().map(purpose).transpose()?)
    });
    let found = found.await?;
    Ok(Json(PersonItem {
        id: found.id.uuid(),
        name: found.name,
        phone: found.phone,
        address: found.address,
        area_code: found.area_path.code().to_owned(),
    }))
}

fn purpose(text: &str) -> Result<Purpose, Refusal> {
    Purpose::parse(text).ok_or_else(|| Refusal::invalid("purpose", Message::new("fault-choice")))
}
