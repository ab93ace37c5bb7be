//! One record, for whoever may read it: what it says, what each version changed, and what was found of it.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Refusal,
    campaign::{self, Campaign},
    form,
};
use serde::Deserialize;

use super::{
    fill, media,
    view::{record_address, records_address},
};
use crate::{
    case::view::{AreaNames, Moment},
    sent::{PageForm, PagePath},
    shell::{self, Shell},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "form/record.html")]
struct RecordPage {
    shell: Shell,
    title: String,
    action: String,
    /// Where the other records are, for those who may read them.
    back: String,
    number: i64,
    name: String,
    state: String,
    review: Option<String>,
    asked: Option<Asked>,
    wrongs: Vec<String>,
    answers: Vec<fill::Answered>,
    comments: Vec<form::Comment>,
    history: Vec<VersionRow>,
    may_review: bool,
    /// Whether the visitor may change it now.
    may_mend: bool,
}

/// The campaign that asked for a record, and when it came.
struct Asked {
    title: String,
    unit: String,
    arrived: Moment,
    finished: Option<Moment>,
    is_late: bool,
}

/// A version of a record, and what it changed.
struct VersionRow {
    number: i64,
    by: String,
    at: Moment,
    state: String,
    /// Question, the answer before, and the answer since; none where there was none before, or it is not known any more.
    changes: Option<Vec<(String, String, String)>>,
}

/// One record with what it says; to read it is journaled.
pub async fn record(visitor: Visitor, PagePath((form_id, instance)): PagePath<(String, String)>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let listed = form::get(ctx, &form_id)?;
            let record = form::record(ctx, &form_id, &instance)?;
            let (filling, findings) =
                form::reading(ctx, &form_id, &instance, &|it| fill::own_of(it, shell.t.language))?;
            let address = record_address(&form_id, &instance);
            let (asked, campaign) = asked(ctx, &shell, &record)?;
            let history = form::history(ctx, &form_id, &instance, &|it| fill::own_of(it, shell.t.language))?;
            let page = RecordPage {
                answers: fill::answers(&shell.t, &filling.pages, Some(&format!("{address}/files"))),
                back: back(ctx, &record, &listed.form, campaign.as_ref()),
                title: listed.form.title,
                action: address,
                asked,
                history: versions(ctx, &shell, &history),
                may_review: form::may_review(ctx, &form_id, &instance)?,
                may_mend: campaign.is_some() && form::may_mend(ctx, &form_id, &instance)?,
                number: record.current.number,
                name: record.current.instance_name.clone().unwrap_or(record.instance_id),
                state: shell.t.say(&format!("forms-state-{}", record.current.state.as_str())),
                review: record.review.map(|it| shell.t.say(&format!("forms-review-{}", it.as_str()))),
                wrongs: fill::wrongs_of_record(&shell.t, &filling.pages, &findings),
                comments: form::comments(ctx, &form_id, &instance)?,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

/// Where one came from: the list of records, or how the campaign stands, or what is asked of oneself.
fn back(ctx: &Ctx, record: &form::Record, form: &form::Form, campaign: Option<&Campaign>) -> String {
    match (&record.unit, campaign) {
        (Some(unit), Some(it)) if campaign::is_seen(ctx, it) => {
            let above = unit.path.parent().filter(|above| campaign::may_see(ctx, above));
            let shown = above.filter(|above| above.is_within(&it.path));
            match shown {
                Some(above) => format!("/campaigns/{}?area={}", it.id, above.code()),
                None => format!("/campaigns/{}", it.id),
            }
        }
        (None, _) if form::may_list_records(ctx, form) => records_address(&form.form_id),
        _ => "/forms".to_owned(),
    }
}

fn asked(
    ctx: &Ctx,
    shell: &Shell,
    record: &form::Record,
) -> Result<(Option<Asked>, Option<campaign::Campaign>), Refusal> {
    let Some(unit) = &record.unit else { return Ok((None, None)) };
    let Some(it) = campaign::record_line(ctx, unit)? else { return Ok((None, None)) };
    let moment = |at| Moment::new(&shell.t, at, ctx.now);
    let asked = Asked {
        title: it.title.clone(),
        unit: AreaNames::of(ctx, std::iter::once(&unit.path))?.line(&unit.path),
        arrived: moment(record.created_at),
        finished: unit.finished_at.map(moment),
        is_late: record.created_at > it.due,
    };
    Ok((Some(asked), Some(it)))
}

/// What each version changed, latest first, question by question.
fn versions(
    ctx: &Ctx,
    shell: &Shell,
    history: &[(form::RecordVersion, Option<String>, xform::check::fill::Filling)],
) -> Vec<VersionRow> {
    let mut rows = Vec::with_capacity(history.len());
    for (at, (version, name, filling)) in history.iter().enumerate() {
        // The one before may be forgotten, or too long ago.
        let before = history.get(at + 1).filter(|(before, ..)| before.number + 1 == version.number);
        rows.push(VersionRow {
            number: version.number,
            by: name.clone().unwrap_or_default(),
            at: Moment::new(&shell.t, version.sent_at, ctx.now),
            state: shell.t.say(&format!("forms-state-{}", version.state.as_str())),
            changes: before.map(|(_, _, before)| fill::changes(&shell.t, before, filling)),
        });
    }
    rows
}

#[derive(Deserialize)]
pub struct ReviewForm {
    /// Of the version that was read.
    number: i64,
    review: String,
    #[serde(default)]
    body: String,
}

/// Accepts a record, or gives it back with grounds.
pub async fn review(
    visitor: Visitor,
    PagePath((form_id, instance)): PagePath<(String, String)>,
    PageForm(sent): PageForm<ReviewForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            let review = form::Review::parse(&sent.review).ok_or(Refusal::NotFound)?;
            form::judge(ctx, &form_id, (&instance, sent.number), review, &sent.body)?;
            Ok(Redirect::to(&record_address(&form_id, &instance)).into_response())
        })
        .await
}

/// A file of a record.
pub async fn file(
    visitor: Visitor,
    PagePath((form_id, instance, name)): PagePath<(String, String, String)>,
) -> Response {
    visitor
        .page(move |ctx, _| Ok(media::bytes(&name, form::record_file(ctx, &form_id, &instance, &name)?)))
        .await
}
