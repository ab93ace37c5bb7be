//! A form as it is sent: read, found sound, and not yet the city's; pure.

use kernel::limits;
use md5::{Digest, Md5};
use xform::{
    form::{Attachments, FORM_BYTES_MAX, Form as XForm, Severity},
    sheet::{self, Workbook},
};

use super::{
    fault::{PublishError, PublishFault},
    rule,
};
use crate::text;

/// The external choices of a spreadsheet, as a file that clients look for.
pub const ITEMSETS: &str = "itemsets.csv";
/// Ends of a path at which a form's spreadsheet and XML stand: a form that is called so could not be told from them.
const TAKEN_ENDS: [&str; 3] = [".xls", ".xlsx", ".xml"];

/// A spreadsheet or an XForm that can be published.
#[derive(Debug)]
pub struct Definition {
    pub(super) form: XForm,
    pub(super) xml: Vec<u8>,
    /// The spreadsheet that it was made of.
    pub(super) source: Option<Vec<u8>>,
    /// The file that the spreadsheet's own lists became.
    pub(super) itemsets: Option<Vec<u8>>,
    /// What works, and is perhaps not meant.
    pub warnings: Vec<PublishFault>,
}

impl Definition {
    /// `fallback_id` names a spreadsheet that does not name itself.
    ///
    /// # Errors
    /// All that is wrong with it at once.
    pub fn read(bytes: &[u8], fallback_id: &str) -> Result<Self, PublishError> {
        let is_workbook = bytes.starts_with(b"PK") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
        let read = if is_workbook { Self::of_workbook(bytes, fallback_id)? } else { Self::of_xml(bytes)? };
        let mut faults = rule::forbidden(&read.form);
        faults.extend(read.check_names());
        if faults.is_empty() { Ok(read) } else { Err(PublishError::Faults(faults)) }
    }

    fn of_workbook(bytes: &[u8], fallback_id: &str) -> Result<Self, PublishError> {
        let help = "Save it as .xlsx and send that.";
        let book = Workbook::read(bytes)
            .map_err(|fault| PublishError::Faults(vec![PublishFault::new(fault.to_string(), help)]))?;
        let converted = sheet::convert(&book, fallback_id)
            .map_err(|faults| PublishError::Faults(faults.into_iter().map(PublishFault::from).collect()))?;
        // What is wrong in the rules stands at the end of the warnings, in the same order.
        let of_rules = converted.form.faults();
        let first = converted.warnings.len().saturating_sub(of_rules.len());
        let mut warnings: Vec<PublishFault> =
            converted.warnings.into_iter().map(PublishFault::from).collect();
        let rules = warnings.split_off(first);
        let mut errors = Vec::new();
        for (fault, rule) in rules.into_iter().zip(of_rules) {
            if rule.severity == Severity::Error { errors.push(fault) } else { warnings.push(fault) }
        }
        if !errors.is_empty() {
            return Err(PublishError::Faults(errors));
        }
        Ok(Self {
            xml: converted.xml.into_bytes(),
            form: converted.form,
            source: Some(bytes.to_vec()),
            itemsets: converted.itemsets.map(String::into_bytes),
            warnings,
        })
    }

    fn of_xml(bytes: &[u8]) -> Result<Self, PublishError> {
        let refuse = |reason: String| {
            PublishError::Faults(vec![PublishFault::new(reason, "Send an .xlsx spreadsheet or an XForm.")])
        };
        if bytes.len() > FORM_BYTES_MAX {
            return Err(refuse(format!("the form has more than {FORM_BYTES_MAX} bytes")));
        }
        let form = XForm::read(bytes).map_err(|fault| refuse(fault.to_string()))?;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            form.faults().iter().partition(|it| it.severity == Severity::Error);
        if !errors.is_empty() {
            return Err(PublishError::Faults(errors.into_iter().map(PublishFault::from).collect()));
        }
        let warnings = warnings.into_iter().map(PublishFault::from).collect();
        Ok(Self { xml: bytes.to_vec(), form, source: None, itemsets: None, warnings })
    }

    /// A published or prepared text, which was found sound before.
    pub(super) fn of_stored(xml: Vec<u8>, source: Option<Vec<u8>>) -> Result<Self, PublishError> {
        Ok(Self { source, ..Self::of_xml(&xml)? })
    }

    pub(super) fn with_version(self, version: &str) -> Result<Self, PublishError> {
        let form = self.form.with_version(version);
        let changed = Self { xml: form.to_xml().into_bytes(), form, ..self };
        let faults = changed.check_names();
        if faults.is_empty() { Ok(changed) } else { Err(PublishError::Faults(faults)) }
    }

    pub fn form_id(&self) -> &str {
        &self.form.id
    }

    pub fn version(&self) -> &str {
        &self.form.version
    }

    pub fn title(&self) -> String {
        let title = self.form.title.trim();
        if title.is_empty() { self.form.id.clone() } else { title.to_owned() }
    }

    /// Of the bytes that clients load, in hexadecimal.
    pub(super) fn md5(&self) -> String {
        md5(&self.xml)
    }

    /// Names by which it is found and shown.
    fn check_names(&self) -> Vec<PublishFault> {
        let names = [("id", &self.form.id), ("version", &self.form.version), ("title", &self.form.title)];
        let mut found = Vec::new();
        for (what, name) in names {
            let mut faults = crate::Faults::default();
            text::line(&mut faults, what, name);
            if faults.check().is_err() {
                let reason =
                    format!("the form's {what} is no line of at most {} characters", limits::LINE_CHARS_MAX);
                found.push(PublishFault::new(reason, "Shorten it."));
            }
        }
        if TAKEN_ENDS.iter().any(|end| self.form.id.ends_with(end)) {
            let reason = format!("the form's id {:?} ends like the name of a file", self.form.id);
            found.push(PublishFault::new(reason, "Leave the end out."));
        }
        let expected = self.expected_files();
        if expected.len() > limits::FORM_FILES_MAX {
            let reason = format!("the form has more than {} files", limits::FORM_FILES_MAX);
            found.push(PublishFault::new(reason, "Leave some out."));
        }
        for name in expected.iter().filter(|it| !rule::is_file_name(it)) {
            found
                .push(PublishFault::new(format!("{name:?} is no name of a file"), "Name it without a path."));
        }
        found
    }

    /// Names of the files that belong to it.
    pub(super) fn expected_files(&self) -> Vec<String> {
        let mut names = self.form.expected_files();
        if self.itemsets.is_some() && !names.iter().any(|it| it == ITEMSETS) {
            names.push(ITEMSETS.to_owned());
        }
        names
    }

    /// Why a file does not belong to the form or cannot be read, so that none is found to be broken later.
    pub(super) fn fault_of_file(&self, name: &str, bytes: &[u8]) -> Option<PublishFault> {
        if name != ITEMSETS && !self.expected_files().iter().any(|it| it == name) {
            let reason = format!("the form names no file {name:?}");
            return Some(PublishFault::new(reason, "Name it as the form does."));
        }
        if bytes.len() > limits::FORM_FILE_BYTES_MAX {
            let reason = format!("{name} has more than {} bytes", limits::FORM_FILE_BYTES_MAX);
            return Some(PublishFault::new(reason, "Make it smaller."));
        }
        let fault = Attachments::new().add(&self.form, name, bytes).err()?;
        let help = "Save it as CSV in UTF-8, with a line of column names.";
        Some(PublishFault::new(format!("{name}: {fault}"), help))
    }
}

pub fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|it| format!("{it:02x}")).collect()
}
