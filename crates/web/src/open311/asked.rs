//! What was asked: the format by the end of the path, the arguments of the query string, in which language.

use axum::{
    Extension,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};
use domain::{Ctx, Refusal, area};
use open311::{EndpointType, Form, Format};

use super::answer::{Answer, Failure, plain};
use crate::{
    app::{App, Shared},
    locale::Translator,
    visitor::{self, Visitor, origin},
};

/// One of the two addresses under which the methods are.
#[derive(Clone, Copy)]
pub struct Endpoint {
    pub path: &'static str,
    pub kind: EndpointType,
}

impl Endpoint {
    pub const PRODUCTION: Self = Self { path: "/open311/v2", kind: EndpointType::Production };
    /// Checks a new request as the other does, and files nothing.
    pub const TEST: Self = Self { path: "/open311/test/v2", kind: EndpointType::Test };

    pub fn is_test(self) -> bool {
        self.kind == EndpointType::Test
    }
}

pub struct Asked {
    pub visitor: Visitor,
    pub endpoint: Endpoint,
    /// The file's name without its extension: a method, or a code or id.
    pub name: String,
    pub format: Format,
    /// Of the query string.
    pub form: Result<Form, open311::Fault>,
    /// Scheme and host under which the server was reached.
    pub site: String,
    pub headers: HeaderMap,
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        let file = parts.uri.path().rsplit('/').next().unwrap_or_default();
        let split = file.rsplit_once('.').and_then(|(name, end)| Some((name, Format::of_extension(end)?)));
        let Some((name, format)) = split else { return Err(plain(StatusCode::NOT_FOUND)) };
        let name = name.to_owned();
        let endpoint = Extension::<Endpoint>::from_request_parts(parts, app).await;
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        Ok(Self {
            endpoint: endpoint.map_or(Endpoint::PRODUCTION, |it| it.0),
            name,
            format,
            form: Form::urlencoded(parts.uri.query().unwrap_or_default().as_bytes()),
            site: origin(&visitor, &parts.headers),
            headers: parts.headers.clone(),
            visitor,
        })
    }
}

/// With what a read is answered.
pub struct Reading<'a> {
    pub ctx: &'a Ctx,
    pub app: &'a App,
    pub words: &'a Translator,
    pub form: &'a Form,
    pub name: &'a str,
    pub site: &'a str,
    /// Path and query.
    pub uri: &'a axum::http::Uri,
}

impl Asked {
    /// Answers a read, to everybody alike.
    pub async fn read(
        self,
        work: impl FnOnce(&Reading<'_>) -> Result<Answer, Failure> + Send + 'static,
    ) -> Response {
        let (format, words) = (self.format, self.visitor.translator());
        let answer = {
            let words = words.clone();
            run(self.visitor.app.clone(), move |app| {
                app.guard.open311(self.visitor.address)?;
                let ctx = Ctx::anonymous(app.city.clone());
                let form = self.form.map_err(|fault| Failure::Arguments(vec![fault]))?;
                check_jurisdiction(&ctx, &form, &self.headers)?;
                let (name, site, uri) = (self.name.as_str(), self.site.as_str(), &self.visitor.uri);
                work(&Reading { ctx: &ctx, app, words: &words, form: &form, name, site, uri })
            })
            .await
        };
        match answer {
            Ok(answer) => answer.response(format),
            Err(failure) => failure.response(format, &words),
        }
    }

    /// For a name that is no method.
    pub async fn not_found(self) -> Response {
        self.read(|_| Err(Failure::Missing("open311-no-method"))).await
    }

    pub fn no_such_method(self) -> Response {
        let mut response = Failure::Method.response(self.format, &self.visitor.translator());
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET,HEAD"));
        response
    }
}

/// Runs `work` where it may wait; what it fails with is kept as it is.
pub async fn run<T: Send + 'static>(
    app: Shared,
    work: impl FnOnce(&Shared) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    visitor::run(app, move |app| Ok(work(app))).await?
}

/// One endpoint serves one city: its site or its code may be named, or nothing.
pub fn check_jurisdiction(ctx: &Ctx, form: &Form, headers: &HeaderMap) -> Result<(), Failure> {
    let Some(named) = form.text("jurisdiction_id") else { return Ok(()) };
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let root = |host: &str| {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        name.strip_prefix("www.").unwrap_or(name).to_ascii_lowercase()
    };
    if !host.is_empty() && (named.eq_ignore_ascii_case(host) || root(named) == root(host)) {
        return Ok(());
    }
    let city = ctx.read(area::city)?;
    let is_city = |code: &str| named == code || named.strip_suffix("00") == Some(code);
    match city.is_some_and(|it| is_city(&it.code)) {
        true => Ok(()),
        false => Err(Failure::Missing("open311-no-jurisdiction")),
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refusal(refusal)
    }
}
