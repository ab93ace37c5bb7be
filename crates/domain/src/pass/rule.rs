//! Who gets a pass: a rule over evidence, as it is published and shown in plain words.
//!
//! One line for each class of holder: `resident: lives_in`, `worker: works_in 150902`, `driver: works_in and vehicle`. Whoever
//! meets all clauses of one line gets a pass. A clause without a code means the regime's area. There is no `not`: a rule
//! says what opens a gate, and nothing that is said of somebody can close it.

use kernel::{AreaPath, Tier};

/// Bytes of a rule.
pub const RULE_BYTES_MAX: usize = 4_000;
const GROUPS_MAX: usize = 8;
const CLAUSES_MAX: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub groups: Vec<Group>,
}

/// A class of holder, with what has to hold for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name as the rule has it: a word of small letters.
    pub class: String,
    pub clauses: Vec<Clause>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    pub fact: Fact,
    /// Code of an area; the regime's own without.
    pub area: Option<String>,
}

/// What can be stated of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// By the register of residents.
    LivesIn,
    /// By a body there.
    WorksIn,
    /// A vehicle is registered for them.
    Vehicle,
}

impl Fact {
    pub const ALL: [Fact; 3] = [Fact::LivesIn, Fact::WorksIn, Fact::Vehicle];

    pub fn as_str(self) -> &'static str {
        match self {
            Fact::LivesIn => "lives_in",
            Fact::WorksIn => "works_in",
            Fact::Vehicle => "vehicle",
        }
    }
}

/// What is known of somebody who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub home: Option<AreaPath>,
    pub works: Vec<AreaPath>,
    /// First character and last digits of the plate.
    pub vehicle: Option<(char, u16)>,
}

/// What is wrong with the text of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleFault {
    Empty,
    /// At the line, counted from one.
    Line(usize),
    TooLong,
}

impl Rule {
    /// Codes of the areas that it names.
    pub fn areas(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|it| &it.clauses).filter_map(|it| it.area.as_deref())
    }

    pub fn parse(text: &str) -> Result<Self, RuleFault> {
        if text.len() > RULE_BYTES_MAX {
            return Err(RuleFault::TooLong);
        }
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let groups: Vec<Group> = lines
            .map(|(number, line)| group(line).ok_or(RuleFault::Line(number + 1)))
            .collect::<Result<_, _>>()?;
        match groups.len() {
            0 => Err(RuleFault::Empty),
            1..=GROUPS_MAX => Ok(Self { groups }),
            _ => Err(RuleFault::TooLong),
        }
    }

    /// The first class whose clauses all hold; else what failed of each class.
    pub fn judge(&self, facts: &Facts, area: &AreaPath) -> Result<&str, Vec<Group>> {
        let mut failed = Vec::new();
        for group in &self.groups {
            let open: Vec<Clause> =
                group.clauses.iter().filter(|it| !it.holds(facts, area)).cloned().collect();
            if open.is_empty() {
                return Ok(&group.class);
            }
            failed.push(Group { class: group.class.clone(), clauses: open });
        }
        Err(failed)
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, group) in self.groups.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            let clause = |it: &Clause| match &it.area {
                None => it.fact.as_str().to_owned(),
                Some(area) => format!("{} {area}", it.fact.as_str()),
            };
            let clauses: Vec<String> = group.clauses.iter().map(clause).collect();
            write!(out, "{}: {}", group.class, clauses.join(" and "))?;
        }
        Ok(())
    }
}

fn group(line: &str) -> Option<Group> {
    let (class, clauses) = line.split_once(':')?;
    let class = class.trim();
    let is_word =
        (1..=32).contains(&class.len()) && class.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    let clauses: Vec<Clause> = clauses.split(" and ").map(clause).collect::<Option<_>>()?;
    (is_word && clauses.len() <= CLAUSES_MAX).then(|| Group { class: class.to_owned(), clauses })
}

fn clause(text: &str) -> Option<Clause> {
    let mut words = text.split_whitespace();
    let fact = words.next()?;
    let fact = Fact::ALL.into_iter().find(|it| it.as_str() == fact)?;
    let area = words.next().map(str::to_owned);
    let is_area = area.as_deref().is_none_or(|it| Tier::of_code(it).is_some() && fact != Fact::Vehicle);
    (is_area && words.next().is_none()).then_some(Clause { fact, area })
}

impl Clause {
    fn holds(&self, facts: &Facts, area: &AreaPath) -> bool {
        let is_in = |path: &AreaPath| match &self.area {
            None => path.is_within(area),
            Some(code) => path.codes().any(|it| it == code),
        };
        match self.fact {
            Fact::LivesIn => facts.home.as_ref().is_some_and(is_in),
            Fact::WorksIn => facts.works.iter().any(is_in),
            Fact::Vehicle => facts.vehicle.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> AreaPath {
        text.parse().unwrap()
    }

    #[test]
    fn whoever_meets_one_line_gets_a_pass_and_who_meets_none_is_told_what_failed() {
        let rule =
            Rule::parse("resident: lives_in\nworker: works_in 150902\n\ndriver: works_in and vehicle\n")
                .unwrap();
        let area = path("1509/150902/150902001/");
        let home = |text: &str| Facts { home: Some(path(text)), ..Facts::default() };
        assert_eq!(rule.judge(&home("1509/150902/150902001/150902001003/"), &area), Ok("resident"));
        let works = Facts { works: vec![path("1509/150902/150902002/")], ..home("1509/150921/") };
        assert_eq!(rule.judge(&works, &area), Ok("worker"), "the clause names a wider area");
        let failed = rule.judge(&home("1509/150921/"), &area).unwrap_err();
        let words = Rule { groups: failed }.to_string();
        assert_eq!(words, "resident: lives_in\nworker: works_in 150902\ndriver: works_in and vehicle");
        assert_eq!(Rule::parse(&words).unwrap().to_string(), words);
    }

    #[test]
    fn what_is_no_rule_says_at_which_line() {
        assert_eq!(Rule::parse(" \n"), Err(RuleFault::Empty));
        for (text, line) in [
            ("resident", 1),
            ("resident: lives_in\nworker: was_seen_in", 2),
            ("resident: not lives_in", 1),
            ("resident: lives_in or works_in", 1),
            ("Resident: lives_in", 1),
            ("resident: lives_in 15x", 1),
            ("driver: vehicle 150902", 1),
            ("resident:", 1),
        ] {
            assert_eq!(Rule::parse(text), Err(RuleFault::Line(line)), "{text}");
        }
        assert_eq!(Rule::parse(&"a: vehicle\n".repeat(9)), Err(RuleFault::TooLong));
        assert_eq!(Rule::parse(&" ".repeat(RULE_BYTES_MAX + 1)), Err(RuleFault::TooLong));
    }
}
