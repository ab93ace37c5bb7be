//! A house whose clock stands still and whose ids count up.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{City, Clock, Ids, case};
use kernel::Timestamp;
use store::Db;
use uuid::Uuid;

/// Friday morning, a workday.
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
        let mut bytes = [9; 10];
        bytes[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis((now.micros() / 1_000) as u64, &bytes).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [5; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        secret
    }
}

#[allow(clippy::disallowed_methods, reason = "tests run side by side and need folders of their own")]
pub fn open(db: Db) -> Arc<City> {
    let folder = std::env::temp_dir().join(format!("olzii-oracle-{}", Uuid::new_v4().simple()));
    let procedure = include_str!("../../../../../procedures/city-event.toml");
    let procedures = [("city-event.toml".to_owned(), procedure.to_owned())];
    Arc::new(City {
        db,
        policy: policy::Policy::new().expect("the shipped policies are sound"),
        procedures: case::Procedures::load(&procedures).expect("the shipped procedure is sound"),
        classes: case::Catalogue::load(include_str!("../../../../../data/classes.toml")).expect("sound"),
        statistic: domain::statistic::Definitions::load(include_str!("../../../../../data/statistic.toml"))
            .expect("sound"),
        evaluation: domain::evaluation::Rules::load(include_str!("../../../../../data/evaluation.toml"))
            .expect("sound"),
        calendars: domain::calendar::Calendars::load(include_str!("../../../../../data/calendar.toml"))
            .expect("sound"),
        supervision: domain::supervision::Levels::load(include_str!("../../../../../data/supervision.toml"))
            .expect("sound"),
        photos: case::PhotoFolder::open(&folder).expect("a temporary folder"),
        forms: domain::form::Library::default(),
        passes: domain::pass::KeyFolder::new(&folder.with_extension("passes"), &[9; 32]),
        log: domain::journal::CityLog::alone("test.example/journal", [4; 32]).expect("a log"),
        clock: Box::new(Still(Timestamp::parse(NOW).expect("a moment"))),
        ids: Box::new(Counting(AtomicU64::new(1))),
        key: [9; 32],
    })
}
