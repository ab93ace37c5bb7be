//! `--live`: plays a working day. Every second or so a report arrives or a case moves one step.

use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context, Result};
use domain::{
    City, Window,
    case::{self, Case, Filter, Lens, Status},
    organization,
};
use kernel::{Role, limits};

use super::{
    campaigns,
    chance::Chance,
    figures::Figures,
    gates, place_in_list,
    play::{By, Player},
    territory::{SHOWN_COMMUNITY, Territory},
    words::Words,
};

/// Milliseconds between two turns: at least and at most.
const PAUSE: (i64, i64) = (500, 1_500);
/// One turn in seven is a report, because a case takes about six steps: the city keeps its level.
const REPORTS: f64 = 1.0 / 7.0;

/// One turn in fifteen is an answer to the campaign; so many communities are looked at for one that is silent.
const ANSWERS: f64 = 1.0 / 15.0;
const TRIES: usize = 60;
/// One turn in eight is a few looks at a gate.
const LOOKS: f64 = 1.0 / 8.0;

/// A day that is being played. Dropping it stops it.
pub struct Live {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts to play on a thread of its own, in a city that was built from this seed.
pub fn live(city: Arc<City>, seed: u64) -> Live {
    let (stop, stopped) = mpsc::channel();
    let thread = thread::spawn(move || match Day::new(city, seed) {
        Ok(day) => play(day, &stopped),
        Err(error) => tracing::error!(error = format!("{error:#}"), "the day cannot be played"),
    });
    Live { stop: Some(stop), thread: Some(thread) }
}

/// Takes turns until the other end of `stopped` is gone.
fn play(mut day: Day, stopped: &Receiver<()>) {
    loop {
        let pause = Duration::from_millis(day.player.chance.seconds(PAUSE.0, PAUSE.1) as u64);
        match stopped.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        // Somebody else may have moved the case first; the day goes on.
        if let Err(error) = day.turn() {
            tracing::info!(error = format!("{error:#}"), "a turn of the played day failed");
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What a turn did.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Reported,
    Moved,
    /// A community that was silent has answered a campaign.
    Answered,
    /// Passes were looked at, at some gate.
    Looked,
    /// Nobody may do what was drawn.
    Nothing,
}

pub struct Day {
    player: Player,
    shown: usize,
    /// Of what communities answer.
    answers: Chance,
    /// Of what devices at gates count.
    looks: Chance,
}

impl Day {
    pub fn new(city: Arc<City>, seed: u64) -> Result<Self> {
        let words = Words::read()?;
        let territory = Territory::plan(seed, &Figures::read()?, &words)?;
        let shown = place_in_list(&territory)?;
        let answers = Chance::new(seed, "live answers");
        let looks = Chance::new(seed, "live looks");
        Ok(Self { player: Player::new(city, seed, "live", territory, words)?, shown, answers, looks })
    }

    /// One report or one step of a case. The shown community is left to whoever tries the demo.
    pub fn turn(&mut self) -> Result<Turn> {
        let now = self.player.city.clock.now();
        if self.player.chance.happens(REPORTS) {
            let mut community = self.player.chance.below(self.player.territory.communities.len());
            if community == self.shown {
                community += 1;
            }
            let grid = self.player.chance.below(self.player.territory.communities[community].grids.len());
            let by = *self.player.chance.pick(&[By::Anonymous, By::GridWorker, By::Desk]);
            self.player.report(now, (community, grid), by, None)?;
            return Ok(Turn::Reported);
        }
        if self.player.chance.happens(ANSWERS) && self.answer(now)? {
            return Ok(Turn::Answered);
        }
        if self.looks.happens(LOOKS) && gates::look(&self.player, &mut self.looks, now)? {
            return Ok(Turn::Looked);
        }
        let open = self.open()?;
        if open.is_empty() {
            return Ok(Turn::Nothing);
        }
        let case = self.player.chance.pick(&open).clone();
        let Some(transition) = self.player.next(&case) else { return Ok(Turn::Nothing) };
        let moved = self.player.step(&case, &transition, now)?;
        Ok(moved.map_or(Turn::Nothing, |_| Turn::Moved))
    }

    /// Has one of the communities that are silent answer; whether one did.
    fn answer(&mut self, now: kernel::Timestamp) -> Result<bool> {
        let communities = &self.player.territory.communities;
        let first = self.answers.below(communities.len());
        for at in (0..communities.len()).map(|it| (first + it) % communities.len()).take(TRIES) {
            let community = &communities[at];
            if at != self.shown && campaigns::send(&self.player, community, &mut self.answers, now)?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The most urgent open cases outside the shown community, as the city's commander sees them.
    fn open(&self) -> Result<Vec<Case>> {
        let now = self.player.city.clock.now();
        let city = &self.player.territory.city.path;
        let commanders = |tx: &mut store::Tx<'_>| organization::holders(tx, &[Role::Commander], city, now, 1);
        let commander =
            *self.player.city.db.read(commanders)?.first().context("the city has no commander")?;
        let ctx = self.player.acting(commander, now)?;
        let filter = Filter { status: Some(Status::Open), ..Filter::default() };
        let page = case::list(&ctx, &Lens::Everything, &filter, &Window::first(limits::PAGE_ROWS_MAX))?;
        let shown = |case: &Case| case.path.codes().any(|code| code == SHOWN_COMMUNITY);
        Ok(page.items.into_iter().filter(|case| !shown(case)).collect())
    }
}
