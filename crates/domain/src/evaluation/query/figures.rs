use std::collections::{BTreeMap, BTreeSet};

use kernel::{AreaPath, Id, Organization, limits};
use policy::{Action, Resource};
use store::Tx;

use crate::{
    Ctx, Cursor, Page, Refusal, Window, area,
    case::{self, Case},
    evaluation::{
        count::Bounds,
        figure::Figure,
        model::{Comparison, Counted, Evaluation, Grouping, Period, Row},
        store::list,
        sum::{by_area, by_body, whole_of},
    },
    organization,
};

/// The figures of an area and of its parts in a period, exact at this moment.
pub fn evaluate(ctx: &Ctx, code: &str, period: Period, by: Grouping) -> Result<Evaluation, Refusal> {
    let parent = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &parent.path })?;
    let bounds = Bounds::new(period, ctx.now);
    match by {
        Grouping::Area => {
            let children = area::children(ctx, code, None, &Window::first(limits::PAGE_ROWS_MAX))?.items;
            let (counted, ended) = ctx.read(|tx| {
                let counted = by_area(tx, &bounds, &parent.path)?;
                let in_force: BTreeSet<&str> = children.iter().map(|it| it.path.as_str()).collect();
                let gone = counted.keys().filter(|path| !in_force.contains(path.as_str()));
                let ended = gone.map(|path| Ok((path.clone(), ended_name(tx, &parent, path)?)));
                Ok((counted.clone(), ended.collect::<Result<Vec<_>, Refusal>>()?))
            })?;
            let mut total = Counted::default();
            counted.values().for_each(|it| total += *it);
            Ok(evaluation(ctx, &parent, areas(&counted, &children, ended), total))
        }
        Grouping::Organization => {
            let (counted, total, names) = ctx.read(|tx| {
                let (counted, total) = by_body(tx, &bounds, &parent.path)?;
                let ids: Vec<Id<Organization>> = counted.keys().copied().flatten().collect();
                let names = organization::names(tx, &ids)?;
                Ok((counted, total, names))
            })?;
            let name = |id: Option<Id<Organization>>| id.and_then(|id| names.get(&id).cloned());
            let row = |(id, counted): (&Option<Id<Organization>>, &Counted)| Row {
                key: id.map(|id| id.to_string()).unwrap_or_default(),
                name: name(*id).unwrap_or_default(),
                in_force: false,
                counted: *counted,
            };
            let mut rows: Vec<Row> = counted.iter().map(row).collect();
            rows.sort_by(|one, other| {
                (one.key.is_empty(), &one.name, &one.key).cmp(&(
                    other.key.is_empty(),
                    &other.name,
                    &other.key,
                ))
            });
            Ok(evaluation(ctx, &parent, rows, total))
        }
    }
}

fn evaluation(ctx: &Ctx, parent: &area::Area, mut rows: Vec<Row>, total: Counted) -> Evaluation {
    // What nobody had and nothing was counted of says nothing.
    rows.retain(|row| row.in_force || row.counted != Counted::default());
    Evaluation { opens: may_open(ctx, &parent.path), total, rows }
}

/// Each child in the order of its code, with cases or without; then those that ended, and what lies in no child.
fn areas(
    counted: &BTreeMap<AreaPath, Counted>,
    children: &[area::Area],
    ended: Vec<(AreaPath, String)>,
) -> Vec<Row> {
    let row = |path: &AreaPath, name: String, in_force| Row {
        key: path.code().to_owned(),
        name,
        in_force,
        counted: counted.get(path).copied().unwrap_or_default(),
    };
    let present = children.iter().map(|it| row(&it.path, it.name.clone(), true));
    present.chain(ended.iter().map(|(path, name)| row(path, name.clone(), false))).collect()
}

/// What an area that is no longer there was called; of what lies in no part of its parent, the parent's own name.
fn ended_name(tx: &mut Tx<'_>, parent: &area::Area, path: &AreaPath) -> Result<String, Refusal> {
    if *path == parent.path {
        return Ok(parent.name.clone());
    }
    Ok(area::name(tx, path.code())?.unwrap_or_else(|| path.code().to_owned()))
}

/// The whole of the period before and of the same days a year earlier.
pub fn compare(ctx: &Ctx, code: &str, period: Period) -> Result<Comparison, Refusal> {
    let area = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &area.path })?;
    ctx.read(|tx| {
        let mut of = |period: Period| {
            Ok::<_, Refusal>((period, whole_of(tx, &Bounds::new(period, ctx.now), &area.path)?))
        };
        Ok(Comparison { before: of(period.before())?, year_before: of(period.year_before())? })
    })
}

/// Which cases a figure opens.
pub struct Behind<'a> {
    pub area: &'a str,
    pub period: Period,
    pub figure: Figure,
    pub organization: Option<Id<Organization>>,
    /// Without what decisions leave out, and with what granted appeals exempt.
    pub adjusted: bool,
}

/// How many cases the figure counts: as many as [`cases`] lists.
pub fn count(ctx: &Ctx, behind: &Behind<'_>) -> Result<i64, Refusal> {
    let area = area::get(ctx, behind.area, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &area.path })?;
    let bounds = Bounds::new(behind.period, ctx.now);
    let counted = ctx.read(|tx| match behind.organization {
        None => whole_of(tx, &bounds, &area.path),
        Some(_) => {
            let (mut of_bodies, _) = by_body(tx, &bounds, &area.path)?;
            Ok(of_bodies.remove(&behind.organization).unwrap_or_default())
        }
    })?;
    let figures = if behind.adjusted { &counted.adjusted } else { &counted.all };
    Ok(figures.get(behind.figure))
}

/// The cases that a figure counts, latest first.
pub fn cases(ctx: &Ctx, behind: &Behind<'_>, window: &Window) -> Result<Page<Case>, Refusal> {
    let area = area::get(ctx, behind.area, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &area.path })?;
    if !may_open(ctx, &area.path) {
        return Err(Refusal::Denied);
    }
    let wanted = list::Wanted {
        area: &area.path,
        bounds: Bounds::new(behind.period, ctx.now),
        figure: behind.figure,
        organization: behind.organization,
        adjusted: behind.adjusted,
    };
    let after = place(window)?;
    ctx.read(|tx| {
        let found = list::cases(tx, &wanted, after, window.rows())?;
        in_order(tx, window, found)
    })
}

/// Moment and case of the last row of the page before.
pub(super) fn place(window: &Window) -> Result<Option<(i64, Id<kernel::Case>)>, Refusal> {
    let read = |cursor: &Cursor| Ok((cursor.part(0)?, cursor.part(1)?));
    window.after.as_ref().map(read).transpose()
}

pub(super) fn in_order(
    tx: &mut Tx<'_>,
    window: &Window,
    found: Vec<(i64, Id<kernel::Case>)>,
) -> Result<Page<Case>, Refusal> {
    let page = window.page(found, |(at, id)| Cursor::new([at.to_string(), id.to_string()]));
    let ids: Vec<_> = page.items.iter().map(|(_, id)| *id).collect();
    Ok(Page { items: case::in_order(tx, &ids)?, next: page.next })
}

/// Whether the actor may ask for the figures of the area in force that bears `code`.
pub fn may_evaluate(ctx: &Ctx, code: &str) -> bool {
    let found = area::get(ctx, code, None);
    found.is_ok_and(|area| ctx.may(Action::CaseCount, Resource::Area { path: &area.path }))
}

/// Whether the actor may ask for the work of the offices of an area.
pub fn may_see_posts(ctx: &Ctx, path: &AreaPath) -> bool {
    ctx.may(Action::WorkCount, Resource::Area { path })
}

/// Whether the actor may see the cases behind the figures of an area: who may count may not always read.
pub fn may_open(ctx: &Ctx, path: &AreaPath) -> bool {
    ctx.city.policy.scope(&ctx.actor, Action::CaseList).covers(path)
}
