//! App users: phones and programs that load forms and send records, each by a token of its own.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use kernel::{AppUser as AppUserName, Id, Timestamp};
use policy::{Action, Actor, Resource};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{model::Form, store as rows};
use crate::{
    City, Ctx, Faults, Refusal, area,
    journal::{self, Entry, SubjectKind},
    text,
};

/// Characters of a token, as the clients of ODK expect it: 48 bytes in base64 with `!` and `$`.
const TOKEN_CHARS: usize = 64;
/// App users of an area that are listed.
const LISTED_MAX: i64 = 5_000;
const NUMBER_BITS: u32 = 52;

/// A phone or program as whoever gave it out sees it; its token is with its holder alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppUser {
    pub id: Id<AppUserName>,
    /// By which clients that know numbers alone name it.
    pub number: i64,
    /// Of whoever holds it, or of the phone.
    pub name: String,
    pub from: Timestamp,
    /// When it was revoked.
    pub to: Option<Timestamp>,
}

/// Issues a token for forms of the area with the code `area`. Returns it as its holder sends it, which is shown nowhere
/// else and never again. It reaches no form yet.
pub fn issue(ctx: &Ctx, area: &str, name: &str) -> Result<(String, AppUser), Refusal> {
    let mut faults = Faults::default();
    let name = text::line(&mut faults, "name", name);
    let name = text::required(&mut faults, "name", name);
    faults.check()?;
    let token = encode(ctx.city.ids.secret(), ctx.city.ids.secret());
    let user = ctx.write(|tx| {
        let place = administered(tx, ctx, area)?;
        let id: Id<AppUserName> = ctx.id();
        let user = AppUser { id, number: number(id.uuid()), name: name.clone(), from: ctx.now, to: None };
        rows::insert_app_user(tx, &hash(&token), (place.id, &place.path), &user)?;
        record(tx, ctx, "app_user.issue", &place, user.id)?;
        Ok(user)
    })?;
    Ok((token, user))
}

/// Takes a token away: from now on nothing is loaded or sent by it.
pub fn revoke(ctx: &Ctx, area: &str, number: i64) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let place = administered(tx, ctx, area)?;
        let id = rows::app_user_by_number(tx, place.id, number)?.ok_or(Refusal::NotFound)?;
        if rows::revoke_app_user(tx, id, ctx.now)? == 0 {
            return Err(Refusal::NotFound);
        }
        record(tx, ctx, "app_user.revoke", &place, id)
    })
}

/// Lets an app user of an area load one of the area's forms and send records for it.
pub fn assign(ctx: &Ctx, area: &str, form_id: &str, number: i64) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let place = administered(tx, ctx, area)?;
        let form =
            rows::by_form_id(tx, form_id)?.filter(|it| it.area == place.id).ok_or(Refusal::NotFound)?;
        let id = rows::app_user_by_number(tx, place.id, number)?.ok_or(Refusal::NotFound)?;
        if rows::assign(tx, id, form.id)? == 0 {
            return Ok(());
        }
        record(tx, ctx, "app_user.assign", &place, id)
    })
}

/// Every token that was ever issued for an area, latest first.
pub fn list(ctx: &Ctx, area: &str) -> Result<Vec<AppUser>, Refusal> {
    ctx.read(|tx| {
        let place = administered(tx, ctx, area)?;
        Ok(rows::list_app_users(tx, place.id, LISTED_MAX)?)
    })
}

/// Somebody who signed in, an app user, or the city's own machine; others are asked to sign in.
pub(super) fn must_be_known(ctx: &Ctx) -> Result<(), Refusal> {
    let is_known = ctx.signed_in.is_some() || ctx.actor.app_user.is_some() || ctx.actor.system;
    if is_known { Ok(()) } else { Err(Refusal::SignIn) }
}

/// Whether the form is one of an app user's; anybody else it concerns by their rights alone.
pub(super) fn reaches(tx: &mut Tx<'_>, ctx: &Ctx, form: &Form) -> Result<bool, Refusal> {
    match ctx.actor.app_user {
        Some(id) => Ok(rows::is_assigned(tx, id, form.id)?),
        None => Ok(true),
    }
}

pub(super) fn name_of(tx: &mut Tx<'_>, id: Id<AppUserName>) -> Result<Option<String>, Refusal> {
    Ok(rows::app_user_name(tx, id)?)
}

/// The number that stands for an id with clients that know numbers alone: its last 52 bits, which a JSON number holds.
pub fn number(id: uuid::Uuid) -> i64 {
    (id.as_u128() & ((1 << NUMBER_BITS) - 1)) as i64
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

/// The area for whose forms the actor gives out tokens.
fn administered(tx: &mut Tx<'_>, ctx: &Ctx, area: &str) -> Result<area::Place, Refusal> {
    let place = area::place(tx, area)?.ok_or(Refusal::NotFound)?;
    if !ctx.actor.system {
        ctx.must(Action::AppUserAdminister, Resource::Area { path: &place.path })?;
    }
    Ok(place)
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    place: &area::Place,
    user: Id<AppUserName>,
) -> Result<(), Refusal> {
    journal::record(tx, ctx, &Entry::new(place.county, action, SubjectKind::AppUser, user.uuid()))
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
