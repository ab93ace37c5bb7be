//! Reports of the same thing: found near one another, merged by a person, and parted again where that was wrong.
//!
//! The case that is merged ends where it stands, and leads its reporter on to the one that goes on; nothing of one reporter is
//! shown to the other.

use kernel::{Case as CaseName, Id, Timestamp};
use policy::{Action, CaseFacts, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    action::{event, rules, tell, write},
    event::{Event, LET_GO, MERGE, TAKE_IN, UNMERGE},
    model::{Case, Status},
    near,
    query::{self, Dossier, Record},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal,
    notice::{self, NoticeKind, Recipient},
    organization, text,
};

/// Cases that may be merged into one.
const MERGED_MAX: usize = 100;
/// Days in which a merge can be undone.
const UNDO_DAYS: i64 = 7;

/// Ends `id` as a report of what `into` is about. The same request again changes nothing.
///
/// # Errors
/// `Invalid` for the other case if there is none that the actor may see, `Conflict` where the two cannot be one.
pub fn merge(
    ctx: &Ctx,
    id: Id<CaseName>,
    into: Id<CaseName>,
    request: Option<Uuid>,
    reason: &str,
) -> Result<Record, Refusal> {
    let reason = said(reason)?;
    ctx.write(|tx| {
        let (mut dossier, facts) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(request) {
            return query::record_after(tx, ctx, dossier);
        }
        ctx.must(Action::CaseMerge, Resource::Case(&facts))?;
        let (main, _) = match query::load_visible(tx, ctx, into) {
            Err(Refusal::NotFound) => {
                return Err(Refusal::invalid("into", Message::new("fault-merge-unknown")));
            }
            found => found?,
        };
        let merged = rows::merged_into(tx, id)?;
        let there = rows::merged_into(tx, into)?.len();
        check(&dossier, &main.case, there + merged.len() + 1, ctx.now)?;
        for it in merged {
            // What was merged into it goes along, so that every link leads to the case that is worked on.
            let next = Case { merged_into: Some(into), ..again(ctx, &it) };
            let moved = Event { note: reason.clone(), ..between(ctx, MERGE, &next, into) };
            rows::save(tx, &next)?;
            write(tx, ctx, &next, &moved)?;
        }
        let next = Case {
            status: Status::Void,
            closed_at: Some(ctx.now),
            merged_into: Some(into),
            // No clock runs, and none is looked at.
            next_alarm: None,
            ..again(ctx, &dossier.case)
        };
        let event = between(ctx, MERGE, &next, into);
        let event = Event { request: request.unwrap_or(event.request), note: reason.clone(), ..event };
        rows::save(tx, &next)?;
        write(tx, ctx, &next, &event)?;
        note_in(tx, ctx, &main.case, TAKE_IN, id)?;
        tell_of_merge(tx, ctx, &next)?;
        dossier.events.push(event);
        query::record_after(tx, ctx, Dossier { case: next, ..dossier })
    })
}

/// Brings a case back that was merged by mistake, to where it stood and with the deadline that it had.
pub fn unmerge(ctx: &Ctx, id: Id<CaseName>, request: Option<Uuid>, reason: &str) -> Result<Record, Refusal> {
    let reason = said(reason)?;
    ctx.write(|tx| {
        let (mut dossier, _) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(request) {
            return query::record_after(tx, ctx, dossier);
        }
        let facts = dossier.facts_if_open(ctx)?;
        ctx.must(Action::CaseMerge, Resource::Case(&facts))?;
        let case = &dossier.case;
        let Some(main) = case.merged_into else { return Err(Refusal::conflict("conflict-not-merged")) };
        if !can_part(ctx, case) {
            return Err(Refusal::Conflict(Message::new("conflict-unmerge-late").with("days", UNDO_DAYS)));
        }
        let mut next = Case { status: Status::Open, closed_at: None, merged_into: None, ..again(ctx, case) };
        let procedure = query::procedure(ctx, case)?;
        if let Some(stage) = procedure.stage(&case.stage) {
            next.set_alarm(&rules(tx, ctx, procedure, &case.path)?.calendar, stage);
        }
        let event = between(ctx, UNMERGE, &next, main);
        let event = Event { request: request.unwrap_or(event.request), note: reason.clone(), ..event };
        rows::save(tx, &next)?;
        write(tx, ctx, &next, &event)?;
        if let Some(main) = rows::load(tx, main)? {
            note_in(tx, ctx, &main, LET_GO, id)?;
        }
        tell(tx, ctx, procedure, &next)?;
        dossier.events.push(event);
        query::record_after(tx, ctx, Dossier { case: next, ..dossier })
    })
}

/// Whether a merged case may still be brought back, as far as time goes.
fn can_part(ctx: &Ctx, case: &Case) -> bool {
    let until = |at: Timestamp| at.plus_seconds(UNDO_DAYS * 86_400);
    case.merged_into.is_some() && case.closed_at.is_some_and(|at| ctx.now <= until(at))
}

/// Whether the actor may bring it back.
pub(super) fn can_unmerge(ctx: &Ctx, dossier: &Dossier) -> Result<bool, Refusal> {
    Ok(can_part(ctx, &dossier.case)
        && ctx.may(Action::CaseMerge, Resource::Case(&dossier.facts_if_open(ctx)?)))
}

/// Whether the case may be merged into another one at all, by a person.
pub(super) fn can_merge(ctx: &Ctx, dossier: &Dossier, facts: &CaseFacts) -> bool {
    ctx.actor.person.is_some()
        && ctx.may(Action::CaseMerge, Resource::Case(facts))
        && mergeable(dossier).is_ok()
}

fn said(reason: &str) -> Result<String, Refusal> {
    let mut faults = Faults::default();
    let reason = text::lines(&mut faults, "reason", reason);
    let reason = text::required(&mut faults, "reason", reason);
    faults.check()?;
    Ok(reason)
}

/// It is open, no part of another, and nothing has come of it yet.
fn mergeable(dossier: &Dossier) -> Result<(), Refusal> {
    let case = &dossier.case;
    let why = match case {
        Case { status: Status::Closed | Status::Void, .. } => "conflict-closed",
        Case { parent: Some(_), .. } => "conflict-merge-support",
        Case { handled_at: Some(_), .. } => "conflict-merge-handled",
        _ if dossier.has_open_support() => "conflict-merge-support-open",
        _ => return Ok(()),
    };
    Err(Refusal::conflict(why))
}

/// `all` cases would be merged into `main`. What closes, or is merged itself, meanwhile is seen by its revision.
fn check(dossier: &Dossier, main: &Case, all: usize, now: Timestamp) -> Result<(), Refusal> {
    if dossier.case.id == main.id {
        return Err(Refusal::invalid("into", Message::new("fault-merge-itself")));
    }
    mergeable(dossier)?;
    let case = &dossier.case;
    let why = match main {
        Case { merged_into: Some(_), .. } => "conflict-merge-merged",
        Case { status: Status::Closed | Status::Void, .. } => "conflict-merge-closed",
        Case { parent: Some(_), .. } => "conflict-merge-support",
        // What was mended and broke again is not what was reported before.
        Case { handled_at: Some(_), .. } => "conflict-merge-main-handled",
        _ if main.class != case.class || main.procedure != case.procedure => "conflict-merge-class",
        // A body's time that is over does not vanish by way of a second report.
        _ if case.owner.is_some() && case.is_overdue(now) => "conflict-merge-late",
        _ if !near::may_be_one(case, main) => "conflict-merge-far",
        _ if all > MERGED_MAX => {
            return Err(Refusal::Conflict(Message::new("conflict-merge-many").with("max", MERGED_MAX)));
        }
        _ => return Ok(()),
    };
    Err(Refusal::conflict(why))
}

/// The case one revision later, and otherwise as it is.
fn again(ctx: &Ctx, case: &Case) -> Case {
    Case { revision: case.revision + 1, updated_at: ctx.now, ..case.clone() }
}

/// What the timeline of `next` says of it and `other`.
fn between(ctx: &Ctx, what: &str, next: &Case, other: Id<CaseName>) -> Event {
    let mut event = event(ctx, what, &next.stage, next, ctx.actor.appointments.first());
    event.detail.case = Some(other);
    event
}

/// Says in the timeline of the case that goes on that another came to it or left it; its reporter is not shown that.
fn note_in(tx: &mut Tx<'_>, ctx: &Ctx, main: &Case, what: &str, other: Id<CaseName>) -> Result<(), Refusal> {
    let next = again(ctx, main);
    let event = Event { public: false, ..between(ctx, what, &next, other) };
    rows::save(tx, &next)?;
    write(tx, ctx, &next, &event)
}

/// Tells the reporter, and the body that had it to do.
fn tell_of_merge(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case) -> Result<(), Refusal> {
    let enqueue = |tx: &mut Tx<'_>, recipient: Recipient<'_>| {
        notice::enqueue(tx, ctx, case.county, recipient, NoticeKind::CaseMerged, case.id, &case.number)
    };
    if let Some(reporter) = case.reporter.filter(|it| Some(*it) != ctx.actor.person) {
        enqueue(tx, Recipient::Person(reporter))?;
    }
    let Some(owner) = case.owner else { return Ok(()) };
    for office in organization::handling_offices(tx, owner, ctx.now)? {
        enqueue(tx, Recipient::Office(&office))?;
    }
    Ok(())
}
