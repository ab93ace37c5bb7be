//! A demo city served by the debug binary on a free port, for tests that come over the wire.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{postgres, run, workspace};

const READY_SECONDS_MAX: u64 = 300;

/// A running `olzii demo` of few residents and cases. Dropping it ends the server and removes its data.
pub struct ServedCity {
    server: Child,
    folder: PathBuf,
    base: String,
    logins: Logins,
}

#[derive(Deserialize)]
struct Logins {
    password: String,
    /// Login name by role, for instance `dispatcher`.
    logins: BTreeMap<String, String>,
    /// What another system reports with.
    api_key: String,
}

impl ServedCity {
    /// Makes a city in target/`name`-PID and waits until it is served.
    pub fn start(binary: &Path, name: &str) -> Result<Self> {
        let folder = workspace::root().join(format!("target/{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let logins_file = folder.join("logins.json");
        let mut command = Command::new(binary);
        command.arg("demo").arg("--data").arg(folder.join("data")).args(["--scale", "0.002", "--listen"]);
        command.arg(format!("127.0.0.1:{}", postgres::free_port()?)).arg("--logins-file").arg(&logins_file);
        let log = fs::File::create(folder.join("log"))?;
        let server = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn();
        let server = server.with_context(|| format!("cannot start {}", binary.display()))?;
        let logins = Logins { password: String::new(), logins: BTreeMap::new(), api_key: String::new() };
        let mut city = Self { server, folder, base: String::new(), logins };
        city.base = city.wait_until_ready()?;
        let text = fs::read_to_string(&logins_file).context("the demo wrote no --logins-file")?;
        city.logins = serde_json::from_str(&text).context("the demo's --logins-file is not as agreed")?;
        Ok(city)
    }

    /// `http://127.0.0.1:PORT`
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The key of another system.
    pub fn api_key(&self) -> &str {
        &self.logins.api_key
    }

    /// The last part of what the server logged.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(50)..].join("\n")
    }

    /// Login name and password of the demo's person of `role`.
    pub fn login(&self, role: &str) -> Result<[&str; 2]> {
        let name = self.logins.logins.get(role);
        Ok([name.with_context(|| format!("the demo has no login for role {role}"))?, &self.logins.password])
    }

    /// A session token for the demo's person of `role`.
    pub fn sign_in(&self, role: &str) -> Result<String> {
        #[derive(Deserialize)]
        struct Session {
            token: String,
        }
        let [name, password] = self.login(role)?;
        let body = serde_json::json!({ "login_name": name, "password": password });
        let mut response = ureq::post(format!("{}/api/v1/sessions", self.base))
            .send_json(body)
            .with_context(|| format!("cannot sign in as {role} ({name})"))?;
        Ok(response.body_mut().read_json::<Session>()?.token)
    }

    /// Reads standard output up to `ready http://…`, and keeps reading so that the server never blocks on it.
    fn wait_until_ready(&mut self) -> Result<String> {
        let output = BufReader::new(self.server.stdout.take().expect("piped above"));
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(base) = line.trim().strip_prefix("ready ") {
                    let _ = sender.send(base.to_owned());
                }
            }
        });
        let bar = run::spinner("making a demo city");
        let answer = receiver.recv_timeout(Duration::from_secs(READY_SECONDS_MAX));
        bar.finish_and_clear();
        match answer {
            Ok(base) => Ok(base),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                bail!("the demo city was not ready within {READY_SECONDS_MAX} s:\n{}", self.log())
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let status = self.server.wait()?;
                bail!("the demo city ended with {status} before it was ready:\n{}", self.log())
            }
        }
    }
}

impl Drop for ServedCity {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program in the place of the binary that dies at once: the error must say so and show its log.
    #[test]
    fn a_city_that_ends_early_is_an_error_with_its_log() {
        let script = workspace::root().join(format!("target/dying-city-{}.sh", std::process::id()));
        fs::create_dir_all(script.parent().unwrap()).unwrap();
        run::aloud(Command::new("install").args(["-m", "755", "/dev/null"]).arg(&script)).unwrap();
        fs::write(&script, "#!/bin/sh\necho 'no room on the disk' >&2\nexit 7\n").unwrap();
        let error = ServedCity::start(&script, "dying-city").err().expect("it cannot be ready").to_string();
        fs::remove_file(&script).unwrap();
        assert!(error.contains("exit status: 7") && error.contains("no room on the disk"), "{error}");
    }
}
