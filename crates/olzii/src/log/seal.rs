//! Seals the journal for as long as the server runs, on a thread of its own: a witness that is slow holds up no clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use domain::{City, Ctx, journal, pass};

/// Seconds between two rounds: with what one takes, checkpoints are less than a minute apart.
const ROUND_SECONDS: u64 = 20;

pub fn keep(city: &Arc<City>, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        // First, so that a bundle has its place in the log in the same round; bounded, so that sealing is never far.
        let is_cut_short = pass::tick(city).unwrap_or_else(|refusal| {
            tracing::error!(%refusal, "passes were not looked after; the next round makes up for it");
            false
        });
        match journal::seal(city) {
            Ok(round) => {
                tracing::debug!(?round, "the journal was sealed");
                if round.is_cut_short || is_cut_short {
                    continue;
                }
            }
            Err(refusal) => {
                tracing::error!(%refusal, "the journal is not sealed; the next round tries again");
            }
        }
        match journal::alarm(&Ctx::system(city.clone())) {
            Ok(_) => {}
            Err(refusal) => tracing::error!(%refusal, "nobody was told that something is wrong with the log"),
        }
        match journal::warn(&Ctx::system(city.clone())) {
            Ok(silent) if silent.is_empty() => {}
            Ok(silent) => tracing::error!(?silent, "witnesses have not cosigned for ten minutes"),
            Err(refusal) => tracing::error!(%refusal, "nobody was told of silent witnesses"),
        }
        thread::park_timeout(Duration::from_secs(ROUND_SECONDS));
    }
}
