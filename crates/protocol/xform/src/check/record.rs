use std::collections::HashMap;

use super::{
    FINDINGS_MAX,
    finding::{Finding, Rule, shortened},
    submission::{Refusal, Submission},
};
use crate::{
    form::{FieldId, FieldKind, Form},
    xml::{Document, Name, NodeId, NodeKind},
};

const JAVAROSA: &str = "http://openrosa.org/javarosa";

/// Nodes of a record: those that came, and those of the form that did not.
pub const RECORD_NODES_MAX: usize = 1_000_000;

/// A submission laid out as its form has it: each field where it belongs, empty where nothing came.
#[derive(Debug)]
pub struct Record {
    pub document: Document,
    entries: Vec<Entry>,
    /// Which entries a field has, in the order of the document.
    by_field: Vec<Vec<usize>>,
    /// What is wrong with its shape.
    pub findings: Vec<Finding>,
    pub is_cut: bool,
}

/// A node of the record.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub field: FieldId,
    pub node: NodeId,
    /// The text of a question.
    pub text: Option<NodeId>,
    pub parent: Option<usize>,
    /// Counted from 1 among the instances of a repeat.
    pub position: usize,
    /// Whether it came with the submission.
    pub came: bool,
}

/// An answer as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub field: FieldId,
    /// With the position in each repeat.
    pub path: String,
    pub value: String,
    pub came: bool,
}

impl Record {
    pub fn build(form: &Form, submission: &Submission) -> Result<Record, Refusal> {
        let root = form.root();
        let found = submission.document.local(submission.root);
        if found != root.name {
            return Err(Refusal::OtherRoot { found: found.to_owned(), wanted: root.name.clone() });
        }
        let mut record = Record {
            document: Document::new(),
            entries: Vec::new(),
            by_field: vec![Vec::new(); form.fields.len()],
            findings: Vec::new(),
            is_cut: false,
        };
        let task = Task { field: FieldId::new(0), source: Some(submission.root), parent: None, position: 1 };
        let mut open = vec![task];
        while let Some(task) = open.pop() {
            record.lay(form, &submission.document, task, &mut open)?;
        }
        Ok(record)
    }

    /// Lays out one node and puts its children on the stack.
    fn lay(&mut self, form: &Form, sent: &Document, task: Task, open: &mut Vec<Task>) -> Result<(), Refusal> {
        let field = form.field(task.field);
        if self.document.len() + open.len() > RECORD_NODES_MAX {
            return Err(Refusal::Nodes(RECORD_NODES_MAX));
        }
        let above = task.parent.map_or(NodeId::DOCUMENT, |it| self.entries[it].node);
        let name = Name { prefix: &field.prefix, local: &field.name, namespace: "" };
        let node = self.document.append_element(above, name);
        if let Some(source) = task.source {
            for (name, _) in &field.attributes {
                if let Some(value) = sent.attribute(source, name) {
                    self.document.append_attribute(node, Name::local(name), value);
                }
            }
        }
        let is_question = field.kind == FieldKind::Question || field.children.is_empty();
        let text = is_question.then(|| {
            let value = task.source.map(|it| own_text(sent, it)).unwrap_or_default();
            self.document.append_text_node(node, &value)
        });
        let index = self.entries.len();
        self.entries.push(Entry {
            field: task.field,
            node,
            text,
            parent: task.parent,
            position: task.position,
            came: task.source.is_some(),
        });
        self.by_field[task.field.index()].push(index);
        if let Some(source) = task.source
            && !is_question
        {
            let stray = own_text(sent, source);
            if !stray.trim().is_empty() {
                let path = self.path(form, index);
                self.find(path, Rule::Unknown, &stray, "no text of its own: it is a group");
            }
        }
        self.lay_children(form, sent, index, task.source, open);
        Ok(())
    }

    fn lay_children(
        &mut self,
        form: &Form,
        sent: &Document,
        parent: usize,
        source: Option<NodeId>,
        open: &mut Vec<Task>,
    ) {
        let field = form.field(self.entries[parent].field);
        let mut came: HashMap<&str, Vec<NodeId>> = HashMap::new();
        for child in source.into_iter().flat_map(|it| sent.elements(it)) {
            // A template of a repeat is no part of a record.
            if sent.attribute_in(child, JAVAROSA, "template").is_none() {
                came.entry(sent.local(child)).or_default().push(child);
            }
        }
        let length = open.len();
        for child in &field.children {
            let of_child = form.field(*child);
            let nodes = came.remove(of_child.name.as_str()).unwrap_or_default();
            let task = |source, position| Task { field: *child, source, parent: Some(parent), position };
            if of_child.kind == FieldKind::Repeat {
                open.extend(nodes.into_iter().enumerate().map(|(index, it)| task(Some(it), index + 1)));
                continue;
            }
            if nodes.len() > 1 {
                let path = format!("{}/{}", self.path(form, parent), of_child.name);
                self.find(path, Rule::Repeat, &nodes.len().to_string(), "once");
            }
            open.push(task(nodes.first().copied(), 1));
        }
        open[length..].reverse();
        let in_meta = field.name == "meta";
        let mut unknown: Vec<(&str, NodeId)> =
            came.into_iter().map(|(name, nodes)| (name, nodes[0])).collect();
        unknown.sort_by_key(|it| it.1);
        for (name, node) in unknown {
            // What clients add about a record, such as the id that an edit replaces, no form has to name.
            if in_meta || name == "meta" && parent == 0 {
                continue;
            }
            let path = format!("{}/{name}", self.path(form, parent));
            self.find(path, Rule::Unknown, &sent.text(node), "nothing: the form has no such question");
        }
    }

    fn find(&mut self, path: String, rule: Rule, value: &str, expected: &str) {
        if self.findings.len() == FINDINGS_MAX {
            self.is_cut = true;
            return;
        }
        let (value, expected) = (shortened(value), expected.to_owned());
        self.findings.push(Finding { path, rule, value, expected, message: None });
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn entries_of(&self, field: FieldId) -> &[usize] {
        &self.by_field[field.index()]
    }

    pub fn value(&self, entry: &Entry) -> &str {
        entry.text.map_or("", |it| self.document.value(it))
    }

    /// The path with the position in each repeat.
    pub fn path(&self, form: &Form, index: usize) -> String {
        let mut parts = Vec::new();
        let mut at = Some(index);
        while let Some(it) = at {
            let entry = &self.entries[it];
            let field = form.field(entry.field);
            let shown = if field.prefix.is_empty() {
                field.name.clone()
            } else {
                format!("{}:{}", field.prefix, field.name)
            };
            parts.push(match field.kind {
                FieldKind::Repeat => format!("/{shown}[{}]", entry.position),
                _ => format!("/{shown}"),
            });
            at = entry.parent;
        }
        parts.reverse();
        parts.concat()
    }

    pub fn answers(&self, form: &Form) -> Vec<Answer> {
        let questions = self.entries.iter().enumerate().filter(|it| it.1.text.is_some());
        let answer = |(index, entry): (usize, &Entry)| Answer {
            field: entry.field,
            path: self.path(form, index),
            value: self.value(entry).to_owned(),
            came: entry.came,
        };
        questions.map(answer).collect()
    }
}

struct Task {
    field: FieldId,
    source: Option<NodeId>,
    parent: Option<usize>,
    position: usize,
}

/// The text right below an element, without that of elements in it.
fn own_text(document: &Document, element: NodeId) -> String {
    let texts = document.children(element).filter(|it| document.kind(*it) == NodeKind::Text);
    texts.map(|it| document.value(it)).collect()
}
