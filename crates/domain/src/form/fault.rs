//! Why a form is not published, and why a record is not kept.

use std::fmt;

use super::model::Finding;
use crate::{Message, Refusal, fact::AskedAgain};

/// Why a form was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// All of them at once.
    #[error("{}", listed(.0))]
    Faults(Vec<PublishFault>),
    /// Questions that had another type in the version before.
    #[error("{}", listed(.0))]
    Types(Vec<PublishFault>),
    /// It asks for what is known, or what another open form asks, and does not say why. It waits as a draft.
    #[error("{} questions of the form {form_id} are known or asked already", .again.len())]
    AskedAgain { form_id: String, again: Vec<AskedAgain> },
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

fn listed(faults: &[PublishFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What is wrong in a form, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishFault {
    /// Of a spreadsheet; none where the form came as XML.
    pub sheet: Option<String>,
    pub row: Option<u32>,
    pub column: Option<String>,
    /// The question, in a form that came as XML.
    pub question: Option<String>,
    pub reason: String,
    pub help: String,
}

impl PublishFault {
    pub(super) fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            sheet: None,
            row: None,
            column: None,
            question: None,
            reason: reason.into(),
            help: help.into(),
        }
    }

    pub(super) fn at(question: &str, reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { question: Some(question.to_owned()), ..Self::new(reason, help) }
    }
}

impl From<xform::sheet::SheetFault> for PublishFault {
    fn from(it: xform::sheet::SheetFault) -> Self {
        let sheet = Some(it.sheet).filter(|it| !it.is_empty());
        Self { sheet, row: it.row, column: it.column, question: None, reason: it.reason, help: it.help }
    }
}

impl From<&xform::form::FormFault> for PublishFault {
    fn from(it: &xform::form::FormFault) -> Self {
        Self::at(&it.place, format!("{}: {}", it.rule, it.reason), &it.help)
    }
}

impl fmt::Display for PublishFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place: Vec<String> = [
            self.sheet.as_ref().map(|it| format!("sheet {it}")),
            self.row.map(|it| format!("row {it}")),
            self.column.as_ref().map(|it| format!("column {it}")),
            self.question.clone(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !place.is_empty() {
            write!(out, "{}: ", place.join(", "))?;
        }
        write!(out, "{}. {}", self.reason.trim_end_matches('.'), self.help)
    }
}

/// Why a record was not kept. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    /// It cannot be read, or not told from others.
    #[error("{0}")]
    Malformed(#[from] xform::check::Refusal),
    #[error("the record is of the form {found}, and was sent to {wanted}")]
    OtherForm { found: String, wanted: String },
    #[error("it does not say which version it replaces")]
    NoEdit,
    /// A new record was announced, and it is there.
    #[error("the record is there already")]
    Exists,
    #[error("the file {0} is too large")]
    FileTooLarge(String),
    #[error("it names {0} files")]
    TooManyFiles(usize),
    #[error("there is no such form")]
    NoForm,
    #[error("the form has no version {0:?}")]
    NoVersion(String),
    #[error("the form takes no more records")]
    Closed,
    /// The instance id stands for a record of other bytes.
    #[error("the instance id stands for another record")]
    OtherContent,
    /// The draft was sent, and then changed.
    #[error("what was sent is not what the draft says now")]
    ChangedSince,
    /// The edit's own instance id stands for something else.
    #[error("the instance id of the edit is taken")]
    Taken,
    #[error("there is no record that it could replace")]
    NoBase,
    /// It was sent by somebody else, and is not the sender's to edit.
    #[error("the record was sent by somebody else")]
    OfAnother,
    /// Somebody else's edit came first.
    #[error("the version that it replaces is not the current one")]
    Superseded,
    /// A file of that name came before, with other bytes.
    #[error("the file {0} came before, and was another")]
    OtherFile(String),
    /// It breaks the form's rules, and the form keeps no such records.
    #[error("{} answers break the form's rules", .0.len())]
    Breaks(Vec<Finding>),
    /// The campaign that asks for it takes it no more. `first` names the record that is there already.
    #[error("the campaign does not take it: {}", .message.id)]
    Campaign { message: Message, first: Option<String> },
    #[error(transparent)]
    Refusal(#[from] Refusal),
}
