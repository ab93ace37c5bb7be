//! A small city with few people, so that random actors and cases meet often.

use std::sync::LazyLock;

use kernel::{AreaPath, Case, Id, Organization, Person, Role};
use policy::{
    Action, Actor, Advance, AnswerFacts, Appointment, CaseFacts, Party, Policy, Relation, SupervisionFacts,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use uuid::Uuid;

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::new().unwrap());

pub fn policy() -> &'static Policy {
    &POLICY
}

pub fn id<K>(number: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(number))
}

pub fn path(text: &str) -> AreaPath {
    text.parse().unwrap()
}

/// Codes that are beginnings of each other, as 1509 and 15090 are, catch a comparison of bare text.
pub fn area() -> impl Strategy<Value = AreaPath> {
    vec(select(vec!["1", "10", "2"]), 1..=5).prop_map(|codes| path(&format!("{}/", codes.join("/"))))
}

pub fn person() -> impl Strategy<Value = Id<Person>> {
    (1..=4_u128).prop_map(id)
}

pub fn organization() -> impl Strategy<Value = Id<Organization>> {
    (1..=4_u128).prop_map(id)
}

fn case_id() -> impl Strategy<Value = Id<Case>> {
    (1..=2_u128).prop_map(id)
}

fn appointment() -> impl Strategy<Value = Appointment> {
    (select(Role::ALL.to_vec()), organization(), area()).prop_map(|(role, organization, area)| Appointment {
        role,
        organization,
        area,
    })
}

/// Also one who has appointments but no name, which no caller should make.
pub fn actor() -> impl Strategy<Value = Actor> {
    (option::weighted(0.9, person()), vec(appointment(), 0..=3), option::of(case_id())).prop_map(
        |(person, appointments, followed_case)| Actor {
            person,
            appointments,
            followed_case,
            ..Actor::default()
        },
    )
}

pub fn case() -> impl Strategy<Value = CaseFacts> {
    let parts = (vec(organization(), 0..=2), vec(vec(person(), 0..=2), 4));
    let bodies = (option::of(organization()), option::of(organization()));
    // Mostly from around the case, as cases are.
    let sent = (any::<bool>(), any::<bool>(), option::of(area()), option::of(0..3_usize));
    (case_id(), area(), bodies, option::of(person()), sent, parts).prop_map(
        |(
            id,
            area,
            (owner, lead),
            reporter,
            (verifying, contact_shared, sent_from, above),
            (handling_organizations, people),
        )| {
            CaseFacts {
                sent_from: above.and_then(|it| area.ancestors().nth(it)).or(sent_from),
                id,
                area,
                owner,
                lead,
                reporter,
                verifying,
                contact_shared,
                handling_organizations,
                handlers: people[0].clone(),
                dispatchers: people[1].clone(),
                verifiers: people[2].clone(),
                closers: people[3].clone(),
            }
        },
    )
}

pub fn order() -> impl Strategy<Value = SupervisionFacts> {
    (area(), organization(), organization(), vec(person(), 0..=2)).prop_map(
        |(area, ordered_by, organization, repliers)| SupervisionFacts {
            area,
            ordered_by,
            organization,
            repliers,
        },
    )
}

pub fn answer() -> impl Strategy<Value = AnswerFacts> {
    (area(), option::of(person()), vec(person(), 0..=2)).prop_map(|(unit, person, authors)| AnswerFacts {
        unit,
        person,
        authors,
    })
}

/// Whatever a procedure file could say, sensible or not.
pub fn advance() -> impl Strategy<Value = Advance> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let roles = vec(select(Role::ALL.to_vec()), 1..=13);
    (roles, select(Relation::ALL.to_vec()), vec(select(Party::ALL.to_vec()), 0..=3), flags).prop_map(
        |(roles, relation, except, (closes, checks, evaluates, above_sender))| Advance {
            roles,
            relation,
            except,
            closes,
            checks,
            evaluates,
            above_sender,
        },
    )
}

pub const CASE_LISTS: [Action<'static>; 3] = [Action::CaseList, Action::CaseRead, Action::CaseReadTimeline];
