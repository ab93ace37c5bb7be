//! A table of data elements by areas, periods, options or elements: as a page with bars and a map, as table files, and as a
//! DHIS2 `dataValueSets` payload.

use askama::Template;
use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    Ctx, Message, Refusal, area,
    statistic::{
        self, Axis, Definitions, Element, Figure, Indicator, PeriodKind, Pivot, PivotCell, PivotOf, Point,
        Ratio, State,
    },
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    map::{Map, Shade},
    page::{AreaQuery, Past, asked, dated, period_of, records_of},
    view::{self, FigureRow, is_rounded, source, text, words},
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
        .route("/statistics/pivot.json", get(data_values))
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
        let columns = chosen(&AXES, &query.columns, "columns")?.unwrap_or(match rows {
            Axis::Areas if element.disaggregation.is_some() => Axis::Options,
            Axis::Areas => Axis::Periods,
            _ => Axis::Areas,
        });
        let period = period_of(&query.period, "period")?;
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

/// One of a choice: its word, its label, and whether it is chosen.
type Choice = (String, String, bool);

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
    is_rounded: bool,
    past: Past,
}

struct PivotRow {
    label: String,
    unit: String,
    address: Option<String>,
    cells: Vec<CellView>,
    /// When something of the row last came: for programs, and for people.
    latest: Option<(String, String)>,
}

struct CellView {
    value: Option<String>,
    is_hidden: bool,
    /// Reports that are there and that are expected, where some are missing.
    missing: Option<(i64, i64)>,
    /// Of its records, for those who may read them.
    address: Option<String>,
}

struct Bar {
    label: String,
    value: String,
    /// 0 to 1,000 of the largest.
    share: i64,
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
            let (rest, then) = (question.rest(), question.area.then());
            let looks = Looks { ctx, shell: &shell, question: &question, may_read };
            let past = Past::new(ctx, &shell, &question.area, (&found.area, PATH.to_owned()))?;
            let is_rounded = found.cells.iter().flatten().any(|it| is_rounded(&it.figure));
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
                sources: found.sources.iter().map(|it| source(&shell, it, is_rounded)).collect(),
                past: Past { now: format!("{PATH}?area={}{rest}", found.area.code), then, ..past },
                name: found.area.name,
                code: found.area.code,
                above: found.above,
                rest,
                is_rounded,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// How a table is shown to its reader.
struct Looks<'a> {
    ctx: &'a Ctx,
    shell: &'a Shell,
    question: &'a Question,
    may_read: bool,
}

impl Looks<'_> {
    fn definitions(&self) -> &Definitions {
        &self.ctx.city.statistic
    }

    fn unit(&self, element: &Element) -> String {
        self.definitions().unit(&element.unit).map(|it| words(self.shell, &it.label)).unwrap_or_default()
    }

    fn choices<T: Copy + PartialEq>(&self, of: &[(&str, T, &str)], chosen: Option<T>) -> Vec<Choice> {
        of.iter().map(|it| (it.0.to_owned(), self.shell.t.say(it.2), chosen == Some(it.1))).collect()
    }

    fn label(&self, point: &Point) -> String {
        let t = &self.shell.t;
        match point {
            Point::Area { name, is_ended: true, .. } => t.with("statistic-ended", "name", name.as_str()),
            Point::Area { name, .. } => name.clone(),
            Point::Own => t.say("statistic-own"),
            Point::All => t.say("pivot-all"),
            Point::Whole => t.say("pivot-whole"),
            Point::Period(period) => period.to_string(),
            Point::Option(code) => {
                let element = self.definitions().element(&self.question.element);
                let options = element.map_or(&[][..], |it| self.definitions().options(it));
                let found = options.iter().find(|it| it.code == *code);
                found.map_or_else(|| code.clone(), |it| words(self.shell, &it.label))
            }
            Point::Element(code) => match self.definitions().element(code) {
                Some(it) => words(self.shell, &it.label),
                None => code.clone(),
            },
        }
    }

    fn address(&self, point: &Point) -> Option<String> {
        let (rest, then, area) = (self.question.rest(), self.question.area.then(), &self.question.area.area);
        match point {
            Point::Area { path, .. } => Some(format!("{PATH}?area={}{rest}{then}", path.code())),
            Point::Element(code) => Some(format!("{PATH}?area={area}&element={code}{then}")),
            _ => None,
        }
    }

    fn rows(&self, found: &Pivot) -> Vec<PivotRow> {
        let row = |(point, cells): (&Point, &Vec<PivotCell>)| {
            let latest = cells.iter().filter_map(|it| it.figure.latest_at).max();
            let is_coarse = cells.iter().any(|it| it.figure.is_coarse);
            let element = match point {
                Point::Element(code) => self.definitions().element(code),
                _ => None,
            };
            PivotRow {
                label: self.label(point),
                unit: element.map(|it| self.unit(it)).unwrap_or_default(),
                address: self.address(point),
                cells: cells.iter().map(|it| self.cell(it)).collect(),
                latest: latest.map(|it| view::moment(self.shell, it, is_coarse)),
            }
        };
        found.rows.iter().zip(&found.cells).map(row).collect()
    }

    fn cell(&self, it: &PivotCell) -> CellView {
        let figure = &it.figure;
        let has_records = self.may_read && figure.records > 0 && !it.is_own;
        CellView {
            value: self.value(it),
            is_hidden: figure.value == State::Hidden,
            missing: figure
                .completeness
                .filter(|it| it.arrived < it.expected)
                .map(|it| (it.arrived, it.expected)),
            address: has_records.then(|| records_of(&it.element, &it.area, it.period)),
        }
    }

    /// As it is shown, rounded or not.
    fn value(&self, it: &PivotCell) -> Option<String> {
        let indicator = self.indicator(it)?;
        FigureRow::new(self.ctx, self.shell, &indicator, &it.figure).value
    }

    fn indicator(&self, it: &PivotCell) -> Option<Indicator> {
        let element = self.definitions().element(&it.element)?;
        Some(Indicator::of(element, it.option.as_deref(), it.period))
    }

    /// Bars along the rows, in the first column, or along the columns where those are periods: whatever is part of a whole or
    /// follows in time, of one unit.
    fn bars(&self, found: &Pivot) -> Vec<Bar> {
        let along_columns = self.question.of.columns == Axis::Periods;
        if self.question.has(Axis::Elements) {
            return Vec::new();
        }
        let of: Vec<(&Point, &PivotCell)> = match (along_columns, found.cells.first()) {
            (_, None) => Vec::new(),
            (true, Some(row)) => found.columns.iter().zip(row).collect(),
            (false, Some(_)) => {
                found.rows.iter().zip(found.cells.iter().filter_map(|row| row.first())).collect()
            }
        };
        let of: Vec<_> =
            of.into_iter().filter(|(point, _)| !matches!(point, Point::Whole | Point::All)).collect();
        let largest =
            of.iter().filter_map(|(_, it)| number(&it.figure)).max_by(|one, other| one.compare(*other));
        let bar = |(point, it): &(&Point, &PivotCell)| {
            let share = share(number(&it.figure)?, largest?)?;
            Some(Bar { label: self.label(point), value: self.value(it)?, share })
        };
        of.iter().filter_map(bar).collect()
    }

    /// The areas right below, each in a shade of how much there is of it in the first row or column; where any has a boundary.
    fn map(&self, found: &Pivot) -> Result<Option<Map>, Refusal> {
        let of: Vec<(&Point, &PivotCell)> = match self.question.of {
            Spread { rows: Axis::Areas, columns, .. } if columns != Axis::Elements => {
                // The latest period, or all options together.
                let at = if columns == Axis::Periods { found.columns.len().saturating_sub(1) } else { 0 };
                found.rows.iter().zip(found.cells.iter().filter_map(|row| row.get(at))).collect()
            }
            Spread { columns: Axis::Areas, rows, .. } if rows != Axis::Elements => {
                let at = if rows == Axis::Periods { found.rows.len().saturating_sub(1) } else { 0 };
                found.cells.get(at).map(|row| found.columns.iter().zip(row).collect()).unwrap_or_default()
            }
            _ => return Ok(None),
        };
        let areas: Vec<_> = of.into_iter().filter(|(point, _)| matches!(point, Point::Area { .. })).collect();
        let largest =
            areas.iter().filter_map(|(_, it)| number(&it.figure)).max_by(|one, other| one.compare(*other));
        if areas.is_empty() {
            return Ok(None);
        }
        let boundaries = area::boundaries(self.ctx, &found.area.code)?;
        let shade = |code: &str| {
            let (point, it) = areas.iter().find(|(_, it)| it.area == code)?;
            let step = match (it.figure.value, number(&it.figure).zip(largest)) {
                (State::Hidden, _) => Shade::Hidden,
                (_, Some((value, largest))) => Shade::of(share(value, largest)),
                _ => Shade::Nothing,
            };
            let said = self.value(it).unwrap_or_else(|| match it.figure.value {
                State::Hidden => self.shell.t.say("statistic-hidden"),
                _ => "–".to_owned(),
            });
            Some((step, format!("{} {said}", self.label(point)), self.address(point)))
        };
        Ok(Map::of(&boundaries, &shade))
    }
}

fn number(figure: &Figure) -> Option<Ratio> {
    match figure.value {
        State::Value(value) => Some(value),
        State::None | State::Hidden => None,
    }
}

/// 0 to 1,000 of the largest.
fn share(value: Ratio, largest: Ratio) -> Option<i64> {
    value.by(largest)?.times(Ratio::whole(1_000))?.to_decimal(0).parse().ok()
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
    head.extend(found.columns.iter().map(|it| looks.label(it)));
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

/// What DHIS2 imports by `POST /api/dataValueSets`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataValueSet {
    data_values: Vec<DataValue>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DataValue {
    data_element: String,
    /// In DHIS2's words.
    period: String,
    /// Code of an area.
    org_unit: String,
    /// Code of an option; `default` of all together.
    category_option_combo: String,
    value: String,
    /// Why it is not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated: Option<String>,
}

impl DataValueSet {
    /// Of each cell that has a value and a period. What was reported of an area itself is part of its value.
    pub fn of(ctx: &Ctx, found: &Pivot) -> Self {
        let mut data_values = Vec::new();
        for it in found.cells.iter().flatten().filter(|it| !it.is_own) {
            let Some(element) = ctx.city.statistic.element(&it.element) else { continue };
            let indicator = Indicator::of(element, it.option.as_deref(), it.period);
            let Some(value) = text(&indicator, &it.figure) else { continue };
            let Some(period) = it.period.map(|it| it.to_string()).or_else(|| only_period(&it.figure)) else {
                continue;
            };
            data_values.push(DataValue {
                data_element: it.element.clone(),
                period,
                org_unit: it.area.clone(),
                category_option_combo: it.option.clone().unwrap_or_else(|| "default".to_owned()),
                value,
                comment: is_rounded(&it.figure).then_some("rounded to fives"),
                last_updated: it
                    .figure
                    .latest_at
                    .filter(|_| !it.figure.is_coarse)
                    .map(|it: Timestamp| it.to_string()),
            });
        }
        Self { data_values }
    }
}

/// The period that a figure is of, where it is of one.
fn only_period(figure: &Figure) -> Option<String> {
    figure.periods.as_ref().filter(|(first, last)| first == last).map(|it| it.0.clone())
}

async fn data_values(visitor: Visitor, PageQuery(query): PageQuery<PivotQuery>) -> Response {
    visitor
        .page(move |ctx, _| {
            let question = Question::new(ctx, query)?;
            let found = question.answer(ctx)?;
            let name = format!("dataValueSets-{}-{}.json", question.element, found.area.code);
            let kept = [(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
            Ok((kept, Json(DataValueSet::of(ctx, &found))).into_response())
        })
        .await
}
