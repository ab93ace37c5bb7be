use std::collections::BTreeMap;

use kernel::{Case as CaseName, Id, Person, Role, limits};
use policy::{Action, Appointment, CaseFacts, Purpose, Relation, Resource};
use sha2::{Digest, Sha256};
use store::Tx;
use uuid::Uuid;

use super::{
    model::{Case, Contact, Event, EventDetail, Report, Rules, Source, Status, StepInput, number},
    procedure::{Procedure, Start, Transition},
    query, store as rows,
};
use crate::{Ctx, Faults, Message, Refusal, area, journal, notice, organization, resident, text};

/// Takes a report. Returns the case, and whether it is new: the same report again is the same case.
pub fn report(ctx: &Ctx, mut report: Report) -> Result<(Case, bool), Refusal> {
    let procedure = ctx.city.procedures.get(&report.procedure);
    let procedure = procedure.ok_or_else(|| Refusal::invalid("procedure", Message::new("fault-choice")))?;
    clean(ctx, &mut report)?;
    let hash = request_hash(&report);
    ctx.write(|tx| {
        let reporter = ctx.signed_in.as_ref().map(|it| it.person);
        if let Some((known, by)) = rows::request_hash(tx, report.id)? {
            let same = known == hash && by == reporter;
            return match rows::load(tx, report.id)?.filter(|_| same) {
                Some(case) => Ok((case, false)),
                None => Err(Refusal::conflict("conflict-id")),
            };
        }
        let place = area::place(tx, &report.area)?;
        let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
        let (start, office) = start(ctx, procedure, &place.path).ok_or(Refusal::Denied)?;
        let mut case = Case {
            id: report.id,
            county: place.county,
            number: number(report.id, ctx.now),
            procedure: procedure.id.clone(),
            procedure_version: procedure.version,
            class: report.class.clone(),
            stage: String::new(),
            status: Status::Open,
            source: source(office.map(|it| it.role)),
            area: place.id,
            path: place.path,
            place: report.place.clone(),
            position: report.position,
            description: report.description.clone(),
            reporter,
            contact: report.contact.clone(),
            owner: None,
            reported_at: ctx.now,
            registered_at: None,
            stage_since: ctx.now,
            stage_due: None,
            due: None,
            closed_at: None,
            updated_at: ctx.now,
            escalated: false,
            returns: 0,
            reworks: 0,
            rating: None,
            solved: None,
            revision: 1,
        };
        case.enter(&rules(ctx, procedure), &start.stage)?;
        let dispatch_step = procedure.stage(&start.stage).is_some_and(|stage| stage.step >= 3);
        if dispatch_step {
            case.register(&rules(ctx, procedure));
        }
        rows::insert(tx, &case, &hash)?;
        rows::insert_photos(tx, &case, case.revision, &report.photos)?;
        let role = office.map_or_else(|| ctx.office().0, |it| it.role);
        let event = Event {
            revision: case.revision,
            request: report.id.uuid(),
            at: ctx.now,
            transition: "report".into(),
            from: String::new(),
            to: case.stage.clone(),
            actor: reporter,
            role: if office.is_some() { role } else { plain_role(ctx) },
            organization: office.map(|it| it.organization),
            part: None,
            note: String::new(),
            public: true,
            detail: EventDetail::default(),
        };
        record(tx, ctx, procedure, &case, &event)?;
        Ok((case, true))
    })
}

/// Takes `transition` of the case. The same request again changes nothing and returns the case.
pub fn advance(ctx: &Ctx, id: Id<CaseName>, transition: &str, input: &StepInput) -> Result<Case, Refusal> {
    let mut faults = Faults::default();
    let note = text::lines(&mut faults, "note", &input.note);
    if input.photos.len() > limits::PHOTOS_PER_STEP_MAX {
        faults.add("photos", Message::new("fault-too-many-photos").with("max", limits::PHOTOS_PER_STEP_MAX));
    }
    faults.check()?;
    let input = StepInput { note, ..input.clone() };
    ctx.write(|tx| {
        let (case, events, facts) = query::load_visible(tx, ctx, id)?;
        if input.request.is_some_and(|request| events.iter().any(|event| event.request == request)) {
            return Ok(case);
        }
        let procedure = query::procedure(ctx, &case)?;
        let stage = procedure.stage(&case.stage).ok_or_else(|| Refusal::Broken(case.stage.clone()))?;
        let taken = match stage.transition(transition) {
            Some(taken) => taken,
            None if procedure.transition(transition).is_some() => return Err(Refusal::conflict("conflict-stage")),
            None => return Err(Refusal::NotFound),
        };
        ctx.must(Action::CaseAdvance(&taken.advance), Resource::Case(&facts))?;
        if case.revision >= limits::CASE_STEPS_MAX && procedure.stage(&taken.to).is_none_or(|it| it.end.is_none()) {
            return Err(Refusal::conflict("conflict-steps"));
        }
        let office = office_for(ctx, taken, &facts);
        let (next, detail) = case.advance(&rules(ctx, procedure), taken, &input)?;
        if let Some(owner) = detail.owner {
            if !organization::can_handle(tx, owner, &case.path, ctx.now)? {
                return Err(Refusal::invalid("organization", Message::new("fault-choice")));
            }
            rows::insert_handling(tx, &next, owner)?;
        }
        rows::save(tx, &next)?;
        rows::insert_photos(tx, &next, next.revision, &input.photos)?;
        let event = Event {
            revision: next.revision,
            request: input.request.unwrap_or_else(|| ctx.id::<()>().uuid()),
            at: ctx.now,
            transition: taken.id.clone(),
            from: case.stage.clone(),
            to: next.stage.clone(),
            actor: ctx.actor.person,
            role: office.as_ref().map_or_else(|| plain_role(ctx), |it| it.role),
            organization: office.as_ref().map(|it| it.organization),
            part: taken.part,
            note: input.note.clone(),
            public: true,
            detail,
        };
        record(tx, ctx, procedure, &next, &event)?;
        Ok(next)
    })
}

/// Adds a note: a public one is for the reporter too.
pub fn add_note(ctx: &Ctx, id: Id<CaseName>, request: Option<Uuid>, note: &str, public: bool) -> Result<Case, Refusal> {
    let mut faults = Faults::default();
    let note = text::lines(&mut faults, "note", note);
    let note = text::required(&mut faults, "note", note);
    faults.check()?;
    ctx.write(|tx| {
        let (case, events, facts) = query::load_visible(tx, ctx, id)?;
        if request.is_some_and(|request| events.iter().any(|event| event.request == request)) {
            return Ok(case);
        }
        let action = if public { Action::CaseAddNote } else { Action::CaseNoteInternal };
        ctx.must(action, Resource::Case(&facts))?;
        if case.status != Status::Open {
            return Err(Refusal::conflict("conflict-closed"));
        }
        if case.revision >= limits::CASE_STEPS_MAX {
            return Err(Refusal::conflict("conflict-steps"));
        }
        let next = Case { revision: case.revision + 1, updated_at: ctx.now, ..case.clone() };
        rows::save(tx, &next)?;
        let (role, organization) = ctx.office();
        let event = Event {
            revision: next.revision,
            request: request.unwrap_or_else(|| ctx.id::<()>().uuid()),
            at: ctx.now,
            transition: "note".into(),
            from: case.stage.clone(),
            to: case.stage.clone(),
            actor: ctx.actor.person,
            role,
            organization,
            part: None,
            note: note.clone(),
            public,
            detail: EventDetail::default(),
        };
        rows::insert_event(tx, case.county, case.id, &event)?;
        journal::record(tx, ctx, &entry(&next, &event))?;
        Ok(next)
    })
}

/// How to reach the reporter: read for the case alone, on record, and shown to the reporter.
pub fn read_contact(ctx: &Ctx, id: Id<CaseName>) -> Result<Contact, Refusal> {
    ctx.write(|tx| {
        let (case, _, facts) = query::load_visible(tx, ctx, id)?;
        ctx.must(Action::CaseReadReporter, Resource::Case(&facts))?;
        let mut contact = case.contact.clone();
        if let Some(reporter) = case.reporter
            && let Some((name, phone)) = resident::name_and_phone(tx, reporter)?
        {
            contact = Contact { name: contact.name.or(Some(name)), phone: contact.phone.or(phone) };
        }
        let mut entry = journal::Entry::new(case.county, "case.read_contact", journal::SubjectKind::Case, case.id.uuid());
        if let Some(reporter) = case.reporter.filter(|it| ctx.actor.person != Some(*it)) {
            entry = entry.about(reporter, Some(Purpose::Case));
        }
        journal::record(tx, ctx, &entry)?;
        Ok(contact)
    })
}

/// Timeline, journal and notices of one step, in its transaction.
fn record(tx: &mut Tx<'_>, ctx: &Ctx, procedure: &Procedure, case: &Case, event: &Event) -> Result<(), Refusal> {
    rows::insert_event(tx, case.county, case.id, event)?;
    journal::record(tx, ctx, &entry(case, event))?;
    tell(tx, ctx, procedure, case, event)
}

fn entry(case: &Case, event: &Event) -> journal::Entry {
    let mut entry = journal::Entry::new(
        case.county,
        format!("case.{}", event.transition),
        journal::SubjectKind::Case,
        case.id.uuid(),
    );
    entry.detail = BTreeMap::from([("revision", event.revision.to_string()), ("stage", case.stage.clone())]);
    entry
}

/// Tells those who can act now, and the reporter.
fn tell(tx: &mut Tx<'_>, ctx: &Ctx, procedure: &Procedure, case: &Case, event: &Event) -> Result<(), Refusal> {
    let Some(stage) = procedure.stage(&case.stage) else { return Ok(()) };
    if let Some(next) = stage.transitions.first() {
        let mut people = waiting(tx, ctx, case, next)?;
        people.retain(|person| Some(*person) != event.actor && Some(*person) != case.reporter);
        notice::enqueue(tx, ctx, case.county, &people, notice::NoticeKind::CaseWaiting, case.id, &case.number)?;
    }
    if let Some(reporter) = case.reporter.filter(|it| Some(*it) != event.actor) {
        let asked = stage.transitions.iter().any(|it| it.advance.relation == Relation::Reporter);
        let kind = if asked { notice::NoticeKind::CaseDone } else { notice::NoticeKind::CaseMoved };
        notice::enqueue(tx, ctx, case.county, &[reporter], kind, case.id, &case.number)?;
    }
    Ok(())
}

/// Those who may take `transition` of the case, nearest first.
fn waiting(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, transition: &Transition) -> Result<Vec<Id<Person>>, Refusal> {
    let limit = limits::NOTICES_PER_STEP_MAX;
    Ok(match (transition.advance.relation, case.owner) {
        (Relation::Area, _) => organization::holders(tx, &transition.advance.roles, &case.path, ctx.now, limit)?,
        (Relation::Owner, Some(owner)) => organization::handlers_of(tx, owner, ctx.now, limit)?,
        _ => Vec::new(),
    })
}

/// Where this actor's report starts: the first start that one of their offices, or they as a plain person, are entitled to.
fn start<'a>(ctx: &'a Ctx, procedure: &'a Procedure, area: &kernel::AreaPath) -> Option<(&'a Start, Option<&'a Appointment>)> {
    procedure.starts.iter().find_map(|start| {
        let office = ctx.actor.appointments.iter().find(|it| start.roles.contains(&it.role) && area.is_within(&it.area));
        let entitled = office.is_some() || start.roles.contains(&plain_role(ctx));
        let may = entitled && ctx.may(Action::CaseReport { roles: &start.roles }, Resource::Area { path: area });
        may.then_some((start, office))
    })
}

fn source(role: Option<Role>) -> Source {
    match role {
        Some(role) if role.is_grid() => Source::GridWorker,
        Some(_) => Source::Desk,
        None => Source::Public,
    }
}

fn plain_role(ctx: &Ctx) -> Role {
    if ctx.signed_in.is_some() { Role::Resident } else { Role::Anonymous }
}

/// The office in which the actor takes the transition, for the timeline.
fn office_for(ctx: &Ctx, transition: &Transition, facts: &CaseFacts) -> Option<Appointment> {
    let advance = &transition.advance;
    let fits = |it: &&Appointment| {
        advance.roles.contains(&it.role)
            && match advance.relation {
                Relation::Area => facts.area.is_within(&it.area),
                Relation::Owner => facts.owner == Some(it.organization),
                Relation::Reporter | Relation::System => false,
            }
    };
    ctx.actor.appointments.iter().find(fits).cloned()
}

fn rules<'a>(ctx: &'a Ctx, procedure: &'a Procedure) -> Rules<'a> {
    Rules { procedure, classes: &ctx.city.classes, calendar: &ctx.city.calendar, now: ctx.now }
}

/// Trims and checks a report's fields; all faults at once.
fn clean(ctx: &Ctx, report: &mut Report) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    if ctx.city.classes.get(&report.class).is_none() {
        faults.add("class", Message::new("fault-choice"));
    }
    if report.area.is_empty() {
        faults.add("area", Message::new("fault-required"));
    }
    report.place = text::line(&mut faults, "place", &report.place);
    let description = text::lines(&mut faults, "description", &report.description);
    report.description = text::required(&mut faults, "description", description);
    let name = text::line(&mut faults, "contact_name", report.contact.name.as_deref().unwrap_or_default());
    let phone = text::phone(&mut faults, "contact_phone", report.contact.phone.as_deref().unwrap_or_default());
    report.contact = Contact { name: Some(name).filter(|name| !name.is_empty()), phone };
    if let Some((longitude, latitude)) = report.position
        && !((-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude))
    {
        faults.add("position", Message::new("fault-position"));
    }
    if report.photos.len() > limits::PHOTOS_PER_STEP_MAX {
        faults.add("photos", Message::new("fault-too-many-photos").with("max", limits::PHOTOS_PER_STEP_MAX));
    }
    faults.check()
}

/// Tells the same report sent again from another under the same id.
fn request_hash(report: &Report) -> Vec<u8> {
    let photos: Vec<_> = report.photos.iter().map(|photo| photo.sha256).collect();
    let parts = (
        &report.procedure,
        &report.class,
        &report.area,
        &report.place,
        report.position,
        &report.description,
        (&report.contact.name, &report.contact.phone),
        photos,
    );
    Sha256::digest(serde_json::to_vec(&parts).unwrap_or_default()).to_vec()
}

