use std::collections::HashMap;

use super::{
    Action, FIELDS_MAX, Form, SubmissionSettings,
    fault::{FormFault, FormRefusal, Severity},
    field::{BindAttribute, DataType, Field, FieldId, FieldKind, Preload, Rule},
    instance::{Instance, Source},
    itext::{Language, TextForm, Translation, Translations},
    order,
};
use crate::xml::{Document, Name, NodeId, NodeKind};

mod controls;
mod faults;

pub(super) use controls::text_parts;

const JAVAROSA: &str = "http://openrosa.org/javarosa";
const ENTITIES: &str = "http://www.opendatakit.org/xforms/entities";
const OPENROSA: &str = "http://openrosa.org/xforms";

/// Versions of the entities specification that are known, by their first number.
const ENTITIES_YEARS: [&str; 4] = ["2022", "2023", "2024", "2025"];

pub fn read(document: Document) -> Result<Form, FormRefusal> {
    let missing = FormRefusal::Missing;
    let html = document.root().ok_or(missing("outermost element"))?;
    let head = document.child(html, "head").ok_or(missing("head"))?;
    let model = document.child(head, "model").ok_or(missing("model"))?;
    let body = document.child(html, "body").ok_or(missing("body"))?;
    let instances: Vec<NodeId> =
        document.elements(model).filter(|it| document.local(*it) == "instance").collect();
    let primary_instance = *instances.first().ok_or(missing("instance"))?;
    let primary = document.elements(primary_instance).next().ok_or(missing("element in its instance"))?;
    let attribute = |name: &str| {
        let plain = document.attribute(primary, name);
        plain.or_else(|| document.attribute_in(primary, OPENROSA, name)).map(str::to_owned)
    };
    let id = attribute("id").or_else(|| {
        let namespace = document.name(primary).namespace;
        (!namespace.is_empty() && namespace != "http://www.w3.org/2002/xforms").then(|| namespace.to_owned())
    });
    let id = id.filter(|it| !it.is_empty()).ok_or(missing("id"))?;
    let version = attribute("version").unwrap_or_default();
    let title = document.child(head, "title").map(|it| document.text(it)).unwrap_or_default();
    let entities_version = document.attribute_in(model, ENTITIES, "entities-version").map(str::to_owned);
    if let Some(version) = &entities_version
        && !ENTITIES_YEARS.iter().any(|it| version.split('.').next() == Some(it))
    {
        return Err(FormRefusal::EntitiesVersion(version.clone()));
    }
    let style = document.attribute(body, "class").unwrap_or_default().to_owned();

    let mut reader =
        Reader { document: &document, fields: Vec::new(), by_path: HashMap::new(), faults: Vec::new() };
    reader.add_fields(primary)?;
    let binds_by_id = reader.binds(model);
    let actions = reader.actions(model, body);
    let body_items = reader.body(body, &binds_by_id);
    let translations = translations(&document, model);
    let instances: Vec<Instance> = instances[1..].iter().filter_map(|it| instance(&document, *it)).collect();
    let submission = submission(&document, model);
    let Reader { mut fields, mut faults, .. } = reader;
    settle_kinds(&mut fields);
    let (order, cycles) = order::order(&fields);
    faults.extend(cycles);
    faults.extend(faults::of_rules(&fields));
    faults.extend(faults::of_body(&body_items, &fields, &translations, &instances));
    faults.sort_by_key(|it| it.severity);
    Ok(Form {
        document,
        primary,
        title,
        id,
        version,
        entities_version,
        fields,
        body: body_items,
        translations,
        instances,
        actions,
        submission,
        style,
        order,
        faults,
    })
}

struct Reader<'a> {
    document: &'a Document,
    fields: Vec<Field>,
    by_path: HashMap<String, FieldId>,
    faults: Vec<FormFault>,
}

impl Reader<'_> {
    /// The nodes of the primary instance, without recursion; instances of a repeat are one field.
    fn add_fields(&mut self, primary: NodeId) -> Result<(), FormRefusal> {
        let mut open: Vec<(NodeId, Option<FieldId>)> = vec![(primary, None)];
        while let Some((node, parent)) = open.pop() {
            let name = self.document.name(node);
            let above = parent.map_or(String::new(), |it| self.fields[it.index()].path.clone());
            let shown = if name.prefix.is_empty() { String::new() } else { format!("{}:", name.prefix) };
            let path = format!("{above}/{shown}{}", name.local);
            let id = match self.by_path.get(&path) {
                Some(known) => *known,
                None => self.add_field(node, parent, path)?,
            };
            let children: Vec<NodeId> = self.document.elements(node).collect();
            open.extend(children.into_iter().rev().map(|it| (it, Some(id))));
        }
        Ok(())
    }

    fn add_field(
        &mut self,
        node: NodeId,
        parent: Option<FieldId>,
        path: String,
    ) -> Result<FieldId, FormRefusal> {
        if self.fields.len() == FIELDS_MAX {
            return Err(FormRefusal::Fields(FIELDS_MAX));
        }
        let document = self.document;
        let id = FieldId::new(self.fields.len());
        let name = document.name(node);
        let is_leaf = document.elements(node).next().is_none();
        let attributes = document
            .attributes(node)
            .filter(|it| document.kind(*it) == NodeKind::Attribute && document.name(*it).prefix != "jr")
            .map(|it| (qualified(document.name(it)), document.value(it).to_owned()));
        self.fields.push(Field {
            path: path.clone(),
            prefix: name.prefix.to_owned(),
            name: name.local.to_owned(),
            parent,
            children: Vec::new(),
            kind: if is_leaf { FieldKind::Question } else { FieldKind::Group },
            data_type: DataType::String,
            bind_type: None,
            default: if is_leaf { document.text(node) } else { String::new() },
            attributes: attributes.collect(),
            relevant: None,
            required: None,
            readonly: None,
            constraint: None,
            calculate: None,
            constraint_message: None,
            required_message: None,
            preload: None,
            is_set_by_action: false,
            repeat_count: None,
            bind_attributes: Vec::new(),
            is_shown: false,
        });
        self.by_path.insert(path, id);
        if let Some(parent) = parent {
            self.fields[parent.index()].children.push(id);
        }
        Ok(id)
    }

    /// Binds onto fields; gives the paths of binds that have an id.
    fn binds(&mut self, model: NodeId) -> HashMap<String, String> {
        let document = self.document;
        let mut by_id = HashMap::new();
        for bind in document.elements(model).filter(|it| document.local(*it) == "bind") {
            let attribute = |name: &str| document.attribute(bind, name);
            let path = normalized(attribute("nodeset").unwrap_or_default());
            if let Some(id) = attribute("id") {
                by_id.insert(id.to_owned(), path.clone());
            }
            let rule = |name: &str| attribute(name).filter(|it| !it.trim().is_empty()).map(Rule::new);
            let rosa = |name: &str| document.attribute_in(bind, JAVAROSA, name).map(str::to_owned);
            let Some(field) = self.by_path.get(&path).copied() else {
                // Attributes of the instance have binds too, as an entity's id has.
                if !path.contains('@') {
                    self.fault(&path, "bind", "a bind names a node that the instance does not have");
                }
                continue;
            };
            let field = &mut self.fields[field.index()];
            field.data_type = DataType::parse(attribute("type").unwrap_or_default());
            field.bind_type = attribute("type").filter(|it| !it.is_empty()).map(str::to_owned);
            field.relevant = rule("relevant");
            field.required = rule("required");
            field.readonly = rule("readonly");
            field.constraint = rule("constraint");
            field.calculate = rule("calculate");
            field.constraint_message = rosa("constraintMsg");
            field.required_message = rosa("requiredMsg");
            field.preload = rosa("preload")
                .map(|kind| Preload { kind, parameter: rosa("preloadParams").unwrap_or_default() });
            let others = document.attributes(bind).filter(|it| document.kind(*it) == NodeKind::Attribute);
            for other in others {
                let name = document.name(other);
                if !name.namespace.is_empty() && name.namespace != JAVAROSA {
                    field.bind_attributes.push(BindAttribute {
                        namespace: name.namespace.to_owned(),
                        name: name.local.to_owned(),
                        value: document.value(other).to_owned(),
                    });
                }
            }
        }
        by_id
    }

    /// Actions stand in the model, in controls and in repeats.
    fn actions(&mut self, model: NodeId, body: NodeId) -> Vec<Action> {
        let document = self.document;
        let mut actions = Vec::new();
        let mut open: Vec<NodeId> = document.elements(body).collect();
        open.extend(document.elements(model).filter(|it| document.local(*it) != "instance"));
        open.reverse();
        while let Some(node) = open.pop() {
            let kind = document.local(node);
            if let ("setvalue" | "setgeopoint" | "recordaudio", Some(events)) =
                (kind, document.attribute(node, "event"))
            {
                let target = normalized(document.attribute(node, "ref").unwrap_or_default());
                if let Some(field) = self.by_path.get(&target) {
                    self.fields[field.index()].is_set_by_action = true;
                }
                let value =
                    document.attribute(node, "value").map_or_else(|| document.text(node), str::to_owned);
                actions.push(Action {
                    kind: kind.to_owned(),
                    events: events.split_ascii_whitespace().map(str::to_owned).collect(),
                    target,
                    value,
                });
            }
            let children: Vec<NodeId> = document.elements(node).collect();
            open.extend(children.into_iter().rev());
        }
        actions
    }

    fn fault(&mut self, place: &str, rule: &'static str, reason: &str) {
        self.faults.push(FormFault {
            severity: Severity::Error,
            place: place.to_owned(),
            rule,
            reason: reason.to_owned(),
            help: "Correct the path, or add the node to the instance.".to_owned(),
        });
    }
}

fn qualified(name: Name<'_>) -> String {
    if name.prefix.is_empty() { name.local.to_owned() } else { format!("{}:{}", name.prefix, name.local) }
}

/// A path without spaces and a slash at its end.
fn normalized(path: &str) -> String {
    path.split_ascii_whitespace().collect::<String>().trim_end_matches('/').to_owned()
}

/// A leaf that repeats is a repeat, and what has children is none that holds a value.
fn settle_kinds(fields: &mut [Field]) {
    for field in fields {
        if field.kind == FieldKind::Question && !field.children.is_empty() {
            field.kind = FieldKind::Group;
        }
    }
}

fn translations(document: &Document, model: NodeId) -> Translations {
    let Some(itext) = document.child(model, "itext") else { return Translations::default() };
    let mut languages = Vec::new();
    for translation in document.elements(itext).filter(|it| document.local(*it) == "translation") {
        let mut texts: HashMap<String, Translation> = HashMap::new();
        for text in document.elements(translation) {
            let Some(id) = document.attribute(text, "id") else { continue };
            let values = document
                .elements(text)
                .filter(|it| document.local(*it) == "value")
                .map(|it| (TextForm::parse(document.attribute(it, "form")), text_parts(document, it)));
            texts.entry(id.to_owned()).or_default().values.extend(values);
        }
        languages.push(Language {
            name: document.attribute(translation, "lang").unwrap_or_default().to_owned(),
            is_default: document.attribute(translation, "default").is_some(),
            texts,
        });
    }
    Translations { languages }
}

fn instance(document: &Document, node: NodeId) -> Option<Instance> {
    let id = document.attribute(node, "id")?.to_owned();
    let source = match document.attribute(node, "src") {
        Some("jr://instance/last-saved") => Source::LastSaved,
        Some(uri) => {
            let name = uri.rsplit_once('/').map_or(uri, |it| it.1).to_owned();
            Source::File { uri: uri.to_owned(), name }
        }
        None => Source::Inline(copied(document, node)),
    };
    Some(Instance { id, source })
}

/// The content of an element as a document of its own.
fn copied(document: &Document, top: NodeId) -> Document {
    let mut copy = Document::new();
    let children = |it: NodeId, parent: NodeId| -> Vec<(NodeId, NodeId)> {
        let mut pairs: Vec<_> = document.children(it).map(|it| (it, parent)).collect();
        pairs.reverse();
        pairs
    };
    let mut open = children(top, NodeId::DOCUMENT);
    while let Some((node, parent)) = open.pop() {
        match document.kind(node) {
            NodeKind::Text if parent != NodeId::DOCUMENT => {
                copy.append_text_node(parent, document.value(node));
            }
            NodeKind::Element => {
                let element = copy.append_element(parent, document.name(node));
                for attribute in document.attributes(node) {
                    if document.kind(attribute) == NodeKind::Attribute {
                        copy.append_attribute(element, document.name(attribute), document.value(attribute));
                    }
                }
                open.extend(children(node, element));
            }
            _ => {}
        }
    }
    copy
}

fn submission(document: &Document, model: NodeId) -> SubmissionSettings {
    let Some(node) = document.child(model, "submission") else { return SubmissionSettings::default() };
    let plain = |name: &str| document.attribute(node, name).map(str::to_owned);
    let rosa = |name: &str| document.attribute_in(node, OPENROSA, name).map(str::to_owned);
    SubmissionSettings {
        action: plain("action"),
        public_key: plain("base64RsaPublicKey"),
        auto_send: rosa("auto-send"),
        auto_delete: rosa("auto-delete"),
    }
}
