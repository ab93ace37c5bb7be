//! For whoever asks: forms with their counts, publishing, and what was sent.

use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Refusal, Window, campaign,
    form::{self, FormState, NamedBytes, Publication, PublishError, Terms},
};
use kernel::limits;
use serde::Deserialize;

use super::{
    answer::Failure,
    asked::encoded,
    fill::{self, signed_in},
    left::refusal,
    media,
    openrosa::read_part,
};
use crate::{
    app::Shared,
    case::view::{AreaNames, Moment},
    memory::Share,
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

/// Records on one page.
const RECORDS_SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "form/office.html")]
struct OfficePage {
    shell: Shell,
    place: String,
    rows: Vec<Row>,
    /// What is wrong with the form that was sent.
    faults: Vec<String>,
    answer_days: i64,
    answer_days_max: i64,
}

struct Row {
    address: String,
    title: String,
    place: String,
    state: String,
    counts: form::Counts,
}

pub async fn overview(visitor: Visitor) -> Response {
    visitor.page(|ctx, shell| shown(ctx, shell, Vec::new())).await
}

fn shown(ctx: &Ctx, shell: Shell, faults: Vec<String>) -> Result<Response, Refusal> {
    ctx.person()?;
    let own = form::publishing_area(ctx).ok_or(Refusal::Denied)?;
    let forms: Vec<form::Listed> =
        form::all(ctx)?.into_iter().filter(|it| it.form.area_path.is_within(own)).collect();
    let names = AreaNames::of(ctx, forms.iter().map(|it| &it.form.area_path).chain(std::iter::once(own)))?;
    let mut rows = Vec::new();
    for it in &forms {
        rows.push(Row {
            address: format!("/forms/{}/records", encoded(&it.form.form_id)),
            title: it.form.title.clone(),
            place: names.line(&it.form.area_path),
            state: shell.t.say(&state_words(it.form.version.is_some(), it.form.state)),
            counts: form::counts(ctx, &it.form.form_id)?,
        });
    }
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (answer_days, answer_days_max) = (limits::ANSWER_DAYS_DEFAULT, limits::ANSWER_DAYS_MAX);
    shell::html(
        status,
        &OfficePage { place: names.line(own), rows, faults, answer_days, answer_days_max, shell },
    )
}

fn state_words(is_published: bool, state: FormState) -> String {
    if is_published { format!("forms-form-{}", state.as_str()) } else { "forms-form-draft".to_owned() }
}

/// A form as an office sends it: one file, and those that it names.
#[derive(Default)]
struct Sent {
    form: Option<NamedBytes>,
    files: Vec<NamedBytes>,
    refuses_invalid: bool,
    answer_days: i64,
}

impl Sent {
    async fn read(request: Request, app: &Shared, share: &mut Share) -> Result<Self, Failure> {
        let unreadable =
            |fault: axum::extract::multipart::MultipartError| Failure::Unreadable(fault.body_text());
        let parts = Multipart::from_request(request, app).await;
        let mut parts = parts.map_err(|fault| Failure::Unreadable(fault.body_text()))?;
        let (mut sent, mut left) = (Self::default(), limits::SUBMISSION_REQUEST_BYTES_MAX);
        while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().unwrap_or_default().to_owned();
            let bytes = read_part(&mut part, share, limits::FORM_FILE_BYTES_MAX, &mut left).await?;
            let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
            match name.as_str() {
                "form" if !bytes.is_empty() => sent.form = Some(NamedBytes { name: file, bytes }),
                "files" if !bytes.is_empty() => sent.files.push(NamedBytes { name: file, bytes }),
                "refuses_invalid" => sent.refuses_invalid = text() == "yes",
                "answer_days" => sent.answer_days = text().parse().unwrap_or_default(),
                _ => {}
            }
        }
        Ok(sent)
    }
}

pub async fn publish(visitor: Visitor, request: Request) -> Response {
    if let Err(refusal) = signed_in(&visitor).await {
        return visitor.page(|_, _| Err(refusal)).await;
    }
    let app = visitor.app.clone();
    let mut share = app.photo_memory.share(visitor.address);
    let sent = Sent::read(request, &app, &mut share).await;
    visitor
        .page(move |ctx, shell| {
            let _share = share;
            let sent = sent.map_err(|failure| refusal(&shell.t, failure))?;
            ctx.person()?;
            let area = form::publishing_area(ctx).ok_or(Refusal::Denied)?.code().to_owned();
            let Some(form) = sent.form else {
                let fault = shell.t.say("forms-no-form-file");
                return shown(ctx, shell, vec![fault]);
            };
            let terms = Terms { refuses_invalid: sent.refuses_invalid, answer_days: sent.answer_days };
            let new = Publication {
                area,
                organization: ctx.actor.appointments.first().map(|it| it.organization),
                file_name: form.name,
                bytes: form.bytes,
                files: sent.files,
                terms,
            };
            match form::publish(ctx, &new) {
                Ok(published) => {
                    let to = format!("/forms/{}/records", encoded(&published.form.form_id));
                    Ok(Redirect::to(&to).into_response())
                }
                Err(PublishError::Faults(faults) | PublishError::Types(faults)) => {
                    shown(ctx, shell, faults.iter().map(ToString::to_string).collect())
                }
                Err(PublishError::Refusal(Refusal::Conflict(message))) => {
                    let fault = shell.t.message(&message);
                    shown(ctx, shell, vec![fault])
                }
                Err(PublishError::Refusal(refusal)) => Err(refusal),
            }
        })
        .await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Behind {
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "form/records.html")]
struct RecordsPage {
    shell: Shell,
    title: String,
    action: String,
    version: String,
    state: FormState,
    is_published: bool,
    counts: form::Counts,
    rows: Vec<RecordRow>,
    earlier: Option<String>,
}

struct RecordRow {
    name: String,
    sender: String,
    state: String,
    is_bad: bool,
    review: Option<String>,
    at: kernel::Timestamp,
    address: String,
}

/// What was sent for a form, without what it says.
pub async fn records(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageQuery(behind): PageQuery<Behind>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let listed = form::get(ctx, &form_id)?;
            let mut window = Window::first(RECORDS_SHOWN);
            window.after = behind.cursor.as_deref().map(domain::Cursor::decode).transpose()?;
            let page = form::records(ctx, &form_id, &window)?;
            let senders: Vec<form::Sender> = page.items.iter().map(|it| it.sender).collect();
            let names = form::sender_names(ctx, &form_id, &senders)?;
            let base = format!("/forms/{}/records", encoded(&form_id));
            let row = |(it, sender): (&form::Record, Option<String>)| RecordRow {
                name: it.current.instance_name.clone().unwrap_or_else(|| it.instance_id.clone()),
                sender: sender.unwrap_or_default(),
                state: shell.t.say(&format!("forms-state-{}", it.current.state.as_str())),
                is_bad: it.current.state == form::Judged::Invalid,
                review: it.review.map(|review| shell.t.say(&format!("forms-review-{}", review.as_str()))),
                at: it.updated_at,
                address: format!("{base}/{}", encoded(&it.instance_id)),
            };
            let rows = page.items.iter().zip(names).map(row).collect();
            let page = RecordsPage {
                rows,
                earlier: page.next.map(|it| it.encode()),
                title: listed.form.title,
                action: format!("/forms/{}", encoded(&form_id)),
                version: listed.version.version,
                state: listed.form.state,
                is_published: listed.form.version.is_some(),
                counts: form::counts(ctx, &form_id)?,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

#[derive(Deserialize)]
pub struct StateForm {
    state: String,
}

pub async fn set_state(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageForm(sent): PageForm<StateForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            let state = FormState::parse(&sent.state).ok_or(Refusal::NotFound)?;
            form::set_state(ctx, &form_id, state)?;
            Ok(Redirect::to(&format!("/forms/{}/records", encoded(&form_id))).into_response())
        })
        .await
}

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
    /// Question, the answer before, and the answer since.
    changes: Vec<(String, String, String)>,
}

/// One record with what it says; to read it is journaled.
pub async fn record(visitor: Visitor, PagePath((form_id, instance)): PagePath<(String, String)>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let listed = form::get(ctx, &form_id)?;
            let record = form::record(ctx, &form_id, &instance)?;
            let (filling, findings) =
                form::reading(ctx, &form_id, &instance, &|it| fill::own_of(it, shell.t.language))?;
            let base = format!("/forms/{}/records", encoded(&form_id));
            let (asked, campaign) = asked(ctx, &shell, &record)?;
            let history = form::history(ctx, &form_id, &instance, &|it| fill::own_of(it, shell.t.language))?;
            let page = RecordPage {
                title: listed.form.title,
                answers: fill::answers(
                    &shell.t,
                    &filling.pages,
                    Some(&format!("{base}/{}/files", encoded(&instance))),
                ),
                action: format!("{base}/{}", encoded(&instance)),
                back: back(ctx, &record, &form_id, base),
                asked,
                history: versions(ctx, &shell, &history),
                may_review: form::may_review(ctx, &form_id, &instance)?,
                may_mend: campaign.is_some_and(|it| it.is_running(ctx.now))
                    && record.review != Some(form::Review::Approved)
                    && form::may_mend(ctx, &form_id, &instance)?,
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
fn back(ctx: &Ctx, record: &form::Record, form_id: &str, base: String) -> String {
    let may_list = form::counts(ctx, form_id).is_ok();
    match &record.unit {
        Some(unit) if campaign::get(ctx, unit.campaign).is_ok() => {
            let above = unit.path.parent().unwrap_or_else(|| unit.path.clone());
            format!("/campaigns/{}?area={}", unit.campaign, above.code())
        }
        None if may_list => base,
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
    let row =
        |(at, (version, name, filling)): (usize, &(form::RecordVersion, Option<String>, _))| VersionRow {
            number: version.number,
            by: name.clone().unwrap_or_default(),
            at: Moment::new(&shell.t, version.sent_at, ctx.now),
            state: shell.t.say(&format!("forms-state-{}", version.state.as_str())),
            changes: history
                .get(at + 1)
                .map(|(_, _, before)| fill::changes(&shell.t, before, filling))
                .unwrap_or_default(),
        };
    history.iter().enumerate().map(row).collect()
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
            Ok(Redirect::to(&format!("/forms/{}/records/{}", encoded(&form_id), encoded(&instance)))
                .into_response())
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
