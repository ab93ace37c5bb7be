//! Reads procedure files. What is wrong is told with its place, why it matters and what to write instead.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Role, limits};
use policy::{Advance, Party, Policy, PolicyError, Relation};
use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, Deserializer},
};

use super::{
    event::{NO_TRANSITION, SUPERVISION},
    fault::{FaultList, ProcedureFault, Severity, instead},
    file::{AsksFile, ClockFile, GroundFile, ProcedureFile, StageFile, StartFile, TransitionFile},
    procedure::{
        Asks, Clock, Effect, End, Ground, Label, Need, Procedure, Procedures, Stage, Start, Transition,
        UNREACHED,
    },
    review, shape,
};
use crate::calendar::{Limit, LimitKind};

mod alarm;
mod relief;

/// Languages that every label speaks.
const LANGUAGES: [&str; 2] = ["zh-Hans", "en"];
const FINDINGS: [&str; 5] = ["exists", "absent", "unclear", "reached", UNREACHED];
/// Most times that a transition with a limit may be taken.
const AT_MOST_MAX: i64 = 20;

impl Procedures {
    /// Reads `(file name, text)` pairs. All faults of all files are told at once; what is only odd is not.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<ProcedureFault>> {
        let (procedures, mut faults) = read_all(files, None);
        faults.retain(|it| it.severity == Severity::Error);
        if faults.is_empty() { Ok(procedures) } else { Err(faults) }
    }

    /// All that is wrong or odd in these files, also what `policy` would never let happen, and the procedures
    /// that could be read.
    pub fn check(
        files: &[(String, String)],
        policy: &Policy,
    ) -> Result<(Self, Vec<ProcedureFault>), PolicyError> {
        let mut trouble = None;
        let mut takers = |advance: &Advance| {
            policy.takers(advance).unwrap_or_else(|error| {
                trouble = Some(error);
                Vec::new()
            })
        };
        let found = read_all(files, Some(&mut takers));
        trouble.map_or(Ok(found), Err)
    }
}

/// Who of the roles of a transition may take it.
type Takers<'a> = &'a mut dyn FnMut(&Advance) -> Vec<Role>;

fn read_all(files: &[(String, String)], mut takers: Option<Takers<'_>>) -> (Procedures, Vec<ProcedureFault>) {
    let mut procedures: BTreeMap<String, Procedure> = BTreeMap::new();
    let mut faults = Vec::new();
    for (file, text) in files {
        let mut reader = Reader { list: FaultList { file, text, faults: Vec::new() } };
        if let Some((file, procedure)) = reader.file() {
            review::review(&mut reader.list, &file, &procedure);
            if let Some(takers) = &mut takers {
                review::permitted(&mut reader.list, &file, &procedure, takers);
            }
            if procedures.contains_key(&procedure.id) {
                let reason = format!("another file has the procedure {:?} already", procedure.id);
                reader.list.error(file.id.span(), reason, "give it an id of its own");
            }
            procedures.insert(procedure.id.clone(), procedure);
        }
        reader.list.faults.sort_by_key(|it| it.span.start);
        faults.append(&mut reader.list.faults);
    }
    (Procedures(procedures), faults)
}

struct Reader<'a> {
    list: FaultList<'a>,
}

impl Reader<'_> {
    fn file(&mut self) -> Option<(ProcedureFile, Procedure)> {
        let file = self.tables()?;
        let procedure = self.procedure(&file);
        Some((file, procedure))
    }

    /// The file's tables, when it is TOML and each has the keys that it must have.
    fn tables(&mut self) -> Option<ProcedureFile> {
        if self.list.text.len() > limits::PROCEDURE_BYTES_MAX {
            let reason = format!("the file is longer than {} bytes", limits::PROCEDURE_BYTES_MAX);
            self.list.error(0..0, reason, "a procedure is a page or two: is this another file?");
            return None;
        }
        let (table, errors) = DeTable::parse_recoverable(self.list.text);
        for error in &errors {
            let help =
                "the file is TOML: `key = \"text\"`, `key = 1`, `key = [\"a\", \"b\"]`, `key = { a = 1 }`";
            self.list.error(error.span().unwrap_or(0..0), error.message(), help);
        }
        if !errors.is_empty() {
            return None;
        }
        if !shape::PROCEDURE.hold(&mut self.list, table.get_ref(), 0..0) {
            return None;
        }
        match ProcedureFile::deserialize(Deserializer::from(table)) {
            Ok(file) => Some(file),
            Err(error) => {
                let help = "texts stand in quotes, numbers and true or false without; a list stands in [ ]";
                self.list.error(error.span().unwrap_or(0..0), error.message(), help);
                None
            }
        }
    }

    fn procedure(&mut self, file: &ProcedureFile) -> Procedure {
        self.identifier(&file.id);
        let label = self.label(&file.label);
        let grounds = self.grounds(&file.grounds);
        let start =
            |it: &StartFile| Start { roles: self.roles(&it.roles), stage: it.stage.get_ref().clone() };
        let starts = file.start.iter().map(start).collect();
        let stages = file.stage.iter().map(|stage| self.stage(stage, &grounds)).collect();
        let (id, classes) = (file.id.get_ref().clone(), file.classes.clone());
        let (published, support, done) = (file.published, file.support, BTreeSet::new());
        let version = file.version;
        let mut procedure =
            Procedure { id, version, label, classes, published, support, starts, stages, grounds, done };
        procedure.done = procedure.done_stages();
        procedure
    }

    fn grounds(
        &mut self,
        lists: &BTreeMap<Spanned<String>, Vec<GroundFile>>,
    ) -> BTreeMap<String, Vec<Ground>> {
        let mut grounds = BTreeMap::new();
        for (name, list) in lists {
            self.distinct(list.iter().map(|it| &it.id), "grounds of this list");
            let mut ground = |it: &GroundFile| {
                self.identifier(&it.id);
                Ground { id: it.id.get_ref().clone(), label: self.label(&it.label), means: it.means }
            };
            grounds.insert(name.get_ref().clone(), list.iter().map(&mut ground).collect());
        }
        grounds
    }

    fn stage(&mut self, file: &StageFile, grounds: &BTreeMap<String, Vec<Ground>>) -> Stage {
        self.identifier(&file.id);
        self.distinct(file.transition.iter().map(|it| &it.id), "transitions of this stage");
        if !(1..=7).contains(file.step.get_ref()) {
            let help = "1 collect, 2 register, 3 dispatch, 4 handle, 5 feed back, 6 check, 7 evaluate";
            self.list.error(file.step.span(), "step is one of the seven steps of the loop, 1 to 7", help);
        }
        let end = file.end.as_ref().and_then(|end| match end.get_ref().as_str() {
            "closed" => Some(End::Closed),
            "void" => Some(End::Void),
            other => {
                let reason = format!("end is \"closed\" or \"void\", not {other:?}");
                self.list.error(end.span(), reason, instead(other, &["closed", "void"]));
                None
            }
        });
        self.way_on(file);
        Stage {
            id: file.id.get_ref().clone(),
            step: *file.step.get_ref(),
            label: self.label(&file.label),
            waiting: self.label(&file.waiting),
            end,
            clock: file.clock.as_ref().and_then(|clock| self.clock(clock)),
            alarms: self.alarms(file),
            reliefs: self.reliefs(file, grounds),
            transitions: file.transition.iter().map(|it| self.transition(it, grounds)).collect(),
        }
    }

    /// A stage has a clock and transitions; an end has neither, but for those that open a case again.
    fn way_on(&mut self, file: &StageFile) {
        let at = file.id.span();
        let leads_on = file.transition.iter().any(|it| !it.reopens);
        let (reason, help) = match (&file.end, file.transition.is_empty(), &file.clock) {
            (Some(_), false, _) if leads_on => (
                "an end has no transitions but those that open a case again",
                "take out `end`, move the transitions to the stage before it, or add reopens = true",
            ),
            (Some(_), _, Some(_)) => {
                ("an end has no clock", "nothing is waited for there: take the clock out")
            }
            (None, true, _) => (
                "nobody can leave this stage",
                "a case that comes here stays for ever: give it a [[stage.transition]], or end = \"closed\"",
            ),
            (None, _, None) => (
                "this stage has no clock",
                "work without a time limit is forgotten: clock = { kind = \"work_hours\", amount = 4 }",
            ),
            _ => return,
        };
        self.list.error(at, reason, help);
    }

    fn clock(&mut self, clock: &Spanned<ClockFile>) -> Option<Clock> {
        let (kind, amount) = (clock.get_ref().kind.get_ref().as_str(), clock.get_ref().amount);
        if kind == "class" {
            return Some(Clock::Class);
        }
        let Some(known) = LimitKind::parse(kind) else {
            let mut kinds = vec!["class"];
            kinds.extend(LimitKind::ALL.map(LimitKind::as_str));
            let reason = format!("{kind:?} is no way to count time");
            self.list.error(clock.get_ref().kind.span(), reason, instead(kind, &kinds));
            return None;
        };
        let limit = amount.and_then(|amount| Limit::new(known, amount));
        if limit.is_none() {
            let reason = format!("a clock has an amount from 1 to {}", Limit::AMOUNT_MAX);
            let help = format!("for instance clock = {{ kind = {kind:?}, amount = 4 }}");
            self.list.error(clock.span(), reason, help);
        }
        limit.map(Clock::Fixed)
    }

    /// A window has a length of its own: no class sets one.
    fn window(&mut self, window: &Spanned<ClockFile>) -> Option<Limit> {
        match self.clock(window) {
            Some(Clock::Fixed(limit)) => Some(limit),
            Some(Clock::Class) => {
                let help = "for instance within = { kind = \"natural_days\", amount = 7 }";
                self.list.error(window.span(), "a window has a length of its own", help);
                None
            }
            None => None,
        }
    }

    fn transition(&mut self, file: &TransitionFile, grounds: &BTreeMap<String, Vec<Ground>>) -> Transition {
        self.identifier(&file.id);
        let id = file.id.get_ref().as_str();
        if NO_TRANSITION.contains(&id) || id.starts_with(SUPERVISION) {
            let reason = format!(
                "{}, {SUPERVISION}… stand in a timeline for what is no transition",
                NO_TRANSITION.join(", ")
            );
            self.list.error(file.id.span(), reason, "give it an id of its own");
        }
        let relation = self.relation(&file.relation);
        let (most, all) = (file.at_most.as_ref(), file.in_all.as_ref());
        if let Some(most) = most.filter(|it| !(1..=AT_MOST_MAX).contains(it.get_ref())) {
            let help = "1 for a step that may be taken once in a case; leave it out where there is no limit";
            self.list.error(most.span(), format!("at_most is 1 to {AT_MOST_MAX}"), help);
        }
        if let Some(all) = all.filter(|it| !(1..=AT_MOST_MAX).contains(it.get_ref())) {
            let help =
                "2 for a return that two bodies may make, each of them once: the third goes to whoever rules";
            self.list.error(all.span(), format!("in_all is 1 to {AT_MOST_MAX}"), help);
        }
        let advance = Advance {
            roles: self.roles(&file.roles),
            relation,
            except: file.except.iter().filter_map(|it| self.party(it)).collect(),
            closes: file.closes,
            checks: file.checks,
            evaluates: file.evaluates,
            above_sender: file.above_sender,
        };
        let (registers, returns, reworks) = (file.registers, file.returns, file.reworks);
        let (reopens, binds, sets_due) = (file.reopens, file.binds, file.sets_due);
        let despite_support = file.despite_support;
        Transition {
            id: file.id.get_ref().clone(),
            label: self.label(&file.label),
            to: file.to.get_ref().clone(),
            advance,
            part: file.part.as_ref().and_then(|part| self.party(part)),
            effect: Effect { registers, returns, reworks, reopens, binds, sets_due, despite_support },
            asks: self.asks(&file.asks, grounds),
            on_timeout: file.on_timeout,
            by_list: file.dispatch_by_list,
            at_most: most.map(|it| *it.get_ref()),
            in_all: all.map(|it| *it.get_ref()),
            within: file.within.as_ref().and_then(|it| self.window(it)),
            then: file.then.as_ref().map(|it| it.get_ref().clone()),
        }
    }

    fn asks(&mut self, file: &AsksFile, grounds: &BTreeMap<String, Vec<Ground>>) -> Asks {
        if let Some(photos) = file.photos.as_ref().filter(|it| *it.get_ref() > limits::PHOTOS_PER_STEP_MAX) {
            let reason = format!("at most {} photos come with a step", limits::PHOTOS_PER_STEP_MAX);
            self.list.error(photos.span(), reason, "ask for one or two: who stands there can send more");
        }
        if let Some(list) = &file.ground
            && !grounds.contains_key(list.get_ref())
        {
            let known: Vec<&str> = grounds.keys().map(String::as_str).collect();
            let reason = format!("there is no list [[grounds.{}]]", list.get_ref());
            self.list.error(list.span(), reason, instead(list.get_ref(), &known));
        }
        for finding in file.findings.iter().filter(|it| !FINDINGS.contains(&it.get_ref().as_str())) {
            let reason = format!("{:?} is no finding", finding.get_ref());
            self.list.error(finding.span(), reason, instead(finding.get_ref(), &FINDINGS));
        }
        Asks {
            note: self.need(file.note.as_ref()),
            photos: file.photos.as_ref().map_or(0, |photos| *photos.get_ref()),
            organization: file.organization,
            supporting: file.supporting.as_ref().map(|it| it.get_ref().clone()),
            class: self.need(file.class.as_ref()),
            ground: file.ground.as_ref().map(|it| it.get_ref().clone()),
            findings: file.findings.iter().map(|it| it.get_ref().clone()).collect(),
            rating: file.rating,
        }
    }

    fn roles(&mut self, names: &[Spanned<String>]) -> Vec<Role> {
        let mut role = |name: &Spanned<String>| {
            let role = Role::parse(name.get_ref());
            if role.is_none() {
                let known = Role::ALL.map(Role::as_str);
                let reason = format!("{:?} is no role", name.get_ref());
                self.list.error(name.span(), reason, instead(name.get_ref(), &known));
            }
            role
        };
        names.iter().filter_map(&mut role).collect()
    }

    fn relation(&mut self, name: &Spanned<String>) -> Relation {
        Relation::parse(name.get_ref()).unwrap_or_else(|| {
            let known = Relation::ALL.map(Relation::as_str);
            let reason = "relation says how they stand to the case";
            self.list.error(name.span(), reason, instead(name.get_ref(), &known));
            Relation::Area
        })
    }

    fn party(&mut self, name: &Spanned<String>) -> Option<Party> {
        let party = Party::parse(name.get_ref());
        if party.is_none() {
            let known = Party::ALL.map(Party::as_str);
            let reason = format!("{:?} is no part in a case", name.get_ref());
            self.list.error(name.span(), reason, instead(name.get_ref(), &known));
        }
        party
    }

    fn need(&mut self, need: Option<&Spanned<String>>) -> Need {
        match need.map(|need| (need.get_ref().as_str(), need)) {
            None => Need::No,
            Some(("optional", _)) => Need::Optional,
            Some(("required", _)) => Need::Required,
            Some((word, need)) => {
                let help = instead(word, &["optional", "required"]);
                self.list.error(need.span(), "say \"optional\" or \"required\", or leave it out", help);
                Need::No
            }
        }
    }

    fn distinct<'a>(&mut self, ids: impl Iterator<Item = &'a Spanned<String>>, what: &str) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id.get_ref()) {
                let reason = format!("two {what} have the id {:?}", id.get_ref());
                self.list.error(id.span(), reason, "only the first would ever be found: give it another id");
            }
        }
    }

    fn identifier(&mut self, id: &Spanned<String>) {
        let text = id.get_ref();
        let is_sound = |it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if !(1..=40).contains(&text.len()) || !text.bytes().all(is_sound) {
            let help = "people read the label; the id stands in addresses and in the timeline: feed_back";
            self.list.error(id.span(), "an id is 1 to 40 of a-z, 0-9, _ and -", help);
        }
    }

    /// Words in one language alone are shown to all; without any there is nothing to show.
    fn label(&mut self, label: &Spanned<Label>) -> Label {
        let spoken = |language: &str| label.get_ref().get(language).is_some_and(|it| !it.trim().is_empty());
        let example = "{ zh-Hans = \"…\", en = \"Check\" }";
        if !LANGUAGES.into_iter().any(spoken) {
            let reason = format!("a label has words in {}", LANGUAGES.join(" and "));
            self.list.error(label.span(), reason, format!("for instance {example}"));
        } else if let Some(language) = LANGUAGES.into_iter().find(|it| !spoken(it)) {
            let help = format!("who reads {language} is shown the other language's: {example}");
            self.list.warn(
                label.span(),
                format!("a label has words in {language}, and this one has none"),
                help,
            );
        }
        label.get_ref().clone()
    }
}
