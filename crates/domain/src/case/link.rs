//! The secret link by which a reporter follows a case without an account.
//!
//! It is the case's id and a seal over it under the city's key, so nothing secret is stored and the
//! same report always gives the same link.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Case as CaseName, Id};
use policy::Actor;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::store as rows;
use crate::{City, Ctx, Refusal};

const SEAL_BYTES: usize = 16;

/// What the link of a case ends in.
pub fn follow_token(city: &City, case: Id<CaseName>) -> String {
    let mut bytes = case.uuid().as_bytes().to_vec();
    bytes.extend(seal(city, case));
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The context of somebody who came by a case's link. A token that is not ours is `NotFound`.
pub fn follow(ctx: &Ctx, token: &str) -> Result<(Ctx, Id<CaseName>), Refusal> {
    let bytes = (token.len() <= 64)
        .then(|| BASE64_URL_SAFE_NO_PAD.decode(token).ok())
        .flatten()
        .ok_or(Refusal::NotFound)?;
    let (id, sent) = bytes.split_at_checked(16).ok_or(Refusal::NotFound)?;
    let case = Id::from_uuid(Uuid::from_slice(id).map_err(|_| Refusal::NotFound)?);
    if !bool::from(sent.ct_eq(&seal(&ctx.city, case))) {
        return Err(Refusal::NotFound);
    }
    let actor = Actor { followed_case: Some(case), ..ctx.actor.clone() };
    Ok((Ctx { actor, ..ctx.clone() }, case))
}

/// The id of the case that a report without an account makes. Others see a case's id; what was sent stays with the
/// sender, so that nobody else can send the report again and be given its link.
pub fn id_of_anonymous(city: &City, sent: Id<CaseName>) -> Id<CaseName> {
    city.derived_id("olzii anonymous report 1", &[sent.uuid().as_bytes()])
}

/// The context of another system that reported a case by its key, and may add to it. A case of another is
/// `Denied`, since all are published.
pub fn reported(ctx: &Ctx, case: Id<CaseName>) -> Result<Ctx, Refusal> {
    let by = ctx.read(|tx| Ok(rows::reported_by(tx, case)?))?.ok_or(Refusal::NotFound)?;
    if by.is_none() || by != ctx.actor.integration.map(|it| it.system) {
        return Err(Refusal::Denied);
    }
    let actor = Actor { followed_case: Some(case), ..ctx.actor.clone() };
    Ok(Ctx { actor, ..ctx.clone() })
}

fn seal(city: &City, case: Id<CaseName>) -> [u8; SEAL_BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(&city.key).expect("a key of any length is taken");
    mac.update(b"olzii case link 1");
    mac.update(case.uuid().as_bytes());
    let mut seal = [0; SEAL_BYTES];
    seal.copy_from_slice(&mac.finalize().into_bytes()[..SEAL_BYTES]);
    seal
}
