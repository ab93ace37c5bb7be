//! Reports of the same thing, by JSON: found near a place, merged, parted again.

use axum::Json;
use domain::{Message, Refusal, area, case};
use kernel::{Case, Id};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    FollowQuery,
    answer::{CaseRecord, case_record},
    body::{MergeBody, UnmergeBody},
};
use crate::{
    case::view::standing_word,
    problem::{Problem, PublicErrors, WriteErrors},
    request::{JsonBody, PathPart, QueryString},
    visitor::Visitor,
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NearbyQuery {
    /// Code of a minor class.
    #[param(pattern = "^[a-z0-9-]{1,64}$")]
    class: String,
    /// Code of the area in which the place lies.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// Degrees.
    #[param(minimum = -180, maximum = 180)]
    longitude: f64,
    /// Degrees.
    #[param(minimum = -90, maximum = 90)]
    latitude: f64,
}

#[derive(Serialize, ToSchema)]
pub struct NearbyList {
    /// Nearest first, 5 at most.
    items: Vec<NearbyItem>,
}

/// What everybody may know of a case near a place: no words of whoever reported it.
#[derive(Serialize, ToSchema)]
pub struct NearbyItem {
    id: Uuid,
    number: String,
    metres: i64,
    /// Where it stands, for people, in the language asked for.
    standing: String,
    #[schema(format = DateTime)]
    reported_at: String,
}

/// What is open and published within 50 metres of a place, of one class and the last 7 days.
#[utoipa::path(
    get, path = "/api/v1/cases/nearby", tag = "cases", security((), ("session" = [])), params(NearbyQuery),
    responses((status = 200, description = "The nearest of them", body = NearbyList), PublicErrors)
)]
pub async fn nearby(
    visitor: Visitor,
    QueryString(query): QueryString<NearbyQuery>,
) -> Result<Json<NearbyList>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        let NearbyQuery { class, area: code, longitude, latitude } = query;
        if ctx.city.classes.get(&class).is_none() {
            return Err(Refusal::invalid("class", Message::new("fault-choice")));
        }
        match area::get(ctx, &code, None) {
            Err(Refusal::NotFound) => return Err(Refusal::invalid("area", Message::new("fault-area"))),
            found => drop(found?),
        }
        if !(-180.0..=180.0).contains(&longitude) || !(-90.0..=90.0).contains(&latitude) {
            return Err(Refusal::invalid("position", Message::new("fault-position")));
        }
        let found = case::published_nearby(ctx, &class, &code, (longitude, latitude))?;
        let item = |it: &case::PublishedNearby| NearbyItem {
            id: it.case.id.uuid(),
            number: it.case.number.clone(),
            metres: it.metres.round() as i64,
            standing: t.say(standing_word(case::standing(ctx, &it.case))),
            reported_at: it.case.reported_at.to_string(),
        };
        Ok(NearbyList { items: found.iter().map(item).collect() })
    });
    Ok(Json(found.await?))
}

/// End the case as a second report of another. Its reporter is told of every later step of that one.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/merge", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), FollowQuery), request_body = MergeBody,
    responses((status = 200, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
pub async fn merge(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    QueryString(query): QueryString<FollowQuery>,
    JsonBody(body): JsonBody<MergeBody>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let ctx = &query.actor(ctx, id)?;
        case_record(ctx, &t, &case::merge(ctx, id, body.into, body.request, &body.reason)?)
    });
    Ok(Json(done.await?))
}

/// Undo a merge, within 7 days.
#[utoipa::path(
    post, path = "/api/v1/cases/{id}/unmerge", tag = "cases", security((), ("session" = [])),
    params(("id" = Uuid, Path), FollowQuery), request_body = UnmergeBody,
    responses((status = 200, description = "The case as it is now", body = CaseRecord), WriteErrors)
)]
pub async fn unmerge(
    visitor: Visitor,
    PathPart(id): PathPart<Id<Case>>,
    QueryString(query): QueryString<FollowQuery>,
    JsonBody(body): JsonBody<UnmergeBody>,
) -> Result<Json<CaseRecord>, Problem> {
    let t = visitor.translator();
    let done = visitor.api(move |ctx| {
        let ctx = &query.actor(ctx, id)?;
        case_record(ctx, &t, &case::unmerge(ctx, id, body.request, &body.reason)?)
    });
    Ok(Json(done.await?))
}
