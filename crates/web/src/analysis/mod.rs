//! Analysis of a form's records: figures and charts, one question by another, open answers that are searched, and tables.

pub mod api;
mod asked;
mod file;
mod find;
mod page;
mod view;

use axum::{Router, routing::get};

use crate::app::Shared;

pub(crate) use asked::address;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/forms/{form}/analysis", get(page::show))
        .route("/forms/{form}/analysis/answers", get(find::show))
        .route("/forms/{form}/analysis.xlsx", get(file::workbook))
        .route("/forms/{form}/analysis/answers.csv", get(file::answers))
        .route("/forms/{form}/analysis/codebook.csv", get(file::codebook))
}
