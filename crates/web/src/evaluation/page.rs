//! The figures of an area as a page and as table files, and the cases behind each.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Refusal, Window, area,
    evaluation::{self, Behind, Grouping, Period, RATES, Rate, WorkFigure},
    organization,
};
use kernel::{Id, Organization};
use serde::Deserialize;

use super::{
    api::figure,
    claim, table,
    view::{
        By, Question, RateCell, RateRow, figure_label, office_name, office_query, rate_label, work_cells,
        work_rates,
    },
    work,
};
use crate::{
    app::Shared,
    case::{
        list::Listed,
        view::{AreaNames, rows},
    },
    command,
    sent::PageQuery,
    shell::{self, FormFaults, Shell},
    table::Table,
    visitor::Visitor,
};

/// Cases on one page of the list behind a figure.
pub const CASES: i64 = 30;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/evaluation", get(evaluate))
        .route("/evaluation.csv", get(csv))
        .route("/evaluation.xlsx", get(xlsx))
        .route("/evaluation/cases", get(cases))
        .merge(work::routes())
        .merge(claim::routes())
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
    by: By,
    from: String,
    to: String,
    /// Label, address and whether it is chosen.
    periods: Vec<(String, String, bool)>,
    groupings: Vec<(String, String, bool)>,
    /// Label and address of the actor's own work in each of their posts.
    own: Vec<(String, String)>,
    /// Which periods the whole is set beside, in words.
    compared: Option<String>,
    heads: Vec<String>,
    total: Vec<RateCell>,
    rows: Vec<RateRow>,
    csv: String,
    xlsx: String,
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
    Ok(Question { area, period, by: By::parse(&query.by) })
}

/// What stands in the page beside its frame.
struct Shown {
    compared: Option<String>,
    heads: Vec<String>,
    total: Vec<RateCell>,
    rows: Vec<RateRow>,
}

fn page(ctx: &Ctx, shell: Shell, question: Question, faults: FormFaults) -> Result<Response, Refusal> {
    let Shown { compared, heads, total, rows } = match question.by.posts() {
        None => of_cases(ctx, &shell, &question)?,
        Some(_) => of_work(ctx, &shell, &question)?,
    };
    let area = area::get(ctx, &question.area, None)?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = EvaluationPage {
        above: above(ctx, &area, &question)?,
        by: question.by,
        from: question.period.first.to_string(),
        to: question.period.last.to_string(),
        periods: periods(ctx, &shell, &question),
        groupings: groupings(ctx, &shell, &question, &area),
        own: work::own(ctx, &shell, question.period)?,
        compared,
        heads,
        total,
        rows,
        csv: question.address("/evaluation.csv"),
        xlsx: question.address("/evaluation.xlsx"),
        area,
        faults,
        shell,
    };
    shell::html(status, &page)
}

fn of_cases(ctx: &Ctx, shell: &Shell, question: &Question) -> Result<Shown, Refusal> {
    let found = evaluation::evaluate(ctx, &question.area, question.period, grouping(question.by))?;
    let compared = evaluation::compare(ctx, &question.area, question.period)?;
    let period = |it: Period| {
        shell.t.with2("evaluation-period", ("from", &it.first.to_string()), ("to", &it.last.to_string()))
    };
    let (before, year_before) = (period(compared.before.0), period(compared.year_before.0));
    let words = shell.t.with2(
        "evaluation-compared",
        ("before", before.as_str()),
        ("year-before", year_before.as_str()),
    );
    Ok(Shown {
        compared: Some(words),
        heads: RATES.iter().map(|rate| rate_label(shell, rate.name)).collect(),
        total: question.total(shell, &found, Some(&compared)),
        rows: question.rows(ctx, shell, &found),
    })
}

fn of_work(ctx: &Ctx, shell: &Shell, question: &Question) -> Result<Shown, Refusal> {
    let Some(posts) = question.by.posts() else { return Err(Refusal::NotFound) };
    let offices = evaluation::of_offices(ctx, &question.area, question.period, posts)?;
    let opens = work::opens(ctx, &question.area)?;
    let row = |it: &evaluation::OfficeWork| {
        let (first, last) = (question.period.first, question.period.last);
        let asked = format!("{}&from={first}&to={last}", office_query(it.office));
        let address = |figure: WorkFigure| {
            opens.then(|| format!("/evaluation/steps?{asked}&figure={}", figure.as_str()))
        };
        RateRow {
            name: office_name(shell, &it.name, it.office),
            note: None,
            address: Some(format!("/evaluation/people?{asked}")),
            cells: work_cells(shell, posts, &it.figures, address),
        }
    };
    Ok(Shown {
        compared: None,
        heads: work_rates(posts).iter().map(|rate: &Rate<WorkFigure>| rate_label(shell, rate.name)).collect(),
        total: Vec::new(),
        rows: offices.iter().map(row).collect(),
    })
}

fn grouping(by: By) -> Grouping {
    if by == By::Organization { Grouping::Organization } else { Grouping::Area }
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
    [("evaluation-this-month", month), ("evaluation-last-month", month.before())]
        .map(|(label, period)| {
            let it = Question { area: question.area.clone(), period, by: question.by };
            (shell.t.say(label), it.address("/evaluation"), period == question.period)
        })
        .into()
}

/// What the rows may be; those of posts for who may see the work of posts.
fn groupings(
    ctx: &Ctx,
    shell: &Shell,
    question: &Question,
    area: &area::Area,
) -> Vec<(String, String, bool)> {
    let may_see_posts = evaluation::may_see_posts(ctx, &area.path);
    let shown = By::ALL.into_iter().filter(|by| by.posts().is_none() || may_see_posts);
    let chip = |by: By| {
        let it = Question { area: question.area.clone(), period: question.period, by };
        let label = shell.t.say(&format!("evaluation-by-{}", by.as_str()));
        (label, it.address("/evaluation"), by == question.by)
    };
    shown.map(chip).collect()
}

async fn csv(visitor: Visitor, PageQuery(query): PageQuery<EvaluationQuery>) -> Response {
    visitor.page(move |ctx, shell| figures_table(ctx, &shell, &query)?.csv()).await
}

async fn xlsx(visitor: Visitor, PageQuery(query): PageQuery<EvaluationQuery>) -> Response {
    visitor.page(move |ctx, shell| figures_table(ctx, &shell, &query)?.xlsx(&shell)).await
}

fn figures_table(ctx: &Ctx, shell: &Shell, query: &EvaluationQuery) -> Result<Table, Refusal> {
    ctx.person()?;
    let Question { area, period, by } = asked(ctx, query)?;
    let it = area::get(ctx, &area, None)?;
    match by.posts() {
        None => {
            let found = evaluation::evaluate(ctx, &area, period, grouping(by))?;
            Ok(table::of_cases(ctx, shell, &it, period, &found))
        }
        Some(posts) => {
            let offices = evaluation::of_offices(ctx, &area, period, posts)?;
            Ok(table::of_work(ctx, shell, &it, period, (posts, &offices)))
        }
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
    adjusted: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "evaluation/cases.html")]
pub struct CasesPage {
    pub shell: Shell,
    pub title: String,
    pub about: String,
    pub back: String,
    pub listed: Listed,
}

async fn cases(visitor: Visitor, PageQuery(query): PageQuery<CasesQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let (period, figure) = (Period::parse(&query.from, &query.to)?, figure(&query.figure)?);
            let organization: Option<Id<Organization>> = match query.organization.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| Refusal::NotFound)?),
            };
            let adjusted = query.adjusted == "yes";
            let window = Window::parse(Some(CASES), Some(&query.cursor))?;
            let behind = Behind { area: &query.area, period, figure, organization, adjusted };
            let found = evaluation::cases(ctx, &behind, &window)?;
            let count = shell.t.number(evaluation::count(ctx, &behind)?);
            let area = area::get(ctx, &query.area, None)?;
            let mut about = vec![AreaNames::of(ctx, std::iter::once(&area.path))?.line(&area.path)];
            if let Some(body) = organization {
                about.extend(ctx.read(|tx| organization::name(tx, body))?);
            }
            about.push(period_words(&shell, period));
            about.extend(adjusted.then(|| shell.t.say("evaluation-adjusted")));
            let by = if organization.is_some() { By::Organization } else { By::Area };
            let next = found.next.map(|cursor| {
                let body = organization.map(|body| format!("&organization={body}")).unwrap_or_default();
                let adjusted = if adjusted { "&adjusted=yes" } else { "" };
                let (area, from, to) = (&query.area, period.first, period.last);
                let (figure, cursor) = (figure.as_str(), cursor.encode());
                format!(
                    "/evaluation/cases?area={area}&from={from}&to={to}&figure={figure}{body}{adjusted}&cursor={cursor}"
                )
            });
            let page = CasesPage {
                title: shell.t.with2("evaluation-listed", ("figure", figure_label(&shell, figure)), ("count", count)),
                about: about.join(" · "),
                back: Question { area: query.area.clone(), period, by }.address("/evaluation"),
                listed: listed(ctx, &shell, &found.items, next)?,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// The list behind a figure.
pub fn listed(
    ctx: &Ctx,
    shell: &Shell,
    cases: &[domain::case::Case],
    next: Option<String>,
) -> Result<Listed, Refusal> {
    let words = |id: &str| shell.t.say(id);
    Ok(Listed::new(rows(ctx, shell, cases)?, next, words("evaluation-none"), words("evaluation-none-help")))
}

pub fn period_words(shell: &Shell, period: Period) -> String {
    let (first, last) = (period.first.to_string(), period.last.to_string());
    shell.t.with2("evaluation-period", ("from", first.as_str()), ("to", last.as_str()))
}
