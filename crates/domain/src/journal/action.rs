use store::Tx;

use super::{model::Entry, store as rows};
use crate::{Ctx, Refusal};

/// Writes `entry` in the transaction of what it records.
pub fn record(tx: &mut Tx<'_>, ctx: &Ctx, entry: &Entry) -> Result<(), Refusal> {
    let by_key = ctx.actor.integration.map(|it| entry.clone().with("api_key", it.key));
    let by_key = by_key.or_else(|| ctx.actor.app_user.map(|it| entry.clone().with("app_user", it)));
    let entry = by_key.as_ref().unwrap_or(entry);
    Ok(rows::insert(tx, ctx.id(), ctx.now, ctx.actor.person, ctx.office(), entry)?)
}
