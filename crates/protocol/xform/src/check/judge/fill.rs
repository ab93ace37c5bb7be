//! Filling in a record page by page: what is asked now, after what was answered so far. Between two pages the record stands
//! as XML, so that a server without a script on the other side can do it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Judge;
use crate::{
    check::{
        JUDGE_STEPS_MAX,
        finding::Finding,
        record::{Entry, Record},
        submission::{Refusal, Submission},
    },
    form::{Attachments, ControlKind, DataType, Field, FieldId, FieldKind, Form, Rule},
    xpath::{Budget, World},
};

mod page;
mod write;

pub use write::Identity;
use write::Writer;

/// Instances of one repeat that can be filled in.
pub const INSTANCES_MAX: usize = 500;
/// Nodes of a record that can be filled in.
const NODES_MAX: usize = 50_000;
/// How often instances are counted anew, where the count of one repeat hangs on another's answers.
const ROUNDS_MAX: usize = 5;

/// Part of a record that is asked at a time.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Of the group that it is; none of questions that stand in no group.
    pub title: String,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub enum Part {
    /// A group within the page, or one instance of a repeat.
    Heading {
        title: String,
        depth: usize,
    },
    Question(Box<Question>),
    /// Behind the instances of a repeat.
    Repeat(Repeat),
}

/// A question as it is asked now.
#[derive(Clone, Debug)]
pub struct Question {
    /// With the position in each repeat.
    pub path: String,
    pub kind: ControlKind,
    pub data_type: DataType,
    pub label: String,
    pub hint: String,
    pub value: String,
    /// Values and labels.
    pub choices: Vec<(String, String)>,
    pub is_required: bool,
    pub is_readonly: bool,
    pub appearance: String,
    /// `start`, `end`, `step`, `mediatype`, `rows`, …
    pub attributes: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct Repeat {
    /// Of the repeat, with the positions of those around it and without its own.
    pub path: String,
    pub title: String,
    pub instances: usize,
    /// Whether people say how many there are.
    pub is_free: bool,
}

/// A record that is being filled in.
#[derive(Debug)]
pub struct Filling {
    pub pages: Vec<Page>,
    /// What is still wrong or missing, of what is asked.
    pub findings: Vec<Finding>,
    xml: String,
    record: String,
}

/// What somebody did on a page.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Answers by path; to questions that are not there they are left alone.
    pub answers: BTreeMap<String, String>,
    /// Paths of repeats that get one instance more.
    pub added: Vec<String>,
    /// Paths of instances, with their positions, that are taken out.
    pub removed: Vec<String>,
}

impl Filling {
    /// A record that nobody has answered yet, with what the form itself fills in.
    pub fn begin(
        form: &Form,
        attachments: &Attachments,
        world: &World,
        identity: Identity<'_>,
    ) -> Result<Filling, Refusal> {
        let xml = Writer::begin(form, identity.instance_id);
        let budget = Budget::new(JUDGE_STEPS_MAX);
        let mut judge = Judge::filling(form, attachments, world, &budget, &xml)?;
        judge.preload();
        let xml = judge.write(&Changes::default(), None);
        Self::change(form, attachments, world, identity, &xml, &Changes::default())
    }

    /// What is asked of a record that was begun, after something was done or nothing.
    pub fn change(
        form: &Form,
        attachments: &Attachments,
        world: &World,
        identity: Identity<'_>,
        xml: &str,
        changes: &Changes,
    ) -> Result<Filling, Refusal> {
        // One for all rounds: a form of many rules is no dearer to fill in than to judge.
        let budget = Budget::new(JUDGE_STEPS_MAX);
        let mut judge = Judge::filling(form, attachments, world, &budget, xml)?;
        judge.answer(&changes.answers);
        judge.settle();
        let mut counts = judge.counts(changes);
        let mut xml = judge.write(&counts, None);
        for _ in 0..ROUNDS_MAX {
            judge = Judge::filling(form, attachments, world, &budget, &xml)?;
            judge.settle();
            counts = judge.counts(&Changes::default());
            if counts.added.is_empty() && counts.removed.is_empty() {
                break;
            }
            xml = judge.write(&counts, None);
        }
        judge.check();
        let pages = judge.pages();
        let nothing = Changes::default();
        let (kept, record) = (judge.write(&nothing, None), judge.write(&nothing, Some(identity)));
        Ok(Filling { pages, findings: judge.judgement().findings, xml: kept, record })
    }

    /// The record as it stands, to go on with: answers to questions that are not asked now are still in it.
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// The record as it is sent.
    pub fn record(&self) -> &str {
        &self.record
    }
}

/// A path without the position at its end.
fn unnumbered(path: &str) -> &str {
    path.strip_suffix(']').and_then(|it| it.rsplit_once('[')).map_or(path, |it| it.0)
}

/// What lies right in each entry of a record.
fn children(record: &Record) -> Vec<Vec<usize>> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); record.entries().len()];
    for (index, entry) in record.entries().iter().enumerate() {
        if let Some(parent) = entry.parent {
            children[parent].push(index);
        }
    }
    children
}

impl<'a> Judge<'a> {
    fn filling(
        form: &'a Form,
        attachments: &'a Attachments,
        world: &'a World,
        budget: &'a Budget,
        xml: &str,
    ) -> Result<Judge<'a>, Refusal> {
        let record = Record::build(form, &Submission::read(xml.as_bytes())?)?;
        let children = children(&record);
        Ok(Judge { is_filled_in: true, children, ..Judge::new(form, attachments, world, budget, record) })
    }

    fn answer(&mut self, answers: &BTreeMap<String, String>) {
        if answers.is_empty() {
            return;
        }
        for index in 0..self.record.entries().len() {
            let entry = self.record.entries()[index];
            let (Some(text), true) = (entry.text, self.form.field(entry.field).is_shown) else { continue };
            if let Some(value) = answers.get(&self.record.path(self.form, index)) {
                self.record.document.set_value(text, value);
            }
        }
    }

    /// What stands in fields before anybody answers: the moment, the day, and what `setvalue` puts there.
    fn preload(&mut self) {
        const FIRST_LOAD: [&str; 2] = ["odk-instance-first-load", "odk-instance-load"];
        let form = self.form;
        let now = self.world.now.to_zoned(self.world.zone.clone());
        for (id, field) in form.fields.iter().enumerate() {
            let Some(preload) = &field.preload else { continue };
            let value = match (preload.kind.as_str(), preload.parameter.as_str()) {
                ("timestamp", "start") => now.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string(),
                ("date", "today") => now.strftime("%Y-%m-%d").to_string(),
                _ => continue,
            };
            self.put(FieldId::new(id), &value);
        }
        for action in &form.actions {
            let is_first = action.events.iter().any(|it| FIRST_LOAD.contains(&it.as_str()));
            let Some(field) = form.field_at(&action.target).filter(|_| is_first) else { continue };
            if !action.kind.ends_with("setvalue") {
                continue;
            }
            let rule = Rule::new(&action.value);
            let (Ok(expression), Some(index)) =
                (&rule.expression, self.record.entries_of(field).first().copied())
            else {
                continue;
            };
            let language = self.world.language.clone();
            if let Ok((value, _)) = self.calculated(index, expression, form.field(field).data_type, language)
            {
                self.put(field, &value);
            }
        }
    }

    fn put(&mut self, field: FieldId, value: &str) {
        for index in self.record.entries_of(field).to_vec() {
            let text = self.record.entries()[index].text;
            super::replace(&mut self.record.document, text, value);
        }
    }

    /// `asked`, and the instances that the form itself counts.
    fn counts(&self, asked: &Changes) -> Changes {
        let mut changes = asked.clone();
        // A button adds one; whatever a program sends, no repeat grows past what can be filled in.
        let mut instances: HashMap<String, usize> = HashMap::new();
        if !changes.added.is_empty() {
            for index in 0..self.record.entries().len() {
                if self.form.field(self.record.entries()[index].field).kind == FieldKind::Repeat {
                    let path = self.record.path(self.form, index);
                    *instances.entry(unnumbered(&path).to_owned()).or_default() += 1;
                }
            }
        }
        // Nodes that may still be added, over all repeats: counts within counts multiply.
        let mut room = NODES_MAX.saturating_sub(self.record.entries().len());
        changes.added.retain(|path| {
            let template: Vec<&str> = path.split('/').map(unnumbered).collect();
            let cost = self.below_each(&template.join("/"));
            let there = instances.entry(path.clone()).or_default();
            let fits = cost <= room && *there < INSTANCES_MAX;
            if fits {
                (room, *there) = (room - cost, *there + 1);
            }
            fits
        });
        for counted in self.counted() {
            // Where the count cannot be told, or is no number of instances, what is there stays.
            let Some(wanted) = self.wanted(&counted).ok().filter(|it| it.is_finite()) else { continue };
            let (there, wanted) = (counted.instances.len(), (wanted as usize).min(INSTANCES_MAX));
            let path = format!("{}/{}", self.record.path(self.form, counted.parent), counted.field.name);
            let cost = self.below_each(&counted.field.path);
            let more = wanted.saturating_sub(there).min(room / cost);
            room -= more * cost;
            changes.added.extend(std::iter::repeat_n(path.clone(), more));
            changes.removed.extend((wanted..there).map(|it| format!("{path}[{}]", it + 1)));
        }
        changes
    }

    /// Nodes that one more instance of a repeat is.
    fn below_each(&self, path: &str) -> usize {
        let is_in = |it: &&Field| {
            it.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.form.fields.iter().filter(is_in).count().max(1)
    }

    /// The record with instances added and taken out; without what is not asked, where it is to be sent.
    fn write(&self, changes: &Changes, identity: Option<Identity<'_>>) -> String {
        let removed: BTreeSet<&str> = changes.removed.iter().map(String::as_str).collect();
        let mut added: HashMap<&str, usize> = HashMap::new();
        for path in &changes.added {
            *added.entry(path).or_default() += 1;
        }
        let is_out = |index: usize| {
            let entry = self.record.entries()[index];
            let is_repeat = self.form.field(entry.field).kind == FieldKind::Repeat;
            identity.is_some() && !self.relevant[index]
                || is_repeat
                    && !removed.is_empty()
                    && removed.contains(self.record.path(self.form, index).as_str())
        };
        Writer {
            form: self.form,
            record: &self.record,
            children: &self.children,
            added,
            is_out: &is_out,
            identity,
        }
        .write()
    }

    /// In place of a value that follows from others.
    pub(super) fn fill_calculated(&mut self, field: &Field, rule: &Rule, index: usize, entry: &Entry) {
        let language = self.world.language.clone();
        let calculated = match &rule.expression {
            Err(fault) => Err(fault.to_string()),
            Ok(expression) => self.calculated(index, expression, field.data_type, language),
        };
        match calculated {
            Ok((value, _)) => super::replace(&mut self.record.document, entry.text, &value),
            Err(reason) => self.unchecked(index, "calculate", "", &reason),
        }
    }
}
