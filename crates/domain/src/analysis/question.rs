//! What the versions of a form ask, as one list; pure but for the texts that it is given.

use std::{collections::HashMap, sync::Arc};

use xform::{
    check::choices,
    form::{Control, Field, FieldId, FieldKind, Form, Rule},
    xpath::World,
};

use super::model::{Choice, Kind, Question};
use crate::form::Prepared;

/// Choices of one question that are known by their labels.
const CHOICES_MAX: usize = 20_000;

/// The questions of all versions that were met, those of the latest first.
#[derive(Default)]
pub(super) struct Asked {
    pub questions: Vec<Question>,
    by_kind: HashMap<(String, Kind), usize>,
    /// Of each question, the numbers of its choices by their values.
    choices: Vec<HashMap<String, u32>>,
}

/// A version of a form, and which of its fields are which questions.
pub(super) struct Version {
    pub prepared: Arc<Prepared>,
    fields: Vec<Option<Place>>,
    /// There are records of it.
    pub is_used: bool,
}

/// The question that a field asks.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub question: usize,
    /// No rule leaves it out: where it did not come it was left blank.
    pub is_always_asked: bool,
}

impl Version {
    pub fn place(&self, field: FieldId) -> Option<Place> {
        self.fields[field.index()]
    }
}

impl Asked {
    /// Takes in what a version asks. The first is the one that is handed out.
    pub fn add(&mut self, prepared: Arc<Prepared>, world: &World) -> Version {
        let form = &prepared.form;
        let mut fields: Vec<Option<Place>> = vec![None; form.fields.len()];
        let is_first = self.questions.is_empty();
        for control in form.controls() {
            let field = form.field(control.field);
            let Some(kind) = Kind::of(control, field) else { continue };
            if field.kind != FieldKind::Question || fields[control.field.index()].is_some() {
                continue;
            }
            let known = self.by_kind.get(&(field.path.clone(), kind)).copied();
            let question = known.unwrap_or_else(|| self.insert(&prepared, control, kind, world, !is_first));
            let is_always_asked = is_always_asked(form, control.field);
            fields[control.field.index()] = Some(Place { question, is_always_asked });
        }
        Version { prepared, fields, is_used: false }
    }

    fn insert(
        &mut self,
        prepared: &Prepared,
        control: &Control,
        kind: Kind,
        world: &World,
        is_former: bool,
    ) -> usize {
        let (form, language) = (&prepared.form, &world.language);
        let field = form.field(control.field);
        let is_told_apart = self.questions.iter().any(|it| it.path == field.path);
        let key = match is_told_apart {
            true => format!("{}~{}", field.path, kind.as_str()),
            false => field.path.clone(),
        };
        let mut by_value = HashMap::new();
        let mut offered: Vec<Choice> = Vec::new();
        if kind.has_choices() {
            for (value, label) in choices(form, &prepared.attachments, control, world, CHOICES_MAX) {
                // A list for several questions may name a value more than once.
                if !by_value.contains_key(&value) {
                    by_value.insert(value.clone(), offered.len() as u32);
                    let label = if label.is_empty() { value.clone() } else { label };
                    offered.push(Choice { value, label, is_offered: true });
                }
            }
        }
        let number = self.questions.len();
        self.questions.push(Question {
            key,
            path: field.path.clone(),
            name: field.name.clone(),
            label: form.label(control.field, language),
            kind,
            data_type: field.data_type.as_str(),
            repeat: repeat_around(form, field),
            choices: offered,
            relevant: text(&field.relevant),
            constraint: text(&field.constraint),
            required: text(&field.required),
            is_former,
        });
        self.choices.push(by_value);
        self.by_kind.insert((field.path.clone(), kind), number);
        number
    }

    /// The number of a choice; one that the form does not offer is added, by its value.
    pub fn choice(&mut self, question: usize, value: &str) -> u32 {
        if let Some(known) = self.choices[question].get(value) {
            return *known;
        }
        let all = &mut self.questions[question].choices;
        let number = all.len() as u32;
        all.push(Choice { value: value.to_owned(), label: value.to_owned(), is_offered: false });
        self.choices[question].insert(value.to_owned(), number);
        number
    }
}

fn text(rule: &Option<Rule>) -> String {
    rule.as_ref().map(|it| it.text.trim().to_owned()).unwrap_or_default()
}

fn repeat_around(form: &Form, field: &Field) -> Option<String> {
    let mut up = field.parent;
    while let Some(id) = up {
        let above = form.field(id);
        if above.kind == FieldKind::Repeat {
            return Some(above.path.clone());
        }
        up = above.parent;
    }
    None
}

/// Whether neither it nor what is around it, up to the instance of a repeat that is there, has a rule of relevance.
fn is_always_asked(form: &Form, id: FieldId) -> bool {
    let mut up = Some(id);
    while let Some(id) = up {
        let field = form.field(id);
        if field.kind == FieldKind::Repeat {
            return true;
        }
        if field.relevant.is_some() {
            return false;
        }
        up = field.parent;
    }
    true
}
