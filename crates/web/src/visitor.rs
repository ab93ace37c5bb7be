//! Who sent a request, before the database was asked: token, language, address.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Ctx, Refusal, account};

use crate::{
    app::{App, Shared},
    here,
    locale::{Language, Translator},
    problem::Problem,
    sent,
    shell::{self, Shell},
};

pub const LANGUAGE_COOKIE: &str = "olzii_language";
/// For which account a phone kept what it sends now: under another's session it is not taken.
const ACCOUNT_HEADER: &str = "olzii-account";

/// The sender of a request.
pub struct Visitor {
    pub app: Shared,
    pub language: Language,
    pub token: Option<String>,
    /// Of the machine that asked, as far as it can be known.
    pub address: IpAddr,
    /// Path and query.
    pub uri: Uri,
    /// The page on which they are.
    pub here: String,
    /// What the browser calls itself, cut short, for the list of sessions.
    pub device: String,
    /// A script of ours sent it, which reads JSON in place of a page.
    pub reads_json: bool,
    /// Account that the sender says it is for.
    account: Option<String>,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let language = cookie(&parts.headers, LANGUAGE_COOKIE).and_then(Language::parse);
        let language =
            language.unwrap_or_else(|| Language::accepted(text(header::ACCEPT_LANGUAGE).unwrap_or_default()));
        let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let token = bearer.or_else(|| cookie(&parts.headers, session_cookie(app)));
        let peer = parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>();
        let peer = peer.map_or(IpAddr::from([127, 0, 0, 1]), |it| it.0.ip());
        Ok(Self {
            app: app.clone(),
            language,
            token: token.map(str::to_owned),
            address: app.settings.gateways.sender(peer, &parts.headers),
            uri: parts.uri.clone(),
            here: here::of(parts),
            device: text(header::USER_AGENT).unwrap_or_default().chars().take(120).collect(),
            reads_json: text(header::ACCEPT).is_some_and(|it| it.starts_with("application/json")),
            account: parts.headers.get(ACCOUNT_HEADER).map(|it| it.to_str().unwrap_or_default().to_owned()),
        })
    }
}

/// Name of the session's cookie. `__Host-` binds it to this host, for which browsers demand HTTPS.
pub fn session_cookie(app: &App) -> &'static str {
    if app.settings.secure { "__Host-olzii" } else { "olzii" }
}

pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|it| it.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

impl Visitor {
    pub fn translator(&self) -> Translator {
        Translator::new(self.app.locales.clone(), self.language)
    }

    /// Runs `work` with the sender's rights on a thread that may wait; refusals become problem details.
    pub async fn api<T: Send + 'static>(
        self,
        work: impl FnOnce(&Ctx) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Problem> {
        let translator = self.translator();
        let token = self.token.clone();
        let outcome = run(self.app.clone(), move |app| work(&context(app, token.as_deref(), true)?)).await;
        outcome.map_err(|refusal| Problem::new(&translator, refusal))
    }

    /// Runs `work` with the sender's rights on a thread that may wait; refusals become pages.
    /// A token that is no longer good counts as none. A script is answered in JSON: where it would be led on to,
    /// or problem details.
    pub async fn page(
        self,
        work: impl FnOnce(&Ctx, Shell) -> Result<Response, Refusal> + Send + 'static,
    ) -> Response {
        let translator = self.translator();
        let (token, here, language) = (self.token.clone(), self.here.clone(), self.language);
        let (reads_json, account, asked) = (self.reads_json, self.account, self.uri.path().to_owned());
        let names_account = account.is_some();
        let outcome = run(self.app.clone(), move |app| {
            let ctx = context(app, token.as_deref(), false)?;
            let shell = Shell { reads_json, asked, ..Shell::new(app, &ctx, language, &here)? };
            let response = for_account(&ctx, account.as_deref()).and_then(|()| work(&ctx, shell.clone()));
            response.or_else(|refusal| Ok(refused(shell, refusal, names_account)))
        });
        let response = match outcome.await {
            Ok(response) => response,
            Err(refusal) => {
                let shell = Shell { reads_json, ..Shell::bare(&self.app, translator, &self.here) };
                refused(shell, refusal, names_account)
            }
        };
        if reads_json { sent::led_on_in_json(response) } else { response }
    }
}

/// A refusal as its sender reads it. A script that names an account is not led to the page for signing in, where that
/// would be refused again: it is told on a page that says who is signed in, if anybody is.
fn refused(shell: Shell, refusal: Refusal, names_account: bool) -> Response {
    match refusal {
        refusal if shell.reads_json => Problem::new(&shell.t, refusal).into_response(),
        Refusal::SignIn if names_account => {
            let status = StatusCode::UNAUTHORIZED;
            let page = shell::told(shell, status, "sign-in");
            shell::html(status, &page).unwrap_or_else(|_| status.into_response())
        }
        refusal => shell::refused(shell, &refusal),
    }
}

/// What was kept for one account is not taken under another's session.
fn for_account(ctx: &Ctx, account: Option<&str>) -> Result<(), Refusal> {
    let own = ctx.signed_in.as_ref().map(|it| it.account.to_string());
    if account.is_some() && account != own.as_deref() { Err(Refusal::SignIn) } else { Ok(()) }
}

/// Scheme and host of this site: as the city is told, or else as the sender asked for it.
pub fn origin(visitor: &Visitor, headers: &HeaderMap) -> String {
    if let Some(url) = &visitor.app.settings.public_url {
        return url.clone();
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = host.or_else(|| visitor.uri.authority().map(|it| it.as_str())).unwrap_or_default();
    if host.is_empty() {
        return String::new();
    }
    let scheme = if visitor.app.settings.secure { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Runs `work` where it may wait, if not too many do already.
pub async fn run<T: Send + 'static>(
    app: Shared,
    work: impl FnOnce(&Arc<App>) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let Ok(_permit) = app.working.try_acquire() else {
        app.metrics.shed.inc();
        return Err(Refusal::TooMany { retry_after_seconds: 2 });
    };
    let shared = app.clone();
    match tokio::task::spawn_blocking(move || work(&shared)).await {
        Ok(outcome) => outcome,
        Err(error) => Err(Refusal::Broken(format!("a handler panicked: {error}"))),
    }
}

/// The context of a token. To the API a token that is not good is an error, to a page it is none.
pub fn context(app: &Arc<App>, token: Option<&str>, strict: bool) -> Result<Ctx, Refusal> {
    match token.map(|token| account::resolve(&app.city, token)) {
        None => Ok(Ctx::anonymous(app.city.clone())),
        Some(Ok(ctx)) => Ok(ctx),
        Some(Err(Refusal::SignIn)) if !strict => Ok(Ctx::anonymous(app.city.clone())),
        Some(Err(refusal)) => Err(refusal),
    }
}
