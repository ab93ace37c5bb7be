//! Checkpoints that somebody remembers: this machine, a file, a witness.

use std::{fs, path::Path};

use anyhow::Context;
use domain::Clock;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tlog::{Known, LogIdentity, NOTE_BYTES_MAX, Policy};
use ureq::tls::RootCerts;

use super::{
    super::{http::WebSource, keys},
    Report,
};
use crate::world::MachineClock;

/// Checkpoints that are remembered; of more the oldest and the newest stay.
const SEEN_MAX: usize = 1_000;

/// What is kept from one look at a log to the next.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The policy that came with the log, when no other was given.
    pub policy: Option<String>,
    seen: Vec<Seen>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// Seconds since 1970.
    at: u64,
    checkpoint: String,
}

impl Memory {
    /// Empty if there is no such file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        match fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            read => {
                let bytes = read.with_context(|| path.display().to_string())?;
                serde_json::from_slice(&bytes).with_context(|| path.display().to_string())
            }
        }
    }

    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        keys::replace(path, &serde_json::to_vec_pretty(self)?, 0o644)
    }

    pub fn known(&self, log: &LogIdentity) -> anyhow::Result<Vec<Known>> {
        let known = |it: &Seen| {
            let signed = log.open(it.checkpoint.as_bytes()).context("a checkpoint that is remembered")?;
            Ok(Known { checkpoint: signed.checkpoint, time: Some(it.at) })
        };
        self.seen.iter().map(known).collect()
    }

    pub fn see(&mut self, checkpoint: String) {
        if self.seen.last().is_some_and(|it| it.checkpoint == checkpoint) {
            return;
        }
        if self.seen.len() >= SEEN_MAX {
            self.seen.remove(SEEN_MAX / 2);
        }
        let at = u64::try_from(MachineClock.now().micros() / 1_000_000).unwrap_or(0);
        self.seen.push(Seen { at, checkpoint });
    }
}

/// A checkpoint in a file, at the time of its latest cosignature.
pub fn of_file(path: &Path, log: &LogIdentity, policy: &Policy) -> anyhow::Result<Known> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    known(&bytes, log, policy).with_context(|| path.display().to_string())
}

fn known(bytes: &[u8], log: &LogIdentity, policy: &Policy) -> anyhow::Result<Known> {
    let signed = log.open(bytes)?;
    let keys: Vec<_> = policy.witnesses().map(|(_, key)| key).collect();
    let time = signed.note.verify(keys)?.iter().filter_map(|it| it.time).max();
    Ok(Known { checkpoint: signed.checkpoint, time })
}

/// What the witnesses say they saw last. One that says nothing is told of; that is no fault of the log.
pub fn of_witnesses(log: &LogIdentity, policy: &Policy, report: &mut Report) -> Vec<Known> {
    let path: String = Sha256::digest(&log.origin).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = format!("{path}/checkpoint");
    let mut all = Vec::new();
    for (name, _) in policy.witnesses() {
        let Some(address) = policy.address(name) else { continue };
        match WebSource::new(address, RootCerts::PlatformVerifier).file(&path, NOTE_BYTES_MAX) {
            Ok(Some(bytes)) => match known(&bytes, log, policy) {
                Ok(known) => {
                    report.lines.push(format!("ok    {name} saw {known}"));
                    all.push(known);
                }
                Err(error) => report.faults.push(format!("what {name} says it saw: {error:#}")),
            },
            Ok(None) => report.lines.push(format!("note  {name} has cosigned nothing of this log")),
            Err(error) => report.lines.push(format!("note  {name} was not reached: {error}")),
        }
    }
    all
}
