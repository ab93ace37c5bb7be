//! Tries the JSON API as its OpenAPI document describes it, valid and invalid, as anonymous and as two roles.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{install, run, served_city::ServedCity, workspace};

/// Every run takes the same examples; change it by hand to look for others.
const SEED: u32 = 20260;
const ROLES: [&str; 3] = ["anonymous", "resident", "dispatcher"];
const MINUTES_MAX: u64 = 6;
/// Whether a class, an area or a cursor is there is not the schema's to say: 422 is a sound answer to what it allows.
const CONFIG: &str = r#"
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
"#;

/// A foreign report may hold anything and says nothing of what the city knows: what is answered has to be as described.
const OPEN311_CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// As fast as one address may ask.
const OPEN311_RATE: &str = "290/m";
const OPEN311_EXAMPLES: &str = "10";

/// Runs against a city of its own; `examples` is the number of requests an operation, a phase and a role.
pub fn run(binary: &Path, examples: u32) -> Result<()> {
    let program = install::schemathesis()?;
    let city = ServedCity::start(binary, "schemathesis")?;
    let config = workspace::root().join("target/schemathesis.toml");
    std::fs::write(&config, CONFIG).with_context(|| config.display().to_string())?;
    for role in ROLES {
        println!("schemathesis as {role}, seed {SEED}, {examples} examples");
        let mut command = Command::new(&program);
        command.current_dir(workspace::root().join("target"));
        command
            .arg("--config-file")
            .arg(&config)
            .arg("run")
            .arg(format!("{}/api/v1/openapi.json", city.base()));
        command.args(["--max-examples", &examples.to_string(), "--seed", &SEED.to_string()]);
        command.args(["--workers", "1", "--request-timeout", "20", "--generation-database", "none"]);
        if role != "anonymous" {
            // It would end its own session, and try the rest with a token that is no longer good.
            command.args(["--exclude-method", "DELETE"]);
            command.args(["--header", &format!("Authorization:Bearer {}", city.sign_in(role)?)]);
        }
        let (_, outcome) = run::counted(&mut command, Duration::from_secs(60 * MINUTES_MAX))?;
        outcome
            .with_context(|| format!("schemathesis as {role}; the server's last lines:\n{}", city.log()))?;
    }
    of_open311(&program, &city)?;
    let health = ureq::get(format!("{}/healthz", city.base())).call().context("the city died of it")?;
    ensure!(health.status() == 200, "after the run /healthz answers {}", health.status());
    Ok(())
}

/// Open311 by its own document, as the other system whose key the demo city has.
fn of_open311(program: &Path, city: &ServedCity) -> Result<()> {
    println!("schemathesis of Open311, seed {SEED}, {OPEN311_EXAMPLES} examples");
    let config = workspace::root().join("target/schemathesis-open311.toml");
    let key = format!("[parameters]\n\"query.api_key\" = \"{}\"\n", city.api_key());
    std::fs::write(&config, key).with_context(|| config.display().to_string())?;
    let mut command = Command::new(program);
    command.current_dir(workspace::root().join("target"));
    command.arg("--config-file").arg(&config).arg("run");
    command.arg(format!("{}/open311/v2/openapi.json", city.base()));
    command.args(["--checks", OPEN311_CHECKS, "--rate-limit", OPEN311_RATE]);
    command.args(["--max-examples", OPEN311_EXAMPLES, "--seed", &SEED.to_string()]);
    command.args(["--workers", "1", "--request-timeout", "20", "--generation-database", "none"]);
    let (_, outcome) = run::counted(&mut command, Duration::from_secs(60 * MINUTES_MAX))?;
    outcome.with_context(|| format!("schemathesis of Open311; the server's last lines:\n{}", city.log()))
}
