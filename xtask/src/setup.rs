//! `cargo xtask setup`: npm packages by lock file, and the bundle of the web interface.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail};

use crate::{run, workspace};

/// web-ui installed and bundled, e2e installed.
pub fn run() -> Result<()> {
    web_ui()?;
    node_packages("e2e")
}

/// Installs web-ui's packages and bundles it into web-ui/dist when a source is newer than the bundle.
pub fn web_ui() -> Result<()> {
    node_packages("web-ui")?;
    let folder = workspace::folder("web-ui")?;
    let sources = newest(&folder, &["node_modules", "dist"])?;
    let bundle = folder.join("dist");
    if bundle.is_dir() && newest(&bundle, &[])? > sources {
        return Ok(());
    }
    run::quietly("bundling web-ui", npm(&folder).args(["run", "build"]))?;
    if newest(&bundle, &[]).unwrap_or(SystemTime::UNIX_EPOCH) <= sources {
        bail!("`npm run build` in web-ui wrote nothing new to web-ui/dist");
    }
    Ok(())
}

/// `npm ci` in `name`/ when its lock file is newer than what is installed.
pub fn node_packages(name: &str) -> Result<()> {
    let folder = workspace::folder(name)?;
    check_node()?;
    let lock = changed(&folder.join("package-lock.json")).with_context(|| {
        format!("{name}/package-lock.json is missing: packages are installed by lock file only")
    })?;
    let installed = changed(&folder.join("node_modules/.package-lock.json")).ok();
    if installed.is_some_and(|installed| installed >= lock) {
        return Ok(());
    }
    let message = format!("installing npm packages of {name}");
    run::quietly(&message, npm(&folder).args(["ci", "--no-audit", "--no-fund"]))
}

/// `npm` started in `folder`.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}

fn check_node() -> Result<()> {
    for program in ["node", "npm"] {
        if !run::succeeds(Command::new(program).arg("--version")) {
            bail!(
                "`{program}` is not there: install Node.js 18 or newer with npm (Debian: apt-get install nodejs npm)"
            );
        }
    }
    Ok(())
}

fn newest(folder: &Path, skip: &[&str]) -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    for file in workspace::files(folder, skip)? {
        newest = newest.max(changed(&file)?);
    }
    Ok(newest)
}

fn changed(path: &Path) -> Result<SystemTime> {
    let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(metadata.modified()?)
}
