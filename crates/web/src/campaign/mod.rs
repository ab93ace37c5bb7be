//! Campaigns: sending them, how they stand, who is silent, and what is asked of somebody.

mod act;
pub mod api;
mod ask;
mod at;
mod file;
mod list;
mod progress;
mod read;
mod units;
pub(crate) mod view;

use axum::{
    Router,
    routing::{get, post},
};

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/campaigns", get(list::list).post(ask::send))
        .route("/campaigns/new", get(ask::new))
        .route("/campaigns/{id}", get(progress::progress))
        .route("/campaigns/{id}/units", get(units::units))
        .route("/campaigns/{id}/units.csv", get(file::csv))
        .route("/campaigns/{id}/begin", post(act::begin))
        .route("/campaigns/{id}/remind", post(act::remind))
        .route("/campaigns/{id}/end", post(act::end))
}
