//! The sealed journal: every entry gets its place once, a person can prove theirs, witnesses stand for the whole.

mod forged;
mod repair;
mod signed;
mod snapshot;
mod story;
mod tamper;

use std::{
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use domain::{
    Ctx,
    journal::{CityLog, Courier, Letter, ProcessMemory, Reply},
    resident,
};
use kernel::{Id, Person, Role};
use parking_lot::Mutex;
use policy::Purpose;
use store::Db;
use tlog::{AddCheckpoint, CosignerKey, LogIdentity, LogKey, MemoryWitness, Note, Witness};

use crate::ground::{GRID, Ground};

pub const ORIGIN: &str = "city.example/journal";
pub const SEED: [u8; 32] = [11; 32];

/// A city with a resident whose record a grid leader may read.
pub struct Scene {
    pub ground: Ground,
    pub person: Id<Person>,
    pub worker: Id<Person>,
}

impl Scene {
    pub fn new(db: Db) -> Self {
        Self::sealed_by(db, CityLog::alone(ORIGIN, SEED).unwrap())
    }

    pub fn sealed_by(db: Db, log: CityLog) -> Self {
        let ground = Ground::sealed_by(db, log);
        let person = ground.resident("娜仁", GRID);
        let worker = ground.officer("网格长", Role::GridLeader, GRID);
        Self { ground, person, worker }
    }

    pub fn herself(&self) -> Ctx {
        self.ground.acting(self.person)
    }

    /// So many entries of the journal, a second apart.
    pub fn read_record(&self, times: usize) {
        for _ in 0..times {
            self.ground.clock.pass_seconds(1);
            resident::get(&self.ground.acting(self.worker), self.person, Some(Purpose::Visit)).unwrap();
        }
    }

    pub fn seal(&self) -> domain::journal::Round {
        domain::journal::seal(&self.ground.city).unwrap()
    }

    /// What is found wrong.
    pub fn faults(&self) -> Vec<String> {
        domain::journal::audit(&self.ground.city).unwrap().findings
    }
}

/// Witnesses in this process, each of which can be silenced.
pub struct Bench {
    seats: Vec<Seat>,
    seconds: AtomicI64,
}

struct Seat {
    witness: Witness,
    state: MemoryWitness,
    is_silent: AtomicBool,
    /// What it says in place of what it thinks: to a request, and of what it cosigned last.
    lie: Mutex<Option<(Reply, Reply)>>,
    /// What it does once before it answers.
    waits: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Bench {
    pub fn new(count: u8) -> Arc<Self> {
        let log = LogIdentity::of(LogKey::new(ORIGIN, &SEED).unwrap().verifier().clone());
        let seat = |number: u8| Seat {
            witness: Witness::new(
                CosignerKey::new(&format!("witness.example/{number}"), &[100 + number; 32]).unwrap(),
                [log.clone()],
            ),
            state: MemoryWitness::default(),
            is_silent: AtomicBool::new(false),
            lie: Mutex::default(),
            waits: Mutex::default(),
        };
        // The moment at which the tests' clock starts.
        let seconds = AtomicI64::new(1_795_136_400);
        Arc::new(Self { seats: (0..count).map(seat).collect(), seconds })
    }

    /// A policy by which `needed` of them have to cosign.
    pub fn policy(&self, needed: usize) -> String {
        let mut text = format!("log {}\n", LogKey::new(ORIGIN, &SEED).unwrap().verifier());
        let mut names = String::new();
        for (number, it) in self.seats.iter().enumerate() {
            text += &format!("witness county-{number} {} http://{number}/\n", it.witness.key().verifier());
            names += &format!(" county-{number}");
        }
        text + &format!("group counties {needed}{names}\nquorum counties\n")
    }

    pub fn log(self: &Arc<Self>, needed: usize, memory: &Arc<ProcessMemory>) -> CityLog {
        let (courier, memory) = (Box::new(self.clone()), Box::new(memory.clone()));
        CityLog::new(ORIGIN, SEED, self.policy(needed), courier, memory).unwrap()
    }

    pub fn silence(&self, number: usize, is_silent: bool) {
        self.seats[number].is_silent.store(is_silent, Ordering::SeqCst);
    }

    /// Has a witness do something before it answers the next time.
    pub fn before_answer(&self, number: usize, wait: impl FnOnce() + Send + 'static) {
        *self.seats[number].waits.lock() = Some(Box::new(wait));
    }

    /// Has a witness hold what it is shown elsewhere.
    pub fn cosign(&self, number: usize, checkpoint: &Note) {
        let request = AddCheckpoint { old: 0, proof: Vec::new(), checkpoint: checkpoint.to_string() };
        let seat = &self.seats[number];
        let answer = seat.witness.add_checkpoint(&seat.state, request.to_string().as_bytes(), self.now());
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub fn lie(&self, number: usize, to_request: Reply, of_latest: Reply) {
        *self.seats[number].lie.lock() = Some((to_request, of_latest));
    }

    fn now(&self) -> NonZeroU64 {
        NonZeroU64::new(self.seconds.load(Ordering::SeqCst) as u64).unwrap()
    }

    /// The seat at an address, and what of it is meant.
    fn seat<'a>(&self, address: &'a str) -> Result<(&Seat, &'a str), String> {
        let (number, path) = address.strip_prefix("http://").and_then(|it| it.split_once('/')).unwrap();
        let seat = &self.seats[number.parse::<usize>().unwrap()];
        match seat.is_silent.load(Ordering::SeqCst) {
            true => Err("no answer".to_owned()),
            false => Ok((seat, path)),
        }
    }

    pub fn pass_seconds(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Courier for Bench {
    fn send(&self, letter: &Letter) -> Result<Reply, String> {
        let (seat, path) = self.seat(&letter.address)?;
        assert_eq!(path, "add-checkpoint");
        let waits = seat.waits.lock().take();
        if let Some(waits) = waits {
            waits();
        }
        if let Some((to_request, _)) = &*seat.lie.lock() {
            return Ok(to_request.clone());
        }
        let answer = seat.witness.add_checkpoint(&seat.state, &letter.body, self.now());
        Ok(Reply { status: answer.status, body: answer.body.into_bytes() })
    }

    fn fetch(&self, address: &str) -> Result<Reply, String> {
        let (seat, path) = self.seat(address)?;
        if let Some((_, of_latest)) = &*seat.lie.lock() {
            return Ok(of_latest.clone());
        }
        let answer = seat.witness.checkpoint(&seat.state, path.strip_suffix("/checkpoint").unwrap());
        Ok(Reply { status: answer.status, body: answer.body.into_bytes() })
    }
}
