//! Moving a case on, and sending it to the body that has to do with it: by the list of responsibilities where that names
//! one, by a dispatcher where it does not.

use kernel::{Id, Organization};
use policy::{Action, Actor, Appointment, Resource};
use store::Tx;

use super::{
    action::{bounded_photos, event, rules, write},
    advance::{Rules, check_open},
    event::{Event, EventDetail},
    joint,
    model::{Case, StepInput},
    procedure::Transition,
    query::{self, Dossier},
    store as rows, work,
};
use crate::{
    Ctx, Message, Refusal, organization,
    responsibility::{self, Candidate, Responsibility},
};

/// Moves the case of a dossier by a transition that the actor may take, with timeline and journal.
pub(super) fn take(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    dossier: &mut Dossier,
    taken: &Transition,
    input: &StepInput,
    office: Option<&Appointment>,
) -> Result<(), Refusal> {
    let case = &dossier.case;
    bounded_photos(dossier, &input.photos)?;
    let procedure = query::procedure(ctx, case)?;
    let owner = input.organization.filter(|_| taken.gives());
    let duty = owner.map(|owner| duty(tx, ctx, case, input, owner)).transpose()?.flatten();
    let rules = Rules { duty: duty.as_ref(), ..rules(tx, ctx, procedure, &case.path)? };
    let (next, detail) = case.advance(&rules, taken, input)?;
    let sent_from = office.filter(|_| detail.owner.is_some()).map(|it| it.area.as_str().to_owned());
    let detail = EventDetail { sent_from, ..detail };
    if let Some(owner) = detail.owner {
        if !organization::can_handle(tx, owner, &case.path, ctx.now)? {
            return Err(Refusal::invalid("organization", Message::new("fault-choice")));
        }
        rows::insert_handling(tx, &next, owner)?;
        dossier.handlings.extend(Some(owner).filter(|it| !dossier.handlings.contains(it)));
    }
    rows::save(tx, &next)?;
    rows::insert_photos(tx, &next, next.revision, &input.photos)?;
    dossier.photos.extend(input.photos.iter().map(|photo| photo.of_step(next.revision)));
    let event = event(ctx, &taken.id, &case.stage, &next, office);
    let request = input.request.unwrap_or(event.request);
    let work =
        procedure.stage(&case.stage).map(|stage| work::of_step(stage, taken, office)).unwrap_or_default();
    let in_time = !case.is_stage_over(ctx.now);
    let event = Event { request, part: taken.part, note: input.note.clone(), detail, work, in_time, ..event };
    write(tx, ctx, &next, &event)?;
    if let Some(owner) = case.owner {
        if taken.effect.returns {
            rows::mark_returned(tx, case, owner, ctx.now)?;
        }
        if taken.effect.reworks {
            rows::mark_reworked(tx, case, owner, ctx.now)?;
        }
    }
    for revision in work::undone(case, &next, taken, &dossier.events) {
        rows::undo_work(tx, case, revision, ctx.now)?;
    }
    dossier.events.push(event);
    dossier.case = next;
    joint::split(tx, ctx, dossier, taken, input)
}

/// What the list says of this body and the case, if it names the body.
fn duty(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    input: &StepInput,
    owner: Id<Organization>,
) -> Result<Option<Responsibility>, Refusal> {
    let class = input.class.as_ref().filter(|it| ctx.city.classes.get(it).is_some()).unwrap_or(&case.class);
    let found = responsibility::candidates(tx, ctx, &case.path, class, ctx.now)?;
    Ok(found.into_iter().map(|it| it.row).find(|row| row.organization == owner))
}

/// Sends the case on at once where its stage leaves that to the list and the list names one body that can handle it there.
/// Once in a case: what a body had before is for people to send. Nobody has a part in it.
pub(super) fn by_list(tx: &mut Tx<'_>, ctx: &Ctx, dossier: &mut Dossier) -> Result<(), Refusal> {
    let case = &dossier.case;
    let procedure = query::procedure(ctx, case)?;
    let stage = procedure.stage(&case.stage);
    let Some((stage, taken)) = stage.and_then(|it| Some((it, it.transitions.iter().find(|it| it.by_list)?)))
    else {
        return Ok(());
    };
    let was_sent = case.owner.is_some() || case.returns > 0 || !dossier.handlings.is_empty();
    if was_sent {
        return Ok(());
    }
    let rules = rules(tx, ctx, procedure, &case.path)?;
    if check_open(case, &dossier.events, &rules, stage, taken).is_err() {
        return Ok(());
    }
    let Some(body) = clear(&responsibility::candidates(tx, ctx, &case.path, &case.class, ctx.now)?) else {
        return Ok(());
    };
    let system = Ctx { actor: Actor::system(), signed_in: None, ..ctx.clone() };
    system.must(Action::CaseAdvance(&taken.advance), Resource::Case(&dossier.facts(ctx)?))?;
    let input = StepInput { organization: Some(body), ..StepInput::default() };
    take(tx, &system, dossier, taken, &input, None)
}

/// The one body, if there is one alone that can handle it.
fn clear(candidates: &[Candidate]) -> Option<Id<Organization>> {
    let mut able = candidates.iter().filter(|it| it.can_handle).map(|it| it.row.organization);
    able.next().filter(|_| able.next().is_none())
}
