//! Forms as ODK's clients know them: OpenRosa for phones (ODK Collect), and the REST API of ODK Central for programs
//! (pyodk). A project is an area in whose name forms are published; its number is the area's code.
//!
//! Under `/v1/key/{token}` the same is there for an app user, whose token stands in the address: it is never logged.

mod answer;
mod app_user;
pub(crate) mod asked;
mod control;
mod definition;
pub(crate) mod fill;
mod left;
mod media;
mod odata;
mod office;
mod openrosa;
mod page;
mod reading;
mod record;
mod session;
pub(crate) mod view;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Uri,
    routing::{any, get, patch, post},
};

use kernel::limits;

use crate::app::Shared;
use answer::Failure;
use asked::Asked;

/// Parts of a path behind which a secret stands: the token of an app user, or of a session.
const BEFORE_SECRETS: [&str; 2] = ["key", "sessions"];

/// Pages for those who answer, and for those who ask.
pub fn pages() -> Router<Shared> {
    Router::new()
        .route("/forms", get(page::list))
        .route("/forms/office", get(office::overview).post(office::publish))
        .route("/forms/{form}/begin", post(page::begin))
        .route("/forms/{form}/state", post(office::set_state))
        .route("/forms/{form}/publish", post(office::publish_draft))
        .route("/forms/{form}/records", get(office::records))
        .route("/forms/{form}/records/{instance}", get(reading::record))
        .route("/forms/{form}/records/{instance}/files/{name}", get(reading::file))
        .route("/forms/{form}/records/{instance}/review", post(reading::review))
        .route("/forms/{form}/records/{instance}/mend", post(page::mend))
        .route("/forms/drafts/{draft}", get(fill::show).post(fill::keep))
        .route("/forms/drafts/{draft}/send", post(fill::send))
        .route("/forms/drafts/{draft}/discard", post(page::discard))
        .layer(DefaultBodyLimit::max(limits::SUBMISSION_REQUEST_BYTES_MAX))
}

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/sessions", post(session::sign_in))
        .route("/v1/sessions/{session}", axum::routing::delete(session::sign_out))
        .route("/v1/users/current", get(session::current))
        .route("/v1/projects", get(session::projects))
        .nest("/v1/projects/{project}", project())
        .nest("/v1/key/{token}/projects/{project}", project())
        .layer(DefaultBodyLimit::max(limits::SUBMISSION_REQUEST_BYTES_MAX))
        .route("/v1/{*rest}", any(async |asked: Asked| asked.failed(Failure::NoRoute)))
        .method_not_allowed_fallback(async |asked: Asked| asked.failed(Failure::NoMethod))
}

fn project() -> Router<Shared> {
    Router::new()
        .route("/", get(session::project))
        .route("/formList", get(openrosa::form_list))
        .route("/submission", get(openrosa::ready).head(openrosa::ready).post(openrosa::submit))
        .route("/app-users", get(app_user::list).post(app_user::issue))
        .route("/app-users/{app_user}", axum::routing::delete(app_user::revoke))
        .route("/forms", get(definition::list).post(definition::create))
        .route("/forms/{form}", get(definition::one).patch(definition::set_state))
        .route("/forms/{form}/fields", get(odata::fields))
        .route("/forms/{form}/submissions.csv", get(odata::csv))
        .route("/forms/{form}/submissions.csv.zip", get(odata::archive))
        .route("/forms/{form}/{*table}", get(odata::below))
        .route("/forms/{form}/versions", get(definition::versions))
        .route("/forms/{form}/manifest", get(openrosa::manifest))
        .route("/forms/{form}/attachments", get(media::list))
        .route("/forms/{form}/attachments/{name}", get(media::download))
        .route("/forms/{form}/assignments/{role}/{app_user}", post(app_user::assign))
        .route("/forms/{form}/draft", get(definition::draft).post(definition::set_draft))
        .route("/forms/{form}/draft/publish", post(definition::publish))
        .route("/forms/{form}/draft/attachments", get(media::list_of_draft))
        .route("/forms/{form}/draft/attachments/{name}", post(media::put))
        .route("/forms/{form}/submissions", get(record::list).post(record::create))
        .route(
            "/forms/{form}/submissions/{instance}",
            patch(record::review).get(record::one).put(record::edit),
        )
        .route("/forms/{form}/submissions/{instance}/versions", get(record::versions))
        .route("/forms/{form}/submissions/{instance}/comments", get(record::comments).post(record::comment))
        .route("/forms/{form}/submissions/{instance}/attachments", get(record::files))
        .route(
            "/forms/{form}/submissions/{instance}/attachments/{name}",
            get(record::file).post(record::put_file),
        )
}

/// The address as it may be logged: without the token of an app user.
pub fn loggable(uri: &Uri) -> String {
    let mut is_secret = false;
    let shown = uri.path().split('/').map(|part| {
        let hidden = std::mem::replace(&mut is_secret, BEFORE_SECRETS.contains(&part));
        if hidden { "…" } else { part }
    });
    shown.collect::<Vec<_>>().join("/")
}

/// What a client is told that waits too long, or comes by a wrong way.
pub fn is_asked(path: &str) -> bool {
    path.starts_with("/v1/")
}
