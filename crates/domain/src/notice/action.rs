use kernel::{Area, Case, Id, Person};
use store::Tx;

use super::{model::NoticeKind, store as rows};
use crate::{Ctx, Refusal};

/// Tells `people` of `case` in the transaction that moves it.
pub fn enqueue(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    county: Id<Area>,
    people: &[Id<Person>],
    kind: NoticeKind,
    case: Id<Case>,
    detail: &str,
) -> Result<(), Refusal> {
    for person in people {
        rows::insert(tx, county, ctx.id(), *person, case, kind, detail, ctx.now)?;
    }
    Ok(())
}

/// The actor has seen all their notices.
pub fn read_all(ctx: &Ctx) -> Result<(), Refusal> {
    let me = ctx.person()?.person;
    ctx.write(|tx| Ok(rows::read_all(tx, me, ctx.now)?))
}

/// Deletes notices older than their retention. Returns how many.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    const RETENTION_SECONDS: i64 = 365 * 86_400;
    ctx.write(|tx| Ok(rows::forget(tx, ctx.now.plus_seconds(-RETENTION_SECONDS))?))
}
