//! One binary for one city. Wiring only: what it does stands in the crates below.

mod api_key;
mod data;
mod demo;
mod doctor;
mod export;
mod import;
mod log;
mod procedure;
mod progress;
mod serve;
mod world;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "olzii", version, about = "The grassroots service network of a city")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the demo city (once) and serve it.
    Demo(demo::command::DemoArguments),
    /// Serve a city.
    Serve(serve::ServeArguments),
    /// Read a file into the city.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Write what is public to standard output.
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Check and draw procedure files.
    #[command(subcommand)]
    Procedure(procedure::ProcedureCommand),
    /// Keys by which other systems report through Open311.
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Check a log of journal entries, or the proof of one, without the help of whoever keeps it.
    Verify(log::verify::VerifyArguments),
    /// Cosign other bodies' logs, as long as they only grow.
    Witness(log::witness::WitnessArguments),
    /// Look for what is wrong with a city's data and set-up.
    Doctor(Place),
}

/// Where a city's data is.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Folder for the database, the photos and the city's keys.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// PostgreSQL in place of SQLite: `postgres://user@host/database`.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

/// Where to listen.
#[derive(Args, Clone, Debug)]
pub struct Listen {
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// The address is reached through HTTPS. Without it, only a loopback address is listened to.
    #[arg(long)]
    https: bool,
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("OLZII_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,olzii=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match Cli::parse().command {
        Command::Demo(arguments) => demo::command::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Import(command) => import::run(command),
        Command::Export(command) => export::run(command),
        Command::Procedure(command) => procedure::run(command),
        Command::ApiKey(command) => api_key::run(command),
        Command::Verify(arguments) => log::verify::run(&arguments),
        Command::Witness(arguments) => log::witness::run(&arguments),
        Command::Doctor(place) => doctor::run(&place),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
