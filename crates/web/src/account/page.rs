//! Signing in and out, language, and what is one's own: devices, password, posts, who read one's record.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{Ctx, Refusal, account};
use kernel::{Role, limits};
use serde::Deserialize;

use super::me;
use crate::{
    app::{App, Shared},
    locale::Language,
    problem::{retry_after_seconds, with_retry_after},
    sent::{PageForm, PageQuery, lead_on},
    shell::{self, Shell},
    visitor::{LANGUAGE_COOKIE, Visitor, session_cookie},
};

/// Photos that the browser holds for a day go with the session. What a phone keeps besides is its service worker's
/// to delete: `"storage"` would take with it what was not sent yet.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const LANGUAGE_SECONDS: i64 = 365 * 86_400;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/sign-in", get(sign_in_form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/language", post(choose_language))
        .merge(me::routes())
}

#[derive(Template)]
#[template(path = "account/sign-in.html")]
struct SignInPage {
    shell: Shell,
    login_name: String,
    next: String,
    fault: Option<String>,
    demo: Option<Demo>,
}

/// The logins that a demo city shows to everybody.
struct Demo {
    logins: Vec<DemoLogin>,
    password: String,
}

struct DemoLogin {
    label: String,
    login_name: String,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    language: String,
    #[serde(default)]
    return_to: String,
}

impl SignInPage {
    fn new(app: &App, mut shell: Shell, login_name: String, next: String) -> Self {
        shell.here = "/sign-in".into();
        let demo = app.settings.demo_logins.as_ref().map(|(logins, password)| {
            let mut logins: Vec<_> = logins.iter().collect();
            // In the order in which a case meets them.
            logins.sort_by_key(|(word, _)| (role_of(word), word.clone()));
            let logins = logins.into_iter().map(|(word, name)| demo_login(&shell, word, name)).collect();
            Demo { logins, password: password.clone() }
        });
        Self { shell, login_name, next, fault: None, demo }
    }
}

/// The role of a login, whose word begins with it.
fn role_of(word: &str) -> Option<Role> {
    Role::ALL
        .into_iter()
        .filter(|role| word.starts_with(role.as_str()))
        .max_by_key(|role| role.as_str().len())
}

fn demo_login(shell: &Shell, word: &str, login_name: &str) -> DemoLogin {
    let label = match Role::parse(word) {
        Some(role) => shell.t.say(&format!("role-{}", role.as_str())),
        None => shell.t.say(&format!("login-{word}")),
    };
    DemoLogin { label, login_name: login_name.to_owned() }
}

async fn sign_in_form(visitor: Visitor, PageQuery(query): PageQuery<Next>) -> Response {
    let app = visitor.app.clone();
    visitor
        .page(move |ctx, shell| {
            if ctx.signed_in.is_some() {
                return Ok(lead_on(&query.next, shell::landing(ctx)));
            }
            shell::html(StatusCode::OK, &SignInPage::new(&app, shell, String::new(), query.next))
        })
        .await
}

async fn sign_in(visitor: Visitor, PageForm(form): PageForm<SignIn>) -> Response {
    let app = visitor.app.clone();
    if let Err(refusal) = app.guard.sign_in(visitor.address, &form.name) {
        return visitor.page(move |_, shell| sign_in_again(&app, shell, form, &refusal)).await;
    }
    let permit = app.hashing.clone().acquire_owned().await;
    let device = visitor.device.clone();
    visitor
        .page(move |ctx, shell| {
            let _permit = permit;
            match account::sign_in(ctx, &form.name, &form.password, &device) {
                Ok((token, _)) => welcome(&app, ctx, &token, &form.next),
                Err(refusal) => sign_in_again(&app, shell, form, &refusal),
            }
        })
        .await
}

/// The new session's cookie, and on to where the person wanted to go, or works. One who was signed in
/// in this browser before is signed out.
fn welcome(app: &App, ctx: &Ctx, token: &str, next: &str) -> Result<Response, Refusal> {
    if ctx.signed_in.is_some() {
        account::sign_out(ctx)?;
    }
    let now = account::resolve(&ctx.city, token)?;
    Ok(with_cookie(
        lead_on(next, shell::landing(&now)),
        app,
        session_cookie(app),
        token,
        limits::SESSION_LIFE_SECONDS,
    ))
}

/// The form again, its name kept. Whether name or password was wrong is not told.
fn sign_in_again(app: &App, shell: Shell, form: SignIn, refusal: &Refusal) -> Result<Response, Refusal> {
    let (status, fault) = match refusal {
        Refusal::SignIn => (StatusCode::UNPROCESSABLE_ENTITY, shell.t.say("sign-in-wrong")),
        Refusal::TooMany { retry_after_seconds: seconds } => {
            let wait = shell.t.wait(*seconds);
            (StatusCode::TOO_MANY_REQUESTS, shell.t.with("sign-in-too-many", "wait", wait))
        }
        _ => return Err(Refusal::Unavailable(format!("sign-in: {refusal}"))),
    };
    // Nobody types a longer name; what is shown again stays small.
    let login_name = form.name.chars().take(64).collect();
    let page = SignInPage { fault: Some(fault), ..SignInPage::new(app, shell, login_name, form.next) };
    Ok(with_retry_after(shell::html(status, &page)?, retry_after_seconds(refusal)))
}

async fn sign_out(visitor: Visitor) -> Response {
    let app = visitor.app.clone();
    visitor
        .page(move |ctx, _| {
            if ctx.signed_in.is_some() {
                account::sign_out(ctx)?;
            }
            let response = with_cookie(lead_on("/", "/"), &app, session_cookie(&app), "", 0);
            Ok(([(CLEAR_SITE_DATA, "\"cache\"")], response).into_response())
        })
        .await
}

async fn choose_language(State(app): State<Shared>, PageForm(choice): PageForm<Choice>) -> Response {
    let response = lead_on(&choice.return_to, "/");
    match Language::parse(&choice.language) {
        Some(language) => with_cookie(response, &app, LANGUAGE_COOKIE, language.tag(), LANGUAGE_SECONDS),
        None => response,
    }
}

/// Adds a cookie of this host that scripts do not see and other sites' forms do not send.
fn with_cookie(response: Response, app: &App, name: &str, value: &str, seconds: i64) -> Response {
    let secure = if app.settings.secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    match HeaderValue::from_str(&cookie) {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], response).into_response(),
        Err(_) => response,
    }
}
