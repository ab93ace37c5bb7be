//! What a person is told.

use askama::Template;
use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{
    Message, Refusal, Window,
    notice::{self, NoticeKind},
};
use serde::Deserialize;

use crate::{
    app::Shared,
    sent::{PageForm, PageQuery, lead_on},
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
    /// Position of the latest notice, on the page that begins with it.
    latest: Option<String>,
    /// Cursor of the notices before these.
    earlier: Option<String>,
}

struct Told {
    words: String,
    /// Of what it is about.
    address: Option<String>,
    notice: notice::Notice,
}

/// Of what a notice is about.
fn address(notice: &notice::Notice) -> Option<String> {
    let of_regime = |page: &str| notice.regime.map(|number| format!("/passes/{number}{page}"));
    match (notice.case, notice.kind) {
        (Some(case), _) => Some(format!("/cases/{case}")),
        (None, NoticeKind::CalendarMissing) => Some(format!("/calendar?year={}", notice.detail)),
        (
            None,
            NoticeKind::RecordReturned
            | NoticeKind::CampaignAsked
            | NoticeKind::CampaignReminded
            | NoticeKind::CampaignDue,
        ) => Some("/forms".to_owned()),
        (None, NoticeKind::CampaignComplete | NoticeKind::CampaignEnded) => Some("/campaigns".to_owned()),
        (None, NoticeKind::ReadingsShown) => Some("/me#readings-title".to_owned()),
        (None, NoticeKind::WitnessSilent | NoticeKind::LogBroken) => Some("/log".to_owned()),
        (None, NoticeKind::PassDecisionWaiting | NoticeKind::PassDecided) => of_regime(""),
        (None, _) => of_regime("/mine"),
    }
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
                address: address(&notice),
                notice,
            };
            let is_first = query.cursor.as_deref().is_none_or(str::is_empty);
            let latest = page.items.first().filter(|_| is_first).map(|it| it.position().encode());
            let notices = page.items.into_iter().map(told).collect();
            shell::html(
                StatusCode::OK,
                &NoticesPage { notices, latest, earlier: page.next.map(|it| it.encode()), shell },
            )
        })
        .await
}

#[derive(Deserialize)]
struct Seen {
    /// Position of the latest notice that was on the page.
    until: Option<String>,
}

async fn read_all(visitor: Visitor, PageForm(form): PageForm<Seen>) -> Response {
    visitor
        .page(move |ctx, _| {
            ctx.person()?;
            let until =
                form.until.ok_or_else(|| Refusal::invalid("until", Message::new("fault-required")))?;
            notice::read_all(ctx, Some(notice::Position::parse(&until)?))?;
            Ok(lead_on("/notices", "/notices"))
        })
        .await
}
