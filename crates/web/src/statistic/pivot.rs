//! A table of data elements by areas, periods, options or elements: as a page with bars and a map, and as table files.

mod data_values;
mod looks;

pub use data_values::DataValueSet;

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Message, Refusal,
    statistic::{self, Axis, PeriodKind, Pivot, PivotCell, PivotOf, Point, State},
};
use serde::Deserialize;

use self::looks::{Bar, Choice, Looks, PivotRow};
use super::{
    map::Map,
    page::{AreaQuery, Past, asked, dated, period_of},
    view::{source, text, words},
};
use crate::{
    app::Shared,
    sent::PageQuery,
    shell::{self, Shell},
    table::{Cell, Table},
    visitor::Visitor,
};

const PATH: &str = "/statistics/pivot";

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/statistics/pivot", get(page))
        .route("/statistics/pivot.csv", get(csv))
        .route("/statistics/pivot.xlsx", get(xlsx))
}

/// What stands in rows or columns, by its word in addresses.
pub const AXES: [(&str, Axis, &str); 4] = [
    ("areas", Axis::Areas, "pivot-areas"),
    ("periods", Axis::Periods, "pivot-periods"),
    ("options", Axis::Options, "pivot-options"),
    ("elements", Axis::Elements, "pivot-elements"),
];
pub const KINDS: [(&str, PeriodKind, &str); 4] = [
    ("year", PeriodKind::Year, "pivot-year"),
    ("quarter", PeriodKind::Quarter, "pivot-quarter"),
    ("month", PeriodKind::Month, "pivot-month"),
    ("day", PeriodKind::Day, "pivot-day"),
];

#[derive(Deserialize, Default)]
#[serde(default)]
struct PivotQuery {
    area: String,
    element: String,
    rows: String,
    columns: String,
    period: String,
    by: String,
    as_of: String,
}

/// The choice of this word, among those of a list.
pub fn chosen<T: Copy>(choices: &[(&str, T, &str)], word: &str, field: &str) -> Result<Option<T>, Refusal> {
    let found = choices.iter().find(|it| it.0 == word);
    match (word, found) {
        ("", _) => Ok(None),
        (_, Some(found)) => Ok(Some(found.1)),
        (_, None) => Err(Refusal::invalid(field, Message::new("fault-choice"))),
    }
}

/// What was asked for, with what stands for what was left open.
struct Question {
    area: AreaQuery,
    element: String,
    of: Spread,
}

#[derive(Clone, Copy)]
struct Spread {
    rows: Axis,
    columns: Axis,
    period: Option<statistic::Period>,
    by: Option<PeriodKind>,
}

impl Question {
    fn new(ctx: &Ctx, query: PivotQuery) -> Result<Self, Refusal> {
        let definitions = &ctx.city.statistic;
        let element = match query.element.as_str() {
            "" => definitions.elements.first().ok_or(Refusal::NotFound)?,
            code => definitions
                .element(code)
                .ok_or_else(|| Refusal::invalid("element", Message::new("fault-choice")))?,
        };
        let rows = chosen(&AXES, &query.rows, "rows")?.unwrap_or(Axis::Areas);
        // The same twice is no table: what was chosen for the rows stays.
        let columns =
            chosen(&AXES, &query.columns, "columns")?.filter(|it| *it != rows).unwrap_or(match rows {
                Axis::Areas if element.disaggregation.is_some() => Axis::Options,
                Axis::Areas => Axis::Periods,
                _ => Axis::Areas,
            });
        let period = period_of(&query.period)?;
        let by = chosen(&KINDS, &query.by, "by")?;
        let (element, of) = (element.code.clone(), Spread { rows, columns, period, by });
        let mut area = AreaQuery { area: query.area, as_of: query.as_of };
        area.area = asked(ctx, &area)?;
        Ok(Self { area, element, of })
    }

    fn answer(&self, ctx: &Ctx) -> Result<Pivot, Refusal> {
        let Spread { rows, columns, period, by } = self.of;
        let of = PivotOf { area: &self.area.area, element: &self.element, rows, columns, period, by };
        statistic::pivot(ctx, &of, self.area.as_of()?)
    }

    /// What follows an area in addresses of this table, but for the day it was known at.
    fn rest(&self) -> String {
        let mut rest = format!(
            "&element={}&rows={}&columns={}",
            self.element,
            word(&AXES, self.of.rows),
            word(&AXES, self.of.columns)
        );
        if let Some(period) = self.of.period {
            rest += &format!("&period={period}");
        }
        if let Some(by) = self.of.by {
            rest += &format!("&by={}", word(&KINDS, by));
        }
        rest
    }

    fn has(&self, axis: Axis) -> bool {
        [self.of.rows, self.of.columns].contains(&axis)
    }
}

fn word<T: PartialEq>(choices: &[(&'static str, T, &str)], of: T) -> &'static str {
    choices.iter().find(|it| it.1 == of).map_or("", |it| it.0)
}

#[derive(Template)]
#[template(path = "statistic/pivot.html")]
struct PivotPage {
    shell: Shell,
    name: String,
    code: String,
    /// The element's name; none where all elements are an axis.
    title: Option<String>,
    unit: String,
    above: Vec<(String, String)>,
    elements: Vec<Choice>,
    row_axes: Vec<Choice>,
    column_axes: Vec<Choice>,
    period: String,
    kinds: Vec<Choice>,
    rest: String,
    head: Vec<String>,
    rows: Vec<PivotRow>,
    bars: Vec<Bar>,
    map: Option<Map>,
    sources: Vec<(String, String, String)>,
    /// Counts of persons in it are rounded or hidden for this reader.
    is_coarse: bool,
    past: Past,
}

async fn page(visitor: Visitor, PageQuery(query): PageQuery<PivotQuery>) -> Response {
    visitor
        .page(move |ctx, mut shell| {
            for link in &mut shell.links {
                link.current = link.address == "/statistics";
            }
            let question = Question::new(ctx, query)?;
            let found = question.answer(ctx)?;
            let definitions = &ctx.city.statistic;
            let element = definitions.element(&question.element).ok_or(Refusal::NotFound)?;
            let is_of_all = question.has(Axis::Elements);
            let may_read = statistic::may_read_records(ctx, &found.area.path);
            let rest = question.rest();
            let looks = Looks { ctx, shell: &shell, question: &question, may_read };
            let past = Past::new(ctx, &shell, &question.area, (&found.area, PATH.to_owned()))?;
            let is_coarse = found.cells.iter().flatten().any(|it| it.figure.is_coarse);
            let page = PivotPage {
                title: (!is_of_all).then(|| words(&shell, &element.label)),
                unit: if is_of_all { String::new() } else { looks.unit(element) },
                elements: definitions
                    .elements
                    .iter()
                    .map(|it| (it.code.clone(), words(&shell, &it.label), it.code == element.code))
                    .collect(),
                row_axes: looks.choices(&AXES, Some(question.of.rows)),
                column_axes: looks.choices(&AXES, Some(question.of.columns)),
                period: question.of.period.map(|it| it.to_string()).unwrap_or_default(),
                kinds: looks.choices(&KINDS, question.of.by),
                head: found.columns.iter().map(|it| looks.label(it)).collect(),
                rows: looks.rows(&found),
                bars: looks.bars(&found),
                map: looks.map(&found)?,
                sources: found.sources.iter().map(|it| source(ctx, &shell, it, is_coarse)).collect(),
                past: Past { now: format!("{PATH}?area={}{rest}", found.area.code), ..past },
                name: found.area.name,
                code: found.area.code,
                above: found.above,
                rest,
                is_coarse,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

async fn csv(visitor: Visitor, PageQuery(query): PageQuery<PivotQuery>) -> Response {
    visitor.page(move |ctx, shell| table(ctx, &shell, query)?.csv()).await
}

async fn xlsx(visitor: Visitor, PageQuery(query): PageQuery<PivotQuery>) -> Response {
    visitor.page(move |ctx, shell| table(ctx, &shell, query)?.xlsx(&shell)).await
}

/// As it stands on the page: a row a row, with codes of areas and elements in front.
fn table(ctx: &Ctx, shell: &Shell, query: PivotQuery) -> Result<Table, Refusal> {
    let question = Question::new(ctx, query)?;
    let found = question.answer(ctx)?;
    let looks = Looks { ctx, shell, question: &question, may_read: false };
    let mut head = vec![shell.t.say("statistic-code"), shell.t.say("statistic-name")];
    // Programs read the codes of periods.
    head.extend(found.columns.iter().map(|it| match it {
        Point::Period(period) => period.to_string(),
        other => looks.label(other),
    }));
    let cell = |it: &PivotCell| match (it.figure.value, looks.indicator(it)) {
        (State::Hidden, _) => Cell::Text(shell.t.say("statistic-hidden")),
        (_, Some(indicator)) => {
            text(&indicator, &it.figure).map_or_else(|| Cell::Text(String::new()), Cell::Decimal)
        }
        (_, None) => Cell::Text(String::new()),
    };
    let rows = found.rows.iter().zip(&found.cells).map(|(point, cells)| {
        let mut row = vec![Cell::Text(code(point, &found)), Cell::Text(looks.label(point))];
        row.extend(cells.iter().map(cell));
        row
    });
    let name = format!("statistics-{}-{}{}", question.element, found.area.code, dated(&question.area));
    Ok(Table { title: "statistic-title", head, rows: rows.collect(), name })
}

/// The code of what a row is of.
pub fn code(point: &Point, found: &Pivot) -> String {
    match point {
        Point::Area { path, .. } => path.code().to_owned(),
        Point::Whole | Point::Own => found.area.code.clone(),
        Point::All => String::new(),
        Point::Period(period) => period.to_string(),
        Point::Option(code) | Point::Element(code) => code.clone(),
    }
}
