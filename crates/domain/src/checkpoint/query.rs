use kernel::{AreaPath, Checkpoint as CheckpointName, Id};
use policy::{Action, Resource};
use uuid::Uuid;

use super::{
    action::visible,
    model::{
        ACCEPTED, Checkpoint, DAY_HOURS, Device, HOUR_SECONDS, Hour, Listed, SILENT_SECONDS, Tone, tone,
    },
    store as rows,
};
use crate::{Ctx, Cursor, Page, Refusal, Window};

/// Hours that are shown of one.
const HOURS_SHOWN: i64 = 7 * DAY_HOURS;

/// The checkpoints in an area and below it that stand, or ended not long ago; those with silent devices first.
pub fn list(ctx: &Ctx, path: &AreaPath, window: &Window) -> Result<Page<Listed>, Refusal> {
    ctx.person()?;
    ctx.must(Action::CheckpointRead, Resource::Area { path })?;
    let after = match &window.after {
        None => (-1, String::new(), Uuid::nil()),
        Some(cursor) => (cursor.part(0)?, cursor.part::<AreaPath>(1)?.to_string(), cursor.part(2)?),
    };
    let asked = rows::Asked {
        path,
        now: ctx.now,
        ended_after: ctx.now.plus_seconds(-HOURS_SHOWN * HOUR_SECONDS),
        silent_before: ctx.now.plus_seconds(-SILENT_SECONDS),
        since_hour: now_hour(ctx) - DAY_HOURS,
    };
    let found = ctx.read(|tx| Ok::<_, Refusal>(rows::within(tx, &asked, &after, window.rows())?))?;
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
        let mut hours: Vec<Hour> = Vec::new();
        for count in rows::counts_since(tx, &checkpoint, now_hour(ctx) - HOURS_SHOWN)? {
            if hours.last().is_none_or(|it| it.hour != count.hour) {
                hours.push(Hour { hour: count.hour, ..Hour::default() });
            }
            let Some(hour) = hours.last_mut() else { continue };
            match tone(&count.outcome) {
                Tone::Green => hour.green += count.looks,
                Tone::Red => hour.red += count.looks,
                Tone::Yellow => hour.yellow += count.looks,
            }
            if count.outcome != ACCEPTED {
                hour.reasons.push((count.outcome, count.looks));
            }
        }
        let may_administer = ctx.may(Action::CheckpointAdminister, Resource::Area { path: &checkpoint.path });
        Ok(Detail { checkpoint, devices, hours, may_administer })
    })
}

/// Whether the actor may open checkpoints in the area of one of their posts.
pub fn may_open_somewhere(ctx: &Ctx) -> bool {
    area_of_post(ctx, Action::CheckpointAdminister).is_some()
}

/// The area of the first of the actor's posts in which they may see checkpoints.
pub fn own_area(ctx: &Ctx) -> Option<&AreaPath> {
    area_of_post(ctx, Action::CheckpointRead)
}

fn area_of_post<'c>(ctx: &'c Ctx, action: Action<'_>) -> Option<&'c AreaPath> {
    let areas = ctx.actor.appointments.iter().map(|it| &it.area);
    areas.into_iter().find(|path| ctx.may(action, Resource::Area { path }))
}

fn now_hour(ctx: &Ctx) -> i64 {
    ctx.now.micros().div_euclid(HOUR_SECONDS * 1_000_000)
}
