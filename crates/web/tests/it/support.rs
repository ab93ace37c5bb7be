//! A town with somebody in each part of the loop, reached through the router alone.

use std::{
    collections::BTreeMap,
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, Response, StatusCode, header},
};
use domain::{
    City, Clock, Ctx, Ids, account, area, case,
    organization::{self, Appointment, Organization, OrganizationKind, Post},
    resident::{self, Household, Person, Premises},
};
use kernel::{Id, Role, Timestamp};
use serde_json::{Value, json};
use store::Db;
use tokio_stream::StreamExt as _;
use tower::ServiceExt;
use uuid::Uuid;
use web::{App, Settings};

/// Friday morning, a workday.
pub const START: &str = "2026-11-20T09:00:00+08:00";
pub const PASSWORD: &str = "lantern river bridge";
pub const GRID: &str = "150902001001001";
pub const AREAS: &str = "code,name,parent\n1509,乌兰察布市,15\n150902,集宁区,1509\n150921,卓资县,1509\n\
    150902001,新体路街道,150902\n150902001001,泰昌社区,150902001\n150902001001001,一网格,150902001001\n\
    150902001002,光明社区,150902001\n150921100,卓资山镇,150921\n150921100001,城关社区,150921100\n";
const BOUNDARY: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"150902"},
    "geometry":{"type":"Polygon","coordinates":[[[113,40.9],[113.3,40.9],[113.3,41.2],[113,41.2],[113,40.9]]]}}]}"#;

/// Login name, role, the body worked for, the area served.
const STAFF: [(&str, Role, &str, &str); 10] = [
    ("grid_leader", Role::GridLeader, "一网格", GRID),
    ("grid_supervisor", Role::GridSupervisor, "一网格", GRID),
    ("acceptor", Role::Acceptor, "集宁区监督中心", "150902"),
    ("reviewer", Role::Acceptor, "集宁区监督中心", "150902"),
    ("dispatcher", Role::Dispatcher, "集宁区指挥中心", "150902"),
    ("handler", Role::Handler, "集宁区照明所", "150902"),
    ("stranger", Role::Handler, "集宁区水务局", "150902"),
    ("leader", Role::Leader, "新体路街道督办室", "150902001"),
    ("commander", Role::Commander, "乌兰察布市指挥中心", "1509"),
    ("neighbour", Role::Dispatcher, "卓资县指挥中心", "150921"),
];

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis((now.micros() / 1_000) as u64, &bytes).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        secret
    }
}

pub struct Town {
    pub clock: TestClock,
    pub lighting: Uuid,
    pub people: BTreeMap<&'static str, Uuid>,
    runtime: tokio::runtime::Runtime,
    router: Router,
    city: Arc<City>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The body, of an answer that must have this status.
    #[track_caller]
    pub fn of(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// The fields at fault, of a problem that must have this status.
    #[track_caller]
    pub fn fields(self, status: u16) -> Vec<String> {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|it| it["field"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Town {
    pub fn new(db: Db) -> Self {
        Self::with(db, Settings::default())
    }

    pub fn with(db: Db, settings: Settings) -> Self {
        let start = Timestamp::parse(START).expect("a moment").micros();
        let clock = TestClock(Arc::new(AtomicI64::new(start)));
        let city = city(db, &clock);
        let ctx = Ctx::system(city.clone());
        let source = |bytes| area::Source { name: "test", bytes };
        let options = area::Options { complete: false, date: ctx.now };
        area::import(&ctx, source(AREAS.as_bytes()), options, &mut |_, _| {}).expect("the areas are sound");
        area::import_boundaries(&ctx, BOUNDARY.as_bytes(), "test").expect("the boundary is sound");
        let (lighting, people) = settle(&ctx);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let router = web::router(App::new(city.clone(), settings));
        Self { clock, lighting, people, runtime, router, city }
    }

    /// A session of its own, opened without a password, which takes long by design.
    pub fn token(&self, login_name: &str) -> String {
        let ctx = Ctx::system(self.city.clone());
        let account = Id::from_uuid(account_id(self.people[login_name]));
        ctx.write(|tx| account::open_session(tx, &ctx, account, "test")).expect("an account").0
    }

    pub fn user(&self, login_name: &str) -> User<'_> {
        User { town: self, token: Some(self.token(login_name)) }
    }

    pub fn anonymous(&self) -> User<'_> {
        User { town: self, token: None }
    }

    pub fn city(&self) -> &Arc<City> {
        &self.city
    }

    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The answer before its body was read.
    pub async fn open(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.expect("infallible")
    }

    pub fn send(&self, request: Request<Body>) -> Answer {
        self.run(async {
            let (parts, body) = self.open(request).await.into_parts();
            let bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.expect("a body").to_vec();
            Answer { status: parts.status, headers: parts.headers, bytes }
        })
    }
}

/// One actor with a bearer token, or none.
pub struct User<'a> {
    pub town: &'a Town,
    pub token: Option<String>,
}

impl User<'_> {
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("accept-language", "en");
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.town.send(self.request(Method::GET, path).body(Body::empty()).expect("a request"))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.town.send(self.request(Method::DELETE, path).body(Body::empty()).expect("a request"))
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send_text(Method::POST, path, "application/json", body.to_string())
    }

    pub fn send_text(&self, method: Method, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        let request = self.request(method, path).header(header::CONTENT_TYPE, kind);
        self.town.send(request.body(body.into()).expect("a request"))
    }

    /// JSON in the part `case` and files in parts `photos`.
    pub fn post_with(&self, path: &str, body: &Value, photos: &[Vec<u8>]) -> Answer {
        self.send_text(Method::POST, path, FORM_WITH_PHOTOS, form_with(body, photos))
    }

    #[track_caller]
    pub fn report(&self, report: &Value) -> Value {
        self.post("/api/v1/cases", report).of(201)
    }

    /// Takes a transition; the case as it is then.
    #[track_caller]
    pub fn advance(&self, case: &str, transition: &str, body: &Value, photos: &[Vec<u8>]) -> Value {
        self.post_with(&format!("/api/v1/cases/{case}/transitions/{transition}"), body, photos).of(200)
    }
}

/// Of what `form_with` makes.
pub const FORM_WITH_PHOTOS: &str = "multipart/form-data; boundary=knot";

/// JSON in the part `case` and files in parts `photos`.
pub fn form_with(body: &Value, photos: &[Vec<u8>]) -> Vec<u8> {
    let mut form = format!(
        "--knot\r\nContent-Disposition: form-data; name=\"case\"; filename=\"blob\"\r\n\
        Content-Type: application/json\r\n\r\n{body}\r\n"
    )
    .into_bytes();
    for photo in photos {
        form.extend(b"--knot\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\n");
        form.extend(photo);
        form.extend(b"\r\n");
    }
    form.extend(b"--knot--\r\n");
    form
}

/// A body of that beginning and then as many megabytes of zeros, of which each is there when it is asked for a second
/// time, and how many of these were asked for.
pub fn counted(beginning: Vec<u8>, megabytes: usize) -> (Body, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let counter = asked.clone();
    let more = (0..megabytes).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        vec![0; 1024 * 1024]
    });
    let chunks = std::iter::once(beginning).chain(more).map(Ok::<_, std::io::Error>);
    let chunks = tokio_stream::iter(chunks).then(async |chunk| {
        tokio::task::yield_now().await;
        chunk
    });
    (Body::from_stream(chunks), asked)
}

/// A report of a broken street lamp under an id of its own.
pub fn lamp(number: u128) -> Value {
    json!({
        "id": Uuid::from_u128(0x1000 + number),
        "class": "c1-street-lamp",
        "area": GRID,
        "place": "泰昌路口",
        "position": { "longitude": 113.11, "latitude": 41.03 },
        "description": "路灯不亮三天了",
    })
}

/// The same with one field as told.
pub fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height)
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .expect("a picture");
    bytes.into_inner()
}

/// What stands under `key` of each item.
pub fn pick(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().cloned().unwrap_or_default();
    items.iter().map(|it| it[key].as_str().unwrap_or_default().to_owned()).collect()
}

fn city(db: Db, clock: &TestClock) -> Arc<City> {
    let folder = std::env::temp_dir().join(format!("olzii-photos-{}", Uuid::new_v4().simple()));
    let procedures = [
        ("city-event.toml", include_str!("../../../../procedures/city-event.toml")),
        ("support-task.toml", include_str!("../../../../procedures/support-task.toml")),
    ];
    let procedures = procedures.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Arc::new(City {
        db,
        policy: policy::Policy::new().expect("the shipped policies are sound"),
        procedures: case::Procedures::load(&procedures).expect("the shipped procedures are sound"),
        classes: case::Catalogue::load(include_str!("../../../../data/classes.toml")).expect("sound"),
        calendars: domain::calendar::Calendars::load(include_str!("../../../../data/calendar.toml"))
            .expect("sound"),
        supervision: domain::supervision::Levels::load(include_str!("../../../../data/supervision.toml"))
            .expect("sound"),
        statistic: domain::statistic::Definitions::load(include_str!("../../../../data/statistic.toml"))
            .expect("sound"),
        evaluation: domain::evaluation::Rules::load(include_str!("../../../../data/evaluation.toml"))
            .expect("sound"),
        photos: case::PhotoFolder::open(&folder).expect("a temporary folder"),
        forms: domain::form::Library::default(),
        passes: domain::pass::KeyFolder::new(&folder.with_extension("passes"), &[9; 32]),
        log: domain::journal::CityLog::alone("test.example/journal", [4; 32]).expect("a log"),
        clock: Box::new(clock.clone()),
        ids: Box::new(TestIds(AtomicU64::new(1))),
        key: [9; 32],
    })
}

fn account_id(person: Uuid) -> Uuid {
    Uuid::from_u128(person.as_u128() ^ 1)
}

/// People, their posts and accounts. Returns the body that handles lamps, and people by login name.
fn settle(ctx: &Ctx) -> (Uuid, BTreeMap<&'static str, Uuid>) {
    let place = |code: &str| ctx.read(|tx| area::place(tx, code)).expect("a read").expect("it was imported");
    let hash = account::hash_password(PASSWORD, &ctx.city.ids.secret());
    let mut people = BTreeMap::new();
    let mut bodies: BTreeMap<&str, Organization> = BTreeMap::new();
    let grid = place(GRID);
    let premises = Premises {
        county: grid.county,
        id: ctx.id(),
        area: grid.id,
        area_path: grid.path,
        address: "泰昌小区3号".into(),
    };
    let household = Household { county: grid.county, id: ctx.id(), premises: premises.id };
    let staff = STAFF.iter().map(|(name, role, body, code)| (*name, Some((*role, *body)), *code));
    for (login_name, post, code) in staff.chain([("resident", None, GRID), ("other", None, GRID)]) {
        let place = place(code);
        let id: Id<kernel::Person> = ctx.id();
        let is_resident = post.is_none();
        let person = Person {
            county: place.county,
            id,
            name: format!("某{login_name}"),
            phone: is_resident.then(|| "13900000000".into()),
            household: is_resident.then_some(household.id),
        };
        let account = account::NewAccount {
            id: Id::from_uuid(account_id(id.uuid())),
            person: id,
            county: place.county,
            login_name: login_name.into(),
            password_hash: hash.clone(),
            created_at: ctx.now,
        };
        let is_first = !bodies.contains_key(post.map_or("", |(_, body)| body));
        let body =
            post.map(|(_, name)| bodies.entry(name).or_insert_with(|| body(ctx, name, &place)).clone());
        let settled = ctx.write(|tx| {
            if login_name == "resident" {
                resident::register_all(
                    tx,
                    std::slice::from_ref(&premises),
                    std::slice::from_ref(&household),
                    &[],
                )?;
            }
            resident::register_all(tx, &[], &[], std::slice::from_ref(&person))?;
            if let (Some(body), Some((role, _))) = (&body, post) {
                if is_first {
                    organization::found_all(tx, std::slice::from_ref(body))?;
                }
                let post = Post {
                    id: ctx.id(),
                    organization: body.id,
                    role,
                    area: place.id,
                    area_path: place.path.clone(),
                };
                let held = Appointment { id: ctx.id(), post: post.id, person: id, from: body.from, to: None };
                organization::create_posts(tx, &[post])?;
                organization::appoint_all(tx, &[held])?;
            }
            account::create(tx, &account)
        });
        settled.expect("they settle");
        people.insert(login_name, id.uuid());
    }
    (bodies["集宁区照明所"].id.uuid(), people)
}

fn body(ctx: &Ctx, name: &str, place: &area::Place) -> Organization {
    Organization {
        id: ctx.id(),
        kind: OrganizationKind::GovernmentDepartment,
        name: name.into(),
        area: place.id,
        area_path: place.path.clone(),
        from: ctx.now.plus_seconds(-3_600),
        to: None,
    }
}
