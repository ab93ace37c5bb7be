use std::{
    mem,
    ops::Range,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::tile::ENTRY_BYTES_MAX;

/// Entries of one commit.
pub const BATCH_ENTRIES_MAX: usize = 4096;
/// Bytes of the entries of one commit; a single entry always fits.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum AppendError<E> {
    #[error("the entry has {0} bytes, {ENTRY_BYTES_MAX} at most have a place in a log")]
    EntryTooLarge(usize),
    #[error(
        "{entries} entries of {bytes} bytes are too many for one commit: {BATCH_ENTRIES_MAX} entries and {BATCH_BYTES_MAX} bytes at most"
    )]
    BatchTooLarge { entries: usize, bytes: usize },
    #[error("nothing more is appended until the log is opened again: {0}")]
    Stopped(Arc<Failure<E>>),
}

/// Why a log stopped. Whether the last batch is in it shows when it is opened again: an entry whose append failed may
/// be there.
#[derive(Debug, thiserror::Error)]
pub enum Failure<E> {
    #[error("the store failed: {0}")]
    Store(E),
    #[error("another writer moved the head of the log")]
    Conflict,
    #[error("the log is full")]
    Full,
    #[error("the store panicked")]
    Panicked,
}

type Outcome<E> = Result<Range<u64>, Arc<Failure<E>>>;

/// Writers that wait together: the first commits for all that came while the last commit ran.
#[derive(Debug)]
pub(super) struct Queue<E> {
    line: Mutex<Line<E>>,
    turn: Condvar,
}

#[derive(Debug)]
struct Line<E> {
    entries: Vec<Vec<u8>>,
    bytes: usize,
    /// Of the batch that is gathered: the indices of its entries, once they are durable.
    outcome: Arc<OnceLock<Outcome<E>>>,
    is_writing: bool,
    stopped: Option<Arc<Failure<E>>>,
}

impl<E> Queue<E> {
    pub fn new() -> Self {
        let line =
            Line { entries: Vec::new(), bytes: 0, outcome: Arc::default(), is_writing: false, stopped: None };
        Self { line: Mutex::new(line), turn: Condvar::new() }
    }

    fn line(&self) -> MutexGuard<'_, Line<E>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, line: MutexGuard<'a, Line<E>>) -> MutexGuard<'a, Line<E>> {
        self.turn.wait(line).unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the indices of `entries` once `commit` has made them durable; it is given whole batches, one at a time,
    /// and returns their indices.
    pub fn append(
        &self,
        entries: Vec<Vec<u8>>,
        commit: impl FnOnce(&[Vec<u8>]) -> Result<Range<u64>, Failure<E>>,
    ) -> Result<Range<u64>, AppendError<E>> {
        let (count, bytes) = (entries.len(), entries.iter().map(Vec::len).sum::<usize>());
        if let Some(large) = entries.iter().find(|it| it.len() > ENTRY_BYTES_MAX) {
            return Err(AppendError::EntryTooLarge(large.len()));
        }
        if count > BATCH_ENTRIES_MAX || bytes > BATCH_BYTES_MAX {
            return Err(AppendError::BatchTooLarge { entries: count, bytes });
        }
        let mut line = self.line();
        while line.stopped.is_none()
            && (line.entries.len() + count > BATCH_ENTRIES_MAX || line.bytes + bytes > BATCH_BYTES_MAX)
        {
            line = self.wait(line);
        }
        if let Some(failure) = &line.stopped {
            return Err(AppendError::Stopped(Arc::clone(failure)));
        }
        let place = line.entries.len();
        line.entries.extend(entries);
        line.bytes += bytes;
        let outcome = Arc::clone(&line.outcome);
        while line.is_writing && outcome.get().is_none() {
            line = self.wait(line);
        }
        if outcome.get().is_none() {
            // Nobody writes: this is the batch that is gathered, and its first waiter commits it.
            line.is_writing = true;
            let batch = mem::take(&mut line.entries);
            (line.bytes, line.outcome) = (0, Arc::default());
            let stopped = line.stopped.clone();
            drop(line);
            let mut turn = Turn { queue: self, outcome: &outcome, result: Err(Arc::new(Failure::Panicked)) };
            // A batch that gathered before a failure is not written after it.
            turn.result = match stopped {
                Some(failure) => Err(failure),
                None => commit(&batch).map_err(Arc::new),
            };
        }
        let indices = outcome.get().cloned().unwrap_or_else(|| Err(Arc::new(Failure::Panicked)));
        let start = indices.map_err(AppendError::Stopped)?.start + place as u64;
        Ok(start..start + count as u64)
    }
}

/// A commit under way. However it ends, those who wait are told.
struct Turn<'a, E> {
    queue: &'a Queue<E>,
    outcome: &'a OnceLock<Outcome<E>>,
    result: Outcome<E>,
}

impl<E> Drop for Turn<'_, E> {
    fn drop(&mut self) {
        let mut line = self.queue.line();
        line.is_writing = false;
        if let Err(failure) = &self.result {
            line.stopped.get_or_insert_with(|| Arc::clone(failure));
        }
        let _ = self.outcome.set(self.result.clone());
        self.queue.turn.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn writers_that_come_while_one_commits_share_the_next_commit() {
        let queue = Queue::<String>::new();
        let (commits, size) = (AtomicU64::new(0), AtomicU64::new(0));
        let commit = |batch: &[Vec<u8>]| {
            // The first waits until all others stand in line.
            while commits.load(Ordering::SeqCst) == 0 && queue.line().entries.len() < 7 {
                thread::yield_now();
            }
            commits.fetch_add(1, Ordering::SeqCst);
            let start = size.fetch_add(batch.len() as u64, Ordering::SeqCst);
            Ok(start..start + batch.len() as u64)
        };
        let mut indices: Vec<_> = thread::scope(|scope| {
            let append = |it| queue.append(vec![vec![it]], commit).unwrap().start;
            let threads: Vec<_> = (0..8).map(|it| scope.spawn(move || append(it))).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        indices.sort_unstable();
        assert_eq!(indices, (0..8).collect::<Vec<_>>());
        assert_eq!(commits.into_inner(), 2);
    }

    #[test]
    fn after_a_failure_or_a_panic_nothing_more_is_written() {
        let queue = Queue::<String>::new();
        let failed =
            queue.append(vec![vec![1]], |_| Err(Failure::Store("disk full".to_owned()))).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "nothing more is appended until the log is opened again: the store failed: disk full"
        );
        let later = queue.append(vec![vec![1]], |_| panic!("it was called")).unwrap_err();
        assert_eq!(later.to_string(), failed.to_string());

        let queue = Queue::<String>::new();
        let panicked = thread::scope(|scope| {
            scope.spawn(|| queue.append(vec![vec![1]], |_| panic!("on purpose"))).join()
        });
        assert!(panicked.is_err());
        let later = queue.append(vec![vec![1]], |_| Ok(0..1)).unwrap_err();
        assert!(later.to_string().ends_with("the store panicked"), "{later}");
    }

    #[test]
    fn what_does_not_fit_into_a_commit_is_refused_before_it_waits() {
        let queue = Queue::<String>::new();
        let append = |entries: Vec<Vec<u8>>| queue.append(entries, |batch| Ok(0..batch.len() as u64));
        assert!(append(vec![vec![0; ENTRY_BYTES_MAX]]).is_ok());
        assert!(append(vec![vec![]; BATCH_ENTRIES_MAX]).is_ok());
        assert!(matches!(
            append(vec![vec![0; ENTRY_BYTES_MAX + 1]]),
            Err(AppendError::EntryTooLarge(65_536))
        ));
        assert!(matches!(
            append(vec![vec![]; BATCH_ENTRIES_MAX + 1]),
            Err(AppendError::BatchTooLarge { .. })
        ));
        let bytes = vec![vec![0; ENTRY_BYTES_MAX]; BATCH_BYTES_MAX / ENTRY_BYTES_MAX + 1];
        assert!(matches!(append(bytes), Err(AppendError::BatchTooLarge { .. })));
    }
}
