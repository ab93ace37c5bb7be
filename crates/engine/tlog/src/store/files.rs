use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Write as _},
    path::Path,
};

/// The few things that a store does to a file system, each of which a test can cut off.
pub trait Files {
    /// None if there is no such file. At most `bytes_max` bytes and one more.
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Option<Vec<u8>>>;

    /// A file with these bytes, in place of any other; the bytes are on the disk when this returns, the name is not.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// In place of what was at `to`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Nothing happens if it is there.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// What was made and renamed in the folder is on the disk when this returns.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// A folder with all that is in it. Nothing happens if it is not there.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsFiles;

impl Files for OsFiles {
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made,
        }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}
