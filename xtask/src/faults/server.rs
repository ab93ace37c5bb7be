//! The server under fault: started on a data folder, killed, started again.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::client::Client;
use crate::run;

const START_SECONDS_MAX: u64 = 60;
const BUILD_SECONDS_MAX: u64 = 300;

/// Where a city's rows are: its folder, and the URL of its PostgreSQL if it is not SQLite.
#[derive(Clone, Debug)]
pub struct Place {
    pub data: PathBuf,
    pub database: Option<String>,
}

impl Place {
    pub fn sqlite(data: PathBuf) -> Self {
        Self { data, database: None }
    }

    fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = vec!["--data".into(), self.data.clone().into_os_string()];
        if let Some(url) = &self.database {
            arguments.extend(["--database".into(), url.into()]);
        }
        arguments
    }
}

/// Who may sign in to a demo city.
#[derive(Clone, Debug, Deserialize)]
pub struct Logins {
    pub password: String,
    /// Login name by role.
    pub logins: BTreeMap<String, String>,
}

/// The program, and where what it prints goes.
#[derive(Clone, Debug)]
pub struct Program {
    pub binary: PathBuf,
    pub log: PathBuf,
}

/// A running server. Dropping it kills it; it also dies with the thread that started it.
pub struct Server {
    child: Child,
    base: String,
}

impl Program {
    /// Builds the demo city at `place`, serves it for `visit`, and ends it in good order.
    pub fn build_city<T>(&self, place: &Place, visit: impl FnOnce(&str, &Logins) -> Result<T>) -> Result<T> {
        let logins = self.log.with_extension("logins.json");
        let mut arguments: Vec<std::ffi::OsString> = vec!["demo".into()];
        arguments.extend(place.arguments());
        arguments.extend(["--scale", "0.001", "--logins-file"].map(Into::into));
        arguments.push(logins.clone().into());
        let mut server = self.start(&[], arguments, BUILD_SECONDS_MAX)?;
        let text = fs::read_to_string(&logins).context("the demo wrote no --logins-file")?;
        let logins = serde_json::from_str(&text).context("the demo's --logins-file is not as agreed")?;
        let value = visit(&server.base, &logins)?;
        server.end()?;
        Ok(value)
    }

    /// Serves `place`, through the program `wrapper` if it is not empty.
    pub fn serve(&self, place: &Place, wrapper: &[String]) -> Result<Server> {
        let mut arguments: Vec<std::ffi::OsString> = vec!["serve".into()];
        arguments.extend(place.arguments());
        let server = self.start(wrapper, arguments, START_SECONDS_MAX)?;
        // A spoiled server may be up and rightly not ready.
        if wrapper.is_empty() {
            let ready = server.wait_until_ready(Duration::from_secs(START_SECONDS_MAX));
            ready.with_context(|| self.last_words())?;
        }
        Ok(server)
    }

    fn start(
        &self,
        wrapper: &[String],
        arguments: Vec<std::ffi::OsString>,
        seconds_max: u64,
    ) -> Result<Server> {
        let log = fs::File::options().append(true).create(true).open(&self.log)?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).args(wrapper).arg(&self.binary).args(arguments);
        command.args(["--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().context("cannot start the server")?;
        let lines = BufReader::new(child.stdout.take().expect("piped above")).lines();
        let mut server = Server { child, base: String::new() };
        let (sender, receiver) = mpsc::channel();
        // It reads on to the end, so that the server never blocks on what it prints.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(base) = line.trim().strip_prefix("ready ") {
                    let _ = sender.send(base.to_owned());
                }
            }
        });
        match receiver.recv_timeout(Duration::from_secs(seconds_max)) {
            Ok(base) => server.base = base,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                bail!("the server did not start within {seconds_max} s:\n{}", self.last_words())
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = server.child.wait()?;
                bail!("the server ended with {status} at its start:\n{}", self.last_words())
            }
        }
        Ok(server)
    }

    /// What `olzii doctor` finds. The server may not run.
    pub fn doctor(&self, place: &Place) -> Result<Vec<String>> {
        let answer = Command::new(&self.binary).arg("doctor").args(place.arguments()).output()?;
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        // A calendar that ends soon is for people to see to, and no damage of this run.
        let calendar = |line: &&str| !line.starts_with("FAULT the holidays of ");
        let faults: Vec<_> = text.lines().filter(|line| line.starts_with("FAULT ")).collect();
        let found: Vec<_> = faults.iter().copied().filter(calendar).map(str::to_owned).collect();
        let explained = answer.status.success() || !faults.is_empty();
        ensure!(explained, "doctor: {}\n{text}{}", answer.status, String::from_utf8_lossy(&answer.stderr));
        Ok(found)
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Server {
    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn client(&self, token: &str) -> Client {
        Client::new(&self.base, token)
    }

    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until `/ready` says yes.
    pub fn wait_until_ready(&self, limit: Duration) -> Result<()> {
        let client = self.client("");
        let deadline = Instant::now() + limit;
        while !client.is_ready() {
            ensure!(Instant::now() < deadline, "the server is up and not ready after {limit:?}");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Kill -9.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop).context("cannot wait for the killed server")
    }

    /// Ends in good order.
    fn end(&mut self) -> Result<()> {
        run::output(Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Copies the folder `from` with owners and modes.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    run::output(Command::new("cp").args(["--archive", "--no-target-directory"]).arg(from).arg(to)).map(drop)
}
