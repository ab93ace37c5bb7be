use std::{
    collections::BTreeSet,
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{CommitError, Files, OsFiles, Store};
use crate::{Checkpoint, Note, Resource, Source, note::NOTE_BYTES_MAX};

/// What is not public: the head, the lock, and files that are not yet in their place.
const STATE: &str = ".state";
const HEAD: &str = "head";
const LOCK: &str = "lock";
const NEW: &str = "new";

/// A log in a folder, laid out as it is served.
///
/// Each file is written and synced under another name, renamed into its place, and its folder synced; then the head is
/// put in its place the same way, which is the moment of the commit. Whatever is cut off before it leaves files that
/// no head speaks of: they are not read, and written over by the next commit.
#[derive(Debug)]
pub struct DiskStore<F = OsFiles> {
    folder: PathBuf,
    files: F,
    held: Mutex<Held>,
    /// Entries under the head: nothing beyond them is read. Readers need not wait for a commit.
    size: AtomicU64,
    /// Keeps other processes out while it is open.
    _lock: Option<File>,
}

#[derive(Debug)]
struct Held {
    head: Option<Vec<u8>>,
    /// Folders that are known to be there, durably.
    folders: BTreeSet<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    #[error("{0} is open in another process: a log has one writer")]
    Locked(PathBuf),
    #[error("{0} is no checkpoint: the file was changed")]
    Head(PathBuf),
}

/// Keeps other processes out of `folder`, which is made if it is not there, until the file is dropped.
pub(crate) fn lock(folder: &Path) -> Result<File, DiskError> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let path = folder.join(LOCK);
    let lock = File::create(&path).map_err(at(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DiskError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

/// An error with the file that it is about.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> DiskError {
    move |error| DiskError::File { path: path.to_owned(), error }
}

impl DiskStore<OsFiles> {
    /// The log in `folder`, which is made if it is not there. One process at a time.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let folder = folder.into();
        let state = folder.join(STATE);
        let lock = lock(&state)?;
        Self::with(folder, OsFiles, Some(lock))
    }
}

impl<F: Files> DiskStore<F> {
    /// On other files than those of the machine. Nothing keeps a second writer out.
    pub fn on(files: F, folder: impl Into<PathBuf>) -> Result<Self, DiskError> {
        Self::with(folder.into(), files, None)
    }

    fn with(folder: PathBuf, files: F, lock: Option<File>) -> Result<Self, DiskError> {
        let held = Mutex::new(Held { head: None, folders: BTreeSet::new() });
        let store = Self { folder, files, held, size: AtomicU64::new(0), _lock: lock };
        // What an earlier process had not put in its place.
        let new = store.state(NEW);
        store.files.remove_folder(&new).map_err(at(&new))?;
        let path = store.state(HEAD);
        let head = store.files.read(&path, NOTE_BYTES_MAX).map_err(at(&path))?;
        if let Some(head) = head {
            let size = size_of(&head).ok_or(DiskError::Head(path))?;
            store.held().head = Some(head);
            store.size.store(size, Ordering::Release);
        }
        Ok(store)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self, name: &str) -> PathBuf {
        self.folder.join(STATE).join(name)
    }

    /// Puts a file in its place. Its bytes are durable, its name is once the folder is synced.
    fn put(&self, held: &mut Held, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let new = self.state(NEW);
        self.make_folder(held, &new)?;
        let new = new.join("file");
        if let Some(folder) = path.parent() {
            self.make_folder(held, folder)?;
        }
        self.files.write(&new, bytes).map_err(at(&new))?;
        self.files.rename(&new, path).map_err(at(path))
    }

    fn put_synced(&self, held: &mut Held, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        self.put(held, path, bytes)?;
        let folder = path.parent().unwrap_or(&self.folder);
        self.files.sync_folder(folder).map_err(at(folder))
    }

    fn make_folder(&self, held: &mut Held, path: &Path) -> Result<(), DiskError> {
        if held.folders.contains(path) || !path.starts_with(&self.folder) {
            return Ok(());
        }
        let above = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.make_folder(held, above)?;
        self.files.create_folder(path).map_err(at(path))?;
        // One that was there already may not be durable either: a process that made it may have been killed.
        self.files.sync_folder(above).map_err(at(above))?;
        held.folders.insert(path.to_owned());
        Ok(())
    }

    /// Partial files in whose place a full one has come. What a kill leaves of them is only room.
    fn remove_partial(&self, held: &mut Held, files: &[(Resource, Vec<u8>)]) -> Result<(), DiskError> {
        for (resource, _) in files.iter().filter(|(resource, _)| *resource == resource.full()) {
            let folder = self.folder.join(format!("{resource}.p"));
            self.files.remove_folder(&folder).map_err(at(&folder))?;
            held.folders.remove(&folder);
        }
        Ok(())
    }
}

fn size_of(head: &[u8]) -> Option<u64> {
    let checkpoint: Checkpoint = Note::parse(head).ok()?.text().parse().ok()?;
    Some(checkpoint.size)
}

impl<F: Files> Source for DiskStore<F> {
    type Error = DiskError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, DiskError> {
        if !resource.is_within(self.size.load(Ordering::Acquire)) {
            return Ok(None);
        }
        let path = self.folder.join(resource.to_string());
        self.files.read(&path, resource.bytes_max()).map_err(at(&path))
    }
}

impl<F: Files> Store for DiskStore<F> {
    fn head(&self) -> Result<Option<Vec<u8>>, DiskError> {
        Ok(self.held().head.clone())
    }

    fn commit(
        &self,
        before: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), CommitError<DiskError>> {
        let mut held = self.held();
        if held.head.as_deref() != before {
            return Err(CommitError::Conflict);
        }
        let path = self.state(HEAD);
        let size = size_of(head).ok_or_else(|| CommitError::Store(DiskError::Head(path.clone())))?;
        let mut write = || {
            let mut folders = BTreeSet::new();
            for (resource, bytes) in files {
                let path = self.folder.join(resource.to_string());
                self.put(&mut held, &path, bytes)?;
                folders.extend(path.parent().map(Path::to_owned));
            }
            for folder in &folders {
                self.files.sync_folder(folder).map_err(at(folder))?;
            }
            self.put_synced(&mut held, &path, head)?;
            held.head = Some(head.to_vec());
            self.size.store(size, Ordering::Release);
            self.remove_partial(&mut held, files)
        };
        write().map_err(CommitError::Store)
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), DiskError> {
        let path = self.folder.join(Resource::Checkpoint.to_string());
        self.put_synced(&mut self.held(), &path, checkpoint)
    }
}
