//! Lists and counts. A count is the length of the list that it leads to: both are read through the same views, under
//! the same conditions, and what several views hold is counted in the first of them.

use std::{cmp::Reverse, collections::BTreeMap};

use kernel::{AreaPath, Id, Organization, Timestamp, limits};
use policy::{Action, Resource};

use super::super::{
    model::{Case, Status},
    store::{self as rows, Conditions, OpenCount, Order, View},
};
use crate::{Ctx, Cursor, Message, Page, Refusal, Window, area};

/// Closed cases are counted of so many days, today among them.
pub const CLOSED_DAYS: i64 = 30;

/// Through which right a list is seen. What the actor may not see is not in it.
#[derive(Clone, Debug)]
pub enum Lens {
    /// All that the actor may see.
    Everything,
    /// Cases in an area and below it.
    Subtree(AreaPath),
    /// Cases that a body has to handle, or (with any other status than open) was ever given.
    Organization(Id<Organization>),
    /// Cases that the actor reported.
    Mine,
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<Status>,
    pub stage: Option<String>,
    pub class: Option<String>,
    /// Of open cases alone.
    pub overdue: bool,
    pub returned: bool,
    pub reopened: bool,
    /// Of closed cases alone: those closed then or later.
    pub closed_since: Option<Timestamp>,
}

impl Filter {
    fn conditions(&self, now: Timestamp) -> Result<Conditions<'_>, Refusal> {
        if (self.overdue || self.returned || self.reopened) && self.status != Some(Status::Open) {
            return Err(Refusal::invalid("status", Message::new("fault-open-only")));
        }
        if self.closed_since.is_some() && self.status != Some(Status::Closed) {
            return Err(Refusal::invalid("status", Message::new("fault-closed-only")));
        }
        Ok(Conditions {
            status: self.status,
            stage: self.stage.as_deref(),
            class: self.class.as_deref(),
            late_at: self.overdue.then_some(now),
            returns_min: i64::from(self.returned),
            reopens_min: i64::from(self.reopened),
            closed_since: self.closed_since,
        })
    }
}

/// Open cases most urgent first, closed or void ones by when they ended, all together by when they were reported,
/// latest first.
pub fn list(ctx: &Ctx, lens: &Lens, filter: &Filter, window: &Window) -> Result<Page<Case>, Refusal> {
    let views = views(ctx, lens)?;
    let conditions = filter.conditions(ctx.now)?;
    let key = |cursor: &Cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?));
    let after = window.after.as_ref().map(key).transpose()?;
    let found = ctx.read(|tx| {
        let mut found = Vec::new();
        for view in &views {
            found.extend(rows::list(tx, view, &conditions, after, window.rows())?);
        }
        Ok(found)
    })?;
    let order = Order::of(filter.status);
    Ok(window.page(merged(found, order, views.len()), |case| {
        let (at, id) = order.key(case);
        Cursor::new([at.to_string(), id.to_string()])
    }))
}

/// Several views of the same cases become one list.
fn merged(mut found: Vec<Case>, order: Order, views: usize) -> Vec<Case> {
    if views > 1 {
        match order {
            Order::NextDue => found.sort_by_key(|case| order.key(case)),
            Order::ClosedAt | Order::ReportedAt => found.sort_by_key(|case| Reverse(order.key(case))),
        }
        found.dedup_by_key(|case| case.id);
    }
    found
}

/// The lens cut down to the actor's scope: subtrees, which are disjoint, then bodies, then the actor's own reports.
/// A lens on what the actor may not see is `NotFound`.
fn views(ctx: &Ctx, lens: &Lens) -> Result<Vec<View>, Refusal> {
    let scope = ctx.city.policy.scope(&ctx.actor, Action::CaseList);
    let views: Vec<View> = match lens {
        Lens::Everything => {
            let areas = scope.subtrees.into_iter().map(View::Subtree);
            let bodies = scope.organizations.into_iter().map(View::Owner);
            areas.chain(bodies).chain(scope.person.map(View::Reporter)).collect()
        }
        Lens::Subtree(path) if scope.covers(path) => vec![View::Subtree(path.clone())],
        Lens::Subtree(path) => {
            // What of the asked area the actor may see.
            scope.subtrees.into_iter().filter(|it| it.is_within(path)).map(View::Subtree).collect()
        }
        Lens::Organization(id) => {
            scope.organizations.into_iter().filter(|it| it == id).map(View::Owner).collect()
        }
        Lens::Mine => scope.person.into_iter().map(View::Reporter).collect(),
    };
    match (views.is_empty(), &ctx.signed_in) {
        (false, _) => Ok(views),
        (true, None) => Err(Refusal::SignIn),
        (true, Some(_)) => Err(Refusal::NotFound),
    }
}

/// Open cases, counted by the stage at which they wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub open: i64,
    pub overdue: i64,
    pub returned: i64,
    pub reopened: i64,
    stages: BTreeMap<String, i64>,
}

impl Tally {
    /// How many cases the list under `filter` holds, where that was counted: of open cases, under one condition
    /// at most and of any class.
    pub fn of(&self, filter: &Filter) -> Option<i64> {
        let Filter { status: Some(Status::Open), class: None, closed_since: None, .. } = filter else {
            return None;
        };
        match (&filter.stage, filter.overdue, filter.returned, filter.reopened) {
            (None, false, false, false) => Some(self.open),
            (Some(stage), false, false, false) => Some(self.at(stage)),
            (None, true, false, false) => Some(self.overdue),
            (None, false, true, false) => Some(self.returned),
            (None, false, false, true) => Some(self.reopened),
            _ => None,
        }
    }

    pub fn at(&self, stage: &str) -> i64 {
        self.stages.get(stage).copied().unwrap_or_default()
    }

    fn add(&mut self, count: &OpenCount) {
        self.open += count.open;
        self.overdue += count.overdue;
        self.returned += count.returned;
        self.reopened += count.reopened;
        *self.stages.entry(count.stage.clone()).or_default() += count.open;
    }
}

/// The open cases that a lens shows.
pub fn tally(ctx: &Ctx, lens: &Lens) -> Result<Tally, Refusal> {
    let views = views(ctx, lens)?;
    ctx.read(|tx| {
        let mut tally = Tally::default();
        for (index, view) in views.iter().enumerate() {
            let length = view.subtree().map_or(0, |path| path.as_str().len());
            for count in rows::count_open(tx, view, length, ctx.now)? {
                if !views[..index].iter().any(|before| before.holds(&count)) {
                    tally.add(&count);
                }
            }
        }
        Ok(tally)
    })
}

/// Cases of an area.
#[derive(Clone, Debug)]
pub struct Counts {
    pub open: Tally,
    /// Closed then or later.
    pub closed: i64,
    pub closed_since: Timestamp,
    /// Those right below, in the order of their codes.
    pub areas: Vec<AreaCount>,
}

impl Counts {
    pub fn total(&self) -> Count {
        Count { open: self.open.open, overdue: self.open.overdue, closed: self.closed }
    }
}

/// Cases in one area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaCount {
    pub code: String,
    pub name: String,
    pub count: Count,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub open: i64,
    pub overdue: i64,
    /// Closed within the last `CLOSED_DAYS` days.
    pub closed: i64,
}

/// Counts of an area and of those right below it, for those who may count there.
pub fn counts(ctx: &Ctx, code: &str) -> Result<Counts, Refusal> {
    let area = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &area.path })?;
    counts_of(ctx, &area.path, &[View::Subtree(area.path.clone())])
}

/// The same of what the actor's lists of the area show.
pub fn list_counts(ctx: &Ctx, path: &AreaPath) -> Result<Counts, Refusal> {
    let views = views(ctx, &Lens::Subtree(path.clone()))?;
    counts_of(ctx, path, &views)
}

fn counts_of(ctx: &Ctx, path: &AreaPath, views: &[View]) -> Result<Counts, Refusal> {
    let children = area::children(ctx, path.code(), None, &Window::first(limits::PAGE_ROWS_MAX))?.items;
    let subtrees = || views.iter().filter_map(View::subtree);
    // So much of a path tells all areas below apart, also where their codes differ in length.
    let paths = children.iter().map(|it| &it.path).chain(subtrees());
    let length = paths.map(|it| it.as_str().len()).max().unwrap_or_default();
    let since = closed_since(ctx.now);
    let (open, closed) = ctx.read(|tx| {
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for view in views {
            open.extend(rows::count_open(tx, view, length, ctx.now)?);
        }
        for path in subtrees() {
            closed.extend(rows::count_closed(tx, path, length, since)?);
        }
        Ok((open, closed))
    })?;
    let area =
        |it: &area::Area| AreaCount { code: it.code.clone(), name: it.name.clone(), count: Count::default() };
    let mut counts = Counts {
        open: Tally::default(),
        closed: 0,
        closed_since: since,
        areas: children.iter().map(area).collect(),
    };
    let index = |place: &str| children.iter().position(|it| place.starts_with(it.path.as_str()));
    for it in &open {
        counts.open.add(it);
        if let Some(index) = index(&it.place) {
            counts.areas[index].count.open += it.open;
            counts.areas[index].count.overdue += it.overdue;
        }
    }
    for (place, closed) in &closed {
        counts.closed += closed;
        if let Some(index) = index(place) {
            counts.areas[index].count.closed += closed;
        }
    }
    Ok(counts)
}

/// The first moment of the days of which closed cases are counted. The start of a day, so that the address of
/// their list, which names the day, means the same cases.
fn closed_since(now: Timestamp) -> Timestamp {
    let first = now.plus_seconds(-(CLOSED_DAYS - 1) * 86_400).civil().date();
    Timestamp::from_civil(first.at(0, 0, 0, 0))
}
