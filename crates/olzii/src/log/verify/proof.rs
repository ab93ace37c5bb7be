//! The proof of one entry of a journal, which carries the entry.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use domain::journal::Opened;
use kernel::Timestamp;
use tlog::{Checkpoint, Hash, Note, PROOF_BYTES_MAX, Policy, ProofFile};

use super::{Report, cosigned};

pub fn verify(path: &Path, policy: &Policy) -> anyhow::Result<Report> {
    let length = fs::metadata(path).with_context(|| path.display().to_string())?.len();
    if length > PROOF_BYTES_MAX as u64 {
        bail!("{} is too long to be a proof", path.display());
    }
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let proof = ProofFile::parse(&bytes).with_context(|| path.display().to_string())?;
    let mut report = Report::default();
    if let Err(error) = check(&proof, policy, &mut report) {
        report.faults.push(format!("{error:#}"));
    }
    Ok(report)
}

fn check(proof: &ProofFile, policy: &Policy, report: &mut Report) -> anyhow::Result<()> {
    let opened = Opened::from_extra(proof.extra.as_deref())?;
    let checkpoint: Checkpoint = Note::parse(proof.checkpoint.as_bytes())?.text().parse()?;
    let log = policy.logs().iter().find(|it| it.origin == checkpoint.origin);
    let Some(log) = log else {
        bail!("the proof is of the log {}, which the policy does not name", checkpoint.origin)
    };
    let signed = proof
        .verify(log, Hash::of_entry(&opened.leaf()))
        .context("the entry is not what stands in the log")?;
    let accepted = policy.judge(proof.checkpoint.as_bytes())?;
    report
        .lines
        .push(format!("ok    entry {} of the {} of {}:", proof.index, signed.checkpoint.size, log.origin));
    report.lines.extend(words(&opened.entry)?);
    report.lines.extend(accepted.cosignatures.iter().map(|it| cosigned(&it.witness, it.time)));
    Ok(())
}

/// Field by field; the time as clocks show it. Whoever acted is a hash, which only the city can open.
fn words(entry: &str) -> anyhow::Result<Vec<String>> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(entry)?;
    let line = |(name, value): (&String, &serde_json::Value)| match (name.as_str(), value.as_i64()) {
        ("at", Some(micros)) => format!("        at: {}", Timestamp::from_micros(micros)),
        _ => format!("        {name}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
    };
    Ok(fields.iter().map(line).collect())
}
