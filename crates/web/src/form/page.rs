//! The forms that are asked of somebody: begun, gone on with, sent and mended.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::form::{self, Judged};
use kernel::{Id, Submission};
use serde::Deserialize;

use super::{
    fill,
    view::{record_address, standing},
};
use crate::{
    locale::Translator,
    sent::{PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

/// What happened before the list is shown.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct News {
    sent: Option<String>,
}

#[derive(Template)]
#[template(path = "form/list.html")]
struct ListPage {
    shell: Shell,
    news: Option<String>,
    /// What is asked by a day, first due first.
    asked: Vec<crate::campaign::view::MineRow>,
    sees_campaigns: bool,
    forms: Vec<FormRow>,
    drafts: Vec<DraftRow>,
    sent: Vec<SentRow>,
    may_publish: bool,
}

struct FormRow {
    begin: String,
    title: String,
    place: String,
}

struct DraftRow {
    address: String,
    title: String,
    is_edit: bool,
    at: kernel::Timestamp,
}

struct SentRow {
    title: String,
    state: String,
    /// Where it is mended; of those that need it.
    mend: Option<String>,
    /// Why it was given back.
    why: Option<String>,
    at: kernel::Timestamp,
}

pub async fn list(visitor: Visitor, PageQuery(news): PageQuery<News>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let asked = crate::campaign::view::mine(ctx, &shell)?;
            // What is asked by a day is begun there, and not twice; once it is answered, the form may be wanted for more.
            let mut forms = form::asked(ctx)?;
            forms.retain(|it| !asked.iter().any(|mine| mine.is_silent && mine.form_id == it.form.form_id));
            let names = crate::case::view::AreaNames::of(ctx, forms.iter().map(|it| &it.form.area_path))?;
            let may_publish = form::publishing_area(ctx).is_some();
            let page = ListPage {
                news: news.sent.as_deref().and_then(|state| news_of(&shell.t, state)),
                forms: forms
                    .into_iter()
                    .map(|it| FormRow {
                        begin: format!("/forms/{}/begin", super::asked::encoded(&it.form.form_id)),
                        place: names.line(&it.form.area_path),
                        title: it.form.title,
                    })
                    .collect(),
                drafts: form::drafts(ctx)?
                    .into_iter()
                    .map(|it| DraftRow {
                        address: fill::address(it.id),
                        title: it.title,
                        is_edit: it.replaces.is_some(),
                        at: it.updated_at,
                    })
                    .collect(),
                sent: form::own(ctx)?.into_iter().map(|it| sent_row(&shell.t, it)).collect(),
                may_publish,
                asked,
                sees_campaigns: domain::campaign::sees_any(ctx),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

fn news_of(t: &Translator, state: &str) -> Option<String> {
    let state = Judged::parse(state)?;
    Some(t.say(&format!("forms-news-{}", state.as_str())))
}

fn sent_row(t: &Translator, it: form::Own) -> SentRow {
    let is_returned = matches!(it.review, Some(form::Review::HasIssues | form::Review::Rejected));
    SentRow {
        why: it.comment.filter(|_| is_returned),
        title: it.title,
        state: t.say(standing(it.review, it.state).0),
        mend: it.is_to_mend.then(|| format!("{}/mend", record_address(&it.form_id, &it.instance_id))),
        at: it.updated_at,
    }
}

pub async fn begin(visitor: Visitor, PagePath(form_id): PagePath<String>) -> Response {
    visitor
        .page(move |ctx, _| {
            let id = form::begin(ctx, &form_id)?;
            Ok(Redirect::to(&fill::address(id)).into_response())
        })
        .await
}

pub async fn mend(visitor: Visitor, PagePath((form_id, instance)): PagePath<(String, String)>) -> Response {
    visitor
        .page(move |ctx, _| {
            let id = form::mend(ctx, &form_id, &instance)?;
            Ok(Redirect::to(&fill::address(id)).into_response())
        })
        .await
}

pub async fn discard(visitor: Visitor, PagePath(id): PagePath<Id<Submission>>) -> Response {
    visitor
        .page(move |ctx, _| {
            form::discard(ctx, id)?;
            Ok(Redirect::to("/forms").into_response())
        })
        .await
}
