use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest as _, Sha256};

use super::server::{WitnessState, hex};
use crate::{
    note::NOTE_BYTES_MAX,
    store::{DiskError, Files, OsFiles, at, lock},
};

/// A witness's memory in a folder: a file a log, named by the hash of its origin.
#[derive(Debug)]
pub struct DiskWitness<F = OsFiles> {
    folder: PathBuf,
    files: F,
    /// One change at a time.
    writing: Mutex<()>,
    _lock: Option<File>,
}

impl DiskWitness<OsFiles> {
    /// The memory in `folder`, which is made if it is not there. One process at a time: a witness with two memories
    /// could cosign a fork.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let folder = folder.into();
        let lock = lock(&folder)?;
        let above = folder.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        OsFiles.sync_folder(above).map_err(at(above))?;
        Ok(Self { folder, files: OsFiles, writing: Mutex::default(), _lock: Some(lock) })
    }
}

impl<F: Files> DiskWitness<F> {
    /// On other files than those of the machine, in a folder that is there. Nothing keeps a second writer out.
    pub fn on(files: F, folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), files, writing: Mutex::default(), _lock: None }
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.folder.join(hex(&Sha256::digest(origin)))
    }
}

impl<F: Files> WitnessState for DiskWitness<F> {
    type Error = DiskError;

    fn latest(&self, origin: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let path = self.path(origin);
        self.files.read(&path, NOTE_BYTES_MAX).map_err(at(&path))
    }

    fn advance(&self, origin: &str, held: Option<&[u8]>, next: &[u8]) -> Result<bool, DiskError> {
        let _alone: MutexGuard<'_, ()> = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.latest(origin)?.as_deref() != held {
            return Ok(false);
        }
        let path = self.path(origin);
        let new = path.with_extension("new");
        self.files.write(&new, next).map_err(at(&new))?;
        self.files.rename(&new, &path).map_err(at(&path))?;
        self.files.sync_folder(&self.folder).map_err(at(&self.folder))?;
        Ok(true)
    }
}
