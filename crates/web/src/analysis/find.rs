//! Open answers to one question, and those among them in which words occur.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Cursor, Window,
    analysis::{self, Piece},
    form,
};
use serde::Deserialize;

use super::asked;
use crate::{
    case::view::{AreaNames, Moment},
    form::{asked::encoded, view::record_address},
    sent::{PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

/// Answers on one page.
const SHOWN: usize = 20;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FindQuery {
    campaign: String,
    question: String,
    text: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "analysis/answers.html")]
struct AnswersPage {
    shell: Shell,
    title: String,
    question: String,
    key: String,
    campaign: String,
    text: String,
    back: String,
    action: String,
    rows: Vec<Row>,
    next: Option<String>,
    read: i64,
}

struct Row {
    pieces: Vec<Piece>,
    address: String,
    at: Moment,
    unit: Option<String>,
}

pub async fn show(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageQuery(query): PageQuery<FindQuery>,
) -> Response {
    visitor
        .page(move |ctx, mut shell| {
            for link in &mut shell.links {
                link.current = link.address == "/forms";
            }
            let campaign = asked::campaign_of(&query.campaign)?;
            let title = form::get(ctx, &form_id)?.form.title;
            let after = Some(query.cursor.as_str()).filter(|it| !it.is_empty());
            let window = Window { limit: SHOWN, after: after.map(Cursor::decode).transpose()? };
            let choose = asked::chooser(shell.t.language);
            let of = asked::of(&form_id, campaign, &choose);
            let found = analysis::search(ctx, &of, &query.question, &query.text, &window)?;
            let names = AreaNames::of(ctx, found.hits.iter().filter_map(|it| it.unit.as_ref()))?;
            let row = |it: &analysis::Hit| Row {
                pieces: it.pieces.clone(),
                address: record_address(&form_id, &it.instance_id),
                at: Moment::date(&shell.t, it.at, ctx.now),
                unit: it.unit.as_ref().map(|it| names.line(it)),
            };
            let same = format!(
                "{}&text={}",
                asked::answers_address(&form_id, campaign, &query.question),
                encoded(&query.text)
            );
            let page = AnswersPage {
                title,
                question: found.question.label.clone(),
                rows: found.hits.iter().map(row).collect(),
                next: found.next.as_ref().map(|it| format!("{same}&cursor={}", it.encode())),
                read: found.read,
                back: asked::address(&form_id, campaign),
                action: asked::below(&form_id, "/answers"),
                key: query.question,
                campaign: query.campaign,
                text: query.text,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}
