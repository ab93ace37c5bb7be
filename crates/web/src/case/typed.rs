//! A form that was sent and not taken: what was typed in it, what is wrong, and the page that shows both.

use std::collections::BTreeMap;

use axum::{http::StatusCode, response::Response};
use domain::{Ctx, Fault, Refusal};

use crate::{
    locale::Translator,
    sent::lead_on,
    shell::{FormFaults, Shell},
};

/// What was typed in one form of a page, and what is wrong with it.
#[derive(Clone)]
pub struct Typed {
    /// The form: a transition's id, `notes`, or whatever begins the ids of its fields.
    pub form: String,
    pub fields: BTreeMap<String, String>,
    pub faults: FormFaults,
    pub status: StatusCode,
}

/// One line of the summary of what is wrong in a form.
pub struct Wrong {
    /// Id of the field that its link leads to; none of what no field is at fault for.
    pub anchor: Option<String>,
    pub words: String,
}

/// The name under which stands that things have moved on.
pub const CONFLICT: &str = "conflict";

/// Fields that have a name of their own in a summary.
const FIELDS: [&str; 18] = [
    "description",
    "finding",
    "rating",
    "solved",
    "organization",
    "supporting",
    "class",
    "decision",
    "granted",
    "about",
    "ground",
    "until",
    "note",
    "place",
    "position",
    "photos",
    "contact_name",
    "contact_phone",
];

/// The summary of a form's faults; `prefix` begins the ids of its fields.
pub fn wrongs(t: &Translator, faults: &FormFaults, prefix: &str) -> Vec<Wrong> {
    let wrong = |(field, message): &(String, String)| {
        let anchor = match field.as_str() {
            "position" => Some("longitude"),
            CONFLICT => None,
            field => Some(field),
        };
        let words = match FIELDS.contains(&field.as_str()) {
            true => {
                t.with2("fault-of-field", ("field", &t.say(&format!("field-{field}"))), ("fault", message))
            }
            false => message.clone(),
        };
        Wrong { anchor: anchor.map(|it| format!("{prefix}{it}")), words }
    };
    // In the order of the fields, as people go through the form.
    let mut all: Vec<&(String, String)> = faults.all().iter().collect();
    all.sort_by_key(|(field, _)| FIELDS.iter().position(|it| it == field));
    all.into_iter().map(wrong).collect()
}

impl Typed {
    /// One that came back because of `refusal`; none of what is not told in its page.
    pub fn refused(
        t: &Translator,
        (form, fields): (&str, BTreeMap<String, String>),
        refusal: &Refusal,
    ) -> Option<Self> {
        let (status, faults) = match refusal {
            Refusal::Invalid(faults) => (StatusCode::UNPROCESSABLE_ENTITY, faults.clone()),
            Refusal::Conflict(message) => {
                let fault = Fault { field: CONFLICT.into(), message: message.clone() };
                (StatusCode::CONFLICT, vec![fault])
            }
            _ => return None,
        };
        Some(Self { form: form.to_owned(), fields, faults: FormFaults::new(t, &faults), status })
    }

    pub fn wrongs(&self, t: &Translator) -> Vec<Wrong> {
        wrongs(t, &self.faults, &format!("{}-", self.form))
    }
}

/// Leads on to `next` after what a form asked for was done; what is wrong is shown by `page` above the form, as it was typed.
pub fn answer<T>(
    shell: Shell,
    sent: (&str, BTreeMap<String, String>),
    outcome: Result<T, Refusal>,
    next: &str,
    page: impl FnOnce(Shell, Typed) -> Result<Response, Refusal>,
) -> Result<Response, Refusal> {
    let refusal = match outcome {
        Ok(_) => return Ok(lead_on(next, "/")),
        Err(refusal) if shell.reads_json => return Err(refusal),
        Err(refusal) => refusal,
    };
    let Some(typed) = Typed::refused(&shell.t, sent, &refusal) else { return Err(refusal) };
    match page(shell, typed) {
        // With what has moved on they may see it no longer, but are told why nothing was done.
        Err(Refusal::NotFound | Refusal::Denied) => Err(refusal),
        shown => shown,
    }
}

/// What was written in a form that the page does not offer any more.
pub struct Kept {
    /// Where it was sent.
    pub action: String,
    pub texts: Vec<KeptText>,
}

pub struct KeptText {
    pub name: &'static str,
    pub label: String,
    pub text: String,
}

/// Fields in which people write, and the messages that name them.
const WRITTEN: [(&str, &str); 4] = [
    ("note", "field-note"),
    ("reason", "merge-reason"),
    ("requirement", "supervision-requirement"),
    ("legal_basis", "responsibility-basis"),
];

impl Kept {
    pub fn new(shell: &Shell, typed: &Typed) -> Self {
        let text = |(name, label): &(&'static str, &str)| {
            let text = typed.fields.get(*name).filter(|it| !it.trim().is_empty())?;
            Some(KeptText { name, label: shell.t.say(label), text: text.clone() })
        };
        Self { action: shell.asked.clone(), texts: WRITTEN.iter().filter_map(text).collect() }
    }
}

/// The form of a note on a case.
pub const NOTES: &str = "notes";

pub struct NoteForm {
    pub action: String,
    pub request: String,
    pub text: String,
    pub is_public: bool,
    /// Whether the writer chooses who reads it.
    pub may_be_internal: bool,
    pub fault: Option<String>,
    pub is_open: bool,
}

impl NoteForm {
    pub fn new(ctx: &Ctx, base: &str, may_be_internal: bool, typed: Option<&Typed>) -> Self {
        let typed = typed.filter(|it| it.form == NOTES);
        let field = |name: &str| typed.and_then(|it| it.fields.get(name)).cloned().unwrap_or_default();
        Self {
            action: format!("{base}/notes"),
            request: ctx.id::<()>().to_string(),
            text: field("note"),
            is_public: field("public") == "yes",
            may_be_internal,
            fault: typed.and_then(|it| it.faults.of("note")).map(str::to_owned),
            is_open: typed.is_some(),
        }
    }
}
