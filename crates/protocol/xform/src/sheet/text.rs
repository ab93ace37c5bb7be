//! Texts in all languages, as the form's `itext` has them.

use super::{
    element::{Element, ElementKind},
    fault::SheetFault,
    reference::{Style, has_reference, name_length, references},
    survey::Survey,
    table::Localized,
};
use crate::xml::{Document, Name, NodeId};

/// What stands where a language lacks a text.
const MISSING: &str = "-";
/// The form of a text that is read.
const LONG: &str = "long";

/// Languages, texts and their forms in the order in which they appear.
#[derive(Debug, Default)]
pub struct Texts {
    languages: Vec<(String, Vec<Entry>)>,
}

#[derive(Debug)]
struct Entry {
    id: String,
    values: Vec<(String, Value)>,
}

#[derive(Clone, Debug)]
struct Value {
    text: String,
    /// The element from which references are seen.
    context: Option<usize>,
}

impl Survey {
    /// The id of a text of an element.
    pub fn text_id(&self, element: usize, what: &str) -> String {
        format!("{}:{what}", self.path(element))
    }

    pub fn texts(&self) -> Texts {
        let mut texts = Texts::default();
        let default = self.settings.default_language.as_str();
        for list in self.lists.iter().filter(|it| it.needs_translation()) {
            for (index, choice) in list.choices.iter().enumerate() {
                let id = format!("{}-{index}", list.name);
                if let Some(label) = &choice.label {
                    texts.add(label, default, &id, LONG, None);
                }
                for (kind, media) in &choice.media {
                    texts.add(media, default, &id, kind, None);
                }
            }
        }
        for element in self.in_order() {
            self.add_element_texts(element, default, &mut texts);
        }
        for element in self.in_order() {
            let id = self.text_id(element, "label");
            for (kind, media) in &self.elements[element].media {
                texts.add(media, default, &id, kind, None);
            }
        }
        texts.fill();
        texts
    }

    fn add_element_texts(&self, id: usize, default: &str, texts: &mut Texts) {
        let element = &self.elements[id];
        for message in ["jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString"] {
            let found = element.bind.iter().find(|it| it.0 == message).map(|it| &it.1);
            if let Some(text) = found.filter(|it| is_translated(it, message)) {
                texts.add(text, default, &self.text_id(id, message), LONG, Some(id));
            }
        }
        if let Some(label) = &element.label
            && element.needs_translation()
        {
            texts.add(label, default, &self.text_id(id, "label"), LONG, Some(id));
        }
        if let Some(hint) = &element.hint
            && (hint.plain().is_none() || element.guidance.is_some())
        {
            texts.add(hint, default, &self.text_id(id, "hint"), LONG, Some(id));
        }
        if let Some(guidance) = &element.guidance {
            texts.add(guidance, default, &self.text_id(id, "hint"), "guidance", Some(id));
        }
    }

    /// All elements from the root down.
    pub fn in_order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        let mut open = vec![0];
        while let Some(element) = open.pop() {
            order.push(element);
            open.extend(self.elements[element].children.iter().rev());
        }
        order
    }

    /// Text with `output` elements where it names questions.
    pub fn append_text(
        &self,
        document: &mut Document,
        parent: NodeId,
        text: &str,
        context: Option<usize>,
    ) -> Result<(), SheetFault> {
        let context = context.unwrap_or(0);
        let mut at = 0;
        while let Some((start, end)) = next_output(text, at) {
            if start > at {
                document.append_text_node(parent, &text[at..start]);
            }
            let value = self.with_paths(&text[start..end], context, Style::default())?;
            let output = document.append_element(parent, Name::local("output"));
            document.append_attribute(output, Name::local("value"), &value);
            at = end;
        }
        if at < text.len() {
            document.append_text_node(parent, &text[at..]);
        }
        Ok(())
    }

    pub fn append_label(&self, document: &mut Document, parent: NodeId, id: usize) -> Result<(), SheetFault> {
        let element = &self.elements[id];
        self.append_words(document, parent, "label", id, element.needs_translation(), element.label.as_ref())
    }

    pub fn append_hint(&self, document: &mut Document, parent: NodeId, id: usize) -> Result<(), SheetFault> {
        let element = &self.elements[id];
        let is_translated =
            matches!(element.hint, Some(Localized::ByLanguage(_))) || element.guidance.is_some();
        self.append_words(document, parent, "hint", id, is_translated, element.hint.as_ref())
    }

    fn append_words(
        &self,
        document: &mut Document,
        parent: NodeId,
        what: &str,
        id: usize,
        is_translated: bool,
        words: Option<&Localized>,
    ) -> Result<(), SheetFault> {
        let node = document.append_element(parent, Name::local(what));
        if is_translated {
            let reference = format!("jr:itext('{}')", self.text_id(id, what));
            document.append_attribute(node, Name::local("ref"), &reference);
            return Ok(());
        }
        match words {
            Some(words) => self.append_text(document, node, words.first(), Some(id)),
            None => Ok(()),
        }
    }
}

/// Whether a message has to stand among the translations: it has languages, or names a question.
pub fn is_translated(message: &Localized, name: &str) -> bool {
    match message {
        Localized::ByLanguage(_) => true,
        Localized::Plain(text) => name != "jr:noAppErrorString" && has_reference(text),
    }
}

/// The next reference or expression over a list in a text.
fn next_output(text: &str, from: usize) -> Option<(usize, usize)> {
    let reference = references(&text[from..]).first().map(|it| (from + it.start, from + it.end));
    let list = text[from..].find("instance(").map(|it| from + it).and_then(|start| {
        let end = start + list_expression_length(&text[start..]);
        (end > start).then_some((start, end))
    });
    match (reference, list) {
        (Some(reference), Some(list)) => Some(if list.0 < reference.0 { list } else { reference }),
        (reference, list) => reference.or(list),
    }
}

/// Bytes of `instance('x')/root/item[…]/label` at the beginning.
fn list_expression_length(text: &str) -> usize {
    let Some(close) = text.find(')') else { return 0 };
    let mut at = close + 1;
    loop {
        let rest = &text[at..];
        if let Some(step) = rest.strip_prefix('/') {
            let length = name_length(step);
            if length == 0 {
                return at;
            }
            at += 1 + length;
        } else if rest.starts_with('[') {
            match bracket_length(rest) {
                Some(length) => at += length,
                None => return at,
            }
        } else {
            return if text[close + 1..at].is_empty() { 0 } else { at };
        }
    }
}

fn bracket_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (index, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), it) if it == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

impl Texts {
    pub fn is_empty(&self) -> bool {
        self.languages.is_empty()
    }

    fn add(&mut self, words: &Localized, default: &str, id: &str, form: &str, context: Option<usize>) {
        for (language, text) in words.texts(default) {
            let entries = match self.languages.iter().position(|it| it.0 == language) {
                Some(place) => &mut self.languages[place].1,
                None => {
                    self.languages.push((language, Vec::new()));
                    let last = self.languages.len() - 1;
                    &mut self.languages[last].1
                }
            };
            let value = Value { text, context };
            // A text is mostly the last one or one that is new.
            match entries.iter_mut().rev().find(|it| it.id == id) {
                Some(entry) => match entry.values.iter_mut().find(|it| it.0 == form) {
                    Some(known) => known.1 = value,
                    None => entry.values.push((form.to_owned(), value)),
                },
                None => entries.push(Entry { id: id.to_owned(), values: vec![(form.to_owned(), value)] }),
            }
        }
    }

    /// Every language has every text; where one is missing a dash stands.
    fn fill(&mut self) {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        for (_, entries) in &self.languages {
            for entry in entries {
                let place = *places.entry(entry.id.clone()).or_insert_with(|| {
                    all.push((entry.id.clone(), Vec::new()));
                    all.len() - 1
                });
                for (form, _) in &entry.values {
                    if !all[place].1.contains(form) {
                        all[place].1.push(form.clone());
                    }
                }
            }
        }
        for (_, entries) in &mut self.languages {
            let known: std::collections::HashMap<String, usize> =
                entries.iter().enumerate().map(|(index, it)| (it.id.clone(), index)).collect();
            for (id, forms) in &all {
                let place = match known.get(id) {
                    Some(place) => *place,
                    None => {
                        entries.push(Entry { id: id.clone(), values: Vec::new() });
                        entries.len() - 1
                    }
                };
                for form in forms {
                    if !entries[place].values.iter().any(|it| it.0 == *form) {
                        let value = Value { text: MISSING.to_owned(), context: None };
                        entries[place].values.push((form.clone(), value));
                    }
                }
            }
        }
    }

    pub fn write(&self, survey: &Survey, document: &mut Document, model: NodeId) -> Result<(), SheetFault> {
        let itext = document.append_element(model, Name::local("itext"));
        for (language, entries) in &self.languages {
            let translation = document.append_element(itext, Name::local("translation"));
            document.append_attribute(translation, Name::local("lang"), language);
            if *language == survey.settings.default_language {
                document.append_attribute(translation, Name::local("default"), "true()");
            }
            for entry in entries {
                let text = document.append_element(translation, Name::local("text"));
                document.append_attribute(text, Name::local("id"), &entry.id);
                for (form, value) in &entry.values {
                    write_value(survey, document, text, &entry.id, form, value)?;
                }
            }
        }
        Ok(())
    }
}

fn write_value(
    survey: &Survey,
    document: &mut Document,
    text: NodeId,
    id: &str,
    form: &str,
    value: &Value,
) -> Result<(), SheetFault> {
    let is_words = form == LONG || form == "guidance";
    if !is_words && value.text == MISSING {
        return Ok(());
    }
    let node = document.append_element(text, Name::local("value"));
    if form == LONG {
        return survey.append_text(document, node, &value.text, value.context);
    }
    document.append_attribute(node, Name::local("form"), form);
    if form == "guidance" && id.ends_with(":hint") {
        return survey.append_text(document, node, &value.text, value.context);
    }
    let folder = if form == "big-image" || form == "image" { "images" } else { form };
    survey.append_text(document, node, &format!("jr://{folder}/{}", value.text), value.context)
}

impl Element {
    /// The text of a bind's attribute, with yes and no as expressions.
    pub fn bind_value(&self, survey: &Survey, id: usize, name: &str, value: &Localized) -> String {
        const RULES: [&str; 5] = ["readonly", "required", "relevant", "constraint", "calculate"];
        let text = value.first();
        if RULES.contains(&name) {
            let truth = match text {
                "true()" | "false()" => None,
                other => super::settings::yes(other),
            };
            return match truth {
                Some(true) => "true()".to_owned(),
                Some(false) => "false()".to_owned(),
                None => text.to_owned(),
            };
        }
        let is_message = ["jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString"].contains(&name);
        if is_message && is_translated(value, name) {
            return format!("jr:itext('{}')", survey.text_id(id, name));
        }
        text.to_owned()
    }

    pub fn is_question(&self) -> bool {
        matches!(self.kind, ElementKind::Question(_))
    }
}
