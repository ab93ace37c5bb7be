//! The log of the journal as files and over the wire: keys, policy, witnesses, and checking it from outside.

pub mod export;
mod http;
mod keys;
mod memory;
pub mod repair;
pub mod seal;
pub mod succession;
#[cfg(test)]
mod tests;
pub mod verify;
pub mod witness;

use std::{fs, path::Path};

use anyhow::{Context, bail};
use domain::journal::CityLog;
use sha2::{Digest, Sha256};
use tlog::LogKey;

use crate::world;

/// What the log is called in the world, if the city gives it a name before it first starts.
const ORIGIN: &str = "log.origin";
const KEY: &str = "log.key";
const POLICY: &str = "log.policy";
/// The last head that was signed.
const SIGNED: &str = "log.signed";

/// The log of the city in `folder`: its key is made once, and its policy begins without witnesses.
pub fn open(folder: &Path) -> anyhow::Result<CityLog> {
    succession::must_be_finished(folder)?;
    let path = folder.join(KEY);
    let (origin, seed) = match keys::read(&path, keys::Kind::Log)? {
        Some(key) => key,
        None => first_key(folder, &path)?,
    };
    let key = LogKey::new(&origin, &seed).with_context(|| path.display().to_string())?;
    let policy_path = folder.join(POLICY);
    if !policy_path.exists() {
        keys::make_new(&policy_path, first_policy(&key).as_bytes(), 0o644)?;
    }
    of_files(folder, &origin, seed)
}

/// The log of a city that has one; nothing is made.
pub fn look(folder: &Path) -> anyhow::Result<CityLog> {
    let (origin, seed) = known_key(folder)?;
    of_files(folder, &origin, seed)
}

fn known_key(folder: &Path) -> anyhow::Result<(String, [u8; 32])> {
    succession::must_be_finished(folder)?;
    let path = folder.join(KEY);
    keys::read(&path, keys::Kind::Log)?.with_context(|| format!("{} is not there", path.display()))
}

/// The key of the log in `folder`.
pub fn key(folder: &Path) -> anyhow::Result<LogKey> {
    let (origin, seed) = known_key(folder)?;
    Ok(LogKey::new(&origin, &seed)?)
}

fn of_files(folder: &Path, origin: &str, seed: [u8; 32]) -> anyhow::Result<CityLog> {
    let policy_path = folder.join(POLICY);
    let policy = fs::read_to_string(&policy_path).with_context(|| policy_path.display().to_string())?;
    let memory = memory::FileMemory::new(folder.join(SIGNED));
    CityLog::new(origin, seed, policy, Box::new(http::Post::new()), Box::new(memory))
        .with_context(|| policy_path.display().to_string())
}

/// The key of a log that begins here. What only a log leaves behind says that there was one: a new key would fork it.
fn first_key(folder: &Path, path: &Path) -> anyhow::Result<(String, [u8; 32])> {
    for left in [POLICY, SIGNED] {
        if fs::exists(folder.join(left)).with_context(|| left.to_owned())? {
            bail!(
                "{} is gone, and {left} is still there: bring the key back from a backup, or, if there is none, run `olzii succeed-log`",
                path.display()
            );
        }
    }
    keys::make(path, keys::Kind::Log, &origin(folder)?)
}

/// A name that no other log has, unless the city has one of its own.
fn origin(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join(ORIGIN);
    if path.exists() {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        return Ok(text.trim().to_owned());
    }
    let digest = Sha256::digest(world::random_bytes()?);
    let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("olzii/{name}/journal"))
}

/// Has the policy of the demo city in `folder` ask for the word of the witness in `witness`, unless somebody wrote another one.
pub fn set_demo_witness(folder: &Path, witness: &Path, address: &str) -> anyhow::Result<()> {
    const MARK: &str = "# The demo and the witness that runs beside it; written anew whenever it starts.\n";
    let (log, path) = (key(folder)?, folder.join(POLICY));
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if text != first_policy(&log) && !text.starts_with(MARK) {
        return Ok(());
    }
    let (log, witness) = (log.verifier().to_string(), witness::verifier(witness)?);
    let text = format!("{MARK}log {log}\nwitness demo {witness} {address}\nquorum demo\n");
    keys::replace(&path, text.as_bytes(), 0o644)
}

fn first_policy(key: &LogKey) -> String {
    format!(
        "# Whose word is needed before a checkpoint of the journal is shown: C2SP tlog-policy.\n\
         # witness NAME VKEY ADDRESS   another body that runs `olzii witness`\n\
         # group NAME K MEMBER...      K of these have to cosign\n\
         # quorum NAME                 a witness or a group; none without witnesses\n\
         log {}\n\
         quorum none\n",
        key.verifier()
    )
}
