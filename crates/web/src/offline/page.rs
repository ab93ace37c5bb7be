use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::{
    app::Shared,
    asset,
    shell::{self, Shell},
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/outbox", get(outbox))
        .route("/manifest.webmanifest", get(manifest))
        .route("/service-worker.js", get(service_worker))
}

#[derive(Template)]
#[template(path = "offline/outbox.html")]
struct OutboxPage {
    shell: Shell,
}

/// For everybody, and what is shown where a page is not on the phone: its words come from here, what it lists from
/// the browser.
async fn outbox(visitor: Visitor) -> Response {
    visitor.page(|_, shell| shell::html(StatusCode::OK, &OutboxPage { shell })).await
}

/// What a phone needs to put the site on its home screen (W3C Web Application Manifest).
async fn manifest(visitor: Visitor) -> Response {
    let t = visitor.translator();
    let assets = asset::BASE.as_str();
    let icon = |size: u32, purpose: &str| {
        let name = if purpose == "maskable" { "icon-maskable" } else { "icon" };
        let sizes = format!("{size}x{size}");
        json!({ "src": format!("{assets}/{name}-{size}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose })
    };
    let shortcut = |name: &str, url: &str| json!({ "name": t.say(name), "url": url });
    let manifest = json!({
        "id": "/",
        "name": t.say("app-name"),
        "short_name": t.say("brand"),
        "description": t.say("app-description"),
        "lang": t.language.tag(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f6f8",
        "theme_color": "#0a2e43",
        "icons": [icon(192, "any"), icon(512, "any"), icon(512, "maskable")],
        "shortcuts": [
            shortcut("nav-today", "/today"),
            shortcut("nav-report", "/report"),
            shortcut("outbox-title", "/outbox"),
        ],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response()
}

/// The same script for everybody. It changes with the bundle whose files it keeps and with the page of the gate's app, so
/// that browsers see a new one.
async fn service_worker(State(app): State<Shared>) -> Response {
    let Some(script) = asset::read("service-worker.js") else { return StatusCode::NOT_FOUND.into_response() };
    let gate = crate::checkpoint::revision(&app);
    let mut text = format!("const ASSETS = \"{}\";\nconst GATE = \"{gate}\";\n", *asset::BASE).into_bytes();
    text.extend_from_slice(&script);
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("service-worker-allowed"), "/"),
    ];
    (headers, text).into_response()
}
