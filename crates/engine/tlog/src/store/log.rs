use std::{
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    CommitError, Store,
    queue::{AppendError, Failure, Queue},
};
use crate::{
    Checkpoint, CheckpointError, Edge, Hash, LogIdentity, LogKey, Resource, Signature, SignedCheckpoint,
    Tile, Tiles, TilesError, VerifierKey,
    tile::{BundleError, SIZE_MAX, TILE_WIDTH, push_entry, read_bundle, tile_bytes},
};

/// A log that is written: entries get their place when they are durable, and no sooner.
///
/// Threads that append at the same time share a commit; one that is alone waits for nobody.
#[derive(Debug)]
pub struct Log<S: Store> {
    store: S,
    key: LogKey,
    /// With the keys that signed before this one.
    identity: LogIdentity,
    queue: Queue<S::Error>,
    head: Mutex<Arc<Head>>,
    /// One publication at a time.
    publication: Mutex<()>,
}

#[derive(Debug)]
struct Head {
    signed: SignedCheckpoint,
    edge: Edge,
    /// The partial entry bundle.
    bundle: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError<E> {
    #[error("the store cannot be read: {0}")]
    Store(E),
    #[error("the store holds no log: create one, and only if there never was one of this origin")]
    Missing,
    #[error("the store holds a log already: open it")]
    Exists,
    #[error("the head of the log: {0}")]
    Head(CheckpointError),
    #[error(transparent)]
    Tiles(TilesError<E>),
    #[error("{resource}: {error}")]
    Bundle { resource: Resource, error: BundleError },
    #[error("{0} is missing")]
    BundleMissing(Resource),
    #[error(
        "the tiles lead to the root {computed}, the head of {size} entries says {stated}: tiles or head were changed"
    )]
    Root { size: u64, computed: Hash, stated: Hash },
    #[error("entry {index} is not the one whose hash is in its tile: {resource} was changed")]
    Entry { index: u64, resource: Resource },
}

#[derive(Debug, thiserror::Error)]
pub enum PublishError<E> {
    #[error("the store failed: {0}")]
    Store(E),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(
        "the checkpoint of {size} entries is not of this log's {head}: only what was committed is published"
    )]
    Ahead { size: u64, head: u64 },
    #[error("the checkpoint of {size} entries is older than the published one of {published}")]
    Older { size: u64, published: u64 },
}

impl<S: Store> Log<S> {
    /// Begins a log without entries. There must never have been one of the same origin and key: two that differ are
    /// what a witness calls a fork.
    pub fn create(store: S, key: LogKey) -> Result<Self, OpenError<S::Error>> {
        let signed = sign(&key, 0, Hash::EMPTY_TREE);
        match store.commit(None, &[], signed.note.to_string().as_bytes()) {
            Ok(()) => {
                let head = Head { signed, edge: Edge::default(), bundle: Vec::new() };
                let identity = LogIdentity::of(key.verifier().clone());
                Ok(Self::with(store, key, identity, head))
            }
            Err(CommitError::Conflict) => Err(OpenError::Exists),
            Err(CommitError::Store(error)) => Err(OpenError::Store(error)),
        }
    }

    /// Takes up a log where it stood, after checking that its right edge is what its head says.
    pub fn open(store: S, key: LogKey) -> Result<Self, OpenError<S::Error>> {
        Self::open_after(store, key, Vec::new())
    }

    /// Takes up a log with a new key of the same origin; `former` are those that signed what is there.
    pub fn open_after(store: S, key: LogKey, former: Vec<VerifierKey>) -> Result<Self, OpenError<S::Error>> {
        let bytes = store.head().map_err(OpenError::Store)?.ok_or(OpenError::Missing)?;
        let mut identity = LogIdentity::of(key.verifier().clone());
        identity.keys.extend(former);
        let signed = identity.open(&bytes).map_err(OpenError::Head)?;
        let (size, stated) = (signed.checkpoint.size, signed.checkpoint.root);
        let tiles = Tiles { source: &store, size };
        let mut newest = Vec::new();
        let edge = Edge::load(size, |tile| {
            let hashes = tiles.tile(tile)?;
            if tile.level == 0 {
                newest.clone_from(&hashes);
            }
            Ok(hashes)
        });
        let edge = edge.map_err(OpenError::Tiles)?;
        let computed = edge.root();
        if computed != stated {
            return Err(OpenError::Root { size, computed, stated });
        }
        let bundle = open_bundle(&store, size, &newest)?;
        Ok(Self::with(store, key, identity, Head { signed, edge, bundle }))
    }

    fn with(store: S, key: LogKey, identity: LogIdentity, head: Head) -> Self {
        let head = Mutex::new(Arc::new(head));
        Self { store, key, identity, queue: Queue::new(), head, publication: Mutex::new(()) }
    }

    pub fn store(&self) -> &S {
        &self.store
    }

    pub fn origin(&self) -> &str {
        self.key.origin()
    }

    /// The signed checkpoint of all that is durable.
    pub fn head(&self) -> SignedCheckpoint {
        self.held().signed.clone()
    }

    /// Appends one entry and returns its index, when it is durable.
    pub fn append(&self, entry: &[u8]) -> Result<u64, AppendError<S::Error>> {
        self.append_all(vec![entry.to_vec()]).map(|indices| indices.start)
    }

    /// Appends entries side by side, all or none, and returns their indices, when they are durable. After a failure
    /// of the store nothing more is appended until the log is opened again.
    pub fn append_all(&self, entries: Vec<Vec<u8>>) -> Result<Range<u64>, AppendError<S::Error>> {
        self.queue.append(entries, |batch| self.commit(batch))
    }

    /// Called by one thread at a time.
    fn commit(&self, entries: &[Vec<u8>]) -> Result<Range<u64>, Failure<S::Error>> {
        let held = self.held();
        let (mut edge, mut bundle) = (held.edge.clone(), held.bundle.clone());
        let first = edge.size();
        if entries.is_empty() {
            return Ok(first..first);
        }
        if entries.len() as u64 > SIZE_MAX - first {
            return Err(Failure::Full);
        }
        let mut files = Vec::new();
        for entry in entries {
            push_entry(&mut bundle, entry);
            edge.push(Hash::of_entry(entry), |full| files.push((full.tile.into(), tile_bytes(&full.hashes))));
            let width = TILE_WIDTH as u64;
            if edge.size().is_multiple_of(width) {
                let full = Resource::Entries { index: edge.size() / width - 1, width: TILE_WIDTH as u16 };
                files.push((full, std::mem::take(&mut bundle)));
            }
        }
        let size = edge.size();
        if let Some(tile) = Tile::partial_of(size, 0) {
            files.push((Resource::Entries { index: tile.index, width: tile.width }, bundle.clone()));
        }
        let is_new = |tile: &Tile| Tile::partial_of(first, tile.level) != Some(*tile);
        let partial = edge.partial_tiles().filter(|(tile, _)| is_new(tile));
        files.extend(partial.map(|(tile, hashes)| (tile.into(), tile_bytes(hashes))));

        let signed = sign(&self.key, size, edge.root());
        let before = held.signed.note.to_string();
        let after = signed.note.to_string();
        self.store.commit(Some(before.as_bytes()), &files, after.as_bytes()).map_err(
            |error| match error {
                CommitError::Conflict => Failure::Conflict,
                CommitError::Store(error) => Failure::Store(error),
            },
        )?;
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Head { signed, edge, bundle });
        Ok(first..size)
    }

    /// Shows a checkpoint, that was the head at some time, to everybody, with what witnesses wrote under it. One that
    /// stands there and cannot be read is replaced; what was wrong with it is returned.
    pub fn publish(
        &self,
        head: &SignedCheckpoint,
        cosignatures: Vec<Signature>,
    ) -> Result<Option<CheckpointError>, PublishError<S::Error>> {
        let _alone = self.publication.lock().unwrap_or_else(PoisonError::into_inner);
        let mut signed = self.identity.accept(head.note.clone())?;
        let size = signed.checkpoint.size;
        let durable = self.held();
        if size > durable.edge.size() {
            return Err(PublishError::Ahead { size, head: durable.edge.size() });
        }
        let shown = self.store.get(Resource::Checkpoint).map_err(PublishError::Store)?;
        let unreadable = match shown.map(|bytes| self.identity.open(&bytes)) {
            Some(Ok(shown)) if size < shown.checkpoint.size => {
                return Err(PublishError::Older { size, published: shown.checkpoint.size });
            }
            Some(Err(error)) => Some(error),
            Some(Ok(_)) | None => None,
        };
        cosignatures.into_iter().for_each(|it| signed.note.add(it));
        self.store.publish(signed.note.to_string().as_bytes()).map_err(PublishError::Store)?;
        Ok(unreadable)
    }

    fn held(&self) -> Arc<Head> {
        let head: MutexGuard<'_, _> = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&head)
    }
}

fn sign(key: &LogKey, size: u64, root: Hash) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(key.origin(), size, root);
    let note = key.sign(&checkpoint);
    SignedCheckpoint { checkpoint, note }
}

/// The partial entry bundle of `size` entries, held against the hashes of its tile.
fn open_bundle<S: Store>(store: &S, size: u64, hashes: &[Hash]) -> Result<Vec<u8>, OpenError<S::Error>> {
    let Some(tile) = Tile::partial_of(size, 0) else { return Ok(Vec::new()) };
    let resource = Resource::Entries { index: tile.index, width: tile.width };
    let bytes = store.get(resource).map_err(OpenError::Store)?.ok_or(OpenError::BundleMissing(resource))?;
    let entries = read_bundle(&bytes, tile.width).map_err(|error| OpenError::Bundle { resource, error })?;
    let changed = entries.iter().zip(hashes).position(|(entry, hash)| Hash::of_entry(entry) != *hash);
    match changed {
        Some(place) => {
            Err(OpenError::Entry { index: tile.index * TILE_WIDTH as u64 + place as u64, resource })
        }
        None => Ok(bytes),
    }
}
