//! What an allowed answer must hold: what belongs there and is missing is a fault like what leaks.

use std::collections::BTreeSet;

use super::{
    canary::{Canaries, name},
    case_operations::Lens,
    fixture::{City, Term},
    matrix::{Cell, Check, Expect},
    server::Answer,
    verdict::{Actor, Object, Oracle},
};

pub struct Judge<'a> {
    pub city: &'a City,
    pub oracle: &'a Oracle,
    pub canaries: &'a Canaries,
}

impl Judge<'_> {
    /// What is wrong with an answer, its status aside.
    pub fn look(&self, cell: &Cell, expect: Expect, answer: &Answer) -> Option<String> {
        let is_good = (200..300).contains(&answer.status);
        match cell.check {
            Check::Cases(lens) => self.cases(cell.call.actor, lens, answer),
            Check::Shows(content) if expect == Expect::Allowed && is_good => {
                let shown = self.canaries.found(&answer.text()).contains(&(content, cell.object));
                (!shown).then(|| format!("{content} is missing"))
            }
            Check::Start if is_good => self.start(cell, answer),
            Check::Counts if is_good => self.counts(cell, answer),
            Check::Notices if is_good => self.notices(cell.call.actor, answer),
            _ => None,
        }
    }

    /// A list: nothing beyond what the oracle allows, and all that the actor's office entitles to.
    fn cases(&self, actor: Actor, lens: Lens, answer: &Answer) -> Option<String> {
        let may =
            |case: &usize| self.oracle.allows(self.city, actor, "content case", Object::Case(*case), &[]);
        let within = |case: &usize| {
            let it = &self.city.cases[*case];
            lens.unit.is_none_or(|unit| self.city.is_within(it.unit, unit))
                && lens.body.is_none_or(|body| it.given.contains(&body))
                && (!lens.mine || it.reporter == actor.person)
        };
        let all: BTreeSet<usize> = (0..self.city.cases.len()).filter(may).filter(within).collect();
        let found = self.canaries.found(&answer.text()).into_iter();
        let shown: BTreeSet<usize> = found
            .filter_map(|(content, object)| match object {
                Object::Case(case) if content == "content case" => Some(case),
                _ => None,
            })
            .collect();
        let labels = |cases: Vec<usize>| -> Vec<&str> {
            cases.iter().map(|it| self.city.cases[*it].label.as_str()).collect()
        };
        let beyond: Vec<usize> = shown.difference(&all).copied().collect();
        if !beyond.is_empty() {
            return Some(format!("lists {:?}, which is not in it", labels(beyond)));
        }
        // By area and by body a list is seen through an office, not through having reported.
        let missing: Vec<usize> = all
            .difference(&shown)
            .copied()
            .filter(|it| !lens.narrowed && self.is_due(actor, lens, *it))
            .collect();
        (!missing.is_empty()).then(|| format!("leaves out {:?}", labels(missing)))
    }

    fn is_due(&self, actor: Actor, lens: Lens, case: usize) -> bool {
        let case = &self.city.cases[case];
        let posts = actor.person.map_or(&[][..], |it| &self.city.people[it].posts);
        let mut posts = posts.iter().filter(|it| it.term == Term::Now);
        if lens.unit.is_some() {
            posts.any(|it| {
                !matches!(it.role, "handler" | "auditor" | "administrator")
                    && self.city.is_within(case.unit, it.unit)
            })
        } else if lens.body.is_some() {
            posts.any(|it| it.role == "handler" && lens.body == Some(it.body))
        } else {
            true
        }
    }

    /// What is told to the actor and to their offices is all there; what is told to others is a leak.
    fn notices(&self, actor: Actor, answer: &Answer) -> Option<String> {
        let told = self.city.cases.iter().filter_map(|it| it.reporter.map(Object::Person));
        let told = told.chain((0..self.city.offices.len()).map(Object::Office));
        let found = self.canaries.found(&answer.text());
        let missing: BTreeSet<String> = told
            .filter(|it| self.oracle.allows(self.city, actor, "content notice", *it, &[]))
            .filter(|it| !found.contains(&("content notice", *it)))
            .map(|it| name(self.city, it))
            .collect();
        (!missing.is_empty()).then(|| format!("leaves out what {missing:?} are told"))
    }

    fn start(&self, cell: &Cell, answer: &Answer) -> Option<String> {
        let allows = |start| self.oracle.allows(self.city, cell.call.actor, start, cell.object, &[]);
        let stage = match (allows("start dispatch"), allows("start register")) {
            (true, _) => "dispatch",
            (_, true) => "register",
            _ => "collect",
        };
        let found = &answer.json()["stage"];
        (found != stage).then(|| format!("starts at {found}, not at {stage}"))
    }

    fn counts(&self, cell: &Cell, answer: &Answer) -> Option<String> {
        let Object::Area(area) = cell.object else { return None };
        let answer = answer.json();
        let right = |unit: usize, it: &serde_json::Value| {
            let inside = || self.city.cases.iter().filter(|case| self.city.is_within(case.unit, unit));
            let open = inside().filter(|case| !matches!(case.stage, "closed" | "void")).count();
            let closed = inside().filter(|case| case.stage == "closed").count();
            it["open"] == open && it["closed"] == closed
        };
        let parts: Vec<usize> =
            (0..self.city.units.len()).filter(|it| self.city.units[*it].parent == Some(area)).collect();
        let counted = answer["areas"].as_array().map_or(&[][..], Vec::as_slice);
        let all_right = right(area, &answer["total"])
            && counted.len() == parts.len()
            && parts.iter().all(|part| {
                counted
                    .iter()
                    .any(|it| it["code"] == self.city.units[*part].code.as_str() && right(*part, it))
            });
        (!all_right).then(|| "counts other cases than lie there".to_owned())
    }
}
