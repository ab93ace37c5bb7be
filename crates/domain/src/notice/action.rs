use kernel::{Area, Case, Id, Notice as NoticeName};
use store::Tx;

use super::{
    model::{Notice, NoticeKind, Position, Recipient},
    store as rows,
};
use crate::{Ctx, Message, Refusal};

/// Tells `recipient` of `case` in the transaction that moves it. Those who move it are not told by way
/// of their office. Returns the notice's id.
pub fn enqueue(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    county: Id<Area>,
    recipient: Recipient<'_>,
    kind: NoticeKind,
    case: Id<Case>,
    detail: &str,
) -> Result<Id<NoticeName>, Refusal> {
    insert(tx, ctx, county, recipient, kind, About { case: Some(case), regime: None }, detail)
}

/// Tells `recipient` of what is no case's.
pub fn announce(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    county: Id<Area>,
    recipient: Recipient<'_>,
    kind: NoticeKind,
    detail: &str,
) -> Result<Id<NoticeName>, Refusal> {
    insert(tx, ctx, county, recipient, kind, About::default(), detail)
}

/// Tells `recipient` of passes under a regime, at whose end what a person was told goes.
pub fn announce_of_regime(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    county: Id<Area>,
    recipient: Recipient<'_>,
    kind: NoticeKind,
    regime: u16,
    detail: &str,
) -> Result<Id<NoticeName>, Refusal> {
    insert(tx, ctx, county, recipient, kind, About { case: None, regime: Some(regime) }, detail)
}

/// What a notice is about, if it is about something that has a row.
#[derive(Default)]
struct About {
    case: Option<Id<Case>>,
    regime: Option<u16>,
}

fn insert(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    county: Id<Area>,
    recipient: Recipient<'_>,
    kind: NoticeKind,
    about: About,
    detail: &str,
) -> Result<Id<NoticeName>, Refusal> {
    let (id, detail) = (ctx.id(), detail.to_owned());
    let About { case, regime } = about;
    let notice = Notice { id, case, regime, kind, detail, at: ctx.now, read: false };
    rows::insert(tx, county, recipient, ctx.actor.person, &notice)?;
    Ok(id)
}

/// The actor has seen their notices up to `until`; without it, all that there are by now.
pub fn read_all(ctx: &Ctx, until: Option<Position>) -> Result<(), Refusal> {
    let me = ctx.person()?;
    let until = until.unwrap_or(Position::after_all_of(ctx.now));
    if until.at > ctx.now {
        return Err(Refusal::invalid("until", Message::new("fault-until-future")));
    }
    ctx.write(|tx| {
        // What was seen stays seen when another device, which shows less, says so later.
        match rows::seen(tx, me.county, me.person)? {
            Some(seen) if seen >= until => Ok(()),
            _ => Ok(rows::see(tx, me.county, me.person, until)?),
        }
    })
}

/// Deletes notices older than their retention. Returns how many.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    const RETENTION_SECONDS: i64 = 365 * 86_400;
    ctx.write(|tx| Ok(rows::forget(tx, ctx.now.plus_seconds(-RETENTION_SECONDS))?))
}

/// Deletes what people, and not offices, were told about passes of a regime that is over. Returns how many.
pub fn forget_of_regime(tx: &mut Tx<'_>, county: Id<Area>, regime: u16) -> Result<u64, Refusal> {
    Ok(rows::forget_of_regime(tx, county, regime)?)
}
