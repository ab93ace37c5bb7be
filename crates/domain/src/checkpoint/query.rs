use std::collections::BTreeMap;

use kernel::{AreaPath, Checkpoint as CheckpointName, Id};
use policy::{Action, Resource};
use uuid::Uuid;

use super::{
    action::visible,
    batch::hour_of,
    model::{Checkpoint, DAY_HOURS, Day, Device, HOUR_SECONDS, Hour, Listed, SILENT_SECONDS},
    store as rows,
};
use crate::{Ctx, Cursor, Page, Refusal, Window, resident};

/// Hours that are shown of one.
const HOURS_SHOWN: i64 = 7 * DAY_HOURS;

/// The checkpoints in these areas, of which none is in another, that stand, or ended not long ago; those with silent devices
/// first.
pub fn list(ctx: &Ctx, areas: &[AreaPath], window: &Window) -> Result<Page<Listed>, Refusal> {
    must_read(ctx, areas)?;
    let after = match &window.after {
        None => (-1, String::new(), Uuid::nil()),
        Some(cursor) => (cursor.part(0)?, cursor.part::<AreaPath>(1)?.to_string(), cursor.part(2)?),
    };
    let asked = |path| rows::Asked {
        path,
        now: ctx.now,
        ended_after: ctx.now.plus_seconds(-HOURS_SHOWN * HOUR_SECONDS),
        silent_before: ctx.now.plus_seconds(-SILENT_SECONDS),
        since_hour: hour_of(ctx.now) - DAY_HOURS,
    };
    let mut found = ctx.read(|tx| {
        let mut found = Vec::new();
        for path in areas {
            found.extend(rows::within(tx, &asked(path), &after, window.rows())?);
        }
        Ok::<_, Refusal>(found)
    })?;
    found.sort_by_cached_key(|(it, rank)| {
        (*rank, it.checkpoint.path.as_str().to_owned(), it.checkpoint.id.uuid())
    });
    found.truncate(usize::try_from(window.rows()).unwrap_or(usize::MAX));
    let page = window.page(found, |(it, rank)| {
        let it = &it.checkpoint;
        Cursor::new([rank.to_string(), it.path.to_string(), it.id.to_string()])
    });
    Ok(Page { items: page.items.into_iter().map(|(it, _)| it).collect(), next: page.next })
}

/// One checkpoint with its devices and its hours, latest first.
#[derive(Clone, Debug)]
pub struct Detail {
    pub checkpoint: Checkpoint,
    pub devices: Vec<Device>,
    pub hours: Vec<Hour>,
    pub may_administer: bool,
}

pub fn detail(ctx: &Ctx, id: Id<CheckpointName>) -> Result<Detail, Refusal> {
    ctx.read(|tx| {
        let checkpoint = visible(tx, ctx, id)?;
        let devices = rows::devices(tx, &checkpoint)?;
        let hours = rows::hours_since(tx, &checkpoint, hour_of(ctx.now) - HOURS_SHOWN)?;
        let may_administer = ctx.may(Action::CheckpointAdminister, Resource::Area { path: &checkpoint.path });
        Ok(Detail { checkpoint, devices, hours, may_administer })
    })
}

/// Why looks of the last days came to no green, latest day first: over whole counties alone, the few not told, so that no
/// reason leads to a gate or to a person. Nothing of areas within a county.
pub fn reasons(ctx: &Ctx, areas: &[AreaPath]) -> Result<Vec<Day>, Refusal> {
    must_read(ctx, areas)?;
    let since = ctx.now.plus_seconds(-HOURS_SHOWN * HOUR_SECONDS).day();
    let mut looks: BTreeMap<(i64, String), i64> = BTreeMap::new();
    ctx.read(|tx| {
        for path in areas {
            for (day, outcome, of_area) in rows::reasons_since(tx, path, since)? {
                *looks.entry((-day, outcome)).or_default() += of_area;
            }
        }
        Ok::<_, Refusal>(())
    })?;
    let mut days: Vec<Day> = Vec::new();
    for ((before, outcome), looks) in looks {
        if days.last().is_none_or(|it| it.day != -before) {
            days.push(Day { day: -before, reasons: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.reasons.push((outcome, resident::coarse(looks)));
        }
    }
    Ok(days)
}

/// Whether the actor may open checkpoints in the area of one of their posts.
pub fn may_open_somewhere(ctx: &Ctx) -> bool {
    areas_of_posts(ctx, Action::CheckpointAdminister).next().is_some()
}

/// The areas of the actor's posts in which they may see checkpoints, none of them in another.
pub fn own_areas(ctx: &Ctx) -> Vec<AreaPath> {
    AreaPath::topmost(areas_of_posts(ctx, Action::CheckpointRead).cloned().collect())
}

fn areas_of_posts<'c>(ctx: &'c Ctx, action: Action<'c>) -> impl Iterator<Item = &'c AreaPath> {
    let areas = ctx.actor.appointments.iter().map(|it| &it.area);
    areas.filter(move |path| ctx.may(action, Resource::Area { path }))
}

fn must_read(ctx: &Ctx, areas: &[AreaPath]) -> Result<(), Refusal> {
    ctx.person()?;
    areas.iter().try_for_each(|path| ctx.must(Action::CheckpointRead, Resource::Area { path }))
}
