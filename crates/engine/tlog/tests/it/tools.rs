//! What several stories need.

use std::{convert::Infallible, ops::Range};

use tlog::*;

pub const ORIGIN: &str = "city.example/log";
pub const WITNESS: &str = "county.example/witness";

pub fn key() -> LogKey {
    LogKey::new(ORIGIN, &[1; 32]).unwrap()
}

pub fn identity() -> LogIdentity {
    LogIdentity::of(key().verifier().clone())
}

pub fn cosigner() -> CosignerKey {
    CosignerKey::new(WITNESS, &[2; 32]).unwrap()
}

pub fn entries(range: Range<u64>) -> Vec<Vec<u8>> {
    range.map(|it| format!("entry {it}").into_bytes()).collect()
}

/// A log in memory with so many entries, all published.
pub fn log(size: u64) -> Log<MemoryStore> {
    let log = Log::create(MemoryStore::default(), key()).unwrap();
    for start in (0..size).step_by(BATCH_ENTRIES_MAX) {
        log.append_all(entries(start..size.min(start + BATCH_ENTRIES_MAX as u64))).unwrap();
    }
    log.publish(&log.head(), Vec::new()).unwrap();
    log
}

/// A tree of these hashes, computed as RFC 6962 defines it.
pub struct Plain(pub Vec<Hash>);

impl Plain {
    pub fn new(size: u64) -> Self {
        Self(entries(0..size).iter().map(|it| Hash::of_entry(it)).collect())
    }

    pub fn root(&self, range: Range<u64>) -> Hash {
        match range.end - range.start {
            0 => Hash::EMPTY_TREE,
            1 => self.0[range.start as usize],
            size => {
                let middle = range.start + size.next_power_of_two() / 2;
                Hash::of_node(&self.root(range.start..middle), &self.root(middle..range.end))
            }
        }
    }
}

impl Nodes for Plain {
    type Error = Infallible;

    fn nodes(&self, wanted: &[Node]) -> Result<Vec<Hash>, Infallible> {
        let root = |it: &Node| self.root(it.index << it.level..(it.index + 1) << it.level);
        Ok(wanted.iter().map(root).collect())
    }
}
