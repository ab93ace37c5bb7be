//! What happened to requests, for clients that follow them (mySociety's `servicerequestupdates`).

use axum::response::Response;
use domain::{Cursor, case};
use kernel::Timestamp;
use open311::{Page, ROWS_MAX, UpdateQuery, updates};

use super::{answer::Answer, asked::Asked, request::next_page, view};

pub async fn list(asked: Asked) -> Response {
    asked
        .read(|it| {
            let query = UpdateQuery::read(it.form, it.ctx.now.micros())?;
            let span = (Timestamp::from_micros(query.from), Timestamp::from_micros(query.to));
            let after = it.form.text("cursor").map(Cursor::decode).transpose()?;
            let found = case::published_steps_since(it.ctx, span, after.as_ref(), ROWS_MAX)?;
            let document = updates(&view::updates(it.ctx, it.words, &found.items)?);
            let number = it.form.text("page").and_then(|it| it.parse().ok()).unwrap_or(1_usize);
            let page = Page { number: number.saturating_add(1), rows: ROWS_MAX };
            let next = found.next.map(|cursor| next_page(it, page, &cursor));
            Ok(Answer { next, ..document.into() })
        })
        .await
}
