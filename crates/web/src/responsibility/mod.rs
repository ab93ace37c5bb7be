//! The list of responsibilities: who has to do with what, where.

pub mod api;
mod page;
mod view;

pub use page::routes;
pub(crate) use view::Duty;
