use kernel::{Area, Id, Notice as NoticeName};
use policy::Appointment;
use store::Tx;

use super::{
    model::{Notice, UNREAD_MAX},
    store as rows,
};
use crate::{Ctx, Cursor, Page, Refusal, Window};

/// The notices of the actor and of their offices, latest first.
pub fn list(ctx: &Ctx, window: &Window) -> Result<Page<Notice>, Refusal> {
    let me = ctx.person()?;
    let after: Option<(i64, Id<NoticeName>)> = window
        .after
        .as_ref()
        .map(|cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?)))
        .transpose()?;
    let (mut found, seen) = ctx.read(|tx| {
        let mut found = rows::of_person(tx, me.person, after, window.rows())?;
        for office in offices(ctx) {
            found.extend(rows::of_office(tx, office, me.person, after, window.rows())?);
        }
        Ok((found, rows::seen(tx, me.county, me.person)?))
    })?;
    found.sort_by_key(|notice| std::cmp::Reverse((notice.at, notice.id)));
    found.iter_mut().for_each(|notice| notice.read = seen.is_some_and(|seen| notice.position() <= seen));
    Ok(window.page(found, |notice| Cursor::new([notice.at.micros().to_string(), notice.id.to_string()])))
}

/// How many the actor has not seen, counted as far as `UNREAD_MAX`.
pub fn unread(ctx: &Ctx) -> Result<i64, Refusal> {
    let Some(me) = &ctx.signed_in else { return Ok(0) };
    ctx.read(|tx| {
        let since = rows::seen(tx, me.county, me.person)?;
        let mut count = rows::new_of_person(tx, me.person, since, UNREAD_MAX)?;
        for office in offices(ctx) {
            count += rows::new_of_office(tx, office, me.person, since, UNREAD_MAX)?;
        }
        Ok(count.min(UNREAD_MAX))
    })
}

/// Whether anybody of the office that it is for has seen it; none of a notice that is kept no longer. Those count who
/// held the office when it came, or later.
pub fn is_seen(tx: &mut Tx<'_>, county: Id<Area>, id: Id<NoticeName>) -> Result<Option<bool>, Refusal> {
    Ok(rows::is_seen(tx, county, id)?)
}

/// The actor's offices, each once.
fn offices(ctx: &Ctx) -> impl Iterator<Item = &Appointment> {
    let all = &ctx.actor.appointments;
    all.iter().enumerate().filter(|(index, office)| !all[..*index].contains(office)).map(|(_, office)| office)
}
