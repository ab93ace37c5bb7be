//! What this server knows of passes: the current bundle, held ready in memory.

use std::{fmt, sync::Arc};

use domain::{City, Refusal};
use kernel::Timestamp;
use parking_lot::{Mutex, RwLock};
use pass_format::Verifier;
use tokio::sync::Semaphore;

/// Where the current bundle comes from; none where no passes are issued. Asked on a thread that may wait. That it cannot be
/// read now says nothing of whether there is one.
pub type BundleSource = Arc<dyn Fn(&Arc<City>) -> Result<Option<Vec<u8>>, Refusal> + Send + Sync>;

/// After so many seconds it is asked for anew.
const FRESH_SECONDS: i64 = 15;
/// Verifications at once, each of some 50 microseconds a pass; more are told to come back, so that none waits.
pub const VERIFYING_MAX: usize = 64;

pub struct Known {
    source: Option<BundleSource>,
    verifier: RwLock<Option<Arc<Verifier>>>,
    /// When the source was asked last. Whoever holds it asks; nobody waits for it.
    asked: Mutex<Option<Timestamp>>,
    pub(super) verifying: Arc<Semaphore>,
}

impl Known {
    pub fn new(source: Option<BundleSource>) -> Self {
        Self {
            source,
            verifier: RwLock::default(),
            asked: Mutex::default(),
            verifying: Arc::new(Semaphore::new(VERIFYING_MAX)),
        }
    }

    /// The verifier of the current bundle. One that cannot be read leaves the one before it.
    pub(super) fn verifier(&self, city: &Arc<City>) -> Option<Arc<Verifier>> {
        let source = self.source.as_ref()?;
        let now = city.clock.now();
        let is_first = self.verifier.read().is_none();
        // The first ones wait for it; later, one asks and the others go on with what there is.
        let asked = if is_first { Some(self.asked.lock()) } else { self.asked.try_lock() };
        if let Some(mut asked) = asked {
            let is_due = asked.is_none_or(|at| now.seconds_since(at) >= FRESH_SECONDS);
            if is_due {
                *asked = Some(now);
                match source(city) {
                    Ok(bytes) => self.take_up(bytes),
                    Err(refusal) => {
                        tracing::error!(%refusal, "the bundle of passes cannot be read; the last one is in use")
                    }
                }
            }
        }
        self.verifier.read().clone()
    }

    fn take_up(&self, bytes: Option<Vec<u8>>) {
        let Some(bytes) = bytes else { return *self.verifier.write() = None };
        let held = self.verifier.read().clone();
        match Verifier::load(&bytes, held.as_deref()) {
            Ok(verifier) => *self.verifier.write() = Some(Arc::new(verifier)),
            Err(pass_format::LoadError::NotNewer { .. }) => {}
            Err(error) => tracing::error!(%error, "the bundle of passes cannot be read"),
        }
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Known({:?})", self.verifier.read().as_ref().map(|it| it.number()))
    }
}
