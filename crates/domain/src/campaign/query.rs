//! How campaigns stand, cut to what the actor may see.

use std::{cmp::Reverse, collections::BTreeSet};

use kernel::{AreaPath, Campaign as CampaignName, Id, Tier, Timestamp, limits};
use policy::{Action, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    answer,
    model::{Audience, Campaign, Counts, Mine, Progress, Round, Show, Unit},
    rule,
    store::{self as rows, Scope},
};
use crate::{Ctx, Cursor, Message, Page, Refusal, Window, area, journal};

/// Rounds of reminders that are listed.
const ROUNDS_LISTED: i64 = 20;
/// Units read at a time for a file.
const FILE_BATCH: i64 = 1_000;

/// The campaign, to whoever may see how it stands anywhere.
pub(super) fn seen(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CampaignName>) -> Result<Campaign, Refusal> {
    let campaign = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
    look(ctx, &campaign).map(|_| campaign).ok_or(Refusal::NotFound)
}

/// The widest area in which the actor may see how a campaign stands.
fn look(ctx: &Ctx, campaign: &Campaign) -> Option<AreaPath> {
    let may = |path: &AreaPath| ctx.may(Action::CampaignRead, Resource::Area { path });
    if ctx.actor.system || may(&campaign.path) {
        return Some(campaign.path.clone());
    }
    let own = ctx.actor.appointments.iter().map(|it| &it.area);
    own.filter(|it| it.is_within(&campaign.path) && may(it)).min_by_key(|it| it.as_str().len()).cloned()
}

/// Whether the actor may see how a campaign stands anywhere.
pub fn is_seen(ctx: &Ctx, campaign: &Campaign) -> bool {
    look(ctx, campaign).is_some()
}

/// The area that is meant by a code, or the widest; what the actor may not see is not there.
fn place(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    id: Id<CampaignName>,
    code: Option<&str>,
) -> Result<(Campaign, AreaPath), Refusal> {
    let campaign = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let widest = look(ctx, &campaign).ok_or(Refusal::NotFound)?;
    let path = match code {
        None => widest,
        Some(code) => {
            let place = area::place(tx, code)?.filter(|it| it.path.is_within(&campaign.path));
            place.ok_or(Refusal::NotFound)?.path
        }
    };
    if !ctx.actor.system {
        ctx.must_see(Action::CampaignRead, Resource::Area { path: &path })?;
    }
    Ok((campaign, path))
}

/// A campaign with the id of its form.
pub fn get(ctx: &Ctx, id: Id<CampaignName>) -> Result<(Campaign, String), Refusal> {
    ctx.read(|tx| {
        let campaign = seen(tx, ctx, id)?;
        let form_id = rows::form_id(tx, campaign.form)?.ok_or(Refusal::NotFound)?;
        Ok((campaign, form_id))
    })
}

/// Campaigns with the ids of their forms, latest due first.
pub fn list(ctx: &Ctx, window: &Window) -> Result<Page<(Campaign, String)>, Refusal> {
    ctx.person()?;
    let after = match &window.after {
        None => (Timestamp::from_micros(i64::MAX), Id::from_uuid(Uuid::max())),
        Some(cursor) => (Timestamp::from_micros(cursor.part(0)?), cursor.part(1)?),
    };
    let areas: BTreeSet<&AreaPath> = ctx.actor.appointments.iter().map(|it| &it.area).collect();
    let areas: Vec<_> = areas.into_iter().filter(|it| may_see(ctx, it)).collect();
    let mut found = ctx.read(|tx| {
        let mut found = Vec::new();
        for area in &areas {
            found.extend(rows::list(tx, area, after, window.rows())?);
        }
        Ok::<_, Refusal>(found)
    })?;
    // What lies around several of their areas is found in each.
    found.sort_by_key(|(it, _)| Reverse((it.due, it.id)));
    found.dedup_by_key(|(it, _)| it.id);
    found.truncate(window.rows() as usize);
    Ok(window.page(found, |(it, _)| Cursor::new([it.due.micros().to_string(), it.id.to_string()])))
}

/// How a campaign stands in the area with this code, or in the widest that the actor may see.
pub fn progress(ctx: &Ctx, id: Id<CampaignName>, code: Option<&str>) -> Result<Progress, Refusal> {
    ctx.read(|tx| {
        let (campaign, path) = place(tx, ctx, id, code)?;
        let form_id = rows::form_id(tx, campaign.form)?.ok_or(Refusal::NotFound)?;
        let scope = Scope::new(tx, &campaign, &path, ctx.now)?;
        let below = below(&campaign, &path);
        let lines = rows::counts(tx, &scope, path.as_str().len() + below.map_or(0, |it| it + 1))?;
        let mut counts = Counts::default();
        lines.iter().for_each(|it| counts.add(&it.counts));
        let lines = if below.is_some() { lines } else { Vec::new() };
        Ok(Progress { campaign, form_id, path, counts, lines })
    })
}

/// Characters of the codes right below an area, by which its figures are told apart; none where the units stand there.
fn below(campaign: &Campaign, path: &AreaPath) -> Option<usize> {
    let child = Tier::of_code(path.code()).and_then(|it| Tier::from_number(it.number() + 1))?;
    let is_above = match campaign.audience {
        Audience::Areas { tier, .. } => child < tier,
        // People work down to the grid, whose codes have no one length.
        Audience::Holders { .. } => child <= Tier::Community,
    };
    let chars = match child {
        Tier::County => 6,
        Tier::Township => 9,
        Tier::Community => 12,
        _ => return None,
    };
    is_above.then_some(chars)
}

/// Those who are asked in an area, along the tree, and how each has answered.
pub fn units(
    ctx: &Ctx,
    id: Id<CampaignName>,
    code: Option<&str>,
    show: Show,
    window: &Window,
) -> Result<Page<Unit>, Refusal> {
    let after = match &window.after {
        None => (String::new(), Uuid::nil()),
        Some(cursor) => (cursor.part::<AreaPath>(0)?.to_string(), cursor.part(1)?),
    };
    let found = ctx.read(|tx| {
        let (campaign, path) = place(tx, ctx, id, code)?;
        let scope = Scope::new(tx, &campaign, &path, ctx.now)?;
        Ok(rows::units(tx, &scope, show, &after, window.rows())?)
    })?;
    Ok(window.page(found, |it| Cursor::new([it.path.to_string(), it.id.to_string()])))
}

/// Hands all who are asked in an area to `work`, some at a time. That the list left the house is on record.
pub fn units_of_csv(
    ctx: &Ctx,
    id: Id<CampaignName>,
    code: Option<&str>,
    work: &mut dyn FnMut(&[Unit]) -> Result<(), Refusal>,
) -> Result<Campaign, Refusal> {
    let (campaign, path) = ctx.write(|tx| {
        let (campaign, path) = place(tx, ctx, id, code)?;
        let entry = super::action::entry("campaign.download", &campaign);
        journal::record(tx, ctx, &entry.with("area", path.code()))?;
        Ok((campaign, path))
    })?;
    let mut after = (String::new(), Uuid::nil());
    loop {
        let found = ctx.read(|tx| {
            let scope = Scope::new(tx, &campaign, &path, ctx.now)?;
            Ok(rows::units(tx, &scope, Show::All, &after, FILE_BATCH)?)
        })?;
        work(&found)?;
        match found.last() {
            Some(last) if found.len() as i64 == FILE_BATCH => after = (last.path.to_string(), last.id),
            _ => return Ok(campaign),
        }
    }
}

/// The latest rounds of reminders of a campaign, in areas that the actor may see.
pub fn rounds(ctx: &Ctx, id: Id<CampaignName>) -> Result<Vec<Round>, Refusal> {
    ctx.read(|tx| {
        let campaign = seen(tx, ctx, id)?;
        let widest = look(ctx, &campaign).ok_or(Refusal::NotFound)?;
        Ok(rows::rounds(tx, id, &widest, ROUNDS_LISTED)?)
    })
}

/// What is asked of the actor and of the units that they answer for, first due first; what is answered stands there until
/// the campaign ends, and behind it what has to be mended of those that have.
pub fn mine(ctx: &Ctx) -> Result<Vec<Mine>, Refusal> {
    ctx.person()?;
    if ctx.actor.appointments.is_empty() {
        return Ok(Vec::new());
    }
    ctx.read(|tx| {
        let mut mine = Vec::new();
        for (campaign, form_id) in rows::open(tx, ctx.now, None, limits::CAMPAIGNS_OPEN_MAX)? {
            for unit in answer::own(tx, ctx, &campaign)? {
                mine.push(Mine { campaign: campaign.clone(), form_id: form_id.clone(), unit });
            }
        }
        mine.extend(answer::to_mend(tx, ctx)?);
        Ok(mine)
    })
}

/// Whether the actor may read what a unit answered.
pub fn may_read(ctx: &Ctx, campaign: &Campaign, unit: &Unit) -> bool {
    let facts = answer::facts_of(campaign, unit);
    unit.record.is_some() && ctx.may(Action::AnswerRead, Resource::Answer(&facts))
}

/// Whether the actor may see how campaigns stand in an area.
pub fn may_see(ctx: &Ctx, path: &AreaPath) -> bool {
    ctx.may(Action::CampaignRead, Resource::Area { path })
}

/// What the actor may do about a campaign in an area: remind those who are silent there, and end the whole.
pub fn may(ctx: &Ctx, campaign: &Campaign, path: &AreaPath) -> (bool, bool) {
    let may = |action, path| ctx.may(action, Resource::Area { path });
    let is_open = campaign.state == super::State::Open;
    let remind = campaign.is_running(ctx.now) && may(Action::CampaignRemind, path);
    (remind, is_open && may(Action::CampaignEnd, &campaign.path))
}

/// The area of the actor's first office that may send campaigns.
pub fn sending_area(ctx: &Ctx) -> Option<AreaPath> {
    let own = ctx.actor.appointments.iter().map(|it| &it.area);
    own.into_iter().find(|path| ctx.may(Action::CampaignSend, Resource::Area { path })).cloned()
}

/// Refuses while a campaign asks a form, and says which.
pub fn must_not_ask(tx: &mut Tx<'_>, ctx: &Ctx, form: Id<kernel::Form>) -> Result<(), Refusal> {
    match rows::open_title(tx, form, ctx.now)? {
        None => Ok(()),
        Some(title) => Err(Refusal::Conflict(Message::new("conflict-form-asked").with("title", title))),
    }
}

/// Whom the actor may ask: those who could answer.
pub fn audiences(ctx: &Ctx) -> Vec<Audience> {
    let can_answer = |it: &Audience| match (*it, sending_area(ctx)) {
        (Audience::Holders { role }, Some(area)) => rule::can_answer(&ctx.city.policy, role, &area),
        _ => true,
    };
    Audience::all().into_iter().filter(can_answer).collect()
}

/// Whether there can be a campaign whose standing the actor may see.
pub fn sees_any(ctx: &Ctx) -> bool {
    let mut own = ctx.actor.appointments.iter().map(|it| &it.area);
    own.any(|path| ctx.may(Action::CampaignRead, Resource::Area { path }))
}

/// Of a record, the campaign that asked for it and until when it can be changed.
pub fn record_line(ctx: &Ctx, unit: &crate::form::Unit) -> Result<Option<Campaign>, Refusal> {
    ctx.read(|tx| Ok(rows::load(tx, unit.campaign)?))
}
