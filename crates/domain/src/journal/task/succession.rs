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
    /// The name of the former log, which signed last.
    pub former: String,
    /// Entries that it was signed for.
    pub signed: u64,
    /// Entries that are left: the one that names it comes behind them.
    pub kept: u64,
    /// What is left is not the beginning of what was signed for, but something else in its place.
    pub is_rewritten: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    #[error("the log holds all that it was signed for and goes on: start the server")]
    NotNeeded,
    #[error("what was signed last is not of a log that the policy names beside the new one")]
    NoFormer,
    #[error(
        "the database holds the log {0}, which is none that the policy names: add its line `log` to log.policy"
    )]
    Other(String),
    #[error(
        "what is left of the log is damaged itself: {0}; `olzii repair-log` makes its files anew of the journal's rows"
    )]
    Damaged(String),
    #[error("a server still seals: stop it first")]
    Moved,
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// Continues the log in the database as that of `city`, whose policy names both. `last` is what was signed last of the
/// former one. The database may hold one from before that: a backup knows of no succession that came after it. None if it
/// was done before.
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
    let damaged = |error: &dyn std::fmt::Display| SuccessionError::Damaged(error.to_string());
    let held = heads.into_iter().next();
    let (kept, root) = match &held {
        None => (0, Hash::EMPTY_TREE),
        Some(held) => {
            let named = city.log.policy().logs().iter().find(|it| it.origin == held.origin);
            let log = named.ok_or_else(|| SuccessionError::Other(held.origin.clone()))?;
            let signed = log.open(held.head.as_bytes()).map_err(|error| damaged(&error))?;
            (signed.checkpoint.size, signed.checkpoint.root)
        }
    };
    let log = DatabaseLog::new(city, ctx.now);
    let mut is_rewritten = false;
    if last.checkpoint.size <= kept {
        let root = tlog::root(&Tiles { source: &log, size: kept }, last.checkpoint.size);
        is_rewritten = root.map_err(|error| damaged(&error))? != last.checkpoint.root;
    }
    let is_whole = last.checkpoint.size <= kept && !is_rewritten;
    if is_whole && !is_key_lost && held.as_ref().is_some_and(|it| it.origin == former.origin) {
        return Err(SuccessionError::NotNeeded);
    }
    let key = city.log.key()?;
    let begun = key.sign(&Checkpoint::new(city.log.origin(), kept, root)).to_string();
    let store = Successor { ctx: &ctx, log: &log, held: held.map(|it| (it.origin, it.head)), begun };
    let log = Log::open_after(&store, key, Vec::new()).map_err(|error| damaged(&error))?;
    match log.append(&succession_of(&former, &last)) {
        Ok(_) => {
            let signed = last.checkpoint.size;
            Ok(Some(Succession { former: former.origin, signed, kept, is_rewritten }))
        }
        Err(AppendError::Stopped(failure)) if matches!(*failure, Failure::Conflict) => {
            Err(SuccessionError::Moved)
        }
        Err(error) => Err(Refusal::Unavailable(format!("the log takes no entries: {error}")).into()),
    }
}

/// What stands in a log that succeeds `former`, of which `last` was signed last.
pub(super) fn succession_of(former: &LogIdentity, last: &SignedCheckpoint) -> Vec<u8> {
    succession_leaf(&last.note.only_by(&former.keys).to_string())
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
    /// Name and head of the log that is in the database.
    held: Option<(String, String)>,
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
                Some((former, held)) => rows::succeed(tx, former, held, origin, text, self.ctx.now)?,
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
