//! `cargo xtask golden`: accepts what the tests produce now; read the diff before committing it.

use anyhow::Result;

use crate::{install, postgres, run, setup, workspace};

pub fn run() -> Result<()> {
    install::debian_packages(&[install::POSTGRESQL])?;
    setup::web_ui()?;
    let cluster = postgres::start(&postgres::Options::default())?;
    let mut tests = workspace::cargo();
    tests.args(if install::nextest() { &["nextest", "run"][..] } else { &["test"] });
    tests.arg("--workspace").arg("--no-fail-fast");
    tests.env("INSTA_UPDATE", "always").env("OLZII_UPDATE_GOLDEN", "1");
    run::aloud(tests.env(postgres::VARIABLE, cluster.url()))?;
    println!("golden files are written: read `git diff` before you commit them");
    Ok(())
}
