//! What a person is told.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{Window, notice};
use serde::Deserialize;

use crate::{
    app::Shared,
    form::{PageQuery, lead_on},
    shell::{self, Shell},
    visitor::Visitor,
};

pub fn routes() -> Router<Shared> {
    Router::new().route("/notices", get(list)).route("/notices/read", post(read_all))
}

#[derive(Template)]
#[template(path = "notice/list.html")]
struct NoticesPage {
    shell: Shell,
    notices: Vec<Told>,
    /// Cursor of the notices before these.
    earlier: Option<String>,
}

struct Told {
    words: String,
    notice: notice::Notice,
}

#[derive(Deserialize)]
struct NoticesQuery {
    cursor: Option<String>,
}

async fn list(visitor: Visitor, PageQuery(query): PageQuery<NoticesQuery>) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let page = notice::list(ctx, &Window::parse(None, query.cursor.as_deref())?)?;
            let told = |notice: notice::Notice| Told {
                words: shell.t.with(&format!("notice-{}", notice.kind.as_str()), "detail", &notice.detail),
                notice,
            };
            let notices = page.items.into_iter().map(told).collect();
            shell::html(
                StatusCode::OK,
                &NoticesPage { notices, earlier: page.next.map(|it| it.encode()), shell },
            )
        })
        .await
}

async fn read_all(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, _| {
            notice::read_all(ctx)?;
            Ok(lead_on("/notices", "/notices"))
        })
        .await
}
