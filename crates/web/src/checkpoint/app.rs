//! The app of a checkpoint and open verification: the same for everybody, and nobody's.

use askama::Template;
use axum::{
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::words;
use crate::{
    app::Shared,
    asset,
    locale::{LANGUAGES, Translator},
    shell::{self, Shell},
    visitor::{Visitor, origin},
};

/// A scope takes in all that begins with it: without the slash the office's pages under `/checkpoints` too.
pub const APP: &str = "/checkpoint/";
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
/// No other page may look through a camera.
const CAMERA: &str = "geolocation=(), camera=(self), microphone=()";

#[derive(Template)]
#[template(path = "checkpoint/app.html")]
struct AppPage {
    t: Translator,
    assets: &'static str,
    words: String,
}

impl AppPage {
    fn new(app: &Shared, t: Translator) -> Self {
        Self { t, assets: asset::BASE.as_str(), words: words::all(app) }
    }
}

/// Changes with the page and its words, which phones keep until it does.
pub fn revision(app: &Shared) -> String {
    let page = |it| AppPage::new(app, Translator::new(app.locales.clone(), it)).render().unwrap_or_default();
    let digest = Sha256::digest(LANGUAGES.map(page).concat());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Kept on the phone whole: so it says nothing of whoever asked for it.
pub async fn checkpoint(visitor: Visitor) -> Response {
    let page = AppPage::new(&visitor.app, visitor.translator());
    let html = shell::html(StatusCode::OK, &page);
    let html = html.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    ([(PERMISSIONS, CAMERA)], html).into_response()
}

#[derive(Template)]
#[template(path = "checkpoint/verify.html")]
struct VerifyPage {
    shell: Shell,
    words: String,
}

/// Anybody's look at a pass, in their own browser. The page may speak to three public files and to nothing else.
pub async fn open_verification(visitor: Visitor, headers: HeaderMap) -> Response {
    let site = origin(&visitor, &headers);
    let words = words::all(&visitor.app);
    let response = visitor.page(|_, shell| shell::html(StatusCode::OK, &VerifyPage { shell, words })).await;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
         manifest-src 'self'; connect-src {site}/pass/bundle {site}/pass/bundle.tlog-proof {site}/log/policy; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    ([(PERMISSIONS, CAMERA.to_owned()), (header::CONTENT_SECURITY_POLICY, policy)], response).into_response()
}

/// The checkpoint stands on a home screen by itself.
pub async fn manifest(visitor: Visitor) -> Response {
    let (t, assets) = (visitor.translator(), asset::BASE.as_str());
    let icon = |name: &str, size: &str, purpose: &str| json!({ "src": format!("{assets}/{name}.png"), "sizes": size, "type": "image/png", "purpose": purpose });
    let manifest = json!({
        "id": "/checkpoint",
        "name": t.say("gate-title"),
        "short_name": t.say("gate-title"),
        "lang": t.language.tag(),
        "start_url": APP,
        "scope": APP,
        "display": "standalone",
        "orientation": "any",
        "background_color": "#0b1116",
        "theme_color": "#0b1116",
        "icons": [
            icon("icon-192", "192x192", "any"),
            icon("icon-512", "512x512", "any"),
            icon("icon-maskable-512", "512x512", "maskable"),
        ],
    });
    ([(header::CONTENT_TYPE, "application/manifest+json")], manifest.to_string()).into_response()
}
