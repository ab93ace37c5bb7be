//! Who sent a request, before the database was asked: token, language, address.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Uri, header, request::Parts},
    response::Response,
};
use domain::{Ctx, Refusal, account};

use crate::{
    app::{App, Shared},
    locale::{Language, Translator},
    problem::Problem,
    shell::{self, Shell},
};

pub const LANGUAGE_COOKIE: &str = "olzii_language";

/// The sender of a request.
pub struct Visitor {
    pub app: Shared,
    pub language: Language,
    pub token: Option<String>,
    pub address: IpAddr,
    /// Path and query.
    pub uri: Uri,
    /// What the browser calls itself, cut short, for the list of sessions.
    pub device: String,
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
        let address = parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>();
        Ok(Self {
            app: app.clone(),
            language,
            token: token.map(str::to_owned),
            address: address.map_or(IpAddr::from([127, 0, 0, 1]), |it| it.0.ip()),
            uri: parts.uri.clone(),
            device: text(header::USER_AGENT).unwrap_or_default().chars().take(120).collect(),
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
    /// A token that is no longer good counts as none.
    pub async fn page(
        self,
        work: impl FnOnce(&Ctx, Shell) -> Result<Response, Refusal> + Send + 'static,
    ) -> Response {
        let translator = self.translator();
        let (token, uri, language) = (self.token.clone(), self.uri.clone(), self.language);
        let outcome = run(self.app.clone(), move |app| {
            let ctx = context(app, token.as_deref(), false)?;
            let shell = Shell::new(app, &ctx, language, &uri)?;
            work(&ctx, shell.clone()).or_else(|refusal| Ok(shell::refused(shell, &uri, &refusal)))
        });
        match outcome.await {
            Ok(response) => response,
            Err(refusal) => shell::refused(Shell::bare(&self.app, translator), &self.uri, &refusal),
        }
    }
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
