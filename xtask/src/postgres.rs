//! A private PostgreSQL for tests, benchmarks and fault runs: made from nothing, reached over loopback, removed at
//! the end. PostgreSQL refuses to run as root, so root runs it as the user `postgres`.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{install, run, workspace};

/// The variable in which tests find the cluster's URL.
pub const VARIABLE: &str = "OLZII_TEST_POSTGRES";

const START_SECONDS_MAX: u64 = 60;
const STOP_SECONDS_MAX: u64 = 30;
const FOLDER_PREFIX: &str = "test-postgres-";

/// How the cluster runs.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// Flushes to disk as in service. Off for tests: faster, and nothing survives a power cut.
    pub durable: bool,
    /// An existing folder to make the cluster in, reachable by the user `postgres` when we are root; by default
    /// `target/`, or the system's temporary folder when `target/` is not reachable.
    pub parent: Option<PathBuf>,
}

/// A running cluster. Dropping it stops the server and removes its files. The server also stops when the thread
/// that started it dies, so start it from one that outlives its use.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    server: Child,
    folder: PathBuf,
    sockets: PathBuf,
}

impl Cluster {
    /// `postgres://postgres@127.0.0.1:PORT/postgres`: the superuser's URL, without a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn stop(&mut self) -> Result<()> {
        // INT is PostgreSQL's fast shutdown: it ends the sessions and writes a checkpoint.
        signal(&self.server, "INT");
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS_MAX);
        while self.server.try_wait()?.is_none() {
            if Instant::now() > deadline {
                signal(&self.server, "QUIT");
                self.server.wait()?;
                bail!("PostgreSQL did not stop within {STOP_SECONDS_MAX} s and was ended");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error:#}");
        }
        for folder in [&self.folder, &self.sockets] {
            if let Err(error) = fs::remove_dir_all(folder) {
                eprintln!("cannot remove {}: {error}", folder.display());
            }
        }
    }
}

/// What `cargo xtask postgres` runs.
#[derive(clap::Args)]
pub struct CommandOptions {
    /// Flush to disk as in service
    #[arg(long)]
    durable: bool,
    /// The command and its arguments, for instance `cargo nextest run -p store`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

/// Runs a command with [`VARIABLE`] set.
pub fn run(options: CommandOptions) -> Result<()> {
    install::debian_packages(&[install::POSTGRESQL])?;
    let cluster = start(&Options { durable: options.durable, parent: None })?;
    run::aloud(Command::new(&options.command[0]).args(&options.command[1..]).env(VARIABLE, cluster.url()))
}

/// Makes a cluster (UTF-8, C.UTF-8, trust on loopback, 200 connections) and waits until it answers.
pub fn start(options: &Options) -> Result<Cluster> {
    let programs = programs().context("PostgreSQL is not installed (Debian: apt-get install postgresql)")?;
    let parent = match &options.parent {
        Some(parent) => parent.clone(),
        None => default_parent()?,
    };
    remove_left_behind(&parent);
    remove_left_behind(&std::env::temp_dir());
    let name = unique_name();
    let folder = owned_folder(&parent.join(&name))?;
    // A socket's path may have at most 107 bytes, so it lies in the temporary folder.
    let sockets = owned_folder(&std::env::temp_dir().join(format!("{name}-socket")))?;
    let data = folder.join("data");

    let mut initialize = as_postgres(&programs.join("initdb"));
    initialize.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
    if !options.durable {
        initialize.arg("--no-sync");
    }
    run::quietly("making a private PostgreSQL", initialize.arg("--pgdata").arg(&data).current_dir(&parent))?;

    let port = free_port()?;
    let log = fs::File::create(folder.join("log"))?;
    let mut command = as_postgres(&programs.join("postgres"));
    command.arg("-D").arg(&data).current_dir(&parent);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    for setting in settings(port, &sockets, options.durable) {
        command.arg("-c").arg(setting);
    }
    let server = command.spawn().context("cannot start PostgreSQL")?;
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let mut cluster = Cluster { url, server, folder, sockets };
    wait_until_ready(&mut cluster, &programs.join("pg_isready"), port)?;
    Ok(cluster)
}

fn settings(port: u16, sockets: &Path, durable: bool) -> Vec<String> {
    let mut settings = vec![
        format!("port={port}"),
        format!("unix_socket_directories={}", sockets.display()),
        "listen_addresses=127.0.0.1".to_owned(),
        "max_connections=200".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if !durable {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings
}

fn wait_until_ready(cluster: &mut Cluster, pg_isready: &Path, port: u16) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
    loop {
        let arguments = ["--quiet", "--host=127.0.0.1", "--username=postgres", "--port", &port.to_string()];
        if run::succeeds(Command::new(pg_isready).args(arguments)) {
            return Ok(());
        }
        let log = || fs::read_to_string(cluster.folder.join("log")).unwrap_or_default();
        if let Some(status) = cluster.server.try_wait()? {
            bail!("PostgreSQL ended with {status}:\n{}", log());
        }
        ensure!(
            Instant::now() < deadline,
            "PostgreSQL did not answer within {START_SECONDS_MAX} s:\n{}",
            log()
        );
        thread::sleep(Duration::from_millis(50));
    }
}

/// The newest /usr/lib/postgresql/*/bin that has a server.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| Some((entry.ok()?.file_name().to_str()?.parse::<u32>().ok()?, ())))
        .map(|(version, ())| (version, PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))))
        .filter(|(_, programs)| programs.join("initdb").is_file() && programs.join("postgres").is_file())
        .max()
        .map(|(_, programs)| programs)
}

/// `program`, as user `postgres` when we are root, told to stop when we die.
pub fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if install::is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg(program);
    command
}

/// A new folder of the user `postgres`, for another program that refuses to run as root. Whoever asks removes it.
pub fn own_folder(name: &str) -> Result<PathBuf> {
    owned_folder(&default_parent()?.join(format!("{name}-{}", std::process::id())))
}

fn default_parent() -> Result<PathBuf> {
    let target = workspace::root().join("target");
    fs::create_dir_all(&target)?;
    let reachable = run::succeeds(as_postgres(Path::new("test")).arg("-x").arg(&target));
    Ok(if reachable { target } else { std::env::temp_dir() })
}

/// A new folder that only the server's user can read.
fn owned_folder(path: &Path) -> Result<PathBuf> {
    let mut command = Command::new("install");
    command.args(["--directory", "--mode=0700"]);
    if install::is_root() {
        command.args(["--owner=postgres", "--group=postgres"]);
    }
    run::aloud(command.arg(path))?;
    Ok(path.to_path_buf())
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{FOLDER_PREFIX}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Removes the folders of runs that were killed before they could do it themselves.
fn remove_left_behind(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix(FOLDER_PREFIX))
            .and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A TCP port on loopback that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free TCP port on 127.0.0.1")?.local_addr()?.port())
}

fn signal(process: &Child, name: &str) {
    run::succeeds(Command::new("kill").args(["-s", name, &process.id().to_string()]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(cluster: &Cluster, query: &str) -> String {
        let psql = programs().unwrap().join("psql");
        let output = Command::new(psql).args(["-At", "-c", query, cluster.url()]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn a_cluster_answers_flushes_as_asked_and_leaves_nothing_behind() {
        let quick = start(&Options::default()).unwrap();
        let durable = start(&Options { durable: true, parent: Some(std::env::temp_dir()) }).unwrap();
        assert_eq!(ask(&quick, "SHOW fsync"), "off");
        assert_eq!(ask(&durable, "SHOW fsync"), "on");
        assert_eq!(ask(&durable, "SHOW max_connections"), "200");
        assert_eq!(ask(&quick, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"), "C.UTF-8");

        let process = quick.server.id();
        let folders = [quick.folder.clone(), quick.sockets.clone(), durable.folder.clone()];
        drop((quick, durable));
        assert!(!Path::new("/proc").join(process.to_string()).exists());
        for folder in folders {
            assert!(!folder.exists(), "{} is left behind", folder.display());
        }
    }
}
