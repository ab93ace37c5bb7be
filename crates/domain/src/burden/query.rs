use kernel::AreaPath;
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{Ledger, Limit, Line, Month},
    store as rows,
};
use crate::{Ctx, Refusal, area};

/// Areas that wrote in a month of which the lines are read at once: more than a city of our size has units.
const AREAS_READ: i64 = 10_000;
/// Posts that are listed.
const POSTS_LISTED: i64 = 100;
/// Limits that are looked at around an area.
const LIMITS_READ: i64 = 1_000;

/// What the units and posts of an area have written in a month; `code` is the actor's own area if there is none.
pub fn ledger(ctx: &Ctx, code: Option<&str>, month: Month) -> Result<Ledger, Refusal> {
    ctx.read(|tx| {
        let path = match code {
            Some(code) => area::place(tx, code)?.ok_or(Refusal::NotFound)?.path,
            None => own_area(ctx).ok_or(Refusal::Denied)?.clone(),
        };
        ctx.must(Action::CampaignRead, Resource::Area { path: &path })?;
        let found = rows::of_areas(tx, month, &path, AREAS_READ)?;
        let mut total = Line::default();
        let mut areas: Vec<(AreaPath, Line, Line)> = Vec::new();
        for (of, line) in &found {
            total.add(line);
            let below = below(&path, of);
            match areas.last_mut().filter(|it| it.0 == below) {
                Some((_, sum, most)) => {
                    sum.add(line);
                    if line.questions > most.questions {
                        *most = line.clone();
                    }
                }
                None => areas.push((below, line.clone(), line.clone())),
            }
        }
        areas.sort_by(|left, right| {
            right.2.questions.cmp(&left.2.questions).then_with(|| left.0.as_str().cmp(right.0.as_str()))
        });
        let posts = rows::of_posts(tx, month, &path, POSTS_LISTED)?;
        let mut limits = limits_around(tx, &path)?;
        limits.retain(|it| path.is_within(&it.path));
        Ok(Ledger { path, total, areas, posts, is_cut: found.len() as i64 == AREAS_READ, limits })
    })
}

/// The part of `of` that stands right below `above`, or `above` itself.
fn below(above: &AreaPath, of: &AreaPath) -> AreaPath {
    of.ancestors().find(|it| it.is_within(above) && it != above).unwrap_or_else(|| above.clone())
}

/// The area whose ledger the actor is shown first.
pub fn own_area(ctx: &Ctx) -> Option<&AreaPath> {
    let own = ctx.actor.appointments.iter().map(|it| &it.area);
    let mut read = own.filter(|path| ctx.may(Action::CampaignRead, Resource::Area { path }));
    read.next()
}

pub fn may_limit(ctx: &Ctx, path: &AreaPath) -> bool {
    ctx.may(Action::BurdenLimit, Resource::Area { path })
}

/// The limits of an area, of those above it, and of those below it.
fn limits_around(tx: &mut Tx<'_>, path: &AreaPath) -> Result<Vec<Limit>, Refusal> {
    let mut limits = rows::limits_around(tx, path, LIMITS_READ)?;
    limits.retain(|it| it.forms.is_some() || it.questions.is_some());
    Ok(limits)
}

/// The limits that a campaign in an area has to keep, inside another room's transaction: of two that are sent at once one sees
/// the other.
pub fn hold_limits(tx: &mut Tx<'_>, path: &AreaPath) -> Result<Vec<Limit>, Refusal> {
    let limits = limits_around(tx, path)?;
    for it in &limits {
        rows::hold_limit(tx, it.area)?;
    }
    Ok(limits)
}
