//! The campaigns that somebody may see.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Window,
    campaign::{self, Counts},
};
use serde::Deserialize;

use super::view::Standing;
use crate::{
    case::view::AreaNames,
    sent::PageQuery,
    shell::{self, Shell},
    visitor::Visitor,
};

/// Campaigns on one page: of each that runs the figures are counted.
const LIST_ROWS: usize = 20;

#[derive(Template)]
#[template(path = "campaign/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<ListRow>,
    next: Option<String>,
    may_send: bool,
}

struct ListRow {
    title: String,
    period: String,
    place: String,
    address: String,
    standing: Standing,
    /// Of one that has not ended.
    counts: Option<Counts>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Behind {
    cursor: String,
}

pub async fn list(visitor: Visitor, PageQuery(behind): PageQuery<Behind>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let window = Window::parse(Some(LIST_ROWS as i64), Some(&behind.cursor))?;
            let found = campaign::list(ctx, &window)?;
            let names = AreaNames::of(ctx, found.items.iter().map(|(it, _)| &it.path))?;
            let mut rows = Vec::with_capacity(found.items.len());
            for (it, _) in &found.items {
                let standing = Standing::new(&shell.t, it, ctx.now);
                let is_counted = !standing.is_ended;
                let counts = is_counted.then(|| campaign::progress(ctx, it.id, None)).transpose()?;
                rows.push(ListRow {
                    title: it.title.clone(),
                    period: it.period.clone(),
                    place: names.line(&it.path),
                    address: format!("/campaigns/{}", it.id),
                    counts: counts.map(|it| it.counts),
                    standing,
                });
            }
            let page = ListPage {
                rows,
                next: found.next.map(|it| format!("/campaigns?cursor={}", it.encode())),
                may_send: campaign::sending_area(ctx).is_some(),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}
