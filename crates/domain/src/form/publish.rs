//! Publishing a form: all that is wrong is told at once, and nothing is changed.

use kernel::limits;
use md5::{Digest, Md5};
use policy::{Action, Resource};
use store::Tx;
use xform::{
    form::{Attachments, FORM_BYTES_MAX, Form as XForm, Severity},
    sheet::{self, Workbook},
};

use super::{
    fault::{PublishError, PublishFault},
    model::{Form, FormFile, FormState, FormVersion, NamedBytes, Publication, Published},
    rule, store as rows,
};
use crate::{
    Ctx, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
    text,
};

/// The external choices of a spreadsheet, as a file that clients look for.
const ITEMSETS: &str = "itemsets.csv";

/// Publishes a form, or a new version of one, or brings more files to a version that is there. The same again changes
/// nothing; another text under a version that is there is refused.
pub fn publish(ctx: &Ctx, new: &Publication) -> Result<Published, PublishError> {
    let text = Text::read(new)?;
    let (form_id, title) = (text.form.id.as_str(), text.title());
    let outcome = ctx.write(|tx| {
        let place = area::place(tx, &new.area)?;
        let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
        must_publish(ctx, &place.path)?;
        let Some(form) = rows::by_form_id(tx, form_id)? else {
            let form = Form {
                id: ctx.id(),
                form_id: form_id.to_owned(),
                title: title.clone(),
                county: place.county,
                area: place.id,
                area_path: place.path,
                organization: new.organization,
                version: ctx.id(),
                state: FormState::Open,
                refuses_invalid: new.refuses_invalid,
                created_at: ctx.now,
                revision: 0,
            };
            rows::insert(tx, &form)?;
            return text.add(tx, ctx, form, None).map(Ok);
        };
        if form.area != place.id {
            return Err(Refusal::conflict("conflict-form-elsewhere"));
        }
        match rows::version(tx, form.id, &text.form.version)? {
            Some(version) if rows::xml(tx, version.id)?.as_deref() == Some(&text.xml[..]) => {
                text.add_files(tx, ctx, form, version).map(Ok)
            }
            Some(_) => Err(Refusal::conflict("conflict-form-version")),
            None => {
                let before = rows::version_by_id(tx, form.version)?;
                let before = before.ok_or_else(|| Refusal::Broken("a form without its version".into()))?;
                let changed = rule::changed_types(&ctx.city.forms.get(tx, &before)?.form, &text.form);
                if !changed.is_empty() {
                    return Ok(Err(changed));
                }
                let refuses_invalid = new.refuses_invalid;
                let form = Form { title: title.clone(), version: ctx.id(), refuses_invalid, ..form };
                rows::update(tx, &form)?;
                let form = Form { revision: form.revision + 1, ..form };
                text.add(tx, ctx, form, Some(&before)).map(Ok)
            }
        }
    })?;
    outcome.map_err(PublishError::Faults)
}

fn must_publish(ctx: &Ctx, path: &kernel::AreaPath) -> Result<(), Refusal> {
    if ctx.actor.system {
        return Ok(());
    }
    ctx.must(Action::FormPublish, Resource::Area { path })
}

/// What was sent, read and found sound.
struct Text<'a> {
    form: XForm,
    xml: Vec<u8>,
    /// The spreadsheet that it was made of.
    source: Option<&'a [u8]>,
    files: Vec<(FormFile, &'a [u8])>,
    itemsets: Option<(FormFile, Vec<u8>)>,
    warnings: Vec<PublishFault>,
}

impl<'a> Text<'a> {
    fn read(new: &'a Publication) -> Result<Self, PublishError> {
        let is_workbook = new.bytes.starts_with(b"PK") || new.bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
        let mut text = if is_workbook { Self::of_workbook(new)? } else { Self::of_xml(new)? };
        let mut faults = rule::forbidden(&text.form);
        faults.extend(text.check_names());
        text.take_files(&new.files, &mut faults);
        if faults.is_empty() { Ok(text) } else { Err(PublishError::Faults(faults)) }
    }

    fn of_workbook(new: &'a Publication) -> Result<Self, PublishError> {
        let help = "Save it as .xlsx and send that.";
        let book = Workbook::read(&new.bytes)
            .map_err(|fault| PublishError::Faults(vec![PublishFault::new(fault.to_string(), help)]))?;
        let stem = new.file_name.rsplit_once('.').map_or(new.file_name.as_str(), |(stem, _)| stem);
        let converted = sheet::convert(&book, stem)
            .map_err(|faults| PublishError::Faults(faults.into_iter().map(PublishFault::from).collect()))?;
        // What is wrong in the rules stands at the end of the warnings, in the same order.
        let of_rules = converted.form.faults();
        let first = converted.warnings.len().saturating_sub(of_rules.len());
        let mut located: Vec<PublishFault> = converted.warnings.into_iter().map(PublishFault::from).collect();
        let rules = located.split_off(first);
        let mut errors = Vec::new();
        for (fault, rule) in rules.into_iter().zip(of_rules) {
            if rule.severity == Severity::Error { errors.push(fault) } else { located.push(fault) }
        }
        if !errors.is_empty() {
            return Err(PublishError::Faults(errors));
        }
        let itemsets = converted.itemsets.map(String::into_bytes);
        Ok(Self {
            xml: converted.xml.into_bytes(),
            form: converted.form,
            source: Some(&new.bytes),
            files: Vec::new(),
            itemsets: itemsets.map(|bytes| (described(ITEMSETS, &bytes), bytes)),
            warnings: located,
        })
    }

    fn of_xml(new: &'a Publication) -> Result<Self, PublishError> {
        let refuse = |reason: String| {
            PublishError::Faults(vec![PublishFault::new(reason, "Send an .xlsx spreadsheet or an XForm.")])
        };
        if new.bytes.len() > FORM_BYTES_MAX {
            return Err(refuse(format!("the form has more than {FORM_BYTES_MAX} bytes")));
        }
        let form = XForm::read(&new.bytes).map_err(|fault| refuse(fault.to_string()))?;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            form.faults().iter().partition(|it| it.severity == Severity::Error);
        if !errors.is_empty() {
            return Err(PublishError::Faults(errors.into_iter().map(PublishFault::from).collect()));
        }
        let warnings = warnings.into_iter().map(PublishFault::from).collect();
        Ok(Self { xml: new.bytes.clone(), form, source: None, files: Vec::new(), itemsets: None, warnings })
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
        found
    }

    /// Keeps the files that the form names, each read once so that none is found to be broken later.
    fn take_files(&mut self, sent: &'a [NamedBytes], faults: &mut Vec<PublishFault>) {
        let expected = self.expected();
        if expected.len().max(sent.len()) > limits::FORM_FILES_MAX {
            let reason = format!("the form has more than {} files", limits::FORM_FILES_MAX);
            faults.push(PublishFault::new(reason, "Leave some out."));
            return;
        }
        for name in expected.iter().filter(|it| !rule::is_file_name(it)) {
            faults
                .push(PublishFault::new(format!("{name:?} is no name of a file"), "Name it without a path."));
        }
        let mut attachments = Attachments::new();
        for file in sent {
            let mut refuse = |reason: String, help: &str| faults.push(PublishFault::new(reason, help));
            if !expected.contains(&file.name) {
                refuse(format!("the form names no file {:?}", file.name), "Name it as the form does.");
            } else if file.bytes.len() > limits::FORM_FILE_BYTES_MAX {
                let reason = format!("{} has more than {} bytes", file.name, limits::FORM_FILE_BYTES_MAX);
                refuse(reason, "Make it smaller.");
            } else if let Err(fault) = attachments.add(&self.form, &file.name, &file.bytes) {
                refuse(
                    format!("{}: {fault}", file.name),
                    "Save it as CSV in UTF-8, with a line of column names.",
                );
            } else if self.files.iter().any(|(it, _)| it.name == file.name) {
                refuse(format!("{} came twice", file.name), "Send it once.");
            } else {
                self.files.push((described(&file.name, &file.bytes), &file.bytes));
            }
        }
    }

    fn expected(&self) -> Vec<String> {
        let mut names = self.form.expected_files();
        if self.itemsets.is_some() && !names.iter().any(|it| it == ITEMSETS) {
            names.push(ITEMSETS.to_owned());
        }
        names
    }

    fn title(&self) -> String {
        let title = self.form.title.trim();
        if title.is_empty() { self.form.id.clone() } else { title.to_owned() }
    }

    /// A version that was not there, with the files that the one before had and this one still names.
    fn add(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        form: Form,
        before: Option<&FormVersion>,
    ) -> Result<Published, Refusal> {
        let mut version = FormVersion {
            id: form.version,
            form: form.id,
            version: self.form.version.clone(),
            md5: hexadecimal(&Md5::digest(&self.xml)),
            files: 0,
            published_at: ctx.now,
        };
        let text =
            rows::NewText { version: &version, xml: &self.xml, source: self.source, by: ctx.actor.person };
        rows::insert_text(tx, &text)?;
        let sent = self.all_files();
        let mut present: Vec<String> = sent.iter().map(|(it, _)| it.name.clone()).collect();
        for (file, bytes) in sent {
            rows::insert_file(tx, version.id, file, bytes)?;
        }
        if let Some(before) = before {
            for file in rows::files(tx, before.id)? {
                if self.expected().contains(&file.name) && !present.contains(&file.name) {
                    let bytes = rows::file(tx, before.id, &file.name)?.unwrap_or_default();
                    rows::insert_file(tx, version.id, &file, &bytes)?;
                    present.push(file.name);
                }
            }
        }
        version.files = present.len() as i64;
        rows::set_files(tx, version.id, version.files)?;
        record(tx, ctx, "form.publish", &form, &version)?;
        Ok(self.published(form, version, true, &present))
    }

    /// More files for a version that is there; one of another content under a name that it has is refused.
    fn add_files(
        &self,
        tx: &mut Tx<'_>,
        ctx: &Ctx,
        form: Form,
        mut version: FormVersion,
    ) -> Result<Published, Refusal> {
        let known = rows::files(tx, version.id)?;
        let mut present: Vec<String> = known.iter().map(|it| it.name.clone()).collect();
        for (file, bytes) in self.all_files() {
            match known.iter().find(|it| it.name == file.name) {
                Some(it) if it.md5 == file.md5 => {}
                Some(_) => return Err(Refusal::conflict("conflict-form-file")),
                None => {
                    rows::insert_file(tx, version.id, file, bytes)?;
                    present.push(file.name.clone());
                }
            }
        }
        if present.len() as i64 > version.files {
            version.files = present.len() as i64;
            rows::set_files(tx, version.id, version.files)?;
            record(tx, ctx, "form.add_files", &form, &version)?;
        }
        Ok(self.published(form, version, false, &present))
    }

    fn all_files(&self) -> Vec<(&FormFile, &[u8])> {
        let made =
            self.itemsets.iter().filter(|(it, _)| !self.files.iter().any(|(sent, _)| sent.name == it.name));
        let made = made.map(|(file, bytes)| (file, bytes.as_slice()));
        self.files.iter().map(|(file, bytes)| (file, *bytes)).chain(made).collect()
    }

    fn published(&self, form: Form, version: FormVersion, is_new: bool, present: &[String]) -> Published {
        let mut missing = self.expected();
        missing.retain(|it| !present.contains(it));
        Published { form, version, is_new, warnings: self.warnings.clone(), missing }
    }
}

fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    action: &str,
    form: &Form,
    version: &FormVersion,
) -> Result<(), Refusal> {
    let entry = Entry::new(form.county, action, SubjectKind::Form, form.id.uuid())
        .with("form_id", &form.form_id)
        .with("version", &version.version)
        .with("files", version.files)
        .with("md5", &version.md5);
    journal::record(tx, ctx, &entry)
}

fn described(name: &str, bytes: &[u8]) -> FormFile {
    FormFile { name: name.to_owned(), md5: hexadecimal(&Md5::digest(bytes)) }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
