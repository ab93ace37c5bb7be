//! For whoever asks: forms with their counts, publishing, and what was sent.

use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Refusal, Window, case, fact,
    form::{self, FormState, NamedBytes, Publication, PublishError, Terms},
};
use kernel::limits;
use serde::Deserialize;

use super::{
    answer::Failure,
    asked::encoded,
    fill::signed_in,
    left::refusal,
    openrosa::read_part,
    view::{self, record_address, records_address},
};
use crate::{
    app::Shared,
    case::view::AreaNames,
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
            address: records_address(&it.form.form_id),
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
                reason: String::new(),
            };
            match form::publish(ctx, &new) {
                Ok(published) => Ok(Redirect::to(&records_address(&published.form.form_id)).into_response()),
                Err(PublishError::Faults(faults) | PublishError::Types(faults)) => {
                    shown(ctx, shell, faults.iter().map(ToString::to_string).collect())
                }
                // It waits there, with what is known of it and a place for the reason.
                Err(PublishError::AskedAgain { form_id, .. }) => {
                    Ok(Redirect::to(&format!("{}#gate", records_address(&form_id))).into_response())
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
    /// Of a draft that waits: what of it is known or asked already, line by line.
    draft: Option<Vec<String>>,
    /// What of the reason for that is wrong.
    fault: Option<String>,
    bindings: Vec<BindingRow>,
}

/// A question that asks for a fact.
struct BindingRow {
    question: String,
    element: String,
    reason: String,
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
    visitor.page(move |ctx, shell| received(ctx, shell, &form_id, behind.cursor.as_deref(), None)).await
}

/// With what is wrong in the reason that was sent, if so.
fn received(
    ctx: &Ctx,
    shell: Shell,
    form_id: &str,
    cursor: Option<&str>,
    fault: Option<String>,
) -> Result<Response, Refusal> {
    let listed = form::get(ctx, form_id)?;
    let mut window = Window::first(RECORDS_SHOWN);
    window.after = cursor.map(domain::Cursor::decode).transpose()?;
    let page = form::records(ctx, form_id, &window)?;
    let senders: Vec<form::Sender> = page.items.iter().map(|it| it.sender).collect();
    let names = form::sender_names(ctx, form_id, &senders)?;
    let row = |(it, sender): (&form::Record, Option<String>)| RecordRow {
        name: it.current.instance_name.clone().unwrap_or_else(|| it.instance_id.clone()),
        sender: sender.unwrap_or_default(),
        state: shell.t.say(&format!("forms-state-{}", it.current.state.as_str())),
        is_bad: it.current.state == form::Judged::Invalid,
        review: it.review.map(|review| shell.t.say(&format!("forms-review-{}", review.as_str()))),
        at: it.updated_at,
        address: record_address(form_id, &it.instance_id),
    };
    let rows = page.items.iter().zip(names).map(row).collect();
    let (bindings, again) = form::gate(ctx, form_id)?;
    let element = |code: &str, option: &str| element(ctx, &shell, code, option);
    let told = |it: &fact::AskedAgain| view::asked_again(&shell.t, &element(&it.element, &it.option), it);
    let binding = |it: &fact::Binding| BindingRow {
        question: it.question.clone(),
        element: element(&it.element, &it.option),
        reason: it.reason.clone(),
    };
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = RecordsPage {
        rows,
        earlier: page.next.map(|it| it.encode()),
        title: listed.form.title,
        action: format!("/forms/{}", encoded(form_id)),
        version: listed.version.version,
        state: listed.form.state,
        is_published: listed.form.version.is_some(),
        counts: form::counts(ctx, form_id)?,
        draft: again.map(|all| all.iter().flat_map(told).collect()),
        fault,
        bindings: bindings.iter().map(binding).collect(),
        shell,
    };
    shell::html(status, &page)
}

/// The words for what a question asks for.
fn element(ctx: &Ctx, shell: &Shell, code: &str, option: &str) -> String {
    let definitions = &ctx.city.statistic;
    let Some(element) = definitions.element(code) else { return code.to_owned() };
    let label = case::words(&element.label, shell.language());
    match definitions.options(element).iter().find(|it| it.code == option) {
        Some(it) => format!("{label} · {}", case::words(&it.label, shell.language())),
        None => label.to_owned(),
    }
}

#[derive(Deserialize)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

/// Publishes the draft that waits, for the reason that was given.
pub async fn publish_draft(
    visitor: Visitor,
    PagePath(form_id): PagePath<String>,
    PageForm(sent): PageForm<ReasonForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let fault = match form::publish_draft(ctx, &form_id, None, &sent.reason) {
                Ok(_) => return Ok(Redirect::to(&records_address(&form_id)).into_response()),
                Err(PublishError::AskedAgain { .. }) => shell.t.say("fault-ask-reason"),
                Err(PublishError::Refusal(Refusal::Invalid(faults))) => {
                    faults.iter().map(|it| shell.t.message(&it.message)).collect::<Vec<_>>().join("\n")
                }
                Err(PublishError::Faults(faults) | PublishError::Types(faults)) => {
                    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
                }
                Err(PublishError::Refusal(refusal)) => return Err(refusal),
            };
            received(ctx, shell, &form_id, None, Some(fault))
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
            Ok(Redirect::to(&records_address(&form_id)).into_response())
        })
        .await
}
