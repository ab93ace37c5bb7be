//! The sealed log by itself: durable appends, and proofs from tiles on disk.

use anyhow::{Result, ensure};

use super::{Options, report::Section};
use crate::{run, workspace};

/// Entries of the log that proofs are taken from.
const ENTRIES: u64 = 10_000_000;

pub fn measure(_options: &Options) -> Result<Section> {
    let mut section = Section::new("The log", &["tiles on disk".to_owned()])?;
    let mut bench = workspace::cargo();
    bench.args(["bench", "--quiet", "--package", "tlog", "--bench", "log", "--"]).arg(ENTRIES.to_string());
    let told = run::output(&mut bench)?;
    ensure!(told.contains("inclusion proof"), "the measurement told nothing of proofs: {told}");
    section.line("Entries of 100 bytes, durable before the call returns (`cargo bench --package tlog`):");
    section.line(told.trim());
    Ok(section)
}
