//! A peer for the same work beside ours: Roundup, an issue tracker with a REST interface and SQLite.
//!
//! An Open311 server would be the fairer one, but no package registry has any: `open311` of npm and of PyPI are
//! clients, and the servers that are known run from a checkout of their source.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    client::{Body, Client, holds},
    load::Stopwatch,
    machine::Process,
};
use crate::{install, postgres, run};

const PASSWORD: &str = "bench";
/// Name and password, which go with every request.
const AUTHORIZATION: &str = "authorization: Basic YWRtaW46YmVuY2g=";
const READY_SECONDS_MAX: u64 = 60;

/// A running tracker. Dropping it ends it and removes its data.
pub struct Peer {
    child: Child,
    home: PathBuf,
    pub process: Process,
    pub address: SocketAddr,
}

impl Peer {
    pub fn start() -> Result<Self> {
        let programs = install::roundup()?;
        let port = postgres::free_port()?;
        let home = postgres::own_folder("roundup")?;
        make(&programs, &home, port)?;
        // It refuses to run as root.
        let mut command = postgres::as_postgres(&programs.join("roundup-server"));
        command.args(["-n", "127.0.0.1", "-t", "fork", "-p"]).arg(port.to_string());
        command.arg("-l").arg(home.join("log")).arg(format!("t={}", home.display()));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.context("cannot start roundup-server")?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let peer = Self { process: Process::of(child.id()), child, home, address };
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        while TcpStream::connect(address).is_err() {
            ensure!(Instant::now() < deadline, "roundup-server does not answer");
            thread::sleep(Duration::from_millis(100));
        }
        Ok(peer)
    }

    pub fn client(&self) -> Result<Client> {
        let origin = format!("origin: http://{}", self.address);
        let head = format!("{AUTHORIZATION}\r\nx-requested-with: rest\r\n{origin}\r\n");
        Ok(Client::connect(self.address)?.with_head(head))
    }

    /// Submits an issue of a title alone and reads it back.
    pub fn submit(&self, client: &mut Client, watch: &mut Stopwatch) -> Result<()> {
        let body = Body::Json(r#"{"title":"路灯不亮"}"#);
        let made = watch.time("submit", || {
            let body = client.call("POST", "/t/rest/data/issue", "", &body)?;
            Ok(String::from_utf8_lossy(body).into_owned())
        })?;
        let id = made.split("\"id\": \"").nth(1).and_then(|it| it.split('"').next());
        let Some(id) = id else { bail!("no id in {made}") };
        watch.time("read back", || {
            let body = client.call("GET", &format!("/t/rest/data/issue/{id}"), "", &Body::None)?;
            ensure!(holds(body, &format!("\"id\": \"{id}\"")), "not the issue that was written");
            Ok(())
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// A tracker of its own template. Passwords are hashed with few rounds, so that this is not what is measured.
fn make(programs: &Path, home: &Path, port: u16) -> Result<()> {
    let settings = format!(
        "rdbms_backend=sqlite,mail_domain=example.org,mail_host=localhost,password_pbkdf2_default_rounds=1000,\
         tracker_web=http://127.0.0.1:{port}/t/"
    );
    let admin = |arguments: &[&str]| {
        let mut command = postgres::as_postgres(&programs.join("roundup-admin"));
        command.arg("-i").arg(home).args(arguments);
        run::quietly("making a tracker", &mut command)
    };
    admin(&["install", "classic", "sqlite", &settings])?;
    admin(&["initialise", PASSWORD])
}
