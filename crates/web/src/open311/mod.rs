//! Open311 GeoReport v2 on the case engine: what other cities' apps read and report by.
//!
//! Everybody is shown the same, signed in or not: what `domain::case::published` gives. Reports come by the
//! key of another system. A request's id is the case's id: its number is made of 40 bits of it and need not
//! be the only one of its kind.
//!
//! These operations have an OpenAPI document of their own, for their JSON half: as XML they say the same.

mod answer;
mod asked;
mod bulk;
mod filing;
mod request;
mod service;
mod update;
mod view;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};

use ::open311::Format;
use domain::Refusal;

use crate::{app::Shared, case::upload::UPLOAD_BYTES_MAX, locale::Translator};
use answer::{Failure, plain};
use asked::{Asked, Endpoint};

pub fn routes() -> Router<Shared> {
    Router::new()
        .merge(endpoint(Endpoint::PRODUCTION))
        .merge(endpoint(Endpoint::TEST))
        .route("/open311/discovery.xml", get(service::discovery))
        .route("/open311/discovery.json", get(service::discovery))
        .route("/open311/{*rest}", any(async || plain(StatusCode::NOT_FOUND)))
        .method_not_allowed_fallback(async |asked: Asked| asked.no_such_method())
}

/// What took too long, in the format of its path; none for a path of another room, and for one without a format.
pub fn too_late(path: &str, work: Option<Refusal>, words: &Translator) -> Option<Response> {
    let (_, extension) = path.strip_prefix("/open311/")?.rsplit_once('.')?;
    let failure = work.map_or(Failure::Slow, Failure::Refusal);
    Some(failure.response(Format::of_extension(extension)?, words))
}

/// All methods at one address.
fn endpoint(endpoint: Endpoint) -> Router<Shared> {
    let at = |path: &str| format!("{}{path}", endpoint.path);
    Router::new()
        .route(&at("/openapi.json"), get(document))
        .route(&at("/{file}"), get(read).post(filing::file))
        .route(&at("/requests.csv"), get(bulk::csv))
        .route(&at("/requests.geojsonl"), get(bulk::geojson_lines))
        .route(&at("/services/{file}"), get(service::definition))
        .route(&at("/requests/{file}"), get(request::one))
        .route(&at("/tokens/{file}"), get(request::token))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
        .layer(Extension(endpoint))
}

async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("document.json"))
}

/// The lists, which differ in their file's name alone.
async fn read(asked: Asked) -> Response {
    match asked.name.as_str() {
        "discovery" => service::discovery(asked).await,
        "services" => service::list(asked).await,
        "requests" => request::list(asked).await,
        "servicerequestupdates" => update::list(asked).await,
        _ => asked.not_found().await,
    }
}
