//! `cargo xtask bench`: measures the city on both engines; not part of the test.

mod areas;
mod cases;
mod city;
mod client;
mod deadlines;
mod desk;
mod figures;
mod fill;
mod forms;
mod grids;
mod lifecycle;
mod limit;
mod load;
mod log;
mod machine;
mod passes;
mod peer;
mod report;
mod rows;
mod start;
mod viewers;

use std::time::Duration;

use anyhow::{Result, ensure};

use self::{
    city::Engine,
    load::{Plan, Run},
    machine::Process,
    report::Section,
};

/// Not counted at the beginning of each run.
const WARM_UP: Duration = Duration::from_secs(2);
/// The generator's own lateness above which an open loop says nothing.
const LAG_MS_MAX: f64 = 10.0;

/// What is measured.
#[derive(clap::Args)]
pub struct Options {
    #[arg(value_enum, default_value = "all")]
    what: What,
    /// Put the figures into docs/evidence/performance.md, those of grids into docs/evidence/grids.md
    #[arg(long)]
    write: bool,
    /// Measure target/release/olzii as it is, without building it
    #[arg(long, conflicts_with = "write")]
    no_build: bool,
    /// Only this engine
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Cases that are there before the lifecycle is measured, 0 for those of the demo alone; by default
    /// 0, 100000 and 1000000 on SQLite, 0 and 100000 on PostgreSQL
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
    /// Clients at once; by default 1, 16 and 64
    #[arg(long, value_delimiter = ',')]
    clients: Vec<usize>,
    /// Seconds that each run counts
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Runs, of which the median is told
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    #[command(flatten)]
    grids: grids::GridOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Import of the country's 665,000 areas, and their pages under 50 readers
    Areas,
    /// Cases submitted durably and read back
    Cases,
    /// Create, dispatch, resolve, read: with few cases there, and many
    Lifecycle,
    /// Ten thousand cases whose deadlines fall in the same minute
    Deadlines,
    /// Evaluation of any area and month: with few cases there, and many
    Figures,
    /// Making a city, and start-up with all its residents
    Start,
    /// Submissions of a form with 250 questions, judged again by its rules
    Forms,
    /// 500 viewers of the live map, and how long an event takes to reach them all
    Viewers,
    /// Passes: checked and issued by one core beside the bare signature and peers; over HTTP, and at more than can be done
    Passes,
    /// Durable appends to a log on disk, and proofs out of ten million entries
    Log,
    /// The planner of grids beside its peers; by itself, and not among all
    Grids,
    /// All but grids
    All,
}

type Measurement = fn(&Options) -> Result<Section>;

impl Options {
    fn engines(&self) -> Vec<Engine> {
        self.engine.map_or_else(|| vec![Engine::Sqlite, Engine::Postgres], |engine| vec![engine])
    }

    fn clients(&self) -> Vec<usize> {
        if self.clients.is_empty() { vec![1, 16, 64] } else { self.clients.clone() }
    }

    fn sizes(&self, engine: Engine) -> Vec<usize> {
        match (self.sizes.is_empty(), engine) {
            (false, _) => self.sizes.clone(),
            (true, Engine::Sqlite) => vec![0, 100_000, 1_000_000],
            (true, Engine::Postgres) => vec![0, 100_000],
        }
    }

    fn plan(&self, clients: usize) -> Plan {
        Plan { clients, warm_up: WARM_UP, length: Duration::from_secs(self.seconds) }
    }

    /// `repeats` closed loops: the one in the middle, the lowest and the highest rate.
    fn closed<W>(
        &self,
        clients: usize,
        server: &Process,
        make: impl Fn(usize) -> Result<W> + Sync,
    ) -> Result<(Run, f64, f64)>
    where
        W: FnMut(&mut load::Stopwatch) -> Result<()>,
    {
        let runs = (0..self.repeats.max(1)).map(|_| load::closed(self.plan(clients), server, &make));
        load::median(runs.collect::<Result<_>>()?)
    }
}

pub fn run(options: Options) -> Result<()> {
    if !options.no_build {
        city::build()?;
    }
    let wanted = |what| options.what == what || options.what == What::All;
    let measurements: [(What, Measurement); 10] = [
        (What::Areas, areas::measure),
        (What::Cases, cases::measure),
        (What::Lifecycle, lifecycle::measure),
        (What::Deadlines, deadlines::measure),
        (What::Figures, figures::measure),
        (What::Start, start::measure),
        (What::Forms, forms::measure),
        (What::Viewers, viewers::measure),
        (What::Passes, passes::measure),
        (What::Log, log::measure),
    ];
    let busy = machine::wait_for_quiet()?;
    if busy > machine::QUIET_CORES {
        ensure!(
            !options.write,
            "other work keeps {busy:.2} cores busy: figures taken now are not worth keeping"
        );
        println!(
            "Other work keeps {busy:.2} cores busy: the figures will be worse than the machine allows.\n"
        );
    }
    if options.what == What::Grids {
        return grids::measure(&options.grids, options.write);
    }
    for (_, measure) in measurements.iter().filter(|(what, _)| wanted(*what)) {
        let section = measure(&options)?;
        if options.write {
            // Each at once: a later failure does not take earlier figures along.
            report::write(&[section])?;
        }
    }
    Ok(())
}
