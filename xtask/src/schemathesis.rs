//! Tries the JSON API as its OpenAPI document describes it, valid and invalid, as anonymous and as two roles.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{install, run, served_city::ServedCity, workspace};

/// Every run takes the same examples; change it by hand to look for others.
const SEED: u32 = 20260;
const ROLES: [&str; 3] = ["anonymous", "resident", "dispatcher"];
const MINUTES_MAX: u64 = 6;

/// Runs against a city of its own; `examples` is the number of requests an operation, a phase and a role.
pub fn run(binary: &Path, examples: u32) -> Result<()> {
    let program = install::schemathesis()?;
    let city = ServedCity::start(binary, "schemathesis")?;
    for role in ROLES {
        println!("schemathesis as {role}, seed {SEED}, {examples} examples");
        let mut command = Command::new(&program);
        command.current_dir(workspace::root().join("target"));
        command.arg("run").arg(format!("{}/api/v1/openapi.json", city.base()));
        command.args(["--max-examples", &examples.to_string(), "--seed", &SEED.to_string()]);
        command.args(["--workers", "1", "--request-timeout", "20", "--generation-database", "none"]);
        if role != "anonymous" {
            command.args(["--header", &format!("Authorization:Bearer {}", city.sign_in(role)?)]);
        }
        let (_, outcome) = run::counted(&mut command, Duration::from_secs(60 * MINUTES_MAX))?;
        outcome
            .with_context(|| format!("schemathesis as {role}; the server's last lines:\n{}", city.log()))?;
    }
    let health = ureq::get(format!("{}/healthz", city.base())).call().context("the city died of it")?;
    ensure!(health.status() == 200, "after the run /healthz answers {}", health.status());
    Ok(())
}
