//! The work of the people of an office, and the steps behind a figure of it, as pages.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Refusal, Window, area,
    evaluation::{self, BehindWork, Period, PersonWork, Posts, WorkOffice},
    organization,
};
use kernel::Role;
use serde::Deserialize;

use super::{
    page::{CASES, CasesPage, listed, period_words},
    view::{
        By, Question, RateRow, office_name, office_query, rate_label, work_cells, work_label, work_rates,
    },
    work_api::{office, work_figure},
};
use crate::{
    app::Shared,
    sent::PageQuery,
    shell::{self, Shell},
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new().route("/evaluation/people", get(people)).route("/evaluation/steps", get(steps))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WorkQuery {
    organization: String,
    role: String,
    person: String,
    from: String,
    to: String,
    figure: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "evaluation/people.html")]
struct PeoplePage {
    shell: Shell,
    title: String,
    about: String,
    back: String,
    heads: Vec<String>,
    rows: Vec<RateRow>,
}

async fn people(visitor: Visitor, PageQuery(query): PageQuery<WorkQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let (period, office) = asked(&query)?;
            let found = evaluation::of_people(ctx, office, period)?;
            let (body, back) = body(ctx, office, period)?;
            let posts = posts(office);
            let row = |it: &PersonWork| {
                let (from, to) = (period.first, period.last);
                let asked = format!("{}&person={}&from={from}&to={to}", office_query(office), it.person);
                let address = |figure: evaluation::WorkFigure| {
                    Some(format!("/evaluation/steps?{asked}&figure={}", figure.as_str()))
                };
                RateRow {
                    name: it.name.clone(),
                    note: None,
                    address: None,
                    cells: work_cells(&shell, posts, &it.figures, address),
                }
            };
            let page = PeoplePage {
                title: office_name(&shell, &body, office),
                about: period_words(&shell, period),
                back,
                heads: work_rates(posts).iter().map(|rate| rate_label(&shell, rate.name)).collect(),
                rows: found.iter().map(row).collect(),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

async fn steps(visitor: Visitor, PageQuery(query): PageQuery<WorkQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let (period, office) = asked(&query)?;
            let person = match query.person.as_str() {
                "" => None,
                text => Some(text.parse().map_err(|_| Refusal::NotFound)?),
            };
            let figure = work_figure(&query.figure)?;
            let window = Window::parse(Some(CASES), Some(&query.cursor))?;
            let behind = BehindWork { office, person, period, figure };
            let found = evaluation::work_cases(ctx, &behind, &window)?;
            let (body, back) = body(ctx, office, period)?;
            let next = found.next.map(|cursor| {
                let person = person.map(|it| format!("&person={it}")).unwrap_or_default();
                let (office, figure, cursor) = (office_query(office), figure.as_str(), cursor.encode());
                let (from, to) = (period.first, period.last);
                format!(
                    "/evaluation/steps?{office}{person}&from={from}&to={to}&figure={figure}&cursor={cursor}"
                )
            });
            let page = CasesPage {
                title: work_label(&shell, figure),
                about: [office_name(&shell, &body, office), period_words(&shell, period)].join(" · "),
                back,
                listed: listed(ctx, &shell, &found.items, next)?,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

fn asked(query: &WorkQuery) -> Result<(Period, WorkOffice), Refusal> {
    let organization = query.organization.parse().map_err(|_| Refusal::NotFound)?;
    Ok((Period::parse(&query.from, &query.to)?, office(organization, Some(&query.role))?))
}

fn posts(office: WorkOffice) -> Posts {
    if office.role.is_some() { Posts::Desk } else { Posts::Grid }
}

/// Name of the body, and where its offices stand among others.
fn body(ctx: &Ctx, office: WorkOffice, period: Period) -> Result<(String, String), Refusal> {
    let body = organization::get(ctx, office.organization)?;
    let by = if office.role.is_some() { By::Post } else { By::Collector };
    let question = Question { area: body.area_path.code().to_owned(), period, by };
    let back = match evaluation::may_see_posts(ctx, &body.area_path) {
        true => question.address("/evaluation"),
        false => "/evaluation".to_owned(),
    };
    Ok((body.name, back))
}

/// Label and address of the actor's own work in each of their posts that has figures.
pub fn own(ctx: &Ctx, shell: &Shell, period: Period) -> Result<Vec<(String, String)>, Refusal> {
    let counted = [Role::Acceptor, Role::Dispatcher, Role::Leader];
    let posts = ctx.actor.appointments.iter().filter(|it| it.role.is_grid() || counted.contains(&it.role));
    let mut own: Vec<(String, String)> = Vec::new();
    for post in posts {
        let role = (!post.role.is_grid()).then_some(post.role);
        let office = WorkOffice { organization: post.organization, role };
        let body = ctx.read(|tx| organization::name(tx, post.organization))?.unwrap_or_default();
        let (from, to) = (period.first, period.last);
        let label =
            shell.t.with("evaluation-own-office", "office", office_name(shell, &body, office).as_str());
        own.push((label, format!("/evaluation/people?{}&from={from}&to={to}", office_query(office))));
    }
    own.dedup();
    Ok(own)
}

/// Whether the actor may see the cases behind figures of an area.
pub fn opens(ctx: &Ctx, code: &str) -> Result<bool, Refusal> {
    Ok(evaluation::may_open(ctx, &area::get(ctx, code, None)?.path))
}
