//! Statistics: the figures of an area, what lies behind each, and table files.

pub mod api;
mod data_set;
mod map;
mod page;
mod pivot;
mod view;

use axum::Router;

use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    page::routes().merge(pivot::routes()).merge(data_set::routes())
}
