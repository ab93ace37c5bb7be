//! What happens by the clock alone: a reply that is late is told to those above.

use std::sync::Arc;

use kernel::{Id, Role, Supervision, Timestamp};

use super::{
    action::{Said, remark, tell_body, tell_office},
    model::{LATE, Order, RECOUNTED, State},
    store as rows,
};
use crate::{
    City, Ctx, Refusal,
    calendar::{self, Change, Countdown},
    case::{self, Moved, Told},
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Orders looked for at once.
const BATCH: i64 = 100;

/// Deals with every order whose reply is late. Deadlines are rows: a run that was missed is made up by the next.
/// One with which nothing can be done holds up none of those behind it. Returns how many were told of.
pub fn tick(city: &Arc<City>) -> Result<u64, Refusal> {
    let (mut told, mut after) = (0, None);
    loop {
        let ctx = Ctx::system(city.clone());
        let late = ctx.read(|tx| Ok(rows::late(tx, ctx.now, after, BATCH)?))?;
        let Some(last) = late.last() else { return Ok(told) };
        after = Some(*last);
        for (_, id) in late {
            match escalate(&Ctx::system(city.clone()), id) {
                Ok(is_told) => told += u64::from(is_told),
                Err(refusal) if refusal.is_of_one() => {
                    tracing::error!(order = %id, %refusal, "nobody was told that a reply is late: mend the row, and the next round goes on");
                }
                Err(refusal) => return Err(refusal),
            }
        }
    }
}

/// Says in the case's timeline that the reply is late, and tells the body, the office that ordered it and the leaders
/// nearest above that office. Whether it did: somebody may have come first.
fn escalate(ctx: &Ctx, id: Id<Supervision>) -> Result<bool, Refusal> {
    ctx.write(|tx| {
        let late = rows::load(tx, id)?.filter(|order| order.is_late(ctx.now) && !order.escalated);
        let Some(order) = late else { return Ok(false) };
        let (case, ..) = case::visible(tx, ctx, order.case)?;
        let above = match order.office.area.parent() {
            Some(area) => {
                organization::nearest_offices(tx, &[Role::Leader, Role::Commander], &area, ctx.now)?
            }
            None => Vec::new(),
        };
        let next = Order { escalated: true, revision: order.revision + 1, ..order.clone() };
        rows::save(tx, &next)?;
        let mut told = Vec::with_capacity(above.len());
        for office in &above {
            let (kind, recipient) = (NoticeKind::SupervisionLate, Recipient::Office(office));
            let notice = notice::enqueue(tx, ctx, case.county, recipient, kind, case.id, &case.number)?;
            told.push(Told { role: office.role, organization: office.organization, notice: Some(notice) });
        }
        let case = remark(tx, ctx, &case, &next, Said { told, ..Said::of(LATE) })?;
        tell_body(tx, ctx, &case, &next, NoticeKind::SupervisionLate)?;
        tell_office(tx, ctx, &case, &next, NoticeKind::SupervisionLate)?;
        Ok(true)
    })
}

/// Counts the time to reply again where it reaches into a year that was entered since.
pub fn recount(city: &Arc<City>) -> Result<u64, Refusal> {
    calendar::recount_each(
        city,
        |tx, change, after| rows::due_from(tx, &change.path, change.start(), after, BATCH),
        recount_one,
    )
}

/// What is late stays late.
fn recount_one(ctx: &Ctx, id: Id<Supervision>, change: &Change) -> Result<bool, Refusal> {
    ctx.write(|tx| {
        let is_open = |it: &Order| it.state == State::Waiting && it.due > ctx.now;
        let Some(order) = rows::load(tx, id)?.filter(is_open) else { return Ok(false) };
        let (level, since) = (ctx.city.supervision.get(&order.level), order.due_since);
        let Some((level, since)) = level.zip(since) else { return Ok(false) };
        let due = ctx.city.calendars.of(tx, &order.path)?.due(&Countdown::from(since, level.within));
        if due == order.due {
            return Ok(false);
        }
        let (case, ..) = case::visible(tx, ctx, order.case)?;
        let moved: Option<(Timestamp, Timestamp)> = Some((order.due, due));
        let moved = Some(Moved { stage: moved, year: Some(change.year), ..Moved::default() });
        let next = Order { due, revision: order.revision + 1, ..order };
        rows::save(tx, &next)?;
        remark(tx, ctx, &case, &next, Said { moved, ..Said::of(RECOUNTED) })?;
        Ok(true)
    })
}
