//! What the writers tried and what the server acknowledged, in two files outside every faulted disk.
//!
//! At a power cut the ledger is shut first. The cut takes milliseconds here and an instant in the world: a sync in
//! flight across it may return 0 with its bytes gone (measured without our server on Linux 6.18: 34 of 73 that
//! returned after the cut began, none of those that returned before). No client of a machine without power gets the
//! answer to such a write, so it is not counted as acknowledged; it stays an attempt.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result};

/// Two files of ids, one a line: an id is in `attempted` before it is sent, in `acknowledged` after its 2xx.
pub struct Ledger {
    attempted: Log,
    acknowledged: Log,
    shut: AtomicBool,
    late: AtomicUsize,
}

struct Log {
    path: PathBuf,
    file: Mutex<fs::File>,
}

impl Ledger {
    pub fn make(folder: &Path, name: &str) -> Result<Self> {
        let log = |kind| Log::make(folder.join(format!("{name}-{kind}.txt")));
        Ok(Self {
            attempted: log("attempted")?,
            acknowledged: log("acknowledged")?,
            shut: AtomicBool::new(false),
            late: AtomicUsize::new(0),
        })
    }

    pub fn attempt(&self, id: &str) -> Result<()> {
        self.attempted.append(id)
    }

    /// Called when the answer is there; dropped when the power is gone by then.
    pub fn acknowledge(&self, id: &str) -> Result<()> {
        if self.shut.load(Ordering::SeqCst) {
            self.late.fetch_add(1, Ordering::SeqCst);
            return Ok(());
        }
        self.acknowledged.append(id)
    }

    /// The power goes: what is answered from now on reaches nobody.
    pub fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    pub fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
    }

    /// Answers that came while it was shut.
    pub fn late(&self) -> usize {
        self.late.load(Ordering::SeqCst)
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
