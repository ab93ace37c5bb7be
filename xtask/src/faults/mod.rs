//! `cargo xtask faults`: breaks the machine under the running city and audits what was acknowledged.
//!
//! The promise under test: acknowledged ⊆ present ⊆ attempted, none twice, and `olzii doctor` finds nothing. Each
//! kind of fault has a positive control that must lose; one that does not fails the run. No control needs a switch in
//! the product: the early acknowledgement is a front before the server, the missing sync is answered by strace
//! (SQLite) or is PostgreSQL's own `fsync=off`.

mod audit;
mod bed;
mod chance;
mod client;
mod disk;
mod early;
mod full;
mod kill;
mod ledger;
mod page;
mod postmaster;
mod power;
mod server;
mod sync;
mod table;
mod writers;

use std::{
    cell::{OnceCell, RefCell},
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use self::{
    bed::{Base, Engine},
    disk::Kind,
    server::Program,
    table::Row,
};
use crate::{install, postgres, run, workspace};

/// Set to 1, faults that need root and a mount namespace are left out where there is none.
const MAY_SKIP: &str = "OLZII_FAULTS_MAY_SKIP";
/// A binary to use in place of one built here.
const BINARY: &str = "OLZII_BIN";
const FOLDER_PREFIX: &str = "faults-";

/// How long and from which seed the faults run.
#[derive(clap::Args)]
pub struct Options {
    /// The short form that runs in `cargo xtask test`: a few cycles on the debug binary
    #[arg(long)]
    short: bool,
    /// Chooses ids and moments; by default another one each time
    #[arg(long)]
    seed: Option<u64>,
    /// Cycles of each fault, in place of the form's own number
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    cycles: Option<u64>,
    /// Only these faults
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Fault>,
    /// Write the table to docs/evidence/faults.md
    #[arg(long, conflicts_with_all = ["short", "only", "cycles"])]
    write: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Fault {
    Kill,
    Power,
    Sync,
    Full,
}

/// Where the faults happen.
pub struct Ground {
    /// For disks, base cities and records; removed at the end.
    work: PathBuf,
    program: Program,
    seed: u64,
    short: bool,
    cycles: Option<u64>,
    /// By engine.
    bases: [OnceCell<Base>; 2],
    /// The base cities that are still being made.
    making: RefCell<Vec<(Engine, Making)>>,
}

type Making = thread::JoinHandle<Result<Base>>;

impl Ground {
    /// Starts to make the base city of `engine` beside everything else: it takes longer than some faults.
    fn begin(&self, engine: Engine) {
        let folder = self.work.join(format!("base-{}", engine.name()));
        let program = Program { log: folder.with_extension("log"), ..self.program.clone() };
        let making = thread::spawn(move || bed::build_base(&program, engine, &folder));
        self.making.borrow_mut().push((engine, making));
    }

    /// The base city of `engine`; waits until it is made.
    fn base(&self, engine: Engine) -> Result<&Base> {
        let cell = &self.bases[engine as usize];
        if let Some(base) = cell.get() {
            return Ok(base);
        }
        let mut list = self.making.borrow_mut();
        let position = list.iter().position(|(made, _)| *made == engine);
        let (_, making) =
            list.swap_remove(position.context("no base city is being made, or it failed before")?);
        let made = making.join().map_err(|_| anyhow!("making a base city panicked"))?;
        let base = made.with_context(|| format!("cannot make a demo city on {}", engine.name()))?;
        Ok(cell.get_or_init(|| base))
    }

    /// An empty folder for a bed on the machine's own disk.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.work.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    fn cycles(&self, full: u64, short: u64) -> u64 {
        self.cycles.unwrap_or(if self.short { short } else { full })
    }
}

/// A folder that goes when this run does.
struct Work(PathBuf);

impl Drop for Work {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

pub fn run(options: Options) -> Result<()> {
    let disks = match disk::enter_namespace() {
        Ok(()) => true,
        Err(error) if env::var(MAY_SKIP).is_ok_and(|value| value == "1") => {
            println!("LEFT OUT power cut, fsync and full disk: {error:#}");
            false
        }
        Err(error) => bail!("{error:#}; run as root, or set {MAY_SKIP}=1 to leave those faults out"),
    };
    let mut packages = vec![install::POSTGRESQL];
    packages.extend(disks.then_some(install::STRACE));
    install::debian_packages(&packages)?;
    let binary = binary(options.short)?;
    let seed = options.seed.unwrap_or_else(some_seed);
    println!("seed {seed}");

    let work = work_folder()?;
    let program = Program { binary, log: work.0.join("server.log") };
    let bases = [OnceCell::new(), OnceCell::new()];
    let making = RefCell::default();
    let ground = Ground {
        work: work.0.clone(),
        program,
        seed,
        short: options.short,
        cycles: options.cycles,
        bases,
        making,
    };
    ground.begin(Engine::Sqlite);
    if options.only.is_empty() || options.only.iter().any(|fault| [Fault::Kill, Fault::Power].contains(fault))
    {
        ground.begin(Engine::Postgres);
    }
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for (fault, name, work) in plan(options.short) {
        let wanted = options.only.is_empty() || options.only.contains(&fault);
        if !wanted || !(disks || fault == Fault::Kill) {
            continue;
        }
        let bar = run::spinner(name);
        let outcome = work(&ground);
        bar.finish_and_clear();
        match outcome {
            Ok(row) => {
                tell(name, &row);
                bad.extend((!row.is_good()).then_some(name));
                rows.push(row);
            }
            Err(error) => {
                println!("{name}: came to no end: {error:#}");
                bad.push(name);
            }
        }
    }
    println!("\nseed {seed}\n{}", table::markdown(&rows));
    if options.write {
        page::write(&rows, seed)?;
    }
    ensure!(bad.is_empty(), "not as promised: {} (seed {seed})", bad.join(", "));
    Ok(())
}

type Deed = Box<dyn Fn(&Ground) -> Result<Row>>;

/// Every fault in its order. The short form leaves out what only repeats another one's lesson.
fn plan(short: bool) -> Vec<(Fault, &'static str, Deed)> {
    let mut plan: Vec<(Fault, &'static str, Deed)> = vec![
        (
            Fault::Kill,
            "kill -9 of the server, SQLite",
            Box::new(|ground| kill::server(ground, Engine::Sqlite)),
        ),
        (Fault::Kill, "kill -9 of the server, control", Box::new(kill::control)),
        (
            Fault::Kill,
            "kill -9 of the server, PostgreSQL",
            Box::new(|ground| kill::server(ground, Engine::Postgres)),
        ),
    ];
    if !short {
        plan.push((Fault::Kill, "kill -9 of PostgreSQL", Box::new(kill::postmaster)));
    }
    plan.extend([
        power("power cut, SQLite", Engine::Sqlite, false),
        power("power cut, SQLite, control", Engine::Sqlite, true),
        power("power cut, PostgreSQL", Engine::Postgres, false),
    ]);
    if !short {
        plan.push(power("power cut, PostgreSQL, control", Engine::Postgres, true));
    }
    plan.push((Fault::Sync, "the Nth fsync fails", Box::new(sync::fail)));
    plan.push((Fault::Full, "full disk in memory", Box::new(|ground| full::fill(ground, Kind::Memory))));
    if !short {
        plan.push((Fault::Full, "full ext4", Box::new(|ground| full::fill(ground, Kind::Ext4))));
    }
    plan
}

fn power(name: &'static str, engine: Engine, control: bool) -> (Fault, &'static str, Deed) {
    (Fault::Power, name, Box::new(move |ground| power::cut(ground, engine, control)))
}

fn tell(name: &str, row: &Row) {
    let verdict = if row.is_good() { "as promised" } else { "NOT AS PROMISED" };
    println!("{name}: {verdict}, {} cycles, {:.1} s", row.cycles, row.took.as_secs_f64());
    if !row.control {
        for line in row.wrong.iter().take(10) {
            println!("  {line}");
        }
    }
}

/// The debug binary in the short form, else the release binary.
fn binary(short: bool) -> Result<PathBuf> {
    if let Some(binary) = env::var_os(BINARY) {
        return Ok(binary.into());
    }
    let mut build = workspace::cargo();
    build.args(["build", "--quiet", "--package", "olzii"]);
    if !short {
        build.arg("--release");
    }
    run::aloud(&mut build)?;
    let binary = workspace::root().join("target").join(if short { "debug" } else { "release" }).join("olzii");
    ensure!(binary.is_file(), "cargo built no {}", binary.display());
    Ok(binary)
}

/// target/faults-PID, or one in the temporary folder when PostgreSQL's user cannot reach target.
fn work_folder() -> Result<Work> {
    let target = workspace::root().join("target");
    fs::create_dir_all(&target)?;
    let reachable = run::succeeds(postgres::as_postgres(Path::new("test")).arg("-x").arg(&target));
    let parent = if reachable { target } else { env::temp_dir() };
    sweep(&parent);
    let folder = parent.join(format!("{FOLDER_PREFIX}{}", std::process::id()));
    fs::create_dir(&folder)?;
    Ok(Work(folder.canonicalize()?))
}

/// Removes the folders of runs that were killed before they could do it themselves. Their mounts and loop devices
/// went with their namespace, their servers with their parent.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(FOLDER_PREFIX));
        if owner.is_some_and(|process| {
            process.parse::<u32>().is_ok() && !Path::new("/proc").join(process).exists()
        }) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn some_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_micros() as u64)
}

/// Bytes in a folder, with all below it.
fn size_of(folder: &Path) -> Result<u64> {
    workspace::files(folder, &[])?.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}
