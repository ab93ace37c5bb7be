//! Evaluation: figures of the loop by area and by body, as a page, as CSV and as JSON.

pub mod api;
mod page;
mod view;

pub use page::routes;
