//! What happens by the clock alone: bundles, counts of days, judging anew after a change of the rule, and the end.

use std::sync::Arc;

use kernel::Timestamp;
use pass_format::{Bundle, KeyId, PublicKey, Statement, StatusList, sign_list};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{
    action::record,
    evidence::after_change,
    issue::unsealed,
    model::{KeyState, Regime, RuleState, RuleVersion, State, broken, seconds, unavailable},
    store::{self as rows, BundleRow, Place},
};
use crate::{City, Ctx, Refusal, journal, notice, organization, resident};

/// Seconds after which a bundle is replaced though nothing changed, so that its age says something.
const RENEW_SECONDS: i64 = 3_600;
/// Seconds until a checkpoint that has heard nothing accepts nothing more.
const BUNDLE_SECONDS: i64 = 72 * 3_600;
/// Seconds between two bundles that are made at once: revocations in a row share one.
const AT_ONCE_SECONDS: i64 = 5;
/// Seconds for which old bundles are kept.
const KEEP_SECONDS: i64 = 7 * 86_400;
/// Seconds by which a pass may still be accepted after its end, by clocks that differ.
const LATE_SECONDS: i64 = 3_600;
/// Seconds after the end in which what a slow writer left behind is looked for.
const SWEEP_SECONDS: i64 = 86_400;
/// Holders that are judged anew in one transaction.
const JUDGED: i64 = 100;
const DAY_SECONDS: i64 = 86_400;
/// The city's day begins as Beijing's.
const ZONE_SECONDS: i64 = 8 * 3_600;

/// Days since 1970, by the city's clock.
pub(super) fn day_of(at: Timestamp) -> i64 {
    (at.micros().div_euclid(1_000_000) + ZONE_SECONDS).div_euclid(DAY_SECONDS)
}

fn start_of_day(day: i64) -> Timestamp {
    Timestamp::from_micros((day * DAY_SECONDS - ZONE_SECONDS) * 1_000_000)
}

/// A round: what is over ends, what changed is judged anew, finished days are counted, and the bundle is made if it says
/// something new. A round that was missed is made up for by the next.
pub fn tick(city: &Arc<City>) -> Result<(), Refusal> {
    let ctx = Ctx::system(city.clone());
    let regimes = ctx.read(|tx| Ok::<_, Refusal>(rows::regimes_in(tx, State::InForce)?))?;
    for regime in &regimes {
        // One with which nothing can be done holds up none behind it: its secret may be lost.
        if let Err(refusal) = look_after(&ctx, regime) {
            tracing::error!(regime = regime.number, %refusal, "the clock could do nothing with a regime of passes");
        }
    }
    sweep(&ctx)?;
    publish(city).map(drop)
}

fn look_after(ctx: &Ctx, regime: &Regime) -> Result<(), Refusal> {
    if regime.end <= ctx.now {
        return finish(ctx, regime);
    }
    ctx.write(|tx| Ok(rows::unbind(tx, Place::from(regime), ctx.now.plus_seconds(-LATE_SECONDS))?))?;
    if regime.counted_day < day_of(ctx.now) - 1 {
        ctx.write(|tx| {
            let mut regime = rows::regime(tx, regime.number)?.ok_or(Refusal::NotFound)?;
            count_days(tx, ctx, &mut regime, day_of(ctx.now) - 1)?;
            Ok(rows::save_regime(tx, &regime)?)
        })?;
    }
    judge_anew(ctx, regime)
}

/// Says in the public log how many passes each office issued on each day up to `through`. Small numbers are left out.
fn count_days(tx: &mut Tx<'_>, ctx: &Ctx, regime: &mut Regime, through: i64) -> Result<(), Refusal> {
    let keys = rows::keys(tx, regime.number)?;
    for day in regime.counted_day + 1..=through {
        let (from, to) = (start_of_day(day), start_of_day(day + 1));
        let mut offices: Vec<(kernel::Id<kernel::Organization>, i64, i64)> = Vec::new();
        for (key, issued, revoked) in rows::given_between(tx, Place::from(&*regime), from, to)? {
            let Some(key) = keys.iter().find(|it| it.number == key) else { continue };
            match offices.iter_mut().find(|it| it.0 == key.organization) {
                Some(it) => (it.1, it.2) = (it.1 + issued, it.2 + revoked),
                None => offices.push((key.organization, issued, revoked)),
            }
        }
        for (office, issued, revoked) in offices {
            // An office of whose passes nothing may be said is not named.
            let Some(issued) = resident::coarse(issued).filter(|it| *it > 0) else { continue };
            let statement = Statement::Counts {
                regime: regime.number,
                office: &organization::name(tx, office)?.unwrap_or_default(),
                day: &from.civil().date().to_string(),
                issued: Some(issued.unsigned_abs()),
                revoked: resident::coarse(revoked).map(i64::unsigned_abs),
            };
            journal::state(tx, ctx, statement.to_entry())?;
        }
        regime.counted_day = day;
    }
    Ok(())
}

/// Judges again all whose last outcome is by a rule that was replaced. Who is refused now has no pass any more.
fn judge_anew(ctx: &Ctx, regime: &Regime) -> Result<(), Refusal> {
    let rules = ctx.read(|tx| Ok::<_, Refusal>(rows::rules(tx, regime.number)?))?;
    let waits = |it: &&RuleVersion| it.state == RuleState::InForce && it.settled_at.is_none();
    let Some(version) = rules.iter().find(waits).map(|it| it.version) else { return Ok(()) };
    let secret = super::action::secret(ctx, regime)?;
    let mut after = Vec::new();
    loop {
        let next = ctx.write(|tx| {
            let page = rows::last_outcomes(tx, Place::from(regime), &after, JUDGED)?;
            for it in page.iter().filter(|it| it.outcome.rule_version < version) {
                let sealed = unsealed(&secret, &it.holder, it.outcome.number, &it.sealed);
                let Some(sealed) = sealed else { continue };
                after_change(tx, ctx, regime, &secret, &it.holder, sealed.person)?;
            }
            if page.is_empty() {
                rows::settle_rule(tx, regime.number, version, ctx.now)?;
            }
            Ok(page.last().map(|it| it.holder.clone()))
        })?;
        match next {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
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
        let last_day = day_of(regime.end);
        count_days(tx, ctx, &mut regime, last_day)?;
        let keys = rows::keys(tx, regime.number)?;
        let mut ids = Vec::new();
        for key in &keys {
            let public = PublicKey::new(pass_format::Algorithm::Ed25519, &key.public).map_err(broken)?;
            ids.push(KeyId::new(&public.id()).map_err(broken)?);
        }
        let deleted = rows::delete(tx, Place::from(&regime))?;
        let notices = notice::forget_of_passes(tx, regime.county, &regime.called())?;
        let publish =
            |count: u64| resident::coarse(i64::try_from(count).unwrap_or(i64::MAX)).map(i64::unsigned_abs);
        let mut counts: Vec<(&str, Option<u64>)> =
            deleted.iter().map(|(what, count)| (*what, publish(*count))).collect();
        counts.push(("notice", publish(notices)));
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
        ctx.write(|tx| Ok(rows::delete(tx, Place::from(regime))?))?;
    }
    Ok(())
}

/// Makes the next bundle if it says something that the last does not, or the last is an hour old. Returns its number.
pub fn publish(city: &Arc<City>) -> Result<Option<i64>, Refusal> {
    let ctx = Ctx::system(city.clone());
    ctx.write(|tx| {
        let last = rows::bundles(tx, 1)?.pop();
        let parts = parts(tx, &ctx)?;
        if parts.regimes.is_empty() && last.is_none() {
            return Ok(None);
        }
        let content = parts.digest();
        let is_same =
            |it: &BundleRow| it.content == content && ctx.now.seconds_since(it.issued_at) < RENEW_SECONDS;
        if last.as_ref().is_some_and(is_same) {
            return Ok(None);
        }
        // By the clock, so that a database that came back from a backup goes on above what checkpoints have seen.
        let next = last.as_ref().map_or(0, |it| it.number + 1).max(ctx.now.micros().div_euclid(1_000_000));
        let bytes = parts.bundle(&ctx, next)?;
        for (regime, token) in &bytes.tokens {
            let statement = Statement::StatusList { regime: *regime, token };
            journal::state(tx, &ctx, statement.to_entry())?;
        }
        let statement = journal::state(tx, &ctx, Statement::Bundle(&bytes.bundle).to_entry())?;
        let row = BundleRow { number: next, issued_at: ctx.now, content, statement };
        rows::add_bundle(tx, &row, &bytes.bundle)?;
        if let Some(last) = last {
            rows::forget_bundles(tx, ctx.now.plus_seconds(-KEEP_SECONDS), last.number)?;
        }
        Ok(Some(next))
    })
}

/// Makes a bundle at once after a revocation; several in a row share one, which the clock makes.
pub fn publish_soon(ctx: &Ctx) {
    let is_free = ctx.read(|tx| {
        let last = rows::bundles(tx, 1)?.pop();
        Ok::<_, Refusal>(last.is_none_or(|it| ctx.now.seconds_since(it.issued_at) >= AT_ONCE_SECONDS))
    });
    let made = is_free.and_then(|is_free| if is_free { publish(&ctx.city) } else { Ok(None) });
    if let Err(refusal) = made {
        tracing::error!(%refusal, "no bundle was made; the next round of the clock makes it");
    }
}

/// What a bundle is made of.
struct Parts {
    regimes: Vec<pass_format::Regime>,
    keys: Vec<pass_format::KeyRecord>,
    lists: Vec<Listed>,
}

struct Listed {
    regime: u16,
    uri: String,
    list: StatusList,
    secret: pass_format::SecretKey,
    key: KeyId,
}

struct Made {
    bundle: Vec<u8>,
    tokens: Vec<(u16, Vec<u8>)>,
}

fn parts(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Parts, Refusal> {
    let mut parts = Parts { regimes: Vec::new(), keys: Vec::new(), lists: Vec::new() };
    for regime in rows::regimes_in(tx, State::InForce)?.iter().filter(|it| ctx.now < it.end) {
        let keys = rows::keys(tx, regime.number)?;
        let bodies = rows::bodies(regime, &keys);
        let names = organization::names(tx, &bodies)?;
        let name = |body| names.get(&body).map_or("", String::as_str);
        let Some(list) = listed(tx, ctx, regime, &keys)? else { continue };
        parts.regimes.push(regime.to_format(name(regime.organization)));
        for key in &keys {
            parts.keys.push(key.to_format(regime, name(key.organization))?);
        }
        parts.lists.push(list);
    }
    let is_too_much = parts.regimes.len() as u64 > pass_format::BUNDLE_REGIMES_MAX
        || parts.keys.len() as u64 > pass_format::BUNDLE_KEYS_MAX;
    if is_too_much {
        return Err(Refusal::Broken("a bundle has at most 64 regimes and 256 keys".to_owned()));
    }
    Ok(parts)
}

/// The status list of a regime, and what signs it. None of one whose secret is gone: that is told, and others go on.
fn listed(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, keys: &[KeyState]) -> Result<Option<Listed>, Refusal> {
    let Some(secret) = ctx.city.passes.get(regime.number).map_err(unavailable)? else {
        tracing::error!(
            regime = regime.number,
            "the secret of a regime is gone: its passes cannot be verified"
        );
        return Ok(None);
    };
    let mut list = StatusList::new(1, regime.entries.unsigned_abs()).map_err(broken)?;
    for rows::Revoked { index, mark } in
        rows::revoked(tx, Place::from(regime), ctx.now.plus_seconds(-LATE_SECONDS))?
    {
        if mark.is_none_or(|it| it != secret.revocation_mark(index)) {
            tracing::error!(
                regime = regime.number,
                index,
                "a pass was marked as revoked by somebody who has the database"
            );
            continue;
        }
        list.set(index.unsigned_abs(), 1).map_err(broken)?;
    }
    let signs = |it: &&KeyState| it.withdrawn_at.is_none() && ctx.now < it.issue_until;
    let key = keys.iter().find(|it| it.organization == regime.organization && signs(it));
    let Some(key) = key.or_else(|| keys.iter().find(signs)) else { return Ok(None) };
    let signing = secret.signing_key(key.number)?;
    let id = KeyId::new(&signing.public().id()).map_err(broken)?;
    Ok(Some(Listed { regime: regime.number, uri: regime.list_uri(), list, secret: signing, key: id }))
}

impl Parts {
    /// Of all that it says but its number and times.
    fn digest(&self) -> Vec<u8> {
        let (regimes, keys) = (self.regimes.clone(), self.keys.clone());
        let bare = Bundle { number: 0, issued_at: 0, expires: 0, keys, regimes, lists: Vec::new() };
        let mut digest = Sha256::new();
        digest.update(bare.to_bytes());
        for it in &self.lists {
            digest.update(it.regime.to_be_bytes());
            digest.update(it.key.as_bytes());
            digest.update(it.list.compressed());
        }
        digest.finalize().to_vec()
    }

    fn bundle(self, ctx: &Ctx, number: i64) -> Result<Made, Refusal> {
        let (now, expires) = (seconds(ctx.now), seconds(ctx.now.plus_seconds(BUNDLE_SECONDS)));
        let token = |it: &Listed| (it.regime, sign_list(&it.secret, it.key, &it.uri, &it.list, now, expires));
        let tokens: Vec<(u16, Vec<u8>)> = self.lists.iter().map(token).collect();
        let bundle = Bundle {
            number: number.unsigned_abs(),
            issued_at: now,
            expires,
            keys: self.keys,
            regimes: self.regimes,
            lists: tokens.iter().map(|(_, token)| token.clone()).collect(),
        };
        let bytes = bundle.to_bytes();
        if bytes.len() > pass_format::BUNDLE_BYTES_MAX {
            return Err(Refusal::Broken("a bundle has at most 4 MiB".to_owned()));
        }
        Ok(Made { bundle: bytes, tokens })
    }
}
