//! Tries the cells of one operation and holds each answer against the oracle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use axum::http::Method;
use uuid::Uuid;

use super::{
    burden_operations, campaign_operations,
    canary::{self, Canaries},
    case_operations::Lens,
    check::Judge,
    fixture::City,
    plant,
    server::{Answer, Call, Server},
    verdict::{Actor, Object, Oracle, Verdict, standings},
    withholding_operations,
};

/// One question to the server, and what the oracle is asked beside it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// As the oracle's table names it.
    pub operation: String,
    pub object: Object,
    /// What of the question itself the oracle should know.
    pub facts: Vec<&'static str>,
    pub call: Call,
    /// The same question about something that is not there.
    pub absent: Option<Call>,
    /// The operation by which one sees the object, where what is not to be seen must look absent.
    pub seen_by: Option<&'static str>,
    /// The same question about what is no id at all.
    pub malformed: Option<Call>,
    pub undo: Undo,
    pub check: Check,
}

/// What an allowed answer must hold, beside its status.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    Status,
    /// This content of the object: the canary is where it belongs.
    Shows(&'static str),
    /// All cases that the lens lets through and the oracle allows, and no other.
    Cases(Lens),
    /// The stage in which this actor's report starts.
    Start,
    /// As many cases as lie in each area.
    Counts,
    /// All notices that are for this actor.
    Notices,
    /// Whatever the status, it shows nothing to the wrong eyes.
    LeaksAlone,
}

/// What puts things back after a change that was allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undo {
    /// It may leave everything as it was, and does no harm if not.
    Nothing,
    Case(usize),
    /// A case that the call made.
    NewCase(Uuid),
    /// All campaigns, whatever was made or changed of them.
    Campaigns,
    /// All that is withheld from people.
    Withholdings,
    /// All limits of what may be asked.
    Limits,
    Session(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Expect {
    /// 2xx
    Allowed,
    /// 401, 403 or 409: it may be known, not done.
    Refused,
    /// Just as if it were not there.
    Invisible,
}

/// What the whole run came to.
#[derive(Default)]
pub struct Outcome {
    pub cells: usize,
    pub allowed: usize,
    pub writes_allowed: usize,
    /// Operation, role and relation of every cell tried.
    pub tried: BTreeSet<(String, &'static str, &'static str)>,
    /// Operation, and what is wrong.
    pub faults: Vec<(String, String)>,
    pub by_operation: BTreeMap<String, usize>,
}

pub struct Matrix<'a> {
    pub server: &'a Server,
    pub oracle: &'a Oracle,
    pub canaries: &'a Canaries,
    /// One in so many cells is tried, beside the first of each operation, role, relation and verdict.
    pub one_in: u64,
    pub seed: u64,
    pub outcome: Outcome,
}

impl Matrix<'_> {
    fn city(&self) -> &City {
        &self.server.city
    }

    pub fn expect(&self, cell: &Cell) -> Expect {
        expect(self.oracle, self.city(), cell)
    }

    /// Tries the cells: those that must be refused together, with no table changed by it; those that
    /// are allowed and change something one by one, with the case put back after each.
    pub fn run(&mut self, cells: Vec<Cell>) {
        let cells = self.sample(cells);
        for (cell, _) in &cells {
            let standings = standings(self.city(), cell.call.actor, cell.object);
            let tried =
                standings.into_iter().map(|(role, relation)| (cell.operation.clone(), role, relation));
            self.outcome.tried.extend(tried);
            *self.outcome.by_operation.entry(cell.operation.clone()).or_default() += 1;
        }
        self.outcome.cells += cells.len();
        let (allowed, refused): (Vec<_>, Vec<_>) =
            cells.into_iter().partition(|(_, expect)| *expect == Expect::Allowed);
        self.outcome.allowed += allowed.len();
        let before = plant::state(&self.server.house);
        let absent = self.ask_elsewhere(refused.iter().chain(&allowed).map(|(cell, _)| cell));
        self.together(&refused, &absent);
        if plant::state(&self.server.house) != before {
            let operation = refused.first().map_or("", |(it, _)| it.operation.as_str());
            self.outcome.faults.push((operation.to_owned(), "something refused changed a table".into()));
        }
        let (reads, writes): (Vec<_>, Vec<_>) =
            allowed.into_iter().partition(|(it, _)| it.call.method == Method::GET);
        self.together(&reads, &absent);
        for (cell, _) in &writes {
            self.one_write(cell);
        }
    }

    fn together(&mut self, cells: &[(Cell, Expect)], absent: &Absent) {
        let calls: Vec<Call> = cells.iter().map(|(it, _)| it.call.clone()).collect();
        let answers = self.server.send_all(&calls, self.outcome.cells);
        for ((cell, expect), answer) in cells.iter().zip(&answers) {
            self.judge(cell, *expect, answer, absent.get(&key(cell)));
        }
    }

    /// What each actor is told of what is not there, and of what is no id: asked once of each, and never a success.
    fn ask_elsewhere<'c>(&mut self, cells: impl Iterator<Item = &'c Cell> + Clone) -> Absent {
        let ask = |call: fn(&Cell) -> Option<&Call>| -> BTreeMap<(String, Actor), Call> {
            cells.clone().filter_map(|cell| Some((key(cell), call(cell)?.clone()))).collect()
        };
        let absent = self.refused_all(ask(|it| it.absent.as_ref()), &[401, 403, 404]);
        self.refused_all(ask(|it| it.malformed.as_ref()), &[401, 403, 404, 422]);
        absent
    }

    fn refused_all(&mut self, calls: BTreeMap<(String, Actor), Call>, statuses: &[u16]) -> Absent {
        let (keys, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let answers = self.server.send_all(&calls, self.outcome.cells);
        self.outcome.cells += calls.len();
        for (((operation, _), call), answer) in keys.iter().zip(&calls).zip(&answers) {
            let leaks = self.canaries.leaks_to(self.oracle, self.city(), call, &answer.text());
            if !statuses.contains(&answer.status) || !leaks.is_empty() {
                let told = format!("{} {}: {} {leaks:?}", call.method, call.path, answer.status);
                self.outcome.faults.push((operation.clone(), told));
            }
        }
        keys.into_iter().zip(answers).collect()
    }

    fn one_write(&mut self, cell: &Cell) {
        let house = &self.server.house;
        let before = plant::state(house);
        let session = match cell.undo {
            Undo::Session(person) => plant::session(house, self.server.sessions[person].1),
            _ => None,
        };
        let answer = self.server.send(&cell.call, self.outcome.cells + self.outcome.writes_allowed);
        self.outcome.writes_allowed += 1;
        self.judge(cell, Expect::Allowed, &answer, None);
        let house = &self.server.house;
        if cell.undo != Undo::Nothing && (200..300).contains(&answer.status) && plant::state(house) == before
        {
            self.outcome
                .faults
                .push((cell.operation.clone(), format!("answered {} and changed nothing", answer.status)));
        }
        match cell.undo {
            Undo::Nothing => {}
            Undo::Case(case) => {
                plant::restore(house, self.city(), &self.city().cases[case], &self.server.photo)
            }
            // What nobody in particular sends gets an id that others cannot guess.
            Undo::NewCase(sent) => {
                let made = answer.json()["id"].as_str().and_then(|it| it.parse().ok());
                plant::wipe(house, made.unwrap_or(sent));
            }
            Undo::Campaigns => campaign_operations::restore(house, self.city()),
            Undo::Withholdings => withholding_operations::restore(house, self.city()),
            Undo::Limits => burden_operations::restore(house),
            Undo::Session(_) => session.into_iter().for_each(|it| plant::put_back(house, &it)),
        }
    }

    fn judge(&mut self, cell: &Cell, expect: Expect, answer: &Answer, absent: Option<&Answer>) {
        let actor = cell.call.actor;
        let status = match cell.check {
            // A list of which nothing may be seen may be empty, or refused; what it holds is looked at below.
            Check::Cases(_) if expect == Expect::Allowed => {
                (answer.status >= 500).then(|| "broke".to_owned())
            }
            Check::LeaksAlone => (answer.status >= 500).then(|| "broke".to_owned()),
            _ => compare(expect, answer, absent, actor).err(),
        };
        let look = Judge { city: self.city(), oracle: self.oracle, canaries: self.canaries };
        let leaks = self.canaries.leaks_to(self.oracle, self.city(), &cell.call, &answer.text());
        let leaks = (!leaks.is_empty()).then(|| format!("shows {}", leaks.join(", ")));
        let wrong: Vec<String> =
            [status, leaks, look.look(cell, expect, answer)].into_iter().flatten().collect();
        if !wrong.is_empty() {
            let told = self.describe(cell, answer, &wrong.join("; "));
            self.outcome.faults.push((cell.operation.clone(), told));
        }
    }

    fn describe(&self, cell: &Cell, answer: &Answer, wrong: &str) -> String {
        let city = self.city();
        let actor = cell.call.actor;
        let who = actor.person.map_or("anonymous", |it| &city.people[it].label);
        let link =
            actor.link.map_or(String::new(), |it| format!(" by the link of \"{}\"", city.cases[it].label));
        let basis = self.oracle.ask(city, actor, &cell.operation, cell.object, &cell.facts).1;
        let mut text = format!(
            "by {who}{link} on {} {:?}: {wrong}; basis: {basis}",
            canary::name(city, cell.object),
            cell.facts
        );
        let _ = write!(text, "; {} {}", answer.status, answer.text().chars().take(160).collect::<String>());
        text
    }

    /// The first cell of each kind, and one in so many of the rest, chosen by the seed.
    fn sample(&self, cells: Vec<Cell>) -> Vec<(Cell, Expect)> {
        let mut seen = BTreeSet::new();
        let mut chance = self.seed | 1;
        let mut kept = Vec::new();
        for cell in cells {
            // Xorshift: an even spread is all that is asked of it.
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            let expect = self.expect(&cell);
            let standings = standings(self.city(), cell.call.actor, cell.object);
            let stage = match cell.object {
                Object::Case(case) => self.city().cases[case].stage,
                _ => "",
            };
            if seen.insert((cell.operation.clone(), standings, expect, stage))
                || chance.is_multiple_of(self.one_in)
            {
                kept.push((cell, expect));
            }
        }
        kept
    }
}

type Absent = BTreeMap<(String, Actor), Answer>;

fn key(cell: &Cell) -> (String, Actor) {
    (cell.operation.clone(), cell.call.actor)
}

pub fn expect(oracle: &Oracle, city: &City, cell: &Cell) -> Expect {
    let actor = cell.call.actor;
    let allows =
        |operation: &str| oracle.ask(city, actor, operation, cell.object, &cell.facts).0 == Verdict::Allow;
    if allows(&cell.operation) {
        Expect::Allowed
    } else if cell.seen_by.is_some_and(|it| !allows(it)) {
        Expect::Invisible
    } else {
        Expect::Refused
    }
}

/// Whether the answer is of the class that the oracle expects.
pub fn compare(expect: Expect, answer: &Answer, absent: Option<&Answer>, actor: Actor) -> Result<(), String> {
    let status = answer.status;
    let is_right = match expect {
        Expect::Allowed => (200..300).contains(&status),
        Expect::Refused => matches!(status, 401 | 403 | 409),
        // The anonymous may be asked to sign in for what is not there too; to all others it is 404.
        Expect::Invisible => status == 404 || (status == 401 && actor.person.is_none()),
    };
    if !is_right {
        return Err(format!("expected {expect:?}, was {status}"));
    }
    match (expect, absent) {
        (Expect::Invisible, Some(absent)) if absent != answer => {
            Err(format!("differs from what is not there: {} {}", absent.status, absent.text()))
        }
        _ => Ok(()),
    }
}
