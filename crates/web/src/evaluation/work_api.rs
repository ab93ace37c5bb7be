//! The work of posts and the cases behind it, by JSON.

use std::collections::BTreeMap;

use axum::Json;
use domain::{
    Ctx, Message, Refusal, Window,
    evaluation::{
        self, BehindWork, COLLECTOR_RATES, POST_RATES, Period, Posts, Rate, WorkFigure, WorkFigures,
        WorkOffice,
    },
};
use kernel::{Id, Organization, Person, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::api::RateItem;
use crate::{
    app::Shared,
    case::api::{CasePage, case_item},
    problem::{Problem, ReadErrors},
    request::QueryString,
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(offices)).routes(routes!(people)).routes(routes!(steps))
}

/// The office, from a body and a role that may be left out.
pub fn office(organization: Id<Organization>, role: Option<&str>) -> Result<WorkOffice, Refusal> {
    let role = match role.unwrap_or_default() {
        "" => None,
        text => {
            let known = Role::parse(text).filter(|role| !role.is_grid());
            Some(known.ok_or_else(|| Refusal::invalid("role", Message::new("fault-choice")))?)
        }
    };
    Ok(WorkOffice { organization, role })
}

pub fn work_figure(text: &str) -> Result<WorkFigure, Refusal> {
    WorkFigure::parse(text).ok_or_else(|| Refusal::invalid("figure", Message::new("fault-choice")))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfficesQuery {
    /// Code of the area in which the bodies are.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// First day of the period.
    #[param(format = Date)]
    from: String,
    /// Last day of the period, at most 1,100 days long.
    #[param(format = Date)]
    to: String,
    /// `desk`: acceptors, dispatchers and those who rule, or `grid`: grid workers.
    #[param(pattern = "^(desk|grid)$")]
    posts: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    #[param(value_type = Uuid)]
    organization: Id<Organization>,
    /// The role in the body; left out for its grid workers.
    role: Option<String>,
    /// First day of the period.
    #[param(format = Date)]
    from: String,
    /// Last day of the period, at most 1,100 days long.
    #[param(format = Date)]
    to: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StepsQuery {
    #[param(value_type = Uuid)]
    organization: Id<Organization>,
    /// The role in the body; left out for its grid workers.
    role: Option<String>,
    /// Only steps of this person.
    #[param(value_type = Option<Uuid>)]
    person: Option<Id<Person>>,
    /// First day of the period.
    #[param(format = Date)]
    from: String,
    /// Last day of the period, at most 1,100 days long.
    #[param(format = Date)]
    to: String,
    /// Name of the figure, such as `filed_on_time`.
    #[param(pattern = "^[a-z_]{1,40}$")]
    figure: String,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct WorkAnswer {
    /// When it was counted.
    #[schema(format = DateTime)]
    as_of: String,
    #[schema(format = Date)]
    from: String,
    #[schema(format = Date)]
    to: String,
    rows: Vec<WorkRow>,
}

/// The work of an office, or of a person in it.
#[derive(Serialize, ToSchema)]
struct WorkRow {
    #[schema(value_type = Uuid)]
    organization: Id<Organization>,
    /// None for grid workers, who are one office in each body.
    role: Option<&'static str>,
    #[schema(value_type = Option<Uuid>)]
    person: Option<Id<Person>>,
    /// Of the body, or of the person.
    name: String,
    figures: BTreeMap<&'static str, i64>,
    rates: BTreeMap<&'static str, RateItem>,
}

impl WorkRow {
    fn new(office: WorkOffice, person: Option<Id<Person>>, name: String, figures: &WorkFigures) -> Self {
        let rates = if office.role.is_some() { &POST_RATES[..] } else { &COLLECTOR_RATES[..] };
        let item = |rate: &Rate<WorkFigure>| {
            (rate.name, RateItem::new(rate, WorkFigure::as_str, |it| figures.get(it)))
        };
        Self {
            organization: office.organization,
            role: office.role.map(Role::as_str),
            person,
            name,
            figures: WorkFigure::ALL.iter().map(|it| (it.as_str(), figures.get(*it))).collect(),
            rates: rates.iter().map(item).collect(),
        }
    }
}

fn work_answer(ctx: &Ctx, period: Period, rows: Vec<WorkRow>) -> WorkAnswer {
    let (from, to) = (period.first.to_string(), period.last.to_string());
    WorkAnswer { as_of: ctx.now.to_string(), from, to, rows }
}

/// The work of the offices of an area, whoever holds them, in the order of their bodies' names.
#[utoipa::path(
    get, path = "/api/v1/evaluations/work", tag = "evaluations", params(OfficesQuery), security(("session" = [])),
    responses((status = 200, description = "Figures and rates of offices", body = WorkAnswer), ReadErrors)
)]
async fn offices(
    visitor: Visitor,
    QueryString(query): QueryString<OfficesQuery>,
) -> Result<Json<WorkAnswer>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let posts = match query.posts.as_str() {
            "desk" => Posts::Desk,
            "grid" => Posts::Grid,
            _ => return Err(Refusal::invalid("posts", Message::new("fault-choice"))),
        };
        let period = Period::parse(&query.from, &query.to)?;
        let offices = evaluation::of_offices(ctx, &query.area, period, posts)?;
        let row = |it: evaluation::OfficeWork| WorkRow::new(it.office, None, it.name, &it.figures);
        Ok(work_answer(ctx, period, offices.into_iter().map(row).collect()))
    });
    Ok(Json(found.await?))
}

/// What each person did in an office, in the order of their names: one's own, or that of those below. It is journaled,
/// for these people to see.
#[utoipa::path(
    get, path = "/api/v1/evaluations/work/people", tag = "evaluations", params(PeopleQuery), security(("session" = [])),
    responses((status = 200, description = "Figures and rates of people", body = WorkAnswer), ReadErrors)
)]
async fn people(
    visitor: Visitor,
    QueryString(query): QueryString<PeopleQuery>,
) -> Result<Json<WorkAnswer>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let office = office(query.organization, query.role.as_deref())?;
        let period = Period::parse(&query.from, &query.to)?;
        let people = evaluation::of_people(ctx, office, period)?;
        let row = |it: evaluation::PersonWork| WorkRow::new(office, Some(it.person), it.name, &it.figures);
        Ok(work_answer(ctx, period, people.into_iter().map(row).collect()))
    });
    Ok(Json(found.await?))
}

/// The cases of the steps that one figure of work counts, latest step first; a case stands once for each step.
#[utoipa::path(
    get, path = "/api/v1/evaluations/work/cases", tag = "evaluations", params(StepsQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = CasePage), ReadErrors)
)]
async fn steps(
    visitor: Visitor,
    QueryString(query): QueryString<StepsQuery>,
) -> Result<Json<CasePage>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let behind = BehindWork {
            office: office(query.organization, query.role.as_deref())?,
            person: query.person,
            period: Period::parse(&query.from, &query.to)?,
            figure: work_figure(&query.figure)?,
        };
        let page = evaluation::work_cases(ctx, &behind, &window)?;
        let items = page.items.iter().map(|it| case_item(ctx, language, it)).collect();
        Ok(CasePage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}
