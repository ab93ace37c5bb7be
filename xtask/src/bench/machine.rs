//! What the figures were taken on, and what processes use of it.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{run, workspace};

/// Linux counts processor time in hundredths of a second for every program.
const TICKS_PER_SECOND: f64 = 100.0;
/// Busy cores above which other work disturbs the figures.
pub const QUIET_CORES: f64 = 0.15;
const QUIET_SECONDS_MAX: u64 = 120;

/// A process, by its id.
#[derive(Clone, Debug)]
pub struct Process(String);

impl Process {
    pub fn of(id: u32) -> Self {
        Self(id.to_string())
    }

    pub fn ourselves() -> Self {
        Self("self".into())
    }

    /// Seconds of one core since its start.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0)).context("the process is gone")?;
        // The name in parentheses may hold spaces.
        let (_, rest) = text.rsplit_once(") ").context("/proc/PID/stat")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let ticks =
            |index: usize| fields.get(index).and_then(|it| it.parse::<f64>().ok()).context("/proc/PID/stat");
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
    }

    /// Resident memory now, in bytes.
    pub fn resident(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most that was ever resident, in bytes.
    pub fn resident_max(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0)).context("the process is gone")?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
        Ok(kilobytes.with_context(|| format!("/proc/PID/status has no {name}"))? * 1024)
    }
}

/// Seconds that cores of this machine were busy since its start, of all programs.
pub fn busy_seconds() -> Result<f64> {
    let text = fs::read_to_string("/proc/stat")?;
    let numbers = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<f64> = numbers.map_while(|it| it.parse().ok()).collect();
    match ticks[..] {
        // user, nice, system, idle, waiting for disks, interrupts hard and soft
        [user, nice, system, _, _, hard, soft, ..] => {
            Ok((user + nice + system + hard + soft) / TICKS_PER_SECOND)
        }
        _ => bail!("/proc/stat is not as Linux writes it"),
    }
}

/// Waits, within bounds, until nothing else works. Returns the cores that are busy without us.
pub fn wait_for_quiet() -> Result<f64> {
    let bar = run::spinner("waiting for other work to end");
    let deadline = Instant::now() + Duration::from_secs(QUIET_SECONDS_MAX);
    loop {
        let before = busy_seconds()?;
        std::thread::sleep(Duration::from_secs(2));
        let cores = (busy_seconds()? - before) / 2.0;
        if cores < QUIET_CORES || Instant::now() > deadline {
            bar.finish_and_clear();
            return Ok(cores);
        }
    }
}

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Processor, cores, memory, kernel and file system, in a line.
pub fn describe() -> Result<String> {
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let field = |name: &str| {
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    };
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kilobytes = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let virtual_machine = if field("flags").contains("hypervisor") { " (virtual machine)" } else { "" };
    let disk =
        run::output(Command::new("stat").args(["--file-system", "--format=%T"]).arg(workspace::root()))?;
    Ok(format!(
        "{}, family {} model {}{virtual_machine}, {} cores, {:.0} GiB memory, Linux {}, file system {disk}",
        field("model name"),
        field("cpu family"),
        field("model"),
        cores(),
        kilobytes.unwrap_or_default() as f64 / 1_048_576.0,
        kernel.trim(),
    ))
}

/// The commit that was built, and whether the tree had changes that are in no commit.
pub fn commit() -> Result<String> {
    let root = workspace::root();
    let hash = run::output(Command::new("git").current_dir(&root).args(["rev-parse", "--short=12", "HEAD"]))?;
    let changes = run::output(Command::new("git").current_dir(&root).args([
        "status",
        "--porcelain",
        "--",
        "crates",
        "procedures",
    ]))?;
    Ok(if changes.is_empty() { hash } else { format!("{hash} with uncommitted changes") })
}

/// `2026-11-22`, in universal time.
pub fn today() -> Result<String> {
    run::output(Command::new("date").args(["--utc", "+%Y-%m-%d"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_work_is_counted_as_ours_and_as_the_machines() {
        let ourselves = Process::ourselves();
        let (mine, all) = (ourselves.cpu_seconds().unwrap(), busy_seconds().unwrap());
        let deadline = Instant::now() + Duration::from_millis(300);
        while Instant::now() < deadline {
            std::hint::spin_loop();
        }
        assert!(ourselves.cpu_seconds().unwrap() - mine >= 0.1);
        assert!(busy_seconds().unwrap() - all >= 0.1);
        assert!(ourselves.resident().unwrap() > 1_000_000);
        assert!(describe().unwrap().contains("Linux"));
    }
}
