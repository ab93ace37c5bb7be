use kernel::{AreaPath, Checkpoint as CheckpointName, Id};
use policy::{Action, Resource};

use super::{
    action::visible,
    model::{ACCEPTED, Checkpoint, DAY_HOURS, Device, HOUR_SECONDS, Hour, Listed, Tone, tone},
    store as rows,
};
use crate::{Ctx, Refusal};

/// Checkpoints that are listed: more than a city has gates.
const LISTED_MAX: i64 = 500;
/// Hours that are shown of one.
const HOURS_SHOWN: i64 = 7 * DAY_HOURS;

/// The checkpoints in an area and below it that stand, or ended not long ago; those with silent devices first.
pub fn list(ctx: &Ctx, path: &AreaPath) -> Result<Vec<Listed>, Refusal> {
    ctx.person()?;
    ctx.must(Action::CheckpointRead, Resource::Area { path })?;
    let hour = now_hour(ctx);
    ctx.read(|tx| {
        let shown_since = ctx.now.plus_seconds(-HOURS_SHOWN * HOUR_SECONDS);
        let mut listed = Vec::new();
        for checkpoint in rows::within(tx, path, shown_since, LISTED_MAX)? {
            let devices = rows::devices(tx, &checkpoint)?;
            let silent = devices.iter().filter(|it| it.is_silent(&checkpoint, ctx.now)).count();
            let devices = devices.iter().filter(|it| it.ended_at.is_none()).count();
            let looks = rows::looks_since(tx, &checkpoint, hour - DAY_HOURS)?;
            listed.push(Listed { checkpoint, devices, silent, looks });
        }
        listed
            .sort_by_key(|it| (!it.checkpoint.is_open(ctx.now), it.silent == 0, it.checkpoint.name.clone()));
        Ok(listed)
    })
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
    may_somewhere(ctx, Action::CheckpointAdminister)
}

/// Whether the actor may see those in the area of one of their posts.
pub fn may_read_somewhere(ctx: &Ctx) -> bool {
    may_somewhere(ctx, Action::CheckpointRead)
}

fn may_somewhere(ctx: &Ctx, action: Action<'_>) -> bool {
    ctx.actor.appointments.iter().any(|it| ctx.may(action, Resource::Area { path: &it.area }))
}

fn now_hour(ctx: &Ctx) -> i64 {
    ctx.now.micros().div_euclid(HOUR_SECONDS * 1_000_000)
}
