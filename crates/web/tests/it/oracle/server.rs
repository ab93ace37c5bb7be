//! The served city: the router in this process, its database, and everybody's tokens.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{City as House, Ctx, case};
use store::Db;
use tower::ServiceExt;
use uuid::Uuid;

use super::{fixture::City, house, plant, verdict::Actor};

const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Requests under way at once.
const AT_ONCE: usize = 32;
const BOUNDARY: &str = "zqboundary";

pub struct Server {
    pub house: Arc<House>,
    pub city: City,
    pub photo: case::StoredPhoto,
    pub picture: Vec<u8>,
    pub sessions: Vec<(String, Uuid)>,
    router: Router,
    /// The database is asked outside of it: its driver waits by itself.
    runtime: tokio::runtime::Runtime,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub actor: Actor,
    pub body: Payload,
}

impl Call {
    pub fn get(actor: Actor, path: String) -> Self {
        Self { method: Method::GET, path, actor, body: Payload::None }
    }
}

#[derive(Clone, Debug)]
pub enum Payload {
    None,
    Json(serde_json::Value),
    /// One picture in the field `photos`, and other fields.
    Form(Vec<(String, String)>, Vec<u8>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Server {
    /// A new city in `db` and the router before it.
    pub fn start(db: Db) -> Self {
        let house = house::open(db);
        let city = City::build();
        let picture = picture();
        let photo = case::store_photo(&Ctx::anonymous(house.clone()), &picture).expect("a sound picture");
        plant::plant(&house, &city, &photo);
        domain::journal::seal(&house).expect("the journal takes a seal");
        let sessions = plant::sign_in_all(&house, &city);
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../../../data/vectors/pass.json")).expect("vectors");
        let bundle = BASE64_STANDARD.decode(vectors["bundle"].as_str().expect("a text")).expect("base64");
        let pass_bundle: Option<web::checkpoint::BundleSource> =
            Some(Arc::new(move |_| Ok(Some(bundle.clone()))));
        let settings = web::Settings { pass_bundle, ..web::Settings::default() };
        let router = web::router(web::App::new(house.clone(), settings));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        Self { house, city, photo, picture, sessions, router, runtime }
    }

    pub fn link(&self, case: usize) -> String {
        case::follow_token(&self.house, kernel::Id::from_uuid(self.city.cases[case].id))
    }

    fn request(&self, call: &Call, number: usize) -> Request<Body> {
        let mut request = Request::builder().method(call.method.clone()).uri(&call.path);
        if let Some(person) = call.actor.person {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.sessions[person].0));
        }
        let (kind, body) = match &call.body {
            Payload::None => (None, Body::empty()),
            Payload::Json(json) => (Some("application/json".to_owned()), Body::from(json.to_string())),
            Payload::Form(fields, picture) => {
                (Some(format!("multipart/form-data; boundary={BOUNDARY}")), Body::from(form(fields, picture)))
            }
        };
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let mut request = request.body(body).expect("a sound request");
        // Each call comes from an address of its own: how often one may try is not what is asked here.
        let [.., a, b, c] = (number as u32).to_be_bytes();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, a, b, c], 4_000))));
        request
    }

    pub fn send(&self, call: &Call, number: usize) -> Answer {
        self.runtime.block_on(answer(self.router.clone(), self.request(call, number)))
    }

    /// Sends them all, some at once; answers in the order of the calls.
    pub fn send_all(&self, calls: &[Call], first_number: usize) -> Vec<Answer> {
        self.runtime.block_on(self.send_some_at_once(calls, first_number))
    }

    async fn send_some_at_once(&self, calls: &[Call], first_number: usize) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(calls.len());
        for (chunk, some) in calls.chunks(AT_ONCE).enumerate() {
            let handles: Vec<_> = some
                .iter()
                .enumerate()
                .map(|(index, call)| {
                    let request = self.request(call, first_number + chunk * AT_ONCE + index);
                    tokio::spawn(answer(self.router.clone(), request))
                })
                .collect();
            for handle in handles {
                answers.push(handle.await.expect("no handler panics"));
            }
        }
        answers
    }
}

async fn answer(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.expect("the router answers");
    let status = response.status().as_u16();
    let is_stream = response.headers().get(header::CONTENT_TYPE).is_some_and(|it| it == "text/event-stream");
    // A stream of events has no end; that it was opened is the answer.
    let body = if is_stream {
        Vec::new()
    } else {
        axum::body::to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.expect("a body").to_vec()
    };
    Answer { status, body }
}

fn form(fields: &[(String, String)], picture: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(picture);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// A PNG of one grey pixel.
fn picture() -> Vec<u8> {
    const PNG: &str =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.decode(PNG).expect("base64")
}
