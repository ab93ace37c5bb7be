//! A city for tests: a clock that stands until it is moved, ids that count, the shipped procedures.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use domain::{City, Clock, Ctx, Ids, calendar, case, evaluation, journal::CityLog};
use kernel::Timestamp;
use store::Db;
use uuid::Uuid;

/// Friday 2026-11-20 09:00 in the city: a workday, in the morning.
pub const START: &str = "2026-11-20T09:00:00+08:00";

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn at(text: &str) -> Self {
        Self(Arc::new(AtomicI64::new(Timestamp::parse(text).expect("a moment").micros())))
    }

    pub fn set(&self, text: &str) {
        self.0.store(Timestamp::parse(text).expect("a moment").micros(), Ordering::SeqCst);
    }

    pub fn pass_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Version 7 ids in order, and secrets that differ.
struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis((now.micros() / 1_000) as u64, &bytes).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        secret
    }
}

/// Names and texts of the procedures that ship.
pub const SHIPPED: [(&str, &str); 7] = [
    ("city-event.toml", include_str!("../../../../procedures/city-event.toml")),
    ("compound-repair.toml", include_str!("../../../../procedures/compound-repair.toml")),
    ("emergency-task.toml", include_str!("../../../../procedures/emergency-task.toml")),
    ("pass-appeal.toml", include_str!("../../../../procedures/pass-appeal.toml")),
    ("public-request.toml", include_str!("../../../../procedures/public-request.toml")),
    ("safety-hazard.toml", include_str!("../../../../procedures/safety-hazard.toml")),
    ("support-task.toml", include_str!("../../../../procedures/support-task.toml")),
];

pub fn procedures() -> case::Procedures {
    let files = SHIPPED.map(|(name, text)| (name.to_owned(), text.to_owned()));
    case::Procedures::load(&files).expect("the shipped procedures are sound")
}

pub fn city(db: Db, clock: &TestClock) -> Arc<City> {
    city_with(db, clock, CityLog::alone("test.example/journal", [4; 32]).expect("a log"))
}

#[allow(clippy::disallowed_methods, reason = "tests run side by side and need folders of their own")]
pub fn city_with(db: Db, clock: &TestClock, log: CityLog) -> Arc<City> {
    let folder = std::env::temp_dir().join(format!("olzii-photos-{}", Uuid::new_v4().simple()));
    Arc::new(City {
        db,
        policy: policy::Policy::new().expect("the shipped policies are sound"),
        procedures: procedures(),
        classes: case::Catalogue::load(include_str!("../../../../data/classes.toml")).expect("sound"),
        calendars: calendar::Calendars::load(include_str!("../../../../data/calendar.toml")).expect("sound"),
        supervision: domain::supervision::Levels::load(include_str!("../../../../data/supervision.toml"))
            .expect("sound"),
        statistic: domain::statistic::Definitions::load(include_str!("../../../../data/statistic.toml"))
            .expect("sound"),
        evaluation: evaluation::Rules::load(include_str!("../../../../data/evaluation.toml")).expect("sound"),
        photos: case::PhotoFolder::open(&folder).expect("a temporary folder"),
        forms: domain::form::Library::default(),
        passes: domain::pass::KeyFolder::new(&folder.with_extension("passes"), &[9; 32]),
        log,
        clock: Box::new(clock.clone()),
        ids: Box::new(TestIds(AtomicU64::new(1))),
        key: [9; 32],
    })
}

/// An actor who acts for nobody, as the wiring has it.
pub fn ctx(db: Db) -> Ctx {
    Ctx::system(city(db, &TestClock::at(START)))
}
