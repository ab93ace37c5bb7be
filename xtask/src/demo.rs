//! `cargo xtask demo`: the demo city of the release binary.

use std::{os::unix::process::CommandExt, process::Command};

use anyhow::Result;

use crate::{run, setup, workspace};

/// What is passed on to `olzii demo`.
#[derive(clap::Args)]
pub struct Options {
    /// Options of `olzii demo`, for instance `--live --scale 1 --listen 0.0.0.0:8480`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Replaces this process by the served city; returns only on an error.
pub fn run(options: Options) -> Result<()> {
    setup::web_ui()?;
    eprintln!("building the release binary (about ten minutes the first time on two cores)");
    run::aloud(workspace::cargo().args(["build", "--release", "--package", "olzii"]))?;
    let root = workspace::root();
    let mut city = Command::new(root.join("target/release/olzii"));
    city.current_dir(&root).arg("demo");
    if !options.arguments.iter().any(|argument| argument == "--data" || argument.starts_with("--data=")) {
        city.args(["--data", "target/demo"]);
    }
    let error = city.args(&options.arguments).exec();
    Err(anyhow::Error::new(error).context("cannot start target/release/olzii"))
}
