use std::{borrow::Cow, collections::HashMap};

use super::{
    FINDINGS_MAX,
    finding::{Finding, Rule, shortened},
    lookup::plain_text,
    record::RECORD_NODES_MAX,
    submission::{Refusal, Submission},
};
use crate::{
    form::{FieldId, FieldKind, Form},
    xml::{Document, NodeId, NodeKind},
};

const JAVAROSA: &str = "http://openrosa.org/javarosa";

/// Which node of a submission belongs to which field, in the order of the form; fields that did not come stand there too.
#[derive(Debug)]
pub struct Layout {
    pub spots: Vec<Spot>,
    by_field: ByField,
    /// What is wrong with its shape.
    pub findings: Vec<Finding>,
    pub is_cut: bool,
    /// Nodes of a document of it.
    nodes: usize,
}

/// A field where it belongs.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    pub field: FieldId,
    /// What came for it.
    pub source: Option<NodeId>,
    pub parent: Option<usize>,
    /// Counted from 1 among the instances of a repeat.
    pub position: usize,
}

/// Which spots a field has, in the order of the document.
#[derive(Debug)]
pub struct ByField {
    starts: Vec<usize>,
    spots: Vec<usize>,
}

impl ByField {
    fn new(form: &Form, spots: &[Spot]) -> Self {
        let mut starts = vec![0; form.fields.len() + 1];
        for spot in spots {
            starts[spot.field.index() + 1] += 1;
        }
        for field in 1..starts.len() {
            starts[field] += starts[field - 1];
        }
        let mut next = starts.clone();
        let mut sorted = vec![0; spots.len()];
        for (index, spot) in spots.iter().enumerate() {
            let at = &mut next[spot.field.index()];
            sorted[*at] = index;
            *at += 1;
        }
        ByField { starts, spots: sorted }
    }

    pub fn of(&self, field: FieldId) -> &[usize] {
        &self.spots[self.starts[field.index()]..self.starts[field.index() + 1]]
    }
}

impl Layout {
    pub fn new(form: &Form, submission: &Submission) -> Result<Layout, Refusal> {
        let root = form.root();
        let found = submission.document.local(submission.root);
        if found != root.name {
            return Err(Refusal::OtherRoot { found: found.to_owned(), wanted: root.name.clone() });
        }
        let mut layout = Layout {
            spots: Vec::with_capacity(form.fields.len()),
            by_field: ByField { starts: Vec::new(), spots: Vec::new() },
            findings: Vec::new(),
            is_cut: false,
            nodes: 1,
        };
        let source = Some(submission.root);
        let mut open = vec![Spot { field: FieldId::new(0), source, parent: None, position: 1 }];
        while let Some(spot) = open.pop() {
            layout.lay(form, &submission.document, spot, &mut open)?;
        }
        layout.by_field = ByField::new(form, &layout.spots);
        Ok(layout)
    }

    pub fn spots_of(&self, field: FieldId) -> &[usize] {
        self.by_field.of(field)
    }

    pub fn into_parts(self) -> (Vec<Spot>, ByField, Vec<Finding>, bool) {
        (self.spots, self.by_field, self.findings, self.is_cut)
    }

    /// Lays out one node and puts its children on the stack.
    fn lay(&mut self, form: &Form, sent: &Document, spot: Spot, open: &mut Vec<Spot>) -> Result<(), Refusal> {
        let field = form.field(spot.field);
        if self.nodes + open.len() > RECORD_NODES_MAX {
            return Err(Refusal::Nodes(RECORD_NODES_MAX));
        }
        let index = self.spots.len();
        self.spots.push(spot);
        self.nodes += 1 + field.attributes.len();
        if holds_text(form, spot.field) {
            self.nodes += 1;
        } else if let Some(source) = spot.source {
            let stray = own_text(sent, source);
            if !stray.trim().is_empty() {
                let path = self.path(form, index);
                self.find(path, Rule::Unknown, &stray, "no text of its own: it is a group");
            }
        }
        self.lay_children(form, sent, index, open);
        Ok(())
    }

    fn lay_children(&mut self, form: &Form, sent: &Document, parent: usize, open: &mut Vec<Spot>) {
        let Spot { field, source, .. } = self.spots[parent];
        let children = &form.field(field).children;
        // A template of a repeat is no part of a record.
        let came: Vec<NodeId> = source
            .into_iter()
            .flat_map(|it| sent.elements(it))
            .filter(|it| sent.attribute_in(*it, JAVAROSA, "template").is_none())
            .collect();
        let length = open.len();
        if let Some(runs) = runs(form, sent, children, &came) {
            for (child, run) in children.iter().zip(runs) {
                self.put(form, parent, *child, &came[run], open);
            }
        } else {
            let mut by_name: HashMap<&str, Vec<NodeId>> = HashMap::new();
            for node in came {
                by_name.entry(sent.local(node)).or_default().push(node);
            }
            for child in children {
                let nodes = by_name.remove(form.field(*child).name.as_str()).unwrap_or_default();
                self.put(form, parent, *child, &nodes, open);
            }
            self.find_unknown(form, sent, parent, by_name);
        }
        open[length..].reverse();
    }

    fn put(&mut self, form: &Form, parent: usize, child: FieldId, nodes: &[NodeId], open: &mut Vec<Spot>) {
        let of_child = form.field(child);
        let spot = |source, position| Spot { field: child, source, parent: Some(parent), position };
        if of_child.kind == FieldKind::Repeat {
            open.extend(nodes.iter().enumerate().map(|(index, it)| spot(Some(*it), index + 1)));
            return;
        }
        if nodes.len() > 1 {
            let path = format!("{}/{}", self.path(form, parent), of_child.name);
            self.find(path, Rule::Repeat, &nodes.len().to_string(), "once");
        }
        open.push(spot(nodes.first().copied(), 1));
    }

    fn find_unknown(
        &mut self,
        form: &Form,
        sent: &Document,
        parent: usize,
        came: HashMap<&str, Vec<NodeId>>,
    ) {
        let in_meta = form.field(self.spots[parent].field).name == "meta";
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

    fn path(&self, form: &Form, index: usize) -> String {
        path(form, index, |it| self.spots[it])
    }
}

/// Where in `came` each child's nodes stand, if all came in the order of the form.
fn runs(
    form: &Form,
    sent: &Document,
    children: &[FieldId],
    came: &[NodeId],
) -> Option<Vec<std::ops::Range<usize>>> {
    let mut next = 0;
    let mut runs = Vec::with_capacity(children.len());
    for child in children {
        let name = form.field(*child).name.as_str();
        let start = next;
        while came.get(next).is_some_and(|it| sent.local(*it) == name) {
            next += 1;
        }
        runs.push(start..next);
    }
    (next == came.len()).then_some(runs)
}

/// The path with the position in each repeat.
pub fn path(form: &Form, index: usize, spot: impl Fn(usize) -> Spot) -> String {
    let mut parts = Vec::new();
    let mut at = Some(index);
    while let Some(it) = at {
        let spot = spot(it);
        let field = form.field(spot.field);
        let shown = if field.prefix.is_empty() {
            field.name.clone()
        } else {
            format!("{}:{}", field.prefix, field.name)
        };
        parts.push(match field.kind {
            FieldKind::Repeat => format!("/{shown}[{}]", spot.position),
            _ => format!("/{shown}"),
        });
        at = spot.parent;
    }
    parts.reverse();
    parts.concat()
}

/// Whether a field has a text of its own.
pub fn holds_text(form: &Form, field: FieldId) -> bool {
    let field = form.field(field);
    field.kind == FieldKind::Question || field.children.is_empty()
}

/// The text right below an element, without that of elements in it.
pub fn own_text(document: &Document, element: NodeId) -> Cow<'_, str> {
    if let Some(text) = plain_text(document, element) {
        return Cow::Borrowed(text);
    }
    let texts = document.children(element).filter(|it| document.kind(*it) == NodeKind::Text);
    texts.map(|it| document.value(it)).collect()
}
