//! What stands around every page: brand, navigation, language, notices, account.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::{Ctx, Fault, Refusal, notice};
use kernel::{Role, Timestamp};

use crate::{
    app::App,
    asset,
    locale::{Language, Translator},
    problem,
};

/// The frame of a page and the words in it.
#[derive(Clone)]
pub struct Shell {
    pub t: Translator,
    pub now: Timestamp,
    /// `/static/<hash>`
    pub assets: &'static str,
    /// The page's own address, to come back to; it opens by GET.
    pub here: String,
    /// The path that was asked for, which of a form that was sent is another.
    pub asked: String,
    /// Name of the signed-in person.
    pub name: Option<String>,
    /// Id of their account, by which a phone tells whose is what it keeps.
    pub account: Option<String>,
    pub unread: i64,
    pub links: Vec<Link>,
    /// A script reads the answer: refusals are problem details.
    pub reads_json: bool,
}

/// One entry of the main navigation.
#[derive(Clone)]
pub struct Link {
    pub address: &'static str,
    /// The message that names it.
    pub label: &'static str,
    pub current: bool,
}

impl Shell {
    pub fn new(app: &Arc<App>, ctx: &Ctx, language: Language, here: &str) -> Result<Self, Refusal> {
        let path = here.split('?').next().unwrap_or_default();
        let link = |(address, label): &(&'static str, &'static str)| Link {
            address,
            label,
            current: path == *address,
        };
        Ok(Self {
            t: Translator::new(app.locales.clone(), language),
            now: ctx.now,
            assets: asset::BASE.as_str(),
            here: here.to_owned(),
            asked: String::new(),
            name: ctx.signed_in.as_ref().map(|it| it.name.clone()),
            account: ctx.signed_in.as_ref().map(|it| it.account.to_string()),
            unread: notice::unread(ctx)?,
            links: links(ctx).iter().map(link).collect(),
            reads_json: false,
        })
    }

    /// For an error before anything is known of the sender.
    pub fn bare(app: &Arc<App>, t: Translator, here: &str) -> Self {
        let now = app.city.clock.now();
        Self {
            t,
            now,
            assets: asset::BASE.as_str(),
            here: here.to_owned(),
            asked: String::new(),
            name: None,
            account: None,
            unread: 0,
            links: Vec::new(),
            reads_json: false,
        }
    }

    /// `lang` of the page.
    pub fn language(&self) -> &'static str {
        self.t.language.tag()
    }

    /// The other language: its tag, for the switch.
    pub fn other_language(&self) -> &'static str {
        match self.t.language {
            Language::ZhHans => "en",
            Language::En => "zh-Hans",
        }
    }

    /// Words for the scripts, as JSON that is safe inside a script element.
    pub fn messages(&self) -> String {
        let id = |key: &str| format!("script-{}", key.replace('.', "-"));
        let mut words: std::collections::BTreeMap<String, String> =
            SCRIPT_MESSAGES.iter().map(|key| ((*key).to_owned(), self.t.say(&id(key)))).collect();
        for key in COUNTED_MESSAGES {
            words.insert(key.to_owned(), self.t.with(&id(key), "count", 2));
            words.insert(format!("{key}.one"), self.t.with(&id(key), "count", 1));
        }
        serde_json::to_string(&words).unwrap_or_default().replace('<', "\\u003c")
    }
}

/// What the scripts say; `{x}` in them is filled in by the browser.
const SCRIPT_MESSAGES: [&str; 64] = [
    "keys.on",
    "keys.off",
    "draft.restored",
    "draft.discard",
    "photos.preview",
    "photos.size",
    "photos.ready",
    "photos.left-out",
    "locate.working",
    "locate.done",
    "locate.denied",
    "locate.failed",
    "place.tap",
    "place.marked",
    "place.unavailable",
    "send.offline",
    "send.offline-kept",
    "send.failed",
    "send.refused",
    "send.sign-in",
    "send.other-account",
    "send.other-account-link",
    "copy.done",
    "proof.checking",
    "proof.good",
    "proof.good-alone",
    "proof.unreadable",
    "proof.unsigned",
    "proof.absent",
    "proof.other",
    "proof.away",
    "map.name",
    "map.zoom-in",
    "map.zoom-out",
    "map.two-fingers",
    "map.label-open",
    "map.label-overdue",
    "map.age",
    "map.age-lost",
    "map.lost",
    "map.unavailable",
    "map.listed",
    "offline.copy",
    "offline.reload",
    "refresh.stale",
    "outbox.kept",
    "outbox.kept-sign-in",
    "outbox.kept-other-account",
    "outbox.open",
    "outbox.count",
    "outbox.full",
    "outbox.limit",
    "outbox.sent",
    "outbox.arrived",
    "outbox.sign-in-link",
    "outbox.here",
    "outbox.tag",
    "outbox.mending",
    "outbox.no-form",
    "outbox.unreachable",
    "outbox.busy",
    "outbox.refused",
    "outbox.held",
    "outbox.photo",
];

/// Those that read otherwise of one thing than of several; the browser chooses by its count.
const COUNTED_MESSAGES: [&str; 4] = ["photos.working", "outbox.sign-in", "outbox.others", "outbox.attempts"];

/// Where each person goes next, first the page on which they land.
fn links(ctx: &Ctx) -> Vec<(&'static str, &'static str)> {
    let has = |roles: &[Role]| ctx.actor.appointments.iter().any(|it| roles.contains(&it.role));
    let mut links = Vec::new();
    if has(&Role::GRID) || has(&[Role::Acceptor]) {
        links.push(("/today", "nav-today"));
    }
    if has(&[Role::Dispatcher]) {
        links.push(("/board", "nav-board"));
    }
    if has(&[Role::Handler]) {
        links.push(("/work", "nav-work"));
    }
    if has(&[Role::Leader]) {
        links.push(("/supervise", "nav-supervise"));
    }
    if has(&[Role::Commander, Role::Leader, Role::Dispatcher]) {
        links.extend([("/command", "nav-command"), ("/evaluation", "nav-evaluation")]);
    }
    if has(&[Role::Commander, Role::Leader, Role::Handler]) {
        links.push(("/supervisions", "nav-supervisions"));
    }
    if has(&[Role::Commander, Role::Leader]) {
        links.push(("/statistics", "nav-statistics"));
    }
    if links.is_empty() {
        links.push(("/", "nav-home"));
    } else {
        links.push(("/forms", "nav-forms"));
    }
    // Gates lie behind the passes; divisions are at the foot of each page.
    links.extend([("/report", "nav-report"), ("/follow", "nav-follow"), ("/passes", "pass-title")]);
    links
}

/// The page on which a person lands.
pub fn landing(ctx: &Ctx) -> &'static str {
    links(ctx)[0].0
}

/// Renders a template as an answer.
pub fn html(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
    let text = template.render().map_err(|error| Refusal::Broken(format!("a template failed: {error}")))?;
    Ok((status, Html(text)).into_response())
}

#[derive(Template)]
#[template(path = "refused.html")]
pub struct RefusedPage {
    shell: Shell,
    status: u16,
    title: String,
    detail: Option<String>,
    faults: Vec<String>,
    /// What was kept and what to do.
    help: String,
}

/// A page that says why nothing was done.
pub fn told(shell: Shell, status: StatusCode, kind: &str) -> RefusedPage {
    RefusedPage {
        title: shell.t.say(&format!("problem-{kind}")),
        help: shell.t.say(&format!("problem-{kind}-help")),
        status: status.as_u16(),
        detail: None,
        faults: Vec::new(),
        shell,
    }
}

/// A refusal as a page; who must sign in first is led there and back.
pub fn refused(shell: Shell, refusal: &Refusal) -> Response {
    if matches!(refusal, Refusal::SignIn) {
        let next: String = shell
            .here
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect();
        return Redirect::to(&format!("/sign-in?next={next}")).into_response();
    }
    let (status, kind) = problem::status(refusal);
    let seconds = problem::retry_after_seconds(refusal);
    let mut page = told(shell, status, kind);
    let t = &page.shell.t;
    if let Some(seconds) = seconds {
        page.help = t.with(&format!("problem-{kind}-help"), "wait", t.wait(seconds));
    }
    match refusal {
        Refusal::Broken(reason) | Refusal::Unavailable(reason) => tracing::error!(reason, "a page failed"),
        Refusal::Conflict(message) => page.detail = Some(t.message(message)),
        Refusal::Invalid(list) => page.faults = list.iter().map(|it| t.message(&it.message)).collect(),
        _ => {}
    }
    let response = html(status, &page).unwrap_or_else(|_| status.into_response());
    problem::with_retry_after(response, seconds)
}

/// The faults of a form by field, as its template shows them.
#[derive(Clone, Debug, Default)]
pub struct FormFaults(Vec<(String, String)>);

impl FormFaults {
    pub fn new(t: &Translator, faults: &[Fault]) -> Self {
        Self(faults.iter().map(|fault| (fault.field.clone(), t.message(&fault.message))).collect())
    }

    /// What is wrong with `field`.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, message)| message.as_str())
    }

    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use domain::Message;

    use super::*;
    use crate::locale::{LANGUAGES, Locales};

    fn shell(language: Language) -> Shell {
        Shell {
            t: Translator::new(Arc::new(Locales::load()), language),
            now: Timestamp::from_micros(0),
            assets: "/static/0",
            here: "/".into(),
            asked: String::new(),
            name: None,
            account: None,
            unread: 0,
            links: Vec::new(),
            reads_json: false,
        }
    }

    fn answer(language: Language, refusal: &Refusal) -> (StatusCode, Option<String>, String) {
        let response = refused(shell(language), refusal);
        let wait = response.headers().get(header::RETRY_AFTER).map(|it| it.to_str().unwrap().to_owned());
        let status = response.status();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 1 << 20)).unwrap();
        (status, wait, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn a_page_that_has_to_wait_says_how_long_what_was_kept_and_what_to_do() {
        for (refusal, status, seconds, words) in [
            (Refusal::TooMany { retry_after_seconds: 2 }, 429, "2", ["请等 2 秒", "Wait 2 s"]),
            (Refusal::TooMany { retry_after_seconds: 90 }, 429, "90", ["请等 2 分钟", "Wait 2 min"]),
            (Refusal::Full, 507, "60", ["至少等 1 分钟", "in 1 min at the earliest"]),
            (Refusal::Unavailable("gone".into()), 503, "5", ["请等 5 秒", "Wait 5 s"]),
        ] {
            for (language, words) in LANGUAGES.into_iter().zip(words) {
                let (told, wait, page) = answer(language, &refusal);
                assert_eq!((told.as_u16(), wait.as_deref()), (status, Some(seconds)));
                let kept = [
                    "以前收下的内容都在",
                    "Everything accepted before is still there",
                    "everything accepted before",
                ];
                assert!(page.contains(words) && kept.iter().any(|it| page.contains(it)), "{page}");
                assert!(page.contains("刷新本页") || page.contains("reload this page"), "{page}");
                assert!(!page.contains("gone"), "the reason is for the log");
            }
        }
    }

    #[test]
    fn scripts_are_given_the_words_for_one_and_for_several() {
        for (language, [one, several]) in LANGUAGES
            .into_iter()
            .zip([["已试过 {count} 次", "已试过 {count} 次"], ["Tried once", "Tried {count} times"]])
        {
            let words: serde_json::Value = serde_json::from_str(&shell(language).messages()).unwrap();
            let starts = |key: &str, start: &str| words[key].as_str().is_some_and(|it| it.starts_with(start));
            assert!(starts("outbox.attempts.one", one) && starts("outbox.attempts", several), "{words}");
        }
    }

    #[test]
    fn waiting_is_not_asked_of_those_whom_it_does_not_help() {
        for refusal in
            [Refusal::NotFound, Refusal::Denied, Refusal::Conflict(Message::new("conflict-closed"))]
        {
            assert_eq!(answer(Language::En, &refusal).1, None);
        }
    }
}
