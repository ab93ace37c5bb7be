//! The tree of areas.

pub mod api;
mod choice;
mod page;
mod view;

pub use choice::around_posts;
pub use page::routes;
