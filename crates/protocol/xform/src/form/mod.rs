//! A form: its fields with their rules, what is shown, its lists and languages.

mod body;
mod fault;
mod field;
mod instance;
mod itext;
mod order;
mod read;

pub use body::{Choice, Choices, Control, ControlKind, Group, Item, Itemset, Repeat, Text, TextPart};
pub use fault::{FormFault, FormRefusal, Severity};
pub use field::{BindAttribute, DataType, Field, FieldId, FieldKind, Preload, Rule};
pub use instance::{ATTACHMENT_BYTES_MAX, AttachmentFault, Attachments, Instance, Source};
pub(crate) use itext::literal;
pub use itext::{Language, TextForm, Translation, Translations};

use crate::xml::{Document, NodeId, XmlLimits};

/// Bytes of a form's XML.
pub const FORM_BYTES_MAX: usize = 16 * 1_048_576;
/// Fields of a form.
pub const FIELDS_MAX: usize = 20_000;

const LIMITS: XmlLimits = XmlLimits { bytes: FORM_BYTES_MAX, nodes: 1_000_000, depth: 100 };

/// A form as it is published. Immutable, and cheap to judge many submissions by.
#[derive(Debug)]
pub struct Form {
    document: Document,
    primary: NodeId,
    pub title: String,
    pub id: String,
    /// Empty if the form has none.
    pub version: String,
    /// `xform:entities` version, if it writes entities.
    pub entities_version: Option<String>,
    /// Parents before children, in the order of the instance; the first is the root.
    pub fields: Vec<Field>,
    pub body: Vec<Item>,
    pub translations: Translations,
    pub instances: Vec<Instance>,
    pub actions: Vec<Action>,
    pub submission: SubmissionSettings,
    /// `class` of the body: `pages`, `theme-grid`, …
    pub style: String,
    order: Vec<FieldId>,
    faults: Vec<FormFault>,
}

/// What happens to a field by itself: `setvalue`, `odk:setgeopoint`, `odk:recordaudio`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub kind: String,
    pub events: Vec<String>,
    pub target: String,
    /// An expression, or the text that stands in the element.
    pub value: String,
}

/// What the form says about sending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubmissionSettings {
    pub action: Option<String>,
    pub public_key: Option<String>,
    pub auto_send: Option<String>,
    pub auto_delete: Option<String>,
}

impl Form {
    /// Reads an XForm. What is wrong in single rules is told by [`Form::faults`].
    pub fn read(bytes: &[u8]) -> Result<Form, FormRefusal> {
        read::read(Document::read(bytes, &LIMITS)?)
    }

    /// What is wrong or doubtful in its rules. A form with an error must not be published.
    pub fn faults(&self) -> &[FormFault] {
        &self.faults
    }

    /// The form as XML. Two calls give the same bytes.
    pub fn to_xml(&self) -> String {
        self.document.to_xml()
    }

    /// The form with another version.
    pub fn with_version(mut self, version: &str) -> Form {
        let attributes: Vec<NodeId> = self.document.attributes(self.primary).collect();
        match attributes.into_iter().find(|it| self.document.local(*it) == "version") {
            Some(attribute) => self.document.set_value(attribute, version),
            None => {
                let name = crate::xml::Name::local("version");
                self.document.append_attribute(self.primary, name, version);
            }
        }
        self.version = version.to_owned();
        self
    }

    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.index()]
    }

    pub fn root(&self) -> &Field {
        &self.fields[0]
    }

    /// What a question is called in a language, without what expressions would put into it; by its name if it has no label.
    pub fn label(&self, id: FieldId, language: &str) -> String {
        let mut open: Vec<&Item> = self.body.iter().collect();
        while let Some(item) = open.pop() {
            match item {
                Item::Group(group) => open.extend(&group.items),
                Item::Repeat(repeat) => open.extend(&repeat.items),
                Item::Control(control) if control.field == id => {
                    let label = control.label.as_ref().map(|it| it.literal(&self.translations, language));
                    return label.filter(|it| !it.is_empty()).unwrap_or_else(|| self.field(id).name.clone());
                }
                Item::Control(_) => {}
            }
        }
        self.field(id).name.clone()
    }

    /// What is asked, in the order of the body.
    pub fn controls(&self) -> Vec<&Control> {
        let mut found = Vec::new();
        let mut open: Vec<&Item> = self.body.iter().rev().collect();
        while let Some(item) = open.pop() {
            match item {
                Item::Group(group) => open.extend(group.items.iter().rev()),
                Item::Repeat(repeat) => open.extend(repeat.items.iter().rev()),
                Item::Control(control) => found.push(&**control),
            }
        }
        found
    }

    pub fn field_at(&self, path: &str) -> Option<FieldId> {
        self.fields.iter().position(|it| it.path == path).map(FieldId::new)
    }

    /// Fields in an order in which each comes after those that its relevance and calculation depend on.
    pub(crate) fn order(&self) -> &[FieldId] {
        &self.order
    }

    /// Names of the files that belong to the form: lists, and the media of its texts.
    pub fn expected_files(&self) -> Vec<String> {
        let lists = self.instances.iter().filter_map(|it| match &it.source {
            Source::File { name, .. } => Some(name.clone()),
            Source::Inline(_) | Source::LastSaved => None,
        });
        let mut names: Vec<String> = lists.chain(self.translations.files()).collect();
        names.sort();
        names.dedup();
        names
    }
}
