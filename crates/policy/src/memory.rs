//! Answers given before. Policies name no particular area, body, person or case (`load` sees to
//! that), so what decides is which of the things in a question are the same and which area lies
//! within which: questions that are equal but for their names have one answer.

use std::collections::HashMap;

use kernel::{AreaPath, Case, Id, Organization, Person, Role};
use parking_lot::RwLock;

use crate::{Action, Actor, Advance, AnswerFacts, CaseFacts, Party, Resource, SupervisionFacts};

/// Answers kept. A key is some dozens of words, so all of them are a few megabytes.
const ANSWERS_MAX: usize = 16_384;

#[derive(Default)]
pub(crate) struct Memory(RwLock<HashMap<Question, bool>>);

impl Memory {
    pub(crate) fn get(&self, question: &Question) -> Option<bool> {
        self.0.read().get(question).copied()
    }

    /// Starts anew when full: what is still asked is soon known again.
    pub(crate) fn put(&self, question: Question, answer: bool) {
        let mut answers = self.0.write();
        if answers.len() >= ANSWERS_MAX {
            answers.clear();
        }
        answers.insert(question, answer);
    }

    pub(crate) fn clear(&self) {
        self.0.write().clear();
    }
}

/// A question with each thing in it numbered, within its kind, in the order of appearance. Lists
/// carry their length, so that no two questions read alike.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Question(Vec<u32>);

impl Question {
    pub(crate) fn new(actor: &Actor, action: Action<'_>, resource: Resource<'_>) -> Self {
        let mut writer = Writer::default();
        writer.action(action);
        writer.actor(actor, resource.area());
        writer.resource(resource);
        Self(writer.words)
    }
}

#[derive(Default)]
struct Writer<'a> {
    words: Vec<u32>,
    people: Vec<Id<Person>>,
    organizations: Vec<Id<Organization>>,
    cases: Vec<Id<Case>>,
    /// Areas of posts that do not hold the resource.
    elsewhere: Vec<&'a AreaPath>,
}

impl<'a> Writer<'a> {
    fn action(&mut self, action: Action<'_>) {
        self.text(action.name());
        match action {
            Action::CaseReport { roles } => self.roles(roles),
            Action::CaseAdvance(advance) => {
                self.roles(&advance.roles);
                self.words.push(advance.relation as u32);
                self.list(&advance.except, |writer, party: &Party| writer.words.push(*party as u32));
                let Advance { closes, checks, evaluates, above_sender, .. } = *advance;
                self.words.extend([closes, checks, evaluates, above_sender].map(u32::from));
            }
            Action::CaseDecide(decide) => {
                self.roles(decide.roles);
                self.list(decide.others, Self::person);
            }
            Action::PassApprove { proposed_by } | Action::WithholdingDecide { proposed_by } => {
                self.organization(&proposed_by);
            }
            Action::PassStateGuardian { by_committee } => self.words.push(u32::from(by_committee)),
            Action::PersonCount { role } => self.words.push(role as u32),
            Action::PersonRead { purpose } => self.words.push(purpose.map_or(0, |it| it as u32 + 1)),
            _ => {}
        }
    }

    fn actor(&mut self, actor: &'a Actor, around: Option<&AreaPath>) {
        self.words
            .extend([actor.system, actor.integration.is_some(), actor.app_user.is_some()].map(u32::from));
        self.optional(actor.person, Self::person);
        self.optional(actor.followed_case, Self::case);
        self.list(&actor.appointments, |writer, post| {
            writer.words.push(post.role as u32);
            writer.organization(&post.organization);
            match around.filter(|it| it.is_within(&post.area)) {
                // Which of the resource's ancestors it is.
                Some(_) => writer.words.extend([0, depth(&post.area)]),
                None => {
                    let number = number(&mut writer.elsewhere, &&post.area);
                    writer.words.extend([1, number]);
                }
            }
        });
    }

    fn resource(&mut self, resource: Resource<'_>) {
        self.text(resource.kind());
        self.words.push(resource.area().map_or(0, depth));
        match resource {
            Resource::City | Resource::Area { .. } | Resource::Journal { .. } => {}
            Resource::Organization { id, .. } => self.organization(&id),
            Resource::Person { id, .. } | Resource::Account { person: id, .. } => self.person(&id),
            Resource::Case(facts) => self.facts(facts),
            Resource::Supervision(facts) => self.supervision(facts),
            Resource::Answer(facts) => self.answer(facts),
        }
    }

    fn facts(&mut self, facts: &CaseFacts) {
        // Without a rest pattern, so that a new fact cannot be left out.
        let CaseFacts {
            id,
            area: _,
            owner,
            lead,
            reporter,
            verifying,
            contact_shared,
            handling_organizations,
            handlers,
            dispatchers,
            verifiers,
            closers,
            sent_from: _,
        } = facts;
        self.case(id);
        self.optional(*owner, Self::organization);
        self.optional(*lead, Self::organization);
        self.optional(*reporter, Self::person);
        self.words.push(u32::from(*verifying));
        self.words.push(u32::from(*contact_shared));
        // Which of the case's ancestors it is.
        self.words.push(facts.sender().map_or(0, depth));
        self.list(handling_organizations, Self::organization);
        for people in [handlers, dispatchers, verifiers, closers] {
            self.list(people, Self::person);
        }
    }

    fn supervision(&mut self, facts: &SupervisionFacts) {
        let SupervisionFacts { area: _, ordered_by, organization, repliers } = facts;
        self.organization(ordered_by);
        self.organization(organization);
        self.list(repliers, Self::person);
    }

    fn answer(&mut self, facts: &AnswerFacts) {
        let AnswerFacts { unit: _, person, authors } = facts;
        self.optional(*person, Self::person);
        self.list(authors, Self::person);
    }

    fn person(&mut self, id: &Id<Person>) {
        self.words.push(number(&mut self.people, id));
    }

    fn organization(&mut self, id: &Id<Organization>) {
        self.words.push(number(&mut self.organizations, id));
    }

    fn case(&mut self, id: &Id<Case>) {
        self.words.push(number(&mut self.cases, id));
    }

    fn roles(&mut self, roles: &[Role]) {
        self.list(roles, |writer, role| writer.words.push(*role as u32));
    }

    fn text(&mut self, text: &str) {
        self.list(text.as_bytes(), |writer, byte| writer.words.push(u32::from(*byte)));
    }

    fn list<'b, T>(&mut self, items: &'b [T], each: impl Fn(&mut Self, &'b T)) {
        self.words.push(items.len() as u32);
        items.iter().for_each(|item| each(self, item));
    }

    fn optional<T>(&mut self, item: Option<T>, each: impl Fn(&mut Self, &T)) {
        self.words.push(u32::from(item.is_some()));
        item.iter().for_each(|item| each(self, item));
    }
}

fn number<T: PartialEq + Clone>(known: &mut Vec<T>, item: &T) -> u32 {
    let place = known.iter().position(|it| it == item).unwrap_or_else(|| {
        known.push(item.clone());
        known.len() - 1
    });
    place as u32
}

fn depth(area: &AreaPath) -> u32 {
    area.codes().count() as u32
}
