//! A log that cannot go on is succeeded by another.
//!
//! A database that came back from a backup holds fewer entries than were signed for, and to sign on under the same name
//! would be to sign another past. So the tree that is left goes on under another name and key. The first entry of its own
//! is the last checkpoint of the former log: what was lost is said to everybody, and who holds a proof of it keeps that.

use std::sync::Arc;

use tlog::{
    AppendError, Checkpoint, CommitError, Failure, Hash, Log, LogIdentity, Resource, SignedCheckpoint,
    Source, Store, Tiles,
};

use crate::{
    City, Ctx, Refusal,
    journal::{
        database::{DatabaseLog, put, text_of},
        rule::succession_leaf,
        store as rows,
    },
};

/// What a succession came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The name of the former log.
    pub former: String,
    /// Entries that it was signed for.
    pub signed: u64,
    /// Entries of it that are left: the one that names it comes behind them.
    pub kept: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    #[error("the log holds all that it was signed for and goes on: start the server")]
    NotNeeded,
    #[error("what was signed last is not of a log that the policy names beside the new one")]
    NoFormer,
    #[error("the database holds the log {0}, which is not the former one")]
    Other(String),
    #[error("what is left of the log is damaged itself: {0}")]
    Damaged(String),
    #[error("a server still seals: stop it first")]
    Moved,
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// Continues the log in the database as that of `city`, whose policy names both. `last` is what was signed last of the
/// former one. None if that was done before.
pub fn succeed(
    city: &Arc<City>,
    last: &[u8],
    is_key_lost: bool,
) -> Result<Option<Succession>, SuccessionError> {
    let ctx = Ctx::system(city.clone());
    let heads = ctx.read(|tx| Ok::<_, Refusal>(rows::heads(tx)?))?;
    if heads.iter().any(|it| it.origin == city.log.origin()) {
        return Ok(None);
    }
    let (former, last) = former(city, last)?;
    let held = match heads.into_iter().next() {
        Some(other) if other.origin != former.origin => return Err(SuccessionError::Other(other.origin)),
        held => held.map(|it| it.head),
    };
    let damaged = |error: &dyn std::fmt::Display| SuccessionError::Damaged(error.to_string());
    let (kept, root) = match &held {
        None => (0, Hash::EMPTY_TREE),
        Some(head) => {
            let signed = former.open(head.as_bytes()).map_err(|error| damaged(&error))?;
            (signed.checkpoint.size, signed.checkpoint.root)
        }
    };
    let log = DatabaseLog::new(city, ctx.now);
    if !is_key_lost && last.checkpoint.size <= kept {
        let root = tlog::root(&Tiles { source: &log, size: kept }, last.checkpoint.size);
        if root.map_err(|error| damaged(&error))? == last.checkpoint.root {
            return Err(SuccessionError::NotNeeded);
        }
    }
    let key = city.log.key()?;
    let begun = key.sign(&Checkpoint::new(city.log.origin(), kept, root)).to_string();
    let store = Successor { ctx: &ctx, log: &log, former: &former.origin, held, begun };
    let log = Log::open_after(&store, key, Vec::new()).map_err(|error| damaged(&error))?;
    let leaf = succession_leaf(&last.note.only_by(&former.keys).to_string());
    match log.append(&leaf) {
        Ok(_) => Ok(Some(Succession { former: former.origin, signed: last.checkpoint.size, kept })),
        Err(AppendError::Stopped(failure)) if matches!(*failure, Failure::Conflict) => {
            Err(SuccessionError::Moved)
        }
        Err(error) => Err(Refusal::Unavailable(format!("the log takes no entries: {error}")).into()),
    }
}

fn former(city: &City, last: &[u8]) -> Result<(LogIdentity, SignedCheckpoint), SuccessionError> {
    let others = city.log.policy().logs().iter().filter(|it| it.origin != city.log.origin());
    let mut opened = others.filter_map(|it| Some((it.clone(), it.open(last).ok()?)));
    opened.next().ok_or(SuccessionError::NoFormer)
}

/// The log in the database as its successor finds it. The first commit puts the one in the place of the other.
struct Successor<'a> {
    ctx: &'a Ctx,
    log: &'a DatabaseLog,
    former: &'a str,
    /// The head of the former log.
    held: Option<String>,
    /// The same tree, signed by the successor.
    begun: String,
}

impl Source for Successor<'_> {
    type Error = store::StoreError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, Self::Error> {
        self.log.get(resource)
    }
}

impl Store for Successor<'_> {
    fn head(&self) -> Result<Option<Vec<u8>>, Self::Error> {
        Ok(Some(self.begun.clone().into_bytes()))
    }

    fn commit(
        &self,
        _: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), CommitError<Self::Error>> {
        let origin = self.ctx.city.log.origin();
        let text = text_of(head).map_err(CommitError::Store)?;
        let is_next = self.ctx.city.db.write(|tx| {
            let is_next = match &self.held {
                Some(held) => rows::succeed(tx, self.former, held, origin, text, self.ctx.now)?,
                None => rows::found(tx, origin, text).map(|()| true)?,
            };
            if is_next {
                files.iter().try_for_each(|(resource, bytes)| put(tx, *resource, bytes))?;
            }
            Ok(is_next)
        });
        match is_next.map_err(CommitError::Store)? {
            true => Ok(()),
            false => Err(CommitError::Conflict),
        }
    }

    fn publish(&self, _: &[u8]) -> Result<(), Self::Error> {
        Err(store::StoreError::Broken("a successor is shown by the server that seals it".to_owned()))
    }
}
