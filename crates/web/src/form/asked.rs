//! What was asked: by whom, of which project and form, with which parameters.

use std::collections::BTreeMap;

use axum::{
    RequestExt,
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, StatusCode, request::Parts},
    response::Response,
};
use domain::{Ctx, Refusal, form};
use kernel::limits;
use serde_json::Value;
use tokio_stream::StreamExt;
use xform::openrosa;

use super::answer::{Failure, json_response, openrosa_response};
use crate::{
    app::Shared,
    locale::Translator,
    memory::{MEGABYTE, Share},
    visitor::{self, Visitor, origin},
};

/// A request for forms.
pub struct Asked {
    pub visitor: Visitor,
    pub headers: HeaderMap,
    /// Scheme and host under which the server is reached.
    pub site: String,
    /// The parts of the path that stand for something, decoded.
    path: BTreeMap<String, String>,
    query: Vec<(String, String)>,
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let path = match RawPathParams::from_request_parts(parts, app).await {
            Ok(path) => path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            // No form or record has a name that is no text.
            Err(_) => BTreeMap::new(),
        };
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let query = query.into_owned().collect();
        let site = origin(&visitor, &parts.headers);
        Ok(Self { headers: parts.headers.clone(), site, path, query, visitor })
    }
}

impl Asked {
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    pub fn project(&self) -> &str {
        self.part("project")
    }

    pub fn form(&self) -> &str {
        self.part("form")
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Of the query, decoded, in their order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// As Python writes it too.
    pub fn flag(&self, name: &str, otherwise: bool) -> Result<bool, Failure> {
        match self.query(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(otherwise),
            Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(value) => {
                Err(Failure::Value { field: name.to_owned(), value: value.chars().take(100).collect() })
            }
        }
    }

    /// The address of the project as this client reaches it, with its token if it has one.
    pub fn project_url(&self) -> String {
        let project = encoded(self.project());
        match self.part("token") {
            "" => format!("{}/v1/projects/{project}", self.site),
            token => format!("{}/v1/key/{}/projects/{project}", self.site, encoded(token)),
        }
    }

    pub fn form_url(&self, form_id: &str) -> String {
        format!("{}/forms/{}", self.project_url(), encoded(form_id))
    }

    pub fn words(&self) -> Translator {
        self.visitor.translator()
    }

    /// With whose rights it is done: an app user's by the token in the path, or those of the session.
    fn context(&self, app: &Shared) -> Result<Ctx, Failure> {
        Ok(match self.part("token") {
            "" => visitor::context(app, self.visitor.token.as_deref(), true)?,
            token => form::resolve(&app.city, token)?,
        })
    }

    /// Whether anybody is known to send this: looked at before a large body is read.
    pub async fn admit(&self) -> Result<(), Failure> {
        let (session, token) = (self.visitor.token.clone(), self.part("token").to_owned());
        let outcome = visitor::run(self.visitor.app.clone(), move |app| match token.as_str() {
            "" => visitor::context(app, session.as_deref(), true)?.person().map(drop),
            token => form::resolve(&app.city, token).map(drop),
        });
        Ok(outcome.await?)
    }

    /// Runs `work` where it may wait.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&Ctx, &Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        visitor::run(self.visitor.app.clone(), move |app| {
            Ok(self.context(app).and_then(|ctx| {
                self.check(&ctx)?;
                work(&ctx, &self)
            }))
        })
        .await?
    }

    /// A form of another project is not there.
    fn check(&self, ctx: &Ctx) -> Result<(), Failure> {
        let form_id = self.form().strip_suffix(".xml").unwrap_or(self.form());
        let form_id = form_id.strip_suffix(".svc").unwrap_or(form_id);
        if form_id.is_empty() {
            return Ok(());
        }
        let known = form::get(ctx, form_id)?;
        if known.form.area_path.code() == self.project() { Ok(()) } else { Err(Refusal::NotFound.into()) }
    }

    /// Answers in JSON.
    pub async fn json(
        self,
        work: impl FnOnce(&Ctx, &Self) -> Result<Value, Failure> + Send + 'static,
    ) -> Response {
        self.answer(move |ctx, asked| Ok(json_response(StatusCode::OK, &work(ctx, asked)?))).await
    }

    /// Answers in JSON where it fails.
    pub async fn answer(
        self,
        work: impl FnOnce(&Ctx, &Self) -> Result<Response, Failure> + Send + 'static,
    ) -> Response {
        let words = self.words();
        match self.run(work).await {
            Ok(response) => response,
            Err(failure) => failure.json(&words),
        }
    }

    /// Answers in XML, to clients that say that they know OpenRosa.
    pub async fn openrosa(
        self,
        work: impl FnOnce(&Ctx, &Self) -> Result<(StatusCode, String), Failure> + Send + 'static,
    ) -> Response {
        let words = self.words();
        if let Err(failure) = self.check_version() {
            return failure.openrosa(&words);
        }
        match self.run(work).await {
            Ok((status, body)) => openrosa_response(&words, status, body),
            Err(failure) => failure.openrosa(&words),
        }
    }

    pub fn check_version(&self) -> Result<(), Failure> {
        let (name, value) = openrosa::VERSION_HEADER;
        let sent = self.headers.get(name).map(|it| it.as_bytes().trim_ascii());
        if sent == Some(value.as_bytes()) { Ok(()) } else { Err(Failure::NoVersionHeader) }
    }

    pub fn failed(self, failure: Failure) -> Response {
        failure.json(&self.words())
    }
}

/// One segment of a path.
pub fn encoded(text: &str) -> String {
    const KEPT: &[u8] = b"-._~!$'()*";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || KEPT.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A request with its whole body, of at most `MAX` megabytes, which counts as memory of its sender.
pub struct AskedWith<const MAX: usize> {
    pub asked: Asked,
    pub body: Bytes,
    /// Held as long as the body is.
    pub share: Share,
}

impl<const MAX: usize> FromRequest<Shared> for AskedWith<MAX> {
    type Rejection = Response;

    async fn from_request(mut request: Request, app: &Shared) -> Result<Self, Response> {
        let Ok(asked) = request.extract_parts_with_state::<Asked, _>(app).await;
        if MAX > JSON_MEGABYTES
            && let Err(failure) = asked.admit().await
        {
            return Err(asked.failed(failure));
        }
        let mut share = app.photo_memory.share(asked.visitor.address);
        match read(request.into_body(), &mut share, MAX).await {
            Ok(body) => Ok(Self { asked, body, share }),
            Err(failure) => Err(asked.failed(failure)),
        }
    }
}

async fn read(body: Body, share: &mut Share, megabytes: usize) -> Result<Bytes, Failure> {
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|fault| Failure::Unreadable(fault.to_string()))?;
        if bytes.len() + chunk.len() > megabytes * MEGABYTE {
            return Err(Failure::TooLarge { megabytes });
        }
        share.hold(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// Megabytes of a form or a file of one.
pub const FILE_MEGABYTES: usize = limits::FORM_FILE_BYTES_MAX / MEGABYTE;
/// Megabytes of a small body in JSON.
pub const JSON_MEGABYTES: usize = 1;

/// A body in JSON. Fields that are not known are left alone, as Central does.
pub fn json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|fault| Failure::Unreadable(fault.to_string()))
}
