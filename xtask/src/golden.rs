//! `cargo xtask golden`: writes the golden files anew; read the difference before committing it.

use anyhow::Result;

use crate::{install, run, workspace};

/// What the names of tests that hold something against a golden file end in.
const AGREED: &str = "as_it_was_agreed";

pub fn run() -> Result<()> {
    let mut tests = workspace::cargo();
    tests.args(if install::nextest() { &["nextest", "run"][..] } else { &["test"] });
    for package in ["policy", "domain", "pass", "tlog", "xform"] {
        tests.args(["--package", package]);
    }
    tests.args(["--no-fail-fast", AGREED]);
    run::aloud(tests.env("OLZII_UPDATE_GOLDEN", "1"))?;
    println!("golden files are written: read `git diff` before you commit them");
    Ok(())
}
