//! The figures of an area, one figure by the areas below, and the records behind it; as pages and as table files.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Refusal, Window, area,
    statistic::{self, Breakdown, Indicator, RecordsOf, State},
};
use kernel::Timestamp;
use serde::Deserialize;

use super::view::{FigureRow, HEADS, cells, words};
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
        .route("/statistics/{code}/records", get(records))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AreaQuery {
    area: String,
}

/// The code that is asked for; the city's, where none is.
fn asked(ctx: &Ctx, query: &AreaQuery) -> Result<String, Refusal> {
    match query.area.trim() {
        "" => Ok(ctx.read(area::city)?.ok_or(Refusal::NotFound)?.code),
        code => Ok(code.to_owned()),
    }
}

#[derive(Template)]
#[template(path = "statistic/figures.html")]
struct FiguresPage {
    shell: Shell,
    name: String,
    code: String,
    /// Name and code of the area above.
    above: Option<(String, String)>,
    groups: Vec<(String, Vec<FigureRow>)>,
}

async fn figures(visitor: Visitor, PageQuery(query): PageQuery<AreaQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let (place, all) = statistic::figures(ctx, &asked(ctx, &query)?, None)?;
            let definitions = &ctx.city.statistic;
            let mut groups = Vec::new();
            for group in &definitions.groups {
                let rows: Vec<FigureRow> = definitions
                    .indicators
                    .iter()
                    .zip(&all)
                    .filter(|(indicator, _)| indicator.group == group.code)
                    .map(|(indicator, figure)| FigureRow {
                        address: Some(format!("/statistics/{}?area={}", indicator.code, place.code)),
                        ..FigureRow::new(ctx, &shell, indicator, figure)
                    })
                    .collect();
                if !rows.is_empty() {
                    groups.push((words(&shell, &group.label), rows));
                }
            }
            let above = match place.path.parent() {
                None => None,
                Some(path) => {
                    let name = ctx.read(|tx| area::name(tx, path.code()))?;
                    name.map(|name| (name, path.code().to_owned()))
                }
            };
            let page = FiguresPage { name: place.name, code: place.code, above, groups, shell };
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
    sources: Vec<(String, String, Timestamp)>,
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
            let found = statistic::breakdown(ctx, &asked(ctx, &query)?, &code, None)?;
            let may_read = statistic::may_read_records(ctx, &found.area.path);
            let mut elements: Vec<(String, String, Option<String>)> = Vec::new();
            for (element, _) in indicator.elements() {
                let Some(it) = ctx.city.statistic.element(element) else { continue };
                let address = may_read.then(|| {
                    format!("/statistics/{code}/records?area={}&element={element}", found.area.code)
                });
                let row = (words(&shell, &it.label), element.to_owned(), address);
                if !elements.contains(&row) {
                    elements.push(row);
                }
            }
            let page = FigurePage {
                parts: parts(ctx, &shell, indicator, &found),
                total: FigureRow::new(ctx, &shell, indicator, &found.total),
                expression: indicator.written.clone(),
                name: found.area.name,
                code: found.area.code,
                indicator: code,
                elements,
                above: found.above,
                sources: found.sources,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// One row an area below, and one of what was reported of the area itself.
fn parts(ctx: &Ctx, shell: &Shell, indicator: &Indicator, found: &Breakdown) -> Vec<FigureRow> {
    let row = |label: String, address: Option<String>, figure: &statistic::Figure| FigureRow {
        label,
        address,
        ..FigureRow::new(ctx, shell, indicator, figure)
    };
    let mut figures: Vec<(&statistic::Figure, FigureRow)> = found
        .parts
        .iter()
        .map(|it| {
            let address = format!("/statistics/{}?area={}", indicator.code, it.code);
            (&it.figure, row(it.name.clone(), Some(address), &it.figure))
        })
        .collect();
    if let Some(own) = &found.own {
        figures.push((own, row(shell.t.say("statistic-own"), None, own)));
    }
    let values = figures.iter().filter_map(|(figure, _)| match figure.value {
        State::Value(value) => Some(value),
        State::None | State::Hidden => None,
    });
    let largest = values.max_by(|one, other| one.compare(*other));
    let mut rows = Vec::with_capacity(figures.len());
    for (figure, mut row) in figures {
        row.share = match (figure.value, largest) {
            (State::Value(value), Some(largest)) => {
                let share = value.by(largest).and_then(|it| it.times(statistic::Ratio::whole(1_000)));
                share.and_then(|it| it.to_decimal(0).parse().ok())
            }
            _ => None,
        };
        rows.push(row);
    }
    rows
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RecordsQuery {
    area: String,
    element: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "statistic/records.html")]
struct RecordsPage {
    shell: Shell,
    title: String,
    code: String,
    indicator: String,
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

async fn records(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(query): PageQuery<RecordsQuery>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let definitions = &ctx.city.statistic;
            let indicator = definitions.indicator(&code).ok_or(Refusal::NotFound)?;
            let element = definitions.element(&query.element).ok_or(Refusal::NotFound)?;
            let window = Window::parse(Some(RECORDS as i64), Some(&query.cursor))?;
            let of = RecordsOf { element: &element.code, area: &query.area, period: indicator.period };
            let found = statistic::records(ctx, &of, &window)?;
            let mut rows = Vec::with_capacity(found.items.len());
            for it in &found.items {
                let option = definitions.options(element).iter().find(|option| option.code == it.option);
                let decimals = if element.value_type.scale() == 1 { 0 } else { 2 };
                let value = it.value.and_then(|value| {
                    statistic::Ratio::whole(value).by(statistic::Ratio::whole(element.value_type.scale()))
                });
                let name = ctx.read(|tx| area::name(tx, it.path.code()))?;
                rows.push(RecordRow {
                    day: it.day.to_string(),
                    area: name.unwrap_or_else(|| it.path.code().to_owned()),
                    option: option.map(|it| words(&shell, &it.label)).unwrap_or_default(),
                    value: value.map(|it| it.to_decimal(decimals)),
                    reference: it.reference.clone(),
                    revision: it.revision,
                    set: it.set_name.clone(),
                    reported_at: it.reported_at,
                });
            }
            let next = found.next.map(|cursor| {
                let (area, element, cursor) = (&query.area, &element.code, cursor.encode());
                format!("/statistics/{code}/records?area={area}&element={element}&cursor={cursor}")
            });
            let page = RecordsPage {
                title: words(&shell, &element.label),
                code: query.area.clone(),
                indicator: code,
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
    let (place, all) = statistic::figures(ctx, &asked(ctx, query)?, None)?;
    let row = |(indicator, figure): (&Indicator, &statistic::Figure)| {
        let mut row = vec![Cell::Text(indicator.code.clone()), Cell::Text(words(shell, &indicator.label))];
        row.extend(cells(ctx, shell, indicator, figure));
        row
    };
    let rows = ctx.city.statistic.indicators.iter().zip(&all).map(row).collect();
    let name = format!("statistics-{}", place.code);
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
    let found = statistic::breakdown(ctx, &asked(ctx, query)?, code, None)?;
    let row = |code: &str, name: &str, figure: &statistic::Figure| {
        let mut row = vec![Cell::Text(code.to_owned()), Cell::Text(name.to_owned())];
        row.extend(cells(ctx, shell, indicator, figure));
        row
    };
    let mut rows = vec![row(&found.area.code, &found.area.name, &found.total)];
    rows.extend(found.parts.iter().map(|it| row(&it.code, &it.name, &it.figure)));
    rows.extend(found.own.iter().map(|it| row("", &shell.t.say("statistic-own"), it)));
    let name = format!("statistics-{code}-{}", found.area.code);
    Ok(Table { title: "statistic-title", head: head(shell), rows, name })
}

fn head(shell: &Shell) -> Vec<String> {
    ["statistic-code", "statistic-name"].iter().chain(&HEADS).map(|it| shell.t.say(it)).collect()
}
