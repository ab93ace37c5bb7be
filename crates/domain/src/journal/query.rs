use kernel::{Case, Id, Person};
use store::Tx;

use super::{model::Reading, store as rows};
use crate::{Ctx, Cursor, Page, Refusal, Window};

/// Readings of a case's contact that its reporter is shown, at most.
pub const READINGS_OF_CONTACT_MAX: i64 = 50;

/// Who read how to reach the reporter of a case, latest first; for that reporter alone, which the caller sees to.
pub fn readings_of_contact(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Reading>, Refusal> {
    Ok(rows::readings_of_contact(tx, case, READINGS_OF_CONTACT_MAX)?)
}

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
