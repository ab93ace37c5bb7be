//! Reminding those who are silent: by an office, and by the clock.

use kernel::{AreaPath, Campaign as CampaignName, Id, limits};
use policy::{Action, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    action, answer,
    model::{Audience, Campaign, Round, RoundKind, Unit},
    query, rule,
    store::{self as rows, Scope},
};
use crate::{
    Ctx, Message, Refusal, area, form, journal,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Units that are told in one transaction.
const BATCH: i64 = 250;

/// Reminds all who are silent in the area with this code, or the one unit there that the key names. Who was told within
/// `limits::CAMPAIGN_REMINDER_HOURS` is left in peace.
pub fn remind(ctx: &Ctx, id: Id<CampaignName>, code: &str, unit: Option<Uuid>) -> Result<Round, Refusal> {
    let round = ctx.write(|tx| {
        let campaign = query::seen(tx, ctx, id)?;
        let place = area::place(tx, code)?.filter(|it| it.path.is_within(&campaign.path));
        let path = place.ok_or(Refusal::NotFound)?.path;
        ctx.must_see(Action::CampaignRead, Resource::Area { path: &path })?;
        ctx.must(Action::CampaignRemind, Resource::Area { path: &path })?;
        if !campaign.is_running(ctx.now) {
            return Err(Refusal::conflict("conflict-campaign-not-running"));
        }
        let unit = match unit {
            None => None,
            Some(key) => {
                let scope = Scope::new(tx, &campaign, &path, ctx.now)?;
                Some(answer::unit(tx, &scope, key)?.ok_or(Refusal::NotFound)?)
            }
        };
        if let Some(unit) = &unit {
            if unit.record.is_some() {
                return Err(Refusal::conflict("conflict-campaign-not-silent"));
            }
            if unit.reminded_at.is_some_and(|at| at > rule::told_since(ctx.now)) {
                let message = Message::new("conflict-campaign-reminded");
                return Err(Refusal::Conflict(message.with("hours", limits::CAMPAIGN_REMINDER_HOURS)));
            }
        }
        begin(tx, ctx, &campaign, RoundKind::Hand, &path, unit.map(|it| it.id))
    })?;
    carry_out(ctx, (round.campaign, round.id))
}

/// Enters a round, which the clock carries out to its end whatever happens here.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    campaign: &Campaign,
    kind: RoundKind,
    path: &AreaPath,
    unit: Option<Uuid>,
) -> Result<Round, Refusal> {
    let (role, organization) = ctx.office();
    let role = if ctx.actor.system { "" } else { role.as_str() };
    let round = Round {
        county: campaign.county,
        id: ctx.id(),
        campaign: campaign.id,
        kind,
        path: path.clone(),
        unit,
        begun_at: ctx.now,
        begun_by: ctx.actor.person,
        role: role.to_owned(),
        organization,
        after: Uuid::nil(),
        units: 0,
        vacant: 0,
        skipped: 0,
        done_at: None,
    };
    rows::insert_round(tx, &round)?;
    let entry = action::entry("campaign.remind", campaign).with("kind", kind.as_str());
    journal::record(tx, ctx, &entry.with("area", path.code()))?;
    Ok(round)
}

type Place = (Id<CampaignName>, Id<kernel::CampaignRound>);

/// Carries a round out to its end, a batch a transaction. Whoever else does the same goes on where it stands.
pub(super) fn carry_out(ctx: &Ctx, at: Place) -> Result<Round, Refusal> {
    loop {
        let round = ctx.write(|tx| {
            let round = rows::round(tx, at)?.ok_or(Refusal::NotFound)?;
            if round.done_at.is_some() { Ok(round) } else { batch(tx, ctx, round) }
        })?;
        if round.done_at.is_some() {
            return Ok(round);
        }
    }
}

fn batch(tx: &mut Tx<'_>, ctx: &Ctx, round: Round) -> Result<Round, Refusal> {
    let campaign = rows::load(tx, round.campaign)?.ok_or(Refusal::NotFound)?;
    let before = round.after;
    let scope = Scope::new(tx, &campaign, &round.path, ctx.now)?;
    // Nobody is reminded of what has ended.
    let units = match (campaign.is_running(ctx.now), round.unit) {
        (true, None) => rows::silent(tx, &scope, round.after, BATCH)?,
        (true, Some(unit)) => {
            rows::one(tx, &scope, unit)?.into_iter().filter(|it| it.record.is_none()).collect()
        }
        (false, _) => Vec::new(),
    };
    let is_last = round.unit.is_some() || (units.len() as i64) < BATCH;
    let mut next = round;
    for unit in &units {
        next.after = unit.id;
        tell(tx, ctx, &campaign, &mut next, unit)?;
    }
    if is_last {
        next.done_at = Some(ctx.now);
    }
    rows::save_round(tx, before, &next)?;
    Ok(next)
}

/// Tells those who answer for a unit, unless they were told shortly before or nobody holds such an office.
fn tell(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    campaign: &Campaign,
    round: &mut Round,
    unit: &Unit,
) -> Result<(), Refusal> {
    if unit.reminded_at.is_some_and(|at| at > rule::told_since(ctx.now)) {
        round.skipped += 1;
        return Ok(());
    }
    let kind = match round.kind {
        RoundKind::Start => NoticeKind::CampaignAsked,
        RoundKind::Due => NoticeKind::CampaignDue,
        RoundKind::Before | RoundKind::Hand | RoundKind::Close => NoticeKind::CampaignReminded,
    };
    let detail = format!("{} · {}", campaign.title, campaign.due.plus_seconds(-1).civil().date());
    let told = tell_unit(tx, ctx, campaign, (unit.id, &unit.path), kind, &detail)?;
    if told == 0 {
        round.vacant += 1;
        return Ok(());
    }
    rows::insert_reminder(tx, round, (unit.id, unit.reminders + 1), ctx.now, told)?;
    round.units += 1;
    Ok(())
}

/// Tells the person who is asked, or the offices that answer for the area. How many were told.
fn tell_unit(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    campaign: &Campaign,
    (unit, path): (Uuid, &AreaPath),
    kind: NoticeKind,
    detail: &str,
) -> Result<i64, Refusal> {
    if let Audience::Holders { .. } = campaign.audience {
        let person = Recipient::Person(Id::from_uuid(unit));
        notice::announce(tx, ctx, campaign.county, person, kind, detail)?;
        return Ok(1);
    }
    let roles = rule::speakers(&ctx.city.policy, path);
    let offices = organization::offices_at(tx, &roles, path, ctx.now)?;
    for office in &offices {
        notice::announce(tx, ctx, campaign.county, Recipient::Office(office), kind, detail)?;
    }
    Ok(offices.len() as i64)
}

/// Tells those who have to mend it that the record of a unit was given back. Whether there is anybody.
pub fn tell_returned(tx: &mut Tx<'_>, ctx: &Ctx, unit: &form::Unit, detail: &str) -> Result<bool, Refusal> {
    let campaign = rows::load(tx, unit.campaign)?.ok_or(Refusal::NotFound)?;
    Ok(tell_unit(tx, ctx, &campaign, (unit.id, &unit.path), NoticeKind::RecordReturned, detail)? > 0)
}
