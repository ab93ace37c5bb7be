//! What was sent, read strictly: what cannot be read is told by field, as problem details.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderValue, header, request::Parts},
};
use domain::{Message, Refusal};
use kernel::limits;
use serde::de::DeserializeOwned;

use crate::{app::Shared, problem::Problem, visitor::Visitor};

/// A JSON body of at most `BODY_BYTES_MAX` bytes.
pub struct JsonBody<T>(pub T);

/// The query string. A field that comes twice, or that is not known, is refused.
pub struct QueryString<T>(pub T);

/// The path's parameters. What cannot be one is `not-found`.
pub struct PathPart<T>(pub T);

async fn problem(parts: &mut Parts, app: &Shared, refusal: Refusal) -> Problem {
    match Visitor::from_request_parts(parts, app).await {
        Ok(visitor) => Problem::new(&visitor.translator(), refusal),
    }
}

fn malformed(field: &str, reason: impl ToString) -> Refusal {
    Refusal::invalid(field, Message::new("fault-malformed").with("reason", reason))
}

impl<T: DeserializeOwned + Send> FromRequest<Shared> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
        let is_json = matches!(kind, Some(Ok(kind)) if kind.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json")));
        if !is_json {
            let refusal = Refusal::invalid("content-type", Message::new("fault-json-type"));
            return Err(problem(&mut parts, app, refusal).await);
        }
        let Ok(bytes) = axum::body::to_bytes(body, limits::BODY_BYTES_MAX).await else {
            let refusal = Refusal::invalid("body", Message::new("fault-body-size").with("max", limits::BODY_BYTES_MAX / 1024));
            return Err(problem(&mut parts, app, refusal).await);
        };
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(problem(&mut parts, app, malformed("body", error)).await),
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for QueryString<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(error) => Err(problem(parts, app, malformed("query", error.body_text())).await),
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for PathPart<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(path) => Ok(Self(path.0)),
            Err(_) => Err(problem(parts, app, Refusal::NotFound).await),
        }
    }
}
