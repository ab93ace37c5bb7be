use kernel::Id;

use super::{action::administered, model::ApiKey, store as rows};
use crate::{Ctx, Refusal};

/// Keys that are listed: far more than a city has.
const LISTED_MAX: i64 = 1_000;

/// Every key that was ever issued, oldest first.
pub fn list(ctx: &Ctx) -> Result<Vec<ApiKey>, Refusal> {
    ctx.read(|tx| {
        administered(tx, ctx)?;
        Ok(rows::list(tx, LISTED_MAX)?)
    })
}

/// The id of what this system sends under a name of its own choice, so that the same sent again is the same. A
/// version 8 UUID, whichever of its keys the system uses; without a name a new id.
pub fn own_id<K>(ctx: &Ctx, chosen: Option<&str>) -> Id<K> {
    let (Some(sender), Some(chosen)) = (ctx.actor.integration, chosen) else { return ctx.id() };
    ctx.city.derived_id("olzii integration 1", &[sender.system.uuid().as_bytes(), chosen.as_bytes()])
}
