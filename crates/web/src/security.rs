//! What guards every answer: headers, and the check that a change was asked for by our own pages.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Refusal;

use crate::{
    app::Shared,
    problem::Problem,
    visitor::{Visitor, cookie, session_cookie},
};

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), "geolocation=(self), camera=(), microphone=()"),
];

pub async fn add_headers(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        // A page that needs a camera, or may speak to less, says so itself.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.settings.secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    // What a person is shown stays out of shared caches; static files say so themselves.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses a change that another site's page asked for. Browsers say where a form came from in
/// `Sec-Fetch-Site` or `Origin`, which no page can forge; a change that says neither and rides on a
/// session's cookie is refused too. Bearer tokens do not ride along, so they need no such check.
pub async fn check_origin(
    State(app): State<Shared>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            origin.parse::<Uri>().ok().and_then(|it| it.authority().map(ToString::to_string)).as_deref()
                == text("host")
        }
        (None, None) => {
            cookie(headers, session_cookie(&app)).is_none() || headers.contains_key(header::AUTHORIZATION)
        }
    };
    if own {
        next.run(request).await
    } else {
        Problem::new(&visitor.translator(), Refusal::Denied).into_response()
    }
}
