use std::collections::BTreeMap;

use kernel::{AreaPath, Case as CaseName, Id, limits};
use policy::{Action, Advance, Appointment, CaseFacts, Purpose, Relation, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    advance::{Rules, check_open},
    dispatch,
    event::{Event, EventDetail, NOTE, SUPERVISION},
    joint,
    model::{Case, Contact, Parts, Status, StepInput, StoredPhoto},
    photo,
    procedure::{Procedure, Stage, Transition},
    query::{self, Dossier, Record},
    reopen, report, store as rows,
    work::Work,
};
use crate::{
    Ctx, Faults, Message, Refusal, journal,
    notice::{self, NoticeKind, Recipient},
    organization, resident, text,
};

/// Takes `transition` of the case. The same request again changes nothing. Returns the case as the actor sees
/// it then.
pub fn advance(ctx: &Ctx, id: Id<CaseName>, transition: &str, input: &StepInput) -> Result<Record, Refusal> {
    let mut faults = Faults::default();
    let note = text::lines(&mut faults, "note", &input.note);
    if input.photos.len() > limits::PHOTOS_PER_STEP_MAX {
        faults.add("photos", Message::new("fault-too-many-photos").with("max", limits::PHOTOS_PER_STEP_MAX));
    }
    faults.check()?;
    let input = StepInput { note, ..input.clone() };
    let (record, is_new) = ctx.write(|tx| {
        let (mut dossier, facts) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(input.request) {
            return Ok((query::record_after(tx, ctx, dossier)?, false));
        }
        let case = &dossier.case;
        let procedure = query::procedure(ctx, case)?;
        let (stage, taken) = transition_at(procedure, case, transition)?;
        ctx.must(Action::CaseAdvance(&taken.advance), Resource::Case(&facts))?;
        if case.is_paused(ctx.now) {
            return Err(Refusal::conflict("conflict-paused"));
        }
        let rules = rules(tx, ctx, procedure, &case.path)?;
        check_open(case, &dossier.events, &rules, stage, taken)?;
        joint::check_whole(&dossier, procedure, taken)?;
        let ends = procedure.stage(&taken.to).is_some_and(|it| it.end.is_some());
        bounded(&dossier, ends)?;
        let office = office_for(ctx, &taken.advance, &facts);
        dispatch::take(tx, ctx, &mut dossier, taken, &input, office)?;
        if taken.effect.reopens {
            reopen::tell(tx, ctx, procedure, &dossier.case, &dossier.events)?;
        }
        dispatch::by_list(tx, ctx, &mut dossier)?;
        tell(tx, ctx, procedure, &dossier.case)?;
        Ok((query::record_after(tx, ctx, dossier)?, true))
    })?;
    if is_new {
        photo::keep(ctx, input.photos.iter().map(|it| it.id));
    }
    Ok(record)
}

/// Where the case stands, and the transition from there. One that leads from elsewhere means that the case has moved on.
fn transition_at<'a>(
    procedure: &'a Procedure,
    case: &Case,
    transition: &str,
) -> Result<(&'a Stage, &'a Transition), Refusal> {
    // A merged case has its stage still, for the day on which the merge is undone.
    if case.merged_into.is_some() {
        return Err(Refusal::conflict("conflict-closed"));
    }
    let stage = procedure.stage(&case.stage);
    match stage.and_then(|stage| Some((stage, stage.transition(transition)?))) {
        Some(found) => Ok(found),
        None if procedure.transition(transition).is_some() => Err(Refusal::conflict("conflict-stage")),
        None => Err(Refusal::NotFound),
    }
}

/// A case does not go round for ever: after `CASE_STEPS_MAX` steps only an end is open to it. That the
/// clock ran out is nobody's step: it is said a few times a stage, so it is bounded by the steps between. Notes and
/// supervision have limits of their own.
pub(super) fn bounded(dossier: &Dossier, ends: bool) -> Result<(), Refusal> {
    let is_step = |event: &&Event| {
        !event.is_of_clock() && event.transition != NOTE && !event.transition.starts_with(SUPERVISION)
    };
    let steps = dossier.events.iter().filter(is_step).count();
    if steps >= limits::CASE_STEPS_MAX && !ends { Err(Refusal::conflict("conflict-steps")) } else { Ok(()) }
}

/// One person's notes are so many: nobody fills a timeline alone.
fn bounded_notes(dossier: &Dossier, ctx: &Ctx) -> Result<(), Refusal> {
    let notes = dossier.events.iter().filter(|event| event.transition == NOTE);
    let most = limits::NOTES_PER_PERSON_MAX;
    if notes.filter(|event| event.actor == ctx.actor.person).count() < most {
        return Ok(());
    }
    Err(Refusal::Conflict(Message::new("conflict-notes").with("max", most)))
}

pub(super) fn bounded_photos(dossier: &Dossier, more: &[StoredPhoto]) -> Result<(), Refusal> {
    let most = limits::PHOTOS_PER_CASE_MAX;
    match dossier.photos.len() + more.len() <= most {
        true => Ok(()),
        false => Err(Refusal::invalid("photos", Message::new("fault-case-photos").with("max", most))),
    }
}

/// Adds a note with what it shows: a public one is for the reporter too.
pub fn add_note(
    ctx: &Ctx,
    id: Id<CaseName>,
    request: Option<Uuid>,
    note: &str,
    public: bool,
    photos: &[StoredPhoto],
) -> Result<Record, Refusal> {
    let mut faults = Faults::default();
    let note = text::lines(&mut faults, "note", note);
    let note = text::required(&mut faults, "note", note);
    faults.check()?;
    let (record, is_new) = ctx.write(|tx| {
        let (mut dossier, facts) = query::load_visible(tx, ctx, id)?;
        if dossier.holds(request) {
            return Ok((query::record_after(tx, ctx, dossier)?, false));
        }
        let case = &dossier.case;
        let action = if public { Action::CaseAddNote } else { Action::CaseNoteInternal };
        ctx.must(action, Resource::Case(&facts))?;
        if case.status != Status::Open {
            return Err(Refusal::conflict("conflict-closed"));
        }
        bounded_notes(&dossier, ctx)?;
        bounded_photos(&dossier, photos)?;
        let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..case.clone() };
        rows::save(tx, &next)?;
        rows::insert_photos(tx, &next, next.revision, photos)?;
        dossier.photos.extend(photos.iter().map(|photo| photo.of_step(next.revision)));
        let event = event(ctx, NOTE, &case.stage, &next, ctx.actor.appointments.first());
        let event = Event { request: request.unwrap_or(event.request), note: note.clone(), public, ..event };
        rows::insert_event(tx, case.county, case.id, &event)?;
        journal::record(tx, ctx, &entry(&next, &event))?;
        dossier.events.push(event);
        Ok((query::record_after(tx, ctx, Dossier { case: next, ..dossier })?, true))
    })?;
    if is_new {
        photo::keep(ctx, photos.iter().map(|it| it.id));
    }
    Ok(record)
}

/// What the timeline says of a step that brought the case to where `next` stands.
pub(super) fn event(
    ctx: &Ctx,
    transition: &str,
    from: &str,
    next: &Case,
    office: Option<&Appointment>,
) -> Event {
    Event {
        revision: next.revision,
        request: ctx.id::<CaseName>().uuid(),
        at: ctx.now,
        transition: transition.into(),
        from: from.into(),
        to: next.stage.clone(),
        actor: ctx.actor.person,
        role: office.map_or_else(|| report::plain_role(ctx), |it| it.role),
        organization: office.map(|it| it.organization),
        part: None,
        note: String::new(),
        public: true,
        detail: EventDetail::default(),
        work: Work::default(),
        in_time: true,
    }
}

/// How to reach the reporter: read for the case alone, on record, and shown to the reporter.
pub fn read_contact(ctx: &Ctx, id: Id<CaseName>) -> Result<Contact, Refusal> {
    ctx.write(|tx| {
        let (Dossier { case, .. }, facts) = query::load_visible(tx, ctx, id)?;
        ctx.must(Action::CaseReadReporter, Resource::Case(&facts))?;
        let mut contact = case.contact.clone();
        if let Some(reporter) = case.reporter
            && let Some((name, phone)) = resident::name_and_phone(tx, reporter)?
        {
            contact = Contact { name: contact.name.or(Some(name)), phone: contact.phone.or(phone) };
        }
        let mut entry =
            journal::Entry::new(case.county, "case.read_contact", journal::SubjectKind::Case, case.id.uuid());
        // The reporter is told of others, also of those who came by the secret link; of a case without a reporter's
        // account whoever has the link and no account is the reporter.
        if ctx.actor.person != case.reporter {
            (entry.person, entry.purpose) = (case.reporter, Some(Purpose::Case));
        }
        let opens = |alone: &Ctx| alone.may(Action::CaseReadReporter, Resource::Case(&facts));
        journal::record(tx, &ctx.in_the_post_that(opens), &entry)?;
        Ok(contact)
    })
}

/// Timeline and journal of one step, in its transaction.
pub(super) fn write(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, event: &Event) -> Result<(), Refusal> {
    rows::insert_event(tx, case.county, case.id, event)?;
    journal::record(tx, ctx, &entry(case, event))
}

pub(super) fn entry(case: &Case, event: &Event) -> journal::Entry {
    let mut entry = journal::Entry::new(
        case.county,
        format!("case.{}", event.transition),
        journal::SubjectKind::Case,
        case.id.uuid(),
    );
    entry.detail = BTreeMap::from([("revision", event.revision.to_string()), ("stage", case.stage.clone())]);
    entry
}

/// Tells the nearest offices that can act now, the reporter, and those who reported the same thing.
pub(super) fn tell(tx: &mut Tx<'_>, ctx: &Ctx, procedure: &Procedure, case: &Case) -> Result<(), Refusal> {
    let Some(stage) = procedure.stage(&case.stage) else { return Ok(()) };
    if let Some(next) = stage.next_of_office() {
        for office in waiting(tx, ctx, case, next)? {
            let office = Recipient::Office(&office);
            notice::enqueue(tx, ctx, case.county, office, NoticeKind::CaseWaiting, case.id, &case.number)?;
        }
    }
    if let Some(reporter) = case.reporter.filter(|it| Some(*it) != ctx.actor.person) {
        let asks = |it: &Transition| it.advance.relation == Relation::Reporter && !it.effect.reopens;
        let asked = stage.transitions.iter().any(asks);
        let kind = if asked { NoticeKind::CaseDone } else { NoticeKind::CaseMoved };
        notice::enqueue(tx, ctx, case.county, Recipient::Person(reporter), kind, case.id, &case.number)?;
    }
    for it in rows::merged_into(tx, case.id)? {
        // By their own case: the other reporter's is not theirs to open.
        if let Some(reporter) =
            it.reporter.filter(|id| Some(*id) != ctx.actor.person && Some(*id) != case.reporter)
        {
            let reporter = Recipient::Person(reporter);
            notice::enqueue(tx, ctx, it.county, reporter, NoticeKind::CaseMoved, it.id, &it.number)?;
        }
    }
    Ok(())
}

/// The offices whose turn it is when `transition` is next.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    transition: &Transition,
) -> Result<Vec<Appointment>, Refusal> {
    match (transition.advance.relation, case.owner) {
        (Relation::Area, _) => {
            let around = around(tx, case, transition)?;
            organization::nearest_offices(tx, &transition.advance.roles, &around, ctx.now)
        }
        (Relation::Owner, Some(owner)) => organization::handling_offices(tx, owner, ctx.now),
        _ => Ok(Vec::new()),
    }
}

/// Where the offices are looked for that can take `transition`: above the one that sent the case out, if it asks for that.
fn around(tx: &mut Tx<'_>, case: &Case, transition: &Transition) -> Result<AreaPath, Refusal> {
    let sent_from = match transition.advance.above_sender {
        true => Parts::new(&rows::events(tx, case.county, case.id)?, Vec::new()).sent_from,
        false => None,
    };
    Ok(sent_from.and_then(|it| it.parent()).unwrap_or_else(|| case.path.clone()))
}

/// The office in which the actor takes the transition, for the timeline.
pub(super) fn office_for<'a>(ctx: &'a Ctx, advance: &Advance, facts: &CaseFacts) -> Option<&'a Appointment> {
    let fits = |it: &&Appointment| {
        advance.roles.contains(&it.role)
            && match advance.relation {
                Relation::Area => facts.area.is_within(&it.area),
                Relation::Owner => facts.owner == Some(it.organization),
                Relation::Reporter | Relation::System => false,
            }
    };
    ctx.actor.appointments.iter().find(fits)
}

pub(super) fn rules<'a>(
    tx: &mut Tx<'_>,
    ctx: &'a Ctx,
    procedure: &'a Procedure,
    area: &AreaPath,
) -> Result<Rules<'a>, Refusal> {
    let calendar = ctx.city.calendars.of(tx, area)?;
    Ok(Rules { procedure, classes: &ctx.city.classes, calendar, now: ctx.now, duty: None })
}
