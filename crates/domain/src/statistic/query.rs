use std::collections::{BTreeMap, btree_map::Entry};

use kernel::{AreaPath, Timestamp};
use policy::{Action, Resource};
use store::Tx;

use super::{
    definition::Indicator,
    model::{Figure, Record, Source, State},
    period::Period,
    sight::{Sight, all_time, span_of},
    store as rows,
};
use crate::{Ctx, Cursor, Message, Page, Refusal, Window, area};

/// Areas right below one that a table has rows for.
const CHILDREN_MAX: usize = 2_000;
/// Sources that are named beside a figure.
const SETS_MAX: i64 = 3;

/// All figures of an area.
#[derive(Clone, Debug)]
pub struct Overview {
    pub area: area::Place,
    /// The area above: code and name.
    pub above: Option<(String, String)>,
    /// In the order of their definitions.
    pub figures: Vec<Figure>,
}

/// A figure with those of the areas below.
#[derive(Clone, Debug)]
pub struct Breakdown {
    pub area: area::Place,
    /// The areas above, root first: code and name.
    pub above: Vec<(String, String)>,
    pub total: Figure,
    pub parts: Vec<Part>,
    /// What was reported of the area itself, where that is anything.
    pub own: Option<Figure>,
    /// The sources that brought the latest records of the area and below, by element.
    pub sources: Vec<Source>,
}

#[derive(Clone, Debug)]
pub struct Part {
    pub code: String,
    pub name: String,
    /// It is no longer part of the tree.
    pub is_ended: bool,
    pub figure: Figure,
}

/// All figures of an area; as they were known at `as_of`, for those who may see records.
pub fn figures(ctx: &Ctx, code: &str, as_of: Option<Timestamp>) -> Result<Overview, Refusal> {
    ctx.read(|tx| {
        let place = seen(tx, ctx, code, as_of)?;
        let mut sight = Sight::new(ctx, as_of);
        let definitions = &ctx.city.statistic;
        let all = definitions.indicators.iter().map(|it| sight.figure(tx, it, &place.path));
        let figures = all.collect::<Result<_, _>>()?;
        let above = match place.path.parent() {
            Some(path) => area::name(tx, path.code())?.map(|name| (path.code().to_owned(), name)),
            None => None,
        };
        Ok(Overview { area: place, above, figures })
    })
}

/// One figure of an area.
pub fn figure(ctx: &Ctx, code: &str, indicator: &str, as_of: Option<Timestamp>) -> Result<Figure, Refusal> {
    let indicator = ctx.city.statistic.indicator(indicator).ok_or(Refusal::NotFound)?;
    ctx.read(|tx| {
        let place = seen(tx, ctx, code, as_of)?;
        Sight::new(ctx, as_of).figure(tx, indicator, &place.path)
    })
}

/// One figure of an area and of each right below it.
pub fn breakdown(
    ctx: &Ctx,
    code: &str,
    indicator: &str,
    as_of: Option<Timestamp>,
) -> Result<Breakdown, Refusal> {
    let indicator = ctx.city.statistic.indicator(indicator).ok_or(Refusal::NotFound)?;
    ctx.read(|tx| {
        let place = seen(tx, ctx, code, as_of)?;
        let mut sight = Sight::new(ctx, as_of);
        let total = sight.figure(tx, indicator, &place.path)?;
        let of: Vec<_> = indicator.elements().iter().map(|it| (it.0, indicator.period)).collect();
        let names = below(tx, (ctx, &mut sight), &of, &place)?;
        let mut parts = Vec::with_capacity(names.len());
        for (path, (name, is_ended)) in names {
            let figure = sight.figure(tx, indicator, &path)?;
            // That an ended area stands in the list would say that anybody was reported of it.
            if !is_ended || matches!(figure.value, State::Value(_)) {
                parts.push(Part { code: path.code().to_owned(), name, is_ended, figure });
            }
        }
        let own = sight.own_figure(tx, indicator, &place.path)?;
        let above = above(tx, &place)?;
        let mut sources = Vec::new();
        // Where a figure is hidden, so is whether and when anything came.
        if total.value != State::Hidden {
            add_sources(tx, (ctx, &mut sight), indicator, &place.path, &mut sources)?;
        }
        Ok(Breakdown { area: place, above, total, parts, own, sources })
    })
}

/// The areas right below one with their names, and those that have ended, which keep what was reported of them in elements and
/// periods.
pub fn below(
    tx: &mut Tx<'_>,
    (ctx, sight): (&Ctx, &mut Sight<'_>),
    of: &[(&str, Option<Period>)],
    place: &area::Place,
) -> Result<BTreeMap<AreaPath, (String, bool)>, Refusal> {
    let mut names: BTreeMap<AreaPath, (String, bool)> = BTreeMap::new();
    for it in area::children_of(tx, place.id, CHILDREN_MAX)? {
        names.insert(it.path, (it.name, false));
    }
    for (element, period) in of {
        let Some(element) = ctx.city.statistic.element(element) else { continue };
        let Some(span) = sight.span(tx, element, *period, &place.path)? else { continue };
        for (path, _) in rows::children(tx, &element.code, &place.path, &span)? {
            if let Entry::Vacant(it) = names.entry(path) {
                let code = it.key().code().to_owned();
                let is_ended = area::place(tx, &code)?.is_none();
                it.insert((area::name(tx, &code)?.unwrap_or(code), is_ended));
            }
        }
    }
    Ok(names)
}

/// The areas above one, root first: code and name.
pub fn above(tx: &mut Tx<'_>, place: &area::Place) -> Result<Vec<(String, String)>, Refusal> {
    let mut above = Vec::new();
    for code in place.path.codes().filter(|it| *it != place.code) {
        above.push((code.to_owned(), area::name(tx, code)?.unwrap_or_else(|| code.to_owned())));
    }
    Ok(above)
}

/// The latest sources that brought what a figure is made of.
pub fn add_sources(
    tx: &mut Tx<'_>,
    (ctx, sight): (&Ctx, &mut Sight<'_>),
    indicator: &Indicator,
    path: &AreaPath,
    sources: &mut Vec<Source>,
) -> Result<(), Refusal> {
    for (element, _) in indicator.elements() {
        let Some(element) = ctx.city.statistic.element(element) else { continue };
        let Some(span) = sight.span(tx, element, indicator.period, path)? else { continue };
        for set in rows::sets(tx, (&element.code, sight.as_of), path, &span, SETS_MAX)? {
            if !sources.contains(&set) {
                sources.push(set);
            }
        }
    }
    Ok(())
}

/// What records are asked for.
#[derive(Clone, Copy, Debug)]
pub struct RecordsOf<'a> {
    pub element: &'a str,
    /// Code of an area, with all below it.
    pub area: &'a str,
    pub period: Option<Period>,
}

/// The records behind a figure with all their revisions, by area and period.
pub fn records(ctx: &Ctx, of: &RecordsOf<'_>, window: &Window) -> Result<Page<Record>, Refusal> {
    let element = ctx.city.statistic.element(of.element).ok_or(Refusal::NotFound)?;
    let after = match &window.after {
        None => ([String::new(), String::new(), String::new()], 0),
        Some(it) => ([it.part(0)?, it.part(1)?, it.part(2)?], it.part(3)?),
    };
    let asked = || Refusal::invalid("period", Message::new("fault-statistic-period"));
    let span = match of.period {
        None => all_time(),
        Some(period) => span_of(period, element.period).ok_or_else(asked)?,
    };
    let found = ctx.read(|tx| {
        let place = area::last(tx, of.area)?.ok_or(Refusal::NotFound)?;
        ctx.must(Action::StatisticReadRecords, Resource::Area { path: &place.path })?;
        let after = (&after.0, after.1);
        Ok(rows::within(tx, &element.code, &place.path, &span, after, window.rows())?)
    })?;
    let key = |it: &Record| {
        Cursor::new([it.path.to_string(), it.period.clone(), it.reference.clone(), it.revision.to_string()])
    };
    Ok(window.page(found, key))
}

/// Whether the actor may see the records of an area, and its small counts of persons.
pub fn may_read_records(ctx: &Ctx, path: &AreaPath) -> bool {
    ctx.may(Action::StatisticReadRecords, Resource::Area { path })
}

/// The area that is asked about, in force or ended. What was known at a moment is for those who may see records: two moments that follow
/// each other give away what came in between.
pub fn seen(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    code: &str,
    as_of: Option<Timestamp>,
) -> Result<area::Place, Refusal> {
    let place = area::last(tx, code)?.ok_or(Refusal::NotFound)?;
    let resource = Resource::Area { path: &place.path };
    if ctx.actor != policy::Actor::system() {
        ctx.must_see(Action::StatisticRead, resource)?;
        if as_of.is_some() {
            ctx.must(Action::StatisticReadRecords, resource)?;
        }
    }
    Ok(place)
}
