//! A city on either engine, built and served by the release binary.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{machine::Process, rows::Rows};
use crate::{install, postgres, run, workspace};

const READY_SECONDS_MAX: u64 = 900;
const STOP_SECONDS_MAX: u64 = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A city's data, in target/bench. Dropping it removes the data.
pub struct City {
    pub engine: Engine,
    folder: PathBuf,
    /// Stops and removes itself after the server that is dropped before it.
    cluster: Option<postgres::Cluster>,
}

/// A running server. Dropping it ends it.
pub struct Server {
    child: Child,
    pub process: Process,
    pub address: SocketAddr,
    /// From the start of the process to its `ready` line.
    pub ready_after: Duration,
    log: PathBuf,
}

/// What to sign in with, as `--logins-file` has it.
#[derive(Deserialize)]
pub struct Logins {
    password: String,
    logins: BTreeMap<String, String>,
}

/// Builds target/release/olzii.
pub fn build() -> Result<()> {
    run::aloud(workspace::cargo().args(["build", "--release", "--package", "olzii"]))
}

pub fn binary() -> PathBuf {
    workspace::root().join("target/release/olzii")
}

/// target/bench, where all that is measured lies.
pub fn folder() -> Result<PathBuf> {
    let folder = workspace::root().join("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Seconds within which all that was filled in must have been entered in pages.
const SETTLED_SECONDS_MAX: u64 = 1_800;

impl City {
    /// Waits until its server has entered every case in the pages of the evaluation. Seconds that it took.
    pub fn settle(&self) -> Result<f64> {
        let started = Instant::now();
        let deadline = started + Duration::from_secs(SETTLED_SECONDS_MAX);
        loop {
            let waiting =
                self.rows()?.number("SELECT COUNT(*) FROM case_file WHERE counted_revision IS NULL")?;
            if waiting == 0 {
                if matches!(self.engine, Engine::Postgres) {
                    // It would by itself, some time after so much has changed.
                    self.rows()?.run("ANALYZE case_file")?;
                }
                return Ok(started.elapsed().as_secs_f64());
            }
            ensure!(
                Instant::now() < deadline,
                "{waiting} cases are not entered in pages after {SETTLED_SECONDS_MAX} s"
            );
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// An empty place for a city.
    pub fn empty(engine: Engine, name: &str) -> Result<Self> {
        let folder = folder()?.join(format!("{name}-{}", std::process::id()));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let cluster = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                install::debian_packages(&[install::POSTGRESQL])?;
                Some(postgres::start(&postgres::Options { durable: true, parent: None })?)
            }
        };
        Ok(Self { engine, folder, cluster })
    }

    /// A demo city, built and stopped again, with the procedure `bench-order` beside its own. Returns how long
    /// the building took, to the moment that the city was served.
    pub fn demo(engine: Engine, name: &str, scale: f64) -> Result<(Self, Duration)> {
        let city = Self::empty(engine, name)?;
        let scale = scale.to_string();
        let logins = city.folder.join("logins.json");
        let more = ["--scale", &scale, "--logins-file", &logins.to_string_lossy()].map(str::to_owned);
        let server = city.start("demo", &more)?;
        let took = server.ready_after;
        server.stop()?;
        let procedures = city.data().join("procedures");
        fs::create_dir_all(&procedures)?;
        fs::write(procedures.join("bench-order.toml"), include_str!("bench-order.toml"))?;
        Ok((city, took))
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Serves the city until the server is dropped or stopped.
    pub fn serve(&self) -> Result<Server> {
        self.start("serve", &[])
    }

    /// The same with more arguments.
    pub fn serve_with(&self, more: &[String]) -> Result<Server> {
        self.start("serve", more)
    }

    /// `olzii import areas FILE` into this city.
    pub fn import_areas(&self, file: &Path) -> Result<()> {
        let mut command = Command::new(binary());
        command.args(["import", "areas"]).arg(file).args(self.place());
        run::quietly(&format!("importing {}", file.file_name().unwrap_or_default().display()), &mut command)
    }

    /// Its tables, without the server between.
    pub fn rows(&self) -> Result<Rows> {
        match &self.cluster {
            None => Rows::sqlite(&self.data().join("olzii.db")),
            Some(cluster) => Rows::postgres(cluster.url()),
        }
    }

    /// Where a bare commit is measured: the same disk or the same cluster.
    pub fn bare(&self) -> Result<Rows> {
        match &self.cluster {
            None => Rows::sqlite(&self.folder.join("bare.db")),
            Some(cluster) => Rows::postgres(cluster.url()),
        }
    }

    pub fn logins(&self) -> Result<Logins> {
        let text =
            fs::read_to_string(self.folder.join("logins.json")).context("the demo wrote no --logins-file")?;
        serde_json::from_str(&text).context("the demo's --logins-file is not as agreed")
    }

    /// Bytes of the database on disk.
    pub fn bytes(&self) -> Result<u64> {
        match &self.cluster {
            None => Ok(fs::metadata(self.data().join("olzii.db"))?.len()),
            Some(_) => self.rows()?.number("SELECT pg_database_size(current_database())").map(|it| it as u64),
        }
    }

    fn place(&self) -> Vec<String> {
        let mut place = vec!["--data".to_owned(), self.data().to_string_lossy().into_owned()];
        if let Some(cluster) = &self.cluster {
            place.extend(["--database".to_owned(), cluster.url().to_owned()]);
        }
        place
    }

    fn start(&self, verb: &str, more: &[String]) -> Result<Server> {
        let log = self.folder.join("log");
        let mut command = Command::new(binary());
        command.arg(verb).args(self.place()).args(more).arg("--listen");
        command.arg(format!("127.0.0.1:{}", postgres::free_port()?));
        // What went wrong stands in a line; where it did would push that line out of what is shown.
        command.env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(&log)?);
        let started = Instant::now();
        let mut child = command.spawn().context("cannot start target/release/olzii")?;
        let output = BufReader::new(child.stdout.take().expect("piped above"));
        let (sender, receiver) = mpsc::channel();
        // Keeps reading, so that the server never blocks on it.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(base) = line.trim().strip_prefix("ready http://") {
                    let _ = sender.send((started.elapsed(), base.to_owned()));
                }
            }
        });
        let process = Process::of(child.id());
        let placeholder = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Server { child, process, address: placeholder, ready_after: Duration::ZERO, log };
        let bar = run::spinner(&format!("olzii {verb} on {}", self.engine.name()));
        let answer = receiver.recv_timeout(Duration::from_secs(READY_SECONDS_MAX));
        bar.finish_and_clear();
        let (ready_after, address) = match answer {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                bail!("not ready within {READY_SECONDS_MAX} s:\n{}", server.log())
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = server.child.wait()?;
                bail!("olzii {verb} ended with {status} before it was ready:\n{}", server.log())
            }
        };
        (server.ready_after, server.address) = (ready_after, address.parse()?);
        Ok(server)
    }
}

impl Drop for City {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

impl Server {
    /// The last part of what the server logged.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// A session token of the demo's person of `role`.
    pub fn sign_in(&self, logins: &Logins, role: &str) -> Result<String> {
        self.sign_in_as(logins, logins.name(role)?)
    }

    /// A session token of whoever has this login name.
    pub fn sign_in_as(&self, logins: &Logins, name: &str) -> Result<String> {
        #[derive(Deserialize)]
        struct Session {
            token: String,
        }
        let body = serde_json::json!({ "login_name": name, "password": logins.password });
        let answer = ureq::post(format!("http://{}/api/v1/sessions", self.address)).send_json(body);
        let mut answer = answer.with_context(|| format!("cannot sign in as {name}"))?;
        Ok(answer.body_mut().read_json::<Session>()?.token)
    }

    /// Asks it to end and waits for that.
    pub fn stop(mut self) -> Result<()> {
        run::aloud(Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]))?;
        let deadline = Instant::now() + Duration::from_secs(STOP_SECONDS_MAX);
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "the server did not stop within {STOP_SECONDS_MAX} s");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Logins {
    /// The login name of `role`.
    pub fn name(&self, role: &str) -> Result<&str> {
        Ok(self.logins.get(role).with_context(|| format!("the demo has no login for role {role}"))?)
    }
}
