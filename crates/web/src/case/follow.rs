//! Following a case without an account, by its secret link.

use askama::Template;
use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{Ctx, Message, Refusal, case};
use kernel::{Id, JournalEntry, Photo};

use super::{
    act::{jpeg, take},
    admission::Admitted,
    case_view::CaseView,
    record::News,
    step::{self, StepForm},
    typed::{self, Kept, NOTES, NoteForm, Typed, Wrong},
    upload::Upload,
};
use crate::{
    journal::view::proof_file,
    sent::{PagePath, PageQuery, lead_on},
    shell::{self, Shell},
    visitor::{Visitor, origin},
};

#[derive(Template)]
#[template(path = "case/find.html")]
struct FindPage {
    shell: Shell,
    typed: String,
    fault: Option<String>,
    is_signed_in: bool,
}

#[derive(Template)]
#[template(path = "case/follow.html")]
struct FollowPage {
    shell: Shell,
    it: CaseView,
    link: String,
    is_new: bool,
    news: Option<String>,
    forms: Vec<StepForm>,
    note: Option<NoteForm>,
    /// Where the report's words are taken out of what is published.
    withhold: Option<String>,
    wrongs: Vec<Wrong>,
    kept: Option<Kept>,
}

pub async fn find_form(visitor: Visitor) -> Response {
    visitor
        .page(|ctx, shell| {
            let is_signed_in = ctx.signed_in.is_some();
            shell::html(StatusCode::OK, &FindPage { shell, typed: String::new(), fault: None, is_signed_in })
        })
        .await
}

/// Leads to the case of a link or a number.
pub async fn find(visitor: Visitor, upload: Upload) -> Response {
    visitor
        .page(move |ctx, shell| {
            let typed = upload.text("link").trim().to_owned();
            match target(ctx, &typed) {
                Ok(address) => Ok(lead_on(&address, "/follow")),
                Err(Refusal::Invalid(faults)) => {
                    let fault = faults.first().map(|fault| shell.t.message(&fault.message));
                    let is_signed_in = ctx.signed_in.is_some();
                    let typed = typed.chars().take(300).collect();
                    shell::html(
                        StatusCode::UNPROCESSABLE_ENTITY,
                        &FindPage { shell, typed, fault, is_signed_in },
                    )
                }
                Err(refusal) => Err(refusal),
            }
        })
        .await
}

/// The address of what was typed: a secret link, what it ends in, or a number for those signed in.
fn target(ctx: &Ctx, typed: &str) -> Result<String, Refusal> {
    let refuse = |id| Refusal::invalid("link", Message::new(id));
    if typed.is_empty() {
        return Err(refuse("fault-required"));
    }
    let token = typed.rsplit("/follow/").next().unwrap_or_default();
    let token = token.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    if case::follow(ctx, token).is_ok() {
        return Ok(format!("/follow/{token}"));
    }
    if !case::is_number(typed) {
        return Err(refuse("find-no-link"));
    }
    if ctx.signed_in.is_none() {
        return Err(refuse("find-sign-in"));
    }
    let found = case::find_by_number(ctx, typed)?;
    found.first().map(|case| format!("/cases/{}", case.id)).ok_or_else(|| refuse("find-no-number"))
}

fn render(
    ctx: &Ctx,
    mut shell: Shell,
    token: &str,
    site: &str,
    news: Option<News>,
    typed: Option<&Typed>,
) -> Result<Response, Refusal> {
    let (ctx, id) = case::follow(ctx, token)?;
    let ctx = &ctx;
    let mut record = case::record(ctx, id)?;
    // The link may be opened by staff too; what it shows is the same for all.
    record.events.retain(|event| event.public);
    let base = format!("/follow/{token}");
    shell.here.clone_from(&base);
    let it = CaseView::new(ctx, &shell, &record, &base)?;
    let status = typed.map_or(StatusCode::OK, |it| it.status);
    let mut page = FollowPage {
        is_new: news.as_ref().is_some_and(News::is_new),
        news: news.and_then(|news| news.words(&shell, &it.number)),
        link: format!("{site}{base}"),
        forms: step::forms(ctx, &shell, &record, &base, typed)?,
        note: record.may_note.then(|| NoteForm::new(ctx, &base, false, typed)),
        withhold: record.may_withhold.then(|| format!("{base}/withhold")),
        wrongs: typed.map(|it| it.wrongs(&shell.t)).unwrap_or_default(),
        kept: None,
        it,
        shell,
    };
    page.kept = typed.filter(|it| !page.offers(&it.form)).map(|it| Kept::new(&page.shell, it));
    shell::html(status, &page)
}

impl FollowPage {
    /// Whether a form is on it.
    fn offers(&self, form: &str) -> bool {
        if form == NOTES { self.note.is_some() } else { self.forms.iter().any(|it| it.id == form) }
    }
}

pub async fn page(
    visitor: Visitor,
    PagePath(token): PagePath<String>,
    PageQuery(news): PageQuery<News>,
    headers: HeaderMap,
) -> Response {
    let site = origin(&visitor, &headers);
    visitor.page(move |ctx, shell| render(ctx, shell, &token, &site, Some(news), None)).await
}

/// A step that is the reporter's: rating the result.
pub async fn advance(
    visitor: Visitor,
    PagePath((token, transition)): PagePath<(String, String)>,
    headers: HeaderMap,
    _: Admitted,
    mut upload: Upload,
) -> Response {
    let site = origin(&visitor, &headers);
    visitor
        .page(move |ctx, shell| {
            let (follower, id) = case::follow(ctx, &token)?;
            let taken = take(&follower, id, &transition, &mut upload);
            let (sent, next) =
                ((transition.as_str(), upload.into_fields()), format!("/follow/{token}?moved=1"));
            typed::answer(shell, sent, taken, &next, |shell, typed| {
                render(ctx, shell, &token, &site, None, Some(&typed))
            })
        })
        .await
}

pub async fn add_note(
    visitor: Visitor,
    PagePath(token): PagePath<String>,
    headers: HeaderMap,
    upload: Upload,
) -> Response {
    let site = origin(&visitor, &headers);
    visitor
        .page(move |ctx, shell| {
            let (follower, id) = case::follow(ctx, &token)?;
            let request = upload.text("request").parse().ok();
            let added = case::add_note(&follower, id, request, upload.text("note"), true, &[]);
            let (sent, next) = ((NOTES, upload.into_fields()), format!("/follow/{token}?noted=1"));
            typed::answer(shell, sent, added, &next, |shell, typed| {
                render(ctx, shell, &token, &site, None, Some(&typed))
            })
        })
        .await
}

pub async fn withhold(visitor: Visitor, PagePath(token): PagePath<String>) -> Response {
    visitor
        .page(move |ctx, _| {
            let (follower, id) = case::follow(ctx, &token)?;
            case::withhold(&follower, id, None)?;
            Ok(lead_on(&format!("/follow/{token}?withheld=1"), "/follow"))
        })
        .await
}

pub async fn proof(
    visitor: Visitor,
    PagePath((token, entry)): PagePath<(String, Id<JournalEntry>)>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            let (follower, id) = case::follow(ctx, &token)?;
            Ok(proof_file(entry, case::proof_of_reading(&follower, id, entry)?))
        })
        .await
}

pub async fn photo(visitor: Visitor, PagePath((token, photo)): PagePath<(String, Id<Photo>)>) -> Response {
    visitor
        .page(move |ctx, _| {
            let (follower, id) = case::follow(ctx, &token)?;
            Ok(jpeg(case::photo(&follower, id, photo)?))
        })
        .await
}
