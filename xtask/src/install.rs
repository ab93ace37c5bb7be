//! Installing what the tests need and the machine lacks.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{postgres, run, workspace};

/// The version that the clean run in `cargo xtask test` was seen with.
const SCHEMATHESIS_VERSION: &str = "4.32.5";

/// Clients of Open311 that others wrote, in the versions that the clean run was seen with.
const OPEN311_CLIENTS: [&str; 2] = ["georeport==0.3.1", "civicbot==0.4.0"];

/// Converts XLSForms, to compare with.
/// Verifiers of COSE messages that the bench asks the same as ours.
const PASS_PEERS: [&str; 2] = ["cwt==3.3.0", "base45==0.4.4"];
const PYXFORM: &str = "pyxform==4.5.0";

/// A client of ODK Central, and what makes its spreadsheets.
const PYODK: [&str; 2] = ["pyodk==1.3.0", "openpyxl==3.1.5"];

/// A tracker that reports a second are compared with.
pub const ROUNDUP: &str = "roundup==2.6.0";

/// Partitioners and regionalizers that the planner of grids is compared with, and what scores all of them. Of spopt's
/// own requirements the two that decide its outcome are named.
const GRID_PEERS: [&str; 9] = [
    "pymetis==2025.2.2",
    "kahip==3.25",
    "mtkahypar==1.7",
    "gerrychain==1.0.0",
    "spopt==0.7.0",
    "libpysal==4.14.1",
    "geopandas==1.1.4",
    "numpy==2.4.6",
    "shapely==2.2.0",
];

/// Where Debian puts Chromium.
pub const CHROMIUM_PATH: &str = "/usr/bin/chromium";

/// A Debian package and how to see that it is there.
pub struct Package {
    name: &'static str,
    is_there: fn() -> bool,
}

pub const POSTGRESQL: &Package = &Package { name: "postgresql", is_there: || postgres::programs().is_some() };
pub const CHROMIUM: &Package = &Package { name: "chromium", is_there: || Path::new(CHROMIUM_PATH).exists() };
pub const STRACE: &Package = &Package { name: "strace", is_there: || Path::new("/usr/bin/strace").exists() };
pub const CHINESE_FONTS: &Package = &Package {
    name: "fonts-noto-cjk",
    is_there: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
};
pub const PYTHON_VENV: &Package = &Package {
    name: "python3-venv",
    is_there: || run::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])),
};

/// Installs the missing ones of `packages` as root or with sudo; otherwise says the exact command and fails.
pub fn debian_packages(packages: &[&Package]) -> Result<()> {
    let missing: Vec<&str> =
        packages.iter().filter(|package| !(package.is_there)()).map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    let prefix: &[&str] = if is_root() {
        &[]
    } else if run::succeeds(Command::new("sudo").args(["-n", "true"])) {
        &["sudo", "-n"]
    } else {
        bail!(
            "the tests need Debian packages that are missing; install them with\n  sudo apt-get install --yes --no-install-recommends {names}"
        );
    };
    let apt_get = |arguments: &[&str]| {
        let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    };
    run::quietly("refreshing Debian's package lists", &mut apt_get(&["update"]))?;
    let install = [&["install", "--yes", "--no-install-recommends"], &missing[..]].concat();
    run::quietly(&format!("installing {names}"), &mut apt_get(&install))?;
    for package in packages {
        ensure!((package.is_there)(), "{} is installed but not where it is looked for", package.name);
    }
    Ok(())
}

/// True when `cargo nextest` works, after trying to install it.
pub fn nextest() -> bool {
    let present = || run::succeeds(workspace::cargo().args(["nextest", "--version"]));
    if present() {
        return true;
    }
    let install = run::quietly(
        "installing cargo-nextest (some minutes)",
        workspace::cargo().args(["install", "--locked", "cargo-nextest"]),
    );
    if let Err(error) = install {
        eprintln!("cargo-nextest is not to be had ({error:#}): the tests run with `cargo test` instead");
        return false;
    }
    present()
}

/// The path of the schemathesis program in a Python environment of its own, target/venv.
pub fn schemathesis() -> Result<PathBuf> {
    let requirement = format!("schemathesis=={SCHEMATHESIS_VERSION}");
    Ok(python_environment("target/venv", &[&requirement])?.join("bin/schemathesis"))
}

/// Python with independent clients of Open311, in an environment of its own.
pub fn open311_clients() -> Result<PathBuf> {
    Ok(python_environment("target/venv-open311", &OPEN311_CLIENTS)?.join("bin/python"))
}

/// Python with pyxform, in an environment of its own.
pub fn pyxform() -> Result<PathBuf> {
    Ok(python_environment("target/venv-forms", &[PYXFORM])?.join("bin/python"))
}

/// Python with pyodk, in an environment of its own.
pub fn pyodk() -> Result<PathBuf> {
    Ok(python_environment("target/venv-pyodk", &PYODK)?.join("bin/python"))
}

/// Python with the peers of the planner of grids, in an environment of its own.
pub fn grid_peers() -> Result<PathBuf> {
    Ok(python_environment("target/venv-grids", &GRID_PEERS)?.join("bin/python"))
}

/// Python with a verifier of COSE messages, in an environment of its own.
pub fn pass_peers() -> Result<PathBuf> {
    Ok(python_environment("target/venv-passes", &PASS_PEERS)?.join("bin/python"))
}

/// npm packages of these versions in a folder of their own.
pub fn node_packages_of(folder: &Path, packages: &[&str]) -> Result<()> {
    let stamp = folder.join("installed");
    let wanted = packages.join(" ");
    if fs::read_to_string(&stamp).is_ok_and(|it| it == wanted) {
        return Ok(());
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    fs::write(folder.join("package.json"), r#"{"private":true,"type":"module"}"#)?;
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(["install", "--no-audit", "--no-fund", "--legacy-peer-deps"]).args(packages);
    run::quietly(&format!("installing {wanted}"), &mut npm)?;
    fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())
}

/// The folder of Roundup's programs, in an environment of its own.
pub fn roundup() -> Result<PathBuf> {
    debian_packages(&[POSTGRESQL])?;
    Ok(python_environment("target/venv-roundup", &[ROUNDUP])?.join("bin"))
}

/// A Python environment at `folder` below the root, with these packages of these versions.
fn python_environment(folder: &str, requirements: &[&str]) -> Result<PathBuf> {
    let environment = workspace::root().join(folder);
    let stamp = environment.join("installed");
    let wanted = requirements.join(" ");
    let installed = fs::read_to_string(&stamp).unwrap_or_default();
    if installed == wanted && run::succeeds(Command::new(environment.join("bin/python")).arg("--version")) {
        return Ok(environment);
    }
    debian_packages(&[PYTHON_VENV])?;
    let mut create = Command::new("python3");
    run::quietly("making a Python environment", create.args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/pip"));
    run::quietly(&format!("installing {wanted}"), pip.args(["install", "--quiet"]).args(requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(environment)
}

/// True when we run as root: /proc/self belongs to the process's effective user.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
