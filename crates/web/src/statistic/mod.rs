//! Statistics: the figures of an area, what lies behind each, and table files.

pub mod api;
mod page;
mod view;

pub use page::routes;
