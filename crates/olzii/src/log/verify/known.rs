//! Checkpoints that somebody remembers: this machine, a file, a witness.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use domain::Clock;
use serde::{Deserialize, Serialize};
use tlog::{
    Checkpoint, Known, LogIdentity, NOTE_BYTES_MAX, Note, Policy, SignedCheckpoint, VerifierKey, latest_path,
};
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
    /// The policy that was given, or that came with the log.
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

    /// Each of the log of the policy that signed it.
    pub fn known(&self, policy: &Policy) -> anyhow::Result<Vec<Known>> {
        let known = |it: &Seen| {
            let signed = open(it.checkpoint.as_bytes(), policy).context("a checkpoint that is remembered")?;
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
pub fn of_file(path: &Path, policy: &Policy) -> anyhow::Result<Known> {
    let read = || -> anyhow::Result<Known> {
        let signed = open(&fs::read(path)?, policy)?;
        let keys: Vec<_> = policy.witnesses().map(|(_, key)| key).collect();
        let time = signed.note.verify(keys)?.iter().filter_map(|it| it.time).max();
        Ok(Known { checkpoint: signed.checkpoint, time })
    };
    read().with_context(|| path.display().to_string())
}

/// A checkpoint of whichever log of the policy signed it.
fn open(bytes: &[u8], policy: &Policy) -> anyhow::Result<SignedCheckpoint> {
    let origin = Note::parse(bytes)?.text().parse::<Checkpoint>()?.origin;
    let log = policy.logs().iter().find(|it| it.origin == origin);
    let log = log.with_context(|| {
        format!("it is of the log {origin}, which the policy does not name: keep the line `log` of each log that came before")
    })?;
    Ok(log.open(bytes)?)
}

/// What witnesses said of what they saw last.
#[derive(Default)]
pub struct Asked {
    pub known: Vec<Known>,
    has_answer: bool,
    /// Why there is none of the others.
    silent: Vec<String>,
}

impl Asked {
    /// Who asked relies on an answer: that there is none is no good news.
    pub fn must_have_answer(&self) -> anyhow::Result<()> {
        if self.has_answer {
            return Ok(());
        }
        bail!("--ask-witnesses: none of them answered what it saw last: {}", self.silent.join("; "))
    }
}

/// Asks the witnesses which checkpoint they saw last. One that says nothing is told of; that is no fault of the log.
pub fn of_witnesses(
    log: &LogIdentity,
    policy: &Policy,
    trusted: &RootCerts,
    report: &mut Report,
) -> anyhow::Result<Asked> {
    let path = latest_path(&log.origin);
    let mut asked = Asked::default();
    for (name, key) in policy.witnesses() {
        let Some(address) = policy.address(name) else { continue };
        let silent = match WebSource::new(address, trusted.clone()).file(&path, NOTE_BYTES_MAX) {
            Ok(Some(bytes)) => {
                asked.has_answer = true;
                match cosigned_by(&bytes, log, key) {
                    Ok(known) => {
                        report.lines.push(format!("ok    {name} saw {known}"));
                        asked.known.push(known);
                    }
                    Err(error) => report.faults.push(format!("what {name} says it saw: {error:#}")),
                }
                continue;
            }
            Ok(None) => format!("{name} has cosigned nothing of this log"),
            Err(error) => format!("{name} was not reached: {error}"),
        };
        report.lines.push(format!("note  {silent}"));
        asked.silent.push(silent);
    }
    if !asked.has_answer && asked.silent.is_empty() {
        bail!("--ask-witnesses: the policy names no witness with an address");
    }
    Ok(asked)
}

/// What a witness shows of a log with its own word: anybody could show an old checkpoint in its place.
fn cosigned_by(bytes: &[u8], log: &LogIdentity, witness: &VerifierKey) -> anyhow::Result<Known> {
    let signed = log.open(bytes)?;
    let time = signed.note.verify([witness])?.first().and_then(|it| it.time);
    let time = time.with_context(|| format!("it has no cosignature by {witness}"))?;
    Ok(Known { checkpoint: signed.checkpoint, time: Some(time) })
}
