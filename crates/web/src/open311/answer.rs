//! Answers and failures in the format that was asked for.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Fault as DomainFault, Refusal};
use open311::{Document, Error, Fault, Format, Reason, errors};

use crate::{locale::Translator, problem};

pub struct Answer {
    pub document: Document,
    /// The address of the next page.
    pub next: Option<String>,
    /// Whether the content type leaves out the character set, as discovery's does.
    pub is_bare: bool,
}

impl From<Document> for Answer {
    fn from(document: Document) -> Self {
        Self { document, next: None, is_bare: false }
    }
}

impl Answer {
    pub fn response(self, format: Format) -> Response {
        let kind = if self.is_bare { format.media_type() } else { format.content_type() };
        let mut response = write(StatusCode::OK, kind, self.document.write(format));
        let link = self.next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// Why something was not done, as this protocol tells it.
pub enum Failure {
    Refusal(Refusal),
    Arguments(Vec<Fault>),
    /// What was named is not there; the message that says so.
    Missing(&'static str),
    /// The key is missing or not known.
    Key,
    /// The request was filed by another system.
    OfAnother,
    /// The same key of the sender's choice came with another body.
    Reused,
    /// The method is not one of the path.
    Method,
    /// What was sent did not arrive whole in time.
    Slow,
    /// It lies outside the city, which is named.
    Outside {
        city: String,
    },
    /// It cannot be told in which community it lies; the area that can be told.
    NoCommunity {
        around: String,
    },
}

impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Self {
        Failure::Arguments(faults)
    }
}

impl Failure {
    pub fn response(self, format: Format, words: &Translator) -> Response {
        let (status, texts) = self.told(words);
        let retry_after = match &self {
            Failure::Refusal(refusal) => problem::retry_after_seconds(refusal),
            _ => None,
        };
        let code = status.as_u16().to_string();
        let error = |description| Error { code: code.clone(), description };
        let document = errors(&texts.into_iter().map(error).collect::<Vec<_>>());
        let response = write(status, format.content_type(), document.write(format));
        problem::with_retry_after(response, retry_after)
    }

    /// Status and words. What is at fault in a request is 400, and nothing finer.
    fn told(&self, words: &Translator) -> (StatusCode, Vec<String>) {
        let bad = |texts| (StatusCode::BAD_REQUEST, texts);
        match self {
            Failure::Arguments(faults) => bad(faults.iter().map(|it| argument(words, it)).collect()),
            Failure::Reused => bad(vec![words.say("open311-reused")]),
            Failure::Outside { city } => bad(vec![words.with("open311-outside", "city", city)]),
            Failure::NoCommunity { around } => bad(vec![words.with("open311-no-community", "area", around)]),
            Failure::Missing(message) => (StatusCode::NOT_FOUND, vec![words.say(message)]),
            Failure::Key => (StatusCode::FORBIDDEN, vec![words.say("open311-no-key")]),
            Failure::OfAnother => (StatusCode::FORBIDDEN, vec![words.say("open311-of-another")]),
            Failure::Method => (StatusCode::METHOD_NOT_ALLOWED, vec![words.say("problem-method")]),
            Failure::Slow => (StatusCode::REQUEST_TIMEOUT, vec![words.say("problem-slow-help")]),
            Failure::Refusal(Refusal::Invalid(faults)) => {
                let is_too_large = faults.iter().any(|it| it.message.id == "fault-body-size");
                let status =
                    if is_too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
                (status, faults.iter().map(|it| field(words, it)).collect())
            }
            Failure::Refusal(Refusal::Conflict(message)) => bad(vec![words.message(message)]),
            Failure::Refusal(refusal) => {
                match refusal {
                    Refusal::Broken(reason) => tracing::error!(reason, "an Open311 request failed"),
                    Refusal::Unavailable(reason) => tracing::error!(reason, "storage is unavailable"),
                    _ => {}
                }
                let (status, kind) = problem::status(refusal);
                // The standard knows no status for a full disk.
                let status = if status.as_u16() == 507 { StatusCode::SERVICE_UNAVAILABLE } else { status };
                (status, vec![words.say(&format!("problem-{kind}"))])
            }
        }
    }
}

fn argument(words: &Translator, fault: &Fault) -> String {
    let name = ("argument", &fault.argument);
    match fault.reason {
        Reason::Missing => words.with("open311-missing", name.0, name.1),
        Reason::Incomplete => words.with("open311-incomplete", name.0, name.1),
        Reason::NotANumber => words.with("open311-not-a-number", name.0, name.1),
        Reason::OutOfRange { min, max } => {
            words.with2("open311-out-of-range", name, ("range", format!("{min} – {max}")))
        }
        Reason::NotAMoment => words.with("open311-not-a-moment", name.0, name.1),
        Reason::Backwards => words.with("open311-backwards", name.0, name.1),
        Reason::SpanTooLong { days } => words.with2("open311-span", name, ("days", days)),
        Reason::TooLong { max } => words.with2("open311-too-long", name, ("max", max)),
        Reason::TooMany { max } => words.with2("open311-too-many", name, ("max", max)),
        Reason::NotAChoice => words.with("open311-not-a-choice", name.0, name.1),
        Reason::NotALink => words.with("open311-not-a-link", name.0, name.1),
        Reason::NotUtf8 => words.with("open311-not-utf8", name.0, name.1),
    }
}

/// A fault of the engine, under the name that the sender knows the field by.
fn field(words: &Translator, fault: &DomainFault) -> String {
    let name = match fault.field.as_str() {
        "class" => "service_code",
        "area" => "attribute[area]",
        "place" => "address_string",
        "position" => "lat, long",
        "contact_name" => "first_name, last_name",
        "contact_phone" => "phone",
        "photos" => "media",
        name => name,
    };
    words.with2("open311-fault", ("argument", name), ("reason", words.message(&fault.message)))
}

fn write(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// For a path that names no format.
pub fn plain(status: StatusCode) -> Response {
    let text = status.canonical_reason().unwrap_or_default();
    write(status, "text/plain; charset=utf-8", format!("{text}\n"))
}
