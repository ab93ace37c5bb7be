//! The ledger of an area and its limits, by JSON.

use axum::Json;
use domain::{
    Message, Refusal,
    burden::{self, LIMIT_FORMS_MAX, LIMIT_QUESTIONS_MAX, Line, Month},
};
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
    OpenApiRouter::new().routes(routes!(ledger)).routes(routes!(set_limit))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// Code of an area; without it the first of one's own.
    #[param(pattern = "^[0-9]{2,15}$")]
    area: Option<String>,
    /// `2026-11`; without it this month.
    #[param(pattern = "^2[0-9]{3}-(0[1-9]|1[0-2])$")]
    month: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct BurdenLedger {
    area: String,
    month: String,
    total: BurdenLine,
    /// Right below the area, and the area itself where it wrote; those first in which one unit was asked most.
    areas: Vec<BurdenArea>,
    posts: Vec<BurdenPost>,
    limits: Vec<BurdenLimitItem>,
}

/// Sums of a month.
#[derive(Serialize, ToSchema)]
struct BurdenLine {
    forms: i64,
    questions: i64,
    /// Questions whose answers another form had brought already.
    again: i64,
    seconds: i64,
    /// Forms of which the time is known.
    timed: i64,
}

#[derive(Serialize, ToSchema)]
struct BurdenArea {
    area: String,
    total: BurdenLine,
    /// Of the unit there that was asked most.
    most: BurdenLine,
}

#[derive(Serialize, ToSchema)]
struct BurdenPost {
    organization: String,
    role: &'static str,
    total: BurdenLine,
}

/// The most that a unit or post of an area is asked in a month.
#[derive(Serialize, ToSchema)]
struct BurdenLimitItem {
    area: String,
    forms: Option<i64>,
    questions: Option<i64>,
    /// The body that set it.
    organization: Uuid,
    #[schema(format = DateTime)]
    set_at: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BurdenLimitBody {
    /// None is no limit.
    #[schema(minimum = 0, maximum = 100)]
    forms: Option<i64>,
    #[schema(minimum = 0, maximum = 10000)]
    questions: Option<i64>,
}

const _: () = assert!(LIMIT_FORMS_MAX == 100 && LIMIT_QUESTIONS_MAX == 10_000, "the document above says it");

/// What the units and posts of an area have written in a month.
#[utoipa::path(
    get, path = "/api/v1/burdens", tag = "campaigns", security(("session" = [])), params(LedgerQuery),
    responses((status = 200, description = "Sums", body = BurdenLedger), ReadErrors)
)]
async fn ledger(
    visitor: Visitor,
    QueryString(query): QueryString<LedgerQuery>,
) -> Result<Json<BurdenLedger>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let month = match &query.month {
            None => Month::of(ctx.now),
            Some(text) => {
                Month::parse(text).ok_or_else(|| Refusal::invalid("month", Message::new("fault-month")))?
            }
        };
        let it = burden::ledger(ctx, query.area.as_deref(), month)?;
        let area = |(path, total, most): &(kernel::AreaPath, Line, Line)| BurdenArea {
            area: path.code().to_owned(),
            total: line(total),
            most: line(most),
        };
        let post = |(organization, role, total): &(String, kernel::Role, Line)| BurdenPost {
            organization: organization.clone(),
            role: role.as_str(),
            total: line(total),
        };
        Ok(BurdenLedger {
            area: it.path.code().to_owned(),
            month: month.to_string(),
            total: line(&it.total),
            areas: it.areas.iter().map(area).collect(),
            posts: it.posts.iter().map(post).collect(),
            limits: it.limits.iter().map(limit).collect(),
        })
    });
    Ok(Json(found.await?))
}

/// Set the most that a unit or post of an area below one's own is asked in a month.
#[utoipa::path(
    put, path = "/api/v1/burdens/limits/{area}", tag = "campaigns", security(("session" = [])),
    params(("area" = String, Path, description = "Code of an area", pattern = "^[0-9]{2,15}$")),
    request_body = BurdenLimitBody,
    responses((status = 200, description = "It holds from now on", body = BurdenLimitItem), WriteErrors)
)]
async fn set_limit(
    visitor: Visitor,
    PathPart(area): PathPart<String>,
    _: QueryString<Nothing>,
    JsonBody(body): JsonBody<BurdenLimitBody>,
) -> Result<Json<BurdenLimitItem>, Problem> {
    let done = visitor.api(move |ctx| {
        ctx.person()?;
        burden::set_limit(ctx, &area, body.forms, body.questions).map(|it| limit(&it))
    });
    Ok(Json(done.await?))
}

fn line(it: &Line) -> BurdenLine {
    BurdenLine {
        forms: it.forms,
        questions: it.questions,
        again: it.again,
        seconds: it.seconds,
        timed: it.timed,
    }
}

fn limit(it: &burden::Limit) -> BurdenLimitItem {
    BurdenLimitItem {
        area: it.path.code().to_owned(),
        forms: it.forms,
        questions: it.questions,
        organization: it.organization.uuid(),
        set_at: it.set_at.to_string(),
    }
}
