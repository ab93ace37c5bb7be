use std::collections::HashMap;

use super::{Reader, normalized};
use crate::{
    form::{
        body::{Choice, Choices, Control, ControlKind, Group, Item, Itemset, Repeat, Text, TextPart},
        field::{FieldId, FieldKind, Rule},
    },
    xml::{Document, NodeId, NodeKind},
};

const JAVAROSA: &str = "http://openrosa.org/javarosa";

/// Attributes of a control that have a place of their own.
const KNOWN: [&str; 4] = ["ref", "bind", "appearance", "nodeset"];

impl Reader<'_> {
    pub(super) fn body(&mut self, body: NodeId, binds: &HashMap<String, String>) -> Vec<Item> {
        self.items(body, "", binds)
    }

    /// As deep as the document, which is bounded.
    fn items(&mut self, parent: NodeId, context: &str, binds: &HashMap<String, String>) -> Vec<Item> {
        let document = self.document;
        let mut items = Vec::new();
        for node in document.elements(parent) {
            let kind = match document.local(node) {
                "group" => {
                    items.push(Item::Group(self.group(node, context, binds)));
                    continue;
                }
                "repeat" => {
                    items.extend(self.repeat(node, context, binds).map(Item::Repeat));
                    continue;
                }
                "input" | "secret" | "textarea" => ControlKind::Input,
                "select1" => ControlKind::SelectOne,
                "select" => ControlKind::SelectMultiple,
                "rank" => ControlKind::Rank,
                "range" => ControlKind::Range,
                "upload" => ControlKind::Upload,
                "trigger" => ControlKind::Trigger,
                _ => continue,
            };
            items.extend(self.control(node, kind, context, binds).map(|it| Item::Control(Box::new(it))));
        }
        items
    }

    fn path(&self, node: NodeId, context: &str, binds: &HashMap<String, String>) -> Option<String> {
        let document = self.document;
        if let Some(id) = document.attribute(node, "bind") {
            return binds.get(id).cloned();
        }
        let reference = document.attribute(node, "ref").or_else(|| document.attribute(node, "nodeset"))?;
        let path = normalized(reference);
        Some(if path.starts_with('/') { path } else { format!("{context}/{path}") })
    }

    fn field(&mut self, path: &str, rule: &'static str) -> Option<FieldId> {
        let found = self.by_path.get(path).copied();
        if found.is_none() {
            self.fault(path, rule, "the body names a node that the instance does not have");
        }
        found
    }

    fn group(&mut self, node: NodeId, context: &str, binds: &HashMap<String, String>) -> Group {
        let document = self.document;
        let path = self.path(node, context, binds);
        let field = path.as_deref().and_then(|it| self.field(it, "group"));
        let inner = path.as_deref().unwrap_or(context).to_owned();
        Group {
            field,
            label: self.text(node, "label"),
            hint: self.text(node, "hint"),
            appearance: document.attribute(node, "appearance").unwrap_or_default().to_owned(),
            items: self.items(node, &inner, binds),
        }
    }

    fn repeat(&mut self, node: NodeId, context: &str, binds: &HashMap<String, String>) -> Option<Repeat> {
        let document = self.document;
        let path = self.path(node, context, binds)?;
        let field = self.field(&path, "repeat")?;
        let count = document.attribute_in(node, JAVAROSA, "count").map(Rule::new);
        let fixed = document.attribute_in(node, JAVAROSA, "noAddRemove");
        let of_field = &mut self.fields[field.index()];
        of_field.kind = FieldKind::Repeat;
        of_field.repeat_count = count;
        Some(Repeat {
            field,
            appearance: document.attribute(node, "appearance").unwrap_or_default().to_owned(),
            is_fixed: fixed.is_some_and(|it| it.trim() == "true()"),
            items: self.items(node, &path, binds),
        })
    }

    fn control(
        &mut self,
        node: NodeId,
        kind: ControlKind,
        context: &str,
        binds: &HashMap<String, String>,
    ) -> Option<Control> {
        let document = self.document;
        let path = self.path(node, context, binds)?;
        let field = self.field(&path, "control")?;
        self.fields[field.index()].is_shown = true;
        let others = document
            .attributes(node)
            .filter(|it| document.kind(*it) == NodeKind::Attribute && !KNOWN.contains(&document.local(*it)));
        let others = others.map(|it| (super::qualified(document.name(it)), document.value(it).to_owned()));
        Some(Control {
            kind,
            field,
            label: self.text(node, "label"),
            hint: self.text(node, "hint"),
            appearance: document.attribute(node, "appearance").unwrap_or_default().to_owned(),
            choices: self.choices(node),
            attributes: others.collect(),
        })
    }

    fn text(&self, node: NodeId, name: &str) -> Option<Text> {
        let element = self.document.child(node, name)?;
        Some(text_of(self.document, element))
    }

    fn choices(&self, node: NodeId) -> Choices {
        let document = self.document;
        if let Some(itemset) = document.child(node, "itemset") {
            let of = |name: &str| {
                let element = document.child(itemset, name)?;
                document.attribute(element, "ref").map(Rule::new)
            };
            return Choices::Itemset(Itemset {
                nodeset: Rule::new(document.attribute(itemset, "nodeset").unwrap_or_default()),
                value: of("value").unwrap_or_else(|| Rule::new("name")),
                label: of("label"),
            });
        }
        let items = document.elements(node).filter(|it| document.local(*it) == "item");
        let inline: Vec<Choice> = items
            .map(|item| Choice {
                value: document
                    .child(item, "value")
                    .map(|it| document.text(it).trim().to_owned())
                    .unwrap_or_default(),
                label: self.text(item, "label").unwrap_or_else(|| Text::Plain(Vec::new())),
            })
            .collect();
        if inline.is_empty() { Choices::None } else { Choices::Inline(inline) }
    }
}

fn text_of(document: &Document, element: NodeId) -> Text {
    let reference = document.attribute(element, "ref").unwrap_or_default().trim();
    let id = reference.strip_prefix("jr:itext(").and_then(|it| it.trim_end().strip_suffix(')'));
    match id.map(str::trim) {
        Some(id) => Text::Translated(id.trim_matches(['\'', '"']).to_owned()),
        None => Text::Plain(text_parts(document, element)),
    }
}

/// Text with what `output` elements put into it.
pub(in crate::form) fn text_parts(document: &Document, element: NodeId) -> Vec<TextPart> {
    let mut parts = Vec::new();
    for child in document.children(element) {
        match document.kind(child) {
            NodeKind::Text => parts.push(TextPart::Literal(document.value(child).to_owned())),
            NodeKind::Element if document.local(child) == "output" => {
                let value = document.attribute(child, "value").or_else(|| document.attribute(child, "ref"));
                parts.push(TextPart::Output(Rule::new(value.unwrap_or_default())));
            }
            NodeKind::Element => parts.push(TextPart::Literal(document.text(child))),
            _ => {}
        }
    }
    parts
}
