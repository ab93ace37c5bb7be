//! Who read whom, and the log in which that is sealed.

pub mod api;
mod page;
pub(crate) mod view;

pub use page::routes;
