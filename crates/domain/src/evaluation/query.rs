use std::collections::{BTreeMap, BTreeSet};

use kernel::{AreaPath, Id, Organization, limits};
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Evaluation, Figure, Figures, Grouping, Period, Row},
    store::{self as rows, Ground},
};
use crate::{
    Ctx, Cursor, Page, Refusal, Window, area,
    case::{self, Case},
    organization,
};

/// The figures of an area and of its parts in a period, exact at this moment.
pub fn evaluate(ctx: &Ctx, code: &str, period: Period, by: Grouping) -> Result<Evaluation, Refusal> {
    let parent = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &parent.path })?;
    let children = match by {
        Grouping::Area => area::children(ctx, code, None, &Window::first(limits::PAGE_ROWS_MAX))?.items,
        Grouping::Organization => Vec::new(),
    };
    ctx.read(|tx| {
        let ground = ground(period, &parent.path);
        let whole = length(&parent.path);
        let total = rows::by_area(tx, &ground, whole)?.remove(parent.path.as_str()).unwrap_or_default();
        let rows = match by {
            Grouping::Area => areas(tx, &ground, &children)?,
            Grouping::Organization => bodies(tx, &ground)?,
        };
        Ok(Evaluation { opens: opens(ctx, &parent.path), total, rows })
    })
}

/// Each child in the order of its code, with cases or without.
fn areas(tx: &mut Tx<'_>, ground: &Ground<'_>, children: &[area::Area]) -> Result<Vec<Row>, Refusal> {
    // Codes of one tier may differ in length: grids of two digits and of three.
    let lengths: BTreeSet<i64> = children.iter().map(|it| length(&it.path)).collect();
    let mut counted = BTreeMap::new();
    for length in lengths {
        counted.extend(rows::by_area(tx, ground, length)?);
    }
    let row = |it: &area::Area| Row {
        key: it.code.clone(),
        name: it.name.clone(),
        figures: counted.get(it.path.as_str()).copied().unwrap_or_default(),
    };
    Ok(children.iter().map(row).collect())
}

/// Each body that had a case, by name; those that none had come last.
fn bodies(tx: &mut Tx<'_>, ground: &Ground<'_>) -> Result<Vec<Row>, Refusal> {
    let counted = rows::by_organization(tx, ground)?;
    let ids: Vec<Id<Organization>> = counted.keys().copied().flatten().collect();
    let names = organization::names(tx, &ids)?;
    let row = |(id, figures): (Option<Id<Organization>>, Figures)| Row {
        key: id.map(|id| id.to_string()).unwrap_or_default(),
        name: id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
        figures,
    };
    let mut rows: Vec<Row> = counted.into_iter().map(row).collect();
    rows.sort_by(|one, other| {
        (one.key.is_empty(), &one.name, &one.key).cmp(&(other.key.is_empty(), &other.name, &other.key))
    });
    Ok(rows)
}

/// The cases that a figure counts, latest first.
pub fn cases(
    ctx: &Ctx,
    code: &str,
    period: Period,
    figure: Figure,
    organization: Option<Id<Organization>>,
    window: &Window,
) -> Result<Page<Case>, Refusal> {
    let area = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &area.path })?;
    if !opens(ctx, &area.path) {
        return Err(Refusal::Denied);
    }
    let after = window
        .after
        .as_ref()
        .map(|cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?)))
        .transpose()?;
    let page = ctx.read(|tx| {
        let found = rows::cases(tx, &ground(period, &area.path), figure, organization, after, window.rows())?;
        let page = window.page(found, |(at, id)| Cursor::new([at.to_string(), id.to_string()]));
        let ids: Vec<_> = page.items.iter().map(|(_, id)| *id).collect();
        Ok::<_, Refusal>(Page { items: case::in_order(tx, &ids)?, next: page.next })
    })?;
    Ok(page)
}

/// Whether the actor may ask for the figures of the area in force that bears `code`.
pub fn may_evaluate(ctx: &Ctx, code: &str) -> bool {
    let found = area::get(ctx, code, None);
    found.is_ok_and(|area| ctx.may(Action::CaseCount, Resource::Area { path: &area.path }))
}

/// Who may count may not always read: an auditor does not.
fn opens(ctx: &Ctx, path: &AreaPath) -> bool {
    ctx.city.policy.scope(&ctx.actor, Action::CaseList).covers(path)
}

fn ground(period: Period, path: &AreaPath) -> Ground<'_> {
    Ground { start: period.start(), end: period.end(), path }
}

fn length(path: &AreaPath) -> i64 {
    path.as_str().len() as i64
}
