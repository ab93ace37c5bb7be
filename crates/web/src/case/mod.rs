//! Cases: reporting, following, the page of a case, lists, and their API.

mod act;
mod admission;
pub mod api;
mod case_view;
mod follow;
pub mod list;
mod page;
mod place;
mod published;
pub(crate) mod record;
mod related;
mod relief;
mod report;
mod step;
mod timeline;
pub(crate) mod typed;
pub(crate) mod upload;
pub(crate) mod view;

pub use page::routes;
