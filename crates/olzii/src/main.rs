//! One binary for one city. Wiring only: what it does stands in the crates below.

mod api_key;
mod data;
mod demo;
mod doctor;
mod export;
mod file;
mod form;
mod grids;
mod import;
mod log;
mod pass;
mod procedure;
mod progress;
mod report;
#[cfg(test)]
mod scratch;
mod serve;
mod world;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Figures that a report printed, counted anew from the city's records.
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Check and draw procedure files.
    #[command(subcommand)]
    Procedure(procedure::ProcedureCommand),
    /// Make forms of spreadsheets, and check submissions by a form's rules.
    #[command(subcommand)]
    Form(form::FormCommand),
    /// Keys by which other systems report through Open311.
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Cut communities into grids, bounded by streets and about equal, from files.
    PlanGrids(Box<grids::PlanArguments>),
    /// Judge grids that somebody drew, with repairs, from files.
    AuditGrids(grids::AuditArguments),
    /// Judge passes and EU certificates.
    #[command(subcommand)]
    Pass(pass::PassCommand),
    /// Check a log of journal entries, or the proof of one, without the help of whoever keeps it.
    Verify(Box<log::verify::VerifyArguments>),
    /// Cosign other bodies' logs, as long as they only grow.
    Witness(log::witness::WitnessArguments),
    /// Continue the log of a city under another name, after its database came back from a backup or its key was lost.
    SucceedLog(log::succession::SucceedArguments),
    /// Make the files of a city's log anew of its journal, where they are damaged in the database.
    RepairLog(Place),
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
    /// Address under which phones and programs reach the city, as https://grid.example.cn: links in lists of forms begin
    /// with it. Without it they name the host that a request names.
    #[arg(long, value_parser = public_url)]
    public_url: Option<String>,
    /// An HTTPS gateway from which requests come; may be given several times. What it says of whom it was asked by is
    /// believed, so that who tries too often is slowed and nobody else.
    #[arg(long, value_name = "IP")]
    gateway: Vec<IpAddr>,
    /// The header in which the gateway says that. It has to write or remove this one in every request.
    #[arg(long, value_enum, default_value_t, value_name = "HEADER")]
    gateway_header: GatewayHeader,
    /// A bundle of passes that was made elsewhere: turnstiles are answered by it, and checkpoints opened for its regimes.
    /// Read anew as it changes.
    #[arg(long, value_name = "FILE")]
    pass_bundle: Option<PathBuf>,
}

/// Names as they are in HTTP.
#[derive(ValueEnum, Clone, Copy, Debug, Default)]
enum GatewayHeader {
    #[default]
    XForwardedFor,
    Forwarded,
}

impl From<GatewayHeader> for web::AddressHeader {
    fn from(it: GatewayHeader) -> Self {
        match it {
            GatewayHeader::XForwardedFor => Self::XForwardedFor,
            GatewayHeader::Forwarded => Self::Forwarded,
        }
    }
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
        Command::Report(command) => report::run(command),
        Command::Procedure(command) => procedure::run(command),
        Command::Form(command) => form::run(command),
        Command::ApiKey(command) => api_key::run(command),
        Command::PlanGrids(arguments) => grids::plan(&arguments),
        Command::AuditGrids(arguments) => grids::audit(&arguments),
        Command::Pass(command) => return pass::run(command),
        Command::Verify(arguments) => return log::verify::run(&arguments),
        Command::Witness(arguments) => log::witness::run(&arguments),
        Command::SucceedLog(arguments) => log::succession::run(&arguments),
        Command::RepairLog(place) => log::repair::run(&place),
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

/// An address without a path, so that another can be put behind it.
fn public_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|it| it.trim_end_matches('/')).filter(|it| !it.is_empty());
    match host {
        Some(host) if !host.contains(['/', '?', '#', ' ']) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("an address is wanted such as https://grid.example.cn, without a path".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// All commands with their arguments, as `import area --data`.
    fn words(command: &clap::Command, before: &str, all: &mut Vec<String>) {
        for argument in command.get_arguments() {
            all.push(format!("{before} --{}", argument.get_id()));
        }
        for it in command.get_subcommands() {
            let name = format!("{before} {}", it.get_name());
            all.push(name.clone());
            words(it, &name, all);
        }
    }

    #[test]
    fn no_command_takes_a_person_and_the_outcome_of_a_pass() {
        let mut all = Vec::new();
        words(&Cli::command(), "", &mut all);
        assert!(all.iter().any(|it| it == " serve --https"), "{all:?}");
        let sets = |it: &&String| {
            let is_about_people =
                ["outcome", "grant", "person", "holder", "resident"].iter().any(|word| it.contains(word));
            // Passes are checked by a command of their own, and by no other touched.
            is_about_people || (it.starts_with(" pass") && !it.starts_with(" pass verify") && *it != " pass")
        };
        let found: Vec<_> = all.iter().filter(sets).collect();
        assert_eq!(found, Vec::<&String>::new(), "say in this test why no outcome is set by it");
    }
}
