//! Eight writers who report cases over HTTP, one after the other, each for itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{
    chance::Chance,
    client::{Answer, Client, Report},
    ledger::Ledger,
};

pub const WRITERS: usize = 8;
/// A writer stops after so many refusals: what they have to show they have shown.
const REFUSALS_MAX: usize = 10;

/// To whom the writers write.
#[derive(Clone, Debug)]
pub struct Target {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    pub token: String,
    /// The area's code.
    pub area: String,
    /// Makes a report of an id.
    pub report: fn(String) -> Report,
}

/// A running group of writers.
pub struct Writers {
    stop: Arc<AtomicBool>,
    progress: Arc<Progress>,
    refused: mpsc::Receiver<Instant>,
    threads: Vec<thread::JoinHandle<Result<Vec<Deed>>>>,
}

#[derive(Default)]
struct Progress {
    acknowledged: AtomicU64,
    running: AtomicU64,
}

/// One answered report: when it was sent, when its answer came, and what it was.
#[derive(Clone, Debug)]
pub struct Deed {
    pub sent: Instant,
    pub answered: Instant,
    pub answer: Answer,
}

impl Writers {
    /// Each writer works until it is told to stop, gets no answer, or has been refused often enough.
    pub fn start(target: &Target, ledger: &Arc<Ledger>, chance: &mut Chance, writers: usize) -> Self {
        let (stop, progress) = (Arc::new(AtomicBool::new(false)), Arc::new(Progress::default()));
        let (tell, refused) = mpsc::channel();
        progress.running.store(writers as u64, Ordering::SeqCst);
        let thread = |number: usize| {
            let writer = Writer {
                client: Client::new(&target.base, &target.token),
                area: target.area.clone(),
                report: target.report,
                ledger: Arc::clone(ledger),
                chance: Chance::new(chance.next(), &format!("writer {number}")),
                stop: Arc::clone(&stop),
                progress: Arc::clone(&progress),
                refused: tell.clone(),
            };
            thread::spawn(move || writer.work())
        };
        let threads = (0..writers).map(thread).collect();
        Self { stop, progress, refused, threads }
    }

    pub fn acknowledged(&self) -> u64 {
        self.progress.acknowledged.load(Ordering::SeqCst)
    }

    /// Waits until `count` reports are acknowledged, every writer has ended, or `limit` has passed.
    pub fn wait_for(&self, count: u64, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.acknowledged() < count {
            if Instant::now() > deadline || self.progress.running.load(Ordering::SeqCst) == 0 {
                return false;
            }
            thread::sleep(Duration::from_micros(200));
        }
        true
    }

    /// The moment of the first refusal; none when none comes within `limit`.
    pub fn wait_for_refusal(&self, limit: Duration) -> Option<Instant> {
        self.refused.recv_timeout(limit).ok()
    }

    /// Lets every writer come to its end by itself.
    pub fn finish(self) -> Result<Vec<Deed>> {
        let mut deeds = Vec::new();
        for thread in self.threads {
            match thread.join() {
                Ok(outcome) => deeds.extend(outcome?),
                Err(_) => bail!("a writer panicked"),
            }
        }
        deeds.sort_by_key(|deed| deed.sent);
        Ok(deeds)
    }

    pub fn stop(self) -> Result<Vec<Deed>> {
        self.stop.store(true, Ordering::SeqCst);
        self.finish()
    }
}

struct Writer {
    client: Client,
    area: String,
    report: fn(String) -> Report,
    ledger: Arc<Ledger>,
    chance: Chance,
    stop: Arc<AtomicBool>,
    progress: Arc<Progress>,
    refused: mpsc::Sender<Instant>,
}

impl Writer {
    fn work(mut self) -> Result<Vec<Deed>> {
        let mut deeds = Vec::new();
        let mut refusals = 0;
        while refusals < REFUSALS_MAX && !self.stop.load(Ordering::SeqCst) {
            let report = (self.report)(self.chance.uuid());
            self.ledger.attempt(&report.id)?;
            let sent = Instant::now();
            // No answer: the server is gone, and nobody knows what became of the report.
            let Ok(answer) = self.client.report(&self.area, &report) else { break };
            let answered = Instant::now();
            match answer.status {
                200..300 => {
                    self.ledger.acknowledge(&report.id)?;
                    self.progress.acknowledged.fetch_add(1, Ordering::SeqCst);
                }
                500.. => {
                    refusals += 1;
                    let _ = self.refused.send(answered);
                }
                status => bail!("a good report was answered with {status}: {}", answer.body),
            }
            deeds.push(Deed { sent, answered, answer });
        }
        Ok(deeds)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.progress.running.fetch_sub(1, Ordering::SeqCst);
    }
}
