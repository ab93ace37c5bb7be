use store::Tx;

use super::{model::Entry, store as rows};
use crate::{Ctx, Refusal};

/// Writes `entry` in the transaction of what it records.
pub fn record(tx: &mut Tx<'_>, ctx: &Ctx, entry: &Entry) -> Result<(), Refusal> {
    Ok(rows::insert(tx, ctx.id(), ctx.now, ctx.actor.person, ctx.office(), entry)?)
}
