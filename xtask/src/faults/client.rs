//! The API as a resident's program calls it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// Longer than the server lets a request take.
const ANSWER_SECONDS_MAX: u64 = 40;
/// The largest page there is.
const PAGE_ROWS: usize = 200;

/// One grey pixel as PNG.
const PICTURE: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\xdach\
    \0\0\0\x82\0\x81\xdaE\x08;\0\0\0\0IEND\xaeB`\x82";

/// One caller with connections of its own.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// A report as it is sent; the id alone decides its words, so that it can be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub id: String,
    pub place: String,
    /// Sent as a form with a picture beside it.
    pub photo: bool,
}

impl Report {
    /// Without a photo.
    pub fn new(id: String) -> Self {
        let place = format!("lamp post {id}");
        Self { id, place, photo: false }
    }

    /// Every eighth has a photo, chosen by its id.
    pub fn with_some_photos(id: String) -> Self {
        let photo = id.ends_with(['0', '8']);
        Self { photo, ..Self::new(id) }
    }

    fn json(&self, area: &str) -> Value {
        json!({
            "id": self.id,
            "procedure": "city-event",
            "class": "c1-street-lamp",
            "area": area,
            "place": self.place,
            "description": format!("Broken; reported by the fault run as {}.", self.id),
        })
    }

    /// The body and its type: JSON, or multipart/form-data (RFC 7578) with JSON in `case` and a picture in `photos`.
    fn body(&self, area: &str) -> (String, Vec<u8>) {
        let json = self.json(area).to_string();
        if !self.photo {
            return ("application/json".to_owned(), json.into_bytes());
        }
        let boundary = format!("boundary-{}", self.id);
        let part = |name: &str, rest: &str| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n")
        };
        let mut body = part("case", "\r\nContent-Type: application/json").into_bytes();
        body.extend(json.as_bytes());
        body.extend(b"\r\n");
        body.extend(part("photos", "; filename=\"lamp.png\"\r\nContent-Type: image/png").as_bytes());
        body.extend(PICTURE);
        body.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

impl Answer {
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// An answer that refuses for the disk's sake and says so: 507 or 503 as problem details (RFC 9457).
    pub fn is_clear_refusal(&self) -> bool {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        [503, 507].contains(&self.status)
            && self.content_type == "application/problem+json"
            && problem["status"] == self.status
            && problem["title"].as_str().is_some_and(|title| !title.is_empty())
    }
}

impl Client {
    pub fn new(base: &str, token: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))
            .build()
            .into();
        Self { agent, base: base.to_owned(), token: token.to_owned() }
    }

    /// Any status is an answer; an error means that none came.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        answer(request.call()?)
    }

    fn send(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Answer> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).content_type(content_type);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        answer(request.send(body)?)
    }

    fn json(&self, path: &str) -> Result<Value> {
        let answer = self.get(path)?;
        ensure!(answer.status == 200, "GET {path} answered {}: {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).with_context(|| format!("GET {path} answered no JSON"))
    }

    /// Signs in; the token outlives the server's process, because sessions are rows.
    pub fn sign_in(base: &str, login_name: &str, password: &str) -> Result<String> {
        let body = json!({ "login_name": login_name, "password": password });
        let answer =
            Self::new(base, "").send("/api/v1/sessions", "application/json", body.to_string().as_bytes())?;
        ensure!(answer.is_good(), "signing in as {login_name} answered {}: {}", answer.status, answer.body);
        let session: Value = serde_json::from_str(&answer.body)?;
        Ok(session["token"].as_str().context("the session has no token")?.to_owned())
    }

    /// The code of a community.
    pub fn community(&self) -> Result<String> {
        let page = self.json("/api/v1/areas?tier=community&limit=1")?;
        let code = page["items"][0]["code"].as_str();
        code.map(str::to_owned).with_context(|| format!("the city has no community: {page}"))
    }

    pub fn report(&self, area: &str, report: &Report) -> Result<Answer> {
        let (content_type, body) = report.body(area);
        self.send("/api/v1/cases", &content_type, &body)
    }

    /// Every case of the caller: its place by its id, once for each time the server shows it.
    pub fn cases(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = self.json(&format!("/api/v1/cases?mine=true&limit={PAGE_ROWS}{cursor}"))?;
            for case in page["items"].as_array().with_context(|| format!("a page without items: {page}"))? {
                let text = |name: &str| case[name].as_str().map(str::to_owned);
                let id = text("id").with_context(|| format!("a case without an id: {case}"))?;
                let place = text("place").with_context(|| format!("a case without a place: {case}"))?;
                cases.entry(id).or_default().push(place);
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(cases),
            }
        }
    }

    /// Whether the server says that a write would be durable now.
    pub fn is_ready(&self) -> bool {
        self.get("/ready").is_ok_and(|answer| answer.status == 200)
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string()?;
    Ok(Answer { status, content_type, body })
}
