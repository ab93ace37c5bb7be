use std::{
    collections::BTreeMap,
    convert::Infallible,
    error::Error,
    fmt::{Display, Write as _},
    num::NonZeroU64,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

use super::request::AddCheckpoint;
use crate::{
    Checkpoint, CheckpointError, CosignerKey, Hash, LogIdentity, Note, NoteError, VerifyError,
    verify_consistency,
};

/// What a witness remembers: of each log the last checkpoint that it cosigned, as a note.
pub trait WitnessState {
    type Error: Error;

    /// None if none was cosigned.
    fn latest(&self, origin: &str) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Puts `next` in the place of `held`, durably and at once, and returns true; false, and nothing happens, if
    /// something else is held.
    fn advance(&self, origin: &str, held: Option<&[u8]>, next: &[u8]) -> Result<bool, Self::Error>;
}

/// One who cosigns only what continues what it saw before.
#[derive(Debug)]
pub struct Witness {
    key: CosignerKey,
    logs: BTreeMap<String, LogIdentity>,
}

/// What is sent back over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

const TEXT: &str = "text/plain; charset=utf-8";
/// Of the body that tells which size was cosigned last.
const SIZE: &str = "text/x.tlog.size";

impl Response {
    fn text(status: u16, body: impl Display) -> Self {
        Self { status, content_type: TEXT, body: format!("{body}\n") }
    }
}

impl Witness {
    pub fn new(key: CosignerKey, logs: impl IntoIterator<Item = LogIdentity>) -> Self {
        Self { key, logs: logs.into_iter().map(|log| (log.origin.clone(), log)).collect() }
    }

    pub fn key(&self) -> &CosignerKey {
        &self.key
    }

    /// Answers `POST …/add-checkpoint` with `body` at `now`, seconds since 1970. A cosignature leaves only after
    /// `state` has kept it.
    pub fn add_checkpoint<S: WitnessState>(&self, state: &S, body: &[u8], now: NonZeroU64) -> Response {
        self.try_add(state, body, now).unwrap_or_else(|refusal| refusal)
    }

    fn try_add<S: WitnessState>(
        &self,
        state: &S,
        body: &[u8],
        now: NonZeroU64,
    ) -> Result<Response, Response> {
        let request = AddCheckpoint::parse(body).map_err(|error| Response::text(400, error))?;
        let (checkpoint, note) = self.open(&request)?;
        if request.old > checkpoint.size {
            let body = format!("the old size {} is beyond the checkpoint's {}", request.old, checkpoint.size);
            return Err(Response::text(400, body));
        }
        let failed =
            |error: S::Error| Response::text(500, format!("the witness cannot keep its state: {error}"));
        // Another request may come between reading and keeping; each such round lets one other request through.
        loop {
            let held = state.latest(&checkpoint.origin).map_err(failed)?;
            let (size, root) = match &held {
                None => (0, Hash::EMPTY_TREE),
                Some(bytes) => size_and_root(bytes).ok_or_else(|| {
                    Response::text(500, "the witness's own record of this log is not readable")
                })?,
            };
            if request.old != size {
                return Err(Response { status: 409, content_type: SIZE, body: format!("{size}\n") });
            }
            continues(&request, &checkpoint, root)?;
            let cosignature = self.key.cosign(&note, now);
            if held.is_some() && checkpoint.size == size {
                // What is kept stands for this checkpoint too: who asks again and again wears out no disk.
                return Ok(Response::text(200, cosignature));
            }
            let mut next = note.clone();
            next.add(cosignature.clone());
            if state
                .advance(&checkpoint.origin, held.as_deref(), next.to_string().as_bytes())
                .map_err(failed)?
            {
                return Ok(Response::text(200, cosignature));
            }
        }
    }

    /// The checkpoint of a known log with that log's signatures alone.
    fn open(&self, request: &AddCheckpoint) -> Result<(Checkpoint, Note), Response> {
        let bad = |error: &dyn Display| Response::text(400, error);
        let note = Note::parse(request.checkpoint.as_bytes()).map_err(|error| bad(&error))?;
        let checkpoint: Checkpoint = note.text().parse().map_err(|error| bad(&error))?;
        let Some(log) = self.logs.get(&checkpoint.origin) else {
            return Err(Response::text(
                404,
                format!("the log “{}” is not one that is witnessed here", checkpoint.origin),
            ));
        };
        let note = note.only_by(&log.keys);
        match log.accept(note) {
            Ok(signed) => Ok((signed.checkpoint, signed.note)),
            Err(
                error @ (CheckpointError::NoLogSignature { .. }
                | CheckpointError::Note(NoteError::Forged { .. })),
            ) => Err(Response::text(403, error)),
            Err(error) => Err(bad(&error)),
        }
    }

    /// Answers `GET …/ORIGIN-HASH/checkpoint`: the last checkpoint cosigned, with the log's signature and ours.
    pub fn checkpoint<S: WitnessState>(&self, state: &S, hash: &str) -> Response {
        let none = || Response::text(404, "no checkpoint of this log was cosigned here");
        let Some(origin) = self.logs.keys().find(|origin| origin_hash(origin) == hash) else {
            return none();
        };
        match state.latest(origin) {
            Ok(None) => none(),
            Ok(Some(note)) => Response {
                status: 200,
                content_type: TEXT,
                body: String::from_utf8_lossy(&note).into_owned(),
            },
            Err(error) => Response::text(500, format!("the witness cannot read its state: {error}")),
        }
    }
}

/// Whether the checkpoint continues the tree of `request.old` entries with `root`.
fn continues(request: &AddCheckpoint, checkpoint: &Checkpoint, root: Hash) -> Result<(), Response> {
    let proven = match (request.old, checkpoint.size) {
        (0, 0) if checkpoint.root != Hash::EMPTY_TREE => {
            Err(VerifyError::WrongRoot { computed: Hash::EMPTY_TREE, stated: checkpoint.root })
        }
        (0, _) if request.proof.is_empty() => Ok(()),
        (0, _) => Err(VerifyError::TooLong { given: request.proof.len() }),
        (old, size) => verify_consistency(old, size, &request.proof, root, checkpoint.root),
    };
    proven.map_err(|error| Response::text(422, error))
}

fn size_and_root(note: &[u8]) -> Option<(u64, Hash)> {
    let checkpoint: Checkpoint = Note::parse(note).ok()?.text().parse().ok()?;
    Some((checkpoint.size, checkpoint.root))
}

/// Where a witness shows the last checkpoint of a log that it cosigned, below its own address.
pub fn latest_path(origin: &str) -> String {
    format!("{}/checkpoint", origin_hash(origin))
}

/// The SHA-256 of a log's name in hexadecimal, by which witnesses keep and show it.
pub(super) fn origin_hash(origin: &str) -> String {
    hex(&Sha256::digest(origin))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A witness that forgets when its process ends: for tests.
#[derive(Debug, Default)]
pub struct MemoryWitness(Mutex<BTreeMap<String, Vec<u8>>>);

impl WitnessState for MemoryWitness {
    type Error = Infallible;

    fn latest(&self, origin: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(origin).cloned())
    }

    fn advance(&self, origin: &str, held: Option<&[u8]>, next: &[u8]) -> Result<bool, Infallible> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = latest.get(origin).map(Vec::as_slice) == held;
        if is_same {
            latest.insert(origin.to_owned(), next.to_vec());
        }
        Ok(is_same)
    }
}
