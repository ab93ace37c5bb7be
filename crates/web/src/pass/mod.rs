//! Passes: what checkpoints take along, what everybody may know of a regime, one's own passes, and the offices' pages.

mod checkpoint;

use axum::{Router, routing::get};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/pass/bundle", get(checkpoint::bundle))
        .route("/pass/bundle.tlog-proof", get(checkpoint::proof))
}
