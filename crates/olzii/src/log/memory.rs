use std::{fs, io, path::PathBuf};

use domain::journal::{SignedMemory, is_newer};

use super::keys;

/// Remembers what was signed last in a file, which is not in the database.
pub struct FileMemory {
    path: PathBuf,
}

impl FileMemory {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl SignedMemory for FileMemory {
    fn last(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    fn keep(&self, head: &[u8]) -> io::Result<bool> {
        // Two processes in one folder: none writes between another's look and its word.
        let lock = fs::File::create(self.path.with_extension("lock"))?;
        lock.lock()?;
        match self.last()? {
            Some(held) if held == head => return Ok(true),
            Some(held) if !is_newer(&held, head)? => return Ok(false),
            _ => {}
        }
        keys::replace(&self.path, head, 0o644).map_err(io::Error::other)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use tlog::{Checkpoint, Hash, LogKey};

    use super::*;

    #[test]
    fn an_older_head_never_takes_the_place_of_a_newer_one() {
        let folder = tempfile::tempdir().unwrap();
        // The log's other files lie beside it and have the same stem.
        fs::write(folder.path().join("log.key"), "key").unwrap();
        let memory = FileMemory::new(folder.path().join("log.signed"));
        let key = LogKey::new("city.example/journal", &[1; 32]).unwrap();
        let head = |size, root| key.sign(&Checkpoint::new(key.origin(), size, root)).to_string();
        let (one, two) = (Hash::of_entry(b"one"), Hash::of_entry(b"two"));
        assert!(memory.keep(head(10, one).as_bytes()).unwrap());
        assert!(memory.keep(head(20, two).as_bytes()).unwrap());
        assert!(!memory.keep(head(10, one).as_bytes()).unwrap(), "who is late is told so");
        assert!(memory.keep(head(20, two).as_bytes()).unwrap());
        assert!(memory.keep(head(20, one).as_bytes()).is_err(), "as many entries, and others");
        assert_eq!(memory.last().unwrap(), Some(head(20, two).into_bytes()));
        assert_eq!(fs::read_to_string(folder.path().join("log.key")).unwrap(), "key");
    }
}
