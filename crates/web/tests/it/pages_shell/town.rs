//! A small town with somebody in each role, and browsers to visit its pages with.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::{
    City, Clock, Ctx, Ids, account, area, case,
    organization::{self, Appointment, Organization, OrganizationKind, Post},
    resident::{self, Person},
};
use kernel::{Role, Timestamp};
use store::testing::Scratch;
use tower::ServiceExt;
use uuid::Uuid;
use web::{App, Settings};

pub const PASSWORD: &str = "lantern river bridge";
pub const AREAS: &str = "code,name,parent\n1509,乌兰察布市,15\n150902,集宁区,1509\n150921,卓资县,1509\n\
    150902001,新体路街道,150902\n150921100,卓资山镇,150921\n150902001001,一社区,150902001\n150902001002,二社区,150902001\n";
/// Friday morning.
const NOW: &str = "2026-11-20T09:00:00+08:00";

struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

struct Counting(AtomicU64);

impl Ids for Counting {
    fn next(&self, now: Timestamp) -> Uuid {
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis((now.micros() / 1_000) as u64, &bytes).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [5; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        secret
    }
}

pub struct Town {
    pub city: Arc<City>,
    router: Router,
    runtime: tokio::runtime::Runtime,
    _scratch: Scratch,
}

/// One person's browser: its cookies and its language.
pub struct Browser<'a> {
    town: &'a Town,
    pub cookies: Vec<(String, String)>,
    pub device: &'static str,
    /// Headers beyond those of every browser.
    pub headers: Vec<(&'static str, String)>,
    /// The machine from which its requests come to the server.
    pub peer: Option<IpAddr>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The whole `Set-Cookie` line of a cookie.
    pub fn cookie(&self, name: &str) -> String {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|it| it.to_str().ok());
        lines
            .filter(|line| line.starts_with(&format!("{name}=")))
            .map(str::to_owned)
            .next()
            .unwrap_or_default()
    }
}

impl Town {
    pub fn new(settings: Settings) -> Self {
        let scratch = Scratch::sqlite();
        let folder = std::env::temp_dir().join(format!("olzii-pages-{}", scratch_name(&scratch)));
        let appeal = (
            "pass-appeal.toml".to_owned(),
            include_str!("../../../../../procedures/pass-appeal.toml").to_owned(),
        );
        let procedure = (
            "city-event.toml".to_owned(),
            include_str!("../../../../../procedures/city-event.toml").to_owned(),
        );
        let city = Arc::new(City {
            db: scratch.db.clone(),
            policy: policy::Policy::new().expect("the shipped policies are sound"),
            procedures: case::Procedures::load(&[procedure, appeal])
                .expect("the shipped procedures are sound"),
            classes: case::Catalogue::load(include_str!("../../../../../data/classes.toml")).expect("sound"),
            calendars: domain::calendar::Calendars::load(include_str!("../../../../../data/calendar.toml"))
                .expect("sound"),
            supervision: domain::supervision::Levels::load(include_str!(
                "../../../../../data/supervision.toml"
            ))
            .expect("sound"),
            statistic: domain::statistic::Definitions::load(include_str!(
                "../../../../../data/statistic.toml"
            ))
            .expect("sound"),
            evaluation: domain::evaluation::Rules::load(include_str!("../../../../../data/evaluation.toml"))
                .expect("sound"),
            photos: case::PhotoFolder::open(&folder).expect("a temporary folder"),
            forms: domain::form::Library::default(),
            passes: domain::pass::KeyFolder::new(&folder.with_extension("passes"), &[9; 32]),
            log: domain::journal::CityLog::alone("test.example/journal", [4; 32]).expect("a log"),
            clock: Box::new(Still(Timestamp::parse(NOW).expect("a moment"))),
            ids: Box::new(Counting(AtomicU64::new(1))),
            key: [3; 32],
        });
        import(&city, AREAS, 86_400, false);
        settle(&city);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let router = web::router(App::new(city.clone(), settings));
        Self { city, router, runtime, _scratch: scratch }
    }

    pub fn plain() -> Self {
        Self::new(Settings::default())
    }

    pub fn browser(&self, language: &str) -> Browser<'_> {
        let cookies = vec![("olzii_language".to_owned(), language.to_owned())];
        Browser {
            town: self,
            cookies,
            device: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            headers: Vec::new(),
            peer: None,
        }
    }

    /// The browser of somebody who signed in.
    pub fn signed_in(&self, role: Role, language: &str) -> Browser<'_> {
        let mut browser = self.browser(language);
        let answer = browser.sign_in(role.as_str(), PASSWORD, "");
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{role:?}: {}", answer.text);
        browser
    }
}

/// A name that is this test's alone.
fn scratch_name(scratch: &Scratch) -> String {
    match &scratch.location {
        store::Location::Folder(folder) => {
            folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
        }
        _ => "other".to_owned(),
    }
}

/// Imports areas as they were `ago` seconds before now.
pub fn import(city: &Arc<City>, text: &str, ago: i64, complete: bool) {
    let ctx = Ctx::system(city.clone());
    let options = area::Options { complete, date: ctx.now.plus_seconds(-ago) };
    let source = area::Source { name: "test", bytes: text.as_bytes() };
    if let Err(error) = area::import(&ctx, source, options, &mut |_, _| {}) {
        panic!("{error:?}");
    }
}

/// Somebody in each role, who signs in under the role's name.
fn settle(city: &Arc<City>) {
    let ctx = Ctx::system(city.clone());
    let hash = account::hash_password(PASSWORD, &city.ids.secret());
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|it| *it != Role::Anonymous).collect();
    let outcome = ctx.write(|tx| {
        for role in &roles {
            let code = if role.is_grid() { "150902001001" } else { "150902" };
            let place = area::place(tx, code)?.expect("it was imported");
            let person = Person {
                county: place.county,
                id: ctx.id(),
                name: "巴特尔".into(),
                phone: None,
                household: None,
            };
            resident::register_all(tx, &[], &[], std::slice::from_ref(&person))?;
            if *role != Role::Resident {
                let body = Organization {
                    id: ctx.id(),
                    kind: OrganizationKind::GovernmentDepartment,
                    name: format!("{}的单位", role.as_str()),
                    area: place.id,
                    area_path: place.path.clone(),
                    from: ctx.now.plus_seconds(-3_600),
                    to: None,
                };
                organization::found_all(tx, std::slice::from_ref(&body))?;
                let post = Post {
                    id: ctx.id(),
                    organization: body.id,
                    role: *role,
                    area: place.id,
                    area_path: place.path,
                };
                organization::create_posts(tx, std::slice::from_ref(&post))?;
                let held =
                    Appointment { id: ctx.id(), post: post.id, person: person.id, from: body.from, to: None };
                organization::appoint_all(tx, std::slice::from_ref(&held))?;
            }
            account::create(
                tx,
                &account::NewAccount {
                    id: ctx.id(),
                    person: person.id,
                    county: place.county,
                    login_name: role.as_str().to_owned(),
                    password_hash: hash.clone(),
                    created_at: ctx.now,
                },
            )?;
        }
        Ok(())
    });
    outcome.expect("they settle");
}

impl Browser<'_> {
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, "same-origin", "")
    }

    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, "same-origin", &encode(form))
    }

    pub fn sign_in(&mut self, name: &str, password: &str, next: &str) -> Answer {
        self.post("/sign-in", &[("name", name), ("password", password), ("next", next)])
    }

    /// A form with one photo, as a browser sends it.
    pub fn upload(&mut self, path: &str, form: &[(&str, &str)], photo: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in form {
            body.extend(
                format!("--knot\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        body.extend(b"--knot\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\n");
        body.extend(photo);
        body.extend(b"\r\n--knot--\r\n");
        self.send_body(Method::POST, path, "same-origin", "multipart/form-data; boundary=knot", body)
    }

    /// Sends, and keeps the cookies that come back.
    pub fn send(&mut self, method: Method, path: &str, site: &str, body: &str) -> Answer {
        self.send_body(method, path, site, "application/x-www-form-urlencoded", body.as_bytes().to_vec())
    }

    fn send_body(&mut self, method: Method, path: &str, site: &str, kind: &str, body: Vec<u8>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "town.example")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::USER_AGENT, self.device)
            .header(header::CONTENT_TYPE, kind)
            .header("sec-fetch-site", site);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(peer) = self.peer {
            request = request.extension(ConnectInfo(SocketAddr::from((peer, 4_000))));
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = self.town.runtime.block_on(async {
            let response = self.town.router.clone().oneshot(request).await.expect("infallible");
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, 8 * 1024 * 1024).await.expect("a body");
            Answer {
                status: parts.status,
                headers: parts.headers,
                text: String::from_utf8_lossy(&bytes).into_owned(),
            }
        });
        for line in answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|it| it.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            self.cookies.retain(|(it, _)| it != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }
}

fn encode(form: &[(&str, &str)]) -> String {
    let part = |text: &str| -> String {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()
    };
    form.iter().map(|(name, value)| format!("{}={}", part(name), part(value))).collect::<Vec<_>>().join("&")
}
