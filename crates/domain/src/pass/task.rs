//! What happens by the clock alone: bundles, counts of days, judging anew after a change of the rule, and the end.

use std::sync::Arc;

use kernel::{Id, Timestamp};
use pass_format::{KeyId, PublicKey, Statement};
use store::Tx;

use super::{
    action::{record, secret},
    bundle::{LATE_SECONDS, publish},
    judge,
    model::{Regime, RuleState, RuleVersion, State, broken, seconds, unavailable},
    store::{self as rows, Place},
};
use crate::{City, Ctx, Refusal, case, journal, notice, organization, resident};

/// Seconds after the end in which what a slow writer left behind is looked for.
const SWEEP_SECONDS: i64 = 86_400;
/// Holders that are judged anew in one transaction, and transactions of one round: the journal is sealed between two rounds.
const JUDGED: i64 = 100;
const JUDGED_PAGES_MAX: usize = 20;
/// Seconds after which nobody writes any more who began before a rule was in force.
const SETTLE_SECONDS: i64 = 60;

/// A round: what is over ends, what changed is judged anew, finished days are counted, and the bundle is made if it says
/// something new. A round that was missed is made up for by the next. Whether there is more to do at once.
pub fn tick(city: &Arc<City>) -> Result<bool, Refusal> {
    let ctx = Ctx::system(city.clone());
    let regimes = ctx.read(|tx| Ok::<_, Refusal>(rows::regimes_in(tx, State::InForce)?))?;
    let mut is_cut_short = false;
    for regime in &regimes {
        // One with which nothing can be done holds up none behind it: its secret may be lost.
        match look_after(&ctx, regime) {
            Ok(is_more) => is_cut_short |= is_more,
            Err(refusal) => {
                tracing::error!(regime = regime.number, %refusal, "the clock could do nothing with a regime of passes");
            }
        }
    }
    sweep(&ctx)?;
    publish(city)?;
    Ok(is_cut_short)
}

/// Whether there is more to do at once.
fn look_after(ctx: &Ctx, regime: &Regime) -> Result<bool, Refusal> {
    if regime.end <= ctx.now {
        return finish(ctx, regime).map(|()| false);
    }
    ctx.write(|tx| Ok(rows::unbind(tx, Place::from(regime), ctx.now.plus_seconds(-LATE_SECONDS))?))?;
    if regime.counted_day < ctx.now.day() - 1 {
        ctx.write(|tx| {
            let mut regime = rows::regime(tx, regime.number)?.ok_or(Refusal::NotFound)?;
            count_days(tx, ctx, &mut regime, ctx.now.day() - 1)?;
            Ok(rows::save_regime(tx, &regime)?)
        })?;
    }
    judge_anew(ctx, regime)
}

/// Says in the public log how many passes each office issued on each day up to `through`. Small numbers are left out.
fn count_days(tx: &mut Tx<'_>, ctx: &Ctx, regime: &mut Regime, through: i64) -> Result<(), Refusal> {
    let keys = rows::keys(tx, regime.number)?;
    for day in regime.counted_day + 1..=through {
        let (from, to) = (Timestamp::of_day(day), Timestamp::of_day(day + 1));
        let mut offices: Vec<(Id<kernel::Organization>, i64, i64)> = Vec::new();
        for (key, issued, revoked) in rows::given_between(tx, Place::from(&*regime), from, to)? {
            let Some(key) = keys.iter().find(|it| it.number == key) else { continue };
            match offices.iter_mut().find(|it| it.0 == key.organization) {
                Some(it) => (it.1, it.2) = (it.1 + issued, it.2 + revoked),
                None => offices.push((key.organization, issued, revoked)),
            }
        }
        for (office, issued, revoked) in offices {
            let (issued, revoked) = (resident::coarse(issued), resident::coarse(revoked));
            // An office of whose passes nothing may be said is not named.
            if issued.max(revoked).is_none_or(|it| it == 0) {
                continue;
            }
            let statement = Statement::Counts {
                regime: regime.number,
                office: &organization::name(tx, office)?.unwrap_or_default(),
                day: &from.civil().date().to_string(),
                issued: issued.map(i64::unsigned_abs),
                revoked: revoked.map(i64::unsigned_abs),
            };
            journal::state(tx, ctx, statement.to_entry())?;
        }
        regime.counted_day = day;
    }
    Ok(())
}

/// Judges again those who were judged last by a rule that was replaced; who is refused now has no pass any more. The rule is
/// settled when nobody is found and a minute has passed, since a writer that began before may still have judged by the old one.
/// Whether there are more.
fn judge_anew(ctx: &Ctx, regime: &Regime) -> Result<bool, Refusal> {
    let rules = ctx.read(|tx| Ok::<_, Refusal>(rows::rules(tx, regime.number)?))?;
    let waits = |it: &&RuleVersion| it.state == RuleState::InForce && it.settled_at.is_none();
    let Some(rule) = rules.iter().find(waits) else { return Ok(false) };
    let (secret, place) = (secret(ctx, regime)?, Place::from(regime));
    for _ in 0..JUDGED_PAGES_MAX {
        if ctx.read(|tx| Ok::<_, Refusal>(rows::judged_before(tx, place, rule.version, 1)?))?.is_empty() {
            let since = rule.decided_at.unwrap_or(rule.proposed_at);
            if ctx.now.seconds_since(since) >= SETTLE_SECONDS {
                ctx.write(|tx| Ok(rows::settle_rule(tx, regime.number, rule.version, ctx.now)?))?;
            }
            return Ok(false);
        }
        ctx.write(|tx| {
            for holder in rows::judged_before(tx, place, rule.version, JUDGED)? {
                judge::judge_anew(tx, ctx, regime, &secret, &holder, rule.version)?;
            }
            Ok(())
        })?;
    }
    Ok(true)
}

/// The end: the secret first, so that nothing can be signed or read any more; then the data, and the certificate of both,
/// in one transaction. A crash between the two is made up for by the next round.
fn finish(ctx: &Ctx, regime: &Regime) -> Result<(), Refusal> {
    ctx.city.passes.destroy(regime.number).map_err(unavailable)?;
    ctx.write(|tx| {
        let mut regime = rows::regime(tx, regime.number)?.ok_or(Refusal::NotFound)?;
        if regime.state != State::InForce {
            return Ok(());
        }
        let last_day = regime.end.day();
        count_days(tx, ctx, &mut regime, last_day)?;
        let keys = rows::keys(tx, regime.number)?;
        let mut ids = Vec::new();
        for key in &keys {
            let public = PublicKey::new(pass_format::Algorithm::Ed25519, &key.public).map_err(broken)?;
            ids.push(KeyId::new(&public.id()).map_err(broken)?);
        }
        let mut appeals = 0;
        for id in rows::appeals_of_all(tx, Place::from(&regime))? {
            appeals += u64::from(case::forget_words(tx, Id::from_uuid(id))?);
        }
        let deleted = rows::delete(tx, Place::from(&regime))?;
        let notices = notice::forget_of_regime(tx, regime.county, regime.number)?;
        let publish =
            |count: u64| resident::coarse(i64::try_from(count).unwrap_or(i64::MAX)).map(i64::unsigned_abs);
        let mut counts: Vec<(&str, Option<u64>)> =
            deleted.iter().map(|(what, count)| (*what, publish(*count))).collect();
        counts.extend([("notice", publish(notices)), ("case_file", publish(appeals))]);
        let statement = Statement::Deletion {
            regime: regime.number,
            ended_at: seconds(regime.end),
            deleted_at: seconds(ctx.now),
            keys: &ids,
            counts: &counts,
        };
        journal::state(tx, ctx, statement.to_entry())?;
        (regime.state, regime.deleted_at) = (State::Deleted, Some(ctx.now));
        rows::save_regime(tx, &regime)?;
        record(tx, ctx, &regime, "pass.delete", &[("keys", keys.len().to_string())])
    })
}

/// What a writer left that had begun before the end and was done after it.
fn sweep(ctx: &Ctx) -> Result<(), Refusal> {
    let over = ctx.read(|tx| Ok::<_, Refusal>(rows::regimes_in(tx, State::Deleted)?))?;
    let is_recent = |it: &&Regime| it.deleted_at.is_some_and(|at| ctx.now.seconds_since(at) < SWEEP_SECONDS);
    for regime in over.iter().filter(is_recent) {
        ctx.city.passes.destroy(regime.number).map_err(unavailable)?;
        ctx.write(|tx| {
            rows::delete(tx, Place::from(regime))?;
            notice::forget_of_regime(tx, regime.county, regime.number).map(drop)
        })?;
    }
    Ok(())
}
