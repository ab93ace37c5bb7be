//! The addresses of cases and who answers at them.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use super::{act, follow, list, place, published, record, relief, report, upload::UPLOAD_BYTES_MAX};
use crate::app::Shared;

pub fn routes() -> Router<Shared> {
    let with_photos = Router::new()
        .route("/report", get(place::form).post(report::report))
        .route("/follow/{token}/{transition}", post(follow::advance))
        .route("/cases/{id}/{transition}", post(act::advance))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX));
    Router::new()
        .merge(with_photos)
        .route("/follow", get(follow::find_form).post(follow::find))
        .route("/follow/{token}", get(follow::page))
        .route("/follow/{token}/notes", post(follow::add_note))
        .route("/follow/{token}/withhold", post(follow::withhold))
        .route("/follow/{token}/photos/{photo}", get(follow::photo))
        .route("/follow/{token}/readings/{entry}", get(follow::proof))
        .route("/cases", get(list::all))
        .route("/cases/{id}", get(record::page))
        .route("/cases/{id}/notes", post(act::add_note))
        .route("/cases/{id}/withhold", post(act::withhold))
        .route("/cases/{id}/merge", post(act::merge))
        .route("/cases/{id}/unmerge", post(act::unmerge))
        .route("/published/{id}", get(published::page))
        .route("/cases/{id}/ruling", post(act::list_ruling))
        .route("/cases/{id}/relief", post(relief::ask))
        .route("/cases/{id}/relief/decision", post(relief::decide))
        .route("/cases/{id}/relief/end", post(relief::end))
        .route("/cases/{id}/contact", post(act::show_contact))
        .route("/cases/{id}/photos/{photo}", get(act::photo))
        .route("/cases/{id}/readings/{entry}", get(act::proof))
        .route("/today", get(list::today))
        .route("/board", get(list::board))
        .route("/work", get(list::work))
        .route("/supervise", get(list::supervise))
}
