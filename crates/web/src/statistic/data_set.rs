//! Data sets: what is due, how many have reported, and the sheet for all units of an area.

mod report;
mod upload;

use askama::Template;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    Ctx, Fault, Refusal, area,
    statistic::{self, Arrivals, DataSet, Period},
};
use kernel::{AreaPath, limits};
use serde::Deserialize;

use super::{
    page::{AreaQuery, asked, period_of},
    view::{day_words, option, period_words, value, words},
};
use crate::{
    app::Shared,
    sent::{PagePath, PageQuery},
    shell::{self, FormFaults, Shell},
    table::{Cell, Table},
    visitor::Visitor,
};

/// What a form adds to the file in it.
const FORM_BYTES: usize = 64 * 1024;

pub fn routes() -> Router<Shared> {
    let uploads = Router::new()
        .route("/statistics/data-sets/{code}/uploads", post(upload::send))
        .layer(DefaultBodyLimit::max(limits::STATISTIC_UPLOAD_BYTES_MAX + FORM_BYTES));
    Router::new()
        .route("/statistics/data-sets", get(list))
        .route("/statistics/data-sets/{code}", get(progress))
        .route("/statistics/data-sets/{code}/sheet.xlsx", get(sheet))
        .route("/statistics/data-sets/{code}/report", get(report::show).post(report::enter))
        .route("/statistics/uploads/{upload}", get(upload::show).post(upload::take))
        .merge(uploads)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Of {
    area: String,
    period: String,
    /// How many values were entered just now.
    entered: Option<u64>,
}

impl Of {
    /// The area that is asked for, or the city.
    fn area(&self, ctx: &Ctx) -> Result<String, Refusal> {
        asked(ctx, &AreaQuery { area: self.area.clone(), as_of: String::new() })
    }

    /// The period that is asked for, or the last that is over.
    fn period(&self, ctx: &Ctx, set: &DataSet) -> Result<Period, Refusal> {
        Ok(period_of(&self.period)?.unwrap_or_else(|| periods(ctx, set)[0]))
    }
}

fn set_of<'a>(ctx: &'a Ctx, code: &str) -> Result<&'a DataSet, Refusal> {
    ctx.city.statistic.data_set(code).ok_or(Refusal::NotFound)
}

/// The last period that is over and the one that runs; of the first that there is only that.
fn periods(ctx: &Ctx, set: &DataSet) -> Vec<Period> {
    let now = Period::of(set.period, ctx.now.civil().date());
    now.before().into_iter().chain([now]).collect()
}

fn address(set: &str, what: &str, area: &str, period: Period) -> String {
    format!("/statistics/data-sets/{set}{what}?area={area}&period={period}")
}

#[derive(Template)]
#[template(path = "statistic/data-sets.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<ListRow>,
}

struct ListRow {
    set: String,
    area: String,
    period: String,
    due: String,
    /// By hand, where the area reports itself.
    report: Option<String>,
    /// Of the units in it.
    progress: Option<String>,
}

async fn list(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, mut shell| {
            ctx.person()?;
            current(&mut shell);
            let mut rows = Vec::new();
            let mut own: Vec<&AreaPath> = ctx.actor.appointments.iter().map(|it| &it.area).collect();
            own.sort_unstable();
            own.dedup();
            for path in own {
                let Some(place) = ctx.read(|tx| area::place(tx, path.code()))? else { continue };
                for set in &ctx.city.statistic.data_sets {
                    rows.extend(list_rows(ctx, &shell, set, &place));
                }
            }
            shell::html(StatusCode::OK, &ListPage { rows, shell })
        })
        .await
}

fn list_rows(ctx: &Ctx, shell: &Shell, set: &DataSet, place: &area::Place) -> Vec<ListRow> {
    let is_unit = statistic::reports(set, place) && statistic::may_report(ctx, &place.path);
    let is_above = place.tier < set.reported_by.0 && statistic::may_read_records(ctx, &place.path);
    let row = |period: Period| ListRow {
        set: words(shell, &set.label),
        area: place.name.clone(),
        period: period_words(shell, period),
        due: day_words(shell, statistic::due(set, period)),
        report: is_unit.then(|| address(&set.code, "/report", &place.code, period)),
        progress: is_above.then(|| address(&set.code, "", &place.code, period)),
    };
    if is_unit || is_above { periods(ctx, set).into_iter().map(row).collect() } else { Vec::new() }
}

/// The page of statistics stands in the navigation for those below it.
fn current(shell: &mut Shell) {
    for link in &mut shell.links {
        link.current = link.address == "/statistics";
    }
}

#[derive(Template)]
#[template(path = "statistic/progress.html")]
struct ProgressPage {
    shell: Shell,
    title: String,
    area: String,
    code: String,
    set: String,
    period: String,
    period_words: String,
    due: String,
    is_over: bool,
    whole: Arrivals,
    rows: Vec<ProgressRow>,
    /// Each row reports itself.
    are_units: bool,
    above: Vec<(String, String)>,
    /// Whether the reader may bring in what the units handed in.
    may_report: bool,
    entered: Option<u64>,
    /// What is wrong with the file that was sent.
    faults: FormFaults,
    earlier: Option<String>,
    later: Option<String>,
}

struct ProgressRow {
    name: String,
    address: Option<String>,
    is_unit: bool,
    arrivals: Arrivals,
}

async fn progress(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(of): PageQuery<Of>,
) -> Response {
    visitor.page(move |ctx, shell| progress_page(ctx, shell, &code, &of, &[])).await
}

/// With what is wrong with a file that was sent, if so.
fn progress_page(
    ctx: &Ctx,
    mut shell: Shell,
    code: &str,
    of: &Of,
    faults: &[Fault],
) -> Result<Response, Refusal> {
    current(&mut shell);
    let set = set_of(ctx, code)?;
    let (area, period) = (of.area(ctx)?, of.period(ctx, set)?);
    let found = statistic::progress(ctx, code, &area, period)?;
    let may_report = statistic::may_report(ctx, &found.area.path);
    let row = |it: &statistic::ProgressPart| ProgressRow {
        name: it.name.clone(),
        address: match it.is_unit {
            true => may_report.then(|| address(code, "/report", &it.code, period)),
            false => Some(address(code, "", &it.code, period)),
        },
        is_unit: it.is_unit,
        arrivals: it.arrivals,
    };
    let beside = |it: Option<Period>| it.map(|it| address(code, "", &area, it));
    let page = ProgressPage {
        title: words(&shell, &set.label),
        rows: found.parts.iter().map(row).collect(),
        are_units: found.parts.iter().all(|it| it.is_unit),
        period_words: period_words(&shell, period),
        period: period.to_string(),
        due: day_words(&shell, found.due),
        is_over: found.is_over,
        whole: found.whole,
        above: found.above.into_iter().map(|(of, name)| (address(code, "", &of, period), name)).collect(),
        area: found.area.name,
        code: found.area.code,
        earlier: beside(period.before()),
        later: beside(period.after().filter(|it| it.first <= ctx.now.civil().date())),
        set: code.to_owned(),
        may_report,
        faults: FormFaults::new(&shell.t, faults),
        entered: of.entered,
        shell,
    };
    let status = if page.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    shell::html(status, &page)
}

/// A sheet with all units of an area and what is known of them, to be filled in and sent back.
async fn sheet(visitor: Visitor, PagePath(code): PagePath<String>, PageQuery(of): PageQuery<Of>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let set = set_of(ctx, &code)?;
            let period = of.period(ctx, set)?;
            let found = statistic::all_reports(ctx, &code, &of.area(ctx)?, period)?;
            let definitions = &ctx.city.statistic;
            let mut head = vec![shell.t.say("statistic-code"), shell.t.say("data-set-unit")];
            head.extend(found.cells.iter().map(|(element, option)| cell_words(ctx, &shell, element, option)));
            let mut rows = Vec::with_capacity(found.units.len());
            for (unit, cells) in &found.units {
                let mut row = vec![Cell::Text(unit.code.clone()), Cell::Text(unit.name.clone())];
                for (element, option) in &found.cells {
                    let cell = cells.iter().find(|it| it.element == *element && it.option == *option);
                    let known = cell.and_then(|it| it.value.or(it.known.as_ref().map(|it| it.0)));
                    let of = definitions.element(element).zip(known);
                    row.push(
                        of.map_or(Cell::Text(String::new()), |(of, known)| Cell::Decimal(value(of, known))),
                    );
                }
                rows.push(row);
            }
            let name = format!("{code}-{}-{period}", found.area.code);
            Table { head, rows, name, title: "data-set-sheet" }.xlsx(&shell)
        })
        .await
}

/// What people read for a cell: the element, and the option of it.
fn cell_words(ctx: &Ctx, shell: &Shell, element: &str, code: &str) -> String {
    let Some(it) = ctx.city.statistic.element(element) else { return element.to_owned() };
    let label = words(shell, &it.label);
    if code.is_empty() { label } else { format!("{label} {}", option(ctx, shell, it, code)) }
}
