//! Notices to a person.

pub mod api;
mod page;

pub use page::routes;
