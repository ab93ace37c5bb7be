//! What was sent to the API, read strictly: what cannot be read is told by field, as problem details.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use domain::{Message, Refusal};
use kernel::{Timestamp, limits};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::{app::Shared, locale::Translator, problem::Problem, visitor::Visitor};

/// A JSON body of at most `BODY_BYTES_MAX` bytes.
pub struct JsonBody<T>(pub T);

/// The query string. A field that comes twice, or that is not known, is refused.
pub struct QueryString<T>(pub T);

/// The path's parameters. What cannot be one is `not-found`.
pub struct PathPart<T>(pub T);

/// The query string of a list without any filter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    pub cursor: Option<String>,
}

/// The query string of an operation that takes none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

pub async fn translator(parts: &mut Parts, app: &Shared) -> Translator {
    let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
    visitor.translator()
}

/// `reason` is serde's; where it names a field, that is the field at fault.
fn malformed(otherwise: &str, path: &serde_path_to_error::Path, reason: &str) -> Refusal {
    let named = ["unknown field `", "missing field `", "duplicate field `"];
    let named = named.into_iter().find_map(|start| reason.split_once(start)?.1.split('`').next());
    let path = Some(path.to_string()).filter(|path| !matches!(path.as_str(), "." | "?"));
    let field = match (&path, named) {
        (Some(path), Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            format!("{path}.{name}")
        }
        (Some(path), _) => path.clone(),
        (None, name) => name.unwrap_or(otherwise).to_owned(),
    };
    // A sender's own text comes back at most in part.
    let (field, reason): (String, String) =
        (field.chars().take(100).collect(), reason.chars().take(300).collect());
    Refusal::invalid(field, Message::new("fault-malformed").with("reason", reason))
}

/// Reads a JSON object, naming the field at fault.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // A struct would be read from an array too.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Refusal::invalid(
            "body",
            Message::new("fault-malformed").with("reason", "not an object"),
        ));
    }
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut *reader)
        .map_err(|error| malformed("body", error.path(), &error.inner().to_string()))?;
    let reason = |error: serde_json::Error| Message::new("fault-malformed").with("reason", error);
    reader.end().map_err(|error| Refusal::invalid("body", reason(error)))?;
    Ok(value)
}

/// The first moment of the day that a query string's `field` names, as in `2026-01-31`.
pub fn day(field: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, Refusal> {
    let parse = |text: &str| Timestamp::parse(text).filter(|_| text.len() == "2026-01-31".len());
    text.map(|text| parse(text).ok_or_else(|| Refusal::invalid(field, Message::new("fault-date"))))
        .transpose()
}

/// For a field that is an object or left out, and no array of its values.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let Some(map) = Option::<serde_json::Map<String, serde_json::Value>>::deserialize(deserializer)? else {
        return Ok(None);
    };
    T::deserialize(serde_json::Value::Object(map)).map(Some).map_err(serde::de::Error::custom)
}

/// The type of a body, without its parameters.
pub fn content_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub fn wrong_type(translator: &Translator, message: &'static str) -> Problem {
    Problem::of_protocol(translator, StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type").at(
        translator,
        "content-type",
        Message::new(message),
    )
}

pub fn too_large(translator: &Translator, bytes_max: usize) -> Problem {
    let message = Message::new("fault-body-size").with("max", bytes_max / 1024);
    Problem::of_protocol(translator, StatusCode::PAYLOAD_TOO_LARGE, "too-large")
        .at(translator, "body", message)
}

pub async fn read_json<T: DeserializeOwned>(body: Body, translator: &Translator) -> Result<T, Problem> {
    json(&read_bytes(body, translator).await?).map_err(|refusal| Problem::new(translator, refusal))
}

async fn read_bytes(body: Body, translator: &Translator) -> Result<Bytes, Problem> {
    let bytes = axum::body::to_bytes(body, limits::BODY_BYTES_MAX).await;
    bytes.map_err(|_| too_large(translator, limits::BODY_BYTES_MAX))
}

impl<T: DeserializeOwned + Send> FromRequest<Shared> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let translator = translator(&mut parts, app).await;
        if content_type(&parts.headers) != "application/json" {
            return Err(wrong_type(&translator, "fault-json-type"));
        }
        Ok(Self(read_json(body, &translator).await?))
    }
}

/// An empty body is none, whatever type it claims to be of, and so is `null`.
impl<T: DeserializeOwned + Send> OptionalFromRequest<Shared> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Option<Self>, Problem> {
        let (mut parts, body) = request.into_parts();
        let translator = translator(&mut parts, app).await;
        let bytes = read_bytes(body, &translator).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if content_type(&parts.headers) != "application/json" {
            return Err(wrong_type(&translator, "fault-json-type"));
        }
        let read: Option<T> = json(&bytes).map_err(|refusal| Problem::new(&translator, refusal))?;
        Ok(read.map(Self))
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for QueryString<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        match serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)) {
            Ok(query) => Ok(Self(query)),
            Err(error) => {
                let refusal = malformed("query", error.path(), &error.inner().to_string());
                Err(Problem::new(&translator(parts, app).await, refusal))
            }
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for PathPart<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, app).await {
            Ok(path) => Ok(Self(path.0)),
            Err(_) => Err(Problem::new(&translator(parts, app).await, Refusal::NotFound)),
        }
    }
}
