//! The calendar of an area: how its people work in a year.

pub mod api;
mod page;
mod view;

pub use page::routes;
