//! What a city needs to seal its journal: a key, a trust policy, a way to witnesses, and a memory that is not the
//! database.

use std::{io, sync::Arc};

use kernel::Timestamp;
use parking_lot::Mutex;
use tlog::{
    Checkpoint, LogIdentity, LogKey, NOTE_BYTES_MAX, NameError, Note, Policy, PolicyError, SIGNATURES_MAX,
    VerifierKey,
};

use super::{store::After, task::Round};
use crate::Refusal;

/// The city's log. One log key, with no second use of it.
pub struct CityLog {
    origin: String,
    seed: [u8; 32],
    policy: Policy,
    policy_text: String,
    /// The keys of this log that the policy names: ours, and those before it.
    identity: LogIdentity,
    pub(super) courier: Box<dyn Courier>,
    pub(super) memory: Box<dyn SignedMemory>,
    trouble: Mutex<Trouble>,
    /// What a witness holds that the log's own key signed of another past, and what to do.
    pub(super) fork: Mutex<Option<(Checkpoint, String)>>,
    /// Behind which entry that waits the next round goes on looking; none: from the first.
    pub(super) looked: Mutex<Option<After>>,
}

/// Seconds for which sealing may fail, for whatever reason, before offices are told.
const FAILING_SECONDS_MAX: i64 = 600;

/// What is wrong with sealing in this process.
#[derive(Clone, Copy, Default)]
struct Trouble {
    failing_since: Option<Timestamp>,
    /// The log is not what was signed, entries were put in or changed, or nothing is sealed for long: offices are told.
    is_grave: bool,
    told: Option<Timestamp>,
}

/// Carries requests to witnesses.
pub trait Courier: Send + Sync {
    /// Sends a letter and brings the answer, within seconds. Several may be under way at once.
    fn send(&self, letter: &Letter) -> Result<Reply, String>;

    /// Brings what is shown at an address, as quickly.
    fn fetch(&self, address: &str) -> Result<Reply, String>;
}

/// What is sent by POST.
#[derive(Clone, Debug)]
pub struct Letter {
    pub address: String,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Remembers the last head that was signed, apart from the database: who rolls that back or forks it is found out
/// before another word is signed.
pub trait SignedMemory: Send + Sync {
    /// None if nothing was ever signed.
    fn last(&self) -> io::Result<Option<Vec<u8>>>;

    /// In place of what was kept before; durably. False, and nothing happens, if that is of more entries: another process
    /// was faster.
    fn keep(&self, head: &[u8]) -> io::Result<bool>;
}

/// Whether `head` may be kept in place of `held`: it has no fewer entries, and as many only with the same root.
pub fn is_newer(held: &[u8], head: &[u8]) -> io::Result<bool> {
    let read = |bytes: &[u8]| -> io::Result<Checkpoint> {
        let note = Note::parse(bytes).map_err(io::Error::other)?;
        note.text().parse().map_err(io::Error::other)
    };
    let (held, head) = (read(held)?, read(head)?);
    if held.origin != head.origin || (held.size == head.size && held.root != head.root) {
        return Err(io::Error::other(format!("it is another log than that of {} entries", held.size)));
    }
    Ok(head.size >= held.size)
}

impl<C: Courier + ?Sized> Courier for Arc<C> {
    fn send(&self, letter: &Letter) -> Result<Reply, String> {
        (**self).send(letter)
    }

    fn fetch(&self, address: &str) -> Result<Reply, String> {
        (**self).fetch(address)
    }
}

impl<M: SignedMemory + ?Sized> SignedMemory for Arc<M> {
    fn last(&self) -> io::Result<Option<Vec<u8>>> {
        (**self).last()
    }

    fn keep(&self, head: &[u8]) -> io::Result<bool> {
        (**self).keep(head)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error(
        "the policy names no key {key}: the log's key was put in the place of another, or its line `log` is missing"
    )]
    Key { key: String },
    #[error(
        "the policy names {count} witnesses, and a checkpoint has room for the cosignatures of {max}: take some of them out"
    )]
    Witnesses { count: usize, max: usize },
    #[error(
        "the names of the log and of its witnesses are too long for all of them to stand under one checkpoint"
    )]
    Names,
}

/// Beside the log's own signature.
const WITNESSES_MAX: usize = SIGNATURES_MAX - 1;
/// Bytes of a line under a checkpoint without its name, and of a checkpoint's text without the origin, at most.
const LINE_BYTES: usize = 128;

/// With the cosignatures of all witnesses a checkpoint is one that can be read.
fn must_have_room(origin: &str, policy: &Policy) -> Result<(), LogError> {
    let count = policy.witnesses().count();
    if count > WITNESSES_MAX {
        return Err(LogError::Witnesses { count, max: WITNESSES_MAX });
    }
    let cosignatures: usize = policy.witnesses().map(|(_, key)| key.name().len() + LINE_BYTES).sum();
    match 2 * (origin.len() + LINE_BYTES) + cosignatures > NOTE_BYTES_MAX {
        true => Err(LogError::Names),
        false => Ok(()),
    }
}

impl CityLog {
    /// `seed` is the secret half of the key of the log `origin`; `policy` a C2SP tlog-policy that names its other half.
    pub fn new(
        origin: &str,
        seed: [u8; 32],
        policy_text: String,
        courier: Box<dyn Courier>,
        memory: Box<dyn SignedMemory>,
    ) -> Result<Self, LogError> {
        let key = LogKey::new(origin, &seed)?;
        let policy: Policy = policy_text.parse()?;
        let own = |it: &&LogIdentity| it.keys.contains(key.verifier());
        let Some(identity) = policy.logs().iter().find(own).cloned() else {
            return Err(LogError::Key { key: key.verifier().to_string() });
        };
        must_have_room(origin, &policy)?;
        let origin = origin.to_owned();
        let (trouble, fork, looked) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(Self { origin, seed, policy, policy_text, identity, courier, memory, trouble, fork, looked })
    }

    /// A log that asks no witness and remembers what it signed for as long as the process runs: for tests and tools.
    pub fn alone(origin: &str, seed: [u8; 32]) -> Result<Self, LogError> {
        let policy = format!("log {}\nquorum none\n", LogKey::new(origin, &seed)?.verifier());
        Self::new(origin, seed, policy, Box::new(NoCourier), Box::new(ProcessMemory::default()))
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn policy_text(&self) -> &str {
        &self.policy_text
    }

    pub fn identity(&self) -> &LogIdentity {
        &self.identity
    }

    pub(super) fn key(&self) -> Result<LogKey, Refusal> {
        LogKey::new(&self.origin, &self.seed).map_err(|error| Refusal::Broken(error.to_string()))
    }

    /// The keys that signed before ours.
    pub(super) fn former(&self, key: &VerifierKey) -> Vec<VerifierKey> {
        self.identity.keys.iter().filter(|it| *it != key).cloned().collect()
    }

    /// Since when sealing fails in this process.
    pub(super) fn failing_since(&self) -> Option<Timestamp> {
        self.trouble.lock().failing_since
    }

    pub(super) fn note(&self, now: Timestamp, outcome: &Result<Round, Refusal>) {
        let mut trouble = self.trouble.lock();
        let failing_since = outcome.is_err().then(|| trouble.failing_since.unwrap_or(now));
        let is_grave = match outcome {
            Ok(round) => round.refused > 0,
            Err(Refusal::Broken(_)) => true,
            Err(_) => failing_since.is_some_and(|since| now.seconds_since(since) > FAILING_SECONDS_MAX),
        };
        *trouble = Trouble { failing_since, is_grave, told: trouble.told };
    }

    /// Something is wrong that offices were not told of since `again`.
    pub(super) fn is_untold(&self, again: Timestamp) -> bool {
        let trouble = self.trouble.lock();
        trouble.is_grave && trouble.told.is_none_or(|at| at <= again)
    }

    pub(super) fn told(&self, now: Timestamp) {
        self.trouble.lock().told = Some(now);
    }
}

/// For a city that has no witness to ask.
pub struct NoCourier;

impl Courier for NoCourier {
    fn send(&self, letter: &Letter) -> Result<Reply, String> {
        self.fetch(&letter.address)
    }

    fn fetch(&self, address: &str) -> Result<Reply, String> {
        Err(format!("{address} is not asked from here"))
    }
}

/// A memory that ends with its process: for tests and tools.
#[derive(Default)]
pub struct ProcessMemory(Mutex<Option<Vec<u8>>>);

impl SignedMemory for ProcessMemory {
    fn last(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().clone())
    }

    fn keep(&self, head: &[u8]) -> io::Result<bool> {
        let mut held = self.0.lock();
        let is_newer = held.as_deref().map_or(Ok(true), |held| is_newer(held, head))?;
        if is_newer {
            *held = Some(head.to_vec());
        }
        Ok(is_newer)
    }
}
