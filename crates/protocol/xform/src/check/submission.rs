use super::{
    finding::Judgement,
    judge,
    layout::Layout,
    record::{Answer, Record},
};
use crate::{
    form::{Attachments, DataType, Form},
    xml::{Document, NodeId, XmlFault, XmlLimits},
    xpath::World,
};

/// Bytes of a submission's XML.
pub const SUBMISSION_BYTES_MAX: usize = 10 * 1_048_576;
/// Characters of an instance id.
pub const INSTANCE_ID_CHARACTERS_MAX: usize = 249;

const LIMITS: XmlLimits = XmlLimits { bytes: SUBMISSION_BYTES_MAX, nodes: 400_000, depth: 100 };
const OPENROSA: &str = "http://openrosa.org/xforms";

/// A submission as it was sent, and what identifies it.
#[derive(Debug)]
pub struct Submission {
    pub(crate) document: Document,
    pub(super) root: NodeId,
    pub form_id: String,
    /// Empty if it has none.
    pub version: String,
    pub instance_id: String,
    /// The version of the record that this one replaces.
    pub deprecated_id: Option<String>,
    pub instance_name: Option<String>,
}

/// Why nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the submission is no XML that can be read: {0}")]
    Xml(#[from] XmlFault),
    #[error("the outermost element has no id of a form")]
    FormId,
    #[error("the submission is of the form {found}, not of {wanted}")]
    OtherForm { found: String, wanted: String },
    #[error("the outermost element is {found}, and the form's is {wanted}")]
    OtherRoot { found: String, wanted: String },
    #[error("meta/instanceID is missing: without it a retry could not be told from a new record")]
    InstanceId,
    #[error("the instance id has more than {INSTANCE_ID_CHARACTERS_MAX} characters")]
    InstanceIdLength,
    #[error("the record has more than {0} nodes")]
    Nodes(usize),
}

impl Submission {
    pub fn read(bytes: &[u8]) -> Result<Submission, Refusal> {
        let document = Document::read(bytes, &LIMITS)?;
        let root = document.root().unwrap_or(NodeId::DOCUMENT);
        let attribute = |name: &str| {
            let plain = document.attribute(root, name);
            plain.or_else(|| document.attribute_in(root, OPENROSA, name)).map(str::to_owned)
        };
        let form_id = attribute("id").filter(|it| !it.is_empty()).ok_or(Refusal::FormId)?;
        let version = attribute("version").unwrap_or_default();
        let meta = document.child(root, "meta");
        let of_meta = |name: &str| {
            let text = document.text(document.child(meta?, name)?).trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        let instance_id = of_meta("instanceID").ok_or(Refusal::InstanceId)?;
        if instance_id.chars().count() > INSTANCE_ID_CHARACTERS_MAX {
            return Err(Refusal::InstanceIdLength);
        }
        let (deprecated_id, instance_name) = (of_meta("deprecatedID"), of_meta("instanceName"));
        Ok(Submission { root, form_id, version, instance_id, deprecated_id, instance_name, document })
    }

    /// Judges it by a version of its form. Which version that has to be is the caller's to find out.
    pub fn judge(&self, form: &Form, attachments: &Attachments, world: &World) -> Result<Judgement, Refusal> {
        Ok(judge::judge(form, attachments, world, self.record(form)?))
    }

    /// Every answer to a question of the form, in its order; of questions that did not come an empty one.
    pub fn answers(&self, form: &Form) -> Result<Vec<Answer>, Refusal> {
        Ok(self.record(form)?.answers(form))
    }

    /// Names of the files that belong to it, as they stand in its binary fields.
    pub fn files(&self, form: &Form) -> Result<Vec<String>, Refusal> {
        let record = self.record(form)?;
        let binary = record.entries().iter().filter(|it| form.field(it.field).data_type == DataType::Binary);
        let mut names: Vec<String> = binary.map(|it| record.value(it).to_owned()).collect();
        names.retain(|it| !it.is_empty());
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn record(&self, form: &Form) -> Result<Record, Refusal> {
        self.must_be_of(form)?;
        Record::build(form, self)
    }

    /// Where its answers are, without a copy of them.
    pub(crate) fn layout(&self, form: &Form) -> Result<Layout, Refusal> {
        self.must_be_of(form)?;
        Layout::new(form, self)
    }

    fn must_be_of(&self, form: &Form) -> Result<(), Refusal> {
        if self.form_id == form.id {
            return Ok(());
        }
        Err(Refusal::OtherForm { found: self.form_id.clone(), wanted: form.id.clone() })
    }
}
