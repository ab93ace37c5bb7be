//! Load on a served city: closed loop (so many clients, each waits for its answer) for rates, open loop (arrivals
//! drawn ahead, sent whatever comes back, timed from the planned moment) for latencies that hide nothing.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use hdrhistogram::Histogram;
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

use super::machine::{Process, busy_seconds};

/// Microseconds with three digits.
pub type Times = Histogram<u64>;

/// How long, and how many at once.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub clients: usize,
    /// Not counted.
    pub warm_up: Duration,
    pub length: Duration,
}

/// The times that one client saw: of the whole piece of work and of each call in it.
pub struct Stopwatch {
    counting: bool,
    whole: Times,
    calls: Vec<(&'static str, Times)>,
    /// How late the generator itself was; of the open loop only.
    lag: Times,
}

/// What one run showed.
#[derive(Clone)]
pub struct Run {
    /// Pieces of work finished in a second.
    pub rate: f64,
    pub whole: Times,
    pub calls: Vec<(&'static str, Times)>,
    pub lag: Times,
    /// Cores that were busy: of the server, of this process, of the whole machine.
    pub server_cores: f64,
    pub generator_cores: f64,
    pub machine_cores: f64,
    /// Resident memory of the server at the end, in bytes.
    pub resident: u64,
}

/// Longer than any answer is waited for.
const MICROSECONDS_MAX: u64 = 3_600_000_000;

fn times() -> Times {
    Histogram::new_with_bounds(1, MICROSECONDS_MAX, 3).expect("the bounds are in order")
}

/// Milliseconds below which `share` of the times lie.
pub fn quantile_ms(times: &Times, share: f64) -> f64 {
    times.value_at_quantile(share) as f64 / 1_000.0
}

impl Run {
    /// The times of all calls together, without what the generator did between them.
    pub fn answers(&self) -> Result<Times> {
        let mut all = times();
        self.calls.iter().try_for_each(|(_, times)| all.add(times))?;
        Ok(all)
    }
}

impl Stopwatch {
    fn new() -> Self {
        Self { counting: false, whole: times(), calls: Vec::new(), lag: times() }
    }

    /// Times one call under a name.
    pub fn time<T>(&mut self, name: &'static str, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let outcome = call().context(name)?;
        self.record(name, started);
        Ok(outcome)
    }

    /// Times one call under the name that it turns out to have.
    pub fn time_as(&mut self, call: impl FnOnce() -> Result<&'static str>) -> Result<()> {
        let started = Instant::now();
        let name = call()?;
        self.record(name, started);
        Ok(())
    }

    fn record(&mut self, name: &'static str, started: Instant) {
        if !self.counting {
            return;
        }
        let took = micros(started.elapsed());
        match self.calls.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => times.saturating_record(took),
            None => {
                let mut first = times();
                first.saturating_record(took);
                self.calls.push((name, first));
            }
        }
    }

    fn add(&mut self, other: &Stopwatch) -> Result<()> {
        self.whole.add(&other.whole)?;
        self.lag.add(&other.lag)?;
        for (name, more) in &other.calls {
            match self.calls.iter_mut().find(|(known, _)| known == name) {
                Some((_, times)) => times.add(more)?,
                None => self.calls.push((name, more.clone())),
            }
        }
        Ok(())
    }
}

fn micros(time: Duration) -> u64 {
    time.as_micros() as u64
}

/// `clients` workers made by `make`, each one piece of work after the other. The first error ends the run.
pub fn closed<W>(plan: Plan, server: &Process, make: impl Fn(usize) -> Result<W> + Sync) -> Result<Run>
where
    W: FnMut(&mut Stopwatch) -> Result<()>,
{
    let begin = Instant::now();
    let (from, until) = (begin + plan.warm_up, begin + plan.warm_up + plan.length);
    let failed = AtomicBool::new(false);
    let client = |number: usize| -> Result<Stopwatch> {
        let mut work = make(number)?;
        let mut watch = Stopwatch::new();
        while !failed.load(Ordering::Relaxed) {
            let started = Instant::now();
            if started >= until {
                break;
            }
            watch.counting = started >= from;
            work(&mut watch)?;
            if watch.counting && Instant::now() <= until {
                watch.whole.saturating_record(micros(started.elapsed()));
            }
        }
        Ok(watch)
    };
    run(plan, server, begin, &failed, client)
}

/// Pieces of work that arrive at `rate` a second whatever comes back, carried by at most `plan.clients`
/// connections; their times count from the moment that was planned.
pub fn open<W>(
    plan: Plan,
    rate: f64,
    seed: u64,
    server: &Process,
    make: impl Fn(usize) -> Result<W> + Sync,
) -> Result<Run>
where
    W: FnMut(&mut Stopwatch) -> Result<()>,
{
    let planned = arrivals(seed, rate, plan.warm_up + plan.length);
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let begin = Instant::now();
    let client = |number: usize| -> Result<Stopwatch> {
        let mut work = make(number)?;
        let mut watch = Stopwatch::new();
        while !failed.load(Ordering::Relaxed) {
            let Some(after) = planned.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let (taken, due) = (Instant::now(), begin + *after);
            thread::sleep(due.saturating_duration_since(taken));
            watch.counting = *after >= plan.warm_up;
            let lag = due.max(taken).elapsed();
            work(&mut watch)?;
            if watch.counting {
                watch.lag.saturating_record(micros(lag));
                watch.whole.saturating_record(micros(due.elapsed()));
            }
        }
        Ok(watch)
    };
    run(plan, server, begin, &failed, client)
}

/// Poisson arrivals for `length`, drawn ahead.
fn arrivals(seed: u64, rate: f64, length: Duration) -> Vec<Duration> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut seconds = 0.0;
    let mut arrivals = Vec::new();
    loop {
        let fraction = (chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        seconds -= (1.0 - fraction).ln() / rate;
        if seconds >= length.as_secs_f64() {
            return arrivals;
        }
        arrivals.push(Duration::from_secs_f64(seconds));
    }
}

fn run(
    plan: Plan,
    server: &Process,
    begin: Instant,
    failed: &AtomicBool,
    client: impl Fn(usize) -> Result<Stopwatch> + Sync,
) -> Result<Run> {
    eprintln!("measuring with {} at once", plan.clients);
    let ourselves = Process::ourselves();
    let cores =
        || -> Result<[f64; 3]> { Ok([server.cpu_seconds()?, ourselves.cpu_seconds()?, busy_seconds()?]) };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.clients)
            .map(|number| {
                scope.spawn({
                    let client = &client;
                    move || client(number).inspect_err(|_| failed.store(true, Ordering::Relaxed))
                })
            })
            .collect();
        thread::sleep((begin + plan.warm_up).saturating_duration_since(Instant::now()));
        let before = cores()?;
        thread::sleep((begin + plan.warm_up + plan.length).saturating_duration_since(Instant::now()));
        let after = cores()?;
        let resident = server.resident()?;
        let mut all = Stopwatch::new();
        for thread in threads {
            all.add(&thread.join().map_err(|_| anyhow!("a client panicked"))??)?;
        }
        eprintln!("measured {} in {} s", all.whole.len(), plan.length.as_secs_f64());
        ensure!(!all.whole.is_empty(), "nothing was finished in {} s", plan.length.as_secs_f64());
        let seconds = plan.length.as_secs_f64();
        Ok(Run {
            rate: all.whole.len() as f64 / seconds,
            whole: all.whole,
            calls: all.calls,
            lag: all.lag,
            server_cores: (after[0] - before[0]) / seconds,
            generator_cores: (after[1] - before[1]) / seconds,
            machine_cores: (after[2] - before[2]) / seconds,
            resident,
        })
    })
}

/// The run in the middle by its rate, and the lowest and highest rate.
pub fn median(mut runs: Vec<Run>) -> Result<(Run, f64, f64)> {
    runs.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        return Err(anyhow!("no run was made"));
    };
    let (low, high) = (first.rate, last.rate);
    Ok((runs.swap_remove(runs.len() / 2), low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_come_at_their_rate_and_repeat_with_the_seed() {
        let many = arrivals(7, 1_000.0, Duration::from_secs(20));
        assert!((19_000..21_000).contains(&many.len()), "{}", many.len());
        assert!(many.is_sorted());
        assert_eq!(many, arrivals(7, 1_000.0, Duration::from_secs(20)));
    }

    /// What the closed loop hides: work that stands still for a while delays all that arrives meanwhile.
    #[test]
    fn a_pause_shows_in_the_open_loop_in_all_that_waited_for_it() {
        let plan = Plan { clients: 1, warm_up: Duration::ZERO, length: Duration::from_millis(400) };
        let make = |_| {
            let mut first = true;
            Ok(move |_: &mut Stopwatch| {
                if std::mem::take(&mut first) {
                    thread::park_timeout(Duration::from_millis(200));
                }
                Ok(())
            })
        };
        let server = Process::ourselves();
        let paced = open(plan, 500.0, 1, &server, make).unwrap();
        assert!(quantile_ms(&paced.whole, 0.75) > 50.0, "{}", quantile_ms(&paced.whole, 0.75));
        let hidden = closed(plan, &server, make).unwrap();
        assert!(quantile_ms(&hidden.whole, 0.99) < 20.0);
    }

    #[test]
    fn an_error_of_one_client_ends_the_run() {
        let plan = Plan { clients: 4, warm_up: Duration::ZERO, length: Duration::from_secs(1) };
        let make =
            |number| Ok(move |_: &mut Stopwatch| if number == 3 { Err(anyhow!("refused")) } else { Ok(()) });
        assert!(closed(plan, &Process::ourselves(), make).is_err());
    }
}
