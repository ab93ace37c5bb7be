//! The city of the matrix: 2 counties × 2 townships × 2 communities × 2 grids, in each unit the people
//! who work there, and cases at each stage. Everything carries a canary string of its own.
//!
//! This file is all that the oracle knows of the tree: it has its own, and asks no one else about it.

use std::collections::BTreeSet;

use uuid::Uuid;

pub const GRID_ROLES: [&str; 4] = ["grid_leader", "grid_assistant", "grid_supervisor", "grid_hygienist"];
pub const OFFICE_ROLES: [&str; 4] = ["acceptor", "dispatcher", "leader", "commander"];
pub const STAGES: [&str; 10] = [
    "collect",
    "register",
    "dispatch",
    "handle",
    "feedback",
    "check",
    "evaluate",
    "closed",
    "void",
    "adjudicate",
];
/// The grid in which most of the story happens, and its township, county and city.
pub const CITY: &str = "1509";
pub const COUNTY: &str = "150902";
pub const OTHER_COUNTY: &str = "150921";
pub const TOWNSHIP: &str = "150902001";
pub const OTHER_TOWNSHIP: &str = "150902002";
pub const COMMUNITY: &str = "150902001001";
pub const GRID: &str = "150902001001001";
pub const SIBLING_GRID: &str = "150902001001002";
pub const FAR_GRID: &str = "150921002002002";

pub struct Unit {
    pub code: String,
    pub parent: Option<usize>,
    pub tier: i64,
}

pub struct Body {
    pub id: Uuid,
    pub kind: &'static str,
    pub unit: usize,
    pub name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Term {
    Now,
    /// Its time is over.
    Expired,
    /// Its holder was moved to another post an hour ago.
    Left,
}

pub struct Post {
    pub role: &'static str,
    pub unit: usize,
    pub body: usize,
    pub term: Term,
}

pub struct Person {
    pub id: Uuid,
    pub account: Uuid,
    /// What a failure calls them.
    pub label: String,
    /// The grid of their household.
    pub home: Option<usize>,
    pub county: usize,
    pub posts: Vec<Post>,
    pub name: String,
    pub phone: String,
    pub address: String,
}

pub struct Case {
    pub id: Uuid,
    pub label: String,
    pub number: String,
    pub stage: &'static str,
    pub unit: usize,
    pub reporter: Option<usize>,
    pub owner: Option<usize>,
    /// Bodies that were ever given it.
    pub given: BTreeSet<usize>,
    /// Its owner has given it back once.
    pub returned: bool,
    pub handler: Option<usize>,
    pub dispatcher: Option<usize>,
    pub verifier: Option<usize>,
    pub description: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub internal_note: String,
    pub public_note: String,
    /// The body whose acceptor read how to reach the reporter, and the purpose that they gave.
    pub reader: usize,
    pub read_for: String,
    /// In the grid of the story, tried by every operation; the others fill lists and counts.
    pub is_focal: bool,
}

#[derive(Default)]
pub struct City {
    pub units: Vec<Unit>,
    pub bodies: Vec<Body>,
    pub people: Vec<Person>,
    pub cases: Vec<Case>,
    /// Each office that a post of somebody is, or was, once.
    pub offices: Vec<Office>,
}

/// A role in a body for a unit, whoever holds it.
pub struct Office {
    pub role: &'static str,
    pub body: usize,
    pub unit: usize,
    /// What it is told.
    pub told: String,
}

impl Office {
    pub fn is_of(&self, post: &Post) -> bool {
        (self.role, self.body, self.unit) == (post.role, post.body, post.unit)
    }
}

pub fn uuid(kind: u64, number: usize) -> Uuid {
    // Version 7 in form, at a moment before the story.
    let mut bytes = [0; 10];
    bytes[0] = kind as u8;
    bytes[2..].copy_from_slice(&(number as u64 + 1).to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(1_763_000_000_000 + kind * 1_000, &bytes).into_uuid()
}

impl Case {
    /// How the order about it stands, if the county's leader has given one.
    pub fn supervised(&self) -> Option<&'static str> {
        match self.stage {
            "handle" if self.is_focal && !self.returned => Some("waiting"),
            "feedback" if self.is_focal => Some("replied"),
            _ => None,
        }
    }
}

impl City {
    pub fn build() -> Self {
        let mut city = Self::default();
        city.found_units();
        city.found_bodies();
        city.employ();
        city.settle();
        city.appoint_the_odd();
        city.open_focal_cases();
        city.open_other_cases();
        city.list_offices();
        city
    }

    fn found_units(&mut self) {
        self.units.push(Unit { code: CITY.into(), parent: None, tier: 1 });
        let mut level = vec![0];
        for (tier, suffixes) in
            [(2, ["02", "21"]), (3, ["001", "002"]), (4, ["001", "002"]), (5, ["001", "002"])]
        {
            let mut next = Vec::new();
            for parent in level {
                for suffix in suffixes {
                    next.push(self.units.len());
                    let code = format!("{}{suffix}", self.units[parent].code);
                    self.units.push(Unit { code, parent: Some(parent), tier });
                }
            }
            level = next;
        }
    }

    fn found_bodies(&mut self) {
        for unit in 0..self.units.len() {
            let kinds: &[&str] = match self.units[unit].tier {
                1 => &["supervision_centre", "command_centre"],
                2 => &["supervision_centre", "command_centre", "government_department", "enforcement_team"],
                3 => &["supervision_centre", "command_centre"],
                4 => &["grid_team"],
                _ => &[],
            };
            for kind in kinds {
                let number = self.bodies.len();
                let name = format!("zqbody{number:04} 单位");
                self.bodies.push(Body { id: uuid(1, number), kind, unit, name });
            }
        }
    }

    pub fn unit(&self, code: &str) -> usize {
        self.units.iter().position(|it| it.code == code).expect("a unit of the fixture")
    }

    /// The body of that kind in the unit, or in the nearest above.
    pub fn body(&self, kind: &str, unit: usize) -> usize {
        let here = self.bodies.iter().position(|it| it.kind == kind && it.unit == unit);
        here.unwrap_or_else(|| self.body(kind, self.units[unit].parent.expect("such a body above")))
    }

    pub fn person(&self, label: &str) -> usize {
        self.people.iter().position(|it| it.label == label).unwrap_or_else(|| panic!("nobody is {label}"))
    }

    /// The unit itself and those above it, nearest first.
    pub fn line(&self, unit: usize) -> Vec<usize> {
        std::iter::successors(Some(unit), |it| self.units[*it].parent).collect()
    }

    pub fn county_of(&self, unit: usize) -> Option<usize> {
        self.line(unit).into_iter().find(|it| self.units[*it].tier == 2)
    }

    pub fn path(&self, unit: usize) -> String {
        self.line(unit).into_iter().rev().map(|it| format!("{}/", self.units[it].code)).collect()
    }

    pub fn is_within(&self, unit: usize, above: usize) -> bool {
        self.line(unit).contains(&above)
    }

    fn add_person(&mut self, label: String, home: Option<usize>, posts: Vec<Post>) -> usize {
        let number = self.people.len();
        let place = home.or(posts.first().map(|it| it.unit)).unwrap_or(0);
        self.people.push(Person {
            id: uuid(2, number),
            account: uuid(3, number),
            label,
            home,
            county: self.county_of(place).unwrap_or(1),
            posts,
            name: format!("zqname{number:04}"),
            phone: format!("1388{number:07}"),
            address: format!("zqaddr{number:04} 号"),
        });
        number
    }

    fn post(&self, role: &'static str, unit: usize, term: Term) -> Post {
        let kind = match role {
            "acceptor" | "auditor" => "supervision_centre",
            "handler" => "government_department",
            role if GRID_ROLES.contains(&role) => "grid_team",
            _ => "command_centre",
        };
        Post { role, unit, body: self.body(kind, unit), term }
    }

    fn employ(&mut self) {
        for unit in 0..self.units.len() {
            let (tier, code) = (self.units[unit].tier, self.units[unit].code.clone());
            let roles: Vec<&'static str> = match tier {
                1 | 2 => OFFICE_ROLES.into_iter().chain(["auditor", "administrator"]).collect(),
                3 => OFFICE_ROLES.to_vec(),
                _ => GRID_ROLES.to_vec(),
            };
            for role in roles {
                let post = self.post(role, unit, Term::Now);
                self.add_person(format!("{role}@{code}"), None, vec![post]);
            }
            if tier == 2 {
                for kind in ["government_department", "enforcement_team"] {
                    let body = self.body(kind, unit);
                    for order in ["", "'"] {
                        let post = Post { role: "handler", unit, body, term: Term::Now };
                        self.add_person(format!("handler of {kind}@{code}{order}"), None, vec![post]);
                    }
                }
            }
        }
    }

    fn settle(&mut self) {
        let grids: Vec<usize> = (0..self.units.len()).filter(|it| self.units[*it].tier == 5).collect();
        for grid in grids {
            let label = format!("resident@{}", self.units[grid].code);
            self.add_person(label, Some(grid), Vec::new());
        }
        let home = self.unit(GRID);
        self.add_person("neighbour".into(), Some(home), Vec::new());
    }

    /// Posts that ended, people who were just moved, and people with two posts.
    fn appoint_the_odd(&mut self) {
        let posts: [(&'static str, &str, &str); 10] = [
            ("grid_leader", GRID, SIBLING_GRID),
            ("grid_supervisor", COMMUNITY, FAR_GRID),
            ("acceptor", TOWNSHIP, OTHER_TOWNSHIP),
            ("dispatcher", COUNTY, OTHER_COUNTY),
            ("leader", COUNTY, OTHER_COUNTY),
            ("commander", COUNTY, OTHER_COUNTY),
            ("handler", COUNTY, OTHER_COUNTY),
            ("auditor", COUNTY, OTHER_COUNTY),
            ("administrator", COUNTY, OTHER_COUNTY),
            ("acceptor", COUNTY, OTHER_COUNTY),
        ];
        for (role, from, to) in posts {
            let (from_unit, to_unit) = (self.unit(from), self.unit(to));
            let expired = self.post(role, from_unit, Term::Expired);
            self.add_person(format!("once {role}@{from}"), None, vec![expired]);
            let moved = vec![self.post(role, to_unit, Term::Now), self.post(role, from_unit, Term::Left)];
            self.add_person(format!("{role} moved {from} to {to}"), None, moved);
        }
        let (grid, county) = (self.unit(GRID), self.unit(COUNTY));
        let two = vec![self.post("handler", county, Term::Now), self.post("grid_assistant", grid, Term::Now)];
        self.add_person("handler and grid_assistant".into(), Some(grid), two);
        let two = vec![self.post("dispatcher", county, Term::Now), self.post("acceptor", county, Term::Now)];
        self.add_person("dispatcher and acceptor".into(), None, two);
        let lives_here = vec![self.post("grid_hygienist", self.unit(SIBLING_GRID), Term::Now)];
        self.add_person("grid_hygienist who lives next door".into(), Some(grid), lives_here);
    }

    fn list_offices(&mut self) {
        for post in self.people.iter().flat_map(|it| &it.posts) {
            if !self.offices.iter().any(|it| it.is_of(post)) {
                let told = format!("zqtold{:04}", self.offices.len());
                self.offices.push(Office { role: post.role, body: post.body, unit: post.unit, told });
            }
        }
    }

    fn add_case(
        &mut self,
        label: &str,
        stage: &'static str,
        unit: usize,
        reporter: Option<usize>,
    ) -> &mut Case {
        let number = self.cases.len();
        let county = self.county_of(unit).unwrap_or(1);
        let at = STAGES.iter().position(|it| *it == stage).expect("a stage");
        let given = (3..=7).contains(&at) || stage == "adjudicate";
        let owner = given.then(|| self.body("government_department", county));
        let code = self.units[county].code.clone();
        let past = |label: String, is_past: bool| is_past.then(|| self.person(&label));
        let handler = past(format!("handler of government_department@{code}"), (4..=7).contains(&at));
        let dispatcher = past(format!("dispatcher@{code}"), given);
        self.cases.push(Case {
            id: uuid(4, number),
            label: label.into(),
            number: format!("20261119-ZQ{number:06}"),
            stage,
            unit,
            reporter,
            owner,
            given: owner.into_iter().collect(),
            returned: stage == "adjudicate",
            handler,
            dispatcher,
            verifier: None,
            description: format!("zqcase{number:04} 路灯不亮"),
            contact_name: format!("zqcall{number:04}"),
            contact_phone: format!("1399{number:07}"),
            internal_note: format!("zqinte{number:04} 内部"),
            public_note: format!("zqpubl{number:04} 公开"),
            reader: self.body("supervision_centre", county),
            read_for: format!("zqread{number:04}"),
            is_focal: false,
        });
        self.cases.last_mut().expect("just added")
    }

    fn open_focal_cases(&mut self) {
        let (grid, county) = (self.unit(GRID), self.unit(COUNTY));
        let resident = self.person(&format!("resident@{GRID}"));
        let worker = self.person(&format!("grid_leader@{GRID}"));
        let supervisor = self.person(&format!("grid_supervisor@{GRID}"));
        let acceptor = self.person(&format!("acceptor@{TOWNSHIP}"));
        let dispatcher = self.person(&format!("dispatcher@{COUNTY}"));
        let handler = self.person(&format!("handler of government_department@{COUNTY}"));
        let other_handler = self.person(&format!("handler of enforcement_team@{COUNTY}"));
        let far = self.person(&format!("resident@{FAR_GRID}"));
        let (both, two_desks) =
            (self.person("handler and grid_assistant"), self.person("dispatcher and acceptor"));
        let (first, second) =
            (self.body("government_department", county), self.body("enforcement_team", county));
        for stage in STAGES {
            let case = self.add_case(stage, stage, grid, Some(resident));
            case.verifier = (!matches!(stage, "collect" | "void")).then_some(worker);
        }
        self.add_case("collect, anonymous", "collect", grid, None);
        self.add_case("evaluate, anonymous", "evaluate", grid, None);
        self.add_case("check, reported by the grid leader", "check", grid, Some(worker));
        self.add_case("check, reported by the acceptor", "check", grid, Some(acceptor));
        self.add_case("collect again, reported by the grid supervisor", "collect", grid, Some(supervisor));
        self.add_case("evaluate, reported by the grid leader", "evaluate", grid, Some(worker));
        self.add_case("evaluate, reported by its dispatcher", "evaluate", grid, Some(dispatcher));
        self.add_case("evaluate, reported by its handler", "evaluate", grid, Some(handler));
        self.add_case("check, reported from another county", "check", grid, Some(far));
        let case = self.add_case(
            "check, handled and dispatched by people of two posts",
            "check",
            grid,
            Some(resident),
        );
        (case.handler, case.dispatcher) = (Some(both), Some(two_desks));
        let case = self.add_case(
            "handle, returned by one body and given to another",
            "handle",
            grid,
            Some(resident),
        );
        (case.owner, case.given) = (Some(second), BTreeSet::from([first, second]));
        let case = self.add_case(
            "check, returned by one body and handled by another",
            "check",
            grid,
            Some(resident),
        );
        (case.owner, case.given, case.handler) =
            (Some(second), BTreeSet::from([first, second]), Some(other_handler));
        let case =
            self.add_case("handle, given again to the body that returned it", "handle", grid, Some(resident));
        case.returned = true;
        let case = self.add_case("dispatch, returned", "dispatch", grid, Some(resident));
        (case.owner, case.given, case.dispatcher) = (Some(first), BTreeSet::from([first]), Some(dispatcher));
        self.cases.iter_mut().for_each(|it| it.is_focal = true);
    }

    fn open_other_cases(&mut self) {
        for unit in 0..self.units.len() {
            let (tier, code) = (self.units[unit].tier, self.units[unit].code.clone());
            match tier {
                5 if code != GRID => {
                    let reporter = self.person(&format!("resident@{code}"));
                    self.add_case(&format!("handle in {code}"), "handle", unit, Some(reporter));
                }
                5 => {}
                // What was reported of a whole community, township, county or city lies above the grids.
                _ if self.is_within(self.unit(GRID), unit) => {
                    let reporter = self.person("neighbour");
                    self.add_case(&format!("check in {code}"), "check", unit, Some(reporter));
                }
                _ => {}
            }
        }
    }
}
