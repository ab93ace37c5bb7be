//! Reads and checks procedure files. A fault names file, line and reason.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Role, limits};
use policy::{Advance, Party, Relation};
use serde::Deserialize;
use toml::Spanned;

use super::{
    calendar::{Limit, LimitKind},
    model::NO_TRANSITION,
    procedure::{
        Asks, Clock, Effect, End, Ground, Label, Need, Procedure, Procedures, Stage, Start, Transition,
    },
};

/// What is wrong with a procedure file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct ProcedureFault {
    pub file: String,
    pub line: usize,
    pub reason: String,
}

/// Languages that every label speaks.
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];
const FINDINGS: [&str; 3] = ["exists", "absent", "unclear"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureFile {
    id: Spanned<String>,
    version: i64,
    label: Spanned<Label>,
    start: Vec<StartFile>,
    stage: Vec<StageFile>,
    #[serde(default)]
    grounds: BTreeMap<String, Vec<GroundFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartFile {
    roles: Vec<Spanned<String>>,
    stage: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroundFile {
    id: Spanned<String>,
    label: Spanned<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageFile {
    id: Spanned<String>,
    step: Spanned<i64>,
    label: Spanned<Label>,
    waiting: Spanned<Label>,
    end: Option<Spanned<String>>,
    clock: Option<Spanned<ClockFile>>,
    #[serde(default)]
    escalate: Vec<Spanned<String>>,
    #[serde(default)]
    transition: Vec<TransitionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockFile {
    kind: String,
    amount: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransitionFile {
    id: Spanned<String>,
    label: Spanned<Label>,
    to: Spanned<String>,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    relation: Spanned<String>,
    #[serde(default)]
    except: Vec<Spanned<String>>,
    part: Option<Spanned<String>>,
    #[serde(default)]
    closes: bool,
    #[serde(default)]
    checks: bool,
    #[serde(default)]
    evaluates: bool,
    #[serde(default)]
    registers: bool,
    #[serde(default)]
    returns: bool,
    #[serde(default)]
    reworks: bool,
    #[serde(default)]
    on_timeout: bool,
    #[serde(default)]
    asks: AsksFile,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AsksFile {
    note: Option<Spanned<String>>,
    photos: Option<Spanned<usize>>,
    organization: bool,
    class: Option<Spanned<String>>,
    ground: Option<Spanned<String>>,
    findings: Vec<Spanned<String>>,
    rating: bool,
}

impl Procedures {
    /// Reads `(file name, text)` pairs. All faults of all files are told at once.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<ProcedureFault>> {
        let mut procedures = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, text) in files {
            let mut reader = Reader { file: name, text, faults: Vec::new() };
            if let Some(procedure) = reader.procedure() {
                procedures.insert(procedure.id.clone(), procedure);
            }
            faults.append(&mut reader.faults);
        }
        if faults.is_empty() { Ok(Self(procedures)) } else { Err(faults) }
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    faults: Vec<ProcedureFault>,
}

impl Reader<'_> {
    fn procedure(&mut self) -> Option<Procedure> {
        if self.text.len() > limits::PROCEDURE_BYTES_MAX {
            self.fault(0, format!("the file is longer than {} bytes", limits::PROCEDURE_BYTES_MAX));
            return None;
        }
        let file: ProcedureFile = match toml::from_str(self.text) {
            Ok(file) => file,
            Err(error) => {
                self.fault(error.span().map_or(0, |span| span.start), error.message().to_owned());
                return None;
            }
        };
        self.identifier(&file.id);
        let label = self.label(&file.label);
        let grounds = self.grounds(file.grounds);
        let starts = file
            .start
            .iter()
            .map(|it| Start { roles: self.roles(&it.roles), stage: it.stage.get_ref().clone() })
            .collect();
        let stages = file.stage.iter().map(|stage| self.stage(stage, &grounds)).collect();
        let procedure = Procedure {
            id: file.id.get_ref().clone(),
            version: file.version,
            label,
            starts,
            stages,
            grounds,
        };
        self.connected(&file.start, &file.stage, &procedure);
        Some(procedure)
    }

    fn grounds(&mut self, lists: BTreeMap<String, Vec<GroundFile>>) -> BTreeMap<String, Vec<Ground>> {
        let mut ground = |it: &GroundFile| {
            self.identifier(&it.id);
            Ground { id: it.id.get_ref().clone(), label: self.label(&it.label) }
        };
        lists.into_iter().map(|(name, list)| (name, list.iter().map(&mut ground).collect())).collect()
    }

    fn stage(&mut self, file: &StageFile, grounds: &BTreeMap<String, Vec<Ground>>) -> Stage {
        self.identifier(&file.id);
        if !(1..=7).contains(file.step.get_ref()) {
            self.fault(file.step.span().start, "step is one of the seven steps of the loop, 1 to 7");
        }
        let end = file.end.as_ref().and_then(|end| match end.get_ref().as_str() {
            "closed" => Some(End::Closed),
            "void" => Some(End::Void),
            other => {
                self.fault(end.span().start, format!("end is \"closed\" or \"void\", not {other:?}"));
                None
            }
        });
        let at = file.id.span().start;
        match (&file.end, file.transition.is_empty(), &file.clock) {
            (Some(_), false, _) => self.fault(at, "an end has no transitions"),
            (Some(_), _, Some(_)) => self.fault(at, "an end has no clock"),
            (None, true, _) => self.fault(at, "nobody can leave this stage: give it a transition, or an end"),
            (None, _, None) => self.fault(at, "a stage has a clock: clock = { kind = …, amount = … }"),
            _ => {}
        }
        Stage {
            id: file.id.get_ref().clone(),
            step: *file.step.get_ref(),
            label: self.label(&file.label),
            waiting: self.label(&file.waiting),
            end,
            clock: file.clock.as_ref().and_then(|clock| self.clock(clock)),
            escalate: self.roles(&file.escalate),
            transitions: file.transition.iter().map(|it| self.transition(it, grounds)).collect(),
        }
    }

    fn clock(&mut self, clock: &Spanned<ClockFile>) -> Option<Clock> {
        let (kind, amount) = (clock.get_ref().kind.as_str(), clock.get_ref().amount);
        if kind == "class" {
            return Some(Clock::Class);
        }
        let limit = LimitKind::parse(kind).zip(amount).and_then(|(kind, amount)| Limit::new(kind, amount));
        if limit.is_none() {
            let kinds = LimitKind::ALL.map(LimitKind::as_str).join(", ");
            self.fault(
                clock.span().start,
                format!(
                    "a clock is {{ kind, amount }}, its kind one of class, {kinds}, its amount 1 to {}",
                    Limit::AMOUNT_MAX
                ),
            );
        }
        limit.map(Clock::Fixed)
    }

    fn transition(&mut self, file: &TransitionFile, grounds: &BTreeMap<String, Vec<Ground>>) -> Transition {
        self.identifier(&file.id);
        if NO_TRANSITION.contains(&file.id.get_ref().as_str()) {
            let taken = NO_TRANSITION.join(", ");
            self.fault(
                file.id.span().start,
                format!("{taken} stand in a timeline for what is no transition"),
            );
        }
        let relation = Relation::parse(file.relation.get_ref()).unwrap_or_else(|| {
            let known = Relation::ALL.map(Relation::as_str).join(", ");
            self.fault(file.relation.span().start, format!("relation is one of {known}"));
            Relation::System
        });
        let roles = self.roles(&file.roles);
        if roles.is_empty() && relation != Relation::System {
            self.fault(file.id.span().start, "nobody may take this transition: name its roles");
        }
        if file.on_timeout != (relation == Relation::System) {
            self.fault(
                file.id.span().start,
                "the clock takes a transition if, and only if, its relation is system and on_timeout is true",
            );
        }
        let except = file.except.iter().filter_map(|it| self.party(it)).collect();
        let advance = Advance {
            roles,
            relation,
            except,
            closes: file.closes,
            checks: file.checks,
            evaluates: file.evaluates,
        };
        Transition {
            id: file.id.get_ref().clone(),
            label: self.label(&file.label),
            to: file.to.get_ref().clone(),
            advance,
            part: file.part.as_ref().and_then(|part| self.party(part)),
            effect: Effect { registers: file.registers, returns: file.returns, reworks: file.reworks },
            asks: self.asks(&file.asks, grounds),
            on_timeout: file.on_timeout,
        }
    }

    fn asks(&mut self, file: &AsksFile, grounds: &BTreeMap<String, Vec<Ground>>) -> Asks {
        let photos = file.photos.as_ref().map_or(0, |photos| {
            if *photos.get_ref() > limits::PHOTOS_PER_STEP_MAX {
                self.fault(
                    photos.span().start,
                    format!("at most {} photos come with a step", limits::PHOTOS_PER_STEP_MAX),
                );
            }
            *photos.get_ref()
        });
        if let Some(list) = &file.ground
            && !grounds.contains_key(list.get_ref())
        {
            self.fault(list.span().start, format!("there is no list [[grounds.{}]]", list.get_ref()));
        }
        for finding in file.findings.iter().filter(|it| !FINDINGS.contains(&it.get_ref().as_str())) {
            self.fault(finding.span().start, format!("a finding is one of {}", FINDINGS.join(", ")));
        }
        Asks {
            note: self.need(file.note.as_ref()),
            photos,
            organization: file.organization,
            class: self.need(file.class.as_ref()),
            ground: file.ground.as_ref().map(|it| it.get_ref().clone()),
            findings: file.findings.iter().map(|it| it.get_ref().clone()).collect(),
            rating: file.rating,
        }
    }

    /// Every stage named is there, each can be reached, and from each an end can be reached.
    fn connected(&mut self, starts: &[StartFile], stages: &[StageFile], procedure: &Procedure) {
        let known: BTreeSet<&str> = procedure.stages.iter().map(|stage| stage.id.as_str()).collect();
        if known.len() < procedure.stages.len() {
            self.fault(0, "two stages have the same id");
        }
        let targets = stages.iter().flat_map(|stage| stage.transition.iter().map(|it| &it.to));
        for name in starts.iter().map(|it| &it.stage).chain(targets) {
            if !known.contains(name.get_ref().as_str()) {
                self.fault(name.span().start, format!("there is no stage {:?}", name.get_ref()));
            }
        }
        let edges: Vec<(&str, &str)> =
            procedure.moves().map(|(from, it)| (from.id.as_str(), it.to.as_str())).collect();
        let reached = closure(procedure.starts.iter().map(|it| it.stage.as_str()), |at| {
            edges.iter().filter(|(from, _)| *from == at).map(|(_, to)| *to).collect()
        });
        let ending =
            closure(procedure.stages.iter().filter(|it| it.end.is_some()).map(|it| it.id.as_str()), |at| {
                edges.iter().filter(|(_, to)| *to == at).map(|(from, _)| *from).collect()
            });
        for stage in stages {
            let (id, at) = (stage.id.get_ref().as_str(), stage.id.span().start);
            if !reached.contains(id) {
                self.fault(at, format!("no case can come to stage {id:?}"));
            }
            if !ending.contains(id) {
                self.fault(at, format!("no end can be reached from stage {id:?}"));
            }
        }
    }

    fn roles(&mut self, names: &[Spanned<String>]) -> Vec<Role> {
        let mut role = |name: &Spanned<String>| {
            let role = Role::parse(name.get_ref());
            if role.is_none() {
                let known = Role::ALL.map(Role::as_str).join(", ");
                self.fault(name.span().start, format!("{:?} is no role; roles are {known}", name.get_ref()));
            }
            role
        };
        names.iter().filter_map(&mut role).collect()
    }

    fn party(&mut self, name: &Spanned<String>) -> Option<Party> {
        let party = Party::parse(name.get_ref());
        if party.is_none() {
            let known = Party::ALL.map(Party::as_str).join(", ");
            self.fault(
                name.span().start,
                format!("{:?} is no part in a case; parts are {known}", name.get_ref()),
            );
        }
        party
    }

    fn need(&mut self, need: Option<&Spanned<String>>) -> Need {
        match need.map(|need| (need.get_ref().as_str(), need)) {
            None => Need::No,
            Some(("optional", _)) => Need::Optional,
            Some(("required", _)) => Need::Required,
            Some((_, need)) => {
                self.fault(need.span().start, "say \"optional\" or \"required\", or leave it out");
                Need::No
            }
        }
    }

    fn identifier(&mut self, id: &Spanned<String>) {
        let text = id.get_ref();
        let sound = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_' || it == b'-');
        if !sound {
            self.fault(id.span().start, "an id is 1 to 40 of a-z, 0-9, _ and -");
        }
    }

    fn label(&mut self, label: &Spanned<Label>) -> Label {
        for language in LANGUAGES {
            if label.get_ref().get(language).is_none_or(|words| words.trim().is_empty()) {
                self.fault(label.span().start, format!("a label has words in {language}"));
            }
        }
        label.get_ref().clone()
    }

    fn fault(&mut self, offset: usize, reason: impl Into<String>) {
        let line = self.text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1;
        self.faults.push(ProcedureFault { file: self.file.to_owned(), line, reason: reason.into() });
    }
}

/// Everything that `next` leads to from `seeds`, the seeds included.
fn closure<'a>(
    seeds: impl Iterator<Item = &'a str>,
    next: impl Fn(&str) -> Vec<&'a str>,
) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = seeds.collect();
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if seen.insert(at) {
            open.extend(next(at));
        }
    }
    seen
}
