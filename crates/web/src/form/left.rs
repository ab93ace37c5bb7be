//! A page of a form as it was left: its fields and files, and what they change.

use axum::extract::{FromRequest, Multipart, Request};
use domain::{Ctx, Message, Refusal, case, form::NamedBytes};
use kernel::limits;
use xform::check::fill::{Changes, Page};

use super::{answer::Failure, control, fill::questions, openrosa::read_part};
use crate::{app::Shared, locale::Translator, memory::Share};

/// Fields of one page.
const FIELDS_MAX: usize = 5_000;

/// A page as it was left.
#[derive(Default)]
pub struct Left {
    fields: Vec<(String, String)>,
    files: Vec<(String, NamedBytes)>,
}

impl Left {
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().rev().find(|(it, _)| it == name).map_or("", |(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or_default()
    }

    pub async fn read(request: Request, app: &Shared, share: &mut Share) -> Result<Self, Failure> {
        let unreadable = |reason: String| Failure::Unreadable(reason);
        let parts = Multipart::from_request(request, app).await;
        let mut parts = parts.map_err(|fault| unreadable(fault.body_text()))?;
        let (mut left, mut bytes_left) = (Self::default(), limits::SUBMISSION_REQUEST_BYTES_MAX);
        while let Some(mut part) = parts.next_field().await.map_err(|fault| unreadable(fault.body_text()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = read_part(&mut part, share, limits::FORM_FILE_BYTES_MAX, &mut bytes_left).await?;
            match file {
                // A file field that was left alone.
                Some(_) if bytes.is_empty() => {}
                Some(file) => left.files.push((name, NamedBytes { name: file, bytes })),
                None if left.fields.len() < FIELDS_MAX => {
                    let text = String::from_utf8(bytes).map_err(|_| unreadable("not UTF-8".into()))?;
                    left.fields.push((name, text));
                }
                None => return Err(unreadable(format!("more than {FIELDS_MAX} fields"))),
            }
        }
        Ok(left)
    }

    /// Answers to the questions that the page asked. What was not chosen comes without a field.
    pub fn changes(&mut self, ctx: &Ctx, page: Option<&Page>) -> Result<(Changes, Vec<NamedBytes>), Refusal> {
        let (mut changes, mut files) = (Changes::default(), Vec::new());
        for question in page.into_iter().flat_map(questions).filter(|it| !it.is_readonly) {
            let values: Vec<&str> = self
                .fields
                .iter()
                .filter(|(name, _)| *name == question.path)
                .map(|(_, it)| it.as_str())
                .collect();
            if control::is_upload(question) {
                if let Some(at) = self.files.iter().position(|(name, _)| *name == question.path) {
                    let (_, file) = self.files.swap_remove(at);
                    // A picture says nothing of where and with what it was taken.
                    let (bytes, sent) = match case::clean_photo(&file.bytes)? {
                        Some(picture) => (picture, "picture.jpg"),
                        None => (file.bytes, file.name.as_str()),
                    };
                    let name = control::file_name(&question.path, sent, ctx.id::<()>().uuid());
                    changes.answers.insert(question.path.clone(), name.clone());
                    files.push(NamedBytes { name, bytes });
                } else if values.contains(&control::NO_FILE) {
                    changes.answers.insert(question.path.clone(), String::new());
                }
                continue;
            }
            changes.answers.insert(question.path.clone(), control::value(question, &values));
        }
        if let Some(path) = self.text("go").strip_prefix("add:") {
            changes.added.push(path.to_owned());
        } else if let Some(path) = self.text("go").strip_prefix("remove:") {
            changes.removed.push(path.to_owned());
        }
        Ok((changes, files))
    }
}

/// What a form of ours cannot be read for.
pub fn refusal(t: &Translator, failure: Failure) -> Refusal {
    match failure {
        Failure::Refusal(refusal) => refusal,
        failure => Refusal::invalid("body", Message::new("fault-malformed").with("reason", failure.words(t))),
    }
}
