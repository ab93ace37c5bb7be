//! Evaluation: figures of the loop by area, body and post, as a page, as CSV and XLSX and as JSON.

pub mod api;
mod claim;
mod claim_api;
mod page;
pub mod table;
pub(crate) mod view;
mod work;
mod work_api;

pub use page::routes;
