//! Statistics by JSON: figures of an area, one by the areas below, and the records behind it.

mod pivot;

use axum::Json;
use domain::{
    Ctx, Message, Refusal, Window, area, case,
    statistic::{self, Figure, Record, RecordsOf, State},
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    page::{moment_of, period_of},
    view::{is_rounded, period, text},
};
use crate::{
    app::Shared,
    problem::{Problem, ReadErrors},
    request::{PathPart, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(figures))
        .routes(routes!(figure))
        .routes(routes!(records))
        .merge(pivot::routes())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiguresQuery {
    /// Code of an area, in force or ended.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// As it was known at the end of this day, for those who may read the area's records; now when left out.
    #[param(format = Date)]
    as_of: Option<String>,
}

impl FiguresQuery {
    fn as_of(&self) -> Result<Option<Timestamp>, Refusal> {
        moment_of(self.as_of.as_deref().unwrap_or_default())
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecordsQuery {
    /// Code of an area: records of it and of all below it.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// Code of a data element.
    #[param(pattern = "^[A-Za-z0-9_]{1,60}$")]
    element: String,
    /// A year, quarter, month or day, such as `2020`, `2020Q1`, `202001` or `20200131`; all, when left out.
    #[param(pattern = "^[0-9]{4}(Q[1-4]|[0-9]{2}|[0-9]{4})?$")]
    period: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct FigureList {
    area: String,
    items: Vec<FigureItem>,
}

#[derive(Serialize, ToSchema)]
struct FigureParts {
    area: String,
    total: FigureItem,
    /// What was reported of the area itself.
    own: Option<FigureItem>,
    /// The areas right below.
    parts: Vec<PartItem>,
}

#[derive(Serialize, ToSchema)]
struct PartItem {
    area: String,
    area_name: String,
    #[serde(flatten)]
    figure: FigureItem,
}

/// One figure.
#[derive(Serialize, ToSchema)]
struct FigureItem {
    indicator: String,
    name: String,
    definition: String,
    /// The expression that it is counted by.
    expression: String,
    /// A decimal number; none where nothing was reported, and where it is hidden.
    value: Option<String>,
    unit: String,
    /// It is a small count of persons, or would give one away.
    hidden: bool,
    /// It is made of counts of persons in fives, since the reader may not read the area's records.
    rounded: bool,
    /// In DHIS2's words.
    period: Option<String>,
    /// When a record of it last came in, was corrected or withdrawn; only the day, where the reader may not read the records
    /// and it counts persons.
    #[schema(format = DateTime)]
    latest_at: Option<String>,
    #[schema(format = Date)]
    latest_on: Option<String>,
    /// Reports that were expected, where that is known.
    expected: Option<i64>,
    /// Areas that reported.
    arrived: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct StatisticRecordPage {
    items: Vec<StatisticRecordItem>,
    next: Option<String>,
}

/// One revision of a record; the highest of a reference is in force.
#[derive(Serialize, ToSchema)]
struct StatisticRecordItem {
    element: String,
    reference: String,
    revision: i64,
    area: String,
    #[schema(format = Date)]
    day: String,
    period: String,
    /// Code of its disaggregation option.
    option: Option<String>,
    /// In hundredths of a yuan for money; none where it was withdrawn.
    value: Option<i64>,
    #[schema(format = DateTime)]
    reported_at: String,
    /// The source that brought it; none where it was counted from the city's own tables.
    source: Option<String>,
}

fn item(ctx: &Ctx, language: &str, figure: &Figure) -> Result<FigureItem, Refusal> {
    let indicator = ctx.city.statistic.indicator(&figure.code).ok_or(Refusal::NotFound)?;
    let is_hidden = figure.value == State::Hidden;
    Ok(FigureItem {
        indicator: indicator.code.clone(),
        name: case::words(&indicator.label, language).to_owned(),
        definition: case::words(&indicator.definition, language).to_owned(),
        expression: indicator.written.clone(),
        value: text(indicator, figure),
        unit: indicator.unit.clone(),
        hidden: is_hidden,
        rounded: is_rounded(figure),
        period: period(indicator, figure),
        latest_at: figure.latest_at.filter(|_| !figure.is_coarse).map(|it| it.to_string()),
        latest_on: figure.latest_at.map(|it| it.civil().date().to_string()),
        expected: figure.completeness.map(|it| it.expected),
        arrived: figure.completeness.map(|it| it.arrived),
    })
}

/// The code, if an area bears it: one that is sent in a query is at fault, not missing.
fn known<'a>(ctx: &Ctx, code: &'a str) -> Result<&'a str, Refusal> {
    match ctx.read(|tx| area::last(tx, code))? {
        Some(_) => Ok(code),
        None => Err(Refusal::invalid("area", Message::new("fault-area"))),
    }
}

/// All figures of an area. Small counts of persons are hidden from those who may not read the area's records.
#[utoipa::path(
    get, path = "/api/v1/statistics", tag = "statistics", params(FiguresQuery), security((), ("session" = [])),
    responses((status = 200, description = "They", body = FigureList), ReadErrors)
)]
async fn figures(
    visitor: Visitor,
    QueryString(query): QueryString<FiguresQuery>,
) -> Result<Json<FigureList>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        let found = statistic::figures(ctx, known(ctx, &query.area)?, query.as_of()?)?;
        let items = found.figures.iter().map(|it| item(ctx, language, it)).collect::<Result<_, _>>()?;
        Ok(FigureList { area: found.area.code, items })
    });
    Ok(Json(found.await?))
}

/// One figure of an area and of those right below it.
#[utoipa::path(
    get, path = "/api/v1/statistics/{indicator}", tag = "statistics", security((), ("session" = [])),
    params(("indicator" = String, Path), FiguresQuery),
    responses((status = 200, description = "It", body = FigureParts), ReadErrors)
)]
async fn figure(
    visitor: Visitor,
    PathPart(indicator): PathPart<String>,
    QueryString(query): QueryString<FiguresQuery>,
) -> Result<Json<FigureParts>, Problem> {
    let language = visitor.language.tag();
    let found = visitor.api(move |ctx| {
        let found = statistic::breakdown(ctx, known(ctx, &query.area)?, &indicator, query.as_of()?)?;
        let mut parts = Vec::with_capacity(found.parts.len());
        for part in &found.parts {
            let figure = item(ctx, language, &part.figure)?;
            parts.push(PartItem { area: part.code.clone(), area_name: part.name.clone(), figure });
        }
        let own = found.own.as_ref().map(|it| item(ctx, language, it)).transpose()?;
        Ok(FigureParts { total: item(ctx, language, &found.total)?, area: found.area.code, own, parts })
    });
    Ok(Json(found.await?))
}

/// The records that an element is counted from, with every earlier revision.
#[utoipa::path(
    get, path = "/api/v1/statistic-records", tag = "statistics", params(RecordsQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = StatisticRecordPage), ReadErrors)
)]
async fn records(
    visitor: Visitor,
    QueryString(query): QueryString<RecordsQuery>,
) -> Result<Json<StatisticRecordPage>, Problem> {
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let window = Window::parse(query.limit, query.cursor.as_deref())?;
        let period = period_of(query.period.as_deref().unwrap_or_default())?;
        if ctx.city.statistic.element(&query.element).is_none() {
            return Err(Refusal::invalid("element", Message::new("fault-choice")));
        }
        let area = known(ctx, &query.area)?;
        let of = RecordsOf { element: &query.element, area, period };
        let page = statistic::records(ctx, &of, &window)?;
        let items = page.items.into_iter().map(record).collect();
        Ok(StatisticRecordPage { items, next: page.next.map(|it| it.encode()) })
    });
    Ok(Json(found.await?))
}

fn record(it: Record) -> StatisticRecordItem {
    StatisticRecordItem {
        area: it.path.code().to_owned(),
        day: it.day.to_string(),
        element: it.element,
        reference: it.reference,
        revision: it.revision,
        period: it.period,
        option: Some(it.option).filter(|it| !it.is_empty()),
        value: it.value,
        reported_at: it.reported_at.to_string(),
        source: Some(it.set_name).filter(|it| !it.is_empty()),
    }
}
