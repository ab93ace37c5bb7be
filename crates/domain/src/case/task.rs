//! What happens by the clock alone: transitions at a stage's end, telling those above, forgetting.

use std::sync::Arc;

use super::{model::StepInput, query, store as rows};
use crate::{
    City, Ctx, Refusal,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Cases looked at in one transaction.
const BATCH: i64 = 100;
/// As the register of what is kept says.
const REPORTER_RETENTION_SECONDS: i64 = 365 * 86_400;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub moved: u64,
    pub escalated: u64,
    pub forgotten: u64,
}

/// Deals with every case whose stage is over. Deadlines are rows: a run that was missed is made up by the next.
pub fn tick(city: &Arc<City>) -> Result<Done, Refusal> {
    let ctx = Ctx::system(city.clone());
    let mut done = Done::default();
    loop {
        let late = ctx.read(|tx| Ok(rows::late(tx, ctx.now, BATCH)?))?;
        if late.is_empty() {
            break;
        }
        for case in &late {
            let procedure = query::procedure(&ctx, case)?;
            let stage = procedure.stage(&case.stage);
            match stage.and_then(|stage| stage.transitions.iter().find(|it| it.on_timeout)) {
                Some(transition) => {
                    super::advance(&ctx, case.id, &transition.id, &StepInput::default())?;
                    done.moved += 1;
                }
                None => {
                    escalate(&ctx, case, stage.map_or(&[], |stage| &stage.escalate))?;
                    done.escalated += 1;
                }
            }
        }
    }
    let before = ctx.now.plus_seconds(-REPORTER_RETENTION_SECONDS);
    done.forgotten = ctx.write(|tx| Ok(rows::forget_reporters(tx, before)?))?;
    Ok(done)
}

/// Tells the offices of `roles` nearest above the case, once per stage.
fn escalate(ctx: &Ctx, case: &super::Case, roles: &[kernel::Role]) -> Result<(), Refusal> {
    ctx.write(|tx| {
        rows::set_escalated(tx, case)?;
        for office in organization::nearest_offices(tx, roles, &case.path, ctx.now)? {
            let office = Recipient::Office(&office);
            notice::enqueue(tx, ctx, case.county, office, NoticeKind::CaseOverdue, case.id, &case.number)?;
        }
        Ok(())
    })
}
