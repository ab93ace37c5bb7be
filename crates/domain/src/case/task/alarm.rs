//! Saying in the timeline how the time of a stage stands, and telling those whom its procedure names.

use std::collections::HashMap;

use kernel::{AreaPath, Case as CaseName, Id, Role};
use policy::Relation;
use store::Tx;

use super::super::{
    action::{entry, event, rules},
    advance::Rules,
    event::{ALARM, Event, EventDetail, OVERDUE, RESUMED, Told},
    model::{Case, Status},
    procedure::{Alarm, Procedure, Stage},
    query, store as rows,
    work::Work,
};
use crate::{
    Ctx, Refusal,
    calendar::{Calendar, WHOLE},
    journal,
    notice::{self, NoticeKind, Recipient},
    organization::{self, Reached},
};

/// Says of each case what its clock has to say. Returns of how many it did: one may have moved on since it was found.
pub fn raise(ctx: &Ctx, cases: &[Id<CaseName>]) -> Result<u64, Refusal> {
    ctx.write(|tx| {
        let mut known = Known::default();
        let mut told = 0;
        for id in cases {
            told += u64::from(raise_one(tx, ctx, *id, &mut known)?);
        }
        Ok(told)
    })
}

fn raise_one(tx: &mut Tx<'_>, ctx: &Ctx, id: Id<CaseName>, known: &mut Known) -> Result<bool, Refusal> {
    let is_due = |case: &Case| case.status == Status::Open && case.next_alarm.is_some_and(|at| at < ctx.now);
    let Some(mut case) = rows::load(tx, id)?.filter(is_due) else { return Ok(false) };
    let procedure = query::procedure(ctx, &case)?;
    let stage = procedure.stage(&case.stage);
    let stage = stage.ok_or_else(|| Refusal::Broken(format!("no stage {}", case.stage)))?;
    let rules = known.rules(tx, ctx, procedure, &case.path)?;
    // A case from before its limit was kept has the one that the procedure gives now.
    case.stage_limit = case.stage_limit.or_else(|| rules.limit(stage, &case));
    if case.pause.is_some_and(|it| it.until < ctx.now) && case.resumed_at.is_none() {
        return resume(tx, ctx, &case, &rules.calendar, stage);
    }
    let passed = (case.passed(&rules.calendar, stage, ctx.now), case.passed_whole(ctx.now));
    let level = passed.0.unwrap_or(case.escalated);
    // That the stage is over says as much of the whole.
    let is_whole = passed.1.is_some() && (passed.0.is_none() || level < WHOLE);
    if passed == (None, None) {
        case.set_alarm(&rules.calendar, stage);
        rows::set_next_alarm(tx, &case, case.next_alarm)?;
        return Ok(false);
    }
    let at_whole = stage.alarms.iter().filter(|it| is_whole && it.percent == WHOLE);
    let reached =
        known.reached(tx, ctx, &case, stage.alarms_between(case.escalated, level).chain(at_whole))?;
    let due_told = passed.1.or(case.due_told);
    // That it is over for longer still is no second time.
    let overran = is_whole || (case.escalated < WHOLE && level >= WHOLE);
    let mut next =
        Case { escalated: level, due_told, revision: case.revision + 1, updated_at: ctx.now, ..case };
    next.set_alarm(&rules.calendar, stage);
    rows::save(tx, &next)?;
    let said = Said { is_whole, work: Work::default().with(Work::OVERRAN, overran), reached };
    say(tx, ctx, &next, said)?;
    Ok(true)
}

/// Says that a pause is over, and tells the body whose work goes on.
fn resume(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    calendar: &Calendar,
    stage: &Stage,
) -> Result<bool, Refusal> {
    let mut next =
        Case { resumed_at: Some(ctx.now), revision: case.revision + 1, updated_at: ctx.now, ..case.clone() };
    next.set_alarm(calendar, stage);
    rows::save(tx, &next)?;
    let event = event(ctx, RESUMED, &case.stage, &next, None);
    rows::insert_event(tx, case.county, case.id, &event)?;
    journal::record(tx, ctx, &entry(&next, &event))?;
    let offices = match case.owner {
        Some(owner) => organization::handling_offices(tx, owner, ctx.now)?,
        None => Vec::new(),
    };
    for office in &offices {
        let office = Recipient::Office(office);
        notice::enqueue(tx, ctx, case.county, office, NoticeKind::CaseWaiting, case.id, &case.number)?;
    }
    Ok(true)
}

/// What the clock says of a case.
struct Said {
    /// It is the time of the whole that is over.
    is_whole: bool,
    work: Work,
    reached: Reached,
}

/// The row in the timeline, the journal entry, and a notice to each office.
fn say(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, said: Said) -> Result<(), Refusal> {
    let Said { is_whole, work, reached } = said;
    let (word, kind) = match case.escalated < WHOLE && !is_whole {
        true => (ALARM, NoticeKind::CaseAlarm),
        false => (OVERDUE, NoticeKind::CaseOverdue),
    };
    let mut told = Vec::with_capacity(reached.offices.len());
    for office in &reached.offices {
        let recipient = Recipient::Office(office);
        let notice = notice::enqueue(tx, ctx, case.county, recipient, kind, case.id, &case.number)?;
        told.push(Told { role: office.role, organization: office.organization, notice: Some(notice) });
    }
    let percent = Some(case.escalated).filter(|_| !is_whole);
    let detail =
        EventDetail { percent, whole: is_whole, told, vacant: reached.vacant, ..EventDetail::default() };
    let event = Event { detail, work, ..event(ctx, word, &case.stage, case, None) };
    rows::insert_event(tx, case.county, case.id, &event)?;
    journal::record(tx, ctx, &entry(case, &event))
}

/// What was found so far in this transaction: cases of one community ask for the same.
#[derive(Default)]
struct Known {
    offices: HashMap<(AreaPath, Vec<Role>), Reached>,
    calendars: HashMap<AreaPath, Calendar>,
}

impl Known {
    fn rules<'a>(
        &mut self,
        tx: &mut Tx<'_>,
        ctx: &'a Ctx,
        procedure: &'a Procedure,
        area: &AreaPath,
    ) -> Result<Rules<'a>, Refusal> {
        if let Some(calendar) = self.calendars.get(area).cloned() {
            return Ok(Rules { procedure, classes: &ctx.city.classes, calendar, now: ctx.now, duty: None });
        }
        let rules = rules(tx, ctx, procedure, area)?;
        self.calendars.insert(area.clone(), rules.calendar.clone());
        Ok(rules)
    }

    /// All whom these alarms reach, each once.
    fn reached<'a>(
        &mut self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        case: &Case,
        alarms: impl Iterator<Item = &'a Alarm>,
    ) -> Result<Reached, Refusal> {
        let mut all = Reached::default();
        for alarm in alarms {
            match (alarm.relation, case.owner) {
                (Relation::Owner, Some(owner)) => {
                    let of_owner = organization::reached_in(tx, owner, ctx.now)?;
                    // Nobody there can hear it: those who sent it there can give it to another.
                    if of_owner.offices.is_empty() {
                        all.add(self.around(tx, ctx, case, &[Role::Dispatcher])?);
                    }
                    all.add(of_owner);
                }
                _ => all.add(self.around(tx, ctx, case, &alarm.roles)?),
            }
        }
        Ok(all)
    }

    fn around(
        &mut self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        case: &Case,
        roles: &[Role],
    ) -> Result<Reached, Refusal> {
        let key = (case.path.clone(), roles.to_vec());
        if let Some(known) = self.offices.get(&key) {
            return Ok(known.clone());
        }
        let found = organization::reached_around(tx, roles, &case.path, ctx.now)?;
        self.offices.insert(key, found.clone());
        Ok(found)
    }
}
