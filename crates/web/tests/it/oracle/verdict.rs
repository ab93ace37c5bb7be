//! Reads the oracle's table and answers from it: first match wins, and what no row allows is refused.

use std::collections::BTreeSet;

use super::fixture::{City, Term};

const TABLE: &str = include_str!("oracle.csv");

/// One line of `oracle.csv`. Cells hold words separated by `|`; a word may end in `*`.
pub struct Row {
    pub operation: String,
    role: Vec<String>,
    relation: Vec<String>,
    /// All must hold; `!` in front turns one round.
    condition: Vec<String>,
    pub verdict: Verdict,
    pub basis: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Allow,
    Refuse,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Object {
    Nothing,
    Area(usize),
    Case(usize),
    Person(usize),
    Body(usize),
    Office(usize),
    /// The session that this person is signed in with.
    Session(usize),
}

/// Who asks: a person of the fixture or nobody, perhaps by a case's secret link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Actor {
    pub person: Option<usize>,
    pub link: Option<usize>,
}

pub struct Oracle(pub Vec<Row>);

impl Oracle {
    pub fn load() -> Self {
        let mut lines = TABLE.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        assert_eq!(lines.next(), Some("operation,role,relation,condition,verdict,basis"));
        Self(lines.map(row).collect())
    }

    /// The verdict and the basis that it rests on.
    pub fn ask(
        &self,
        city: &City,
        actor: Actor,
        operation: &str,
        object: Object,
        facts: &[&str],
    ) -> (Verdict, &str) {
        let standings = standings(city, actor, object);
        let facts = all_facts(city, actor, object, facts);
        let fits = |row: &&Row| {
            row.operation == operation
                && standings
                    .iter()
                    .any(|(role, relation)| matches(&row.role, role) && matches(&row.relation, relation))
                && row.condition.iter().all(|it| match it.strip_prefix('!') {
                    Some(not) => !facts.contains(not),
                    None => facts.contains(it),
                })
        };
        match self.0.iter().find(fits) {
            Some(row) => (row.verdict, &row.basis),
            None => (Verdict::Refuse, "no row allows it"),
        }
    }

    pub fn allows(&self, city: &City, actor: Actor, operation: &str, object: Object, facts: &[&str]) -> bool {
        self.ask(city, actor, operation, object, facts).0 == Verdict::Allow
    }
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.splitn(6, ',').map(str::trim).collect();
    let [operation, role, relation, condition, verdict, basis] = cells[..] else {
        panic!("six cells: {line}")
    };
    let words = |cell: &str, separator: char| -> Vec<String> {
        cell.split(separator).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    };
    let verdict = match verdict {
        "allow" => Verdict::Allow,
        "refuse" => Verdict::Refuse,
        _ => panic!("allow or refuse: {line}"),
    };
    assert!(!basis.is_empty(), "a verdict rests on something: {line}");
    Row {
        operation: operation.to_owned(),
        role: words(role, '|'),
        relation: words(relation, '|'),
        condition: words(condition.trim_matches('-'), '&'),
        verdict,
        basis: basis.to_owned(),
    }
}

fn matches(words: &[String], word: &str) -> bool {
    words.iter().any(|it| match it.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => it == word,
    })
}

/// The area that an object lies in.
pub fn unit_of(city: &City, object: Object) -> Option<usize> {
    match object {
        Object::Nothing => None,
        Object::Area(unit) => Some(unit),
        Object::Case(case) => Some(city.cases[case].unit),
        Object::Person(person) | Object::Session(person) => {
            let person = &city.people[person];
            Some(person.home.unwrap_or(person.county))
        }
        Object::Body(body) => Some(city.bodies[body].unit),
        Object::Office(office) => Some(city.offices[office].unit),
    }
}

/// In which roles, and how related, the actor stands to the object. Each of them counts.
pub fn standings(city: &City, actor: Actor, object: Object) -> Vec<(&'static str, &'static str)> {
    let plain = plain(city, actor);
    match (actor.link, object) {
        (Some(link), Object::Case(case)) if link != case => return vec![(plain, "wrong_link")],
        _ => {}
    }
    let mut found = Vec::new();
    let posts = actor.person.map_or(&[][..], |it| &city.people[it].posts);
    for post in posts {
        match (post.term, unit_of(city, object)) {
            (Term::Expired, _) => found.push((post.role, "expired")),
            (Term::Left, _) => found.push((post.role, "transferred")),
            (Term::Now, None) => found.push((post.role, "in_office")),
            (Term::Now, Some(unit)) => found.push((post.role, position(city, post.unit, unit))),
        }
        if let (Term::Now, Object::Office(office)) = (post.term, object)
            && city.offices[office].is_of(post)
        {
            found.push((post.role, "office"));
        }
        if let (Term::Now, Object::Case(case)) = (post.term, object) {
            let case = &city.cases[case];
            if case.owner == Some(post.body) {
                found.push((post.role, "owner"));
            } else if case.given.contains(&post.body) {
                found.push((post.role, "handled_before"));
            }
        }
    }
    found.push((plain, personal(city, actor, object)));
    if let (Some(link), Object::Case(case)) = (actor.link, object)
        && link == case
    {
        found.push((plain, "link"));
    }
    found
}

/// What somebody is without regard to any post in particular.
fn plain(city: &City, actor: Actor) -> &'static str {
    match actor.person {
        None => "anonymous",
        Some(person) if city.people[person].posts.iter().any(|it| it.term == Term::Now) => "staff",
        Some(_) => "resident",
    }
}

fn personal(city: &City, actor: Actor, object: Object) -> &'static str {
    match object {
        Object::Case(case) if actor.person.is_some() && city.cases[case].reporter == actor.person => {
            "reporter"
        }
        Object::Person(person) | Object::Session(person) if actor.person == Some(person) => "self",
        _ => "stranger",
    }
}

/// Where `unit` lies as seen from a post in `office`.
fn position(city: &City, office: usize, unit: usize) -> &'static str {
    let (county, other) = (city.county_of(office), city.county_of(unit));
    if office == unit {
        "own"
    } else if city.is_within(unit, office) {
        "descendant"
    } else if city.is_within(office, unit) {
        "ancestor"
    } else if county.is_some() && other.is_some() && county != other {
        "other_county"
    } else if city.units[office].parent == city.units[unit].parent {
        "sibling"
    } else {
        "cousin"
    }
}

fn all_facts(city: &City, actor: Actor, object: Object, more: &[&str]) -> BTreeSet<String> {
    let mut facts: BTreeSet<String> = more.iter().map(|it| (*it).to_owned()).collect();
    if let Object::Case(case) = object {
        let case = &city.cases[case];
        let is_me = |person: Option<usize>| person.is_some() && person == actor.person;
        facts.insert(format!("stage={}", case.stage));
        if !matches!(case.stage, "closed" | "void") {
            facts.insert("open".into());
        }
        let posts = actor.person.map_or(&[][..], |it| &city.people[it].posts);
        let is_of_given = posts.iter().any(|it| it.term == Term::Now && case.given.contains(&it.body));
        for (fact, holds) in [
            ("of_given_body", is_of_given),
            ("returned", case.returned),
            ("reporter", is_me(case.reporter)),
            ("handler", is_me(case.handler)),
            ("dispatcher", is_me(case.dispatcher)),
        ] {
            if holds {
                facts.insert(fact.into());
            }
        }
    }
    facts
}
