use std::collections::BTreeMap;

use kernel::{AreaPath, Timestamp};
use policy::{Action, Resource};
use store::Tx;

use super::{
    expression::Ratio,
    model::Record,
    period::Period,
    sight::{Sight, all_time, span_of},
    store::{self as rows, Span},
};
use crate::{Ctx, Cursor, Message, Page, Refusal, Window, area};

/// Areas right below one that a table has rows for.
const CHILDREN_MAX: usize = 2_000;
/// Data sets that are named beside a figure.
const SETS_MAX: i64 = 3;

/// An indicator's value in an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Code of the indicator.
    pub code: String,
    pub value: State,
    /// How many records it is made of; none where the value is hidden.
    pub records: i64,
    /// When the latest of them came in.
    pub latest_at: Option<Timestamp>,
    /// What it is of, in the words of periods, of its first element: one, or the first and the last.
    pub periods: Option<Span>,
    pub completeness: Option<Completeness>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Value(Ratio),
    /// Nothing was reported, or something would be divided by zero.
    None,
    /// It is, or would give away, a small count of persons.
    Hidden,
}

/// How many reports were expected, of each area that reports and each period, and how many are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completeness {
    pub expected: i64,
    pub arrived: i64,
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
    /// Name, provenance and time of the data sets that brought the latest records, by element.
    pub sources: Vec<(String, String, Timestamp)>,
}

#[derive(Clone, Debug)]
pub struct Part {
    pub code: String,
    pub name: String,
    pub figure: Figure,
}

/// All figures of an area, in the order of their definitions; as they were known at `as_of`, for those who may see records.
pub fn figures(
    ctx: &Ctx,
    code: &str,
    as_of: Option<Timestamp>,
) -> Result<(area::Place, Vec<Figure>), Refusal> {
    ctx.read(|tx| {
        let place = seen(tx, ctx, code, as_of)?;
        let mut sight = Sight::new(ctx, as_of);
        let definitions = &ctx.city.statistic;
        let all = definitions.indicators.iter().map(|it| sight.figure(tx, it, &place.path));
        Ok((place.clone(), all.collect::<Result<_, _>>()?))
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
        let mut names: BTreeMap<AreaPath, String> = BTreeMap::new();
        for it in area::children_of(tx, place.id, CHILDREN_MAX)? {
            names.insert(it.path, it.name);
        }
        // Areas that have ended keep what was reported of them.
        for (element, _) in indicator.elements() {
            let Some(element) = ctx.city.statistic.element(element) else { continue };
            let Some(span) = sight.span(tx, element, indicator.period, &place.path)? else { continue };
            for (path, _) in rows::children(tx, &element.code, &place.path, &span)? {
                let name = area::name(tx, path.code())?.unwrap_or_else(|| path.code().to_owned());
                names.entry(path).or_insert(name);
            }
        }
        let mut parts = Vec::with_capacity(names.len());
        for (path, name) in names {
            let figure = sight.figure(tx, indicator, &path)?;
            parts.push(Part { code: path.code().to_owned(), name, figure });
        }
        let own = if as_of.is_none() { sight.own_figure(tx, indicator, &place.path)? } else { None };
        let mut above = Vec::new();
        for code in place.path.codes().filter(|it| *it != place.code) {
            above.push((code.to_owned(), area::name(tx, code)?.unwrap_or_else(|| code.to_owned())));
        }
        let mut sources = Vec::new();
        for (element, _) in indicator.elements() {
            for set in rows::sets(tx, element, SETS_MAX)? {
                if !sources.contains(&set) {
                    sources.push(set);
                }
            }
        }
        Ok(Breakdown { area: place, above, total, parts, own, sources })
    })
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
        let place = area::place(tx, of.area)?.ok_or(Refusal::NotFound)?;
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

/// The area that is asked about. What was known at a moment is for those who may see records: two moments that follow
/// each other give away what came in between.
fn seen(tx: &mut Tx<'_>, ctx: &Ctx, code: &str, as_of: Option<Timestamp>) -> Result<area::Place, Refusal> {
    let place = area::place(tx, code)?.ok_or(Refusal::NotFound)?;
    let resource = Resource::Area { path: &place.path };
    if ctx.actor != policy::Actor::system() {
        ctx.must_see(Action::StatisticRead, resource)?;
        if as_of.is_some() {
            ctx.must(Action::StatisticReadRecords, resource)?;
        }
    }
    Ok(place)
}
