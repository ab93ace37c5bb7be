//! Asking the witnesses that the policy names.

use std::{sync::mpsc, thread};

use kernel::Role;
use parking_lot::Mutex;
use store::Tx;
use tlog::{
    Answer, Fault, Signature, SignedCheckpoint, Store, Submission, SubmissionError, Tiles, latest_path,
};

use super::super::{database::DatabaseLog, log::Letter, model::FailureKind, query, store as rows};
use crate::{
    Ctx, Refusal, area,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Witnesses that are asked at once.
const ASKERS_MAX: usize = 32;
/// Seconds after which offices are told again of what is still so.
const WARN_AGAIN_SECONDS: i64 = 86_400;
/// Seconds by which a witness's clock may differ from ours.
const CLOCK_SECONDS_MAX: u64 = 300;
/// Who is told in the city.
const ROLES: [Role; 2] = [Role::Administrator, Role::Auditor];

/// One who is asked.
struct Asked {
    name: String,
    /// Where it says what it cosigns, and what it cosigned last.
    prefix: String,
    submission: Submission,
}

/// What one said in the end.
enum Said {
    /// At a time of its own, in seconds since 1970.
    Cosigned {
        signature: Signature,
        time: u64,
    },
    Failed(FailureKind, String),
    /// It holds what the log's own key signed of another past.
    Fork(String),
}

/// Asks for the cosignatures that can be had for `head`, and hands on each when it comes: one witness that is slow holds
/// up none of the others. What each said is kept, for the page that shows it.
pub fn ask(
    ctx: &Ctx,
    store: &DatabaseLog,
    head: &SignedCheckpoint,
    mut take: impl FnMut(Signature) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let asked = Mutex::new(asked(ctx, head)?);
    let askers = asked.lock().len().min(ASKERS_MAX);
    let (sender, answers) = mpsc::channel();
    let mut kept = Vec::new();
    let taken = thread::scope(|scope| {
        for _ in 0..askers {
            let (sender, asked) = (sender.clone(), &asked);
            let next = move || asked.lock().pop();
            scope.spawn(move || {
                while let Some(it) = next() {
                    let name = it.name.clone();
                    // Nobody listens any more where taking has failed.
                    let _ = sender.send((name, correspond(ctx, store, head, it)));
                }
            });
        }
        drop(sender);
        answers.into_iter().try_for_each(|(name, said)| {
            let said = said?;
            let fork = match &said {
                Said::Fork(reason) => Some(reason.clone()),
                Said::Cosigned { .. } | Said::Failed(..) => None,
            };
            let (said, signature) = said.split(ctx);
            kept.push((name, said));
            fork.map_or(Ok(()), |reason| Err(Refusal::Broken(reason)))?;
            signature.map_or(Ok(()), &mut take)
        })
    });
    keep(ctx, head, &kept)?;
    taken
}

/// Asks one witness until it has said yes or no: a submission ends by itself after a few answers that name another size.
fn correspond(
    ctx: &Ctx,
    store: &DatabaseLog,
    head: &SignedCheckpoint,
    mut it: Asked,
) -> Result<Said, Refusal> {
    let tiles = Tiles { source: store, size: head.checkpoint.size };
    loop {
        let body = it.submission.request(&tiles);
        let body = body.map_err(super::of_nodes)?;
        let address = format!("{}/add-checkpoint", it.prefix);
        let reply = ctx.city.log.courier.send(&Letter { address, body });
        let answer = reply.map_err(|words| (FailureKind::Unreached, words)).and_then(|reply| {
            let answer = it.submission.answer(reply.status, &reply.body);
            answer.map_err(|error| (failure_kind(&error), error.to_string()))
        });
        match answer {
            Ok(Answer::Again { .. }) => {}
            Ok(Answer::Cosigned { signature, time }) => return Ok(Said::Cosigned { signature, time }),
            Err((kind, reason)) => {
                tracing::warn!(witness = it.name, reason, "a witness did not cosign");
                let is_no = matches!(kind, FailureKind::Ahead | FailureKind::Refused);
                let fork = if is_no { fork(ctx, store, &it)? } else { None };
                return Ok(fork.map_or(Said::Failed(kind, reason), Said::Fork));
            }
        }
    }
}

/// What a witness that says no holds against this log: a checkpoint that the log's own key signed, of more entries than
/// there are or of others. It takes the place of what was signed last, so that nothing more is signed. A witness's word
/// alone stops no log.
fn fork(ctx: &Ctx, store: &DatabaseLog, it: &Asked) -> Result<Option<String>, Refusal> {
    let log = &ctx.city.log;
    let address = format!("{}/{}", it.prefix, latest_path(log.origin()));
    let shown = log.courier.fetch(&address).ok().filter(|it| it.status == 200);
    let Some(held) = shown.and_then(|it| log.identity().open(&it.body).ok()) else { return Ok(None) };
    // After it: another process may have signed it since we did, and then the head has come as far.
    let head = store.head()?.and_then(|it| log.identity().open(&it).ok());
    let Some(size) = head.map(|it| it.checkpoint.size) else { return Ok(None) };
    let (known, stated) = (held.checkpoint.size, held.checkpoint.root);
    let fault = if known > size {
        Fault::RolledBack { size, known }
    } else {
        let computed = tlog::root(&Tiles { source: store, size }, known).map_err(super::of_nodes)?;
        if computed == stated {
            return Ok(None);
        }
        Fault::Rewritten { size: known, computed, stated }
    };
    let note = held.note.only_by(&log.identity().keys).to_string();
    let next = match log.memory.keep(note.as_bytes()) {
        Ok(true) => {
            "Stop the server and bring a newer copy back, or, if there is none, run `olzii succeed-log`"
                .to_owned()
        }
        Ok(false) | Err(_) => format!(
            "Stop the server and run `olzii repair-log`. If that finds nothing damaged, bring a newer copy back, or, if there is \
             none, put what {address} shows in the place of log.signed and run `olzii succeed-log`"
        ),
    };
    let reason = format!(
        "the log in the database: {fault}. The witness {} holds what says so, signed by the log's own key: the whole city came \
         back from an older copy, or somebody else has its key. {next}",
        it.name
    );
    *log.fork.lock() = Some((held.checkpoint, reason.clone()));
    Ok(Some(reason))
}

/// Writes down what the witnesses said: when each cosigned by our clock, or what was wrong.
fn keep(
    ctx: &Ctx,
    head: &SignedCheckpoint,
    said: &[(String, Result<Option<String>, String>)],
) -> Result<(), Refusal> {
    if said.is_empty() {
        return Ok(());
    }
    let size = i64::try_from(head.checkpoint.size).unwrap_or(i64::MAX);
    ctx.write(|tx| {
        for (name, it) in said {
            match it {
                Ok(failure) => rows::cosigned(tx, name, ctx.now, size, failure.as_deref())?,
                Err(reason) => rows::not_cosigned(tx, name, ctx.now, reason)?,
            }
        }
        Ok(())
    })
}

impl Said {
    /// What is kept of it (of one that cosigned what is wrong all the same), and the cosignature.
    fn split(self, ctx: &Ctx) -> (Result<Option<String>, String>, Option<Signature>) {
        match self {
            // Whether it is silent is judged by our clock: it could say any time.
            Said::Cosigned { signature, time } => (Ok(clock_failure(ctx, time)), Some(signature)),
            Said::Failed(kind, reason) => (Err(format!("{}: {reason}", kind.as_str())), None),
            Said::Fork(reason) => (Err(format!("{}: {reason}", FailureKind::Ahead.as_str())), None),
        }
    }
}

/// What is said of a witness that cosigned at a time which is not ours.
fn clock_failure(ctx: &Ctx, time: u64) -> Option<String> {
    let now = u64::try_from(ctx.now.micros() / 1_000_000).unwrap_or(0);
    let seconds = now.abs_diff(time);
    (seconds > CLOCK_SECONDS_MAX)
        .then(|| format!("{}: its clock and ours differ by {seconds} seconds", FailureKind::Clock.as_str()))
}

fn failure_kind(error: &SubmissionError) -> FailureKind {
    match error {
        SubmissionError::Behind { .. } => FailureKind::Ahead,
        SubmissionError::Refused { .. } | SubmissionError::TooManyTries { .. } => FailureKind::Refused,
        _ => FailureKind::Unreached,
    }
}

fn asked(ctx: &Ctx, head: &SignedCheckpoint) -> Result<Vec<Asked>, Refusal> {
    let policy = ctx.city.log.policy();
    let mut asked = Vec::new();
    if policy.witnesses().next().is_none() {
        return Ok(asked);
    }
    let seen = ctx.read(|tx| Ok(rows::witnesses(tx)?))?;
    for (name, key) in policy.witnesses() {
        let Some(prefix) = policy.address(name) else { continue };
        let of_name = seen.iter().find(|it| it.name == name);
        let old = of_name.and_then(|it| it.cosigned).map_or(0, |(_, size)| size);
        asked.push(Asked {
            name: name.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            submission: Submission::new(head.clone(), key.clone(), old),
        });
    }
    Ok(asked)
}

/// Tells the city's administrators and auditors, once a day, that the log is not what was signed, that entries were put
/// in or changed before they were sealed, or that nothing is sealed for long. Whether it did.
pub fn alarm(ctx: &Ctx) -> Result<bool, Refusal> {
    let log = &ctx.city.log;
    if !log.is_untold(ctx.now.plus_seconds(-WARN_AGAIN_SECONDS)) {
        return Ok(false);
    }
    let is_told = ctx.write(|tx| tell(tx, ctx, NoticeKind::LogBroken, &[log.origin().to_owned()]))?;
    if is_told {
        log.told(ctx.now);
    }
    Ok(is_told)
}

/// Whether there is a city whose offices can be told.
fn tell(tx: &mut Tx<'_>, ctx: &Ctx, kind: NoticeKind, details: &[String]) -> Result<bool, Refusal> {
    let Some(city) = area::city(tx)? else { return Ok(false) };
    let offices = organization::nearest_offices(tx, &ROLES, &city.path, ctx.now)?;
    for detail in details {
        for office in &offices {
            notice::announce(tx, ctx, city.id, Recipient::Office(office), kind, detail)?;
        }
    }
    Ok(true)
}

/// Tells the city's administrators and auditors of witnesses that are silent, once a day. Returns their names. While
/// nothing is sealed none can cosign: one is silent then that was so when it began.
pub fn warn(ctx: &Ctx) -> Result<Vec<String>, Refusal> {
    let again = ctx.now.plus_seconds(-WARN_AGAIN_SECONDS);
    let log = &ctx.city.log;
    let policy = log.policy();
    if policy.witnesses().next().is_none() {
        return Ok(Vec::new());
    }
    let asked_until = log.failing_since().unwrap_or(ctx.now);
    ctx.write(|tx| {
        let mut silent = Vec::new();
        let seen = rows::witnesses(tx)?;
        for (name, _) in policy.witnesses() {
            let of_name = seen.iter().find(|it| it.name == name);
            let is_new = of_name.and_then(|it| it.warned).is_none_or(|at| at <= again);
            let cosigned = of_name.and_then(|it| it.cosigned);
            let was_asked = cosigned.is_some() || log.failing_since().is_none();
            if is_new && was_asked && query::is_silent(asked_until, cosigned) {
                silent.push(name.to_owned());
            }
        }
        if silent.is_empty() || !tell(tx, ctx, NoticeKind::WitnessSilent, &silent)? {
            return Ok(Vec::new());
        }
        silent.iter().try_for_each(|name| rows::warn(tx, name, ctx.now))?;
        Ok(silent)
    })
}
