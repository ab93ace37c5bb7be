use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Who waits for a plan: hears how far it is, and may end it with the best so far. Called from several threads.
pub trait Watch: Sync {
    /// `done` of `total` trials.
    fn progress(&self, _done: u64, _total: u64) {}

    /// Asked often. Once true, the search ends soon; a plan that was cut short depends on the moment and is marked.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Waits without a word.
impl Watch for () {}

/// Counts trials over all threads.
pub(crate) struct Pace<'a> {
    watch: &'a dyn Watch,
    done: AtomicU64,
    total: u64,
    stopped: AtomicBool,
}

/// Trials between two calls of the watch.
const CALL_EVERY: u64 = 16_384;

impl<'a> Pace<'a> {
    pub fn new(watch: &'a dyn Watch, total: u64) -> Self {
        Self { watch, done: AtomicU64::new(0), total, stopped: AtomicBool::new(false) }
    }

    /// True when the search is to end.
    pub fn step(&self, trials: u64) -> bool {
        let before = self.done.fetch_add(trials, Ordering::Relaxed);
        if before / CALL_EVERY != (before + trials) / CALL_EVERY || before == 0 {
            self.watch.progress((before + trials).min(self.total), self.total);
            if self.watch.cancelled() {
                self.stopped.store(true, Ordering::Relaxed);
            }
        }
        self.stopped()
    }

    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
