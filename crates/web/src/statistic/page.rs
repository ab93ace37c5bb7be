//! The figures of an area, one figure by the areas below, and the records behind it; as pages and as table files.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Message, Refusal, Window, area,
    statistic::{self, Breakdown, Indicator, Period, RecordsOf},
};
use kernel::Timestamp;
use serde::Deserialize;

use super::view::{self, FigureRow, HEADS, cells, number, option, share, words};
use crate::{
    app::Shared,
    sent::{PagePath, PageQuery},
    shell::{self, Shell},
    table::{Cell, Table},
    visitor::Visitor,
};

/// Records on one page.
const RECORDS: usize = 100;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/statistics", get(figures))
        .route("/statistics.csv", get(figures_csv))
        .route("/statistics.xlsx", get(figures_xlsx))
        .route("/statistics/{code}", get(figure))
        .route("/statistics/{code}/areas.csv", get(areas_csv))
        .route("/statistics/{code}/areas.xlsx", get(areas_xlsx))
        .route("/statistics/records", get(records))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct AreaQuery {
    pub area: String,
    /// A day: as it was known at its end.
    pub as_of: String,
}

impl AreaQuery {
    pub fn as_of(&self) -> Result<Option<Timestamp>, Refusal> {
        moment_of(&self.as_of)
    }

    /// For addresses that stay at the same moment.
    pub fn then(&self) -> String {
        match self.as_of.trim() {
            "" => String::new(),
            day => format!("&as_of={day}"),
        }
    }
}

/// The last moment of a day; none, where nothing is said.
pub fn moment_of(day: &str) -> Result<Option<Timestamp>, Refusal> {
    let day = day.trim();
    if day.is_empty() {
        return Ok(None);
    }
    let first = Timestamp::parse(day).filter(|_| day.len() == 10);
    let first = first.ok_or_else(|| Refusal::invalid("as_of", Message::new("fault-date")))?;
    Ok(Some(Timestamp::from_micros(first.plus_seconds(86_400).micros() - 1)))
}

/// The code that is asked for; the city's, where none is.
pub fn asked(ctx: &Ctx, query: &AreaQuery) -> Result<String, Refusal> {
    match query.area.trim() {
        "" => Ok(ctx.read(area::city)?.ok_or(Refusal::NotFound)?.code),
        code => Ok(code.to_owned()),
    }
}

/// Figures as they were known at the end of a day.
pub struct Past {
    /// Whether the reader may ask for it.
    pub may_ask: bool,
    /// The day in digits; none for now.
    pub day: String,
    /// The day in words, where one was asked for.
    pub words: Option<String>,
    /// For addresses that stay at the same day.
    pub then: String,
    /// Of the page.
    pub path: String,
    /// The address of the page as it is now.
    pub now: String,
}

impl Past {
    pub fn new(
        ctx: &Ctx,
        shell: &Shell,
        query: &AreaQuery,
        (place, path): (&area::Place, String),
    ) -> Result<Self, Refusal> {
        Ok(Self {
            may_ask: statistic::may_read_records(ctx, &place.path),
            day: query.as_of.trim().to_owned(),
            words: query.as_of()?.map(|at| shell.t.date(at, shell.now)),
            then: query.then(),
            now: format!("{path}?area={}", place.code),
            path,
        })
    }
}

#[derive(Template)]
#[template(path = "statistic/figures.html")]
struct FiguresPage {
    shell: Shell,
    name: String,
    code: String,
    /// Code and name of the area above.
    above: Option<(String, String)>,
    past: Past,
    groups: Vec<(String, Vec<FigureRow>)>,
}

async fn figures(visitor: Visitor, PageQuery(query): PageQuery<AreaQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let found = statistic::figures(ctx, &asked(ctx, &query)?, query.as_of()?)?;
            let (definitions, then) = (&ctx.city.statistic, query.then());
            let mut groups = Vec::new();
            for group in &definitions.groups {
                let rows: Vec<FigureRow> = definitions
                    .indicators
                    .iter()
                    .zip(&found.figures)
                    .filter(|(indicator, _)| indicator.group == group.code)
                    .map(|(indicator, figure)| FigureRow {
                        address: Some(format!(
                            "/statistics/{}?area={}{then}",
                            indicator.code, found.area.code
                        )),
                        ..FigureRow::new(ctx, &shell, indicator, figure)
                    })
                    .collect();
                if !rows.is_empty() {
                    groups.push((words(&shell, &group.label), rows));
                }
            }
            let past = Past::new(ctx, &shell, &query, (&found.area, "/statistics".to_owned()))?;
            let (name, code, above) = (found.area.name, found.area.code, found.above);
            let page = FiguresPage { name, code, above, past, groups, shell };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

#[derive(Template)]
#[template(path = "statistic/figure.html")]
struct FigurePage {
    shell: Shell,
    name: String,
    code: String,
    indicator: String,
    total: FigureRow,
    /// The expression, as the definitions have it.
    expression: String,
    /// Name of each element in it with its code and, for those who may read records, their address.
    elements: Vec<(String, String, Option<String>)>,
    /// Code and name of the areas above, root first.
    above: Vec<(String, String)>,
    parts: Vec<FigureRow>,
    /// Name, provenance and time.
    sources: Vec<(String, String, String)>,
    past: Past,
}

async fn figure(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(query): PageQuery<AreaQuery>,
) -> Response {
    visitor
        .page(move |ctx, mut shell| {
            for link in &mut shell.links {
                link.current = link.address == "/statistics";
            }
            let indicator = ctx.city.statistic.indicator(&code).ok_or(Refusal::NotFound)?;
            let found = statistic::breakdown(ctx, &asked(ctx, &query)?, &code, query.as_of()?)?;
            let may_read = statistic::may_read_records(ctx, &found.area.path);
            let mut elements: Vec<(String, String, Option<String>)> = Vec::new();
            for (element, _) in indicator.elements() {
                let Some(it) = ctx.city.statistic.element(element) else { continue };
                let address = may_read.then(|| records_of(element, &found.area.code, indicator.period));
                let row = (words(&shell, &it.label), element.to_owned(), address);
                if !elements.contains(&row) {
                    elements.push(row);
                }
            }
            let is_coarse = found.total.is_coarse;
            let page = FigurePage {
                parts: parts(ctx, &shell, (indicator, &query.then()), &found),
                past: Past::new(ctx, &shell, &query, (&found.area, format!("/statistics/{code}")))?,
                sources: found.sources.iter().map(|it| view::source(ctx, &shell, it, is_coarse)).collect(),
                total: FigureRow::new(ctx, &shell, indicator, &found.total),
                expression: indicator.written.clone(),
                name: found.area.name,
                code: found.area.code,
                indicator: code,
                elements,
                above: found.above,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// One row an area below, and one of what was reported of the area itself.
fn parts(
    ctx: &Ctx,
    shell: &Shell,
    (indicator, then): (&Indicator, &str),
    found: &Breakdown,
) -> Vec<FigureRow> {
    let row = |label: String, address: Option<String>, figure: &statistic::Figure| FigureRow {
        label,
        address,
        ..FigureRow::new(ctx, shell, indicator, figure)
    };
    let mut figures: Vec<(&statistic::Figure, FigureRow)> = found
        .parts
        .iter()
        .map(|it| {
            let address = format!("/statistics/{}?area={}{then}", indicator.code, it.code);
            let name = match it.is_ended {
                true => shell.t.with("statistic-ended", "name", it.name.as_str()),
                false => it.name.clone(),
            };
            (&it.figure, row(name, Some(address), &it.figure))
        })
        .collect();
    if let Some(own) = &found.own {
        figures.push((own, row(shell.t.say("statistic-own"), None, own)));
    }
    let values = figures.iter().filter_map(|(figure, _)| number(figure));
    let largest = values.max_by(|one, other| one.compare(*other));
    let mut rows = Vec::with_capacity(figures.len());
    for (figure, mut row) in figures {
        row.share = number(figure).zip(largest).and_then(|(value, largest)| share(value, largest));
        rows.push(row);
    }
    rows
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RecordsQuery {
    area: String,
    element: String,
    /// All, where it is left out.
    period: String,
    cursor: String,
}

/// Where the records of an element in an area stand.
pub fn records_of(element: &str, area: &str, period: Option<Period>) -> String {
    let period = period.map(|it| format!("&period={it}")).unwrap_or_default();
    format!("/statistics/records?area={area}&element={element}{period}")
}

/// A year, quarter, month or day; none, where nothing is said.
pub fn period_of(text: &str) -> Result<Option<Period>, Refusal> {
    let wrong = || Refusal::invalid("period", Message::new("fault-statistic-period"));
    match text.trim() {
        "" => Ok(None),
        text => Period::parse(text).map(Some).ok_or_else(wrong),
    }
}

#[derive(Template)]
#[template(path = "statistic/records.html")]
struct RecordsPage {
    shell: Shell,
    title: String,
    code: String,
    element: String,
    rows: Vec<RecordRow>,
    next: Option<String>,
}

struct RecordRow {
    day: String,
    area: String,
    option: String,
    /// None where it was withdrawn.
    value: Option<String>,
    reference: String,
    revision: i64,
    set: String,
    reported_at: Timestamp,
}

async fn records(visitor: Visitor, PageQuery(query): PageQuery<RecordsQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let definitions = &ctx.city.statistic;
            let element = definitions.element(&query.element).ok_or(Refusal::NotFound)?;
            let window = Window::parse(Some(RECORDS as i64), Some(&query.cursor))?;
            let period = period_of(&query.period)?;
            let of = RecordsOf { element: &element.code, area: &query.area, period };
            let found = statistic::records(ctx, &of, &window)?;
            let mut rows = Vec::with_capacity(found.items.len());
            for it in &found.items {
                rows.push(RecordRow {
                    day: it.day.to_string(),
                    area: it.area_name.clone(),
                    option: option(ctx, &shell, element, &it.option),
                    value: it.value.map(|value| view::value(element, value)),
                    reference: it.reference.clone(),
                    revision: it.revision,
                    set: view::source_name(ctx, &shell, &it.set_name),
                    reported_at: it.reported_at,
                });
            }
            let next = found.next.map(|cursor| {
                format!("{}&cursor={}", records_of(&element.code, &query.area, period), cursor.encode())
            });
            let page = RecordsPage {
                title: words(&shell, &element.label),
                element: element.code.clone(),
                code: query.area,
                rows,
                next,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

async fn figures_csv(visitor: Visitor, PageQuery(query): PageQuery<AreaQuery>) -> Response {
    visitor.page(move |ctx, shell| figures_table(ctx, &shell, &query)?.csv()).await
}

async fn figures_xlsx(visitor: Visitor, PageQuery(query): PageQuery<AreaQuery>) -> Response {
    visitor.page(move |ctx, shell| figures_table(ctx, &shell, &query)?.xlsx(&shell)).await
}

fn figures_table(ctx: &Ctx, shell: &Shell, query: &AreaQuery) -> Result<Table, Refusal> {
    let found = statistic::figures(ctx, &asked(ctx, query)?, query.as_of()?)?;
    let row = |(indicator, figure): (&Indicator, &statistic::Figure)| {
        let mut row = vec![Cell::Text(indicator.code.clone()), Cell::Text(words(shell, &indicator.label))];
        row.extend(cells(ctx, shell, indicator, figure));
        row
    };
    let rows = ctx.city.statistic.indicators.iter().zip(&found.figures).map(row).collect();
    let name = format!("statistics-{}{}", found.area.code, dated(query));
    Ok(Table { title: "statistic-title", head: head(shell), rows, name })
}

async fn areas_csv(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(query): PageQuery<AreaQuery>,
) -> Response {
    visitor.page(move |ctx, shell| areas_table(ctx, &shell, &code, &query)?.csv()).await
}

async fn areas_xlsx(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(query): PageQuery<AreaQuery>,
) -> Response {
    visitor.page(move |ctx, shell| areas_table(ctx, &shell, &code, &query)?.xlsx(&shell)).await
}

fn areas_table(ctx: &Ctx, shell: &Shell, code: &str, query: &AreaQuery) -> Result<Table, Refusal> {
    let indicator = ctx.city.statistic.indicator(code).ok_or(Refusal::NotFound)?;
    let found = statistic::breakdown(ctx, &asked(ctx, query)?, code, query.as_of()?)?;
    let row = |code: &str, name: &str, figure: &statistic::Figure| {
        let mut row = vec![Cell::Text(code.to_owned()), Cell::Text(name.to_owned())];
        row.extend(cells(ctx, shell, indicator, figure));
        row
    };
    let mut rows = vec![row(&found.area.code, &found.area.name, &found.total)];
    rows.extend(found.parts.iter().map(|it| row(&it.code, &it.name, &it.figure)));
    rows.extend(found.own.iter().map(|it| row("", &shell.t.say("statistic-own"), it)));
    let name = format!("statistics-{code}-{}{}", found.area.code, dated(query));
    Ok(Table { title: "statistic-title", head: head(shell), rows, name })
}

/// The day in a file's name, where one was asked for; it has been read by now.
pub fn dated(query: &AreaQuery) -> String {
    match query.as_of.trim() {
        "" => String::new(),
        day => format!("-{day}"),
    }
}

fn head(shell: &Shell) -> Vec<String> {
    ["statistic-code", "statistic-name"].iter().chain(&HEADS).map(|it| shell.t.say(it)).collect()
}
