//! Filling in a form, one page after another. Each page is kept when it is left, so that a phone that dies loses one page.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Message, Refusal,
    form::{self, Filled, Rejection},
};
use kernel::{Id, Submission, Timestamp};
use serde::Deserialize;
use xform::check::fill::{Filling, Page, Part, Question as Asked};

use super::{
    answer::reason_of,
    asked::encoded,
    control::{self, Control, Kind},
    left::{Left, refusal},
    view::record_address,
};
use crate::{
    locale::{Language, Translator},
    sent::{PagePath, PageQuery},
    shell::{self, Shell},
    visitor::{self, Visitor},
};

/// When a phone had kept what it sends now.
const KEPT_HEADER: &str = "olzii-kept-at";

pub fn address(id: Id<Submission>) -> String {
    format!("/forms/drafts/{id}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct At {
    page: usize,
    /// Of the form, counted from 0; none for the visitor's.
    language: Option<usize>,
    /// Whether what is wrong on the page is told.
    checked: Option<u8>,
}

#[derive(Template)]
#[template(path = "form/fill.html")]
struct FillPage {
    shell: Shell,
    action: String,
    title: String,
    heading: String,
    page: usize,
    pages: usize,
    revision: i64,
    language: usize,
    languages: Vec<(usize, String, bool)>,
    parts: Vec<Shown>,
    wrongs: Vec<(String, String)>,
}

enum Shown {
    Heading(String),
    Control(Box<Control>),
    Repeat { add: String, remove: Option<String>, title: String },
}

#[derive(Template)]
#[template(path = "form/check.html")]
struct CheckPage {
    shell: Shell,
    action: String,
    title: String,
    language: usize,
    last: usize,
    /// Where each question is, and what is wrong with it.
    wrongs: Vec<(String, String)>,
    fault: Option<String>,
    /// Where the record is that the unit has sent before.
    first: Option<String>,
    answers: Vec<Answered>,
}

/// A question with its answer, or the title of those behind it.
pub struct Answered {
    pub label: String,
    pub value: String,
    pub is_heading: bool,
    /// Where its file is.
    pub file: Option<String>,
}

pub async fn show(
    visitor: Visitor,
    PagePath(id): PagePath<Id<Submission>>,
    PageQuery(at): PageQuery<At>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            let chosen = language(ctx, id, at.language, shell.t.language)?;
            let filled = form::open_draft(ctx, id, &chosen.1)?;
            shown(shell, &filled, chosen.0, at.page, at.checked.is_some(), (None, None))
        })
        .await
}

/// The number of the visitor's own language among a form's, which are called 中文 (zh) by custom; else of its first.
pub fn own_of(languages: &[String], own: Language) -> usize {
    let tag = match own {
        Language::ZhHans => "(zh",
        Language::En => "(en",
    };
    languages.iter().position(|it| it.contains(tag)).unwrap_or(0)
}

/// The number and name of the language in which it is asked: the one that was chosen, or the visitor's own.
fn language(
    ctx: &Ctx,
    id: Id<Submission>,
    chosen: Option<usize>,
    own: Language,
) -> Result<(usize, String), Refusal> {
    let languages = form::draft_languages(ctx, id)?;
    let number = chosen.unwrap_or_else(|| own_of(&languages, own));
    Ok((number, languages.get(number).cloned().unwrap_or_default()))
}

fn shown(
    shell: Shell,
    filled: &Filled,
    language: usize,
    page: usize,
    is_checked: bool,
    (fault, first): (Option<String>, Option<String>),
) -> Result<Response, Refusal> {
    let pages = &filled.filling.pages;
    let action = address(filled.draft.id);
    let title = filled.draft.title.clone();
    let Some(it) = pages.get(page) else {
        let wrongs = wrongs_of_all(&shell.t, filled, language);
        let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let answers = answers(&shell.t, pages, None);
        let last = pages.len().saturating_sub(1);
        return shell::html(
            status,
            &CheckPage { action, title, language, last, wrongs, fault, first, answers, shell },
        );
    };
    let mut parts = Vec::new();
    let mut wrongs = Vec::new();
    for part in &it.parts {
        parts.push(match part {
            Part::Heading { title, .. } => Shown::Heading(title.clone()),
            Part::Question(question) => {
                let fault = is_checked.then(|| fault_of(&shell.t, filled, &question.path)).flatten();
                let known = known(&shell, filled, &question.path);
                let control = Control::new(&shell.t, question, parts.len(), fault, known);
                if let Some(fault) = &control.fault {
                    wrongs.push((control.id.clone(), told(&shell.t, &control.label, fault)));
                }
                Shown::Control(Box::new(control))
            }
            Part::Repeat(repeat) if repeat.is_free => Shown::Repeat {
                add: format!("add:{}", repeat.path),
                remove: (repeat.instances > 0)
                    .then(|| format!("remove:{}[{}]", repeat.path, repeat.instances)),
                title: repeat.title.clone(),
            },
            Part::Repeat(_) => continue,
        });
    }
    let page = FillPage {
        action,
        heading: it.title.clone(),
        page,
        pages: pages.len(),
        revision: filled.draft.revision,
        language,
        languages: filled
            .languages
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, it)| (at, it, at == language))
            .collect(),
        parts,
        wrongs,
        title,
        shell,
    };
    shell::html(StatusCode::OK, &page)
}

/// What was known of a question before it was asked, from where and since when.
fn known(shell: &Shell, filled: &Filled, path: &str) -> Option<String> {
    let it = filled.known.iter().find(|it| it.path == path)?;
    let message = Message::new("forms-known")
        .with("value", &it.value)
        .with("date", shell.t.date(it.answered_at, shell.now))
        .with("source", &it.source);
    Some(shell.t.message(&message))
}

fn told(t: &Translator, question: &str, reason: &str) -> String {
    t.with2("record-finding", ("question", question), ("reason", reason))
}

/// What was wrong with a record when it came, in the words of its form.
pub fn wrongs_of_record(t: &Translator, pages: &[Page], findings: &[form::Finding]) -> Vec<String> {
    let label = |path: &str| {
        let asked = pages.iter().flat_map(questions).find(|it| it.path == path);
        asked.map_or_else(|| path.rsplit('/').next().unwrap_or(path).to_owned(), control::label)
    };
    findings
        .iter()
        .map(|it| told(t, &label(&it.path), &reason_of(t, &it.rule, it.message.as_deref())))
        .collect()
}

fn fault_of(t: &Translator, filled: &Filled, path: &str) -> Option<String> {
    let found = filled.filling.findings.iter().find(|it| it.path == path)?;
    Some(reason_of(t, found.rule.as_str(), found.message.as_deref()))
}

fn wrongs_of_all(t: &Translator, filled: &Filled, language: usize) -> Vec<(String, String)> {
    let mut wrongs = Vec::new();
    for (number, page) in filled.filling.pages.iter().enumerate() {
        for question in questions(page) {
            if let Some(fault) = fault_of(t, filled, &question.path) {
                let to = format!("{}?page={number}&language={language}&checked=1", address(filled.draft.id));
                wrongs.push((to, told(t, &control::label(question), &fault)));
            }
        }
    }
    wrongs
}

pub fn questions(page: &Page) -> impl Iterator<Item = &Asked> {
    page.parts.iter().filter_map(|it| if let Part::Question(it) = it { Some(&**it) } else { None })
}

/// What was answered, to look over before it is sent; `files` is where files of a record are that was sent.
pub fn answers(t: &Translator, pages: &[Page], files: Option<&str>) -> Vec<Answered> {
    let mut answers = Vec::new();
    let heading = |title: &str| {
        let label = title.to_owned();
        Answered { label, value: String::new(), is_heading: true, file: None }
    };
    for page in pages {
        answers.push(heading(&page.title));
        for part in &page.parts {
            match part {
                Part::Heading { title, .. } => answers.push(heading(title)),
                Part::Question(it) if !it.value.is_empty() => {
                    let file = files.filter(|_| control::is_upload(it));
                    answers.push(Answered {
                        label: control::label(it),
                        value: control::answer(t, it),
                        is_heading: false,
                        file: file.map(|base| format!("{base}/{}", encoded(&it.value))),
                    });
                }
                Part::Question(_) | Part::Repeat(_) => {}
            }
        }
    }
    answers.retain(|it| !it.label.is_empty());
    // A title is that of the answers right behind it.
    let has_answer: Vec<bool> = answers.iter().skip(1).map(|it| !it.is_heading).chain([false]).collect();
    let mut is_shown = has_answer.into_iter();
    answers.retain(|it| is_shown.next().unwrap_or(false) || !it.is_heading);
    answers
}

/// What was answered otherwise in `after` than in `before`: question, the answer before, and the answer since.
pub fn changes(t: &Translator, before: &Filling, after: &Filling) -> Vec<(String, String, String)> {
    let told = |filling: &Filling| -> Vec<(String, String, String)> {
        let asked = filling.pages.iter().flat_map(questions);
        asked.map(|it| (it.path.clone(), control::label(it), control::answer(t, it))).collect()
    };
    let (before, after) = (told(before), told(after));
    let by_path = |told: &[(String, String, String)]| -> HashMap<String, String> {
        told.iter().map(|(path, _, answer)| (path.clone(), answer.clone())).collect()
    };
    let (was, is) = (by_path(&before), by_path(&after));
    let gone = before.into_iter().filter(|(path, ..)| !is.contains_key(path)).collect::<Vec<_>>();
    let answer = |of: &HashMap<String, String>, path: &str| of.get(path).cloned().unwrap_or_default();
    let all = after.into_iter().chain(gone);
    all.map(|(path, label, _)| (label, answer(&was, &path), answer(&is, &path)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

/// Looked at before a body with files is read.
pub async fn signed_in(visitor: &Visitor) -> Result<(), Refusal> {
    let token = visitor.token.clone();
    visitor::run(visitor.app.clone(), move |app| {
        visitor::context(app, token.as_deref(), false)?.person().map(drop)
    })
    .await
}

pub async fn keep(visitor: Visitor, PagePath(id): PagePath<Id<Submission>>, request: Request) -> Response {
    if let Err(refusal) = signed_in(&visitor).await {
        return visitor.page(|_, _| Err(refusal)).await;
    }
    let app = visitor.app.clone();
    let mut share = app.photo_memory.share(visitor.address);
    let read = Left::read(request, &app, &mut share).await;
    visitor
        .page(move |ctx, shell| {
            let _share = share;
            let mut left = read.map_err(|failure| refusal(&shell.t, failure))?;
            let (page, revision) = (left.number("page").max(0) as usize, left.number("revision"));
            let asked = Some(left.number("language").max(0) as usize);
            let (number, language) = language(ctx, id, asked, shell.t.language)?;
            let before = form::open_draft(ctx, id, &language)?;
            let (changes, files) = left.changes(ctx, before.filling.pages.get(page))?;
            let after = form::save(ctx, id, revision, &language, &changes, &files)?;
            let to = next(&before, &after, page, left.text("go"));
            let number =
                left.text("go").strip_prefix("language:").and_then(|it| it.parse().ok()).unwrap_or(number);
            let checked = if to.1 { "&checked=1" } else { "" };
            let to = format!("{}?page={}&language={number}{checked}", address(id), to.0);
            Ok(Redirect::to(&to).into_response())
        })
        .await
}

/// The page that is asked next, and whether what is wrong on it is told. One goes on from a page once nothing is wrong on it
/// and all of it was seen: answers may have made more questions of it.
fn next(before: &Filled, after: &Filled, page: usize, go: &str) -> (usize, bool) {
    let pages = &after.filling.pages;
    let shown = |filled: &Filled, page: usize| -> Vec<(String, Vec<(String, String)>)> {
        let of_page = filled.filling.pages.get(page).into_iter().flat_map(questions);
        of_page.map(|it| (it.path.clone(), it.choices.clone())).collect()
    };
    // Pages before it may have come or gone.
    let first = before.filling.pages.get(page).and_then(|it| questions(it).next()).map(|it| it.path.clone());
    let has_first = |it: &Page| questions(it).any(|question| Some(&question.path) == first.as_ref());
    let here = pages.iter().position(has_first).unwrap_or(page.min(pages.len()));
    match go {
        "back" => (here.saturating_sub(1), false),
        "next" => {
            let is_wrong = |it: &Asked| after.filling.findings.iter().any(|found| found.path == it.path);
            let has_wrong = pages.get(here).is_some_and(|it| questions(it).any(is_wrong));
            let is_new = pages.get(here).is_some_and(has_first) && shown(before, page) != shown(after, here);
            if is_new {
                (here, false)
            } else if has_wrong {
                (here, true)
            } else {
                (here + 1, false)
            }
        }
        _ => (here, false),
    }
}

pub async fn send(visitor: Visitor, headers: HeaderMap, PagePath(id): PagePath<Id<Submission>>) -> Response {
    let kept = headers.get(KEPT_HEADER).and_then(|it| it.to_str().ok()).and_then(Timestamp::parse);
    visitor
        .page(move |ctx, shell| {
            let outcome = match form::sent(ctx, id) {
                Ok(None) => {
                    let chosen = language(ctx, id, None, shell.t.language)?;
                    let filled = form::open_draft(ctx, id, &chosen.1)?;
                    if !filled.filling.findings.is_empty() {
                        let (fault, last) = (shell.t.say("forms-mend-first"), filled.filling.pages.len());
                        return shown(shell, &filled, chosen.0, last, true, (Some(fault), None));
                    }
                    form::send(ctx, id, kept).map(|it| it.state)
                }
                Ok(Some(state)) => Ok(state),
                Err(rejection) => Err(rejection),
            };
            match outcome {
                Ok(state) => Ok(Redirect::to(&format!("/forms?sent={}", state.as_str())).into_response()),
                Err(Rejection::Refusal(refusal)) => Err(refusal),
                Err(rejection) => refused(ctx, shell, id, &rejection),
            }
        })
        .await
}

/// Why a draft was not taken, which is all there still, with the record that is in its way.
fn refused(ctx: &Ctx, shell: Shell, id: Id<Submission>, rejection: &Rejection) -> Result<Response, Refusal> {
    // What waits on a phone is told why in words.
    match rejection {
        Rejection::Campaign { message, .. } if shell.reads_json => {
            return Err(Refusal::Conflict(message.clone()));
        }
        Rejection::ChangedSince if shell.reads_json => return Err(Refusal::conflict("record-changed-since")),
        _ => {}
    }
    let chosen = language(ctx, id, None, shell.t.language)?;
    let filled = form::open_draft(ctx, id, &chosen.1)?;
    let (draft, last) = (&filled.draft, filled.filling.pages.len());
    let first = match rejection {
        Rejection::Campaign { first, .. } => first.as_deref(),
        Rejection::ChangedSince if draft.replaces.is_none() => Some(draft.instance_id.as_str()),
        _ => None,
    };
    let first = first.map(|first| record_address(&draft.form_id, first));
    let fault = super::answer::words_of(&shell.t, rejection);
    shown(shell, &filled, chosen.0, last, true, (Some(fault), first))
}
