//! `olzii verify`: checks a whole log, or the proof of one entry, without anybody's help.

mod known;
mod proof;
mod succession;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use domain::{Clock, journal};
use kernel::Timestamp;
use tlog::{
    Accepted, Checkpoint, FolderSource, Known, LogIdentity, Note, POLICY_BYTES_MAX, Policy, Resource,
    SignedCheckpoint, Source, Tiles, VerifierKey,
};
use ureq::tls::RootCerts;

use self::{known::Memory, succession::Watched};
use super::http::{self, WebSource};
use crate::{Place, data, world::MachineClock};

/// Where a log shows the trust policy of its city, beside its own files.
pub const POLICY: &str = "policy";

/// What is in the data folder of a city, whatever of it was lost, and in no mirror of a log.
const CITY: [&str; 3] = ["city.key", "log.key", "olzii.db"];

/// Seconds after which a log that shows no newer cosignature is taken to be held fast: a city shows one in a minute.
const FROZEN_SECONDS: u64 = 3_600;

const FAULTS: u8 = 1;
const NOT_CHECKED: u8 = 2;

#[derive(Args, Clone, Debug, Default)]
pub struct VerifyArguments {
    /// A log's folder or address, such as `https://city.example/log`; a city's data folder, for its journal row by row;
    /// or the `.tlog-proof` file of one entry.
    #[arg(value_name = "PATH_OR_URL")]
    pub target: String,
    /// Whose word is enough: a C2SP tlog-policy that did not come with the log.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The log's key alone, in place of a policy.
    #[arg(long, value_name = "VKEY", conflicts_with = "policy")]
    pub key: Option<VerifierKey>,
    /// Remembers key and checkpoints there, for the next time: only who remembers sees that a log was rolled back.
    #[arg(long, value_name = "FILE")]
    pub memory: Option<PathBuf>,
    /// A checkpoint from elsewhere that the log must begin with. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// Asks the witnesses of the policy which checkpoint they saw last.
    #[arg(long)]
    pub ask_witnesses: bool,
    /// Trusts these certificates (PEM) for an https address, in place of those that this machine trusts.
    #[arg(long, value_name = "FILE")]
    pub certificates: Option<PathBuf>,
    /// PostgreSQL, for a city's data folder that has no database of its own.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// What was looked at in words, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Report {
    pub lines: Vec<String>,
    pub faults: Vec<String>,
}

/// Ends with 1 where something is wrong, and with 2 where it could not be checked.
pub fn run(arguments: &VerifyArguments) -> ExitCode {
    match told(arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(count) => {
            eprintln!("error: {count} fault(s) found");
            ExitCode::from(FAULTS)
        }
        Err(error) => {
            eprintln!("error: not checked: {error:#}");
            ExitCode::from(NOT_CHECKED)
        }
    }
}

/// How many faults were told.
fn told(arguments: &VerifyArguments) -> anyhow::Result<usize> {
    let report = verify(arguments)?;
    report.lines.iter().for_each(|line| println!("{line}"));
    report.faults.iter().for_each(|fault| println!("FAULT {fault}"));
    Ok(report.faults.len())
}

pub fn verify(arguments: &VerifyArguments) -> anyhow::Result<Report> {
    let target = &arguments.target;
    if target.starts_with("http://") || target.starts_with("https://") {
        must_be_unused(arguments, &[Unused::Database])?;
        let source = web(target, trusted(arguments)?)?;
        let policy = |source: &WebSource| Ok(source.file(POLICY, POLICY_BYTES_MAX)?);
        return whole(arguments, &source, &[], policy, true);
    }
    let path = Path::new(target);
    if path.is_file() {
        must_be_unused(arguments, &[Unused::Log, Unused::Database, Unused::Certificates])?;
        let (policy, _) = given_policy(arguments)?;
        let mut report = proof::verify(path, &policy)?;
        report.lines.extend(alone(&policy));
        return Ok(report);
    }
    if CITY.iter().any(|name| path.join(name).exists()) {
        must_be_unused(arguments, &[Unused::Log, Unused::Trust, Unused::Certificates])?;
        return rows(path, arguments.database.clone());
    }
    if !path.is_dir() {
        bail!("{target} is not there");
    }
    must_be_unused(arguments, &[Unused::Database])?;
    if !arguments.ask_witnesses {
        must_be_unused(arguments, &[Unused::Certificates])?;
    }
    let source = FolderSource::new(path);
    let listed = source.list()?;
    let policy = |_: &FolderSource| match fs::read(path.join(POLICY)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    };
    whole(arguments, &source, &listed, policy, false)
}

/// Options that say nothing of a kind of target.
#[derive(Clone, Copy)]
enum Unused {
    Log,
    Trust,
    Database,
    Certificates,
}

/// Who gives an option relies on it: one that would do nothing is refused.
fn must_be_unused(arguments: &VerifyArguments, kinds: &[Unused]) -> anyhow::Result<()> {
    for kind in kinds {
        let given: &[_] = match kind {
            Unused::Log => &[
                ("--memory", arguments.memory.is_some()),
                ("--checkpoint", !arguments.checkpoint.is_empty()),
                ("--ask-witnesses", arguments.ask_witnesses),
            ],
            Unused::Trust => &[("--policy", arguments.policy.is_some()), ("--key", arguments.key.is_some())],
            Unused::Database => &[("--database", arguments.database.is_some())],
            Unused::Certificates => &[("--certificates", arguments.certificates.is_some())],
        };
        if let Some((option, _)) = given.iter().find(|(_, is_given)| *is_given) {
            bail!("{option} says nothing of {}: leave it out", arguments.target);
        }
    }
    Ok(())
}

/// What is said where nobody but the log stands for it.
fn alone(policy: &Policy) -> Option<String> {
    (!policy.has_quorum())
        .then(|| "note  no witness was asked for: only the log's own key stands for it".to_owned())
}

/// The log at an address, or under `/log` there.
fn web(address: &str, trusted: RootCerts) -> anyhow::Result<WebSource> {
    let source = WebSource::new(address, trusted.clone());
    let own = source.get(Resource::Checkpoint)?;
    // A city has a page of that name: what is no note is no checkpoint of a log, if there is one below.
    if own.as_ref().is_some_and(|it| Note::parse(it).is_ok()) {
        return Ok(source);
    }
    let below = WebSource::new(&format!("{}/log", address.trim_end_matches('/')), trusted);
    match (below.get(Resource::Checkpoint)?, own) {
        (Some(_), _) => Ok(below),
        (None, Some(_)) => Ok(source),
        (None, None) => bail!("neither {address}/checkpoint nor {address}/log/checkpoint is there"),
    }
}

/// Whose certificates are taken.
fn trusted(arguments: &VerifyArguments) -> anyhow::Result<RootCerts> {
    arguments.certificates.as_deref().map_or(Ok(RootCerts::PlatformVerifier), http::certificates)
}

/// The policy that did not come with the log, and its text if that is worth remembering: a key alone asks for nobody.
fn given_policy(arguments: &VerifyArguments) -> anyhow::Result<(Policy, Option<String>)> {
    match (&arguments.policy, &arguments.key) {
        (Some(path), _) => {
            let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
            Ok((text.parse().with_context(|| path.display().to_string())?, Some(text)))
        }
        (None, Some(key)) => Ok((format!("log {key}\nquorum none\n").parse()?, None)),
        (None, None) => {
            bail!("a proof is checked by a key that did not come with it: give --policy FILE or --key VKEY")
        }
    }
}

/// The journal of a city row by row, by who runs it.
fn rows(folder: &Path, database: Option<String>) -> anyhow::Result<Report> {
    if database.is_none() && !folder.join("olzii.db").exists() {
        bail!("{} has no database of its own: name it by --database URL", folder.display());
    }
    let city = data::look(&Place { data: folder.to_owned(), database })?;
    let audit = journal::audit(&city)?;
    let mut report = Report::default();
    report.lines.push(format!(
        "journal {}: {} entries sealed, {} waiting",
        city.log.origin(),
        audit.entries,
        audit.waiting
    ));
    report.lines.extend(audit.remedy().map(|it| format!("note  {it}")));
    report.faults = audit.findings;
    if audit.more > 0 {
        report.faults.push(format!("{} more", audit.more));
    }
    if report.faults.is_empty() {
        report.lines.push("ok    every row is what was sealed".to_owned());
    }
    Ok(report)
}

/// A whole log from its public files.
fn whole<S: Source>(
    arguments: &VerifyArguments,
    source: &S,
    listed: &[Resource],
    policy_of_log: impl FnOnce(&S) -> anyhow::Result<Option<Vec<u8>>>,
    is_live: bool,
) -> anyhow::Result<Report>
where
    S::Error: Send + Sync + 'static,
{
    let mut report = Report::default();
    let mut memory = arguments.memory.as_deref().map(Memory::read).transpose()?.unwrap_or_default();
    let (policy, policy_text) = policy_of(arguments, source, &memory, policy_of_log, &mut report)?;
    let log = log_of(source, &policy, &mut report)?;
    report.lines.extend(alone(&policy));
    let remembered = memory.known(&policy)?;
    let given = arguments.checkpoint.iter().map(|path| known::of_file(path, &policy));
    let given = given.collect::<anyhow::Result<Vec<_>>>()?;
    let is_own = |it: &&Known| it.checkpoint.origin == log.origin;
    let mut known: Vec<Known> = remembered.iter().chain(&given).filter(is_own).cloned().collect();
    let asked = match arguments.ask_witnesses {
        true => Some(known::of_witnesses(log, &policy, &trusted(arguments)?, &mut report)?),
        false => None,
    };
    known.extend(asked.iter().flat_map(|it| it.known.clone()));
    let watched = Watched::new(source);
    let audit = tlog::audit(&watched, log, &known, listed)?;
    report.faults.extend(audit.findings.iter().map(ToString::to_string));
    if audit.more > 0 {
        report.faults.push(format!("{} more", audit.more));
    }
    let Some(signed) = audit.signed else { return Ok(report) };
    let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
    report.lines.push(format!("log   {}: {size} entries, root {root}", log.origin));
    let (successions, tiles) = (watched.successions(), Tiles { source, size });
    successions.check(&tiles, &policy, &mut report)?;
    successions.compare(&tiles, of_others(remembered, log), true, &mut report)?;
    successions.compare(&tiles, of_others(given, log), false, &mut report)?;
    cosigners(&policy, &signed, is_live, &mut report);
    if report.faults.is_empty() {
        asked.map_or(Ok(()), |it| it.must_have_answer())?;
        report.lines.push("ok    every entry, every tile and the checkpoint fit together".to_owned());
        if let Some(path) = &arguments.memory {
            memory.policy = policy_text.or(memory.policy);
            memory.see(signed.note.to_string());
            memory.write(path)?;
        }
    }
    Ok(report)
}

fn of_others(known: Vec<Known>, log: &LogIdentity) -> impl Iterator<Item = Known> {
    known.into_iter().filter(move |it| it.checkpoint.origin != log.origin)
}

/// Who stands for the checkpoint, and since when. Whoever holds a log fast shows what is true and old.
fn cosigners(policy: &Policy, signed: &SignedCheckpoint, is_live: bool, report: &mut Report) {
    let cosignatures = match policy.judge(signed.note.to_string().as_bytes()) {
        Ok(Accepted { cosignatures, .. }) => cosignatures,
        Err(error) => return report.faults.push(error.to_string()),
    };
    report.lines.extend(cosignatures.iter().map(|it| cosigned(&it.witness, it.time)));
    let now = u64::try_from(MachineClock.now().micros() / 1_000_000).unwrap_or(0);
    let newest = cosignatures.iter().map(|it| it.time).max();
    let Some(newest) = newest.filter(|it| now.saturating_sub(*it) > FROZEN_SECONDS) else { return };
    let newest = moment(newest);
    match is_live {
        true => report.faults.push(format!(
            "the newest cosignature is of {newest}, more than an hour ago: nothing is sealed since, or something older is shown \
             here"
        )),
        false => report.lines.push(format!(
            "note  the newest cosignature is of {newest}: these files say nothing of what came after it"
        )),
    }
}

/// Whose word is enough: as it is given, as it is remembered, or as it came with the log; with the text to remember.
fn policy_of<S>(
    arguments: &VerifyArguments,
    source: &S,
    memory: &Memory,
    policy_of_log: impl FnOnce(&S) -> anyhow::Result<Option<Vec<u8>>>,
    report: &mut Report,
) -> anyhow::Result<(Policy, Option<String>)> {
    if arguments.policy.is_some() || arguments.key.is_some() {
        return given_policy(arguments);
    }
    if let Some(text) = &memory.policy {
        return Ok((text.parse().context("the policy that is remembered")?, Some(text.clone())));
    }
    let bytes =
        policy_of_log(source)?.context("the log shows no policy: give --policy FILE or --key VKEY")?;
    let text = String::from_utf8(bytes).context("the log's policy is no text")?;
    report.lines.push(
        "note  key and policy are those that came with the log: compare them with what its witnesses and the city print \
         elsewhere (--policy, --key), and remember them (--memory)"
            .to_owned(),
    );
    Ok((text.parse().context("the log's policy")?, Some(text)))
}

/// The log of the policy that the checkpoint says it is of; the first, where it cannot be read, so that this is told.
fn log_of<'a, S: Source>(
    source: &S,
    policy: &'a Policy,
    report: &mut Report,
) -> anyhow::Result<&'a LogIdentity>
where
    S::Error: Send + Sync + 'static,
{
    let bytes = source.get(Resource::Checkpoint)?;
    let note = bytes.and_then(|bytes| Note::parse(&bytes).ok());
    let checkpoint = note.and_then(|it| it.text().parse::<Checkpoint>().ok());
    let of_origin =
        checkpoint.as_ref().and_then(|it| policy.logs().iter().find(|log| log.origin == it.origin));
    if let (Some(it), None) = (&checkpoint, of_origin) {
        report.lines.push(format!(
            "note  what is shown is of the log {}. If the city and its witnesses say elsewhere that this log succeeds the one that \
             you know, and print its key, give a policy with the lines `log` of both by --policy FILE; what --memory holds \
             stays of use",
            it.origin
        ));
    }
    of_origin.or(policy.logs().first()).context("the policy names no log")
}

fn cosigned(witness: &str, seconds: u64) -> String {
    format!("ok    cosigned by {witness} on {}", moment(seconds))
}

fn moment(seconds: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000))
}
