//! Gates: the app of a checkpoint, open verification for everybody and for turnstiles, and the office's pages.

pub mod api;
mod app;
mod known;
mod page;
mod words;

use axum::{Router, routing::get};

pub use known::{BundleSource, Known};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/checkpoint", get(app::checkpoint))
        .route("/checkpoint.webmanifest", get(app::manifest))
        .route("/pass/verify", get(app::open_verification))
        .merge(page::routes())
}
