//! Tables of data elements by JSON, and as DHIS2's `dataValueSets`.

use axum::Json;
use domain::{
    Ctx, Message, Refusal,
    statistic::{self, Indicator, Pivot, PivotCell, PivotOf, Point, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    super::{
        page::{moment_of, period_of},
        pivot::{AXES, DataValueSet, KINDS, chosen, code},
        view::{is_rounded, text},
    },
    known,
};
use crate::{
    app::Shared,
    problem::{Problem, ReadErrors},
    request::QueryString,
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(pivot)).routes(routes!(data_value_sets))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PivotQuery {
    /// Code of an area, in force or ended.
    #[param(pattern = "^[0-9]{2,18}$")]
    area: String,
    /// Code of a data element; unheeded where elements are an axis.
    #[param(pattern = "^[A-Za-z0-9_]{1,60}$")]
    element: String,
    /// `areas`, `periods`, `options` or `elements`.
    #[param(pattern = "^(areas|periods|options|elements)$")]
    rows: String,
    /// As `rows`, and another one.
    #[param(pattern = "^(areas|periods|options|elements)$")]
    columns: String,
    /// A year, quarter, month or day, such as `2020`, `2020Q1`, `202001` or `20200131`; left out, all there is of what adds up
    /// over time, and the latest of what does not.
    #[param(pattern = "^[0-9]{4}(Q[1-4]|[0-9]{2}|[0-9]{4})?$")]
    period: Option<String>,
    /// How long the periods of an axis are: `year`, `quarter`, `month` or `day`; as they are reported, when left out.
    #[param(pattern = "^(year|quarter|month|day)$")]
    by: Option<String>,
    /// As it was known at the end of this day, for those who may read the area's records; now when left out.
    #[param(format = Date)]
    as_of: Option<String>,
}

/// A table: rows of cells, in the order of its columns.
#[derive(Serialize, ToSchema)]
struct StatisticTable {
    area: String,
    rows: Vec<PointItem>,
    columns: Vec<PointItem>,
    cells: Vec<Vec<CellItem>>,
}

/// What a row or column is of.
#[derive(Serialize, ToSchema)]
struct PointItem {
    /// `whole` and `own` (an area with all below it, and what was reported of itself), `area`, `period`, `all` (options
    /// together), `option` or `element`.
    kind: &'static str,
    code: String,
}

#[derive(Serialize, ToSchema)]
struct CellItem {
    /// A decimal number; none where nothing was reported, and where it is hidden.
    value: Option<String>,
    /// It is a small count of persons, or would give one away.
    hidden: bool,
    /// It is a count of persons in fives, since the reader may not read the area's records.
    rounded: bool,
    /// When a record of it last came in, was corrected or withdrawn; only where the value is exact.
    #[schema(format = DateTime)]
    latest_at: Option<String>,
    /// Reports that were expected, where that is known.
    expected: Option<i64>,
    /// Areas that reported.
    arrived: Option<i64>,
}

fn asked(ctx: &Ctx, query: &PivotQuery) -> Result<Pivot, Refusal> {
    let choice = || Message::new("fault-choice");
    let axis = |word: &str, field: &str| {
        chosen(&AXES, word, field)?.ok_or_else(|| Refusal::invalid(field, choice()))
    };
    let of = PivotOf {
        area: known(ctx, &query.area)?,
        element: &query.element,
        rows: axis(&query.rows, "rows")?,
        columns: axis(&query.columns, "columns")?,
        period: period_of(query.period.as_deref().unwrap_or_default())?,
        by: chosen(&KINDS, query.by.as_deref().unwrap_or_default(), "by")?,
    };
    statistic::pivot(ctx, &of, moment_of(query.as_of.as_deref().unwrap_or_default())?)
}

/// A table of data elements by two of areas, periods, options and elements. Small counts of persons are hidden from those who
/// may not read the area's records.
#[utoipa::path(
    get, path = "/api/v1/statistic-table", tag = "statistics", params(PivotQuery), security((), ("session" = [])),
    responses((status = 200, description = "It", body = StatisticTable), ReadErrors)
)]
async fn pivot(
    visitor: Visitor,
    QueryString(query): QueryString<PivotQuery>,
) -> Result<Json<StatisticTable>, Problem> {
    let found = visitor.api(move |ctx| {
        let found = asked(ctx, &query)?;
        let points = |of: &[Point]| of.iter().map(|it| point(it, &found)).collect();
        let cells = found.cells.iter().map(|row| row.iter().map(|it| cell(ctx, it)).collect());
        Ok(StatisticTable {
            rows: points(&found.rows),
            columns: points(&found.columns),
            cells: cells.collect(),
            area: found.area.code.clone(),
        })
    });
    Ok(Json(found.await?))
}

/// The same as DHIS2 imports it: each value that has a period and may be seen. `comment` says where one is rounded.
#[utoipa::path(
    get, path = "/api/v1/dataValueSets", tag = "statistics", params(PivotQuery), security((), ("session" = [])),
    responses((status = 200, description = "They", body = DataValueSet), ReadErrors)
)]
async fn data_value_sets(
    visitor: Visitor,
    QueryString(query): QueryString<PivotQuery>,
) -> Result<Json<DataValueSet>, Problem> {
    let found = visitor.api(move |ctx| Ok(DataValueSet::of(ctx, &asked(ctx, &query)?)));
    Ok(Json(found.await?))
}

fn point(it: &Point, found: &Pivot) -> PointItem {
    let kind = match it {
        Point::Whole => "whole",
        Point::All => "all",
        Point::Own => "own",
        Point::Area { .. } => "area",
        Point::Period(_) => "period",
        Point::Option(_) => "option",
        Point::Element(_) => "element",
    };
    PointItem { kind, code: code(it, found) }
}

fn cell(ctx: &Ctx, it: &PivotCell) -> CellItem {
    let figure = &it.figure;
    let element = ctx.city.statistic.element(&it.element);
    let indicator = element.map(|element| Indicator::of(element, it.option.as_deref(), it.period));
    CellItem {
        value: indicator.and_then(|indicator| text(&indicator, figure)),
        hidden: figure.value == State::Hidden,
        rounded: is_rounded(figure),
        latest_at: figure.latest_at.filter(|_| !figure.is_coarse).map(|it| it.to_string()),
        expected: figure.completeness.map(|it| it.expected),
        arrived: figure.completeness.map(|it| it.arrived),
    }
}
