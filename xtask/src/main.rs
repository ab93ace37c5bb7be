//! Developer commands of Olzii: `cargo xtask setup | demo | test | …`. Nothing here is part of the product.
#![allow(
    clippy::disallowed_methods,
    reason = "developer commands measure time and are no part of the product"
)]

mod bench;
mod demo;
mod faults;
mod finding;
mod forms;
mod fuzz;
mod golden;
mod install;
mod layers;
mod new_room;
mod open311;
mod postgres;
mod run;
mod rust_source;
mod schemathesis;
mod served_city;
mod setup;
mod sql;
mod sql_schema;
mod sql_text;
mod sql_words;
mod template;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer commands of Olzii.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install npm packages by lock file and bundle the web interface
    Setup,
    /// Build the release binary, make the demo city in target/demo and serve it
    Demo(demo::Options),
    /// Install what the tests need and run everything
    Test(test::Options),
    /// Check what may refer to what, and that no user-facing string is outside the locale files
    Layers,
    /// Check every SQL text and migration against the house rules
    Sql,
    /// Create the files of a new room in domain and web
    NewRoom(new_room::Options),
    /// Write the golden files anew
    Golden,
    /// Run a command with OLZII_TEST_POSTGRES naming a private PostgreSQL, then stop it
    Postgres(postgres::CommandOptions),
    /// Compare forms with what pyxform, openrosa-xpath-evaluator and xforms-engine make of them
    Forms,
    /// Kill, cut power, fail fsync, fill the disk: no acknowledged write may be lost
    Faults(faults::Options),
    /// Throw whatever there is at the readers of passes, logs and forms, under libFuzzer; no part of the test
    Fuzz(fuzz::Options),
    /// Measure throughput, latency, memory and start-up
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Setup => setup::run(),
        Command::Demo(options) => demo::run(options),
        Command::Test(options) => test::run(options),
        Command::Layers => layers::run(),
        Command::Sql => sql::run(),
        Command::NewRoom(options) => new_room::run(options),
        Command::Golden => golden::run(),
        Command::Postgres(options) => postgres::run(options),
        Command::Forms => test::forms(),
        Command::Faults(options) => faults::run(options),
        Command::Fuzz(options) => fuzz::run(options),
        Command::Bench(options) => bench::run(options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
