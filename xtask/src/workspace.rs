//! Where things are, and how cargo is called.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// The repository's root.
pub fn root() -> PathBuf {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().expect("xtask lies one folder below the root").to_path_buf()
}

/// `cargo` of the toolchain that runs us, started in the root.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // Set by `cargo run` for this crate: handed on, they would make cargo rebuild crates that watch them.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || text.starts_with("CARGO_BIN_")
        {
            command.env_remove(&name);
        }
    }
    command
}

/// The folder `name` below the root, which must exist.
pub fn folder(name: &str) -> Result<PathBuf> {
    let path = root().join(name);
    ensure!(path.is_dir(), "{name}/ is missing from the repository: {} is no folder", path.display());
    Ok(path)
}

/// Every file below `folder`, sorted, without going into folders named in `skip`.
pub fn files(folder: &Path, skip: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name();
            if kind.is_dir() && !skip.iter().any(|skipped| name == *skipped) {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads `path` as text; returns it with its path relative to the root, in slashes.
pub fn read(path: &Path) -> Result<(String, String)> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let relative = path.strip_prefix(root()).unwrap_or(path);
    Ok((relative.to_string_lossy().replace('\\', "/"), text))
}
