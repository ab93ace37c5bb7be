use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{CommitError, Store};
use crate::{Resource, Source};

/// A log that ends with its process: for tests and for trees that are only computed.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    head: Option<Vec<u8>>,
    files: BTreeMap<Resource, Vec<u8>>,
}

impl MemoryStore {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every file, the published checkpoint among them.
    pub fn files(&self) -> BTreeMap<Resource, Vec<u8>> {
        self.held().files.clone()
    }

    /// Puts in a file as it stands, or takes it out: what somebody could do who gets at the store.
    pub fn tamper(&self, resource: Resource, bytes: Option<Vec<u8>>) {
        let mut held = self.held();
        match bytes {
            Some(bytes) => held.files.insert(resource, bytes),
            None => held.files.remove(&resource),
        };
    }
}

impl Source for MemoryStore {
    type Error = Infallible;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.held().files.get(&resource).cloned())
    }
}

impl Store for MemoryStore {
    fn head(&self) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.held().head.clone())
    }

    fn commit(
        &self,
        before: Option<&[u8]>,
        files: &[(Resource, Vec<u8>)],
        head: &[u8],
    ) -> Result<(), CommitError<Infallible>> {
        let mut held = self.held();
        if held.head.as_deref() != before {
            return Err(CommitError::Conflict);
        }
        held.files.extend(files.iter().cloned());
        for (full, _) in files.iter().filter(|(it, _)| *it == it.full()) {
            held.files.retain(|it, _| it == full || it.full() != *full);
        }
        held.head = Some(head.to_vec());
        Ok(())
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), Infallible> {
        self.held().files.insert(Resource::Checkpoint, checkpoint.to_vec());
        Ok(())
    }
}
