//! What the city publishes about its cases, to everybody alike.
//!
//! Only of procedures that say so. No person, no contact, no note and no photo. A report's words and place are shown
//! once the case is filed, when somebody has looked at it; never the number of a dwelling or a telephone, and of what lies in a dwelling
//! no position.

use std::collections::BTreeSet;

use kernel::{Case as CaseName, Id, Timestamp};
use policy::{Action, Resource};

use super::{
    event::{EventDetail, MERGE},
    masked::{masked, without_dwelling},
    model::{Source, Status},
    procedure::{End, Meaning, Stage},
    store as rows,
};
use crate::{Ctx, Cursor, Page, Refusal};

/// Rows read in one go.
const BLOCK_ROWS: usize = 500;
/// Rows looked at for one page; a page that is not full then says where to go on.
const SCANNED_MAX: usize = 20_000;
/// Seconds after which what was written is all there: a writer's time is a little before its commit.
const SETTLED_SECONDS: i64 = 5;

/// A case as it is published.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    pub id: Id<CaseName>,
    pub number: String,
    pub procedure: String,
    pub class: String,
    pub stage: String,
    pub status: Status,
    pub source: Source,
    pub path: kernel::AreaPath,
    /// Empty until it is filed and when it is withheld, and without what names a dwelling.
    pub place: String,
    /// Longitude and latitude in degrees; none until it is filed or when it is withheld, and none of what lies in a
    /// dwelling.
    pub position: Option<(f64, f64)>,
    /// Empty until it is filed, and when it is withheld.
    pub description: String,
    /// Name of the body that has to handle it.
    pub owner: Option<String>,
    pub reported_at: Timestamp,
    pub registered_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// When it was done or ended: what its reporter says of it later does not move it.
    pub ended_at: Option<Timestamp>,
    pub stage_due: Option<Timestamp>,
    pub due: Option<Timestamp>,
    pub returns: i64,
    pub reworks: i64,
    pub reopens: i64,
    /// The step by which it came to where it stands, where that says more than the stage: of a case that was never filed,
    /// and of one that was opened again.
    pub led_by: Option<Step>,
    /// Its words and place were taken out.
    pub is_withheld: bool,
    /// The case that is worked on instead, since both are about the same.
    pub merged_into: Option<Id<CaseName>>,
}

/// One step of a case as it is published: what was done and when, and not by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub case: Id<CaseName>,
    pub revision: i64,
    pub at: Timestamp,
    pub procedure: String,
    /// A transition's id, or `report`.
    pub transition: String,
    /// The stage that it led to.
    pub stage: String,
    pub detail: EventDetail,
}

/// Where a case stands, for those who do not know its procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Reported, and looked at before it is filed.
    Verifying,
    /// Waiting for the next office.
    Waiting,
    /// Given back by the body that had it.
    Returned,
    /// A body has it to do.
    Given,
    /// At work again, or done and being checked.
    Working,
    /// Done, and a check by somebody else has passed.
    Fixed,
    /// Ended without a check that passed.
    Ended,
    /// Never filed.
    Void,
    /// Never filed, since nobody in this network has to do with it.
    NotOurs,
    /// Never filed, since it was reported before.
    Duplicate,
    /// A second report of a case that goes on.
    Merged,
    /// Open again after it had ended, and not sent on yet.
    Reopened,
}

impl Standing {
    pub fn is_open(self) -> bool {
        match self {
            Standing::Verifying
            | Standing::Waiting
            | Standing::Returned
            | Standing::Given
            | Standing::Working
            | Standing::Reopened => true,
            Standing::Fixed
            | Standing::Ended
            | Standing::Void
            | Standing::NotOurs
            | Standing::Duplicate
            | Standing::Merged => false,
        }
    }
}

/// Which cases are asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub span: Span,
    /// Of these classes alone; of any if empty.
    pub classes: Vec<String>,
    pub is_open: Option<bool>,
    /// West, south, east and north in degrees.
    pub within: Option<[f64; 4]>,
}

#[derive(Clone, Copy, Debug)]
pub enum Span {
    /// Reported in it, latest first.
    Reported { from: Timestamp, to: Timestamp },
    /// Changed in it, the change longest ago first, so that who asks again with the last one misses none.
    Changed { after: Timestamp, to: Timestamp },
}

/// Cases as they are published; `skip` of those that fit are left out at the beginning.
pub fn published(
    ctx: &Ctx,
    wanted: &Wanted,
    after: Option<&Cursor>,
    skip: usize,
    limit: usize,
) -> Result<Page<Published>, Refusal> {
    ctx.must(Action::CaseReadPublic, Resource::City)?;
    let mut page = scan(ctx, wanted, after, skip, limit)?;
    find_steps(ctx, &mut page.items)?;
    Ok(page)
}

fn scan(
    ctx: &Ctx,
    wanted: &Wanted,
    after: Option<&Cursor>,
    skip: usize,
    limit: usize,
) -> Result<Page<Published>, Refusal> {
    let mut key = wanted.span.start(ctx.now);
    if let Some(cursor) = after {
        key = (Timestamp::from_micros(cursor.part(0)?), cursor.part(1)?);
    }
    let (mut items, mut skipped, mut scanned) = (Vec::new(), 0, 0);
    loop {
        let block = ctx.read(|tx| {
            let rows = BLOCK_ROWS as i64;
            Ok(match wanted.span {
                Span::Reported { from, .. } => rows::published_latest(tx, from, key, rows)?,
                Span::Changed { to, .. } => rows::published_changed(tx, to.min(settled(ctx)), key, rows)?,
            })
        })?;
        let is_last = block.len() < BLOCK_ROWS;
        for case in block {
            let last = key;
            key = wanted.span.key(&case);
            scanned += 1;
            let case = is_published(ctx, &case.procedure).then(|| case.shown());
            let fits = |case: &Published| wanted.fits(case, standing(ctx, case));
            let Some(case) = case.filter(fits) else { continue };
            if skipped < skip {
                skipped += 1;
            } else if items.len() < limit {
                items.push(case);
            } else {
                return Ok(Page { items, next: Some(cursor(last)) });
            }
        }
        if is_last {
            return Ok(Page { items, next: None });
        }
        if scanned >= SCANNED_MAX {
            return Ok(Page { items, next: Some(cursor(key)) });
        }
    }
}

/// One case as it is published.
pub fn published_one(ctx: &Ctx, id: Id<CaseName>) -> Result<Published, Refusal> {
    ctx.must(Action::CaseReadPublic, Resource::City)?;
    let found = ctx.read(|tx| Ok(rows::published(tx, id)?))?;
    let found = found.filter(|it| is_published(ctx, &it.procedure)).map(Published::shown);
    let mut found = [found.ok_or(Refusal::NotFound)?];
    find_steps(ctx, &mut found)?;
    let [found] = found;
    Ok(found)
}

/// Looks up the steps that say where these cases stand, of the few of which the stage does not.
fn find_steps(ctx: &Ctx, cases: &mut [Published]) -> Result<(), Refusal> {
    let says_more =
        |it: &Published| it.status == Status::Void || (it.reopens > 0 && it.status == Status::Open);
    for case in cases.iter_mut().filter(|it| it.merged_into.is_none() && says_more(it)) {
        let steps = ctx.read(|tx| Ok(rows::published_steps(tx, case.id)?))?;
        let procedure = ctx.city.procedures.get(&case.procedure);
        let is_taken = |it: &Step| procedure.is_some_and(|known| known.transition(&it.transition).is_some());
        case.led_by = steps.into_iter().rfind(is_taken).filter(|it| it.stage == case.stage);
    }
    Ok(())
}

/// Those of these cases that are published.
pub fn published_among(ctx: &Ctx, ids: &BTreeSet<Id<CaseName>>) -> Result<Vec<Published>, Refusal> {
    ctx.must(Action::CaseReadPublic, Resource::City)?;
    let found = ctx.read(|tx| {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(rows::published(tx, *id)?.filter(|it| is_published(ctx, &it.procedure)));
        }
        Ok(found)
    })?;
    let mut found: Vec<_> = found.into_iter().map(Published::shown).collect();
    find_steps(ctx, &mut found)?;
    Ok(found)
}

/// Only what its procedure says so of.
fn is_published(ctx: &Ctx, procedure: &str) -> bool {
    ctx.city.procedures.get(procedure).is_some_and(|it| it.published)
}

/// What was done in these cases, case by case, first to last.
pub fn published_steps(
    ctx: &Ctx,
    ids: impl Iterator<Item = Id<CaseName>> + Clone,
) -> Result<Vec<Step>, Refusal> {
    ctx.must(Action::CaseReadPublic, Resource::City)?;
    let mut steps = ctx.read(|tx| {
        let mut steps = Vec::new();
        for id in ids.clone() {
            steps.extend(rows::published_steps(tx, id)?);
        }
        Ok(steps)
    })?;
    steps.retain(|it| is_published(ctx, &it.procedure));
    Ok(steps)
}

/// What was done in all cases from `from` to `to`, first to last.
pub fn published_steps_since(
    ctx: &Ctx,
    (from, to): (Timestamp, Timestamp),
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Step>, Refusal> {
    ctx.must(Action::CaseReadPublic, Resource::City)?;
    let mut key = (Timestamp::from_micros(from.micros() - 1), Id::from_uuid(uuid::Uuid::max()), i64::MAX);
    if let Some(cursor) = after {
        key = (Timestamp::from_micros(cursor.part(0)?), cursor.part(1)?, cursor.part(2)?);
    }
    let rows = limit as i64 + 1;
    let steps = ctx.read(|tx| Ok(rows::published_steps_since(tx, to, key, rows)?))?;
    let parts = |it: &Step| [it.at.micros().to_string(), it.case.to_string(), it.revision.to_string()];
    let mut page = crate::Window::first(limit).page(steps, |it| Cursor::new(parts(it)));
    page.items.retain(|it| is_published(ctx, &it.procedure));
    Ok(page)
}

/// Where a step led a case, told by the step alone.
pub fn standing_after(ctx: &Ctx, step: &Step) -> Standing {
    if step.transition == MERGE {
        return Standing::Merged;
    }
    let procedure = ctx.city.procedures.get(&step.procedure);
    // A stage of an older version of the procedure says no more than that the case was under way.
    let Some(stage) = procedure.and_then(|it| it.stage(&step.stage)) else { return Standing::Waiting };
    let taken = procedure.and_then(|it| it.transition(&step.transition));
    let has = |of: fn(&super::procedure::Effect) -> bool| taken.is_some_and(|it| of(&it.effect));
    let ground = taken.and_then(|it| it.asks.ground.as_deref()).zip(step.detail.ground.as_deref());
    let ground = ground.and_then(|(list, id)| procedure?.ground(list, id));
    match ground.and_then(|it| it.means).filter(|_| stage.end == Some(End::Void)) {
        Some(Meaning::NotOurs) => return Standing::NotOurs,
        Some(Meaning::Duplicate) => return Standing::Duplicate,
        None if has(|it| it.reopens) => return Standing::Reopened,
        None => {}
    }
    let is_done = procedure.is_some_and(|it| it.is_done(&stage.id));
    stands(stage, is_done, has(|it| it.returns), has(|it| it.reworks))
}

/// Where a case stands.
pub fn standing(ctx: &Ctx, case: &Published) -> Standing {
    if case.merged_into.is_some() {
        return Standing::Merged;
    }
    let procedure = ctx.city.procedures.get(&case.procedure);
    let Some(stage) = procedure.and_then(|it| it.stage(&case.stage)) else {
        return match case.status {
            Status::Open => Standing::Waiting,
            Status::Closed => Standing::Ended,
            Status::Void => Standing::Void,
        };
    };
    if let Some(step) = &case.led_by {
        let by_step = standing_after(ctx, step);
        if matches!(by_step, Standing::NotOurs | Standing::Duplicate | Standing::Reopened) {
            return by_step;
        }
    }
    let is_done = procedure.is_some_and(|it| it.is_done(&stage.id));
    stands(stage, is_done, case.returns > 0, case.reworks > 0)
}

/// By the step of the loop; whether it was returned counts where it waits to be sent out again, whether it
/// was sent back for rework where a body has it.
fn stands(stage: &Stage, is_done: bool, returned: bool, reworked: bool) -> Standing {
    match (stage.end, stage.step) {
        (Some(End::Void), _) => Standing::Void,
        _ if is_done => Standing::Fixed,
        (Some(End::Closed), _) => Standing::Ended,
        (None, ..=1) => Standing::Verifying,
        (None, 3) if returned => Standing::Returned,
        (None, 2 | 3) => Standing::Waiting,
        (None, 4) if !reworked => Standing::Given,
        (None, _) => Standing::Working,
    }
}

fn settled(ctx: &Ctx) -> Timestamp {
    ctx.now.plus_seconds(-SETTLED_SECONDS)
}

fn cursor((at, id): (Timestamp, Id<CaseName>)) -> Cursor {
    Cursor::new([at.micros().to_string(), id.to_string()])
}

impl Span {
    /// The key before the first row.
    fn start(self, now: Timestamp) -> (Timestamp, Id<CaseName>) {
        let last = Id::from_uuid(uuid::Uuid::max());
        match self {
            Span::Reported { to, .. } => (to.min(now), last),
            Span::Changed { after, .. } => (after, last),
        }
    }

    fn key(self, case: &Published) -> (Timestamp, Id<CaseName>) {
        match self {
            Span::Reported { .. } => (case.reported_at, case.id),
            Span::Changed { .. } => (case.updated_at, case.id),
        }
    }
}

impl Wanted {
    fn fits(&self, case: &Published, standing: Standing) -> bool {
        let is_within = |[west, south, east, north]: [f64; 4]| {
            case.position.is_some_and(|(x, y)| (west..=east).contains(&x) && (south..=north).contains(&y))
        };
        (self.classes.is_empty() || self.classes.contains(&case.class))
            && self.is_open.is_none_or(|it| it == standing.is_open())
            && self.within.is_none_or(is_within)
    }
}

impl Published {
    /// Without what is not for everybody.
    fn shown(mut self) -> Self {
        if self.registered_at.is_none() || self.is_withheld {
            (self.place, self.description, self.position) = (String::new(), String::new(), None);
            return self;
        }
        let (place, is_home) = without_dwelling(&self.place);
        if is_home || without_dwelling(&self.description).1 {
            self.position = None;
        }
        (self.place, self.description) = (masked(place), masked(&self.description));
        self
    }
}
