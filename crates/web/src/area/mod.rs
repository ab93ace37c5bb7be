//! The tree of areas.

pub mod api;
mod page;

pub use page::routes;
