//! The first page, and the answer to addresses that are none.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{
    Ctx, Refusal, Window, area,
    case::{self, Counts, Filter, Lens},
    resident,
};
use kernel::{Tier, limits};

use crate::{
    app::Shared,
    case::view::{AreaNames, Loop, Row, rows},
    sent::lead_on,
    shell::{self, Shell},
    visitor::Visitor,
};

/// Own reports shown on the first page.
const MINE_ROWS: usize = 10;

pub fn routes() -> Router<Shared> {
    Router::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    shell: Shell,
    city: Option<Unit>,
    counties: Vec<Unit>,
    /// Figures, for those who may see them.
    counts: Option<Counts>,
    closed_days: i64,
    steps: Loop,
    /// What each step of the loop means.
    explained: Vec<(String, String)>,
    mine: Option<Mine>,
}

struct Unit {
    code: String,
    name: String,
}

/// What is a resident's own.
struct Mine {
    rows: Vec<Row>,
    more: bool,
    /// The grid of their home.
    grid: Option<(String, String)>,
}

/// Who works here is led to their work; everybody else is told what can be done here.
async fn home(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, shell| {
            let landing = shell::landing(ctx);
            if landing != "/" {
                return Ok(lead_on(landing, "/areas"));
            }
            let city = city(ctx)?;
            let (counties, counts) = match &city {
                Some(city) => (counties(ctx, &city.code)?, counts(ctx, &city.code)?),
                None => (Vec::new(), None),
            };
            let page = HomePage {
                city,
                counties,
                counts,
                closed_days: case::CLOSED_DAYS,
                steps: Loop::whole(&shell.t),
                explained: (1..=7)
                    .map(|step| {
                        (shell.t.say(&format!("loop-{step}")), shell.t.say(&format!("home-step-{step}")))
                    })
                    .collect(),
                mine: mine(ctx, &shell)?,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

fn city(ctx: &Ctx) -> Result<Option<Unit>, Refusal> {
    let filter = area::Filter { tier: Some(Tier::City), ..area::Filter::default() };
    let found = area::list(ctx, &filter, &Window::first(1))?.0.items.into_iter().next();
    Ok(found.map(|it| Unit { code: it.code, name: it.name }))
}

fn counties(ctx: &Ctx, city: &str) -> Result<Vec<Unit>, Refusal> {
    let found = area::children(ctx, city, None, &Window::first(limits::PAGE_ROWS_MAX))?.items;
    Ok(found.into_iter().map(|it| Unit { code: it.code, name: it.name }).collect())
}

fn counts(ctx: &Ctx, city: &str) -> Result<Option<Counts>, Refusal> {
    match case::counts(ctx, city) {
        Ok(counts) => Ok(Some(counts)),
        Err(Refusal::Denied | Refusal::SignIn | Refusal::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

fn mine(ctx: &Ctx, shell: &Shell) -> Result<Option<Mine>, Refusal> {
    let Some(person) = ctx.signed_in.as_ref().map(|it| it.person) else { return Ok(None) };
    let page = case::list(ctx, &Lens::Mine, &Filter::default(), &Window::first(MINE_ROWS))?;
    let home = ctx.read(|tx| resident::home_of(tx, person))?.map(|(_, path)| path);
    let names = AreaNames::of(ctx, home.iter())?;
    let grid = home.map(|path| (path.code().to_owned(), names.line(&path)));
    Ok(Some(Mine { rows: rows(ctx, shell, &page.items)?, more: page.next.is_some(), grid }))
}

pub async fn no_such_page(visitor: Visitor) -> Response {
    visitor.page(|_, _| Err(Refusal::NotFound)).await
}

/// For an address that does not open that way; axum adds the `Allow` header.
pub async fn no_such_method(visitor: Visitor) -> Response {
    visitor
        .page(|_, shell| {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            shell::html(status, &shell::told(shell, status, "method"))
        })
        .await
}
