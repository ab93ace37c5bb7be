use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use gridplan::Watch;

use crate::progress::Progress;

/// Shows how far a search is, and ends it on Ctrl-C or when its time is over.
pub struct Patience {
    bar: Progress,
    until: Option<Instant>,
    interrupted: Arc<AtomicBool>,
}

impl Patience {
    pub fn new(label: &str, seconds: Option<u64>) -> Self {
        let interrupted = Arc::new(AtomicBool::new(false));
        listen(Arc::clone(&interrupted));
        Self {
            bar: Progress::new(label),
            until: seconds.map(|seconds| now() + Duration::from_secs(seconds)),
            interrupted,
        }
    }
}

impl Watch for Patience {
    fn progress(&self, done: u64, total: u64) {
        self.bar.set(done, total);
    }

    fn cancelled(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.until.is_some_and(|until| now() >= until)
    }
}

#[expect(clippy::disallowed_methods, reason = "the limit that the caller set in seconds")]
fn now() -> Instant {
    Instant::now()
}

/// Without a runtime the signal ends the process, as it would have without this.
fn listen(interrupted: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build()
            && runtime.block_on(tokio::signal::ctrl_c()).is_ok()
        {
            interrupted.store(true, Ordering::Relaxed);
        }
    });
}
