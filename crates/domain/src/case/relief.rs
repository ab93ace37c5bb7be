//! Pauses (挂账) and extensions (延期): asked for with a ground, and granted or refused by somebody else.

use jiff::civil;
use kernel::{Case as CaseName, Id, Timestamp};
use policy::{Action, Advance, CaseFacts, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    action::{bounded, entry, event, office_for, rules},
    event::{ASKED, Event, EventDetail, GRANTED, PAUSE_ENDED, REFUSED},
    model::{Case, Status},
    procedure::{Procedure, Relief, ReliefKind, Stage},
    query::{self, Dossier, Record},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal, journal,
    notice::{self, NoticeKind, Recipient},
    organization, text,
};

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct ReliefRequest {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    pub kind: ReliefKind,
    pub ground: String,
    /// Of a pause: the day on which the clock runs again.
    pub until: Option<civil::Date>,
    pub note: String,
}

/// What somebody decides of what was asked for.
#[derive(Clone, Debug)]
pub struct ReliefDecision {
    /// Made by the client: the same one again changes nothing.
    pub request: Option<Uuid>,
    pub granted: bool,
    /// A refusal says why.
    pub note: String,
}

/// What was asked for and waits for its decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub kind: ReliefKind,
    pub ground: String,
    pub until: Option<Timestamp>,
    pub note: String,
    pub at: Timestamp,
}

/// Asks for a pause or for more time.
///
/// # Errors
/// `Conflict` where one was asked for already, the case is paused, its time is over, or it was given as many as it may
/// be; `Invalid` for a ground that is not on the list or a day out of range.
pub fn ask_relief(ctx: &Ctx, id: Id<CaseName>, asked: &ReliefRequest) -> Result<Record, Refusal> {
    ctx.write(|tx| {
        let (dossier, facts) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(asked.request) {
            return query::record_after(tx, ctx, dossier);
        }
        let case = &dossier.case;
        let procedure = query::procedure(ctx, case)?;
        let (_, relief) = relief_at(procedure, case, asked.kind)?;
        ctx.must(Action::CaseAdvance(&relief.ask), Resource::Case(&facts))?;
        can_be_asked(case, relief, ctx.now)?;
        bounded(&dossier, false)?;
        let (until, note) = check(procedure, relief, asked, ctx.now)?;
        let revision = case.revision + 1;
        let next =
            Case { asked: Some((asked.kind, revision)), revision, updated_at: ctx.now, ..case.clone() };
        let detail = EventDetail {
            relief: Some(asked.kind),
            ground: Some(asked.ground.clone()),
            until,
            ..EventDetail::default()
        };
        let event = event(ctx, ASKED, &case.stage, &next, office_for(ctx, &relief.ask, &facts));
        let request = asked.request.unwrap_or(event.request);
        let event = Event { request, note, detail, ..event };
        for office in organization::nearest_offices(tx, &relief.decide.roles, &case.path, ctx.now)? {
            let office = Recipient::Office(&office);
            notice::enqueue(
                tx,
                ctx,
                case.county,
                office,
                NoticeKind::CaseReliefAsked,
                case.id,
                &case.number,
            )?;
        }
        write(tx, ctx, dossier, next, event)
    })
}

/// Grants or refuses what was asked for.
///
/// # Errors
/// `Denied` for whoever asked; `Conflict` where nothing is asked for, or the day until which a pause was to last has come.
pub fn decide_relief(ctx: &Ctx, id: Id<CaseName>, decision: &ReliefDecision) -> Result<Record, Refusal> {
    let mut faults = Faults::default();
    let mut note = text::lines(&mut faults, "note", &decision.note);
    if !decision.granted {
        note = text::required(&mut faults, "note", note);
    }
    faults.check()?;
    ctx.write(|tx| {
        let (dossier, facts) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(decision.request) {
            return query::record_after(tx, ctx, dossier);
        }
        let case = &dossier.case;
        let procedure = query::procedure(ctx, case)?;
        let asking =
            asking(case, &dossier.events).ok_or_else(|| Refusal::conflict("conflict-relief-none"))?;
        let (stage, relief) = relief_at(procedure, case, asking.0)?;
        ctx.must(Action::CaseAdvance(&relief.decide), Resource::Case(&facts))?;
        if asking.1.actor == ctx.actor.person {
            return Err(Refusal::Denied);
        }
        bounded(&dossier, false)?;
        let until = asking.1.detail.until;
        if decision.granted && until.is_some_and(|until| until <= ctx.now) {
            return Err(Refusal::conflict("conflict-relief-day"));
        }
        let (next, moved) = match decision.granted {
            true => {
                let calendar = rules(tx, ctx, procedure, &case.path)?.calendar;
                let (mut next, moved) = case.relieved(&calendar, stage, until, ctx.now);
                next.follow_deadlines(procedure, &calendar);
                (next, Some(moved))
            }
            false => (Case { asked: None, ..case.clone() }, None),
        };
        let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..next };
        let (word, relief_kind) = (if decision.granted { GRANTED } else { REFUSED }, Some(asking.0));
        let detail = EventDetail { relief: relief_kind, until, moved, ..EventDetail::default() };
        let event = event(ctx, word, &case.stage, &next, office_for(ctx, &relief.decide, &facts));
        let request = decision.request.unwrap_or(event.request);
        let event = Event { request, note: note.clone(), detail, ..event };
        tell(tx, ctx, &next, &event)?;
        write(tx, ctx, dossier, next, event)
    })
}

/// Ends a pause before its day: for the body that asked for it, or for who decides on one.
///
/// # Errors
/// `Conflict` where the case is not paused.
pub fn end_pause(ctx: &Ctx, id: Id<CaseName>, request: Option<Uuid>, note: &str) -> Result<Record, Refusal> {
    let mut faults = Faults::default();
    let note = text::lines(&mut faults, "note", note);
    let note = text::required(&mut faults, "note", note);
    ctx.write(|tx| {
        let (dossier, facts) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(request) {
            return query::record_after(tx, ctx, dossier);
        }
        let case = &dossier.case;
        let procedure = query::procedure(ctx, case)?;
        let (stage, relief) = relief_at(procedure, case, ReliefKind::Pause)?;
        let guard = guard_of_end(ctx, relief, &facts).ok_or(Refusal::Denied)?;
        // Whether it may be seen is asked before what was sent is found wanting.
        faults.check()?;
        if !case.is_paused(ctx.now) {
            return Err(Refusal::conflict("conflict-not-paused"));
        }
        bounded(&dossier, false)?;
        let calendar = rules(tx, ctx, procedure, &case.path)?.calendar;
        let (mut next, moved) = case.resumed(&calendar, stage, ctx.now);
        next.follow_deadlines(procedure, &calendar);
        let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..next };
        let detail =
            EventDetail { relief: Some(ReliefKind::Pause), moved: Some(moved), ..EventDetail::default() };
        let event = event(ctx, PAUSE_ENDED, &case.stage, &next, office_for(ctx, guard, &facts));
        let event = Event { request: request.unwrap_or(event.request), note: note.clone(), detail, ..event };
        tell(tx, ctx, &next, &event)?;
        write(tx, ctx, dossier, next, event)
    })
}

/// As whom the actor may end a pause.
fn guard_of_end<'a>(ctx: &Ctx, relief: &'a Relief, facts: &CaseFacts) -> Option<&'a Advance> {
    [&relief.ask, &relief.decide]
        .into_iter()
        .find(|guard| ctx.may(Action::CaseAdvance(guard), Resource::Case(facts)))
}

/// Whether the actor may end the pause of the case now.
pub(super) fn can_end_pause(ctx: &Ctx, procedure: &Procedure, case: &Case, facts: &CaseFacts) -> bool {
    case.is_paused(ctx.now)
        && relief_at(procedure, case, ReliefKind::Pause)
            .is_ok_and(|(_, relief)| guard_of_end(ctx, relief, facts).is_some())
}

/// The body hears what was decided, or that it is its turn again; the reporter, that the case stands still or goes on.
fn tell(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, event: &Event) -> Result<(), Refusal> {
    let offices = match case.owner {
        Some(owner) => organization::handling_offices(tx, owner, ctx.now)?,
        None => Vec::new(),
    };
    let kind = match event.transition.as_str() {
        PAUSE_ENDED => NoticeKind::CaseWaiting,
        _ => NoticeKind::CaseReliefDecided,
    };
    for office in &offices {
        notice::enqueue(tx, ctx, case.county, Recipient::Office(office), kind, case.id, &case.number)?;
    }
    if let Some(reporter) = case.reporter.filter(|_| event.transition != REFUSED) {
        let reporter = Recipient::Person(reporter);
        notice::enqueue(tx, ctx, case.county, reporter, NoticeKind::CaseMoved, case.id, &case.number)?;
    }
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    mut dossier: Dossier,
    next: Case,
    event: Event,
) -> Result<Record, Refusal> {
    rows::save(tx, &next)?;
    rows::insert_event(tx, next.county, next.id, &event)?;
    journal::record(tx, ctx, &entry(&next, &event))?;
    dossier.events.push(event);
    query::record_after(tx, ctx, Dossier { case: next, ..dossier })
}

/// What the stage gives; a case that stands elsewhere by now has moved on.
fn relief_at<'a>(
    procedure: &'a Procedure,
    case: &Case,
    kind: ReliefKind,
) -> Result<(&'a Stage, &'a Relief), Refusal> {
    if case.status != Status::Open {
        return Err(Refusal::conflict("conflict-closed"));
    }
    let stage = procedure.stage(&case.stage);
    stage
        .and_then(|stage| Some((stage, stage.relief(kind)?)))
        .ok_or_else(|| Refusal::conflict("conflict-stage"))
}

/// The kind that was asked for and the row of the timeline in which it was.
pub(super) fn asking<'a>(case: &Case, events: &'a [Event]) -> Option<(ReliefKind, &'a Event)> {
    let (kind, revision) = case.asked?;
    Some((kind, events.iter().find(|event| event.revision == revision)?))
}

fn can_be_asked(case: &Case, relief: &Relief, now: Timestamp) -> Result<(), Refusal> {
    let conflict = match relief.kind {
        _ if case.is_paused(now) => Some("conflict-paused"),
        _ if case.asked.is_some() => Some("conflict-relief-asked"),
        _ if case.is_overdue(now) => Some("conflict-relief-late"),
        ReliefKind::Pause if case.pause.is_some() => Some("conflict-paused-once"),
        ReliefKind::Extension if case.extensions >= relief.most => Some("conflict-extended"),
        ReliefKind::Pause | ReliefKind::Extension => None,
    };
    conflict.map_or(Ok(()), |id| Err(Refusal::conflict(id)))
}

/// The moment until which a pause is to last, and what is said about it. All faults are told at once.
fn check(
    procedure: &Procedure,
    relief: &Relief,
    asked: &ReliefRequest,
    now: Timestamp,
) -> Result<(Option<Timestamp>, String), Refusal> {
    let mut faults = Faults::default();
    let note = text::lines(&mut faults, "note", &asked.note);
    let note = text::required(&mut faults, "note", note);
    if procedure.ground(&relief.ground, &asked.ground).is_none() {
        faults.add("ground", Message::new("fault-choice"));
    }
    let until = match (relief.kind, asked.until) {
        (ReliefKind::Extension, _) => None,
        (ReliefKind::Pause, None) => {
            faults.add("until", Message::new("fault-required"));
            None
        }
        (ReliefKind::Pause, Some(day)) => {
            let until = Timestamp::from_civil(day.at(0, 0, 0, 0));
            if until <= now || until > now.plus_seconds(relief.most * 86_400) {
                faults.add("until", Message::new("fault-pause").with("max", relief.most));
            }
            Some(until)
        }
    };
    faults.check().map(|()| (until, note))
}

/// What the actor may ask for now.
pub(super) fn to_ask(ctx: &Ctx, procedure: &Procedure, case: &Case, facts: &CaseFacts) -> Vec<ReliefKind> {
    let reliefs = procedure.stage(&case.stage).map_or(&[][..], |stage| &stage.reliefs);
    let may_ask = |it: &&Relief| {
        case.status == Status::Open
            && can_be_asked(case, it, ctx.now).is_ok()
            && ctx.may(Action::CaseAdvance(&it.ask), Resource::Case(facts))
    };
    reliefs.iter().filter(may_ask).map(|it| it.kind).collect()
}

/// What waits for its decision, and whether it is the actor's to take.
pub(super) fn to_decide(
    ctx: &Ctx,
    procedure: &Procedure,
    case: &Case,
    events: &[Event],
    facts: &CaseFacts,
) -> Option<(Asked, bool)> {
    let (kind, event) = asking(case, events)?;
    let relief = procedure.stage(&case.stage)?.relief(kind)?;
    let may_decide = ctx.may(Action::CaseAdvance(&relief.decide), Resource::Case(facts))
        && event.actor != ctx.actor.person;
    let detail = &event.detail;
    let asked = Asked {
        kind,
        ground: detail.ground.clone().unwrap_or_default(),
        until: detail.until,
        note: event.note.clone(),
        at: event.at,
    };
    Some((asked, may_decide))
}
