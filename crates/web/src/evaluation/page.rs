//! The figures of an area as a page and as a table file, and the cases behind each.

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    Ctx, Refusal, Window, area,
    evaluation::{self, Evaluation, Figure, Period, RATES},
    organization,
};
use kernel::{Id, Organization};
use serde::Deserialize;

use super::{
    api::{figure, grouping},
    view::{Question, RateCell, RateRow, figure_label, percent},
};
use crate::{
    app::Shared,
    case::view::{AreaNames, Row, rows},
    command,
    form::PageQuery,
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

/// Cases on one page of the list behind a figure.
const CASES: i64 = 30;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/evaluation", get(evaluate))
        .route("/evaluation.csv", get(table_file))
        .route("/evaluation/cases", get(cases))
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct EvaluationQuery {
    area: String,
    from: String,
    to: String,
    by: String,
}

#[derive(Template)]
#[template(path = "evaluation/evaluation.html")]
struct EvaluationPage {
    shell: Shell,
    area: area::Area,
    /// Name and address of those above whose figures the actor may see.
    above: Option<(String, String)>,
    by: &'static str,
    from: String,
    to: String,
    /// Label, address and whether it is chosen.
    periods: Vec<(String, String, bool)>,
    groupings: Vec<(String, String, bool)>,
    heads: Vec<String>,
    total: Vec<RateCell>,
    rows: Vec<RateRow>,
    table_file: String,
    faults: FormFaults,
}

async fn evaluate(visitor: Visitor, PageQuery(query): PageQuery<EvaluationQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            match asked(ctx, &query) {
                Ok(question) => page(ctx, shell, question, FormFaults::default()),
                Err(Refusal::Invalid(faults)) => {
                    let whole = EvaluationQuery { from: String::new(), to: String::new(), ..query.clone() };
                    let faults = FormFaults::new(&shell.t, &faults);
                    page(ctx, shell, asked(ctx, &whole)?, faults)
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

/// What is asked for; the actor's own area and the current month where nothing is said.
fn asked(ctx: &Ctx, query: &EvaluationQuery) -> Result<Question, Refusal> {
    let area = match query.area.trim() {
        "" => command::own(ctx)?.code().to_owned(),
        code => code.to_owned(),
    };
    let period = match (query.from.trim(), query.to.trim()) {
        ("", "") => Period::month_of(ctx.now),
        (from, to) => Period::parse(from, to)?,
    };
    let by = match query.by.as_str() {
        "organization" => "organization",
        _ => "area",
    };
    Ok(Question { area, period, by })
}

fn page(ctx: &Ctx, shell: Shell, question: Question, faults: FormFaults) -> Result<Response, Refusal> {
    let found = evaluation::evaluate(ctx, &question.area, question.period, grouping(question.by)?)?;
    let area = area::get(ctx, &question.area, None)?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = EvaluationPage {
        above: above(ctx, &area, &question)?,
        by: question.by,
        from: question.period.first.to_string(),
        to: question.period.last.to_string(),
        periods: periods(ctx, &shell, &question),
        groupings: groupings(&shell, &question),
        heads: RATES.iter().map(|rate| shell.t.say(&format!("rate-{}", rate.name))).collect(),
        total: question.total(&shell, &found),
        rows: question.rows(ctx, &shell, &found),
        table_file: question.address("/evaluation.csv"),
        area,
        faults,
        shell,
    };
    shell::html(status, &page)
}

fn above(ctx: &Ctx, area: &area::Area, question: &Question) -> Result<Option<(String, String)>, Refusal> {
    let code = area.path.codes().rev().nth(1).filter(|code| evaluation::may_evaluate(ctx, code));
    let Some(code) = code else { return Ok(None) };
    let parent = area::get(ctx, code, None)?;
    let question = Question { area: parent.code, period: question.period, by: question.by };
    Ok(Some((parent.name, question.address("/evaluation"))))
}

fn periods(ctx: &Ctx, shell: &Shell, question: &Question) -> Vec<(String, String, bool)> {
    let month = Period::month_of(ctx.now);
    [("evaluation-this-month", month), ("evaluation-last-month", month.month_before())]
        .map(|(label, period)| {
            let it = Question { area: question.area.clone(), period, by: question.by };
            (shell.t.say(label), it.address("/evaluation"), period == question.period)
        })
        .into()
}

fn groupings(shell: &Shell, question: &Question) -> Vec<(String, String, bool)> {
    [("evaluation-by-area", "area"), ("evaluation-by-organization", "organization")]
        .map(|(label, by)| {
            let it = Question { area: question.area.clone(), period: question.period, by };
            (shell.t.say(label), it.address("/evaluation"), by == question.by)
        })
        .into()
}

/// All figures and rates as CSV.
async fn table_file(visitor: Visitor, PageQuery(query): PageQuery<EvaluationQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let question = asked(ctx, &query)?;
            let found = evaluation::evaluate(ctx, &question.area, question.period, grouping(question.by)?)?;
            let area = area::get(ctx, &question.area, None)?;
            let text = csv_text(&shell, &area, &found)?;
            let name =
                format!("evaluation-{}-{}-{}.csv", area.code, question.period.first, question.period.last);
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            Ok((headers, text).into_response())
        })
        .await
}

fn csv_text(shell: &Shell, area: &area::Area, found: &Evaluation) -> Result<Vec<u8>, Refusal> {
    // Spreadsheets take a file for UTF-8 by this mark alone.
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let mut head = vec![shell.t.say("evaluation-key"), shell.t.say("evaluation-name")];
    head.extend(Figure::ALL.iter().map(|figure| figure_label(shell, *figure)));
    head.extend(RATES.iter().map(|rate| shell.t.say(&format!("rate-{}", rate.name))));
    let total = evaluation::Row { key: area.code.clone(), name: area.name.clone(), figures: found.total };
    let lines = std::iter::once(&total).chain(&found.rows).map(|row| {
        let mut line = vec![inert(&row.key), inert(&row.name)];
        line.extend(Figure::ALL.iter().map(|figure| row.figures.get(*figure).to_string()));
        line.extend(RATES.iter().map(|rate| rate.permille(&row.figures).map_or_else(String::new, percent)));
        line
    });
    let written = std::iter::once(head).chain(lines).try_for_each(|line| writer.write_record(line));
    let broken = |error: String| Refusal::Broken(format!("a table was not written: {error}"));
    written.map_err(|error| broken(error.to_string()))?;
    writer.into_inner().map_err(|error| broken(error.to_string()))
}

/// A text that no spreadsheet takes for a formula.
fn inert(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CasesQuery {
    area: String,
    from: String,
    to: String,
    figure: String,
    organization: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "evaluation/cases.html")]
struct CasesPage {
    shell: Shell,
    title: String,
    about: String,
    back: String,
    rows: Vec<Row>,
    next: Option<String>,
}

async fn cases(visitor: Visitor, PageQuery(query): PageQuery<CasesQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let (period, figure) = (Period::parse(&query.from, &query.to)?, figure(&query.figure)?);
            let body: Option<Id<Organization>> = match query.organization.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| Refusal::NotFound)?),
            };
            let window = Window::parse(Some(CASES), Some(&query.cursor))?;
            let found = evaluation::cases(ctx, &query.area, period, figure, body, &window)?;
            let area = area::get(ctx, &query.area, None)?;
            let mut about = vec![AreaNames::of(ctx, std::iter::once(&area.path))?.line(&area.path)];
            if let Some(body) = body {
                about.extend(ctx.read(|tx| organization::name(tx, body))?);
            }
            about.push(shell.t.with2(
                "evaluation-period",
                ("from", &period.first.to_string()),
                ("to", &period.last.to_string()),
            ));
            let by = if body.is_some() { "organization" } else { "area" };
            let question = Question { area: query.area.clone(), period, by };
            let next = found.next.map(|cursor| {
                let body = body.map(|body| format!("&organization={body}")).unwrap_or_default();
                let (area, from, to) = (&query.area, period.first, period.last);
                let (figure, cursor) = (figure.as_str(), cursor.encode());
                format!(
                    "/evaluation/cases?area={area}&from={from}&to={to}&figure={figure}{body}&cursor={cursor}"
                )
            });
            let page = CasesPage {
                title: figure_label(&shell, figure),
                about: about.join(" · "),
                back: question.address("/evaluation"),
                rows: rows(ctx, &shell, &found.items)?,
                next,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}
