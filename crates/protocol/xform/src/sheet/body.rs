//! The XForm's body: what is shown.

use super::{
    element::{Element, ElementKind, SheetAction, VALUE_CHANGED},
    fault::SheetFault,
    kind::Kind,
    model::{actions, append_action, written},
    parameter::get,
    reference::{Style, has_reference},
    select::split_file,
    survey::{SHEET, Survey},
};
use crate::xml::{Document, Name, NodeId};

pub struct Body<'a> {
    pub survey: &'a Survey,
    pub document: &'a mut Document,
}

type Done = Result<(), SheetFault>;

impl Body<'_> {
    /// As deep as groups may be.
    pub fn children(&mut self, parent: usize, node: NodeId) -> Done {
        for child in &self.survey.elements[parent].children {
            let element = &self.survey.elements[*child];
            match element.kind {
                ElementKind::Group => self.group(*child, element, node)?,
                ElementKind::Repeat => self.repeat(*child, element, node)?,
                ElementKind::Question(kind) => self.question(*child, element, kind, node)?,
                ElementKind::Survey
                | ElementKind::Hidden
                | ElementKind::Attribute
                | ElementKind::External(_) => {}
            }
        }
        Ok(())
    }

    fn attribute(&mut self, node: NodeId, name: &str, value: &str, context: usize) -> Done {
        let value = self.survey.with_paths(value, context, Style::default())?;
        self.document.append_attribute(node, written(name), &value);
        Ok(())
    }

    fn group(&mut self, id: usize, element: &Element, parent: NodeId) -> Done {
        let node = self.document.append_element(parent, Name::local("group"));
        for (name, value) in element.control.iter().filter(|it| it.0 != "jr:count") {
            self.attribute(node, name, value, id)?;
        }
        if !element.is_flat {
            self.document.append_attribute(node, Name::local("ref"), &self.survey.path(id));
        }
        if element.label.is_some() {
            self.survey.append_label(self.document, node, id)?;
        }
        self.children(id, node)
    }

    fn repeat(&mut self, id: usize, element: &Element, parent: NodeId) -> Done {
        let path = self.survey.path(id);
        let group = self.document.append_element(parent, Name::local("group"));
        self.document.append_attribute(group, Name::local("ref"), &path);
        self.survey.append_label(self.document, group, id)?;
        let node = self.document.append_element(group, Name::local("repeat"));
        self.document.append_attribute(node, Name::local("nodeset"), &path);
        for (name, value) in &element.control {
            self.attribute(node, name, value, id)?;
        }
        self.children(id, node)?;
        for inner in self.survey.in_order() {
            let nearest =
                self.survey.above(inner).find(|it| self.survey.elements[*it].kind == ElementKind::Repeat);
            if nearest == Some(id) {
                actions(self.survey, self.document, node, inner, true)?;
            }
        }
        Ok(())
    }

    fn question(&mut self, id: usize, element: &Element, kind: &Kind, parent: NodeId) -> Done {
        let is_calculated = element.bind("calculate").is_some() || !element.triggers.is_empty();
        let has_words = element.label.is_some() || element.hint.is_some();
        let is_hidden = kind.names.first() == Some(&"calculate")
            || is_calculated && !has_words
            || kind.control.is_empty()
            || kind.control == "action";
        if is_hidden {
            return self.check_no_trigger(element);
        }
        let node = self.document.append_element(parent, written(kind.control));
        self.document.append_attribute(node, Name::local("ref"), &self.survey.path(id));
        let mediatype = element.control("mediatype").is_none() && !kind.mediatype.is_empty();
        if mediatype {
            self.document.append_attribute(node, Name::local("mediatype"), kind.mediatype);
        }
        for (name, value) in &element.control {
            self.attribute(node, name, value, id)?;
        }
        if let Some(list) = &element.query {
            let filter = match &element.choice_filter {
                Some(filter) => {
                    let style = Style { uses_current: true, from_parent: false };
                    format!("[{}]", self.filter(filter, id, style)?)
                }
                None => String::new(),
            };
            let query = format!("instance('{list}')/root/item{filter}");
            self.document.append_attribute(node, Name::local("query"), &query);
        }
        self.survey.append_label(self.document, node, id)?;
        if element.hint.is_some() || element.guidance.is_some() {
            self.survey.append_hint(self.document, node, id)?;
        } else if !kind.hint.is_empty() {
            let hint = self.document.append_element(node, Name::local("hint"));
            self.document.append_text_node(hint, kind.hint);
        }
        if element.query.is_none() {
            self.choices(id, element, kind, node)?;
        }
        for (key, label) in &element.tags {
            let tag = self.document.append_element(node, Name::local("tag"));
            self.document.append_attribute(tag, Name::local("key"), key);
            let words = self.document.append_element(tag, Name::local("label"));
            if let Some(label) = label {
                self.document.append_text_node(words, label.first());
            }
        }
        self.triggered(id, element, node)
    }

    fn check_no_trigger(&self, element: &Element) -> Done {
        let waiting = self.survey.elements.iter().find(|it| it.triggers.contains(&element.name));
        match waiting {
            None => Ok(()),
            Some(waiting) => Err(SheetFault::new(
                SHEET,
                waiting.row,
                "trigger",
                format!("nobody sees the question {}, so it cannot start {}", element.name, waiting.name),
                "Name a question that people answer.",
            )),
        }
    }

    /// What is set when this question's answer changes.
    fn triggered(&mut self, id: usize, element: &Element, node: NodeId) -> Done {
        let survey = self.survey;
        for is_place in [false, true] {
            for (other, waiting) in survey.elements.iter().enumerate() {
                if !waiting.triggers.contains(&element.name) || is_geopoint(waiting) != is_place {
                    continue;
                }
                let calculate = waiting.bind("calculate").unwrap_or_default();
                let value = survey.with_paths(calculate, id, Style::default())?;
                let name = if is_place { "odk:setgeopoint" } else { "setvalue" };
                let action = SheetAction::new(name, VALUE_CHANGED);
                let value = Some(value.as_str()).filter(|it| !it.is_empty());
                append_action(self.document, node, &action, &survey.path(other), value);
            }
        }
        Ok(())
    }

    fn filter(&self, filter: &str, id: usize, style: Style) -> Result<String, SheetFault> {
        self.survey.with_paths(filter, id, style).map_err(|mut fault| {
            fault.column = Some("choice_filter".to_owned());
            fault
        })
    }

    fn choices(&mut self, id: usize, element: &Element, kind: &Kind, node: NodeId) -> Done {
        let Some(list) = &element.itemset else { return Ok(()) };
        if element.is_search {
            return self.inline(element, list, node);
        }
        let is_place = ["geopoint", "geotrace", "geoshape"].contains(&kind.data_type);
        let mut itemset = self.itemset(id, element, list, is_place)?;
        if let Some(filter) = &element.choice_filter {
            let from_answers = has_reference(list);
            let style = Style { uses_current: true, from_parent: from_answers };
            let mut text = self.filter(filter, id, style)?;
            if from_answers {
                text = text
                    .replace(&format!("current()/{}", itemset.nodeset), ".")
                    .replace(&itemset.nodeset, ".");
            }
            itemset.filter = Some(text);
        }
        if let Some(filter) = &itemset.filter {
            itemset.nodeset = format!("{}[{filter}]", itemset.nodeset);
        }
        if get(&element.parameters, "randomize") == Some("true") {
            let seed = match get(&element.parameters, "seed") {
                Some(seed) => format!(", {}", self.survey.with_paths(seed, id, Style::default())?.trim()),
                None => String::new(),
            };
            itemset.nodeset = format!("randomize({}{seed})", itemset.nodeset);
        }
        let inner = self.document.append_element(node, Name::local("itemset"));
        self.document.append_attribute(inner, Name::local("nodeset"), &itemset.nodeset);
        for (name, reference) in [("value", &itemset.value), ("label", &itemset.label)] {
            let child = self.document.append_element(inner, Name::local(name));
            self.document.append_attribute(child, Name::local("ref"), reference);
        }
        Ok(())
    }

    fn itemset(
        &self,
        id: usize,
        element: &Element,
        list: &str,
        is_place: bool,
    ) -> Result<Itemset, SheetFault> {
        let (stem, extension) = split_file(list);
        if !extension.is_empty() {
            let (value, label) = if extension == ".geojson" { ("id", "title") } else { ("name", "label") };
            let column =
                |key: &str, otherwise: &str| get(&element.parameters, key).unwrap_or(otherwise).to_owned();
            return Ok(Itemset {
                nodeset: format!("instance('{stem}')/root/item"),
                value: column("value", value),
                label: column("label", label),
                filter: None,
            });
        }
        if has_reference(list) {
            let style = Style { uses_current: false, from_parent: true };
            let path = self.survey.with_paths(list, id, style)?;
            let path = path.trim();
            if is_place {
                return Ok(Itemset {
                    nodeset: path.to_owned(),
                    value: "geometry".to_owned(),
                    label: "geometry".to_owned(),
                    filter: Some("./geometry != ''".to_owned()),
                });
            }
            let (nodeset, last) = path.rsplit_once('/').unwrap_or(("", path));
            return Ok(Itemset {
                nodeset: nodeset.to_owned(),
                value: last.to_owned(),
                label: last.to_owned(),
                filter: Some(format!("./{last} != ''")),
            });
        }
        let found = self.survey.lists.iter().find(|it| it.name == list);
        let is_translated = found.is_some_and(super::choices::List::needs_translation);
        Ok(Itemset {
            nodeset: format!("instance('{list}')/root/item"),
            value: "name".to_owned(),
            label: if is_translated { "jr:itext(itextId)" } else { "label" }.to_owned(),
            filter: None,
        })
    }

    /// For `search()` the choices stand in the question itself.
    fn inline(&mut self, element: &Element, list: &str, node: NodeId) -> Done {
        let found = self.survey.lists.iter().find(|it| it.name == list);
        let Some(found) = found else {
            return Err(SheetFault::new(
                SHEET,
                element.row,
                "appearance",
                "search() needs a list of the sheet choices",
                "Name such a list in the type, or leave search() out.",
            ));
        };
        let is_translated = found.needs_translation();
        for (index, choice) in found.choices.iter().enumerate() {
            let item = self.document.append_element(node, Name::local("item"));
            let label = self.document.append_element(item, Name::local("label"));
            if is_translated {
                let reference = format!("jr:itext('{list}-{index}')");
                self.document.append_attribute(label, Name::local("ref"), &reference);
            } else if let Some(words) = &choice.label {
                self.survey.append_text(self.document, label, words.first(), None)?;
            }
            let value = self.document.append_element(item, Name::local("value"));
            self.document.append_text_node(value, &choice.name);
        }
        Ok(())
    }
}

struct Itemset {
    nodeset: String,
    value: String,
    label: String,
    filter: Option<String>,
}

fn is_geopoint(element: &Element) -> bool {
    matches!(element.kind, ElementKind::Question(kind) if kind.names.first() == Some(&"background-geopoint"))
}
