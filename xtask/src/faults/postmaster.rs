//! A PostgreSQL whose folder we choose, so that it can lie on a disk that loses its power.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{install, postgres, run};

const START_SECONDS_MAX: u64 = 60;
const DATABASE: &str = "olzii";

/// Where a cluster lies, where it prints to, and the port it answers on.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub folder: PathBuf,
    /// Outside the cluster's disk.
    pub log: PathBuf,
    pub port: u16,
}

/// A running PostgreSQL. Dropping it kills it with all its processes.
pub struct Postmaster {
    child: Child,
    cluster: Cluster,
}

impl Cluster {
    /// `postgres://postgres@127.0.0.1:PORT/olzii`
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes the cluster with an empty database and starts it.
    pub fn initialize(&self) -> Result<Postmaster> {
        let initdb = programs()?.join("initdb");
        let mut command = postgres::as_postgres(&initdb);
        command.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        own(&self.folder)?;
        run::output(command.arg("--pgdata").arg(&self.folder).current_dir("/"))?;
        let postmaster = self.start(true)?;
        let create = format!("CREATE DATABASE {DATABASE}");
        let mut psql = Command::new(programs()?.join("psql"));
        run::output(psql.args(["--no-psqlrc", "--quiet", "-c", &create, &self.url_of("postgres")]))?;
        Ok(postmaster)
    }

    /// Starts PostgreSQL and waits until it takes connections. Without `flushes` nothing is ever synced, which
    /// is for the positive control.
    pub fn start(&self, flushes: bool) -> Result<Postmaster> {
        // After a power cut the file names a process that is gone, or by chance another one.
        let _ = fs::remove_file(self.folder.join("postmaster.pid"));
        let log = fs::File::options().append(true).create(true).open(&self.log)?;
        let mut command = postgres::as_postgres(&programs()?.join("postgres"));
        command.arg("-D").arg(&self.folder).current_dir("/");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        for setting in self.settings(flushes) {
            command.arg("-c").arg(setting);
        }
        let child = command.spawn().context("cannot start PostgreSQL")?;
        let mut postmaster = Postmaster { child, cluster: self.clone() };
        postmaster.wait_until_ready()?;
        Ok(postmaster)
    }

    fn settings(&self, flushes: bool) -> [String; 9] {
        [
            format!("port={}", self.port),
            format!("fsync={}", if flushes { "on" } else { "off" }),
            "unix_socket_directories=".to_owned(),
            "listen_addresses=127.0.0.1".to_owned(),
            "max_connections=50".to_owned(),
            "timezone=UTC".to_owned(),
            // Small, so that checkpoints and recycled log files are part of every run.
            "shared_buffers=32MB".to_owned(),
            "min_wal_size=32MB".to_owned(),
            "max_wal_size=64MB".to_owned(),
        ]
    }
}

/// A folder of the user that PostgreSQL runs as.
fn own(folder: &Path) -> Result<()> {
    let mut command = Command::new("install");
    command.args(["--directory", "--mode=0700"]);
    if install::is_root() {
        command.args(["--owner=postgres", "--group=postgres"]);
    }
    run::output(command.arg(folder)).map(drop)
}

fn programs() -> Result<PathBuf> {
    postgres::programs().context("PostgreSQL is not installed (Debian: apt-get install postgresql)")
}

impl Postmaster {
    fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        let mut ask = Command::new(programs()?.join("pg_isready"));
        ask.args([
            "--quiet",
            "--host=127.0.0.1",
            "--username=postgres",
            "--port",
            &self.cluster.port.to_string(),
        ]);
        while !crate::run::succeeds(&mut ask) {
            let log = || fs::read_to_string(&self.cluster.log).unwrap_or_default();
            if let Some(status) = self.child.try_wait()? {
                bail!("PostgreSQL ended with {status}:\n{}", log());
            }
            ensure!(Instant::now() < deadline, "PostgreSQL did not start:\n{}", log());
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Kill -9 of the postmaster and of each of its processes.
    pub fn kill(mut self) -> Result<()> {
        self.kill_all()
    }

    fn kill_all(&mut self) -> Result<()> {
        let parent = self.child.id();
        let listed = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        self.child.kill()?;
        self.child.wait()?;
        let children: Vec<&str> = listed.split_whitespace().collect();
        for child in &children {
            // One that saw its parent go is gone already.
            crate::run::succeeds(Command::new("kill").args(["-s", "KILL", child]));
        }
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        while children.iter().any(|child| is_alive(child)) {
            ensure!(Instant::now() < deadline, "processes of PostgreSQL do not end: {children:?}");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Ends in good order: everything is on disk.
    pub fn end(mut self) -> Result<()> {
        run::output(Command::new("kill").args(["-s", "INT", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        ensure!(status.success(), "PostgreSQL ended with {status}");
        Ok(())
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.kill_all();
        }
    }
}

/// Whether the process is there and has not ended.
fn is_alive(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}
