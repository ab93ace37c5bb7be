//! Keys of offices: one an office and a regime, with a successor that checkpoints know before it signs.

use kernel::{Id, Organization, Timestamp};
use pass_format::Statement;
use store::Tx;

use super::{
    action::{ask_second, ordering, record, second, secret, tell_proposer},
    model::{Decision, KEY_KNOWN_SECONDS, KeyState, Regime, TOUCHED_MAX},
    store::{self as rows, Place},
};
use crate::{Ctx, Faults, Message, Refusal, journal, organization, text};

/// Keys that a regime has in all. What keys are added and replaced by stops earlier, so that each that leaks can still be
/// withdrawn and replaced.
const KEYS_MAX: i64 = 64;
const KEYS_GIVEN_MAX: i64 = 48;

/// Makes a key with which `organization` signs from `from` on, and says so in the public log. One that no bundle could hold is
/// not made.
pub(super) fn make(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    organization: Id<Organization>,
    from: Timestamp,
) -> Result<KeyState, Refusal> {
    let number = rows::keys(tx, regime.number)?.last().map_or(0, |it| it.number) + 1;
    if number > KEYS_MAX {
        return Err(Refusal::conflict("conflict-pass-keys"));
    }
    if rows::keys_of_all(tx, ctx.now)? >= pass_format::BUNDLE_KEYS_MAX as i64 {
        return Err(Refusal::conflict("conflict-pass-keys-city"));
    }
    let office = organization::name(tx, organization)?.unwrap_or_default();
    if office.len() > pass_format::OFFICE_BYTES_MAX {
        return Err(Refusal::conflict("conflict-pass-office-long"));
    }
    let key = KeyState {
        number,
        organization,
        public: secret(ctx, regime)?.signing_key(number)?.public().to_bytes(),
        issue_from: from,
        issue_until: regime.end,
        verify_until: regime.end,
        withdrawn_at: None,
        reason: None,
        asked_by: None,
        affected: None,
    };
    rows::add_key(tx, regime.number, &key, ctx.now)?;
    say(tx, ctx, regime, &key)?;
    Ok(key)
}

fn say(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, key: &KeyState) -> Result<(), Refusal> {
    let office = organization::name(tx, key.organization)?.unwrap_or_default();
    let record = key.to_format(regime, &office)?;
    let statement = Statement::Key { record: &record, reason: key.reason.as_deref() };
    journal::state(tx, ctx, statement.to_entry()).map(drop)
}

/// Gives another office a key, with which it issues at its desks once checkpoints know it.
pub fn add_key(ctx: &Ctx, number: u16, organization: Id<Organization>) -> Result<KeyState, Refusal> {
    ctx.write(|tx| {
        let (regime, _) = ordering(tx, ctx, number)?;
        let unknown = || Refusal::invalid("organization", Message::new("fault-organization"));
        organization::name(tx, organization)?.ok_or_else(unknown)?;
        let is_own = |it: &KeyState| {
            it.organization == organization && it.withdrawn_at.is_none() && it.issue_until > ctx.now
        };
        let keys = rows::keys(tx, number)?;
        if keys.iter().any(is_own) {
            return Err(Refusal::conflict("conflict-pass-key-there"));
        }
        must_leave_some(&keys)?;
        let key = make(tx, ctx, &regime, organization, known_at(ctx, &regime)?)?;
        record(tx, ctx, &regime, "pass.add_key", &[("key", key.number.to_string())])?;
        Ok(key)
    })
}

fn must_leave_some(keys: &[KeyState]) -> Result<(), Refusal> {
    if (keys.len() as i64) < KEYS_GIVEN_MAX { Ok(()) } else { Err(Refusal::conflict("conflict-pass-keys")) }
}

/// When every checkpoint knows a key that is made now.
fn known_at(ctx: &Ctx, regime: &Regime) -> Result<Timestamp, Refusal> {
    let from = ctx.now.plus_seconds(KEY_KNOWN_SECONDS);
    if from < regime.end { Ok(from) } else { Err(Refusal::conflict("conflict-pass-key-late")) }
}

/// Gives a key its successor: both are known until it begins, and the old one goes on being accepted.
pub fn rotate_key(ctx: &Ctx, number: u16, key: i64) -> Result<KeyState, Refusal> {
    ctx.write(|tx| {
        let (regime, _) = ordering(tx, ctx, number)?;
        let mut old = find(tx, number, key)?;
        if !old.signs(ctx.now) || old.issue_until < regime.end {
            return Err(Refusal::conflict("conflict-pass-key-rotated"));
        }
        must_leave_some(&rows::keys(tx, number)?)?;
        let new = make(tx, ctx, &regime, old.organization, known_at(ctx, &regime)?)?;
        old.issue_until = new.issue_from;
        rows::save_key(tx, number, &old)?;
        record(tx, ctx, &regime, "pass.rotate_key", &[("key", key.to_string())])?;
        Ok(new)
    })
}

fn find(tx: &mut Tx<'_>, regime: u16, key: i64) -> Result<KeyState, Refusal> {
    let mut keys = rows::keys(tx, regime)?;
    keys.retain(|it| it.number == key);
    keys.pop().ok_or(Refusal::NotFound)
}

/// Withdraws a key: all that it signed ends. Where that touches many, when another body has approved it.
pub fn withdraw_key(ctx: &Ctx, number: u16, key: i64, reason: &str) -> Result<KeyState, Refusal> {
    let mut faults = Faults::default();
    let reason = text::line(&mut faults, "reason", reason);
    let reason = text::required(&mut faults, "reason", reason);
    ctx.write(|tx| {
        let (regime, body) = ordering(tx, ctx, number)?;
        faults.check()?;
        let mut it = find(tx, number, key)?;
        if it.withdrawn_at.is_some() || it.asked_by.is_some() {
            return Err(Refusal::conflict("conflict-pass-key-withdrawn"));
        }
        let affected = rows::given_by_key(tx, Place::from(&regime), key, ctx.now)?;
        // Without room for a successor the office would issue no more: that is not for one body to bring about.
        let is_last_room = rows::keys(tx, number)?.len() as i64 >= KEYS_GIVEN_MAX;
        (it.reason, it.affected) = (Some(reason.clone()), Some(affected));
        let detail = [("key", key.to_string()), ("affected", affected.to_string())];
        record(tx, ctx, &regime, "pass.withdraw_key", &detail)?;
        if affected > TOUCHED_MAX || is_last_room {
            it.asked_by = Some(body);
            rows::save_key(tx, number, &it)?;
            ask_second(tx, ctx, &regime, body)?;
        } else {
            end(tx, ctx, &regime, &mut it)?;
        }
        Ok(it)
    })
}

/// Has the second word on the withdrawal of a key.
pub fn decide_withdrawal(ctx: &Ctx, number: u16, key: i64, decision: Decision) -> Result<KeyState, Refusal> {
    ctx.write(|tx| {
        let regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
        let mut it = find(tx, number, key)?;
        let asked_by = it.asked_by.ok_or_else(|| Refusal::conflict("conflict-pass-decided"))?;
        second(ctx, &regime, asked_by)?;
        super::action::must_last(&regime, ctx.now)?;
        it.asked_by = None;
        match decision {
            Decision::Approve => end(tx, ctx, &regime, &mut it)?,
            Decision::Refuse => {
                (it.reason, it.affected) = (None, None);
                rows::save_key(tx, number, &it)?;
            }
        }
        record(tx, ctx, &regime, "pass.decide_withdrawal", &[("key", key.to_string())])?;
        tell_proposer(tx, ctx, &regime, asked_by)?;
        Ok(it)
    })
}

/// Its office goes on with what follows it, with what it should have followed, or else with a new key at once: checkpoints
/// learn that with the withdrawal. Where there is no room for a new one the withdrawal stands all the same.
fn end(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, it: &mut KeyState) -> Result<(), Refusal> {
    it.withdrawn_at = Some(ctx.now);
    rows::save_key(tx, regime.number, it)?;
    say(tx, ctx, regime, it)?;
    let mut own = rows::keys(tx, regime.number)?;
    own.retain(|other| other.organization == it.organization && other.withdrawn_at.is_none());
    let is_one_to_the_end = own.iter().any(|other| other.issue_until >= regime.end);
    match own.iter_mut().find(|other| other.signs(ctx.now)) {
        Some(_) if is_one_to_the_end => Ok(()),
        // Its successor is the one that went: it signs to the end after all.
        Some(other) => {
            other.issue_until = regime.end;
            rows::save_key(tx, regime.number, other)?;
            say(tx, ctx, regime, other)
        }
        None if ctx.now >= it.issue_until => Ok(()),
        None => match make(tx, ctx, regime, it.organization, ctx.now.max(regime.start)) {
            Ok(_) | Err(Refusal::Conflict(_)) => Ok(()),
            Err(refusal) => Err(refusal),
        },
    }
}
