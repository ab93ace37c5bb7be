//! What happens by the clock alone: a reply that is late is told to those above.

use std::sync::Arc;

use kernel::{Id, Role, Supervision};

use super::{
    action::{Said, remark, tell_body, tell_office},
    model::{LATE, Order},
    store as rows,
};
use crate::{
    City, Ctx, Refusal,
    case::{self, Told},
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Orders looked at in one transaction.
const BATCH: i64 = 100;

/// Deals with every order whose reply is late. Deadlines are rows: a run that was missed is made up by the next.
/// Returns how many were told of.
pub fn tick(city: &Arc<City>) -> Result<u64, Refusal> {
    let mut told = 0;
    loop {
        let ctx = Ctx::system(city.clone());
        let late = ctx.read(|tx| Ok(rows::late(tx, ctx.now, BATCH)?))?;
        if late.is_empty() {
            return Ok(told);
        }
        for id in late {
            told += u64::from(escalate(&Ctx::system(city.clone()), id)?);
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
        let case = remark(tx, ctx, &case, &next, Said { word: LATE, request: None, note: "", told })?;
        tell_body(tx, ctx, &case, &next, NoticeKind::SupervisionLate)?;
        tell_office(tx, ctx, &case, &next, NoticeKind::SupervisionLate)?;
        Ok(true)
    })
}
