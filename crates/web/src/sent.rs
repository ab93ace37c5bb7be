//! What browsers send to pages. What cannot be read is told as a page, in the sender's language.

use axum::{
    Json,
    extract::{Form, FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Message, Refusal};
use serde::de::DeserializeOwned;

use crate::{app::Shared, visitor::Visitor};

/// A form without files.
pub struct PageForm<T>(pub T);

/// The query string. Fields that a page does not know are left alone: links from elsewhere carry them.
pub struct PageQuery<T>(pub T);

/// The path's parameters. What cannot be one is not found.
pub struct PagePath<T>(pub T);

async fn refuse(mut parts: Parts, app: &Shared, refusal: Refusal) -> Response {
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, app).await;
    visitor.page(|_, _| Err(refusal)).await
}

fn malformed(field: &str, reason: String) -> Refusal {
    Refusal::invalid(field, Message::new("fault-malformed").with("reason", reason))
}

impl<T: DeserializeOwned + Send> FromRequest<Shared> for PageForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        match Form::<T>::from_request(Request::from_parts(parts.clone(), body), app).await {
            Ok(form) => Ok(Self(form.0)),
            Err(fault) => Err(refuse(parts, app, malformed("body", fault.body_text())).await),
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for PageQuery<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        match Query::<T>::try_from_uri(&parts.uri) {
            Ok(query) => Ok(Self(query.0)),
            Err(fault) => Err(refuse(parts.clone(), app, malformed("query", fault.body_text())).await),
        }
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for PagePath<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(path) => Ok(Self(path.0)),
            Err(_) => Err(refuse(parts.clone(), app, Refusal::NotFound).await),
        }
    }
}

/// Leads on after a form was accepted: to `address` if it is a path of this site, else to `otherwise`.
pub fn lead_on(address: &str, otherwise: &str) -> Response {
    let to = if is_local(address) { address } else { otherwise };
    (StatusCode::SEE_OTHER, [(axum::http::header::LOCATION, to)]).into_response()
}

/// Tells where an answer leads on to, for a script that would only load the page after it.
pub fn led_on_in_json(response: Response) -> Response {
    if response.status() != StatusCode::SEE_OTHER {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let location = parts.headers.remove(axum::http::header::LOCATION);
    let location = location.as_ref().and_then(|it| it.to_str().ok()).unwrap_or("/");
    let body = Json(serde_json::json!({ "location": location }));
    (StatusCode::OK, parts.headers, body).into_response()
}

/// Whether `address` is a path here. Browsers read `//host` and `/\host` as another site's address.
pub fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_led_to() {
        for good in ["/", "/today", "/cases?area=1509&status=open", "/areas/1509#below"] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "",
            "today",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nset-cookie: x",
            "/\t/evil.example",
            "/中",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
