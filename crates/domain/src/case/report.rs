//! Taking a report: what it says is checked, and makes one case however often it is sent.

use kernel::{Case as CaseName, Id, Person, Role, Tier, Timestamp, limits};
use policy::{Action, Actor, Appointment, Resource};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{
    action::{event, rules, tell, write},
    dispatch,
    event::Event,
    link,
    model::{Case, Contact, Report, Source, Status, number},
    photo,
    procedure::{Procedure, Start},
    query::Dossier,
    store as rows, work,
};
use crate::{Ctx, Faults, Message, Refusal, area, text};

/// Takes a report. Returns the case, and whether it is new: the same report again is the same case.
pub fn report(ctx: &Ctx, mut report: Report) -> Result<(Case, bool), Refusal> {
    let procedure = procedure_of(ctx, &report)?;
    clean(ctx, &mut report)?;
    if is_nobody(&ctx.actor) {
        report.id = link::id_of_anonymous(&ctx.city, report.id);
    }
    let (case, is_new) = ctx.write(|tx| file(tx, ctx, procedure, &report, ctx.actor.person))?;
    if is_new {
        photo::keep(ctx, report.photos.iter().map(|it| it.id));
    }
    Ok((case, is_new))
}

/// For whom another room reports, which has seen to it that the actor may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behalf {
    /// Whose the case is; who sent it stands in its timeline alone.
    pub reporter: Id<Person>,
    /// They let the body that has it know who they are.
    pub shares_contact: bool,
    /// From here on, once the case has ended, whoever reported it and what was said in it are forgotten; the first line of the
    /// report stays.
    pub words_until: Timestamp,
}

/// Takes a report, without photos, in somebody's name and in the transaction of another room.
pub(crate) fn report_for(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    behalf: Behalf,
    mut report: Report,
) -> Result<(Case, bool), Refusal> {
    let procedure = procedure_of(ctx, &report)?;
    clean(ctx, &mut report)?;
    let (mut case, is_new) = file(tx, ctx, procedure, &report, Some(behalf.reporter))?;
    if is_new {
        rows::keep_words_until(tx, &case, behalf.words_until)?;
    }
    // Sent again with it, it is said now.
    if behalf.shares_contact && !case.contact_shared {
        rows::share_contact(tx, &case)?;
        case.contact_shared = true;
    }
    Ok((case, is_new))
}

fn file(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    procedure: &Procedure,
    report: &Report,
    reporter: Option<Id<Person>>,
) -> Result<(Case, bool), Refusal> {
    let hash = request_hash(report);
    if let Some(known) = rows::known_report(tx, report.id)? {
        let same = known.hash == hash && known.reporter == reporter;
        return match rows::load(tx, report.id)?.filter(|_| same) {
            Some(case) => Ok((case, false)),
            None => Err(Refusal::conflict("conflict-id")),
        };
    }
    let place = place_of(tx, report)?;
    let (start, office) = start(ctx, procedure, &place.path).ok_or(Refusal::Denied)?;
    let mut case = Case { reporter, ..new_case(ctx, report, place, procedure, source(office)) };
    let rules = rules(tx, ctx, procedure, &case.path)?;
    case.enter(&rules, &start.stage)?;
    if procedure.stage(&start.stage).is_some_and(|stage| stage.step >= FIRST_STEP_AFTER_FILING) {
        case.register(&rules);
    }
    case.reckon_start(&rules);
    rows::insert(tx, &case, &hash)?;
    if let Some(sender) = ctx.actor.integration {
        rows::insert_reported_by(tx, &case, sender.key)?;
    }
    rows::insert_photos(tx, &case, case.revision, &report.photos)?;
    let work = work::of_report(&case, office);
    let event = Event { request: report.id.uuid(), work, ..event(ctx, "report", "", &case, office) };
    write(tx, ctx, &case, &event)?;
    let mut dossier = Dossier::new(case, event, &report.photos);
    dispatch::by_list(tx, ctx, &mut dossier)?;
    tell(tx, ctx, procedure, &dossier.case)?;
    Ok((dossier.case, true))
}

/// Whether nothing tells the sender from others but what was sent.
fn is_nobody(actor: &Actor) -> bool {
    actor.person.is_none() && actor.integration.is_none() && !actor.system
}

/// Checks a report as [`report`] does and makes no case of it. Returns the id that it would have.
pub fn check_report(ctx: &Ctx, mut report: Report) -> Result<Id<CaseName>, Refusal> {
    let procedure = procedure_of(ctx, &report)?;
    clean(ctx, &mut report)?;
    let place = ctx.read(|tx| place_of(tx, &report))?;
    start(ctx, procedure, &place.path).map(|_| report.id).ok_or(Refusal::Denied)
}

fn procedure_of<'a>(ctx: &'a Ctx, report: &Report) -> Result<&'a Procedure, Refusal> {
    let known = ctx.city.procedures.get(&report.procedure).filter(|it| !it.support);
    known.ok_or_else(|| Refusal::invalid("procedure", Message::new("fault-choice")))
}

fn place_of(tx: &mut Tx<'_>, report: &Report) -> Result<area::Place, Refusal> {
    let place = area::place(tx, &report.area)?;
    let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
    // Above a community no grid worker could look at it.
    if place.tier < Tier::Community {
        return Err(Refusal::invalid("area", Message::new("fault-area-tier")));
    }
    if let Some((longitude, latitude)) = report.position
        && !area::can_hold(tx, &place.path, longitude, latitude)?
    {
        return Err(Refusal::invalid("position", Message::new("fault-position-elsewhere")));
    }
    Ok(place)
}

/// A case that starts here has been filed: its own clock runs.
pub(super) const FIRST_STEP_AFTER_FILING: i64 = 3;

pub(super) fn new_case(
    ctx: &Ctx,
    report: &Report,
    place: area::Place,
    procedure: &Procedure,
    source: Source,
) -> Case {
    Case {
        id: report.id,
        county: place.county,
        number: number(report.id, ctx.now),
        procedure: procedure.id.clone(),
        procedure_version: procedure.version,
        class: report.class.clone(),
        stage: String::new(),
        status: Status::Open,
        source,
        area: place.id,
        path: place.path,
        place: report.place.clone(),
        position: report.position,
        description: report.description.clone(),
        reporter: ctx.actor.person,
        contact: report.contact.clone(),
        contact_shared: false,
        owner: None,
        responsibility: None,
        limit: None,
        reported_at: ctx.now,
        registered_at: None,
        stage_since: ctx.now,
        stage_due: None,
        stage_limit: None,
        next_alarm: None,
        due: None,
        filed_limit: None,
        due_since: None,
        extensions: 0,
        stage_extensions: 0,
        pause: None,
        resumed_at: None,
        asked: None,
        handled_at: None,
        passed_at: None,
        close_due: None,
        contact_due: None,
        contacted_at: None,
        closed_at: None,
        first_closed_at: None,
        reopened_at: None,
        updated_at: ctx.now,
        due_told: None,
        escalated: 0,
        returns: 0,
        reworks: 0,
        reopens: 0,
        rating: None,
        solved: None,
        revision: 1,
        parent: None,
        merged_into: None,
    }
}

/// Procedures that the actor may choose for a report in this area, beside the one that its class has: those that no
/// class leads to, and that one of the actor's offices starts.
pub fn kinds<'a>(ctx: &'a Ctx, area: &kernel::AreaPath) -> Vec<&'a Procedure> {
    let by_office = |it: &&Procedure| start(ctx, it, area).is_some_and(|(_, office)| office.is_some());
    ctx.city.procedures.chosen().filter(by_office).collect()
}

/// Where this actor's report starts: the first start that one of their offices, or they as a plain person, are entitled to.
fn start<'a>(
    ctx: &'a Ctx,
    procedure: &'a Procedure,
    area: &kernel::AreaPath,
) -> Option<(&'a Start, Option<&'a Appointment>)> {
    procedure.starts.iter().find_map(|start| {
        let office = ctx
            .actor
            .appointments
            .iter()
            .find(|it| start.roles.contains(&it.role) && area.is_within(&it.area));
        let entitled = office.is_some() || start.roles.contains(&plain_role(ctx));
        let may =
            entitled && ctx.may(Action::CaseReport { roles: &start.roles }, Resource::Area { path: area });
        may.then_some((start, office))
    })
}

fn source(office: Option<&Appointment>) -> Source {
    match office {
        Some(office) if office.role.is_grid() => Source::GridWorker,
        Some(_) => Source::Desk,
        None => Source::Public,
    }
}

pub(super) fn plain_role(ctx: &Ctx) -> Role {
    if ctx.signed_in.is_some() { Role::Resident } else { Role::Anonymous }
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
    let phone =
        text::phone(&mut faults, "contact_phone", report.contact.phone.as_deref().unwrap_or_default());
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
