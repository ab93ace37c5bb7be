use std::sync::Arc;

use kernel::{Account as AccountName, Area, Id, Session as SessionName, Timestamp, limits};
use policy::{Actor, Appointment};
use store::{StoreError, Tx};

use super::{
    model::{Found, Holder, NewAccount},
    password, query, rule, store as rows,
};
use crate::{
    City, Ctx, Faults, Message, Refusal, SignedIn,
    journal::{self, Entry, SubjectKind},
    organization, token,
};

/// Seconds between two writes of when a session was last seen.
const SEEN_STEP_SECONDS: i64 = 5 * 60;
/// Seconds that an expired session is kept: the retention of its table.
const RETENTION_SECONDS: i64 = 86_400;

/// Signs in with a password. Returns the session's token, which is shown nowhere else and never again.
///
/// # Errors
/// `SignIn` for an unknown name, a wrong password and a disabled account alike. The caller counts it
/// against the address and the name, and answers `TooMany` by itself.
pub fn sign_in(
    ctx: &Ctx,
    login_name: &str,
    password: &str,
    device: &str,
) -> Result<(String, SignedIn), Refusal> {
    let mut faults = Faults::default();
    rule::check_login_name(&mut faults, "login_name", login_name);
    let found = match faults.check() {
        Ok(()) => ctx.read(|tx| Ok(rows::by_login_name(tx, login_name)?))?,
        Err(_) => None,
    };
    // Before the transaction: hashing is slow, and a writer would keep others waiting.
    let right = password::matches(password, found.as_ref().map(|it| it.password_hash.as_str()));
    let proven = found.filter(|it| right && !it.disabled).ok_or(Refusal::SignIn)?;
    ctx.write(|tx| {
        // The password may have been changed while it was checked.
        let now = rows::by_id(tx, proven.account)?.ok_or(Refusal::SignIn)?;
        if now.password_hash != proven.password_hash {
            return Err(Refusal::SignIn);
        }
        open_session(tx, ctx, proven.account, device)
    })
}

/// Opens a session for whoever was proven to hold `account`, in the transaction of the proof, and
/// records it. `device` is what the owner will know it by; it is cut to a line.
pub fn open_session(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    account: Id<AccountName>,
    device: &str,
) -> Result<(String, SignedIn), Refusal> {
    let holder = rows::holder(tx, account)?.filter(|it| !it.disabled).ok_or(Refusal::SignIn)?;
    let secret = token::encode(ctx.city.ids.secret());
    let hash = token::stored(&secret).ok_or_else(|| Refusal::Broken("a new token is none".into()))?;
    let session = ctx.id();
    let expires_at = ctx.now.plus_seconds(limits::SESSION_LIFE_SECONDS);
    rows::open(tx, &hash, session, account, &line(device), ctx.now, expires_at)?;
    let signed_in = signed_in(holder, session);
    let ctx = acting(tx, ctx.clone(), signed_in.clone())?;
    record(tx, &ctx, "account.sign_in", signed_in.county, account, Some(session))?;
    Ok((secret, signed_in))
}

/// Who sends `token`, with the rights that they have at this moment. Two queries.
///
/// # Errors
/// `SignIn` for a token that is unknown, ended, idle for too long or past its life, and for a disabled
/// account.
pub fn resolve(city: &Arc<City>, token: &str) -> Result<Ctx, Refusal> {
    let hash = token::stored(token).ok_or(Refusal::SignIn)?;
    let ctx = Ctx::anonymous(city.clone());
    let (ctx, seen_at) = ctx.read(|tx| {
        let found = rows::find(tx, &hash)?.filter(|it| is_open(it, ctx.now)).ok_or(Refusal::SignIn)?;
        let signed_in = signed_in(found.holder, found.session);
        Ok((acting(tx, ctx.clone(), signed_in)?, found.seen_at))
    })?;
    if ctx.now.seconds_since(seen_at) >= SEEN_STEP_SECONDS {
        // A database that takes no writes still serves readers.
        if let Err(error) = city.db.write(|tx| rows::seen(tx, &hash, ctx.now)) {
            let error: StoreError = error;
            tracing::warn!(%error, "cannot write when a session was last seen");
        }
    }
    Ok(ctx)
}

fn is_open(found: &Found, now: Timestamp) -> bool {
    !found.holder.disabled
        && now < found.expires_at
        && now.seconds_since(found.seen_at) < limits::SESSION_IDLE_SECONDS
}

/// Ends the session that asks.
pub fn sign_out(ctx: &Ctx) -> Result<(), Refusal> {
    let me = ctx.person()?;
    ctx.write(|tx| {
        rows::revoke(tx, me.account, me.session)?;
        record(tx, ctx, "account.sign_out", me.county, me.account, Some(me.session))
    })
}

/// Ends one of the actor's own sessions.
pub fn revoke(ctx: &Ctx, session: Id<SessionName>) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let account = query::own(tx, ctx)?;
        if rows::revoke(tx, account.id, session)? == 0 {
            return Err(Refusal::NotFound);
        }
        record(tx, ctx, "account.revoke_session", account.county, account.id, Some(session))
    })
}

/// Ends all of the actor's sessions but the one that asks. Returns how many.
pub fn revoke_all_others(ctx: &Ctx) -> Result<u64, Refusal> {
    let session = ctx.person()?.session;
    ctx.write(|tx| {
        let account = query::own(tx, ctx)?;
        let ended = rows::revoke_others(tx, account.id, session)?;
        record(tx, ctx, "account.revoke_other_sessions", account.county, account.id, None)?;
        Ok(ended)
    })
}

/// Changes the actor's password and ends their other sessions.
///
/// # Errors
/// `Invalid` for `old_password` when it is wrong, which the caller counts like a failed sign-in, and
/// for `new_password` when it may not be one.
pub fn change_password(ctx: &Ctx, old: &str, new: &str) -> Result<(), Refusal> {
    let me = ctx.person()?;
    let before = ctx.read(|tx| {
        query::own(tx, ctx)?;
        rows::by_id(tx, me.account)?.ok_or(Refusal::SignIn)
    })?;
    let mut faults = Faults::default();
    rule::check_password(&mut faults, "new_password", new, &before.login_name);
    faults.check()?;
    if !password::matches(old, Some(&before.password_hash)) {
        return Err(Refusal::invalid("old_password", Message::new("fault-password-wrong")));
    }
    let after = password::hash_password(new, &ctx.city.ids.secret());
    ctx.write(|tx| {
        if rows::set_password(tx, me.account, &before.password_hash, &after)? == 0 {
            return Err(Refusal::conflict("conflict-password-changed"));
        }
        rows::revoke_others(tx, me.account, me.session)?;
        record(tx, ctx, "account.change_password", me.county, me.account, None)
    })
}

/// Creates an account. The caller records it: who may create accounts is for the wiring to say until
/// people enrol by themselves.
///
/// # Errors
/// `Invalid` for a login name that is malformed or taken.
pub fn create(tx: &mut Tx<'_>, account: &NewAccount) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    rule::check_login_name(&mut faults, "login_name", &account.login_name);
    faults.check()?;
    match rows::insert(tx, account) {
        Err(StoreError::Duplicate(_)) => {
            Err(Refusal::invalid("login_name", Message::new("fault-login-name-taken")))
        }
        outcome => Ok(outcome?),
    }
}

/// Like [`create`], for many.
pub fn create_all(tx: &mut Tx<'_>, accounts: &[NewAccount]) -> Result<(), Refusal> {
    accounts.iter().try_for_each(|it| create(tx, it))
}

/// Disables an account that the actor administers and ends all its sessions.
pub fn disable(ctx: &Ctx, account: Id<AccountName>) -> Result<(), Refusal> {
    ctx.person()?;
    ctx.write(|tx| {
        let found = rows::row(tx, account)?;
        let account = query::administered(tx, ctx, found)?;
        if rows::disable(tx, account.id, ctx.now)? == 0 {
            return Err(Refusal::conflict("conflict-ended"));
        }
        rows::revoke_all(tx, account.id)?;
        record(tx, ctx, "account.disable", account.county, account.id, None)
    })
}

/// Deletes sessions whose retention is over. Returns how many.
pub fn expire(ctx: &Ctx) -> Result<u64, Refusal> {
    ctx.write(|tx| Ok(rows::expire(tx, ctx.now.plus_seconds(-RETENTION_SECONDS))?))
}

fn signed_in(holder: Holder, session: Id<SessionName>) -> SignedIn {
    SignedIn {
        person: holder.person,
        county: holder.county,
        name: holder.name,
        account: holder.account,
        session,
    }
}

/// The context in which the signed-in person acts, with the posts that they hold now.
fn acting(tx: &mut Tx<'_>, ctx: Ctx, signed_in: SignedIn) -> Result<Ctx, Refusal> {
    let posts = organization::appointments_of(tx, signed_in.person, ctx.now)?;
    let posts = posts.into_iter().map(|(role, organization, area)| Appointment { role, organization, area });
    let actor = Actor::signed_in(signed_in.person, posts.collect());
    Ok(Ctx { actor, signed_in: Some(signed_in), ..ctx })
}

/// What a browser says of itself, as one line of bounded length.
fn line(device: &str) -> String {
    device
        .chars()
        .filter(|it| !it.is_control())
        .take(limits::LINE_CHARS_MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    county: Id<Area>,
    account: Id<AccountName>,
    session: Option<Id<SessionName>>,
) -> Result<(), Refusal> {
    let entry = Entry::new(county, action, SubjectKind::Account, account.uuid());
    let entry = session.into_iter().fold(entry, |entry, session| entry.with("session", session));
    journal::record(tx, ctx, &entry)
}
