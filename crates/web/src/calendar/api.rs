//! The calendar of an area for a year, by JSON; public.

use axum::Json;
use domain::calendar;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    problem::{Problem, PublicOneErrors},
    request::{PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(year))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct YearQuery {
    /// This year, if left out.
    #[param(minimum = 2000, maximum = 2100)]
    year: Option<i16>,
}

#[derive(Serialize, ToSchema)]
struct YearItem {
    area: String,
    year: i16,
    /// Whether its holidays have been entered; otherwise Monday to Friday count, and deadlines in it are provisional.
    known: bool,
    /// On which people work.
    workdays: usize,
    /// Those days that are not what their weekday makes them.
    days: Vec<DayItem>,
    /// Work periods of workdays, from the first to the last day of each span.
    hours: Vec<HoursItem>,
}

#[derive(Serialize, ToSchema)]
struct DayItem {
    #[schema(format = Date)]
    date: String,
    /// `holiday`, or `workday` where people work on a day of the weekend.
    kind: &'static str,
    name: String,
    /// Code of the area that says so; none where it is the city's file.
    origin: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct HoursItem {
    #[schema(format = Date)]
    first: String,
    #[schema(format = Date)]
    last: String,
    name: String,
    /// Such as `08:00-12:00`.
    periods: Vec<String>,
    origin: Option<String>,
}

/// How an area works in a year: its holidays, adjusted workdays and hours, each from the nearest area that says so.
#[utoipa::path(
    get, path = "/api/v1/areas/{code}/calendar", tag = "areas", security((), ("session" = [])),
    params(("code" = String, Path), YearQuery),
    responses((status = 200, description = "It", body = YearItem), PublicOneErrors)
)]
async fn year(
    visitor: Visitor,
    PathPart(code): PathPart<String>,
    QueryString(query): QueryString<YearQuery>,
) -> Result<Json<YearItem>, Problem> {
    let found = visitor.api(move |ctx| {
        let year = query.year.unwrap_or(ctx.now.civil().year());
        Ok(item(&calendar::year(ctx, &code, year)?))
    });
    Ok(Json(found.await?))
}

fn item(it: &calendar::Year) -> YearItem {
    let origin = |at: usize| it.origins.get(at).and_then(|it| it.area.as_ref()).map(|(code, _)| code.clone());
    let day = |day: &calendar::YearDay| {
        let (at, said) = day.said.as_ref()?;
        Some(DayItem {
            date: day.date.to_string(),
            kind: said.kind.as_str(),
            name: said.name.clone(),
            origin: origin(*at),
        })
    };
    let hours = |it: &calendar::YearHours| HoursItem {
        first: it.hours.first.to_string(),
        last: it.hours.last.to_string(),
        name: it.hours.name.clone(),
        periods: it.hours.periods.iter().map(ToString::to_string).collect(),
        origin: origin(it.origin),
    };
    YearItem {
        area: it.area.code.clone(),
        year: it.year,
        known: it.is_known,
        workdays: it.days.iter().filter(|day| day.is_workday).count(),
        days: it.days.iter().filter_map(day).collect(),
        hours: it.hours.iter().map(hours).collect(),
    }
}
