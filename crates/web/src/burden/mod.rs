//! What forms cost those who fill them in: the ledger of an area, and the limits of a tier above.

pub mod api;
mod page;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new().route("/burden", get(page::show)).route("/burden/limit", post(page::set_limit))
}
