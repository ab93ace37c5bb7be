//! The log in the city's database: what it gets, signs and shows is there whole or not at all.

use std::{collections::BTreeSet, sync::Arc};

use kernel::Timestamp;
use parking_lot::Mutex;
use store::{Db, Retry, StoreError, Tx};
use tlog::{Checkpoint, CommitError, Note, Resource, SignedCheckpoint, Source, Store, TILE_WIDTH};

use super::{log::CityLog, store as rows};
use crate::City;

/// The level of entry bundles among the tiles.
const ENTRIES: i64 = -1;
/// Of each span of this length the first checkpoint that was shown is kept.
const SPAN_SECONDS: i64 = 600;

/// The log up to its head, shown or not.
pub(super) struct Whole<'a> {
    pub log: &'a DatabaseLog,
    /// The signed note.
    pub head: String,
}

impl Source for Whole<'_> {
    type Error = StoreError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        match resource {
            Resource::Checkpoint => Ok(Some(self.head.clone().into_bytes())),
            file => self.log.get(file),
        }
    }

    fn keeps_partial_files(&self) -> bool {
        self.log.keeps_partial_files()
    }
}

/// A log of tlog whose entries are those of the journal.
pub struct DatabaseLog {
    city: Arc<City>,
    now: Timestamp,
    /// What the next commit gives places.
    batch: Mutex<Vec<Waiting>>,
}

/// What waits for a place in the log: an entry of the journal, or something public.
pub(super) enum Waiting {
    Entry(Box<rows::Sealed>),
    Statement(rows::Statement),
}

impl DatabaseLog {
    pub fn new(city: &Arc<City>, now: Timestamp) -> Self {
        Self { city: city.clone(), now, batch: Mutex::default() }
    }

    fn db(&self) -> &Db {
        &self.city.db
    }

    fn origin(&self) -> &str {
        self.city.log.origin()
    }

    /// What the commit that follows gives places, in the order of its entries.
    pub(super) fn next(&self, batch: Vec<Waiting>) {
        *self.batch.lock() = batch;
    }

    fn try_commit(
        &self,
        batch: &[Waiting],
        held: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), Failed> {
        let (held, head) = (held.map(text_of).transpose()?, text_of(head)?);
        let size = size_of(head)?;
        let first = size - i64::try_from(batch.len()).unwrap_or(i64::MAX);
        self.db().write(|tx| {
            let is_next = match held {
                Some(held) => rows::move_head(tx, self.origin(), held, head)?,
                None => match rows::found(tx, self.origin(), head) {
                    Err(StoreError::Duplicate(_)) => false,
                    founded => founded.map(|()| true)?,
                },
            };
            if !is_next {
                return Err(Failed::Moved);
            }
            for (resource, bytes) in files {
                put(tx, *resource, bytes)?;
            }
            for (index, waiting) in (first..).zip(batch) {
                let is_placed = match waiting {
                    Waiting::Entry(entry) => rows::place(tx, entry, index)?,
                    Waiting::Statement(statement) => rows::place_statement(tx, statement, index)?,
                };
                if !is_placed {
                    return Err(Failed::Moved);
                }
            }
            Ok(())
        })
    }

    /// Entries of the checkpoint that is shown; none without one.
    pub(super) fn published_size(&self) -> Result<u64, StoreError> {
        let shown = self.head_row()?.and_then(|it| it.published);
        let size = shown.as_deref().map_or(Ok(0), size_of)?;
        Ok(u64::try_from(size).unwrap_or(0))
    }

    fn head_row(&self) -> Result<Option<rows::Head>, StoreError> {
        let heads = self.db().read(rows::heads)?;
        Ok(heads.into_iter().find(|it| it.origin == self.origin()))
    }
}

impl Source for DatabaseLog {
    type Error = StoreError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((level, number, width)) = place_of(resource) else {
            let checkpoint = self.head_row()?.and_then(|it| it.published);
            return Ok(checkpoint.map(String::into_bytes));
        };
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let held = self.db().read(|tx: &mut Tx<'_>| rows::tile(tx, level, number))?;
        Ok(held.and_then(|(held, bytes)| match i64::from(width) {
            width if width > held => None,
            width if width == held => Some(bytes),
            width => beginning(bytes, level, width),
        }))
    }

    fn keeps_partial_files(&self) -> bool {
        false
    }
}

/// Level, number and width; none for the checkpoint.
fn place_of(resource: Resource) -> Option<(i64, u64, u16)> {
    match resource {
        Resource::Checkpoint => None,
        Resource::Tile(tile) => Some((tile.level.into(), tile.index, tile.width)),
        Resource::Entries { index, width } => Some((ENTRIES, index, width)),
    }
}

/// The first `width` parts of a file: what it was when it had so many.
fn beginning(mut bytes: Vec<u8>, level: i64, width: i64) -> Option<Vec<u8>> {
    let width = usize::try_from(width).ok()?;
    let mut end = width * tlog::Hash::BYTES;
    if level == ENTRIES {
        end = 0;
        for _ in 0..width {
            let length = bytes.get(end..end + 2)?;
            end += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
        }
    }
    (end <= bytes.len()).then(|| bytes.truncate(end))?;
    Some(bytes)
}

/// Why a commit came to nothing.
enum Failed {
    Moved,
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Failed::Store(error)
    }
}

impl Retry for Failed {
    fn retry(&self) -> bool {
        matches!(self, Failed::Store(error) if error.retry())
    }
}

impl Store for DatabaseLog {
    fn head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.head_row()?.map(|it| it.head.into_bytes()))
    }

    /// Tiles, head and the places of the entries in one transaction. Another that seals at the same time moves the
    /// head, and one of the two comes to nothing.
    fn commit(
        &self,
        held: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), CommitError<StoreError>> {
        let batch = std::mem::take(&mut *self.batch.lock());
        self.try_commit(&batch, held, files, head).map_err(|failed| match failed {
            Failed::Moved => CommitError::Conflict,
            Failed::Store(error) => CommitError::Store(error),
        })
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), StoreError> {
        let text = text_of(checkpoint)?;
        let size = size_of(text)?;
        let span = self.now.micros().div_euclid(SPAN_SECONDS * 1_000_000);
        self.db().write(|tx| {
            rows::publish(tx, self.origin(), text, size, self.now)?;
            rows::remember(tx, span, self.now, size, text)
        })
    }
}

pub(super) fn put(tx: &mut Tx<'_>, resource: Resource, bytes: &[u8]) -> Result<(), StoreError> {
    let broken = || StoreError::Broken(format!("{resource} is no file that a commit adds"));
    let (level, number, width) = place_of(resource).ok_or_else(broken)?;
    debug_assert!(usize::from(width) <= TILE_WIDTH);
    rows::put_tile(tx, level, i64::try_from(number).map_err(|_| broken())?, width.into(), bytes)
}

/// A file as its row holds it; none if the row has another width.
pub(super) fn raw_tile(tx: &mut Tx<'_>, resource: Resource) -> Result<Option<Vec<u8>>, StoreError> {
    let Some((level, number, width)) = place_of(resource) else { return Ok(None) };
    let Ok(number) = i64::try_from(number) else { return Ok(None) };
    let held = rows::tile(tx, level, number)?;
    Ok(held.and_then(|(held, bytes)| (held == i64::from(width)).then_some(bytes)))
}

pub(super) fn text_of(note: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(note).map_err(|_| StoreError::Broken("a checkpoint is text".to_owned()))
}

fn size_of(note: &str) -> Result<i64, StoreError> {
    let note = Note::parse(note.as_bytes()).ok();
    let checkpoint: Option<Checkpoint> = note.and_then(|it| it.text().parse().ok());
    let size = checkpoint.and_then(|it| i64::try_from(it.size).ok());
    size.ok_or_else(|| StoreError::Broken("a checkpoint is a note with a size".to_owned()))
}

/// The checkpoints that were shown, as the database remembers them.
#[derive(Default)]
pub(super) struct Shown {
    pub known: Vec<tlog::Known>,
    /// When those were shown that no key of the log or of one before it signed, or that cannot be read.
    pub unsound: BTreeSet<Timestamp>,
    /// Some were shown under the log's own name, and not only under that of one before it.
    pub is_own: bool,
}

impl Shown {
    pub fn read(tx: &mut Tx<'_>, log: &CityLog) -> Result<Self, StoreError> {
        let mut shown = Self::default();
        for (at, checkpoint) in rows::remembered(tx)? {
            // A log that succeeded another is the same tree under another name.
            let opened = log.policy().logs().iter().find_map(|it| it.open(checkpoint.as_bytes()).ok());
            match opened {
                Some(opened) => shown.add(log, at, opened),
                None => drop(shown.unsound.insert(at)),
            }
        }
        Ok(shown)
    }

    fn add(&mut self, log: &CityLog, at: Timestamp, mut opened: SignedCheckpoint) {
        // When witnesses say so, who has the database cannot say otherwise.
        let keys: Vec<_> = log.policy().witnesses().map(|(_, key)| key).collect();
        let verified = opened.note.verify(keys).unwrap_or_default();
        let cosigned = verified.iter().filter_map(|it| it.time).max();
        let shown = u64::try_from(at.micros() / 1_000_000).ok();
        self.is_own |= opened.checkpoint.origin == log.origin();
        log.origin().clone_into(&mut opened.checkpoint.origin);
        self.known.push(tlog::Known { checkpoint: opened.checkpoint, time: cosigned.or(shown) });
    }
}
