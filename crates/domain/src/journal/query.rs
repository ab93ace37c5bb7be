use kernel::{Id, Person};

use super::{model::Reading, store as rows};
use crate::{Ctx, Cursor, Page, Refusal, Window};

/// Who read a person's record, latest first; for that person alone.
pub fn readings(ctx: &Ctx, person: Id<Person>, window: &Window) -> Result<Page<Reading>, Refusal> {
    let me = ctx.person()?;
    if me.person != person {
        return Err(Refusal::NotFound);
    }
    let after = window
        .after
        .as_ref()
        .map(|cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?)))
        .transpose()?;
    let found = ctx.read(|tx| Ok(rows::readings(tx, person, after, window.rows())?))?;
    let page =
        window.page(found, |(id, reading)| Cursor::new([reading.at.micros().to_string(), id.to_string()]));
    Ok(Page { items: page.items.into_iter().map(|(_, reading)| reading).collect(), next: page.next })
}
