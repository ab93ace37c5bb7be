//! Styles, scripts and icons, under an address that changes with their content.

use std::{borrow::Cow, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::RustEmbed;

use crate::app::Shared;

#[derive(RustEmbed)]
#[folder = "../../web-ui/dist"]
struct Files;

/// `/static/<hash>`, from the bundle's manifest.
pub static BASE: LazyLock<String> = LazyLock::new(|| {
    let manifest = read("manifest.json").unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    format!("/static/{}", manifest["hash"].as_str().unwrap_or("0"))
});

/// A file of the bundle.
pub fn read(name: &str) -> Option<Cow<'static, [u8]>> {
    Files::get(name).map(|file| file.data)
}

pub fn routes() -> Router<Shared> {
    Router::new().route("/static/{hash}/{name}", get(file))
}

async fn file(Path((_, name)): Path<(String, String)>) -> Response {
    let Some(file) = read(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, file).into_response()
}
