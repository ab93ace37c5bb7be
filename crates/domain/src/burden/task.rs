use super::store as rows;
use crate::{Ctx, Refusal};

/// Deletes lines whose time is over; how many.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    ctx.write(|tx| Ok(rows::forget(tx, ctx.now)?))
}
