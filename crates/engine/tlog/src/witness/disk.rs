use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::server::{WitnessState, origin_hash};
use crate::{
    note::NOTE_BYTES_MAX,
    store::{DiskError, Files, OsFiles, at, lock},
};

/// A witness's memory in a folder: a file a log, named by the hash of its origin.
#[derive(Debug)]
pub struct DiskWitness<F = OsFiles> {
    folder: PathBuf,
    files: F,
    /// One look or change at a time, and whether the folder may hold what is not on the disk: nothing is told of it
    /// before it is.
    unsynced: Mutex<bool>,
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
        // A process before this one may have been killed between putting a file in its place and syncing that.
        OsFiles.sync_folder(&folder).map_err(at(&folder))?;
        Ok(Self { folder, files: OsFiles, unsynced: Mutex::new(false), _lock: Some(lock) })
    }
}

impl<F: Files> DiskWitness<F> {
    /// On other files than those of the machine, in a folder that is there. Nothing keeps a second writer out.
    pub fn on(files: F, folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), files, unsynced: Mutex::new(true), _lock: None }
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.folder.join(origin_hash(origin))
    }

    /// Alone with the folder, of which all is on the disk.
    fn settled(&self) -> Result<MutexGuard<'_, bool>, DiskError> {
        let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        self.settle(&mut unsynced)?;
        Ok(unsynced)
    }

    fn settle(&self, unsynced: &mut bool) -> Result<(), DiskError> {
        if *unsynced {
            self.files.sync_folder(&self.folder).map_err(at(&self.folder))?;
            *unsynced = false;
        }
        Ok(())
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
        self.files.read(path, NOTE_BYTES_MAX).map_err(at(path))
    }
}

impl<F: Files> WitnessState for DiskWitness<F> {
    type Error = DiskError;

    fn latest(&self, origin: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let _alone = self.settled()?;
        self.read(&self.path(origin))
    }

    fn advance(&self, origin: &str, held: Option<&[u8]>, next: &[u8]) -> Result<bool, DiskError> {
        let mut unsynced = self.settled()?;
        let path = self.path(origin);
        if self.read(&path)?.as_deref() != held {
            return Ok(false);
        }
        let new = path.with_extension("new");
        self.files.write(&new, next).map_err(at(&new))?;
        *unsynced = true;
        self.files.rename(&new, &path).map_err(at(&path))?;
        self.settle(&mut unsynced)?;
        Ok(true)
    }
}
