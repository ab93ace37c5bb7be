//! Where something is that is reported: found level by level, by a search, or around a position.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{Ctx, Refusal, Window, area, resident};
use kernel::{Role, Tier, limits};
use serde::Deserialize;

use super::{report::what, view::AreaNames};
use crate::{
    sent::PageQuery,
    shell::{self, Shell},
    visitor::Visitor,
};

/// Areas found by one search.
const FOUND_MAX: usize = 30;

#[derive(Template)]
#[template(path = "case/where.html")]
struct WherePage {
    shell: Shell,
    /// The area that is being looked into and those above it: name and address.
    line: Vec<Place>,
    /// Those right below, or those found.
    places: Vec<Place>,
    /// Where this person lives or works.
    mine: Vec<Place>,
    q: String,
    is_search: bool,
    /// What could not be found.
    fault: Option<String>,
    longitude: String,
    latitude: String,
}

/// An area to choose or to look into.
struct Place {
    name: String,
    /// What tells it from others of its name.
    above: String,
    address: String,
    /// Choosing it leads to the form.
    is_end: bool,
}

#[derive(Deserialize, Default)]
pub struct WhereQuery {
    #[serde(default)]
    area: String,
    #[serde(default)]
    within: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    pub longitude: String,
    #[serde(default)]
    pub latitude: String,
    /// Class and number of a case that is reported again.
    #[serde(default)]
    pub class: String,
    #[serde(default)]
    pub again: String,
    /// How it is to be handled, where an office chooses that.
    #[serde(default)]
    pub procedure: String,
}

impl WhereQuery {
    pub fn position(&self) -> String {
        in_address(&self.longitude, &self.latitude)
    }

    /// What goes on in the address of each place: position and procedure.
    fn carried(&self) -> String {
        let is_word = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        match !self.procedure.is_empty() && self.procedure.chars().all(is_word) {
            true => format!("{}&procedure={}", self.position(), self.procedure),
            false => self.position(),
        }
    }
}

/// Longitude and latitude as they go on in addresses; nothing where they are no numbers.
pub fn in_address(longitude: &str, latitude: &str) -> String {
    match (longitude.trim().parse::<f64>(), latitude.trim().parse::<f64>()) {
        (Ok(longitude), Ok(latitude)) if longitude.is_finite() && latitude.is_finite() => {
            format!("&longitude={longitude}&latitude={latitude}")
        }
        _ => String::new(),
    }
}

pub async fn form(visitor: Visitor, PageQuery(query): PageQuery<WhereQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            if !query.area.is_empty() {
                return match area::get(ctx, &query.area, None) {
                    Ok(area) => what(ctx, shell, &area, &query),
                    Err(Refusal::NotFound) => pick(ctx, shell, &query, Some("fault-unknown-area")),
                    Err(refusal) => Err(refusal),
                };
            }
            let is_located = query.within.is_empty() && query.q.is_empty() && !query.position().is_empty();
            match is_located {
                true => locate(ctx, shell, query),
                false => pick(ctx, shell, &query, None),
            }
        })
        .await
}

/// Looks into the area around a position, as deep as boundaries are known.
fn locate(ctx: &Ctx, shell: Shell, query: WhereQuery) -> Result<Response, Refusal> {
    let degrees = |text: &str| text.trim().parse().unwrap_or(f64::NAN);
    match area::locate(ctx, degrees(&query.longitude), degrees(&query.latitude))? {
        Some(area) => pick(ctx, shell, &WhereQuery { within: area.code, ..query }, None),
        None => pick(ctx, shell, &query, Some("where-outside")),
    }
}

/// The page on which the area is chosen, level by level or by a search.
pub fn pick(ctx: &Ctx, shell: Shell, query: &WhereQuery, fault: Option<&str>) -> Result<Response, Refusal> {
    let carried = query.carried();
    let q: String = query.q.trim().chars().take(limits::AREA_NAME_CHARS_MAX).collect();
    let is_search = !q.is_empty();
    let mut fault = fault.map(|id| shell.t.say(id));
    let within = match inside(ctx, &query.within) {
        Err(Refusal::NotFound) => {
            fault = Some(shell.t.say("fault-unknown-area"));
            inside(ctx, "")?
        }
        found => found?,
    };
    let Some(within) = within else { return Err(Refusal::NotFound) };
    let found = match is_search {
        true => area::search(ctx, &q, FOUND_MAX)?,
        false => area::children(ctx, &within.code, None, &Window::first(limits::PAGE_ROWS_MAX))?.items,
    };
    if found.is_empty() && !is_search {
        return what(ctx, shell, &within, query);
    }
    let names = AreaNames::of(ctx, found.iter().map(|it| &it.path))?;
    let place = |it: &area::Area| Place { above: above(&names, it, is_search), ..place(it, &carried) };
    let line = area::breadcrumb(ctx, &within, None)?;
    let page = WherePage {
        line: line.iter().map(|it| self::place(it, &carried)).collect(),
        places: found.iter().map(place).collect(),
        mine: if is_search || !query.within.is_empty() { Vec::new() } else { mine(ctx, &shell, &carried)? },
        q,
        is_search,
        fault,
        longitude: query.longitude.trim().chars().take(24).collect(),
        latitude: query.latitude.trim().chars().take(24).collect(),
        shell,
    };
    let status = if page.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shell::html(status, &page)
}

/// The area that is looked into; without a code the whole city.
fn inside(ctx: &Ctx, code: &str) -> Result<Option<area::Area>, Refusal> {
    if !code.is_empty() {
        return area::get(ctx, code, None).map(Some);
    }
    let filter = area::Filter { tier: Some(Tier::City), ..area::Filter::default() };
    Ok(area::list(ctx, &filter, &Window::first(1))?.0.items.into_iter().next())
}

/// A grid is chosen, anything above it is looked into.
fn place(area: &area::Area, carried: &str) -> Place {
    Place {
        name: area.name.clone(),
        above: String::new(),
        address: format!("{}{carried}", address(area)),
        is_end: is_end(area),
    }
}

/// Where an area is chosen, or looked into.
pub fn address(area: &area::Area) -> String {
    format!("/report?{}={}", if is_end(area) { "area" } else { "within" }, area.code)
}

fn is_end(area: &area::Area) -> bool {
    area.tier >= Tier::Grid
}

fn above(names: &AreaNames, area: &area::Area, is_search: bool) -> String {
    match area.path.parent().filter(|_| is_search) {
        Some(parent) => names.line(&parent),
        None => String::new(),
    }
}

/// The grid in which a resident lives, or the areas of a person's posts.
fn mine(ctx: &Ctx, shell: &Shell, carried: &str) -> Result<Vec<Place>, Refusal> {
    let Some(person) = ctx.signed_in.as_ref().map(|it| it.person) else { return Ok(Vec::new()) };
    let home = ctx.read(|tx| resident::home_of(tx, person))?.map(|(_, path)| path);
    let posts = ctx.actor.appointments.iter().filter(|it| it.role.is_grid() || it.role == Role::Acceptor);
    let mut paths: Vec<_> = posts.map(|it| (it.area.clone(), "where-my-area")).collect();
    paths.extend(home.map(|path| (path, "where-my-home")));
    let names = AreaNames::of(ctx, paths.iter().map(|(path, _)| path))?;
    let mut mine: Vec<Place> = Vec::new();
    for (path, label) in &paths {
        if let Ok(area) = area::get(ctx, path.code(), None)
            && !mine.iter().any(|it| it.address == place(&area, carried).address)
        {
            mine.push(Place { name: shell.t.say(label), above: names.line(path), ..place(&area, carried) });
        }
    }
    Ok(mine)
}
