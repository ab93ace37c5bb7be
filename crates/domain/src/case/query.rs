mod list;
mod related;
mod wall;

use std::collections::BTreeMap;

use kernel::{AreaPath, Case as CaseName, Id, JournalEntry, Notice, Organization, Person, Photo, Timestamp};
use policy::{Action, CaseFacts, Party, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    action::rules,
    advance::{Rules, check_open, times_left},
    event::{Event, WITHHELD},
    joint::{self, Support},
    merge,
    model::{Case, CasePhoto, Parts, Status, StoredPhoto},
    procedure::{Procedure, ReliefKind, Transition},
    relief::{self, Asked},
    reopen::{self, Reopening},
    ruling::{self, Ruling},
    store as rows,
};
use crate::{
    Ctx, Refusal, journal, notice,
    responsibility::{self, Candidate, Responsibility},
};

pub use list::{
    AreaCount, CLOSED_DAYS, Count, Counts, Filter, Lens, Tally, counts, list, list_counts, tally,
};
pub use related::{Brief, Related};
pub use wall::{
    BREAKING_HOURS, Between, Day, Queue, SILENT, Silent, Wall, Watched, wall, watchable, watched,
};

/// A case with all that its page shows this actor.
#[derive(Debug)]
pub struct Record {
    pub case: Case,
    /// Without internal notes where the actor may not read them.
    pub events: Vec<Event>,
    pub photos: Vec<CasePhoto>,
    /// Ids of the transitions that the actor may take now, in the order of the procedure.
    pub transitions: Vec<String>,
    /// How often those of them that have a limit may still be taken.
    pub times_left: BTreeMap<String, i64>,
    pub may_note: bool,
    pub may_note_internally: bool,
    pub may_read_contact: bool,
    /// The report's words are shown to everybody, or will be once it is filed, and the actor may take them out.
    pub may_withhold: bool,
    /// Whether anybody of the office has seen it, for each notice that an alarm of the timeline sent; for those who work
    /// on the case.
    pub seen: BTreeMap<Id<Notice>, bool>,
    /// What the actor may ask for now.
    pub reliefs: Vec<ReliefKind>,
    /// What was asked for and waits for its decision.
    pub asked: Option<Asked>,
    /// It is the actor's to decide.
    pub may_decide: bool,
    pub may_end_pause: bool,
    /// The first year that one of its deadlines reaches into and whose holidays are not entered: until they are the
    /// deadline may move.
    pub unknown_year: Option<i16>,
    /// The actor reported it or came by its secret link.
    pub is_reporter: bool,
    /// How the actor may open it again, or might have before the window was over.
    pub reopening: Option<Reopening>,
    /// Who read how to reach the reporter, latest first; for the reporter alone.
    pub contact_readings: Option<Vec<journal::Reading>>,
    /// What the list says of the body that has it.
    pub duty: Option<Responsibility>,
    /// The bodies that the list names, for whoever may send the case to one.
    pub candidates: Vec<Candidate>,
    /// For those who work on it: a ruling that the list does not follow.
    pub ruling: Option<Ruling>,
    pub related: Related,
    /// The actor may merge it into another case.
    pub may_merge: bool,
    /// It was merged, and the actor may undo that.
    pub may_unmerge: bool,
}

/// A case that has moved, without anything about who reported it.
#[derive(Clone, Debug)]
pub struct Move {
    pub case: Id<CaseName>,
    pub path: AreaPath,
    pub stage: String,
    pub status: Status,
    pub overdue: bool,
    pub position: Option<(f64, f64)>,
    pub at: Timestamp,
}

pub fn record(ctx: &Ctx, id: Id<CaseName>) -> Result<Record, Refusal> {
    ctx.read(|tx| {
        let (dossier, facts) = load_visible(tx, ctx, id)?;
        shown(tx, ctx, dossier, &facts)
    })
}

/// A case and all that is written about it.
pub(super) struct Dossier {
    pub case: Case,
    pub events: Vec<Event>,
    pub photos: Vec<CasePhoto>,
    /// The bodies that it was ever given to.
    pub handlings: Vec<Id<Organization>>,
    /// The cases of bodies that support it.
    pub support: Vec<Support>,
    /// The body that has the case that it supports.
    pub lead: Option<Id<Organization>>,
    /// Who handled the cases that support it, or the one that it supports: they judge neither.
    pub handlers_beside: Vec<Id<Person>>,
}

impl Dossier {
    /// Of a case that was just reported.
    pub fn new(case: Case, event: Event, photos: &[StoredPhoto]) -> Self {
        let photos = photos.iter().map(|photo| photo.of_step(case.revision)).collect();
        Self {
            case,
            events: vec![event],
            photos,
            handlings: Vec::new(),
            support: Vec::new(),
            lead: None,
            handlers_beside: Vec::new(),
        }
    }

    pub fn has_open_support(&self) -> bool {
        self.support.iter().any(|it| it.status == Status::Open)
    }

    pub fn load(tx: &mut Tx<'_>, case: Case) -> Result<Self, Refusal> {
        let support = rows::support(tx, case.id)?;
        let mut handlers_beside = Vec::new();
        if !support.is_empty() {
            handlers_beside.extend(rows::handlers_of_support(tx, case.id)?);
        }
        if let Some(lead) = case.parent {
            handlers_beside.extend(rows::handlers(tx, lead)?);
        }
        Ok(Self {
            support,
            handlers_beside,
            lead: case.parent.map(|id| rows::owner(tx, id)).transpose()?.flatten(),
            events: rows::events(tx, case.county, case.id)?,
            photos: rows::photos(tx, &case)?,
            handlings: rows::handlings(tx, &case)?,
            case,
        })
    }

    /// The report's words were taken out of what is published.
    pub fn is_withheld(&self) -> bool {
        self.events.iter().any(|event| event.transition == WITHHELD)
    }

    pub fn holds(&self, request: Option<Uuid>) -> bool {
        request.is_some_and(|request| self.events.iter().any(|event| event.request == request))
    }

    pub fn facts(&self, ctx: &Ctx) -> Result<CaseFacts, Refusal> {
        self.facts_where(ctx, self.case.status == Status::Open)
    }

    /// The facts of a merged case as they would be if it were brought back.
    pub fn facts_if_open(&self, ctx: &Ctx) -> Result<CaseFacts, Refusal> {
        self.facts_where(ctx, true)
    }

    fn facts_where(&self, ctx: &Ctx, is_open: bool) -> Result<CaseFacts, Refusal> {
        let procedure = procedure(ctx, &self.case)?;
        let stage = procedure.stage(&self.case.stage);
        let mut closers = reopen::closers(procedure, &self.events);
        // Nor does whoever sent it in somebody else's name judge what comes of it.
        let sent_by = self.events.first().and_then(|it| it.actor);
        closers.extend(sent_by.filter(|it| self.case.reporter.is_some_and(|reporter| reporter != *it)));
        let mut parts = Parts { closers, ..Parts::new(&self.events, self.handlings.clone()) };
        parts.people.extend(self.handlers_beside.iter().map(|it| (Party::Handler, *it)));
        let verifying = is_open && stage.is_some_and(|stage| stage.step == 1);
        Ok(self.case.facts(verifying, self.lead, &parts))
    }
}

/// The case after a step, or after the same step again; which may have been the last for which this actor
/// sees more than that it was taken.
pub(super) fn record_after(tx: &mut Tx<'_>, ctx: &Ctx, dossier: Dossier) -> Result<Record, Refusal> {
    let facts = dossier.facts(ctx)?;
    if ctx.may(Action::CaseRead, Resource::Case(&facts)) {
        return shown(tx, ctx, dossier, &facts);
    }
    Ok(Record {
        case: dossier.case,
        events: Vec::new(),
        photos: Vec::new(),
        transitions: Vec::new(),
        times_left: BTreeMap::new(),
        may_note: false,
        may_note_internally: false,
        may_read_contact: false,
        may_withhold: false,
        seen: BTreeMap::new(),
        reliefs: Vec::new(),
        asked: None,
        may_decide: false,
        may_end_pause: false,
        unknown_year: None,
        is_reporter: false,
        reopening: None,
        contact_readings: None,
        duty: None,
        candidates: Vec::new(),
        ruling: None,
        related: Related::default(),
        may_merge: false,
        may_unmerge: false,
    })
}

/// What the actor, who may see the case, is shown of it.
fn shown(tx: &mut Tx<'_>, ctx: &Ctx, dossier: Dossier, facts: &CaseFacts) -> Result<Record, Refusal> {
    let resource = Resource::Case(facts);
    let procedure = procedure(ctx, &dossier.case)?;
    let is_published = procedure.published && !dossier.is_withheld();
    let internal = ctx.may(Action::CaseNoteInternal, resource);
    let rules = rules(tx, ctx, procedure, &dossier.case.path)?;
    let open = open_to(ctx, procedure, &rules, &dossier, resource);
    let may_merge = merge::can_merge(ctx, &dossier, facts);
    let may_unmerge = merge::can_unmerge(ctx, &dossier)?;
    let Dossier { case, mut events, photos, .. } = dossier;
    events.retain(|event| event.public || internal);
    let contact_readings = ctx
        .may(Action::CaseReadReads, resource)
        .then(|| journal::readings_of_contact(tx, ctx, case.id))
        .transpose()?;
    let decide = relief::to_decide(ctx, procedure, &case, &events, facts);
    let unknown_year = match case.status {
        Status::Open => case.unknown_year(&rules.calendar),
        Status::Closed | Status::Void => None,
    };
    let seen = if internal { seen(tx, &case, &events)? } else { BTreeMap::new() };
    let duty = case.responsibility.map(|id| responsibility::by_id(tx, id)).transpose()?.flatten();
    let candidates = match open.iter().any(|(it, _)| it.asks.organization) {
        true => responsibility::candidates(tx, ctx, &case.path, &case.class, ctx.now)?,
        false => Vec::new(),
    };
    let ruling = match internal {
        true => ruling::unlisted(tx, ctx, procedure, &case, &events)?,
        false => None,
    };
    let related = related::related(tx, ctx, &case, may_merge)?;
    let is_open = case.status == Status::Open;
    Ok(Record {
        related,
        may_merge,
        may_unmerge,
        ruling,
        duty,
        candidates,
        photos,
        seen,
        unknown_year,
        reliefs: relief::to_ask(ctx, procedure, &case, facts),
        may_end_pause: relief::can_end_pause(ctx, procedure, &case, facts),
        may_decide: decide.as_ref().is_some_and(|(_, may)| *may),
        asked: decide.map(|(asked, _)| asked),
        times_left: open.iter().filter_map(|(it, left)| Some((it.id.clone(), (*left)?))).collect(),
        transitions: open.into_iter().map(|(it, _)| it.id.clone()).collect(),
        may_note: is_open && ctx.may(Action::CaseAddNote, resource),
        may_note_internally: is_open && internal,
        may_read_contact: ctx.may(Action::CaseReadReporter, resource),
        may_withhold: is_published && ctx.may(Action::CaseWithhold, resource),
        is_reporter: ctx.actor.followed_case == Some(case.id)
            || (case.reporter.is_some() && case.reporter == ctx.actor.person),
        reopening: reopen::offer(ctx, &rules, &case, &events, resource),
        contact_readings,
        case,
        events,
    })
}

/// Of each notice that an alarm sent whether it arrived; not of those that are kept no longer.
fn seen(tx: &mut Tx<'_>, case: &Case, events: &[Event]) -> Result<BTreeMap<Id<Notice>, bool>, Refusal> {
    let mut seen = BTreeMap::new();
    for id in events.iter().flat_map(|event| &event.detail.told).filter_map(|told| told.notice) {
        if let Some(arrived) = notice::is_seen(tx, case.county, id)? {
            seen.insert(id, arrived);
        }
    }
    Ok(seen)
}

/// The transitions that the actor may take now, and how often those with a limit.
fn open_to<'a>(
    ctx: &Ctx,
    procedure: &'a Procedure,
    rules: &Rules<'_>,
    dossier: &Dossier,
    resource: Resource<'_>,
) -> Vec<(&'a Transition, Option<i64>)> {
    let Dossier { case, events, .. } = dossier;
    // A merged case has its stage still, for the day on which the merge is undone.
    if case.merged_into.is_some() {
        return Vec::new();
    }
    let Some(stage) = procedure.stage(&case.stage) else { return Vec::new() };
    let may_take = |it: &&Transition| {
        !case.is_paused(ctx.now)
            && check_open(case, events, rules, stage, it).is_ok()
            && joint::check_whole(dossier, procedure, it).is_ok()
            && ctx.may(Action::CaseAdvance(&it.advance), resource)
    };
    let left = |it| (it, times_left(case, events, stage, it));
    stage.transitions.iter().filter(may_take).map(left).collect()
}

/// The picture of a photo of a case that the actor may see; JPEG.
pub fn photo(ctx: &Ctx, case: Id<CaseName>, photo: Id<Photo>) -> Result<Vec<u8>, Refusal> {
    let there = ctx.read(|tx| {
        let (dossier, _) = load_visible(tx, ctx, case)?;
        Ok(dossier.photos.iter().any(|it| it.id == photo))
    })?;
    if !there {
        return Err(Refusal::NotFound);
    }
    ctx.city.photos.load(photo).map_err(|error| Refusal::Unavailable(format!("photo {photo}: {error}")))
}

/// Cases of a number that the actor may see.
pub fn find_by_number(ctx: &Ctx, number: &str) -> Result<Vec<Case>, Refusal> {
    ctx.read(|tx| {
        let mut visible = Vec::new();
        for case in rows::by_number(tx, &number.trim().to_uppercase())? {
            let dossier = Dossier::load(tx, case)?;
            if ctx.may(Action::CaseRead, Resource::Case(&dossier.facts(ctx)?)) {
                visible.push(dossier.case);
            }
        }
        Ok(visible)
    })
}

/// These cases, in this order, for another room that knows which and may show them.
pub fn in_order(tx: &mut Tx<'_>, ids: &[Id<CaseName>]) -> Result<Vec<Case>, Refusal> {
    let mut cases = Vec::with_capacity(ids.len());
    for id in ids {
        cases.extend(rows::load(tx, *id)?);
    }
    Ok(cases)
}

/// Cases that moved after the move of `after`, oldest first, at most `limit`; for the live map, which shows no more of
/// them.
pub fn moved_since(ctx: &Ctx, after: (Timestamp, Id<CaseName>), limit: usize) -> Result<Vec<Move>, Refusal> {
    let moved = ctx.read(|tx| Ok(rows::all(tx, Some(after), limit as i64)?))?;
    let brief = |case: Case| Move {
        overdue: case.is_overdue(ctx.now),
        case: case.id,
        path: case.path,
        stage: case.stage,
        status: case.status,
        position: case.position,
        at: case.updated_at,
    };
    Ok(moved.into_iter().map(brief).collect())
}

/// The case with all about it, if the actor may see it.
pub(super) fn load_visible(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    id: Id<CaseName>,
) -> Result<(Dossier, CaseFacts), Refusal> {
    let case = rows::load(tx, id)?.ok_or(Refusal::NotFound)?;
    let dossier = Dossier::load(tx, case)?;
    let facts = dossier.facts(ctx)?;
    // The clock sees every case, and to other systems each is published; what they may do with one the policy
    // still decides.
    if !ctx.actor.system && ctx.actor.integration.is_none() {
        ctx.must_see(Action::CaseRead, Resource::Case(&facts))?;
    }
    Ok((dossier, facts))
}

/// A proof that a reading of the reporter's contact stands in the public log; for that reporter.
pub fn proof_of_reading(ctx: &Ctx, id: Id<CaseName>, entry: Id<JournalEntry>) -> Result<String, Refusal> {
    ctx.read(|tx| {
        let (_, facts) = load_visible(tx, ctx, id)?;
        ctx.must_see(Action::CaseReadReads, Resource::Case(&facts))
    })?;
    journal::proof_of_reading_of_contact(ctx, id, entry)
}

pub(super) fn procedure<'a>(ctx: &'a Ctx, case: &Case) -> Result<&'a Procedure, Refusal> {
    let known = ctx.city.procedures.get(&case.procedure);
    known.ok_or_else(|| {
        Refusal::Broken(format!("case {} runs by a procedure {} that is not loaded", case.id, case.procedure))
    })
}
