use kernel::{AreaPath, Case as CaseName, Id, Organization, Photo, Timestamp, limits};
use policy::{Action, CaseFacts, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    model::{Case, CasePhoto, Event, Parts, Status},
    procedure::{Procedure, Transition},
    store::{self as rows, Conditions},
};
use crate::{Ctx, Cursor, Page, Refusal, Window, area, journal};

/// Through which right a list is seen. What the actor may not see is not in it.
#[derive(Clone, Debug)]
pub enum Lens {
    /// All that the actor may see.
    Everything,
    /// Cases in an area and below it.
    Subtree(AreaPath),
    /// Cases that a body has to handle, or (with any status) was ever given.
    Organization(Id<Organization>),
    /// Cases that the actor reported.
    Mine,
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<Status>,
    pub stage: Option<String>,
    pub class: Option<String>,
    pub overdue: bool,
    pub returned: bool,
}

/// A case with all that its page shows this actor.
#[derive(Debug)]
pub struct Record {
    pub case: Case,
    /// Without internal notes where the actor may not read them.
    pub events: Vec<Event>,
    pub photos: Vec<CasePhoto>,
    /// Ids of the transitions that the actor may take now, in the order of the procedure.
    pub transitions: Vec<String>,
    pub may_note: bool,
    pub may_note_internally: bool,
    pub may_read_contact: bool,
    /// The actor reported it or came by its secret link.
    pub is_reporter: bool,
    /// Who read how to reach the reporter, latest first; for the reporter alone.
    pub contact_readings: Option<Vec<journal::Reading>>,
}

/// Cases in one area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaCount {
    pub code: String,
    pub name: String,
    pub count: Count,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub open: i64,
    pub overdue: i64,
    /// Closed within the last `CLOSED_DAYS` days.
    pub closed: i64,
}

/// How far back closed cases are counted.
pub const CLOSED_DAYS: i64 = 30;

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
}

impl Dossier {
    fn load(tx: &mut Tx<'_>, case: Case) -> Result<Self, Refusal> {
        Ok(Self {
            events: rows::events(tx, case.county, case.id)?,
            photos: rows::photos(tx, &case)?,
            handlings: rows::handlings(tx, &case)?,
            case,
        })
    }

    pub fn holds(&self, request: Option<Uuid>) -> bool {
        request.is_some_and(|request| self.events.iter().any(|event| event.request == request))
    }

    fn facts(&self, ctx: &Ctx) -> Result<CaseFacts, Refusal> {
        let stage = procedure(ctx, &self.case)?.stage(&self.case.stage);
        let parts = Parts::new(&self.events, self.handlings.clone());
        Ok(self.case.facts(stage.is_some_and(|stage| stage.step == 1), &parts))
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
        may_note: false,
        may_note_internally: false,
        may_read_contact: false,
        is_reporter: false,
        contact_readings: None,
    })
}

/// What the actor, who may see the case, is shown of it.
fn shown(tx: &mut Tx<'_>, ctx: &Ctx, dossier: Dossier, facts: &CaseFacts) -> Result<Record, Refusal> {
    let Dossier { case, mut events, photos, .. } = dossier;
    let resource = Resource::Case(facts);
    let internal = ctx.may(Action::CaseNoteInternal, resource);
    events.retain(|event| event.public || internal);
    let may_take = |it: &&Transition| ctx.may(Action::CaseAdvance(&it.advance), resource);
    let stage = procedure(ctx, &case)?.stage(&case.stage);
    let open = stage.map_or(&[][..], |stage| &stage.transitions);
    let contact_readings = ctx
        .may(Action::CaseReadReads, resource)
        .then(|| journal::readings_of_contact(tx, case.id))
        .transpose()?;
    Ok(Record {
        photos,
        transitions: open.iter().filter(may_take).map(|it| it.id.clone()).collect(),
        may_note: ctx.may(Action::CaseAddNote, resource),
        may_note_internally: internal,
        may_read_contact: ctx.may(Action::CaseReadReporter, resource),
        is_reporter: ctx.actor.followed_case == Some(case.id)
            || (case.reporter.is_some() && case.reporter == ctx.actor.person),
        contact_readings,
        case,
        events,
    })
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

/// Open cases most urgent first when `filter.status` is open, else all cases latest first.
pub fn list(ctx: &Ctx, lens: &Lens, filter: &Filter, window: &Window) -> Result<Page<Case>, Refusal> {
    let views = views(ctx, lens)?;
    let by_clock = filter.status == Some(Status::Open);
    let after = window
        .after
        .as_ref()
        .map(|cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?)))
        .transpose()?;
    let conditions = Conditions {
        status: filter.status,
        stage: filter.stage.as_deref(),
        class: filter.class.as_deref(),
        late_at: filter.overdue.then_some(ctx.now),
        returns_min: i64::from(filter.returned),
    };
    if !by_clock && (filter.overdue || filter.returned) {
        return Err(Refusal::invalid("status", crate::Message::new("fault-open-only")));
    }
    let found = ctx.read(|tx| {
        let mut found = Vec::new();
        for view in &views {
            let rows = window.rows();
            found.extend(match (view, by_clock) {
                (View::Subtree(path), true) => rows::open_in_subtree(tx, path, &conditions, after, rows)?,
                (View::Subtree(path), false) => rows::all_in_subtree(tx, path, &conditions, after, rows)?,
                (View::Owner(owner), true) => rows::open_of_owner(tx, *owner, &conditions, after, rows)?,
                (View::Owner(owner), false) => rows::all_of_handler(tx, *owner, &conditions, after, rows)?,
                (View::Reporter(person), true) => {
                    rows::open_of_reporter(tx, *person, &conditions, after, rows)?
                }
                (View::Reporter(person), false) => {
                    rows::all_of_reporter(tx, *person, &conditions, after, rows)?
                }
            });
        }
        Ok(found)
    })?;
    Ok(window.page(merged(found, by_clock, views.len()), |case| {
        let at = if by_clock {
            case.stage_due.map_or(i64::MAX, Timestamp::micros)
        } else {
            case.reported_at.micros()
        };
        Cursor::new([at.to_string(), case.id.to_string()])
    }))
}

/// Several views of the same cases become one list.
fn merged(mut found: Vec<Case>, by_clock: bool, views: usize) -> Vec<Case> {
    if views > 1 {
        match by_clock {
            true => found.sort_by_key(|case| (case.stage_due.map_or(i64::MAX, Timestamp::micros), case.id)),
            false => found.sort_by_key(|case| std::cmp::Reverse((case.reported_at, case.id))),
        }
        found.dedup_by_key(|case| case.id);
    }
    found
}

enum View {
    Subtree(AreaPath),
    Owner(Id<Organization>),
    Reporter(Id<kernel::Person>),
}

/// The lens cut down to the actor's scope. A lens on what the actor may not see is `NotFound`.
fn views(ctx: &Ctx, lens: &Lens) -> Result<Vec<View>, Refusal> {
    let scope = ctx.city.policy.scope(&ctx.actor, Action::CaseList);
    let views: Vec<View> = match lens {
        Lens::Everything => {
            let areas = scope.subtrees.into_iter().map(View::Subtree);
            let bodies = scope.organizations.into_iter().map(View::Owner);
            areas.chain(bodies).chain(scope.person.map(View::Reporter)).collect()
        }
        Lens::Subtree(path) if scope.covers(path) => vec![View::Subtree(path.clone())],
        Lens::Subtree(path) => {
            // What of the asked area the actor may see.
            scope.subtrees.into_iter().filter(|it| it.is_within(path)).map(View::Subtree).collect()
        }
        Lens::Organization(id) => {
            scope.organizations.into_iter().filter(|it| it == id).map(View::Owner).collect()
        }
        Lens::Mine => scope.person.into_iter().map(View::Reporter).collect(),
    };
    match (views.is_empty(), &ctx.signed_in) {
        (false, _) => Ok(views),
        (true, None) => Err(Refusal::SignIn),
        (true, Some(_)) => Err(Refusal::NotFound),
    }
}

/// Counts of an area's children, in the order of their codes, and of the whole.
pub fn counts(ctx: &Ctx, code: &str) -> Result<(Vec<AreaCount>, Count), Refusal> {
    let parent = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &parent.path })?;
    let children = area::children(ctx, code, None, &Window::first(limits::PAGE_ROWS_MAX))?.items;
    let since = ctx.now.plus_seconds(-CLOSED_DAYS * 86_400);
    ctx.read(|tx| {
        let mut total = Count::default();
        let mut lists: Vec<AreaCount> = children
            .iter()
            .map(|it| AreaCount { code: it.code.clone(), name: it.name.clone(), count: Count::default() })
            .collect();
        let lengths = children
            .iter()
            .map(|it| it.path.as_str().len() as i64)
            .collect::<std::collections::BTreeSet<_>>();
        let everywhere = parent.path.as_str().len() as i64;
        for (_, open, overdue) in rows::count_open(tx, &parent.path, everywhere, ctx.now)? {
            (total.open, total.overdue) = (total.open + open, total.overdue + overdue);
        }
        for (_, closed) in rows::count_closed(tx, &parent.path, everywhere, since)? {
            total.closed += closed;
        }
        for length in lengths {
            for (start, open, overdue) in rows::count_open(tx, &parent.path, length, ctx.now)? {
                if let Some(index) = children.iter().position(|it| it.path.as_str() == start) {
                    (lists[index].count.open, lists[index].count.overdue) = (open, overdue);
                }
            }
            for (start, closed) in rows::count_closed(tx, &parent.path, length, since)? {
                if let Some(index) = children.iter().position(|it| it.path.as_str() == start) {
                    lists[index].count.closed = closed;
                }
            }
        }
        Ok((lists, total))
    })
}

/// Cases that moved after `since`, oldest first; for the live map, which shows no more of them.
pub fn moved_since(ctx: &Ctx, since: Timestamp, limit: i64) -> Result<Vec<Move>, Refusal> {
    let moved = ctx.read(|tx| Ok(rows::moved_since(tx, since, limit)?))?;
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
    // The clock sees every case; what it may do with one the policy still decides.
    if !ctx.actor.system {
        ctx.must_see(Action::CaseRead, Resource::Case(&facts))?;
    }
    Ok((dossier, facts))
}

pub(super) fn procedure<'a>(ctx: &'a Ctx, case: &Case) -> Result<&'a Procedure, Refusal> {
    let known = ctx.city.procedures.get(&case.procedure);
    known.ok_or_else(|| {
        Refusal::Broken(format!("case {} runs by a procedure {} that is not loaded", case.id, case.procedure))
    })
}
