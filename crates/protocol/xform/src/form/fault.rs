use std::fmt;

use crate::xml::XmlFault;

/// Why bytes are no form at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormRefusal {
    #[error("the form is no XML that can be read: {0}")]
    Xml(#[from] XmlFault),
    #[error("the form has no {0}")]
    Missing(&'static str),
    #[error("the form has more than {0} fields")]
    Fields(usize),
    #[error("the form writes entities by version {0}, which is newer than what is known here")]
    EntitiesVersion(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The form must not be published so.
    Error,
    /// It works, perhaps not everywhere alike.
    Warning,
}

/// What is wrong in one place of a form, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFault {
    pub severity: Severity,
    /// Of the field, or the id of a list or text.
    pub place: String,
    /// `relevant`, `constraint`, …, or what else is wrong there.
    pub rule: &'static str,
    pub reason: String,
    pub help: String,
}

impl fmt::Display for FormFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(out, "{severity}: {}: {}: {}. {}", self.place, self.rule, self.reason, self.help)
    }
}
