//! Reads and reports through Open311 with clients that others wrote, against a served city.

use std::{path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{install, run, served_city::ServedCity, workspace};

const SCRIPT: &str = include_str!("open311_clients.py");

pub fn run(binary: &Path) -> Result<()> {
    let python = install::open311_clients()?;
    let city = ServedCity::start(binary, "open311")?;
    let script = workspace::root().join("target/open311_clients.py");
    std::fs::write(&script, SCRIPT).with_context(|| script.display().to_string())?;
    let outcome = run::aloud(Command::new(&python).arg(&script).arg(city.base()).arg(city.api_key()));
    outcome.with_context(|| format!("the server's last lines:\n{}", city.log()))
}
