//! Supervision: its list, its block on a case's page, and its API.

pub mod api;
mod page;
pub(crate) mod view;

pub use page::routes;
