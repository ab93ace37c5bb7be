use super::{model::Notice, store as rows};
use crate::{Ctx, Cursor, Page, Refusal, Window};

/// The actor's notices, latest first.
pub fn list(ctx: &Ctx, window: &Window) -> Result<Page<Notice>, Refusal> {
    let me = ctx.person()?.person;
    let after = window
        .after
        .as_ref()
        .map(|cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?)))
        .transpose()?;
    let found = ctx.read(|tx| Ok(rows::list(tx, me, after, window.rows())?))?;
    Ok(window.page(found, |notice| Cursor::new([notice.at.micros().to_string(), notice.id.to_string()])))
}

/// How many the actor has not seen.
pub fn unread(ctx: &Ctx) -> Result<i64, Refusal> {
    let Some(me) = &ctx.signed_in else { return Ok(0) };
    ctx.read(|tx| Ok(rows::unread(tx, me.person)?))
}
