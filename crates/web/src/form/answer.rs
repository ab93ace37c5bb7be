//! Answers and failures in the words of ODK Central: a failure is a number such as 409.3, whose first part is the status.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Refusal,
    form::{Finding, PublishError, PublishFault, Rejection},
};
use kernel::limits;
use serde_json::{Value, json};
use xform::{odata::QueryFault, openrosa};

use super::view;
use crate::{locale::Translator, problem};

/// Findings that a person is told in one message; the rest is counted.
const FINDINGS_TOLD_MAX: usize = 5;

/// Why something was not done, as these APIs tell it.
#[derive(Debug)]
pub enum Failure {
    Refusal(Refusal),
    Rejection(Rejection),
    Publish(PublishError),
    /// The form works, and is perhaps not meant so; nothing was changed.
    Warnings(Vec<PublishFault>),
    /// A question to a table that cannot be answered.
    Query(QueryFault),
    /// The request lacks the header of OpenRosa.
    NoVersionHeader,
    /// The body has no part with the record.
    NoRecordPart,
    /// A query parameter or field that cannot be one.
    Value {
        field: String,
        value: String,
    },
    TooLarge {
        megabytes: usize,
    },
    Unreadable(String),
    NoRoute,
    NoMethod,
}

impl From<Refusal> for Failure {
    fn from(it: Refusal) -> Self {
        Failure::Refusal(it)
    }
}

impl From<Rejection> for Failure {
    fn from(it: Rejection) -> Self {
        match it {
            Rejection::Refusal(refusal) => Failure::Refusal(refusal),
            it => Failure::Rejection(it),
        }
    }
}

impl From<PublishError> for Failure {
    fn from(it: PublishError) -> Self {
        match it {
            PublishError::Refusal(refusal) => Failure::Refusal(refusal),
            it => Failure::Publish(it),
        }
    }
}

/// What is told: the number in tenths with the status before the point, the words, and what programs read besides.
struct Told {
    status: u16,
    part: u16,
    message: String,
    details: Value,
}

impl Failure {
    pub fn json(self, words: &Translator) -> Response {
        if let Failure::Query(fault) = &self {
            let body =
                json!({ "message": fault.to_string(), "code": fault.code(), "details": fault.details() });
            return json_response(status(fault.status()), &body);
        }
        let retry_after = self.retry_after();
        let told = self.told(words);
        // As a number it has to print as 409.3.
        let code: f64 = format!("{}.{}", told.status, told.part).parse().unwrap_or_default();
        let body = json!({ "message": told.message, "code": code, "details": told.details });
        problem::with_retry_after(json_response(status(told.status), &body), retry_after)
    }

    /// For whoever holds the phone.
    pub fn openrosa(self, words: &Translator) -> Response {
        let retry_after = self.retry_after();
        let told = self.told(words);
        let response = openrosa_response(words, status(told.status), openrosa::response(&told.message, true));
        problem::with_retry_after(response, retry_after)
    }

    /// The same for a page.
    pub fn words(self, words: &Translator) -> String {
        self.told(words).message
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Failure::Refusal(refusal) => problem::retry_after_seconds(refusal),
            _ => None,
        }
    }

    fn told(self, words: &Translator) -> Told {
        let told = |(status, part): (u16, u16), message: String| Told {
            status,
            part,
            message,
            details: Value::Null,
        };
        match self {
            Failure::Refusal(refusal) => of_refusal(words, &refusal),
            Failure::Rejection(rejection) => of_rejection(words, &rejection),
            Failure::Publish(PublishError::Types(faults)) => {
                of_faults(words, (400, 17), "form-types", &faults)
            }
            Failure::Publish(PublishError::Faults(faults)) => {
                of_faults(words, (400, 15), "form-faults", &faults)
            }
            Failure::Publish(PublishError::AskedAgain { again, .. }) => {
                let listed: Vec<String> =
                    again.iter().flat_map(|it| view::asked_again(words, &it.element, it)).collect();
                let message = words.with("form-asked-again", "questions", listed.join("\n"));
                Told { details: json!({ "questions": listed }), ..told((409, 16), message) }
            }
            Failure::Publish(PublishError::Refusal(refusal)) => of_refusal(words, &refusal),
            Failure::Warnings(faults) => {
                let told = of_faults(words, (400, 16), "form-warnings", &faults);
                let warnings = json!({ "workflowWarnings": [], "xlsFormWarnings": texts(&faults) });
                Told { details: json!({ "warnings": warnings }), ..told }
            }
            Failure::Query(fault) => told((fault.status(), 1), fault.to_string()),
            Failure::NoVersionHeader => told((400, 6), words.say("form-no-version-header")),
            Failure::NoRecordPart => told((400, 7), words.say("form-no-record-part")),
            Failure::Value { field, value } => {
                let message = words.with2("form-value", ("field", &field), ("value", &value));
                Told { details: json!({ "field": field, "value": value }), ..told((400, 8), message) }
            }
            Failure::TooLarge { megabytes } => told((413, 1), words.with("form-too-large", "max", megabytes)),
            Failure::Unreadable(reason) => told((400, 1), words.with("form-unreadable", "reason", reason)),
            Failure::NoRoute => told((404, 1), words.say("problem-not-found")),
            Failure::NoMethod => told((405, 1), words.say("problem-method")),
        }
    }
}

fn of_refusal(words: &Translator, refusal: &Refusal) -> Told {
    match refusal {
        Refusal::Broken(reason) => tracing::error!(reason, "a request for forms failed"),
        Refusal::Unavailable(reason) => tracing::error!(reason, "storage is unavailable"),
        _ => {}
    }
    let (status, kind) = problem::status(refusal);
    let status = status.as_u16();
    let told = |part, message| Told { status, part, message, details: Value::Null };
    match refusal {
        Refusal::SignIn => told(2, words.say("problem-sign-in")),
        Refusal::Conflict(message) => {
            let part = match message.id {
                "conflict-form-exists" | "conflict-form-elsewhere" => 3,
                "conflict-form-version" => 6,
                _ => 1,
            };
            told(part, words.message(message))
        }
        Refusal::Invalid(faults) => {
            let lines: Vec<String> =
                faults.iter().map(|it| format!("{}: {}", it.field, words.message(&it.message))).collect();
            Told { status: 400, part: 8, message: lines.join("\n"), details: Value::Null }
        }
        _ => told(1, words.say(&format!("problem-{kind}"))),
    }
}

fn of_rejection(words: &Translator, rejection: &Rejection) -> Told {
    let told =
        |(status, part): (u16, u16), message: String| Told { status, part, message, details: Value::Null };
    match rejection {
        Rejection::Malformed(fault) => {
            let is_incomplete =
                matches!(fault, xform::check::Refusal::FormId | xform::check::Refusal::InstanceId);
            let part = if is_incomplete { 2 } else { 1 };
            told((400, part), words.with("record-malformed", "reason", fault))
        }
        Rejection::OtherForm { found, wanted } => {
            told((400, 8), words.with2("record-other-form", ("found", found), ("wanted", wanted)))
        }
        Rejection::NoEdit => told((400, 19), words.say("record-no-edit")),
        Rejection::TooManyFiles(files) => told(
            (400, 8),
            words.with2("record-too-many-files", ("files", files), ("max", limits::FORM_FILES_MAX)),
        ),
        Rejection::FileTooLarge(name) => {
            let max = limits::FORM_FILE_BYTES_MAX / 1024 / 1024;
            told((413, 1), words.with2("record-file-too-large", ("name", name), ("max", max)))
        }
        Rejection::NoForm => told((404, 1), words.say("record-no-form")),
        Rejection::NoVersion(version) => told((404, 6), words.with("record-no-version", "version", version)),
        Rejection::NoBase => told((404, 5), words.say("record-no-base")),
        Rejection::Closed => told((409, 2), words.say("record-closed")),
        Rejection::OtherContent => told((409, 1), words.say("record-other-content")),
        Rejection::ChangedSince => told((409, 1), words.say("record-changed-since")),
        Rejection::Exists => told((409, 3), words.say("record-exists")),
        Rejection::Taken => told((409, 8), words.say("record-taken-id")),
        Rejection::Superseded => told((409, 9), words.say("record-superseded")),
        Rejection::OtherFile(name) => told((409, 1), words.with("record-other-file", "name", name)),
        Rejection::OfAnother => told((403, 1), words.say("record-of-another")),
        Rejection::Breaks(findings) => {
            let message = words.with("record-breaks", "findings", described(words, findings));
            Told { details: json!({ "findings": findings }), ..told((422, 1), message) }
        }
        Rejection::Campaign { message, .. } => told((409, 1), words.message(message)),
        Rejection::Refusal(refusal) => of_refusal(words, refusal),
    }
}

fn of_faults(words: &Translator, (status, part): (u16, u16), message: &str, faults: &[PublishFault]) -> Told {
    let listed = texts(faults);
    let message = words.with(message, "faults", listed.join("\n"));
    Told { status, part, message, details: json!({ "error": listed.join("\n"), "warnings": listed }) }
}

fn texts(faults: &[PublishFault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}

/// Why a record was not taken, for whoever sent it from a page.
pub fn words_of(words: &Translator, rejection: &Rejection) -> String {
    of_rejection(words, rejection).message
}

/// A line for each of the first findings, in the form's own words where it has some.
pub fn described(words: &Translator, findings: &[Finding]) -> String {
    let mut lines: Vec<String> = findings.iter().take(FINDINGS_TOLD_MAX).map(|it| line(words, it)).collect();
    if findings.len() > FINDINGS_TOLD_MAX {
        lines.push(words.with("record-more-findings", "number", findings.len() - FINDINGS_TOLD_MAX));
    }
    lines.join("\n")
}

/// What is wrong with an answer: as the form says it, or else by the rule that it breaks.
pub fn reason_of(words: &Translator, rule: &str, message: Option<&str>) -> String {
    message.map_or_else(|| words.say(&format!("finding-{rule}")), str::to_owned)
}

fn line(words: &Translator, it: &Finding) -> String {
    let question = it.path.rsplit('/').next().unwrap_or(&it.path);
    let reason = reason_of(words, &it.rule, it.message.as_deref());
    words.with2("record-finding", ("question", question), ("reason", reason))
}

pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

pub fn json_response(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], value.to_string()).into_response()
}

/// With the headers that every answer of OpenRosa carries.
pub fn openrosa_response(words: &Translator, status: StatusCode, body: String) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, openrosa::CONTENT_TYPE)], body).into_response();
    let headers = response.headers_mut();
    let (name, value) = openrosa::VERSION_HEADER;
    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.language.tag()));
    headers.insert(
        HeaderName::from_static("x-openrosa-accept-content-length"),
        HeaderValue::from(limits::SUBMISSION_REQUEST_BYTES_MAX),
    );
    response
}
