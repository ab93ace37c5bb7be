//! One's notices, by JSON.

use axum::{Json, http::StatusCode};
use domain::{Window, notice};
use kernel::Id;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::Shared,
    problem::{Problem, ReadErrors, WriteErrors},
    request::{JsonBody, Nothing, QueryString},
    visitor::Visitor,
};

pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read_all))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NoticeQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct NoticePage {
    items: Vec<NoticeItem>,
    /// How many are unread, on all pages; 100 stands for 100 or more.
    #[schema(maximum = 100)]
    unread: i64,
    /// Position of the first item, for /notices/read; none of an empty page.
    latest: Option<String>,
    /// Cursor of the next page; none on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct NoticeItem {
    id: Uuid,
    /// A word for programs, such as `case-waiting`.
    kind: &'static str,
    /// In the language asked for.
    text: String,
    case: Option<Uuid>,
    #[schema(format = DateTime)]
    at: String,
    read: bool,
}

/// One's notices, latest first.
#[utoipa::path(
    get, path = "/api/v1/notices", tag = "notices", params(NoticeQuery), security(("session" = [])),
    responses((status = 200, description = "A page of them", body = NoticePage), ReadErrors)
)]
async fn list(
    visitor: Visitor,
    QueryString(query): QueryString<NoticeQuery>,
) -> Result<Json<NoticePage>, Problem> {
    let t = visitor.translator();
    let found = visitor.api(move |ctx| {
        ctx.person()?;
        let page = notice::list(ctx, &Window::parse(query.limit, query.cursor.as_deref())?)?;
        Ok((page, notice::unread(ctx)?))
    });
    let (page, unread) = found.await?;
    let item = |it: notice::Notice| NoticeItem {
        id: it.id.uuid(),
        kind: it.kind.as_str(),
        text: t.with(&format!("notice-{}", it.kind.as_str()), "detail", &it.detail),
        case: it.case.map(Id::uuid),
        at: it.at.to_string(),
        read: it.read,
    };
    let latest = page.items.first().map(|it| it.position().encode());
    let items = page.items.into_iter().map(item).collect();
    Ok(Json(NoticePage { items, unread, latest, next: page.next.map(|it| it.encode()) }))
}

/// Up to where one has seen one's notices.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SeenBody {
    /// `latest` of the page that was shown.
    #[schema(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    until: String,
}

/// One's notices have been seen, up to the one named in `until` and with it. What was seen stays seen.
///
/// Without a body all that there are by now count as seen, also one that came in unshown: whoever shows notices to a
/// person says `until`.
#[utoipa::path(
    post, path = "/api/v1/notices/read", tag = "notices", security(("session" = [])),
    request_body = Option<SeenBody>,
    responses((status = 204, description = "None up to there is unread"), WriteErrors)
)]
async fn read_all(
    visitor: Visitor,
    _: QueryString<Nothing>,
    body: Option<JsonBody<SeenBody>>,
) -> Result<StatusCode, Problem> {
    let read = visitor.api(move |ctx| {
        ctx.person()?;
        let until = body.map(|JsonBody(it)| notice::Position::parse(&it.until)).transpose()?;
        notice::read_all(ctx, until)
    });
    read.await?;
    Ok(StatusCode::NO_CONTENT)
}
