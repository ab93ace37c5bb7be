//! What happens to records by the clock alone.

use super::store as rows;
use crate::{Ctx, Refusal};

/// Forgets what records say whose time is over: that they were sent, and how they were judged, is kept; and drafts that
/// nobody went on with. Rows changed.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    ctx.write(|tx| Ok(rows::forget(tx, ctx.now)? + rows::forget_drafts(tx, ctx.now)?))
}
