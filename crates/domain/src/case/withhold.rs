//! Taking a report's words and place out of what is published: what tells of a person, no rule can find.

use kernel::{Case as CaseName, Id};
use policy::{Action, Resource};
use uuid::Uuid;

use super::{
    action::{entry, event},
    event::{Event, WITHHELD},
    model::Case,
    query::{self, Dossier, Record},
    store as rows,
};
use crate::{Ctx, Refusal, journal};

/// From now on everybody is shown the class of the case, its area and where it stands, and no words of its report. For
/// good: what was hidden for somebody's sake nobody else shows again. Hidden before, nothing changes.
///
/// # Errors
/// `Conflict` if nothing of cases of its procedure is published.
pub fn withhold(ctx: &Ctx, id: Id<CaseName>, request: Option<Uuid>) -> Result<Record, Refusal> {
    ctx.write(|tx| {
        let (mut dossier, facts) = query::load_visible(tx, ctx, id)?;
        ctx.must(Action::CaseWithhold, Resource::Case(&facts))?;
        let case = &dossier.case;
        if !query::procedure(ctx, case)?.published {
            return Err(Refusal::conflict("conflict-not-published"));
        }
        if dossier.is_withheld() {
            return query::record_after(tx, ctx, dossier);
        }
        let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..case.clone() };
        rows::save(tx, &next)?;
        rows::insert_withheld(tx, &next, ctx.now)?;
        let event = event(ctx, WITHHELD, &case.stage, &next, ctx.actor.appointments.first());
        let event = Event { request: request.unwrap_or(event.request), ..event };
        rows::insert_event(tx, case.county, case.id, &event)?;
        journal::record(tx, ctx, &entry(&next, &event))?;
        dossier.events.push(event);
        query::record_after(tx, ctx, Dossier { case: next, ..dossier })
    })
}
