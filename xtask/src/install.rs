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
    let environment = workspace::root().join("target/venv");
    let program = environment.join("bin/schemathesis");
    let stamp = environment.join("schemathesis-version");
    let installed = fs::read_to_string(&stamp).unwrap_or_default();
    if installed == SCHEMATHESIS_VERSION && run::succeeds(Command::new(&program).arg("--version")) {
        return Ok(program);
    }
    debian_packages(&[PYTHON_VENV])?;
    let mut create = Command::new("python3");
    run::quietly("making a Python environment", create.args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut pip = Command::new(environment.join("bin/pip"));
    let requirement = format!("schemathesis=={SCHEMATHESIS_VERSION}");
    run::quietly("installing schemathesis", pip.args(["install", "--quiet", &requirement]))?;
    fs::write(&stamp, SCHEMATHESIS_VERSION).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(program)
}

/// True when we run as root: /proc/self belongs to the process's effective user.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
