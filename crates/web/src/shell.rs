//! What stands around every page: brand, navigation, language, notices, account.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::{StatusCode, Uri},
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
    /// The page's own address, to come back to.
    pub here: String,
    /// Name of the signed-in person.
    pub name: Option<String>,
    pub unread: i64,
    pub links: Vec<Link>,
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
    pub fn new(app: &Arc<App>, ctx: &Ctx, language: Language, uri: &Uri) -> Result<Self, Refusal> {
        let here = uri.path_and_query().map_or("/", |it| it.as_str()).to_owned();
        let link = |(address, label): &(&'static str, &'static str)| Link {
            address,
            label,
            current: uri.path() == *address,
        };
        Ok(Self {
            t: Translator::new(app.locales.clone(), language),
            now: ctx.now,
            assets: asset::BASE.as_str(),
            here,
            name: ctx.signed_in.as_ref().map(|it| it.name.clone()),
            unread: notice::unread(ctx)?,
            links: links(ctx).iter().map(link).collect(),
        })
    }

    /// For an error before anything is known of the sender.
    pub fn bare(app: &Arc<App>, t: Translator) -> Self {
        let now = app.city.clock.now();
        Self {
            t,
            now,
            assets: asset::BASE.as_str(),
            here: "/".into(),
            name: None,
            unread: 0,
            links: Vec::new(),
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
        let words: std::collections::BTreeMap<&str, String> = SCRIPT_MESSAGES
            .iter()
            .map(|key| (*key, self.t.say(&format!("script-{}", key.replace('.', "-")))))
            .collect();
        serde_json::to_string(&words).unwrap_or_default().replace('<', "\\u003c")
    }
}

/// What the scripts say; `{x}` in them is filled in by the browser.
const SCRIPT_MESSAGES: [&str; 31] = [
    "keys.on",
    "keys.off",
    "draft.restored",
    "draft.discard",
    "photos.preview",
    "photos.size",
    "photos.working",
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
    "copy.done",
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
];

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
    if links.is_empty() {
        links.push(("/", "nav-home"));
    }
    links.extend([("/report", "nav-report"), ("/follow", "nav-follow"), ("/areas", "nav-areas")]);
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
struct RefusedPage {
    shell: Shell,
    status: u16,
    kind: &'static str,
    detail: Option<String>,
    faults: Vec<String>,
}

/// A refusal as a page; who must sign in first is led there and back.
pub fn refused(shell: Shell, uri: &Uri, refusal: Refusal) -> Response {
    if matches!(refusal, Refusal::SignIn) {
        let here = uri.path_and_query().map_or("/", |it| it.as_str());
        let next: String = here
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
    let (status, kind) = problem::status(&refusal);
    let (mut detail, mut faults) = (None, Vec::new());
    match &refusal {
        Refusal::Broken(reason) | Refusal::Unavailable(reason) => tracing::error!(reason, "a page failed"),
        Refusal::Conflict(message) => detail = Some(shell.t.message(message)),
        Refusal::Invalid(list) => faults = list.iter().map(|fault| shell.t.message(&fault.message)).collect(),
        _ => {}
    }
    let page = RefusedPage { shell, status: status.as_u16(), kind, detail, faults };
    html(status, &page).unwrap_or_else(|_| status.into_response())
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
