//! When a campaign is due and what the clock does then; who speaks for a unit. Pure but for the policies.

use jiff::{ToSpan, civil};
use kernel::{AreaPath, Id, Role, Timestamp, limits};
use policy::{Action, Actor, AnswerFacts, Appointment, Policy, Resource};
use uuid::Uuid;

use super::model::{Campaign, DueBy, RoundKind};
use crate::calendar::Calendar;

const HOUR: i64 = 3_600;

/// The last moment of a day that counts; none of a day on which nobody works.
pub fn due(calendar: &Calendar, day: civil::Date, by: DueBy) -> Option<Timestamp> {
    match by {
        DueBy::Day => Some(end_of(day)),
        DueBy::Work => calendar.closes(day),
    }
}

/// Midnight after a day, in the city.
pub fn end_of(day: civil::Date) -> Timestamp {
    start_of(day.saturating_add(1.day()))
}

pub fn start_of(day: civil::Date) -> Timestamp {
    Timestamp::from_civil(day.to_datetime(civil::Time::midnight()))
}

/// What the clock does after it did `done`, and when. What would come after the due moment, or before the start, is left out.
pub fn after(it: &Campaign, done: RoundKind) -> Option<(RoundKind, Timestamp)> {
    let before = it.due.plus_seconds(-limits::CAMPAIGN_REMINDER_BEFORE_HOURS * HOUR);
    match done {
        RoundKind::Start if before > it.starts_at => Some((RoundKind::Before, before)),
        RoundKind::Start | RoundKind::Before => Some((RoundKind::Due, it.due)),
        RoundKind::Due => Some((RoundKind::Close, it.closes_at)),
        RoundKind::Hand | RoundKind::Close => None,
    }
}

/// A unit that was told later than this is not told again.
pub fn told_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-limits::CAMPAIGN_REMINDER_HOURS * HOUR)
}

/// The roles that the policies let answer for a unit at `path`, when they serve it.
pub fn speakers(policy: &Policy, path: &AreaPath) -> Vec<Role> {
    let (person, organization) = (Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::nil()));
    let facts = AnswerFacts { unit: path.clone(), person: None, authors: Vec::new() };
    let speaks = |role: &Role| {
        let post = Appointment { role: *role, organization, area: path.clone() };
        policy.may(&Actor::signed_in(person, vec![post]), Action::AnswerGive, Resource::Answer(&facts))
    };
    Role::ALL.into_iter().filter(speaks).collect()
}

/// Whether the policies let somebody in this role send what they are asked themselves.
pub fn can_answer(policy: &Policy, role: Role, path: &AreaPath) -> bool {
    let (person, organization) = (Id::from_uuid(Uuid::nil()), Id::from_uuid(Uuid::nil()));
    let facts = AnswerFacts { unit: path.clone(), person: Some(person), authors: Vec::new() };
    let actor = Actor::signed_in(person, vec![Appointment { role, organization, area: path.clone() }]);
    policy.may(&actor, Action::FormSubmit, Resource::Area { path })
        && policy.may(&actor, Action::AnswerGive, Resource::Answer(&facts))
}
