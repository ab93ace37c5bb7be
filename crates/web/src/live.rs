//! Tells viewers what moves, by server-sent events.
//!
//! One task looks for cases that moved, while anybody is watching, and tells all viewers; each gets
//! only what lies in their own areas. The rows themselves are the queue, so what another process
//! wrote is seen too, and nothing is lost by a restart.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{Ctx, case};
use kernel::{Case, Id, Timestamp};
use tokio::sync::broadcast;

use crate::app::Shared;

/// How often the rows are looked at.
const LOOK_MILLISECONDS: u64 = 500;
/// How far back each look reaches: a writer's time is a little before its commit.
const OVERLAP_SECONDS: i64 = 5;
/// Moves told at one look.
const MOVES_MAX: i64 = 500;
/// Moves that a slow viewer may be behind before some are skipped for them.
const BEHIND_MAX: usize = 2_048;

pub struct Hub {
    moves: broadcast::Sender<Arc<case::Move>>,
    looking: AtomicBool,
}

impl Default for Hub {
    fn default() -> Self {
        Self { moves: broadcast::channel(BEHIND_MAX).0, looking: AtomicBool::new(false) }
    }
}

impl Hub {
    pub fn viewers(&self) -> usize {
        self.moves.receiver_count()
    }

    /// A new viewer; the first one wakes the task that looks.
    pub fn watch(app: &Shared) -> broadcast::Receiver<Arc<case::Move>> {
        let receiver = app.hub.moves.subscribe();
        if !app.hub.looking.swap(true, Ordering::SeqCst) {
            tokio::spawn(look(app.clone()));
        }
        receiver
    }
}

async fn look(app: Shared) {
    let mut told: BTreeMap<Id<Case>, Timestamp> = BTreeMap::new();
    let mut since = app.city.clock.now();
    loop {
        tokio::time::sleep(Duration::from_millis(LOOK_MILLISECONDS)).await;
        if app.hub.viewers() == 0 {
            app.hub.looking.store(false, Ordering::SeqCst);
            // One who came between the two lines above found nobody looking, or is seen here.
            if app.hub.viewers() == 0 || app.hub.looking.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        let city = app.city.clone();
        let from = since.plus_seconds(-OVERLAP_SECONDS);
        let found =
            tokio::task::spawn_blocking(move || case::moved_since(&Ctx::system(city), from, MOVES_MAX)).await;
        let Ok(Ok(moves)) = found else { continue };
        told.retain(|_, at| *at > from);
        for it in moves {
            since = since.max(it.at);
            if told.insert(it.case, it.at) != Some(it.at) {
                // Nobody left to tell is no error.
                let _ = app.hub.moves.send(Arc::new(it));
            }
        }
    }
}
