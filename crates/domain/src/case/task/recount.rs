//! Counting deadlines again when a year's calendar was entered.

use std::sync::Arc;

use kernel::{Case as CaseName, Id};
use store::Tx;
use uuid::Uuid;

use super::{
    super::{
        action::{entry, event},
        alarm::Moved,
        event::{Event, EventDetail, RECOUNTED},
        model::{Case, Status},
        query, store as rows,
    },
    BATCH,
};
use crate::{
    City, Ctx, Refusal,
    calendar::{self, Change},
    journal,
};

/// Counts all deadlines again that lie in years which were entered since, or after them. Returns how many cases it
/// moved. Done again it moves none, so that a run that was cut short is made up by the next.
pub fn recount(city: &Arc<City>) -> Result<u64, Refusal> {
    let mut moved = 0;
    for change in calendar::unsettled(&Ctx::system(city.clone()))? {
        let mut after = Id::from_uuid(Uuid::nil());
        loop {
            let ctx = Ctx::system(city.clone());
            let batch = ctx.read(|tx| Ok(rows::due_from(tx, &change.path, change.start(), after, BATCH)?))?;
            let Some(last) = batch.last() else { break };
            after = *last;
            moved += recount_all(&ctx, &batch, &change)?;
        }
        calendar::settled(&Ctx::system(city.clone()), &change)?;
    }
    Ok(moved)
}

/// In one transaction; each by itself where one of them is unsound.
fn recount_all(ctx: &Ctx, cases: &[Id<CaseName>], change: &Change) -> Result<u64, Refusal> {
    let outcome = ctx.write(|tx| {
        let mut moved = 0;
        for id in cases {
            moved += u64::from(recount_one(tx, ctx, *id, change)?);
        }
        Ok(moved)
    });
    match (outcome, cases) {
        (Err(refusal), [case]) if refusal.is_of_one() => {
            tracing::error!(%case, %refusal, "the deadlines of a case were not counted again");
            Ok(0)
        }
        (Err(refusal), _) if refusal.is_of_one() => {
            cases.iter().map(|case| recount_all(ctx, &[*case], change)).sum()
        }
        (outcome, _) => outcome,
    }
}

/// Whether a deadline of the case was moved.
fn recount_one(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CaseName>, change: &Change) -> Result<bool, Refusal> {
    let case = rows::load(tx, id)?.filter(|case| case.status == Status::Open);
    let Some(case) = case else { return Ok(false) };
    let procedure = query::procedure(ctx, &case)?;
    let stage = procedure.stage(&case.stage);
    let stage = stage.ok_or_else(|| Refusal::Broken(format!("no stage {}", case.stage)))?;
    let calendar = ctx.city.calendars.of(tx, &case.path)?;
    let (next, mut moved) = case.recounted(&calendar, (procedure, stage), ctx.now);
    if moved == Moved::default() && next.contact_due == case.contact_due {
        if next.next_alarm != case.next_alarm {
            rows::set_next_alarm(tx, &case, next.next_alarm)?;
        }
        return Ok(false);
    }
    moved.year = Some(change.year);
    let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..next };
    rows::save(tx, &next)?;
    let detail = EventDetail { moved: Some(moved), ..EventDetail::default() };
    let event = Event { detail, ..event(ctx, RECOUNTED, &case.stage, &next, None) };
    rows::insert_event(tx, case.county, case.id, &event)?;
    journal::record(tx, ctx, &entry(&next, &event))?;
    Ok(true)
}
