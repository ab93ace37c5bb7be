//! Lists of cases: what each person has to do next, and the records behind every number.

mod figures;
mod sieve;
mod today;

use std::collections::BTreeSet;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal, Window, area, calendar,
    case::{self, Filter, Lens, Status},
    organization, supervision,
};
use kernel::{AreaPath, Id, Organization, Role};
use serde::Deserialize;

use super::view::{AreaNames, Row, rows};
use crate::{
    sent::{PageQuery, lead_on},
    shell::{self, Shell},
    visitor::Visitor,
};

use figures::Figures;
pub use sieve::all;
pub use today::today;

const ROWS: i64 = 30;

/// A list with its filters.
#[derive(Template)]
#[template(path = "case/list.html")]
struct ListPage {
    shell: Shell,
    /// Path of the page, also where a search goes.
    path: &'static str,
    title: String,
    about: String,
    doors: Vec<Door>,
    /// Areas or bodies to choose from, when a person serves several.
    offices: Vec<Chip>,
    chips: Vec<Chip>,
    /// Further conditions that are in force, each with the address without it.
    conditions: Vec<Chip>,
    areas: Vec<AreaRow>,
    listed: Listed,
    q: String,
    may_refresh: bool,
    /// A year that is near and whose holidays nobody has entered, for those who dispatch and lead.
    missing_year: Option<i16>,
}

/// A page of cases, and what stands there if there are none.
pub struct Listed {
    pub rows: Vec<Row>,
    /// Address of the next page.
    pub next: Option<String>,
    pub empty: Empty,
}

pub struct Empty {
    pub title: String,
    pub text: String,
    /// Words and address of where to look instead.
    pub other: Option<(String, String)>,
}

impl Listed {
    pub fn new(rows: Vec<Row>, next: Option<String>, title: String, text: String) -> Self {
        Self { rows, next, empty: Empty { title, text, other: None } }
    }
}

struct Door {
    /// `bad` or nothing
    kind: &'static str,
    number: String,
    label: String,
    address: String,
}

struct Chip {
    label: String,
    count: Option<String>,
    address: String,
    is_current: bool,
}

struct AreaRow {
    code: String,
    name: String,
    open: String,
    overdue: i64,
}

#[derive(Deserialize, Default)]
pub struct ListQuery {
    #[serde(default)]
    area: String,
    #[serde(default)]
    organization: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    overdue: String,
    #[serde(default)]
    returned: String,
    #[serde(default)]
    reopened: String,
    #[serde(default)]
    closed_since: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    cursor: String,
}

/// The mildest level of supervision.
fn usual_level(ctx: &Ctx) -> String {
    ctx.city.supervision.levels.first().map(|it| it.id.clone()).unwrap_or_default()
}

/// The areas that a person serves in one of these roles, each once.
fn areas_of(ctx: &Ctx, roles: &[Role]) -> Vec<AreaPath> {
    let posts = ctx.actor.appointments.iter().filter(|it| roles.contains(&it.role));
    let all: BTreeSet<&AreaPath> = posts.map(|it| &it.area).collect();
    let is_inside = |path: &AreaPath| all.iter().any(|it| *it != path && path.is_within(it));
    all.iter().filter(|path| !is_inside(path)).map(|path| (*path).clone()).collect()
}

/// Stages, with their labels, that wait for one of these roles.
fn stages_for<'a>(ctx: &'a Ctx, roles: &[Role]) -> Vec<&'a case::Stage> {
    let stages = ctx.city.procedures.iter().flat_map(|it| &it.stages);
    let waits = |stage: &&case::Stage| {
        stage.end.is_none()
            && stage.transitions.iter().any(|it| it.advance.roles.iter().any(|role| roles.contains(role)))
    };
    let mut seen = BTreeSet::new();
    stages.filter(waits).filter(|stage| seen.insert(&stage.id)).collect()
}

fn open() -> Filter {
    Filter { status: Some(Status::Open), ..Filter::default() }
}

fn open_at(stage: &str) -> Filter {
    Filter { stage: Some(stage.to_owned()), ..open() }
}

fn label(stage: &case::Stage, shell: &Shell) -> String {
    case::words(&stage.label, shell.language()).to_owned()
}

/// What was typed into a list's search: a case's number. One case is opened, several are listed.
fn search(ctx: &Ctx, q: &str) -> Result<(Vec<case::Case>, Option<Response>), Refusal> {
    let found = if q.len() <= 40 { case::find_by_number(ctx, q)? } else { Vec::new() };
    let only = match found.as_slice() {
        [case] => Some(lead_on(&format!("/cases/{}", case.id), "/")),
        _ => None,
    };
    Ok((found, only))
}

/// One way to look at a list.
struct Choice {
    /// What it is called in the address.
    show: String,
    label: String,
    filter: Filter,
    empty: &'static str,
}

impl Choice {
    fn new(shell: &Shell, show: &str, label: &str, filter: Filter, empty: &'static str) -> Self {
        Self { show: show.into(), label: shell.t.say(label), filter, empty }
    }
}

fn stage_choices(ctx: &Ctx, shell: &Shell, roles: &[Role]) -> Vec<Choice> {
    let choice = |stage: &case::Stage| Choice {
        show: stage.id.clone(),
        label: label(stage, shell),
        filter: open_at(&stage.id),
        empty: "empty-waiting",
    };
    stages_for(ctx, roles).into_iter().map(choice).collect()
}

/// What a list page needs to know to be made.
struct Desk {
    path: &'static str,
    title: String,
    about: String,
    /// Name and value of the parameter that keeps the chosen office, `&area=…`.
    office: String,
    offices: Vec<Chip>,
    lens: Lens,
    choices: Vec<Choice>,
}

impl Desk {
    fn address(&self, show: &str) -> String {
        format!("{}?show={show}{}", self.path, self.office)
    }

    fn page(self, ctx: &Ctx, shell: Shell, query: &ListQuery) -> Result<Response, Refusal> {
        let q = query.q.trim().to_owned();
        let figures = Figures::of(ctx, &shell, &self)?;
        // Stages of procedures at which nothing waits are no choice, unless they were asked for.
        let is_empty = |it: &Choice| it.filter.stage.is_some() && figures.tally.of(&it.filter) == Some(0);
        let mut open: Vec<&Choice> =
            self.choices.iter().filter(|it| it.show == query.show || !is_empty(it)).collect();
        if open.is_empty() {
            open.extend(&self.choices);
        }
        let chosen = *open.iter().find(|it| it.show == query.show).unwrap_or(&open[0]);
        let (cases, next) = if q.is_empty() {
            let window = Window::parse(Some(ROWS), Some(&query.cursor))?;
            let page = case::list(ctx, &self.lens, &chosen.filter, &window)?;
            let next =
                page.next.map(|cursor| format!("{}&cursor={}", self.address(&chosen.show), cursor.encode()));
            (page.items, next)
        } else {
            match search(ctx, &q)? {
                (_, Some(response)) => return Ok(response),
                (found, None) => (found, None),
            }
        };
        let chip = |it: &&Choice| Chip {
            label: it.label.clone(),
            count: figures.tally.of(&it.filter).map(|count| shell.t.number(count)),
            address: self.address(&it.show),
            is_current: q.is_empty() && it.show == chosen.show,
        };
        let chips = open.iter().map(chip).collect();
        let empty = empty(&shell, chosen, &q, self.path);
        let mut rows = rows(ctx, &shell, &cases)?;
        if chosen.filter.overdue && self.path == "/supervise" {
            for (row, case) in rows.iter_mut().zip(&cases) {
                let may_order = supervision::desk(ctx, case.id)?.may_order;
                row.supervise = may_order.then(|| (ctx.id::<()>().to_string(), usual_level(ctx)));
            }
        }
        let page = ListPage {
            path: self.path,
            title: self.title.clone(),
            about: self.about.clone(),
            doors: figures.doors,
            chips,
            conditions: Vec::new(),
            areas: figures.areas,
            listed: Listed { rows, next, empty },
            may_refresh: q.is_empty() && query.cursor.is_empty(),
            q: q.chars().take(40).collect(),
            missing_year: match self.path {
                "/board" | "/supervise" => calendar::missing(ctx)?,
                _ => None,
            },
            offices: self.offices,
            shell,
        };
        shell::html(StatusCode::OK, &page)
    }
}

fn empty(shell: &Shell, chosen: &Choice, q: &str, path: &str) -> Empty {
    if q.is_empty() {
        let text = shell.t.say(&format!("{}-help", chosen.empty));
        return Empty { title: shell.t.say(chosen.empty), text, other: None };
    }
    Empty {
        title: shell.t.say("empty-search"),
        text: shell.t.say("empty-search-help"),
        other: Some((shell.t.say("list-back"), path.to_owned())),
    }
}

/// A desk over the areas that somebody serves in `role`.
fn area_desk(
    ctx: &Ctx,
    shell: &Shell,
    query: &ListQuery,
    role: Role,
    path: &'static str,
    title: &str,
) -> Result<Desk, Refusal> {
    ctx.person()?;
    let areas = areas_of(ctx, &[role]);
    let Some(first) = areas.first() else { return Err(Refusal::Denied) };
    let chosen = match query.area.as_str() {
        "" => first.clone(),
        code => area::get(ctx, code, None)?.path,
    };
    let names = AreaNames::of(ctx, areas.iter().chain([&chosen]))?;
    let mut offices: Vec<Chip> = Vec::new();
    if areas.len() > 1 || chosen != *first {
        offices.extend(areas.iter().map(|it| Chip {
            label: names.line(it),
            count: None,
            address: format!("{path}?area={}", it.code()),
            is_current: *it == chosen,
        }));
    }
    Ok(Desk {
        path,
        title: shell.t.say(title),
        about: names.line(&chosen),
        office: if query.area.is_empty() { String::new() } else { format!("&area={}", chosen.code()) },
        offices,
        lens: Lens::Subtree(chosen),
        choices: Vec::new(),
    })
}

/// What waits to be sent on in the dispatcher's area.
pub async fn board(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let mut desk = area_desk(ctx, &shell, &query, Role::Dispatcher, "/board", "board-title")?;
            desk.choices = stage_choices(ctx, &shell, &[Role::Dispatcher]);
            desk.choices.extend(troubled(&shell));
            desk.page(ctx, shell, &query)
        })
        .await
}

/// What is late, what was given back or opened again, and all that is open.
fn troubled(shell: &Shell) -> [Choice; 4] {
    let late = Filter { overdue: true, ..open() };
    let returned = Filter { returned: true, ..open() };
    let reopened = Filter { reopened: true, ..open() };
    [
        Choice::new(shell, "overdue", "chip-overdue", late, "empty-overdue"),
        Choice::new(shell, "returned", "chip-returned", returned, "empty-returned"),
        Choice::new(shell, "reopened", "chip-reopened", reopened, "empty-reopened"),
        Choice::new(shell, "open", "chip-open", open(), "empty-open"),
    ]
}

/// What is late or was given back in the leader's area.
pub async fn supervise(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let mut desk = area_desk(ctx, &shell, &query, Role::Leader, "/supervise", "supervise-title")?;
            desk.choices = stage_choices(ctx, &shell, &[Role::Leader]);
            desk.choices.extend(troubled(&shell));
            desk.page(ctx, shell, &query)
        })
        .await
}

/// What a handler's body has to handle, and what it has handled.
pub async fn work(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let posts = ctx.actor.appointments.iter().filter(|it| it.role == Role::Handler);
            let bodies: BTreeSet<_> = posts.map(|it| it.organization).collect();
            let chosen = query.organization.parse().ok().filter(|id| bodies.contains(id));
            let Some(body) = chosen.or_else(|| bodies.first().copied()) else { return Err(Refusal::Denied) };
            let all: Vec<_> = bodies.iter().copied().collect();
            let names = ctx.read(|tx| organization::names(tx, &all))?;
            let name = |id: &Id<Organization>| names.get(id).cloned().unwrap_or_default();
            let chip = |id: &Id<Organization>| Chip {
                label: name(id),
                count: None,
                address: format!("/work?organization={id}"),
                is_current: *id == body,
            };
            let mut choices = stage_choices(ctx, &shell, &[Role::Handler]);
            choices.extend([
                Choice::new(
                    &shell,
                    "overdue",
                    "chip-overdue",
                    Filter { overdue: true, ..open() },
                    "empty-overdue",
                ),
                Choice::new(&shell, "open", "chip-open-mine", open(), "empty-open"),
                Choice::new(&shell, "handled", "chip-handled", Filter::default(), "empty-handled"),
            ]);
            let desk = Desk {
                path: "/work",
                title: shell.t.say("work-title"),
                about: name(&body),
                office: chosen.map_or_else(String::new, |id| format!("&organization={id}")),
                offices: if bodies.len() > 1 { all.iter().map(chip).collect() } else { Vec::new() },
                lens: Lens::Organization(body),
                choices,
            };
            desk.page(ctx, shell, &query)
        })
        .await
}
