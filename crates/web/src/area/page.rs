//! Pages of the tree: one area, a list, a search.

use askama::Template;
use axum::{Router, http::StatusCode, response::Response, routing::get};
use domain::{Ctx, Message, Refusal, Window, area};
use kernel::{Tier, Timestamp};
use serde::Deserialize;

use super::view::{AreaPage, kind_word};
use crate::{
    app::Shared,
    sent::{PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

/// Areas found by one search.
const FOUND_MAX: usize = 50;
/// Areas in one list.
const LISTED: usize = 50;

pub fn routes() -> Router<Shared> {
    Router::new().route("/areas", get(root)).route("/areas/{code}", get(one))
}

#[derive(Template)]
#[template(path = "area/list.html")]
struct ListPage {
    shell: Shell,
    title: String,
    /// What was searched for.
    q: String,
    is_search: bool,
    areas: Vec<Listed>,
    total: i64,
    /// Address of the next page.
    next: Option<String>,
}

struct Listed {
    area: area::Area,
    kind: String,
}

#[derive(Deserialize)]
struct RootQuery {
    #[serde(default)]
    q: String,
    tier: Option<String>,
    within: Option<String>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct OneQuery {
    #[serde(default)]
    as_of: String,
    cursor: Option<String>,
}

/// The root of the tree, or what was searched or listed in it.
async fn root(visitor: Visitor, PageQuery(query): PageQuery<RootQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let shell = in_territory(shell);
            if !query.q.trim().is_empty() {
                return search(ctx, shell, query.q.trim());
            }
            if query.tier.is_some() || query.within.is_some() {
                return list(ctx, shell, &query);
            }
            let roots = roots(ctx)?;
            if let [root] = roots.as_slice() {
                let page =
                    AreaPage::now(ctx, shell, root.clone(), &Window::parse(None, query.cursor.as_deref())?)?;
                return shell::html(StatusCode::OK, &page);
            }
            let (title, total) = (shell.t.say("areas-title"), roots.len() as i64);
            let page = ListPage::new(shell, title, String::new(), roots, total);
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// The uppermost areas: provinces in nationwide data, else cities.
fn roots(ctx: &Ctx) -> Result<Vec<area::Area>, Refusal> {
    for tier in [Tier::Province, Tier::City] {
        let filter = area::Filter { tier: Some(tier), ..Default::default() };
        let (page, _) = area::list(ctx, &filter, &Window::first(LISTED))?;
        if !page.items.is_empty() {
            return Ok(page.items);
        }
    }
    Ok(Vec::new())
}

/// Every page below `/areas` stands in this part of the navigation.
fn in_territory(mut shell: Shell) -> Shell {
    for link in &mut shell.links {
        link.current = link.address == "/areas";
    }
    shell
}

fn search(ctx: &Ctx, shell: Shell, q: &str) -> Result<Response, Refusal> {
    let found = area::search(ctx, q, FOUND_MAX)?;
    let (title, total) = (shell.t.with("areas-found", "text", shown(q)), found.len() as i64);
    let page = ListPage { is_search: true, ..ListPage::new(shell, title, q.to_owned(), found, total) };
    shell::html(StatusCode::OK, &page)
}

/// A search text as a title can bear it.
fn shown(q: &str) -> String {
    let short: String = q.chars().filter(|it| !it.is_control()).take(40).collect();
    // In quotes, so that what is a number is not shown as a count.
    format!("“{short}”")
}

/// All areas of a tier in an area: what a count opens.
fn list(ctx: &Ctx, shell: Shell, query: &RootQuery) -> Result<Response, Refusal> {
    let tier = match query.tier.as_deref() {
        None => None,
        Some(text) => {
            Some(Tier::parse(text).ok_or_else(|| Refusal::invalid("tier", Message::new("fault-choice")))?)
        }
    };
    let within = query.within.clone().unwrap_or_default();
    let filter = area::Filter { tier, code_prefix: Some(within.clone()), ..Default::default() };
    let window = Window::parse(Some(LISTED as i64), query.cursor.as_deref())?;
    let (page, total) = area::list(ctx, &filter, &window)?;
    let tier_word = tier
        .map_or_else(|| shell.t.say("areas-title"), |tier| shell.t.say(&format!("areas-{}", tier.as_str())));
    let title = match area::get(ctx, &within, None) {
        Ok(area) => shell.t.with2("areas-of", ("place", &area.name), ("tier", &tier_word)),
        Err(Refusal::NotFound) => tier_word,
        Err(refusal) => return Err(refusal),
    };
    let next = page.next.map(|cursor| {
        let tier = tier.map(|tier| format!("&tier={}", tier.as_str())).unwrap_or_default();
        format!("/areas?within={within}{tier}&cursor={}", cursor.encode())
    });
    shell::html(
        StatusCode::OK,
        &ListPage { next, ..ListPage::new(shell, title, String::new(), page.items, total) },
    )
}

impl ListPage {
    fn new(shell: Shell, title: String, q: String, areas: Vec<area::Area>, total: i64) -> Self {
        let listed = |area: area::Area| Listed { kind: kind_word(&shell.t, area.tier, area.kind), area };
        let areas = areas.into_iter().map(listed).collect();
        Self { shell, title, q, is_search: false, areas, total, next: None }
    }
}

/// One area, now or as of a date.
async fn one(
    visitor: Visitor,
    PagePath(code): PagePath<String>,
    PageQuery(query): PageQuery<OneQuery>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let shell = in_territory(shell);
            let window = Window::parse(None, query.cursor.as_deref())?;
            let text = query.as_of.trim();
            if text.is_empty() {
                return match area::get(ctx, &code, None) {
                    Ok(area) => shell::html(StatusCode::OK, &AreaPage::now(ctx, shell, area, &window)?),
                    Err(Refusal::NotFound) => {
                        shell::html(StatusCode::OK, &AreaPage::ended(ctx, shell, &code, &window)?)
                    }
                    Err(refusal) => Err(refusal),
                };
            }
            match Timestamp::parse(text) {
                Some(at) => shell::html(StatusCode::OK, &AreaPage::then(ctx, shell, &code, at, &window)?),
                None => {
                    let area = area::get(ctx, &code, None)?;
                    let page = AreaPage::now(ctx, shell, area, &window)?.with_bad_date(text);
                    shell::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
                }
            }
        })
        .await
}
