//! The XForm's head: instance, lists, binds and what happens by itself.

use super::{
    element::{Element, ElementKind, NEW_REPEAT, SheetAction},
    fault::SheetFault,
    list,
    reference::Style,
    survey::Survey,
};
use crate::xml::{Document, Name, NodeId};

const NAMESPACES: [(&str, &str); 7] = [
    ("", "http://www.w3.org/2002/xforms"),
    ("h", "http://www.w3.org/1999/xhtml"),
    ("ev", "http://www.w3.org/2001/xml-events"),
    ("xsd", "http://www.w3.org/2001/XMLSchema"),
    ("jr", "http://openrosa.org/javarosa"),
    ("orx", "http://openrosa.org/xforms"),
    ("odk", "http://www.opendatakit.org/xforms"),
];
const ENTITIES: (&str, &str) = ("entities", "http://www.opendatakit.org/xforms/entities");

/// A name as it is written, `prefix:local`.
pub fn written(name: &str) -> Name<'_> {
    match name.split_once(':') {
        Some((prefix, local)) => Name { prefix, local, namespace: "" },
        None => Name::local(name),
    }
}

pub fn document(survey: &Survey) -> Result<Document, Vec<SheetFault>> {
    let mut document = Document::new();
    build(survey, &mut document).map_err(|fault| vec![fault])?;
    Ok(document)
}

fn build(survey: &Survey, document: &mut Document) -> Result<(), SheetFault> {
    let html = document.append_element(NodeId::DOCUMENT, written("h:html"));
    for (prefix, uri) in NAMESPACES {
        document.append_namespace(html, prefix, uri);
    }
    let mut declared: Vec<&str> = NAMESPACES.iter().map(|it| it.0).collect();
    for (prefix, uri) in &survey.settings.namespaces {
        if !declared.contains(&prefix.as_str()) {
            document.append_namespace(html, prefix, uri);
            declared.push(prefix);
        }
    }
    if survey.entities_version.is_some() && !declared.contains(&ENTITIES.0) {
        document.append_namespace(html, ENTITIES.0, ENTITIES.1);
    }
    let head = document.append_element(html, written("h:head"));
    let title = document.append_element(head, written("h:title"));
    document.append_text_node(title, &survey.settings.title);
    let model = document.append_element(head, Name::local("model"));
    document.append_attribute(model, written("odk:xforms-version"), "1.0.0");
    if let Some(version) = survey.entities_version {
        document.append_attribute(model, written("entities:entities-version"), version);
    }
    submission(survey, document, model);
    let texts = survey.texts();
    if !texts.is_empty() {
        texts.write(survey, document, model)?;
    }
    let instance = document.append_element(model, Name::local("instance"));
    Instance { survey, document }.node(0, instance, Repeats::Doubled)?;
    list::write(survey, document, model)?;
    for element in survey.in_order() {
        bind(survey, document, model, element)?;
        actions(survey, document, model, element, false)?;
    }
    let body = document.append_element(html, written("h:body"));
    if let Some(style) = &survey.settings.style {
        document.append_attribute(body, Name::local("class"), style);
    }
    super::body::Body { survey, document }.children(0, body)
}

fn submission(survey: &Survey, document: &mut Document, model: NodeId) {
    let settings = &survey.settings;
    let mut attributes: Vec<(&str, &str)> = Vec::new();
    if let Some(url) = &settings.submission_url {
        attributes.extend([("action", url.as_str()), ("method", "post")]);
    }
    let optional = [
        ("base64RsaPublicKey", &settings.public_key),
        ("orx:auto-send", &settings.auto_send),
        ("orx:auto-delete", &settings.auto_delete),
    ];
    attributes.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
    if settings.is_client_editable {
        attributes.push(("odk:client-editable", "true"));
    }
    if attributes.is_empty() {
        return;
    }
    let node = document.append_element(model, Name::local("submission"));
    for (name, value) in attributes {
        document.append_attribute(node, written(name), value);
    }
}

/// How repeats are written: a template and a first instance, or one of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeats {
    Doubled,
    Single,
    /// Templates, and groups in them as at the top.
    Template,
}

struct Instance<'a> {
    survey: &'a Survey,
    document: &'a mut Document,
}

impl Instance<'_> {
    /// As deep as groups may be.
    fn node(&mut self, id: usize, parent: NodeId, repeats: Repeats) -> Result<(), SheetFault> {
        let survey = self.survey;
        let element = &survey.elements[id];
        if let ElementKind::External(_) = element.kind {
            return Ok(());
        }
        if element.is_flat {
            return self.sections(id, parent, repeats);
        }
        let node = self.document.append_element(parent, written(&element.name));
        if repeats == Repeats::Template {
            self.document.append_attribute(node, written("jr:template"), "");
        } else if id == 0 {
            self.root_attributes(node);
        } else {
            for (name, value) in &element.instance {
                let value = survey.with_paths(value, id, Style::default())?;
                self.document.append_attribute(node, written(name), &value);
            }
        }
        for child in &element.children {
            let of_child = &survey.elements[*child];
            if of_child.kind == ElementKind::Attribute {
                let value = of_child.default.clone().unwrap_or_default();
                self.document.append_attribute(node, written(&of_child.name), &value);
            }
        }
        if element.is_question() {
            if let Some(default) = element.default.as_deref().filter(|_| !element.is_default_dynamic) {
                self.document.append_text_node(node, default);
            }
            return Ok(());
        }
        self.sections(id, node, repeats)
    }

    fn sections(&mut self, id: usize, node: NodeId, repeats: Repeats) -> Result<(), SheetFault> {
        let survey = self.survey;
        for child in &survey.elements[id].children {
            let of_child = &survey.elements[*child];
            match (of_child.kind, repeats) {
                (ElementKind::Attribute, _) => {}
                (ElementKind::Repeat, Repeats::Doubled) => {
                    self.node(*child, node, Repeats::Template)?;
                    self.node(*child, node, Repeats::Single)?;
                }
                (ElementKind::Repeat, Repeats::Template) => self.node(*child, node, Repeats::Template)?,
                (_, Repeats::Single) => self.node(*child, node, Repeats::Single)?,
                _ => self.node(*child, node, Repeats::Doubled)?,
            }
        }
        Ok(())
    }

    fn root_attributes(&mut self, node: NodeId) {
        let settings = &self.survey.settings;
        for (name, value) in &settings.attributes {
            self.document.append_attribute(node, written(name), value);
        }
        self.document.append_attribute(node, Name::local("id"), &settings.id);
        if let Some(namespace) = &settings.instance_namespace {
            self.document.append_namespace(node, "", namespace);
        }
        let optional = [
            ("version", &settings.version),
            ("odk:prefix", &settings.prefix),
            ("odk:delimiter", &settings.delimiter),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                self.document.append_attribute(node, written(name), value);
            }
        }
    }
}

fn bind(survey: &Survey, document: &mut Document, model: NodeId, id: usize) -> Result<(), SheetFault> {
    let element = &survey.elements[id];
    if element.is_flat {
        return Ok(());
    }
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut set = |name: &str, value: String| match attributes.iter_mut().find(|it| it.0 == name) {
        Some(known) => known.1 = value,
        None => attributes.push((name.to_owned(), value)),
    };
    if let ElementKind::Question(kind) = element.kind {
        if kind.is_readonly {
            set("readonly", "true()".to_owned());
        }
        if let Some((preload, parameter)) = kind.preload {
            set("jr:preload", preload.to_owned());
            set("jr:preloadParams", parameter.to_owned());
        }
        if !kind.data_type.is_empty() {
            set("type", kind.data_type.to_owned());
        }
        if !kind.constraint.is_empty() {
            set("constraint", kind.constraint.to_owned());
        }
    }
    for (name, value) in &element.bind {
        // What a trigger sets is no calculation.
        if name == "calculate" && !element.triggers.is_empty() {
            continue;
        }
        let value = element.bind_value(survey, id, name, value);
        set(name, survey.with_paths(&value, id, Style::default()).map_err(|it| in_column(it, name))?);
    }
    if attributes.is_empty() && !element.is_question() {
        return Ok(());
    }
    let has_bind = match element.kind {
        ElementKind::Question(kind) => !kind.data_type.is_empty() || !element.bind.is_empty(),
        _ => true,
    };
    if !has_bind {
        return Ok(());
    }
    let node = document.append_element(model, Name::local("bind"));
    document.append_attribute(node, Name::local("nodeset"), &survey.path(id));
    for (name, value) in attributes {
        document.append_attribute(node, written(&name), &value);
    }
    Ok(())
}

/// A fault with the column in which people wrote it.
fn in_column(mut fault: SheetFault, attribute: &str) -> SheetFault {
    let column = match attribute {
        "calculate" => "calculation",
        "jr:constraintMsg" => "constraint_message",
        "jr:requiredMsg" => "required_message",
        other => other,
    };
    fault.column.get_or_insert(column.to_owned());
    fault
}

/// Actions of the model, or those of a repeat that begin with each new instance.
pub fn actions(
    survey: &Survey,
    document: &mut Document,
    parent: NodeId,
    id: usize,
    in_repeat: bool,
) -> Result<(), SheetFault> {
    let element = &survey.elements[id];
    for action in element.actions.iter().filter(|it| (it.event == NEW_REPEAT) == in_repeat) {
        let value = match &element.default {
            Some(default) => Some(survey.with_paths(default, id, Style::default())?),
            None => action.value.clone(),
        };
        append_action(document, parent, action, &survey.path(id), value.as_deref());
    }
    Ok(())
}

pub fn append_action(
    document: &mut Document,
    parent: NodeId,
    action: &SheetAction,
    path: &str,
    value: Option<&str>,
) {
    let node = document.append_element(parent, written(action.name));
    document.append_attribute(node, Name::local("ref"), path);
    document.append_attribute(node, Name::local("event"), action.event);
    if let (Some(value), "setvalue") = (value, action.name) {
        document.append_attribute(node, Name::local("value"), value);
    }
    if let Some(quality) = &action.quality {
        document.append_attribute(node, written("odk:quality"), quality);
    }
}
