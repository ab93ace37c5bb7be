//! What happened to a case, in words. People appear by their office, never by name.

use std::collections::HashMap;

use domain::{
    Ctx, Refusal,
    case::{self, Case, Procedure},
    organization, supervision,
};
use kernel::{Id, Organization, Role};

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
    };
    let mut events: Vec<&case::Event> = record.events.iter().collect();
    events.sort_by_key(|it| std::cmp::Reverse(it.revision));
    Ok(events.into_iter().map(item).collect())
}

/// What happened, with what the step said beyond its note.
fn what(ctx: &Ctx, shell: &Shell, record: &case::Record, event: &case::Event, names: &Names) -> String {
    let (case, t, language) = (&record.case, &shell.t, shell.language());
    let procedure = ctx.city.procedures.get(&case.procedure);
    if event.transition == case::OVERDUE {
        return overdue(t, procedure, event, names);
    }
    if let Some(supervised) = &event.detail.supervision {
        return of_supervision(ctx, t, event, supervised, names);
    }
    let transition = procedure.and_then(|it| it.taken(&event.from, &event.transition));
    let mut parts = vec![match (event.transition.as_str(), transition) {
        ("report", _) => t.say(&format!("source-{}", case.source.as_str())),
        ("note", _) => t.say("event-note"),
        (case::WITHHELD, _) => t.say("event-withheld"),
        (_, Some(transition)) => case::words(&transition.label, language).to_owned(),
        (id, None) => id.to_owned(),
    }];
    parts.extend(event.detail.owner.and_then(|id| names.get(&id)).cloned());
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

/// A step of supervision: what it is about, of which body, and which offices were told.
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
    let what = t.say(&format!("event-{}", event.transition));
    let what = t.with2("event-with", ("what", &what), ("more", &parts.join(&t.say("list-comma"))));
    and_told(t, what, &event.detail.told, names)
}

/// That the time of a step is over, and which offices were told.
pub fn overdue(t: &Translator, procedure: Option<&Procedure>, event: &case::Event, names: &Names) -> String {
    let stage = procedure.and_then(|it| it.stage(&event.from));
    let step = stage.map_or(event.from.as_str(), |it| case::words(&it.label, t.language.tag()));
    and_told(t, t.with("event-overdue", "step", step), &event.detail.told, names)
}

fn and_told(t: &Translator, what: String, told: &[case::Told], names: &Names) -> String {
    if told.is_empty() {
        return what;
    }
    let offices: Vec<String> =
        told.iter().map(|it| office(t, it.role, names.get(&it.organization))).collect();
    let offices = offices.join(&t.say("list-comma"));
    let told = t.with2("event-told", ("count", told.len()), ("offices", &offices));
    t.with2("event-overdue-told", ("what", &what), ("told", &told))
}

fn who(ctx: &Ctx, t: &Translator, case: &Case, event: &case::Event, body: Option<&String>) -> String {
    let procedure = ctx.city.procedures.get(&case.procedure);
    let taken = procedure.and_then(|it| it.taken(&event.from, &event.transition));
    let late = [case::OVERDUE, supervision::LATE].contains(&event.transition.as_str());
    let by_clock = late || taken.is_some_and(|it| it.on_timeout);
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
