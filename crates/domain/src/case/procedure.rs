//! Procedures are data: stages, who may act, transitions, evidence, clocks, escalation. Read from TOML.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Role;
use policy::{Advance, Relation};

use super::catalogue::Catalogue;
use crate::calendar::{Limit, WHOLE};

/// The procedure for what no other claims.
const GENERAL: &str = "city-event";

/// The finding of a call that nobody answered.
pub(super) const UNREACHED: &str = "unreached";

/// The procedures that a city runs, by id.
#[derive(Debug, Default)]
pub struct Procedures(pub(super) BTreeMap<String, Procedure>);

/// Words in each language, by tag.
pub type Label = BTreeMap<String, String>;

#[derive(Debug)]
pub struct Procedure {
    pub id: String,
    pub version: i64,
    pub label: Label,
    /// Codes of major or minor classes that run by it unless a report says otherwise.
    pub classes: Vec<String>,
    /// Its cases are shown to everybody, without anything about a person.
    pub published: bool,
    /// Its cases are the parts of others that supporting bodies do: made by dispatching, never reported.
    pub support: bool,
    /// Where a new case starts, the first that the reporter is entitled to.
    pub starts: Vec<Start>,
    pub stages: Vec<Stage>,
    /// Lists of grounds by name.
    pub grounds: BTreeMap<String, Vec<Ground>>,
    /// Ids of the stages that no case comes to but by a check that passed.
    pub(super) done: BTreeSet<String>,
}

#[derive(Debug)]
pub struct Start {
    pub roles: Vec<Role>,
    pub stage: String,
}

#[derive(Debug)]
pub struct Stage {
    pub id: String,
    /// Which of the seven steps of the loop it belongs to, 1 to 7.
    pub step: i64,
    pub label: Label,
    /// What the case waits for, as its reporter reads it.
    pub waiting: Label,
    pub end: Option<End>,
    pub clock: Option<Clock>,
    /// In the order of the parts of its time at which they come.
    pub alarms: Vec<Alarm>,
    pub reliefs: Vec<Relief>,
    pub transitions: Vec<Transition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Void,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The limit that the case's class sets.
    Class,
    Fixed(Limit),
}

/// Who is told when a part of a stage's time has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Hundredths of the stage's time: its end is at `WHOLE`, and what comes after it has more.
    pub percent: i64,
    pub roles: Vec<Role>,
    /// `Area`: the offices nearest above the case. `Owner`: the handlers of the body that has it.
    pub relation: Relation,
}

/// A pause (挂账) or more time (延期), which a stage may be given on request.
#[derive(Debug)]
pub struct Relief {
    pub kind: ReliefKind,
    /// Name of the list of grounds to choose from.
    pub ground: String,
    /// Of a pause how many days it may last; of an extension how many a case may be granted.
    pub most: i64,
    /// Who may ask for it.
    pub ask: Advance,
    /// Who grants or refuses it: never whoever asked, and nobody of the side that handles.
    pub decide: Advance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReliefKind {
    /// 挂账: the clock stands still until a day, and nobody handles meanwhile.
    Pause,
    /// 延期: one more limit, from the deadline on.
    Extension,
}

impl ReliefKind {
    pub const ALL: [ReliefKind; 2] = [ReliefKind::Pause, ReliefKind::Extension];

    pub fn as_str(self) -> &'static str {
        match self {
            ReliefKind::Pause => "pause",
            ReliefKind::Extension => "extension",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Debug)]
pub struct Transition {
    pub id: String,
    pub label: Label,
    pub to: String,
    pub advance: Advance,
    /// The part that whoever takes it has in the case from then on.
    pub part: Option<policy::Party>,
    pub effect: Effect,
    pub asks: Asks,
    /// The clock takes it when the stage's time is over.
    pub on_timeout: bool,
    /// The list of responsibilities takes it, once in a case, where it names one body.
    pub by_list: bool,
    /// How often it may be taken in one case; one that belongs to the owner, by each body.
    pub at_most: Option<i64>,
    /// How often it may be taken in one case by all bodies together.
    pub in_all: Option<i64>,
    /// How long after the case came to its stage it may be taken; a return, how long after its body was given the case.
    pub within: Option<Limit>,
    /// The transition of the same stage that opens when this one was taken as often as it may be, here or in all.
    pub then: Option<String>,
}

/// What a transition does beyond moving the case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// The case is filed: its own deadline starts.
    pub registers: bool,
    /// The owner gives it back.
    pub returns: bool,
    /// It goes back because the work was not good.
    pub reworks: bool,
    /// What was closed is taken up again, as often in one case as its `at_most` says, whichever stage it leads from.
    pub reopens: bool,
    /// A ruling on whose it is: from then on nobody gives it back.
    pub binds: bool,
    /// The stage that it leads to has the time in which the whole is to be handled, whatever the class says.
    pub sets_due: bool,
    /// The lead reports the whole done although a supporting body is not.
    pub despite_support: bool,
}

/// What has to come with a transition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    pub note: Need,
    /// Fewest photos.
    pub photos: usize,
    /// The body that gets the case.
    pub organization: bool,
    /// The procedure by which bodies support that one, if any may be named.
    pub supporting: Option<String>,
    pub class: Need,
    /// Name of the list of grounds to choose from.
    pub ground: Option<String>,
    /// Findings to choose from.
    pub findings: Vec<String>,
    /// One to five, and whether it is solved.
    pub rating: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    #[default]
    No,
    Optional,
    Required,
}

#[derive(Debug)]
pub struct Ground {
    pub id: String,
    pub label: Label,
    /// What it says to those who do not know the procedure, of a case that ends on it.
    pub means: Option<Meaning>,
}

/// Why a case was never filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// Nobody in this network has to do with it.
    NotOurs,
    /// It was reported before.
    Duplicate,
}

impl Procedures {
    pub fn get(&self, id: &str) -> Option<&Procedure> {
        self.0.get(id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Procedure> {
        self.0.values()
    }

    /// Id of the procedure that cases of a minor class run by when their report names none.
    pub fn of_class(&self, classes: &Catalogue, minor: &str) -> &str {
        let major = classes.major_of(minor).map(|major| major.code.as_str());
        let claims = |code: &str| self.iter().find(|it| it.classes.iter().any(|class| class == code));
        claims(minor).or_else(|| major.and_then(claims)).map_or(GENERAL, |it| it.id.as_str())
    }

    /// Those to which no class leads: a report names them. Parts of a case are not reported.
    pub fn chosen(&self) -> impl Iterator<Item = &Procedure> {
        self.iter().filter(|it| it.classes.is_empty() && it.id != GENERAL && !it.support)
    }

    /// Whether cases of a minor class are published, if their report names no procedure.
    pub fn publishes(&self, classes: &Catalogue, minor: &str) -> bool {
        self.get(self.of_class(classes, minor)).is_some_and(|it| it.published)
    }

    /// Procedures by which bodies are to support and that are not there, or are for something else.
    pub fn support_faults(&self) -> Vec<String> {
        let named =
            self.iter().flat_map(|it| it.moves().map(move |(_, taken)| (&it.id, &taken.asks.supporting)));
        let mut faults: Vec<String> = named
            .filter_map(|(id, name)| {
                let name = name.as_ref().filter(|name| !self.get(name).is_some_and(|it| it.support))?;
                Some(format!("procedure {id}: there is no procedure {name:?} with support = true"))
            })
            .collect();
        faults.dedup();
        faults
    }

    /// Classes that procedures claim and that are not there, or that two of them claim.
    pub fn class_faults(&self, classes: &Catalogue) -> Vec<String> {
        let mut claimed: BTreeMap<&str, &str> = BTreeMap::new();
        let mut faults = Vec::new();
        for (procedure, class) in
            self.iter().flat_map(|it| it.classes.iter().map(move |class| (&it.id, class)))
        {
            if classes.get(class).is_none() && !classes.classes.iter().any(|it| it.code == *class) {
                faults.push(format!("procedure {procedure}: there is no class {class:?} in classes.toml"));
            }
            if let Some(other) = claimed.insert(class, procedure) {
                faults.push(format!("procedures {other} and {procedure} both have the class {class:?}"));
            }
        }
        faults
    }
}

impl Procedure {
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    pub fn ground(&self, list: &str, id: &str) -> Option<&Ground> {
        self.grounds.get(list)?.iter().find(|ground| ground.id == id)
    }

    /// Stage and transition of each move, in the order of the file.
    pub fn moves(&self) -> impl Iterator<Item = (&Stage, &Transition)> {
        self.stages
            .iter()
            .flat_map(|stage| stage.transitions.iter().map(move |transition| (stage, transition)))
    }

    /// The transition of this id from a stage; from anywhere if that stage has none.
    pub fn taken(&self, from: &str, id: &str) -> Option<&Transition> {
        self.stage(from).and_then(|stage| stage.transition(id)).or_else(|| self.transition(id))
    }

    /// Whether a case that stands at this stage has passed its check, however it came there.
    pub fn is_done(&self, stage: &str) -> bool {
        self.done.contains(stage)
    }

    /// What `is_done` answers from. Each round may find a stage behind one that was found before it.
    pub(super) fn done_stages(&self) -> BTreeSet<String> {
        let mut done = BTreeSet::new();
        let is_start = |id: &str| self.starts.iter().any(|it| it.stage == id);
        for _ in &self.stages {
            for stage in self.stages.iter().filter(|it| !is_start(&it.id)) {
                let mut ways = self.moves().filter(|(_, it)| it.to == stage.id).peekable();
                let is_reached = ways.peek().is_some();
                let passed = |(from, it): (&Stage, &Transition)| {
                    let leads_on = !it.effect.reworks && !it.effect.reopens;
                    it.passes() || (done.contains(&from.id) && leads_on)
                };
                if is_reached && ways.all(passed) {
                    done.insert(stage.id.clone());
                }
            }
        }
        done
    }

    /// The transition of this id that leads from anywhere.
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.moves().map(|(_, transition)| transition).find(|transition| transition.id == id)
    }
}

impl Transition {
    /// Whether the check passed by it: somebody looked at the work, or its reporter ended it, and it does not go back.
    /// Where it may say that nobody was reached, nobody has looked.
    pub fn passes(&self) -> bool {
        let by_reporter = self.advance.closes && self.advance.relation == Relation::Reporter;
        (self.advance.checks || by_reporter)
            && !self.effect.reworks
            && !self.effect.reopens
            && !self.asks.findings.iter().any(|it| it == UNREACHED)
    }

    /// It sends the case to a body.
    pub fn gives(&self) -> bool {
        self.asks.organization || self.by_list
    }

    /// Nobody takes it: it comes by the clock or the list.
    pub fn is_automatic(&self) -> bool {
        self.on_timeout || self.by_list
    }
}

impl Stage {
    pub fn transition(&self, id: &str) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.id == id)
    }

    /// The first transition that is an office's to take: those hear that it is their turn.
    pub fn next_of_office(&self) -> Option<&Transition> {
        let of_office = |it: &&Transition| {
            matches!(it.advance.relation, Relation::Area | Relation::Owner) && !it.effect.reopens
        };
        self.transitions.iter().find(of_office)
    }

    pub fn relief(&self, kind: ReliefKind) -> Option<&Relief> {
        self.reliefs.iter().find(|it| it.kind == kind)
    }

    /// The parts of its time at which the clock has something to say, in order; its end is always among them.
    pub fn levels(&self) -> BTreeSet<i64> {
        self.alarms.iter().map(|it| it.percent).chain([WHOLE]).collect()
    }

    /// The transition that the clock takes at the end of its time.
    pub fn timeout(&self) -> Option<&Transition> {
        self.transitions.iter().find(|it| it.on_timeout)
    }

    /// The transition after whose last time `transition` opens.
    pub fn opener(&self, transition: &Transition) -> Option<&Transition> {
        self.transitions.iter().find(|it| it.then.as_ref() == Some(&transition.id))
    }
}

/// The words of `label` in `language`, or in Chinese, or in whatever there is.
pub fn words<'a>(label: &'a Label, language: &str) -> &'a str {
    label
        .get(language)
        .or_else(|| label.get("zh-Hans"))
        .or_else(|| label.values().next())
        .map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str) -> Vec<String> {
        let procedures = Procedures::load(&[("a.toml".into(), text.into())]).unwrap();
        let done = procedures.iter().flat_map(|it| it.done.iter().cloned());
        done.collect()
    }

    #[test]
    fn a_stage_is_done_only_if_every_way_to_it_passed_a_check() {
        let event = include_str!("../../../../procedures/city-event.toml");
        assert_eq!(done(event), ["closed", "evaluate"]);
        let unchecked = event.replacen("closes = true\n  checks = true", "closes = true", 1);
        assert_ne!(unchecked, event);
        assert_eq!(done(&unchecked), [""; 0], "closed by somebody who has not checked it");
    }

    #[test]
    fn a_check_passes_where_closing_is_a_step_of_its_own_and_not_where_nobody_answered() {
        let emergency = include_str!("../../../../procedures/emergency-task.toml");
        assert_eq!(done(emergency), ["closed", "conclude"]);
        let request = include_str!("../../../../procedures/public-request.toml");
        assert_eq!(done(request), [""; 0], "a call that nobody answered ends it too");
        let procedures = Procedures::load(&[("a.toml".into(), request.into())]).unwrap();
        let ends: Vec<(&str, bool)> = procedures
            .iter()
            .flat_map(Procedure::moves)
            .filter(|(_, it)| it.advance.closes)
            .map(|(_, it)| (it.id.as_str(), it.passes()))
            .collect();
        assert_eq!(ends, [("call_back", true), ("unanswered", false), ("rate", true)]);
    }
}
