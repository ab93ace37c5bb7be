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
/// Moves read at once.
const PAGE_ROWS: usize = 500;
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
    let mut told = Told { since: app.city.clock.now(), moves: BTreeMap::new() };
    loop {
        tokio::time::sleep(Duration::from_millis(LOOK_MILLISECONDS)).await;
        if app.hub.viewers() == 0 {
            app.hub.looking.store(false, Ordering::SeqCst);
            // One who came between the two lines above found nobody looking, or is seen here.
            if app.hub.viewers() == 0 || app.hub.looking.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        told.look(&app).await;
    }
}

/// What viewers were told, as far back as each look reaches.
struct Told {
    since: Timestamp,
    moves: BTreeMap<Id<Case>, Timestamp>,
}

impl Told {
    /// Tells what moved, page by page up to the last one: however many moved within the reach of one look, the next
    /// begins behind them.
    async fn look(&mut self, app: &Shared) {
        let from = self.since.plus_seconds(-OVERLAP_SECONDS);
        self.moves.retain(|_, at| *at > from);
        let mut after = (from, Id::from_uuid(uuid::Uuid::max()));
        loop {
            let city = app.city.clone();
            let page = move || case::moved_since(&Ctx::system(city), after, PAGE_ROWS);
            // What cannot be read now is within the reach of the next look.
            let Ok(Ok(page)) = tokio::task::spawn_blocking(page).await else { return };
            let is_last = page.len() < PAGE_ROWS;
            for it in page {
                after = (it.at, it.case);
                self.since = self.since.max(it.at);
                if self.moves.insert(it.case, it.at) != Some(it.at) {
                    // Nobody left to tell is no error.
                    let _ = app.hub.moves.send(Arc::new(it));
                }
            }
            if is_last {
                return;
            }
        }
    }
}
