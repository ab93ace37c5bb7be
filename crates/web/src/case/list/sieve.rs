//! The general list, to which every count leads.

use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal, Window, area,
    case::{self, Filter, Lens, Status},
};
use kernel::{AreaPath, Role, Timestamp};

use super::{Chip, Empty, ListPage, ListQuery, Listed, ROWS, areas_of, label, search};
use crate::{
    case::view::{AreaNames, class_words, rows},
    request::day,
    sent::PageQuery,
    shell::{self, Shell},
    visitor::Visitor,
};

/// The records behind a number: cases by area, status, stage, class, clock.
pub async fn all(visitor: Visitor, PageQuery(query): PageQuery<ListQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            if !query.q.trim().is_empty()
                && let (_, Some(response)) = search(ctx, query.q.trim())?
            {
                return Ok(response);
            }
            let list = Sieve::new(ctx, &query)?;
            let found = match query.q.trim() {
                "" => {
                    let window = Window::parse(Some(ROWS), Some(&query.cursor))?;
                    case::list(ctx, &list.lens, &list.filter, &window)?
                }
                q => domain::Page { items: search(ctx, q)?.0, next: None },
            };
            let names = AreaNames::of(ctx, list.path.iter())?;
            let next = found.next.map(|cursor| list.address(|it| it.cursor = cursor.encode()));
            let page = ListPage {
                path: "/cases",
                title: shell.t.say("cases-title"),
                about: list.path.as_ref().map_or_else(|| shell.t.say("cases-mine"), |path| names.line(path)),
                doors: Vec::new(),
                offices: Vec::new(),
                chips: list.chips(&shell),
                conditions: list.conditions(ctx, &shell),
                areas: Vec::new(),
                listed: Listed { rows: rows(ctx, &shell, &found.items)?, next, empty: list.empty(&shell) },
                may_refresh: false,
                missing_year: None,
                q: query.q.trim().chars().take(40).collect(),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// The conditions of the general list, read from its address.
struct Sieve {
    path: Option<AreaPath>,
    lens: Lens,
    filter: Filter,
}

/// The same conditions as an address has them.
#[derive(Clone, Default)]
struct Address {
    area: String,
    status: String,
    stage: String,
    class: String,
    overdue: bool,
    returned: bool,
    reopened: bool,
    closed_since: String,
    cursor: String,
}

fn date(at: Timestamp) -> String {
    at.civil().date().to_string()
}

fn is_yes(text: &str) -> bool {
    matches!(text, "yes" | "1" | "true")
}

impl Sieve {
    fn new(ctx: &Ctx, query: &ListQuery) -> Result<Self, Refusal> {
        let staff: Vec<Role> = Role::ALL.into_iter().filter(|role| *role != Role::Handler).collect();
        let path = match query.area.as_str() {
            "" => areas_of(ctx, &staff).into_iter().next(),
            code => Some(area::get(ctx, code, None)?.path),
        };
        let handler = ctx.actor.appointments.iter().find(|it| it.role == Role::Handler);
        let lens = match (&path, handler) {
            (Some(path), _) => Lens::Subtree(path.clone()),
            (None, Some(post)) => Lens::Organization(post.organization),
            (None, None) => Lens::Mine,
        };
        let known = |stage: &str| ctx.city.procedures.iter().any(|it| it.stage(stage).is_some());
        let (overdue, returned) = (is_yes(&query.overdue), is_yes(&query.returned));
        let reopened = is_yes(&query.reopened);
        let is_open = overdue || returned || reopened;
        // Only what is open can be late, only what is closed was closed on a day.
        let since = day("closed_since", Some(&query.closed_since)).ok().flatten().filter(|_| !is_open);
        let status = match since {
            Some(_) => Some(Status::Closed),
            None if is_open => Some(Status::Open),
            None => Status::parse(&query.status),
        };
        let filter = Filter {
            status,
            stage: Some(query.stage.clone()).filter(|stage| known(stage)),
            class: Some(query.class.clone()).filter(|class| ctx.city.classes.get(class).is_some()),
            overdue,
            returned,
            reopened,
            closed_since: since,
        };
        Ok(Self { path, lens, filter })
    }

    /// The address of this list after `change`.
    fn address(&self, change: impl FnOnce(&mut Address)) -> String {
        let mut it = Address {
            area: self.path.as_ref().map(|path| path.code().to_owned()).unwrap_or_default(),
            status: self.filter.status.map_or("", Status::as_str).to_owned(),
            stage: self.filter.stage.clone().unwrap_or_default(),
            class: self.filter.class.clone().unwrap_or_default(),
            overdue: self.filter.overdue,
            returned: self.filter.returned,
            reopened: self.filter.reopened,
            closed_since: self.filter.closed_since.map_or_else(String::new, date),
            cursor: String::new(),
        };
        change(&mut it);
        let yes = |it: bool| if it { "yes" } else { "" };
        let pairs = [
            ("area", it.area.as_str()),
            ("status", &it.status),
            ("stage", &it.stage),
            ("class", &it.class),
            ("overdue", yes(it.overdue)),
            ("returned", yes(it.returned)),
            ("reopened", yes(it.reopened)),
            ("closed_since", &it.closed_since),
            ("cursor", &it.cursor),
        ];
        let pairs = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"));
        format!("/cases?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    fn chips(&self, shell: &Shell) -> Vec<Chip> {
        let marks = |filter: &Filter| [filter.overdue, filter.returned, filter.reopened];
        let chip = |label: &str, status: &str, marked: [bool; 3]| {
            let address = self.address(|it| {
                it.status = status.to_owned();
                [it.overdue, it.returned, it.reopened] = marked;
                if status != "open" {
                    it.stage.clear();
                }
                if status != "closed" {
                    it.closed_since.clear();
                }
            });
            let now = self.filter.status.map_or("", Status::as_str);
            let is_current = now == status && marks(&self.filter) == marked;
            Chip { label: shell.t.say(label), count: None, address, is_current }
        };
        vec![
            chip("chip-all", "", [false; 3]),
            chip("chip-open", "open", [false; 3]),
            chip("chip-overdue", "open", [true, false, false]),
            chip("chip-returned", "open", [false, true, false]),
            chip("chip-reopened", "open", [false, false, true]),
            chip("chip-closed", "closed", [false; 3]),
            chip("chip-void", "void", [false; 3]),
        ]
    }

    fn conditions(&self, ctx: &Ctx, shell: &Shell) -> Vec<Chip> {
        let chip = |label, address| Chip { label, count: None, address, is_current: false };
        let mut chips = Vec::new();
        if let Some(stage) = &self.filter.stage {
            let found = ctx.city.procedures.iter().find_map(|it| it.stage(stage));
            let words = found.map_or_else(|| stage.clone(), |stage| label(stage, shell));
            chips.push(chip(words, self.address(|it| it.stage.clear())));
        }
        if let Some(class) = &self.filter.class {
            chips.push(chip(class_words(ctx, shell, class), self.address(|it| it.class.clear())));
        }
        if let Some(since) = self.filter.closed_since {
            let words = shell.t.with("chip-closed-since", "date", shell.t.date(since, ctx.now));
            chips.push(chip(words, self.address(|it| it.closed_since.clear())));
        }
        chips
    }

    fn empty(&self, shell: &Shell) -> Empty {
        let id = match (self.filter.overdue, self.filter.returned, self.filter.reopened) {
            (true, ..) => "empty-overdue",
            (_, true, _) => "empty-returned",
            (.., true) => "empty-reopened",
            _ => "empty-cases",
        };
        let other = self.address(|it| *it = Address { area: it.area.clone(), ..Address::default() });
        Empty {
            title: shell.t.say(id),
            text: shell.t.say(&format!("{id}-help")),
            other: Some((shell.t.say("list-all"), other)),
        }
    }
}
