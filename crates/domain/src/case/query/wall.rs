//! What a command centre watches: where work waits, whose clock breaks next, who does nothing, and how today runs.
//! A number is counted under the condition of the list that it opens.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use kernel::{AreaPath, Id, Organization, Tier, Timestamp};
use policy::{Action, Resource};
use store::Tx;

use super::super::{
    model::Case,
    store::{
        self as rows, View,
        wall::{Key, Waiting},
    },
};
use crate::{
    Ctx, Cursor, Page, Refusal, Window, area,
    calendar::{Calendar, Countdown, Limit, LimitKind},
    organization,
};

/// A clock that runs out within so many hours is about to break.
pub const BREAKING_HOURS: i64 = 4;
/// A body that has work and did nothing at all for so long is silent.
pub const SILENT: Limit = Limit { kind: LimitKind::WorkHours, amount: 4 };
/// Cases shown whose clocks run out next.
const NEXT_ROWS: usize = 30;
/// Silent bodies shown, the longest silent first.
const SILENT_ROWS_MAX: usize = 50;
const DAY_SECONDS: i64 = 86_400;
/// Of the seven steps, the one at which a body works.
const HANDLE: i64 = 4;
/// The key before that of every case.
const FIRST: Key = (i64::MIN, uuid::Uuid::nil());

/// A stretch of time, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    pub from: Timestamp,
    pub until: Timestamp,
}

/// What a number on the wall counts, and its list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Open cases that bodies of this tier have to handle now, so none that is paused; those over their time alone,
    /// or all.
    Handling {
        tier: Tier,
        overdue: bool,
    },
    /// Open cases that a body has to handle now.
    Body(Id<Organization>),
    /// Open cases whose stage, or the whole, is over in this time.
    Breaking(Between),
    Received(Between),
    Closed(Between),
    /// Cases of which a stage, or the whole, ran over its time then.
    WentOverdue(Between),
}

/// Open cases of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue<K> {
    pub of: K,
    pub open: i64,
    pub overdue: i64,
}

/// A body that has work and has not done anything.
#[derive(Clone, Debug)]
pub struct Silent {
    pub organization: Id<Organization>,
    pub name: String,
    pub waiting: i64,
    /// Its last act, or when the work that waits longest came, if that was later.
    pub since: Timestamp,
}

/// What came, ended and ran late in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub between: Between,
    pub received: i64,
    pub closed: i64,
    pub overdue: i64,
}

/// An area at one moment.
#[derive(Clone, Debug)]
pub struct Wall {
    pub as_of: Timestamp,
    /// By the stage at which they wait.
    pub stages: Vec<Queue<String>>,
    /// Those that bodies handle, by the tier of the body's area.
    pub tiers: Vec<Queue<Tier>>,
    pub breaking_in: Between,
    pub breaking: i64,
    /// Those whose clocks run out next, soon or not; none for those who may count but not read.
    pub next: Vec<Case>,
    pub silent: Vec<Silent>,
    /// From midnight to now.
    pub today: Day,
    /// The same hours a week before.
    pub before: Day,
    /// The actor may see the cases behind the numbers.
    pub opens: bool,
}

/// What there is to watch in an area, for those who may count there.
pub fn wall(ctx: &Ctx, code: &str) -> Result<Wall, Refusal> {
    let (path, opens) = watchable(ctx, code)?;
    let hours = Between { from: ctx.now, until: ctx.now.plus_seconds(BREAKING_HOURS * 3_600) };
    let today = Between { from: midnight(ctx.now), until: ctx.now };
    let week = |at: Timestamp| at.plus_seconds(-7 * DAY_SECONDS);
    let before = Between { from: week(today.from), until: week(today.until) };
    ctx.read(|tx| {
        let handling = handling(tx, ctx, &path)?;
        let ids: Vec<_> = handling.iter().map(|it| it.owner).collect();
        let seats = organization::seats(tx, &ids)?;
        let ever = Timestamp::from_micros(i64::MAX);
        let next = match opens {
            true => rows::wall::breaking(tx, &path, ctx.now, ever, FIRST, NEXT_ROWS as i64)?,
            false => Vec::new(),
        };
        Ok(Wall {
            as_of: ctx.now,
            stages: stages(tx, ctx, &path)?,
            tiers: tiers(&handling, &seats),
            breaking_in: hours,
            breaking: rows::wall::count_breaking(tx, &path, hours.from, hours.until)?,
            next,
            silent: silent(tx, ctx, &handling, &seats)?,
            today: day(tx, &path, today)?,
            before: day(tx, &path, before)?,
            opens,
        })
    })
}

/// The cases that a number on the wall of an area counts: open ones most urgent first, others latest first.
pub fn watched(ctx: &Ctx, code: &str, what: Watched, window: &Window) -> Result<Page<Case>, Refusal> {
    let (path, opens) = watchable(ctx, code)?;
    if !opens {
        return Err(Refusal::Denied);
    }
    let key = |cursor: &Cursor| Ok::<_, Refusal>((cursor.part(0)?, cursor.part(1)?));
    let after = window.after.as_ref().map(key).transpose()?;
    let rows_max = window.rows();
    let latest = (i64::MAX, uuid::Uuid::max());
    let found = ctx.read(|tx| {
        Ok(match what {
            Watched::Handling { tier, overdue } => {
                let late_at = overdue.then_some(ctx.now);
                of_bodies(tx, ctx, &path, Bodies::Of(tier), late_at, after.unwrap_or(FIRST), rows_max)?
            }
            Watched::Body(id) => {
                of_bodies(tx, ctx, &path, Bodies::One(id), None, after.unwrap_or(FIRST), rows_max)?
            }
            Watched::Breaking(it) => {
                let after = after.unwrap_or(FIRST);
                keyed(rows::wall::breaking(tx, &path, it.from, it.until, after, rows_max)?, due_key)
            }
            Watched::Received(it) => {
                let after = after.unwrap_or(latest);
                let key = |case: &Case| (case.reported_at.micros(), case.id.uuid());
                keyed(rows::wall::received(tx, &path, it.from, it.until, after, rows_max)?, key)
            }
            Watched::Closed(it) => {
                let after = after.unwrap_or(latest);
                let key = |case: &Case| (case.closed_at.map_or(0, Timestamp::micros), case.id.uuid());
                keyed(rows::wall::closed(tx, &path, it.from, it.until, after, rows_max)?, key)
            }
            Watched::WentOverdue(it) => {
                let after = after.unwrap_or(latest);
                let keys = rows::wall::went_overdue(tx, &path, it.from, it.until, after, rows_max)?;
                let ids: Vec<_> = keys.iter().map(|(_, id)| Id::from_uuid(*id)).collect();
                keys.into_iter().zip(super::in_order(tx, &ids)?).collect()
            }
        })
    })?;
    let page = window.page(found, |((at, id), _)| Cursor::new([at.to_string(), id.to_string()]));
    Ok(Page { items: page.items.into_iter().map(|(_, case)| case).collect(), next: page.next })
}

/// The area, and whether the actor may read what may be counted in it: an auditor may not.
pub fn watchable(ctx: &Ctx, code: &str) -> Result<(AreaPath, bool), Refusal> {
    let area = area::get(ctx, code, None)?;
    ctx.must(Action::CaseCount, Resource::Area { path: &area.path })?;
    let opens = ctx.city.policy.scope(&ctx.actor, Action::CaseList).covers(&area.path);
    Ok((area.path, opens))
}

fn midnight(at: Timestamp) -> Timestamp {
    Timestamp::from_civil(at.civil().date().at(0, 0, 0, 0))
}

fn keyed(cases: Vec<Case>, key: impl Fn(&Case) -> Key) -> Vec<(Key, Case)> {
    cases.into_iter().map(|case| (key(&case), case)).collect()
}

fn due_key(case: &Case) -> Key {
    (case.next_due().map_or(i64::MAX, Timestamp::micros), case.id.uuid())
}

fn stages(tx: &mut Tx<'_>, ctx: &Ctx, path: &AreaPath) -> Result<Vec<Queue<String>>, Refusal> {
    let view = View::Subtree(path.clone());
    let mut stages: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for count in rows::count_open(tx, &view, path.as_str().len(), ctx.now)? {
        let it = stages.entry(count.stage).or_default();
        *it = (it.0 + count.open, it.1 + count.overdue);
    }
    Ok(stages.into_iter().map(|(of, (open, overdue))| Queue { of, open, overdue }).collect())
}

/// Stages at which a body works, each once.
fn is_handling(ctx: &Ctx, stage: &str) -> bool {
    ctx.city.procedures.iter().any(|it| it.stage(stage).is_some_and(|stage| stage.step == HANDLE))
}

/// Open cases of an area that bodies have to handle, by body and stage.
fn handling(tx: &mut Tx<'_>, ctx: &Ctx, path: &AreaPath) -> Result<Vec<Waiting>, Refusal> {
    let mut found = rows::wall::waiting(tx, path, ctx.now)?;
    found.retain(|it| is_handling(ctx, &it.stage));
    Ok(found)
}

type Seats = HashMap<Id<Organization>, organization::Seat>;

fn tier_of(seats: &Seats, id: Id<Organization>) -> Option<Tier> {
    seats.get(&id).and_then(|it| Tier::of_code(it.path.code()))
}

fn tiers(handling: &[Waiting], seats: &Seats) -> Vec<Queue<Tier>> {
    let queue = |tier: Tier| {
        let of_tier = handling.iter().filter(|it| tier_of(seats, it.owner) == Some(tier));
        let (open, overdue) = of_tier.fold((0, 0), |sum, it| (sum.0 + it.open, sum.1 + it.overdue));
        Queue { of: tier, open, overdue }
    };
    Tier::ALL.into_iter().map(queue).filter(|it| it.open > 0).collect()
}

/// Bodies that did nothing at all for `SILENT` while work waited for them, the longest silent first.
fn silent(tx: &mut Tx<'_>, ctx: &Ctx, handling: &[Waiting], seats: &Seats) -> Result<Vec<Silent>, Refusal> {
    let mut bodies: HashMap<Id<Organization>, (i64, Timestamp)> = HashMap::new();
    for it in handling {
        let body = bodies.entry(it.owner).or_insert((0, it.since));
        *body = (body.0 + it.open, body.1.min(it.since));
    }
    // No office works more hours than have passed.
    let latest = ctx.now.plus_seconds(-SILENT.amount * 3_600);
    let mut calendars: HashMap<AreaPath, Calendar> = HashMap::new();
    let mut silent = Vec::new();
    for (organization, (waiting, oldest)) in bodies {
        let Some(seat) = seats.get(&organization).filter(|_| oldest <= latest) else { continue };
        let since = rows::wall::last_act(tx, organization)?.map_or(oldest, |act| act.max(oldest));
        if since > latest {
            continue;
        }
        if !calendars.contains_key(&seat.path) {
            calendars.insert(seat.path.clone(), ctx.city.calendars.of(tx, &seat.path)?);
        }
        let due = calendars.get(&seat.path).map(|it| it.due(&Countdown::from(since, SILENT)));
        if due.is_some_and(|due| due <= ctx.now) {
            silent.push(Silent { organization, name: seat.name.clone(), waiting, since });
        }
    }
    silent.sort_by_key(|it| (it.since, Reverse(it.waiting), it.organization));
    silent.truncate(SILENT_ROWS_MAX);
    Ok(silent)
}

fn day(tx: &mut Tx<'_>, path: &AreaPath, between: Between) -> Result<Day, Refusal> {
    let Between { from, until } = between;
    Ok(Day {
        between,
        received: rows::wall::count_received(tx, path, from, until)?,
        closed: rows::wall::count_closed_between(tx, path, from, until)?,
        overdue: rows::wall::count_went_overdue(tx, path, from, until)?,
    })
}

/// Whose work is listed.
#[derive(Clone, Copy)]
enum Bodies {
    Of(Tier),
    One(Id<Organization>),
}

/// Work of bodies becomes one list: each has an index of its own work, and there are few.
fn of_bodies(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    path: &AreaPath,
    bodies: Bodies,
    late_at: Option<Timestamp>,
    after: Key,
    rows_max: i64,
) -> Result<Vec<(Key, Case)>, Refusal> {
    let handling = handling(tx, ctx, path)?;
    let ids: Vec<_> = handling.iter().map(|it| it.owner).collect();
    let seats = organization::seats(tx, &ids)?;
    let is_asked = |id| match bodies {
        Bodies::Of(tier) => tier_of(&seats, id) == Some(tier),
        Bodies::One(one) => one == id,
    };
    let mut found = Vec::new();
    for it in handling.iter().filter(|it| is_asked(it.owner)) {
        let cases =
            rows::wall::work_of(tx, path, (it.owner, &it.stage), (late_at, ctx.now), after, rows_max)?;
        found.extend(keyed(cases, due_key));
    }
    found.sort_by_key(|(key, _)| *key);
    found.truncate(rows_max as usize);
    Ok(found)
}
