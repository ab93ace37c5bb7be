//! The live map of the city, and the wall of a command centre.

pub mod api;
mod page;
mod wall;

pub use api::Figures;
pub(crate) use page::own;
pub use page::routes;
pub use wall::Walls;
