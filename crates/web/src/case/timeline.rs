//! What happened to a case, in words. People appear by their office, never by name.

use std::collections::HashMap;

use domain::{
    Ctx, Refusal,
    calendar::WHOLE,
    case::{self, Case, Procedure},
    organization, supervision,
};
use kernel::{Id, Organization, Role, Timestamp};

use super::view::{Moment, class_words};
use crate::{locale::Translator, shell::Shell};

/// Names of bodies.
pub type Names = HashMap<Id<Organization>, String>;

/// Those of the bodies in a case's timeline, and of its owner.
pub fn names(ctx: &Ctx, record: &case::Record) -> Result<Names, Refusal> {
    let named = record.events.iter().flat_map(case::Event::organizations).chain(record.case.owner);
    let bodies: Vec<_> = named.collect();
    ctx.read(|tx| organization::names(tx, &bodies))
}

/// One row of the timeline.
#[derive(Clone, Debug)]
pub struct Item {
    pub what: String,
    /// The office that did it; empty for a report by the public.
    pub who: String,
    pub at: Moment,
    pub note: String,
    pub is_internal: bool,
    /// The time of a step is over.
    pub is_late: bool,
    /// The offices that the clock told.
    pub told: Vec<ToldOffice>,
    /// Posts that it would have told, had anybody held them.
    pub vacant: Vec<String>,
}

/// An office that was told something.
#[derive(Clone, Debug)]
pub struct ToldOffice {
    pub office: String,
    /// Whether anybody there has seen it, for those who may know.
    pub is_seen: Option<bool>,
}

/// The timeline, newest first.
pub fn timeline(ctx: &Ctx, shell: &Shell, record: &case::Record) -> Result<Vec<Item>, Refusal> {
    let (case, t) = (&record.case, &shell.t);
    let names = names(ctx, record)?;
    let item = |it: &case::Event| Item {
        what: what(ctx, shell, record, it, &names),
        who: who(ctx, t, case, it, it.organization.and_then(|id| names.get(&id))),
        at: Moment::new(t, it.at, ctx.now),
        note: it.note.clone(),
        is_internal: !it.public,
        is_late: it.transition == case::OVERDUE,
        told: it.detail.told.iter().map(|told| told_office(t, record, told, &names)).collect(),
        vacant: it.detail.vacant.iter().map(|it| vacancy(t, it, &names)).collect(),
    };
    let mut events: Vec<&case::Event> = record.events.iter().collect();
    events.sort_by_key(|it| std::cmp::Reverse(it.revision));
    Ok(events.into_iter().map(item).collect())
}

/// Whether it says of two cases that they are one, or after all not.
pub fn is_of_merge(event: &case::Event) -> bool {
    [case::MERGE, case::UNMERGE, case::TAKE_IN, case::LET_GO].contains(&event.transition.as_str())
}

/// What happened, with what the step said beyond its note.
fn what(ctx: &Ctx, shell: &Shell, record: &case::Record, event: &case::Event, names: &Names) -> String {
    let (case, t, language) = (&record.case, &shell.t, shell.language());
    let procedure = ctx.city.procedures.get(&case.procedure);
    if let Some(relief) = event.detail.relief {
        return said_of_relief(t, procedure, event, relief, ctx.now);
    }
    if event.is_of_clock() {
        return said_of_time(t, procedure, event, ctx.now);
    }
    if let Some(supervised) = &event.detail.supervision {
        return of_supervision(ctx, t, event, supervised, names);
    }
    let transition = procedure.and_then(|it| it.taken(&event.from, &event.transition));
    let mut parts = vec![match (event.transition.as_str(), transition) {
        ("report", _) => t.say(&format!("source-{}", case.source.as_str())),
        ("note", _) => t.say("event-note"),
        (id, _) if is_of_merge(event) => t.say(&format!("event-{id}")),
        (case::WITHHELD, _) => t.say("event-withheld"),
        (case::REMARK, _) => t.say("event-remark"),
        (_, Some(transition)) => case::words(&transition.label, language).to_owned(),
        (id, None) => id.to_owned(),
    }];
    parts.extend(event.detail.owner.and_then(|id| names.get(&id)).cloned());
    let supporting: Vec<String> =
        event.detail.supporting.iter().filter_map(|id| names.get(id)).cloned().collect();
    if !supporting.is_empty() {
        parts.push(t.with("event-supporting", "bodies", supporting.join(&t.say("list-comma"))));
    }
    let others = record.related.merged.iter().chain(&record.related.main).chain(&record.related.parent);
    parts.extend(others.filter(|it| Some(it.id) == event.detail.case).map(|it| it.number.clone()));
    let duty = record.duty.as_ref().filter(|it| Some(it.id) == event.detail.responsibility);
    parts.extend(duty.map(|it| t.with("event-basis", "basis", &it.legal_basis)));
    parts.extend(event.detail.finding.as_ref().map(|it| t.say(&format!("finding-{it}"))));
    let list = transition.and_then(|it| it.asks.ground.as_deref());
    let ground = list.zip(event.detail.ground.as_deref()).and_then(|(list, id)| procedure?.ground(list, id));
    parts.extend(ground.map(|it| case::words(&it.label, language).to_owned()));
    parts.extend(event.detail.class.as_ref().map(|it| class_words(ctx, shell, it)));
    parts.extend(event.detail.rating.map(|it| t.say(&format!("rating-{it}"))));
    let first = parts.remove(0);
    if parts.is_empty() {
        first
    } else {
        t.with2("event-with", ("what", &first), ("more", &parts.join(&t.say("list-comma"))))
    }
}

/// A step of supervision: what it is about, and of which body.
pub fn of_supervision(
    ctx: &Ctx,
    t: &Translator,
    event: &case::Event,
    supervised: &case::Supervised,
    names: &Names,
) -> String {
    let level = ctx.city.supervision.get(&supervised.level);
    let level = level.map_or(supervised.level.as_str(), |it| case::words(&it.label, t.language.tag()));
    let mut parts = vec![level.to_owned(), t.say(&format!("supervision-kind-{}", supervised.kind))];
    parts.extend(names.get(&supervised.organization).cloned());
    let moved = event.detail.moved.as_ref().and_then(|it| it.stage);
    parts.extend(moved.map(|(from, to)| {
        let (from, to) = (t.moment(from, ctx.now), t.moment(to, ctx.now));
        t.with2("event-moved-reply", ("from", &from), ("to", &to))
    }));
    let what = t.say(&format!("event-{}", event.transition));
    t.with2("event-with", ("what", &what), ("more", &parts.join(&t.say("list-comma"))))
}

/// What was asked for, granted or refused, with the ground and how it moved the deadlines.
pub fn said_of_relief(
    t: &Translator,
    procedure: Option<&Procedure>,
    event: &case::Event,
    relief: case::ReliefKind,
    now: Timestamp,
) -> String {
    let detail = &event.detail;
    let word = format!("event-{}-{}", event.transition, relief.as_str());
    let what = match detail.until {
        Some(until) => t.with(&word, "date", t.date(until, now)),
        None => t.say(&word),
    };
    let stage = procedure.and_then(|it| it.stage(&event.from));
    let list = stage.and_then(|it| it.relief(relief)).map(|it| it.ground.as_str());
    let ground = list.zip(detail.ground.as_deref()).and_then(|(list, id)| procedure?.ground(list, id));
    let mut parts: Vec<String> =
        ground.map(|it| case::words(&it.label, t.language.tag()).to_owned()).into_iter().collect();
    parts.extend(detail.moved.as_ref().map(|it| moved_deadlines(t, it, now)).filter(|it| !it.is_empty()));
    match parts.is_empty() {
        true => what,
        false => t.with2("event-with", ("what", &what), ("more", &parts.join(&t.say("event-semicolon")))),
    }
}

/// What the clock says: how the time of a step stands, or what moved its deadline.
fn said_of_time(
    t: &Translator,
    procedure: Option<&Procedure>,
    event: &case::Event,
    now: Timestamp,
) -> String {
    match &event.detail.moved {
        _ if event.transition == case::RESUMED => t.say("event-resumed"),
        Some(moved) => moved_deadlines(t, moved, now),
        None => time_of_step(t, procedure, event),
    }
}

fn moved_deadlines(t: &Translator, moved: &case::Moved, now: Timestamp) -> String {
    let pair = |word: &str, pair: Option<(Timestamp, Timestamp)>| {
        let (from, to) = pair?;
        let (from, to) = (t.moment(from, now), t.moment(to, now));
        Some(t.with2(word, ("from", &from), ("to", &to)))
    };
    let mut parts: Vec<String> =
        moved.year.map(|year| t.with("event-recounted", "year", year)).into_iter().collect();
    parts.extend(pair("event-moved-stage", moved.stage));
    parts.extend(pair("event-moved-whole", moved.whole));
    parts.extend(pair("event-moved-check", moved.check));
    parts.join(&t.say("event-semicolon"))
}

fn time_of_step(t: &Translator, procedure: Option<&Procedure>, event: &case::Event) -> String {
    let stage = procedure.and_then(|it| it.stage(&event.from));
    let step = stage.map_or(event.from.as_str(), |it| case::words(&it.label, t.language.tag()));
    if event.detail.whole {
        return t.say("event-overdue-whole");
    }
    match event.detail.percent {
        Some(percent) if percent < WHOLE => t.with2("event-alarm", ("step", step), ("percent", percent)),
        Some(percent) if percent > WHOLE => {
            t.with2("event-overdue-more", ("step", step), ("percent", percent - WHOLE))
        }
        _ => t.with("event-overdue", "step", step),
    }
}

/// The same with the offices that were told, and the posts that nobody holds.
pub fn said_by_clock(
    t: &Translator,
    procedure: Option<&Procedure>,
    event: &case::Event,
    names: &Names,
    now: Timestamp,
) -> String {
    and_told(t, said_of_time(t, procedure, event, now), event, names)
}

/// What happened with the offices that were told of it, and the posts that nobody holds.
pub fn and_told(t: &Translator, what: String, event: &case::Event, names: &Names) -> String {
    let (told, vacant) = (&event.detail.told, &event.detail.vacant);
    let list = |offices: Vec<String>| offices.join(&t.say("list-comma"));
    let mut parts = vec![what];
    if !told.is_empty() {
        let offices = list(told.iter().map(|it| office(t, it.role, names.get(&it.organization))).collect());
        parts.push(t.with2("event-told", ("count", told.len()), ("offices", &offices)));
    }
    if !vacant.is_empty() {
        let offices = list(vacant.iter().map(|it| vacancy(t, it, names)).collect());
        parts.push(t.with("event-vacant", "offices", &offices));
    }
    parts.join(&t.say("event-semicolon"))
}

fn told_office(t: &Translator, record: &case::Record, told: &case::Told, names: &Names) -> ToldOffice {
    ToldOffice {
        office: office(t, told.role, names.get(&told.organization)),
        is_seen: told.notice.and_then(|notice| record.seen.get(&notice).copied()),
    }
}

fn vacancy(t: &Translator, it: &organization::Vacancy, names: &Names) -> String {
    office(t, it.role, it.organization.and_then(|id| names.get(&id)))
}

fn who(ctx: &Ctx, t: &Translator, case: &Case, event: &case::Event, body: Option<&String>) -> String {
    let procedure = ctx.city.procedures.get(&case.procedure);
    let taken = procedure.and_then(|it| it.taken(&event.from, &event.transition));
    let late = event.transition == supervision::LATE;
    let by_clock = late || event.is_of_clock() || taken.is_some_and(|it| it.on_timeout);
    if taken.is_some_and(|it| it.by_list) {
        return t.say("who-list");
    }
    match (event.organization, by_clock) {
        (_, true) => t.say("who-clock"),
        (None, _) if event.transition == "report" => String::new(),
        (None, _) => t.say("who-reporter"),
        (Some(_), _) => office(t, event.role, body),
    }
}

fn office(t: &Translator, role: Role, body: Option<&String>) -> String {
    let role = t.say(&format!("role-{}", role.as_str()));
    body.map_or(role.clone(), |body| format!("{role} · {body}"))
}
