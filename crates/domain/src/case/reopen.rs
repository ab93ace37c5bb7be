//! Opening a case again that was closed: until when, how often, who learns of it, and who may not judge it once more.

use kernel::{Id, Person, Role, Timestamp};
use policy::{Action, Relation, Resource};
use store::Tx;

use super::{
    advance::{Rules, times_left},
    event::Event,
    model::Case,
    procedure::{Procedure, Transition},
};
use crate::{
    Ctx, Message, Refusal,
    calendar::Countdown,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// How the actor may open a closed case again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reopening {
    pub transition: String,
    /// The last moment for it; none where the clock of the stage ends it.
    pub until: Option<Timestamp>,
    /// Neither is the window over, nor was it opened again as often as it may be.
    pub is_open: bool,
}

/// How the actor may open the case again where it stands, or might have before the window was over.
pub fn offer(
    ctx: &Ctx,
    rules: &Rules<'_>,
    case: &Case,
    events: &[Event],
    resource: Resource<'_>,
) -> Option<Reopening> {
    let stage = rules.procedure.stage(&case.stage)?;
    let is_theirs =
        |it: &&Transition| it.effect.reopens && ctx.may(Action::CaseAdvance(&it.advance), resource);
    let transition = stage.transitions.iter().find(is_theirs)?;
    let is_left = times_left(case, events, stage, transition) != Some(0);
    Some(Reopening {
        transition: transition.id.clone(),
        until: until(rules, case, transition),
        is_open: is_left && check_window(rules, case, transition).is_ok(),
    })
}

/// The last moment of the window of a transition that has one.
fn until(rules: &Rules<'_>, case: &Case, transition: &Transition) -> Option<Timestamp> {
    let window = transition.within.filter(|_| transition.effect.reopens);
    window.map(|limit| rules.calendar.due(&Countdown::from(case.stage_since, limit)))
}

/// What comes after the window is a new report, which names this case.
pub fn check_window(rules: &Rules<'_>, case: &Case, transition: &Transition) -> Result<(), Refusal> {
    match until(rules, case, transition) {
        Some(until) if until < rules.now => {
            Err(Refusal::Conflict(Message::new("conflict-window").with("number", case.number.as_str())))
        }
        _ => Ok(()),
    }
}

/// Who closed the case before it was last opened again: none of them judges the work once more.
pub fn closers(procedure: &Procedure, events: &[Event]) -> Vec<Id<Person>> {
    let reopens = |event: &Event| taken(procedure, event).is_some_and(|it| it.effect.reopens);
    let last = events.iter().rposition(reopens).unwrap_or(0);
    let mut people: Vec<_> = closings(procedure, &events[..last]).filter_map(|event| event.actor).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// The steps by which it was closed, or passed its check, by others than its reporter.
fn closings<'a>(procedure: &'a Procedure, events: &'a [Event]) -> impl Iterator<Item = &'a Event> {
    let closes = |event: &&Event| {
        taken(procedure, event)
            .is_some_and(|it| (it.passes() || it.advance.closes) && it.advance.relation != Relation::Reporter)
    };
    events.iter().filter(closes)
}

fn taken<'a>(procedure: &'a Procedure, event: &Event) -> Option<&'a Transition> {
    procedure.stage(&event.from)?.transition(&event.transition)
}

/// Tells the offices that closed the case, the leaders nearest above it and the body that handled it. Whose turn it
/// is now is told like at every step. `events` are those before.
pub fn tell(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    procedure: &Procedure,
    case: &Case,
    events: &[Event],
) -> Result<(), Refusal> {
    let mut offices = organization::nearest_offices(tx, &[Role::Leader], &case.path, ctx.now)?;
    if let Some(owner) = case.owner {
        offices.extend(organization::handling_offices(tx, owner, ctx.now)?);
    }
    for event in closings(procedure, events) {
        let Some(body) = event.organization else { continue };
        let theirs = organization::offices_of(tx, body, event.role, ctx.now)?;
        offices.extend(theirs.into_iter().filter(|it| case.path.is_within(&it.area)));
    }
    for (index, office) in offices.iter().enumerate() {
        if !offices[..index].contains(office) {
            let office = Recipient::Office(office);
            notice::enqueue(tx, ctx, case.county, office, NoticeKind::CaseReopened, case.id, &case.number)?;
        }
    }
    Ok(())
}
