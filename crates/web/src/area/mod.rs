//! The tree of areas.

pub mod api;
mod page;
mod view;

pub use page::routes;
