//! Keeping a log: durable appends that share a sync, and where the files lie.

mod disk;
mod files;
mod folder;
mod log;
mod memory;
mod queue;

pub use disk::{DiskError, DiskStore};
pub(crate) use disk::{at, lock};
pub use files::{Files, OsFiles};
pub use folder::FolderSource;
pub use log::{Log, OpenError, PublishError};
pub use memory::MemoryStore;
pub use queue::{AppendError, BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, Failure};

use crate::{Resource, Source};

/// Where a log is kept. Reading gives what is committed and nothing else; [`Resource::Checkpoint`] is the published
/// one.
pub trait Store: Source {
    /// The signed checkpoint of the last commit, published or not. None before the first.
    fn head(&self) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Puts `head` in the place of the head `held`, with the files that it adds. When this returns, all of it
    /// survives a loss of power; if it fails, all of it or none does. A file of an earlier failure is written over.
    fn commit(
        &self,
        held: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), CommitError<Self::Error>>;

    /// Puts `checkpoint` in the place of the published one, as durably.
    fn publish(&self, checkpoint: &[u8]) -> Result<(), Self::Error>;
}

impl<S: Store + ?Sized> Store for &S {
    fn head(&self) -> Result<Option<Vec<u8>>, S::Error> {
        (**self).head()
    }

    fn commit(
        &self,
        held: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), CommitError<S::Error>> {
        (**self).commit(held, files, head)
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), S::Error> {
        (**self).publish(checkpoint)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitError<E> {
    #[error("another writer moved the head of the log")]
    Conflict,
    #[error(transparent)]
    Store(E),
}
