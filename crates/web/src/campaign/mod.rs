//! Campaigns: sending them, how they stand, who is silent, and what is asked of somebody.

pub mod api;
mod ask;
mod file;
mod page;
pub(crate) mod view;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/campaigns", get(page::list).post(ask::send))
        .route("/campaigns/new", get(ask::new))
        .route("/campaigns/{id}", get(page::progress))
        .route("/campaigns/{id}/units", get(page::units))
        .route("/campaigns/{id}/units.csv", get(file::csv))
        .route("/campaigns/{id}/begin", post(page::begin))
        .route("/campaigns/{id}/remind", post(page::remind))
        .route("/campaigns/{id}/end", post(page::end))
}
