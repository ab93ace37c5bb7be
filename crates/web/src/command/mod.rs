//! The live map of the city.

pub mod api;
mod page;

pub(crate) use page::own;
pub use page::routes;
