//! The work of posts: of offices for those above, of people for themselves and for their leaders.

use std::collections::HashMap;

use kernel::{Case as CaseName, Id, Organization, Person, Role};
use policy::{Action, Resource};

use super::figures::{in_order, may_open, place};
use crate::{
    Ctx, Page, Refusal, Window, area,
    case::{Case, Procedures, Work},
    evaluation::{
        count::Bounds,
        figure::{WorkFigure, WorkFigures},
        model::Period,
        store::work::{self as rows, Sum},
    },
    journal, organization, resident,
};

/// Which posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posts {
    /// Acceptors, dispatchers and those who rule: each role in a body is an office.
    Desk,
    /// Grid workers: each body is one office, whatever their roles.
    Grid,
}

/// An office whose work is counted; the role is none for a body of grid workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WorkOffice {
    pub organization: Id<Organization>,
    pub role: Option<Role>,
}

/// What was done in an office, whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeWork {
    pub office: WorkOffice,
    pub name: String,
    pub figures: WorkFigures,
}

/// What one person did in an office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonWork {
    pub person: Id<Person>,
    pub name: String,
    pub figures: WorkFigures,
}

impl WorkOffice {
    fn of(organization: Id<Organization>, role: Role) -> Self {
        Self { organization, role: (!role.is_grid()).then_some(role) }
    }

    fn holds(self, role: Role) -> bool {
        self.role.map_or(role.is_grid(), |it| it == role)
    }
}

impl Posts {
    fn holds(self, role: Role) -> bool {
        role.is_grid() == (self == Posts::Grid)
    }
}

/// The work of the offices of the bodies in an area, by the names of the bodies and never by a rate.
pub fn of_offices(ctx: &Ctx, code: &str, period: Period, posts: Posts) -> Result<Vec<OfficeWork>, Refusal> {
    let area = area::get(ctx, code, None)?;
    ctx.must(Action::WorkCount, Resource::Area { path: &area.path })?;
    let bounds = Bounds::new(period, ctx.now);
    let (found, names) = ctx.read(|tx| {
        let mut found: HashMap<WorkOffice, WorkFigures> = HashMap::new();
        for sum in rows::of_offices(tx, &bounds, &area.path)?.iter().filter(|it| posts.holds(it.role)) {
            add(found.entry(WorkOffice::of(sum.whose, sum.role)).or_default(), sum);
        }
        if posts == Posts::Grid {
            for (body, role, reports) in rows::valid_of_offices(tx, &bounds, &area.path)? {
                found.entry(WorkOffice::of(body, role)).or_default().valid_reports += reports;
            }
            for (organization, procedure, stage, cases) in rows::waiting_of_teams(tx, &bounds, &area.path)? {
                let (verified, checked) = waits(&ctx.city.procedures, &procedure, &stage);
                let figures = found.entry(WorkOffice { organization, role: None }).or_default();
                figures.verify_received += if verified { cases } else { 0 };
                figures.check_received += if checked { cases } else { 0 };
            }
        }
        let ids: Vec<_> = found.keys().map(|it| it.organization).collect();
        let names = organization::names(tx, &ids)?;
        Ok((found, names))
    })?;
    let work = |(office, figures): (WorkOffice, WorkFigures)| OfficeWork {
        name: names.get(&office.organization).cloned().unwrap_or_default(),
        office,
        figures,
    };
    let done = found.into_iter().filter(|(_, figures)| *figures != WorkFigures::default());
    let mut offices: Vec<OfficeWork> = done.map(work).collect();
    let order =
        |it: &OfficeWork| (it.name.clone(), it.office.organization, it.office.role.map(|role| role as u8));
    offices.sort_by_cached_key(order);
    Ok(offices)
}

/// What each person did in an office, of those whose figures the actor may see, by name and never by a rate. That
/// somebody else's were seen is journaled, for that person to see. Where there is none to see, there is no office.
pub fn of_people(ctx: &Ctx, office: WorkOffice, period: Period) -> Result<Vec<PersonWork>, Refusal> {
    let (me, body) = (ctx.person()?, organization::get(ctx, office.organization)?);
    let bounds = Bounds::new(period, ctx.now);
    let may_see = |person, role| {
        let resource = Resource::Person { id: person, area: &body.area_path };
        office.holds(role) && ctx.may(Action::PersonCount { role }, resource)
    };
    let found = ctx.read(|tx| {
        let mut found: HashMap<Id<Person>, WorkFigures> = HashMap::new();
        for sum in rows::of_people(tx, &bounds, office.organization)? {
            if may_see(sum.whose, sum.role) {
                add(found.entry(sum.whose).or_default(), &sum);
            }
        }
        for (person, role, reports) in rows::valid_of_people(tx, &bounds, office.organization)? {
            if may_see(person, role) && office.role.is_none() {
                found.entry(person).or_default().valid_reports += reports;
            }
        }
        Ok(found)
    })?;
    if found.is_empty() {
        return Err(Refusal::NotFound);
    }
    let mut people = ctx.write(|tx| {
        let mut people = Vec::with_capacity(found.len());
        for (&person, &figures) in &found {
            if person != me.person {
                let kind = journal::SubjectKind::Person;
                let entry = journal::Entry::new(me.county, "person.read_figures", kind, person.uuid());
                journal::record(tx, ctx, &entry.about(person, None))?;
            }
            let name = resident::name_and_phone(tx, person)?.map(|(name, _)| name).unwrap_or_default();
            people.push(PersonWork { person, name, figures });
        }
        Ok(people)
    })?;
    people.sort_by(|one, other| (&one.name, one.person).cmp(&(&other.name, other.person)));
    Ok(people)
}

/// Adds steps of one kind, or of several at once.
fn add<Whose>(figures: &mut WorkFigures, sum: &Sum<Whose>) {
    let work = Work::from_bits(sum.work);
    let of = |kind: Work, count: i64| if work.holds(kind) { count } else { 0 };
    figures.filed += of(Work::FILED, sum.steps);
    figures.filed_on_time += of(Work::FILED, sum.in_time);
    figures.dispatched += of(Work::DISPATCHED, sum.steps);
    figures.dispatched_right += of(Work::DISPATCHED, sum.steps - sum.undone);
    figures.closed += of(Work::CLOSED, sum.steps);
    figures.done += of(Work::from_bits(bits(WorkFigure::Done)), sum.steps);
    figures.errors += of(Work::from_bits(bits(WorkFigure::Errors)), sum.undone);
    figures.reports += of(Work::REPORTED, sum.steps);
    figures.verify_received += of(Work::VERIFIED, sum.steps);
    figures.verified += of(Work::VERIFIED, sum.steps);
    figures.verified_on_time += of(Work::VERIFIED, sum.in_time);
    figures.check_received += of(Work::CHECKED, sum.steps);
    figures.checked += of(Work::CHECKED, sum.steps);
    figures.checked_on_time += of(Work::CHECKED, sum.in_time);
}

/// The kinds of work that a figure counts, as bits.
fn bits(figure: WorkFigure) -> i64 {
    let kinds: &[Work] = match figure {
        WorkFigure::Filed | WorkFigure::FiledOnTime => &[Work::FILED],
        WorkFigure::Dispatched | WorkFigure::DispatchedRight => &[Work::DISPATCHED],
        WorkFigure::Closed => &[Work::CLOSED],
        WorkFigure::Done => &[Work::FILED, Work::DISPATCHED, Work::CLOSED],
        WorkFigure::Errors => &[Work::DISPATCHED, Work::CLOSED],
        WorkFigure::Reports | WorkFigure::ValidReports => &[Work::REPORTED],
        WorkFigure::VerifyReceived | WorkFigure::Verified | WorkFigure::VerifiedOnTime => &[Work::VERIFIED],
        WorkFigure::CheckReceived | WorkFigure::Checked | WorkFigure::CheckedOnTime => &[Work::CHECKED],
    };
    kinds.iter().map(|kind| kind.bits()).sum()
}

/// Whether a case at this stage waits for grid workers to verify it, and to check it.
fn waits(procedures: &Procedures, procedure: &str, stage: &str) -> (bool, bool) {
    let Some(stage) = procedures.get(procedure).and_then(|it| it.stage(stage)) else { return (false, false) };
    let by_grid = |it: &&crate::case::Transition| it.advance.roles.iter().any(|role| role.is_grid());
    let mut theirs = stage.transitions.iter().filter(by_grid).peekable();
    (stage.step == 1 && theirs.peek().is_some(), theirs.any(|it| it.advance.checks))
}

/// Which cases a figure of an office, or of a person in it, opens.
#[derive(Clone, Copy, Debug)]
pub struct BehindWork {
    pub office: WorkOffice,
    pub person: Option<Id<Person>>,
    pub period: Period,
    pub figure: WorkFigure,
}

/// The cases of the steps that a figure counts, latest step first; a case stands once for each step.
pub fn work_cases(ctx: &Ctx, behind: &BehindWork, window: &Window) -> Result<Page<Case>, Refusal> {
    ctx.person()?;
    let body = organization::get(ctx, behind.office.organization)?;
    match behind.person {
        None => ctx.must(Action::WorkCount, Resource::Area { path: &body.area_path })?,
        Some(id) => {
            let role = behind.office.role.unwrap_or(Role::GridLeader);
            ctx.must_see(Action::PersonCount { role }, Resource::Person { id, area: &body.area_path })?;
        }
    }
    if !may_open(ctx, &body.area_path) {
        return Err(Refusal::Denied);
    }
    let wanted = rows::Wanted {
        bounds: Bounds::new(behind.period, ctx.now),
        organization: behind.office.organization,
        role: behind.office.role,
        person: behind.person,
        figure: behind.figure,
    };
    let after = place(window)?.unwrap_or((i64::MAX, Id::from_uuid(uuid::Uuid::max())));
    ctx.read(|tx| {
        let mut found = rows::steps(tx, &wanted, bits(behind.figure), after, window.rows())?;
        if behind.person.is_none() && behind.office.role.is_none() && is_received(behind.figure) {
            let waiting = rows::waiting(tx, &wanted, after)?;
            let of_figure = |(_, procedure, stage): &(rows::Place, String, String)| {
                let (verified, checked) = waits(&ctx.city.procedures, procedure, stage);
                if behind.figure == WorkFigure::VerifyReceived { verified } else { checked }
            };
            found.extend(waiting.into_iter().filter(of_figure).map(|(place, ..)| place));
            found.sort_unstable_by_key(|it: &(i64, Id<CaseName>)| std::cmp::Reverse(*it));
            found.truncate(window.rows() as usize);
        }
        in_order(tx, window, found)
    })
}

fn is_received(figure: WorkFigure) -> bool {
    matches!(figure, WorkFigure::VerifyReceived | WorkFigure::CheckReceived)
}
