//! Finds what an answer shows of whom, wherever in the body it stands.

use std::{cell::RefCell, collections::HashMap};

use super::{
    fixture::City,
    plant::{NOTICE, NOTICE_OF_OFFICE},
    server::{Call, Server},
    verdict::{Actor, Object, Oracle},
};

/// Every canary and id of the fixture, the content that it is of, and whose.
pub struct Canaries {
    words: HashMap<String, (&'static str, Object)>,
    /// What the oracle has already been asked: the same people see the same things all day long.
    asked: RefCell<HashMap<(Actor, &'static str, Object), bool>>,
}

impl Canaries {
    pub fn of(server: &Server) -> Self {
        let city = &server.city;
        let mut all = HashMap::new();
        let mut add = |text: &str, content, object| {
            // A word of the fixture's text is enough to know it by.
            let word = words(text).next().expect("a word").to_owned();
            assert_eq!(all.insert(word, (content, object)), None, "canaries differ: {text}");
        };
        for (number, case) in city.cases.iter().enumerate() {
            let object = Object::Case(number);
            for text in [&case.id.to_string(), &case.number, &case.description] {
                add(text, "content case", object);
            }
            add(&case.contact_name, "content contact", object);
            add(&case.contact_phone, "content contact", object);
            add(&case.internal_note, "content internal note", object);
            add(&case.public_note, "content public note", object);
            add(&case.read_for, "content reading", object);
            if let Some(reporter) = case.reporter {
                let notice = super::fixture::uuid(NOTICE, number);
                add(&notice.to_string(), "content notice", Object::Person(reporter));
            }
        }
        for (number, person) in city.people.iter().enumerate() {
            let object = Object::Person(number);
            for text in [&person.id.to_string(), &person.name, &person.phone, &person.address] {
                add(text, "content person", object);
            }
            add(&person.account.to_string(), "content account", object);
            add(&server.sessions[number].1.to_string(), "content session", Object::Session(number));
            add(&server.sessions[number].0, "content token", Object::Session(number));
        }
        for (number, body) in city.bodies.iter().enumerate() {
            add(&body.id.to_string(), "content body", Object::Body(number));
            add(&body.name, "content body", Object::Body(number));
        }
        for (number, office) in city.offices.iter().enumerate() {
            let id = super::fixture::uuid(NOTICE_OF_OFFICE, number).to_string();
            for text in [&id, &office.told] {
                add(text, "content notice", Object::Office(number));
            }
        }
        Self { words: all, asked: RefCell::default() }
    }

    pub fn contents(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.words.values().map(|(content, _)| *content)
    }

    /// What of the fixture stands in a body.
    pub fn found(&self, body: &str) -> Vec<(&'static str, Object)> {
        let mut found: Vec<_> = words(body).filter_map(|word| self.words.get(word).copied()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What stands in a body and is not for this actor's eyes. What they named themselves they may be told again.
    pub fn leaks_to(&self, oracle: &Oracle, city: &City, call: &Call, body: &str) -> Vec<String> {
        let named: Vec<&str> = words(&call.path).collect();
        let told: Vec<&str> = words(body).filter(|word| !named.contains(word)).collect();
        self.leaks(oracle, city, call.actor, &told.join(" "))
    }

    /// What stands in a body and is not for this actor's eyes.
    pub fn leaks(&self, oracle: &Oracle, city: &City, actor: Actor, body: &str) -> Vec<String> {
        let may = |(content, object): &(&'static str, Object)| {
            let mut asked = self.asked.borrow_mut();
            *asked
                .entry((actor, *content, *object))
                .or_insert_with(|| may_see(oracle, city, actor, content, *object))
        };
        let leaks = self.found(body).into_iter().filter(|it| !may(it));
        leaks.map(|(content, object)| format!("{content} of {}", name(city, object))).collect()
    }
}

fn may_see(oracle: &Oracle, city: &City, actor: Actor, content: &'static str, object: Object) -> bool {
    if oracle.allows(city, actor, content, object, &[]) {
        return true;
    }
    match (content, object) {
        // A reporter's name and telephone are part of how to reach them.
        ("content person", Object::Person(person)) => (0..city.cases.len()).any(|case| {
            city.cases[case].reporter == Some(person)
                && oracle.allows(city, actor, "content contact", Object::Case(case), &[])
        }),
        // Who follows a case learns which body has it, and which read how to reach them.
        ("content body", Object::Body(body)) => (0..city.cases.len()).any(|case| {
            let may = |content| oracle.allows(city, actor, content, Object::Case(case), &[]);
            (city.cases[case].given.contains(&body) && may("content case"))
                || (city.cases[case].reader == body && may("content reading"))
        }),
        _ => false,
    }
}

/// Runs of letters, digits, `-` and `_`: ids, numbers, telephones, tokens and canaries are such.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '_')))
        .filter(|it| !it.is_empty())
}

/// What a failure calls an object.
pub fn name(city: &City, object: Object) -> String {
    match object {
        Object::Nothing => "nothing".into(),
        Object::Area(unit) => format!("area {}", city.units[unit].code),
        Object::Case(case) => format!("case \"{}\"", city.cases[case].label),
        Object::Person(person) => format!("person {}", city.people[person].label),
        Object::Body(body) => {
            format!("body {} {}", city.bodies[body].kind, city.units[city.bodies[body].unit].code)
        }
        Object::Office(office) => {
            let office = &city.offices[office];
            let body = name(city, Object::Body(office.body));
            format!("{} of {body} for {}", office.role, city.units[office.unit].code)
        }
        Object::Session(person) => format!("session of {}", city.people[person].label),
    }
}
