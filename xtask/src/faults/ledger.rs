//! What the writers tried and what the server acknowledged, in two files outside every faulted disk.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
};

use anyhow::{Context, Result};

/// Two files of ids, one a line: an id is in `attempted` before it is sent, in `acknowledged` after its 2xx.
pub struct Ledger {
    attempted: Log,
    acknowledged: Log,
}

struct Log {
    path: PathBuf,
    file: Mutex<fs::File>,
}

impl Ledger {
    pub fn make(folder: &Path, name: &str) -> Result<Self> {
        let log = |kind| Log::make(folder.join(format!("{name}-{kind}.txt")));
        Ok(Self { attempted: log("attempted")?, acknowledged: log("acknowledged")? })
    }

    pub fn attempt(&self, id: &str) -> Result<()> {
        self.attempted.append(id)
    }

    pub fn acknowledge(&self, id: &str) -> Result<()> {
        self.acknowledged.append(id)
    }

    pub fn attempted(&self) -> Result<BTreeSet<String>> {
        self.attempted.read()
    }

    pub fn acknowledged(&self) -> Result<BTreeSet<String>> {
        self.acknowledged.read()
    }
}

impl Log {
    fn make(path: PathBuf) -> Result<Self> {
        let file = fs::File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self { path, file: Mutex::new(file) })
    }

    fn append(&self, id: &str) -> Result<()> {
        let mut file = self.file.lock().expect("no writer panics while it writes a line");
        Ok(file.write_all(format!("{id}\n").as_bytes())?)
    }

    fn read(&self) -> Result<BTreeSet<String>> {
        Ok(fs::read_to_string(&self.path)?.lines().map(str::to_owned).collect())
    }
}
