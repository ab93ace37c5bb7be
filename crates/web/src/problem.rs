//! Errors of the API, as problem details (RFC 9457).

use std::{any::Any, collections::BTreeMap};

use axum::{
    Json,
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Fault, Message, Refusal};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

use crate::{locale::Translator, visitor::Visitor};

const PROBLEM_TYPE: &str = "application/problem+json";
/// Seconds after which a database that was busy or gone is worth asking again.
const UNAVAILABLE_SECONDS: u64 = 5;
/// Seconds after which somebody may have made room.
const FULL_SECONDS: u64 = 60;

/// What went wrong, where, and what to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A word for programs, such as `not-found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// For people, in the language asked for.
    pub title: String,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Each field that is not as it should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    pub field: String,
    /// A word for programs.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Problem {
    pub fn new(translator: &Translator, refusal: Refusal) -> Self {
        let (status, kind) = status(&refusal);
        let retry_after_seconds = retry_after_seconds(&refusal);
        match &refusal {
            Refusal::Broken(reason) => tracing::error!(reason, "a request failed"),
            Refusal::Unavailable(reason) => tracing::error!(reason, "storage is unavailable"),
            _ => {}
        }
        let mut problem = Self {
            kind: kind.to_owned(),
            title: translator.say(&format!("problem-{kind}")),
            status: status.as_u16(),
            detail: None,
            errors: Vec::new(),
            retry_after_seconds,
        };
        match refusal {
            Refusal::Invalid(faults) => {
                problem.errors = faults.iter().map(|it| field_problem(translator, it)).collect()
            }
            Refusal::Conflict(message) => problem.detail = Some(translator.message(&message)),
            _ => {}
        }
        problem
    }

    /// An answer of HTTP's own, which no refusal of the domain stands for.
    pub fn of_protocol(translator: &Translator, status: StatusCode, kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            title: translator.say(&format!("problem-{kind}")),
            status: status.as_u16(),
            detail: None,
            errors: Vec::new(),
            retry_after_seconds: None,
        }
    }

    pub fn at(mut self, translator: &Translator, field: &str, message: Message) -> Self {
        self.errors.push(field_problem(translator, &Fault { field: field.to_owned(), message }));
        self
    }
}

/// Documents error answers: a type for each set of statuses that operations share.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)+;)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
                BTreeMap::from([$(($status.to_string(), documented($status))),+])
            }
        }
    )+};
}

errors! {
    /// Of reading what is public.
    PublicErrors: 401 422 429 503;
    /// Of reading one public thing.
    PublicOneErrors: 401 404 422 429 503;
    /// Of reading what only some may see.
    ReadErrors: 401 403 404 422 429 503;
    /// Of a change without a body.
    ChangeErrors: 401 403 404 408 409 422 429 503 507;
    /// Of a change that a body describes.
    WriteErrors: 401 403 404 408 409 413 415 422 429 503 507;
}

fn documented(status: u16) -> RefOr<utoipa::openapi::Response> {
    let description = match status {
        401 => "No session, or one that is over",
        403 => "Not for this actor, or asked for by another site's page",
        404 => "Not there, or not for this actor to see",
        408 => "The body came too slowly; nothing was changed",
        409 => "It has moved on, or the id stands for something else",
        413 => "The body is too large",
        415 => "The body is of another type",
        422 => "Fields that are not as they should be, by name",
        429 => "Too many requests; `Retry-After` says when to come back",
        507 => "Storage is full; nothing was changed",
        _ => "Not available now; nothing was changed",
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_TYPE, content).build().into()
}

/// Status and word of a refusal, for the API and for pages.
pub fn status(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::NotFound => (StatusCode::NOT_FOUND, "not-found"),
        Refusal::SignIn => (StatusCode::UNAUTHORIZED, "sign-in"),
        Refusal::Denied => (StatusCode::FORBIDDEN, "denied"),
        Refusal::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        Refusal::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
        Refusal::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
        Refusal::Full => (StatusCode::INSUFFICIENT_STORAGE, "full"),
        Refusal::Unavailable(_) | Refusal::Again => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        Refusal::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, "broken"),
    }
}

/// When it is worth coming back, for the API and for pages; none where waiting changes nothing.
pub fn retry_after_seconds(refusal: &Refusal) -> Option<u64> {
    match refusal {
        Refusal::TooMany { retry_after_seconds } => Some(*retry_after_seconds),
        Refusal::Full => Some(FULL_SECONDS),
        Refusal::Unavailable(_) | Refusal::Again => Some(UNAVAILABLE_SECONDS),
        _ => None,
    }
}

/// The answer, saying when to come back where that is known.
pub fn with_retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    }
    response
}

fn field_problem(translator: &Translator, fault: &Fault) -> FieldProblem {
    FieldProblem {
        field: fault.field.clone(),
        code: fault.message.id.to_owned(),
        message: translator.message(&fault.message),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_seconds;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(PROBLEM_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        with_retry_after(response, retry)
    }
}

/// For a path under `/api` that is no route.
pub async fn no_such_route(visitor: Visitor) -> Problem {
    Problem::new(&visitor.translator(), Refusal::NotFound)
}

/// For a route that has no such method; axum adds the `Allow` header.
pub async fn no_such_method(visitor: Visitor) -> Problem {
    Problem::of_protocol(&visitor.translator(), StatusCode::METHOD_NOT_ALLOWED, "method")
}

/// A panic in a handler: the sender learns nothing of it, and the process goes on.
pub fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .header(header::CONTENT_TYPE, PROBLEM_TYPE)
        .body(Body::from(r#"{"type":"broken","title":"Internal error","status":500}"#))
        .unwrap_or_default()
}
