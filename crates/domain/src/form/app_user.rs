//! App users: phones and programs that load forms and send records, each by a token of its own.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use kernel::{AppUser as AppUserName, Id, Timestamp};
use policy::{Action, Actor, Resource};
use sha2::{Digest, Sha256};
use store::Tx;

use super::store as rows;
use crate::{
    City, Ctx, Faults, Refusal, area,
    journal::{self, Entry, SubjectKind},
    text,
};

/// Characters of a token, as the clients of ODK expect it: 48 bytes in base64 with `!` and `$`.
const TOKEN_CHARS: usize = 64;
/// App users that are listed.
const LISTED_MAX: i64 = 5_000;

/// A phone or program as an administrator sees it; its token is with its holder alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppUser {
    pub id: Id<AppUserName>,
    /// Of whoever holds it, or of the phone.
    pub name: String,
    pub from: Timestamp,
    /// When it was revoked.
    pub to: Option<Timestamp>,
}

/// Issues a token. Returns it as its holder sends it, which is shown nowhere else and never again.
pub fn issue(ctx: &Ctx, name: &str) -> Result<(String, AppUser), Refusal> {
    let mut faults = Faults::default();
    let name = text::line(&mut faults, "name", name);
    let name = text::required(&mut faults, "name", name);
    faults.check()?;
    let token = encode(ctx.city.ids.secret(), ctx.city.ids.secret());
    let user = AppUser { id: ctx.id(), name, from: ctx.now, to: None };
    ctx.write(|tx| {
        let city = administered(tx, ctx)?;
        rows::insert_app_user(tx, &hash(&token), &user)?;
        record(tx, ctx, "app_user.issue", &city, user.id)
    })?;
    Ok((token, user))
}

/// Takes a token away: from now on nothing is loaded or sent by it.
pub fn revoke(ctx: &Ctx, id: Id<AppUserName>) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let city = administered(tx, ctx)?;
        if rows::revoke_app_user(tx, id, ctx.now)? == 0 {
            return Err(Refusal::NotFound);
        }
        record(tx, ctx, "app_user.revoke", &city, id)
    })
}

/// Every token that was ever issued, oldest first.
pub fn list(ctx: &Ctx) -> Result<Vec<AppUser>, Refusal> {
    ctx.read(|tx| {
        administered(tx, ctx)?;
        Ok(rows::list_app_users(tx, LISTED_MAX)?)
    })
}

/// Whether it can be a token at all.
pub fn is_token(text: &str) -> bool {
    text.len() == TOKEN_CHARS
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'!' | b'$'))
}

/// The app user that sends `token`.
///
/// # Errors
/// `SignIn` for what is no token, `Denied` for one that is not known or was revoked.
pub fn resolve(city: &Arc<City>, token: &str) -> Result<Ctx, Refusal> {
    if !is_token(token) {
        return Err(Refusal::SignIn);
    }
    let ctx = Ctx::anonymous(city.clone());
    let found = ctx.read(|tx| Ok(rows::find_app_user(tx, &hash(token))?))?;
    let found = found.filter(|it| it.to.is_none_or(|to| ctx.now < to)).ok_or(Refusal::Denied)?;
    Ok(Ctx { actor: Actor::app_user(found.id), ..ctx })
}

/// The city whose app users the actor administers; the machine's own administrator is the system.
fn administered(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<area::Place, Refusal> {
    let city = area::city(tx)?.ok_or_else(|| Refusal::conflict("conflict-no-city"))?;
    if !ctx.actor.system {
        ctx.must(Action::AppUserAdminister, Resource::Area { path: &city.path })?;
    }
    Ok(city)
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    city: &area::Place,
    user: Id<AppUserName>,
) -> Result<(), Refusal> {
    journal::record(tx, ctx, &Entry::new(city.county, action, SubjectKind::AppUser, user.uuid()))
}

fn encode(one: [u8; 32], other: [u8; 32]) -> String {
    let bytes: Vec<u8> = one.into_iter().chain(other).take(TOKEN_CHARS / 4 * 3).collect();
    BASE64_STANDARD.encode(bytes).replace('+', "!").replace('/', "$")
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_the_form_that_clients_expect() {
        let token = encode([0xff; 32], [0xfb; 32]);
        assert!(is_token(&token) && token.contains('$'), "{token}");
        assert_ne!(encode([1; 32], [2; 32]), encode([1; 32], [3; 32]));
        for text in ["", &token[1..], &format!("{token}A"), &"é".repeat(32), &"/".repeat(64)] {
            assert!(!is_token(text), "{text}");
        }
    }
}
