//! The bundle that checkpoints take along: made when it says something new, and of every regime that can be verified.

use std::sync::Arc;

use pass_format::{Bundle, KeyId, Statement, StatusList, sign_list};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{
    model::{KeyState, Regime, State, broken, seconds},
    store::{self as rows, BundleRow, Place},
};
use crate::{City, Ctx, Refusal, journal, organization};

/// Seconds after which a bundle is replaced though nothing changed, so that its age says something.
const RENEW_SECONDS: i64 = 3_600;
/// Seconds until a checkpoint that has heard nothing accepts nothing more.
const BUNDLE_SECONDS: i64 = 72 * 3_600;
/// Seconds between two bundles that are made at once: revocations in a row share one.
const AT_ONCE_SECONDS: i64 = 5;
/// Seconds for which old bundles are kept.
const KEEP_SECONDS: i64 = 7 * 86_400;
/// Seconds by which a pass may still be accepted after its end, by clocks that differ.
pub(super) const LATE_SECONDS: i64 = 3_600;
/// Bytes that a bundle has beside the lists of its regimes, for each regime and for each key: their texts are bounded.
const REGIME_BYTES: usize = 24 * 1024;
const KEY_BYTES: usize = 1024;

/// Makes the next bundle if it says something that the last does not, or the last is an hour old. Returns its number.
pub fn publish(city: &Arc<City>) -> Result<Option<i64>, Refusal> {
    let ctx = Ctx::system(city.clone());
    // Most often there is nothing to write, and no writer has to wait for that.
    if ctx.read(|tx| next(tx, &ctx))?.is_none() {
        return Ok(None);
    }
    ctx.write(|tx| {
        let Some((parts, last)) = next(tx, &ctx)? else { return Ok(None) };
        let content = parts.digest();
        // By the clock, so that a database that came back from a backup goes on above what checkpoints have seen.
        let number = last.as_ref().map_or(0, |it| it.number + 1).max(ctx.now.micros().div_euclid(1_000_000));
        let made = parts.bundle(&ctx, number)?;
        for (regime, token) in &made.tokens {
            let statement = Statement::StatusList { regime: *regime, token };
            journal::state(tx, &ctx, statement.to_entry())?;
        }
        let statement = journal::state(tx, &ctx, Statement::Bundle(&made.bundle).to_entry())?;
        let digest = Sha256::digest(&made.bundle).to_vec();
        let row = BundleRow { number, issued_at: ctx.now, content, statement, digest };
        rows::add_bundle(tx, &row, &made.bundle)?;
        if let Some(last) = last {
            rows::forget_bundles(tx, ctx.now.plus_seconds(-KEEP_SECONDS), last.number)?;
        }
        Ok(Some(number))
    })
}

/// What the next bundle is made of, and the last one; none where that is said already.
fn next(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Option<(Parts, Option<BundleRow>)>, Refusal> {
    let last = rows::bundles(tx, 1)?.pop();
    let parts = parts(tx, ctx)?;
    let is_said = match &last {
        None => parts.regimes.is_empty(),
        Some(it) => it.content == parts.digest() && ctx.now.seconds_since(it.issued_at) < RENEW_SECONDS,
    };
    Ok((!is_said).then_some((parts, last)))
}

/// Makes a bundle at once after a revocation; several in a row share one, which the clock makes.
pub(super) fn publish_soon(ctx: &Ctx) {
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
#[derive(Default)]
struct Parts {
    regimes: Vec<pass_format::Regime>,
    keys: Vec<pass_format::KeyRecord>,
    lists: Vec<Listed>,
    /// What it may come to in bytes, at most.
    bytes: usize,
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

/// Every regime that can be verified, the oldest first. One that cannot, or for which there is no room, is left out and told:
/// the others go on.
fn parts(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Parts, Refusal> {
    let mut all = Parts::default();
    for regime in rows::regimes_in(tx, State::InForce)?.iter().filter(|it| ctx.now < it.end) {
        let left_out = match part(tx, ctx, regime) {
            Ok(part) => all.add(part).err(),
            // What the database says concerns all of them.
            Err(refusal @ (Refusal::Again | Refusal::Full)) => return Err(refusal),
            Err(Refusal::Unavailable(reason)) => return Err(Refusal::Unavailable(reason)),
            Err(refusal) => Some(refusal.to_string()),
        };
        if let Some(reason) = left_out {
            tracing::error!(
                regime = regime.number,
                reason,
                "a regime is left out of the bundle: its passes cannot be verified"
            );
        }
    }
    Ok(all)
}

/// What one regime adds.
fn part(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime) -> Result<Parts, Refusal> {
    let keys = rows::keys(tx, regime.number)?;
    let bodies = rows::bodies(regime, &keys);
    let names = organization::names(tx, &bodies)?;
    let name = |body| names.get(&body).map_or("", String::as_str);
    let list = listed(tx, ctx, regime, &keys)?;
    let bytes = list.list.compressed().len() + REGIME_BYTES + keys.len() * KEY_BYTES;
    let records = keys.iter().map(|it| it.to_format(regime, name(it.organization)));
    let part = Parts {
        regimes: vec![regime.to_format(name(regime.organization))],
        keys: records.collect::<Result<_, _>>()?,
        lists: vec![list],
        bytes,
    };
    // What no checkpoint could read would take all others with it.
    Bundle::parse(&part.bare().to_bytes()).map_err(broken)?;
    Ok(part)
}

/// The status list of a regime, and what signs it.
fn listed(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, keys: &[KeyState]) -> Result<Listed, Refusal> {
    let secret = ctx.city.passes.get(regime.number).map_err(broken)?;
    let secret = secret.ok_or_else(|| broken("its secret is gone"))?;
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
    let key = signer(ctx, regime, keys).ok_or_else(|| broken("no key of it is left"))?;
    let signing = secret.signing_key(key.number)?;
    let id = KeyId::new(&signing.public().id()).map_err(broken)?;
    Ok(Listed { regime: regime.number, uri: regime.list_uri(), list, secret: signing, key: id })
}

/// Of the keys that checkpoints accept the one that signs now, of the regime's own body if it has one. A list is accepted by
/// each that is not withdrawn, so that passes go on being checked where nobody issues any more.
fn signer<'k>(ctx: &Ctx, regime: &Regime, keys: &'k [KeyState]) -> Option<&'k KeyState> {
    let known = keys.iter().filter(|it| it.withdrawn_at.is_none());
    known.max_by_key(|it| (ctx.now < it.issue_until, it.organization == regime.organization))
}

impl Parts {
    /// Takes one more regime in, if there is room for it.
    fn add(&mut self, part: Parts) -> Result<(), String> {
        let keys = self.keys.len() + part.keys.len();
        if keys as u64 > pass_format::BUNDLE_KEYS_MAX
            || self.regimes.len() as u64 >= pass_format::BUNDLE_REGIMES_MAX
            || self.bytes + part.bytes > pass_format::BUNDLE_BYTES_MAX
        {
            return Err("a bundle has at most 64 regimes, 256 keys and 4 MiB".to_owned());
        }
        self.regimes.extend(part.regimes);
        self.keys.extend(part.keys);
        self.lists.extend(part.lists);
        self.bytes += part.bytes;
        Ok(())
    }

    /// Without its lists, number and times.
    fn bare(&self) -> Bundle {
        let (regimes, keys) = (self.regimes.clone(), self.keys.clone());
        Bundle { number: 0, issued_at: 0, expires: 0, keys, regimes, lists: Vec::new() }
    }

    /// Of all that it says but its number and times.
    fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update(self.bare().to_bytes());
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
        Bundle::parse(&bytes).map_err(|it| broken(format!("no checkpoint could read the bundle: {it}")))?;
        Ok(Made { bundle: bytes, tokens })
    }
}
