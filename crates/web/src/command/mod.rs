//! The live map of the city.

pub mod api;
mod page;

pub use page::routes;
