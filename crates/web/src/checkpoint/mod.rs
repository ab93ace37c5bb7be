//! Gates: the app of a checkpoint, open verification for everybody and for turnstiles, and the office's pages.

pub mod api;
mod app;
mod known;
mod page;
mod words;

use axum::{Router, response::Redirect, routing::get};

pub use app::revision;
pub use known::{BundleSource, Known};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route(app::APP, get(app::checkpoint))
        // What stands behind the `#` of a link goes along.
        .route("/checkpoint", get(|| async { Redirect::permanent(app::APP) }))
        .route("/checkpoint.webmanifest", get(app::manifest))
        .route("/pass/verify", get(app::open_verification))
        .merge(page::routes())
}
