use super::{
    finding::Finding,
    layout::{ByField, Layout, Spot, holds_text, own_text, path},
    submission::{Refusal, Submission},
};
use crate::{
    form::{FieldId, Form},
    xml::{Document, Name, NodeId},
};

/// Nodes of a record: those that came, and those of the form that did not.
pub const RECORD_NODES_MAX: usize = 1_000_000;

/// A submission laid out as its form has it: each field where it belongs, empty where nothing came.
#[derive(Debug)]
pub struct Record {
    pub document: Document,
    entries: Vec<Entry>,
    by_field: ByField,
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
        let (spots, by_field, findings, is_cut) = Layout::new(form, submission)?.into_parts();
        let mut document = Document::new();
        let mut entries: Vec<Entry> = Vec::with_capacity(spots.len());
        for spot in spots {
            let above = spot.parent.map_or(NodeId::DOCUMENT, |it| entries[it].node);
            entries.push(entry(form, &submission.document, &mut document, above, spot));
        }
        Ok(Record { document, entries, by_field, findings, is_cut })
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn entries_of(&self, field: FieldId) -> &[usize] {
        self.by_field.of(field)
    }

    pub fn value(&self, entry: &Entry) -> &str {
        entry.text.map_or("", |it| self.document.value(it))
    }

    /// The path with the position in each repeat.
    pub fn path(&self, form: &Form, index: usize) -> String {
        path(form, index, |it| {
            let Entry { field, parent, position, .. } = self.entries[it];
            Spot { field, source: None, parent, position }
        })
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

/// Writes a field behind those before it.
fn entry(form: &Form, sent: &Document, document: &mut Document, above: NodeId, spot: Spot) -> Entry {
    let field = form.field(spot.field);
    let name = Name { prefix: &field.prefix, local: &field.name, namespace: "" };
    let node = document.append_element(above, name);
    if let Some(source) = spot.source {
        for (name, _) in &field.attributes {
            if let Some(value) = sent.attribute(source, name) {
                document.append_attribute(node, Name::local(name), value);
            }
        }
    }
    let text = holds_text(form, spot.field).then(|| {
        let value = spot.source.map(|it| own_text(sent, it)).unwrap_or_default();
        document.append_text_node(node, &value)
    });
    let Spot { field, source, parent, position } = spot;
    Entry { field, node, text, parent, position, came: source.is_some() }
}
