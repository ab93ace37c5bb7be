use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{DiskError, Files, OsFiles, at};
use crate::{Resource, Source};

/// The public files of a log in a folder, to be read only: whoever writes there is not disturbed.
#[derive(Clone, Debug)]
pub struct FolderSource {
    folder: PathBuf,
}

impl FolderSource {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Every file of a log that lies there, sorted; others are passed over.
    pub fn list(&self) -> Result<Vec<Resource>, DiskError> {
        let mut found = Vec::new();
        let mut open = vec![self.folder.clone()];
        while let Some(folder) = open.pop() {
            let mut list = || -> io::Result<()> {
                for entry in fs::read_dir(&folder)? {
                    let entry = entry?;
                    match entry.file_type()?.is_dir() {
                        true => open.push(entry.path()),
                        false => found.extend(self.resource(&entry.path())),
                    }
                }
                Ok(())
            };
            list().map_err(at(&folder))?;
        }
        found.sort_unstable();
        Ok(found)
    }

    fn resource(&self, path: &Path) -> Option<Resource> {
        let parts = path.strip_prefix(&self.folder).ok()?.iter().map(|it| it.to_str());
        parts.collect::<Option<Vec<_>>>()?.join("/").parse().ok()
    }
}

impl Source for FolderSource {
    type Error = DiskError;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, DiskError> {
        let path = self.folder.join(resource.to_string());
        OsFiles.read(&path, resource.bytes_max()).map_err(at(&path))
    }
}
