//! A witness beside the demo city: another process, as another body would run it, that ends with the demo.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail, ensure};

use crate::log;

const NAME: &str = "university.example/demo";
/// Of the demo's folder.
const FOLDER: &str = "witness";

/// Ends the process when it goes. If this process is killed the other one sees its input end.
pub struct Beside(Child);

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            tracing::warn!(%error, "the witness did not end");
        }
    }
}

/// Starts the witness of the demo city in `folder` beside its address, or where there is room, and has the city's policy ask
/// for its word. A policy that somebody wrote stays as it is.
pub fn start(folder: &Path, beside: SocketAddr) -> anyhow::Result<Beside> {
    let port = if beside.port() == 0 { 0 } else { beside.port().checked_add(1).unwrap_or_default() };
    let next = SocketAddr::new([127, 0, 0, 1].into(), port);
    let (child, address) = match spawn(folder, next) {
        Ok(started) => started,
        Err(_) => spawn(folder, SocketAddr::new(next.ip(), 0))?,
    };
    log::set_demo_witness(folder, &folder.join(FOLDER), &address)?;
    Ok(child)
}

fn spawn(folder: &Path, listen: SocketAddr) -> anyhow::Result<(Beside, String)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["witness", "--name", NAME, "--until-input-ends", "--listen", &listen.to_string()])
        .args(["--log", &log::key(folder)?.verifier().to_string(), "--data"])
        .arg(folder.join(FOLDER))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the witness beside the demo does not start")?;
    let stdout = child.stdout.take();
    let beside = Beside(child);
    let mut line = String::new();
    BufReader::new(stdout.context("the witness has no output")?).read_line(&mut line)?;
    let Some(address) = line.trim().strip_prefix("ready ") else {
        bail!("the witness beside the demo does not listen on {listen}")
    };
    ensure!(address.starts_with("http://"), "{address} is no address");
    Ok((beside, address.to_owned()))
}
