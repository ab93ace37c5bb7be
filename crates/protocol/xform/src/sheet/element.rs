use super::{kind::Kind, parameter::Parameters, table::Localized};

/// A node of the form that is being made: what one row says, or what stands for several.
#[derive(Clone, Debug)]
pub struct Element {
    pub name: String,
    pub kind: ElementKind,
    /// Of the survey's sheet; 0 for what no row says.
    pub row: u32,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    pub label: Option<Localized>,
    pub hint: Option<Localized>,
    pub guidance: Option<Localized>,
    pub media: Vec<(String, Localized)>,
    pub bind: Vec<(String, Localized)>,
    pub control: Vec<(String, String)>,
    pub instance: Vec<(String, String)>,
    pub default: Option<String>,
    pub is_default_dynamic: bool,
    pub choice_filter: Option<String>,
    /// A list's name, a file's name or `${question}`.
    pub itemset: Option<String>,
    pub parameters: Parameters,
    /// Of a select from external choices: the list.
    pub query: Option<String>,
    pub triggers: Vec<String>,
    pub actions: Vec<SheetAction>,
    /// Keys and labels of an OpenStreetMap upload.
    pub tags: Vec<(String, Option<Localized>)>,
    /// The choices stand in the body, for `search()`.
    pub is_search: bool,
    /// A group whose questions stand in the record as if it were not there.
    pub is_flat: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementKind {
    Survey,
    Group,
    Repeat,
    /// The group of `meta`, and an entity in it: nothing of them is shown.
    Hidden,
    Question(&'static Kind),
    /// An attribute of the node above.
    Attribute,
    /// A list in a file.
    External(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetAction {
    pub name: &'static str,
    pub event: &'static str,
    pub value: Option<String>,
    pub quality: Option<String>,
}

pub const FIRST_LOAD: &str = "odk-instance-first-load";
pub const LOAD: &str = "odk-instance-load";
pub const NEW_REPEAT: &str = "odk-new-repeat";
pub const VALUE_CHANGED: &str = "xforms-value-changed";

impl SheetAction {
    pub fn new(name: &'static str, event: &'static str) -> Self {
        SheetAction { name, event, value: None, quality: None }
    }
}

impl Element {
    pub fn new(name: &str, kind: ElementKind, row: u32) -> Self {
        Element {
            name: name.to_owned(),
            kind,
            row,
            parent: None,
            children: Vec::new(),
            label: None,
            hint: None,
            guidance: None,
            media: Vec::new(),
            bind: Vec::new(),
            control: Vec::new(),
            instance: Vec::new(),
            default: None,
            is_default_dynamic: false,
            choice_filter: None,
            itemset: None,
            parameters: Vec::new(),
            query: None,
            triggers: Vec::new(),
            actions: Vec::new(),
            tags: Vec::new(),
            is_search: false,
            is_flat: false,
        }
    }

    pub fn bind(&self, name: &str) -> Option<&str> {
        self.bind.iter().find(|it| it.0 == name).map(|it| it.1.first())
    }

    pub fn set_bind(&mut self, name: &str, value: &str) {
        set(&mut self.bind, name, Localized::Plain(value.to_owned()));
    }

    pub fn control(&self, name: &str) -> Option<&str> {
        self.control.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    pub fn set_control(&mut self, name: &str, value: &str) {
        set(&mut self.control, name, value.to_owned());
    }

    pub fn is_section(&self) -> bool {
        matches!(
            self.kind,
            ElementKind::Survey | ElementKind::Group | ElementKind::Repeat | ElementKind::Hidden
        )
    }

    /// Whether a list's choices can be chosen here.
    pub fn is_select(&self) -> bool {
        matches!(self.kind, ElementKind::Question(kind) if ["select1", "select", "odk:rank"].contains(&kind.control))
    }

    /// Whether the label has to be a text of the translations.
    pub fn needs_translation(&self) -> bool {
        matches!(self.label, Some(Localized::ByLanguage(_))) || !self.media.is_empty()
    }
}

fn set<T>(pairs: &mut Vec<(String, T)>, name: &str, value: T) {
    match pairs.iter_mut().find(|it| it.0 == name) {
        Some(known) => known.1 = value,
        None => pairs.push((name.to_owned(), value)),
    }
}
