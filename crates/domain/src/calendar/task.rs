//! What calendars demand by the clock alone: telling that a year is missing. Counting deadlines again is the cases'.

use std::sync::Arc;

use kernel::{Role, Tier};
use store::{StoreError, Tx};

use super::{model::Change, query, store as rows};
use crate::{
    City, Ctx, Refusal, Window, area,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Seconds after which offices are told again.
const WARN_AGAIN_SECONDS: i64 = 7 * 86_400;
/// Who is told in the city, and in each of its counties.
const ROLES: [Role; 3] = [Role::Dispatcher, Role::Commander, Role::Administrator];
/// Counties of the city, at most.
const COUNTIES_MAX: usize = 200;
/// A transaction that began before a year was entered and ends after it may still set a deadline by the old days: so
/// many seconds deadlines are counted again.
const SETTLE_SECONDS: i64 = 60;

/// Tells the offices that dispatch and command, once a week, that a year's holidays are not entered. Returns the year.
pub fn warn(ctx: &Ctx) -> Result<Option<i16>, Refusal> {
    let Some(year) = query::missing(ctx)? else { return Ok(None) };
    let counties = area::list(
        ctx,
        &area::Filter { tier: Some(Tier::County), ..area::Filter::default() },
        &Window::first(COUNTIES_MAX),
    )?;
    ctx.write(|tx| {
        let again = ctx.now.plus_seconds(-WARN_AGAIN_SECONDS);
        if rows::warned(tx, year)?.is_some_and(|at| at > again) {
            return Ok(None);
        }
        let city = area::city(tx)?;
        let mut offices: Vec<_> = Vec::new();
        let paths = city.iter().map(|it| &it.path).chain(counties.0.items.iter().map(|it| &it.path));
        for path in paths {
            for office in organization::nearest_offices(tx, &ROLES, path, ctx.now)? {
                if !offices.contains(&office) {
                    offices.push(office);
                }
            }
        }
        let Some(city) = city else { return Ok(None) };
        for office in &offices {
            let recipient = Recipient::Office(office);
            notice::announce(tx, ctx, city.id, recipient, NoticeKind::CalendarMissing, &year.to_string())?;
        }
        rows::warn(tx, year, ctx.now)?;
        Ok(Some(year))
    })
}

/// Years by which deadlines have to be counted again, in the order in which they were entered.
pub fn unsettled(ctx: &Ctx) -> Result<Vec<Change>, Refusal> {
    ctx.read(|tx| Ok(rows::unsettled(tx)?))
}

/// All that was due in the year has been counted again; done for good once no transaction can know the old days.
pub fn settled(ctx: &Ctx, change: &Change) -> Result<(), Refusal> {
    if ctx.now.seconds_since(change.at) < SETTLE_SECONDS {
        return Ok(());
    }
    ctx.write(|tx| Ok(rows::settle(tx, change, ctx.now)?))
}

/// Goes through things that are due in years which were entered since, by id: `find` gives those of a year behind one of
/// them, and `recount` says whether one was moved. One that cannot be read holds up none of those behind it. Returns how
/// many were moved; done again it moves none. The cases' own recount, which says of a year that all is done, comes after.
pub fn recount_each<T: Copy + std::fmt::Debug>(
    city: &Arc<City>,
    find: impl Fn(&mut Tx<'_>, &Change, Option<T>) -> Result<Vec<T>, StoreError>,
    recount: impl Fn(&Ctx, T, &Change) -> Result<bool, Refusal>,
) -> Result<u64, Refusal> {
    let mut moved = 0;
    for change in unsettled(&Ctx::system(city.clone()))? {
        let mut after = None;
        loop {
            let batch = Ctx::system(city.clone()).read(|tx| Ok(find(tx, &change, after)?))?;
            let Some(last) = batch.last() else { break };
            after = Some(*last);
            for it in batch {
                match recount(&Ctx::system(city.clone()), it, &change) {
                    Ok(has_moved) => moved += u64::from(has_moved),
                    Err(refusal) if refusal.is_of_one() => {
                        tracing::error!(?it, %refusal, "a deadline was not counted again");
                    }
                    Err(refusal) => return Err(refusal),
                }
            }
        }
    }
    Ok(moved)
}
