//! `cargo xtask bench`: measures the city on both engines; not part of the test.

use anyhow::{Result, bail};

/// What is measured.
#[derive(clap::Args)]
pub struct Options {}

pub fn run(_options: Options) -> Result<()> {
    bail!("the benchmarks are not built yet")
}
