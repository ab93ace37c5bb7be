//! What happens by the clock alone: those who are silent are told, what is over is closed, and who asked hears when all
//! have answered.

use kernel::{Campaign as CampaignName, Id, limits};
use store::Tx;

use super::{
    action,
    model::{Campaign, RoundKind, State},
    remind, rule,
    store::{self as rows, Scope},
};
use crate::{Ctx, Refusal, journal, notice::NoticeKind};

const DAY: i64 = 86_400;

/// Campaigns and rounds looked for at once.
const BATCH: i64 = 100;

/// Does what is due at the moment of `ctx`. What comes next, and how far a round of reminders was carried out, stands in
/// rows: a run that was missed is made up by the next. One campaign with which nothing can be done holds up no other.
/// Returns how much was done.
pub fn tick(ctx: &Ctx) -> Result<u64, Refusal> {
    let mut done = 0;
    for id in ctx.read(|tx| Ok(rows::next(tx, ctx.now, BATCH)?))? {
        done += u64::from(apart(id, go_on(ctx, id))?);
    }
    for at in ctx.read(|tx| Ok(rows::open_rounds(tx, BATCH)?))? {
        done += u64::from(apart(at.0, remind::carry_out(ctx, at).map(|_| true))?);
    }
    for id in ctx.read(|tx| Ok(rows::never_complete(tx, ctx.now, limits::CAMPAIGNS_OPEN_MAX)?))? {
        done += u64::from(apart(id, complete(ctx, id))?);
    }
    Ok(done)
}

/// What is wrong with one campaign is told in the log.
fn apart(id: Id<CampaignName>, outcome: Result<bool, Refusal>) -> Result<bool, Refusal> {
    match outcome {
        Err(refusal) if refusal.is_of_one() => {
            tracing::error!(campaign = %id, %refusal, "the clock could not go on with a campaign: mend the row, and the next round goes on");
            Ok(false)
        }
        outcome => outcome,
    }
}

/// Takes the next step of a campaign's time, if it has come. A step that was missed is taken late, each in its turn.
fn go_on(ctx: &Ctx, id: Id<CampaignName>) -> Result<bool, Refusal> {
    ctx.write(|tx| {
        let campaign = rows::load(tx, id)?.filter(|it| it.state == State::Open);
        let Some(campaign) = campaign else { return Ok(false) };
        let Some((kind, _)) = campaign.next.filter(|(_, at)| *at <= ctx.now) else { return Ok(false) };
        if kind == RoundKind::Close {
            return action::ended(tx, ctx, campaign, State::Closed, "").map(|_| true);
        }
        remind::begin(tx, ctx, &campaign, kind, &campaign.path, None)?;
        rows::save(tx, &Campaign { next: rule::after(&campaign, kind), ..campaign })?;
        Ok(true)
    })
}

/// Tells the office that asked once every unit has a valid record that is not given back.
fn complete(ctx: &Ctx, id: Id<CampaignName>) -> Result<bool, Refusal> {
    // Nearly always there is nothing to write, and nobody waits for a look.
    if ctx.read(|tx| completed(tx, ctx, id))?.is_none() {
        return Ok(false);
    }
    ctx.write(|tx| {
        let Some(campaign) = completed(tx, ctx, id)? else { return Ok(false) };
        let next = Campaign { completed_at: Some(ctx.now), ..campaign };
        rows::save(tx, &next)?;
        journal::record(tx, ctx, &action::entry("campaign.complete", &next))?;
        action::tell_office(tx, ctx, &next, NoticeKind::CampaignComplete)?;
        Ok(true)
    })
}

/// The campaign, if every unit has a valid record that is not given back and nobody was told of that.
fn completed(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CampaignName>) -> Result<Option<Campaign>, Refusal> {
    let campaign = rows::load(tx, id)?.filter(|it| it.state == State::Open && it.completed_at.is_none());
    let Some(campaign) = campaign else { return Ok(None) };
    let scope = Scope::new(tx, &campaign, &campaign.path, ctx.now)?;
    let is_incomplete = rows::is_incomplete(tx, &scope)?;
    Ok((!is_incomplete).then_some(campaign))
}

/// Forgets who was reminded so long ago that nobody asks any more. Rows deleted.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    let before = ctx.now.plus_seconds(-limits::CAMPAIGN_REMINDERS_KEPT_DAYS * DAY);
    ctx.write(|tx| Ok(rows::forget(tx, before)?))
}
