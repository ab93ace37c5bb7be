//! Asking the witnesses that the policy names.

use kernel::Role;
use store::Tx;
use tlog::{Answer, Signature, SignedCheckpoint, Submission, SubmissionError, Tiles};

use super::super::{database::DatabaseLog, log::Letter, model::FailureKind, query, store as rows};
use crate::{
    Ctx, Refusal, area,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Seconds after which offices are told again of what is still so.
const WARN_AGAIN_SECONDS: i64 = 86_400;
/// Seconds by which a witness's clock may differ from ours.
const CLOCK_SECONDS_MAX: u64 = 300;
/// Who is told in the city.
const ROLES: [Role; 2] = [Role::Administrator, Role::Auditor];

/// One who is asked.
struct Asked {
    name: String,
    address: String,
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
}

/// The cosignatures that can be had for `head`. What each witness said is kept, for the page that shows it.
pub fn ask(ctx: &Ctx, store: &DatabaseLog, head: &SignedCheckpoint) -> Result<Vec<Signature>, Refusal> {
    let mut open = asked(ctx, head)?;
    let mut said = Vec::new();
    // A submission ends by itself after a few answers that name another size.
    while !open.is_empty() {
        open = round(ctx, store, head, open, &mut said)?;
    }
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let size = i64::try_from(head.checkpoint.size).unwrap_or(i64::MAX);
    ctx.write(|tx| {
        for (name, it) in &said {
            match it {
                // Whether it is silent is judged by our clock: it could say any time.
                Said::Cosigned { time, .. } => {
                    rows::cosigned(tx, name, ctx.now, size, clock_failure(ctx, *time).as_deref())?;
                }
                Said::Failed(kind, reason) => {
                    rows::not_cosigned(tx, name, ctx.now, &format!("{}: {reason}", kind.as_str()))?;
                }
            }
        }
        Ok(())
    })?;
    Ok(said.into_iter().filter_map(|(_, it)| it.signature()).collect())
}

impl Said {
    fn signature(self) -> Option<Signature> {
        match self {
            Said::Cosigned { signature, .. } => Some(signature),
            Said::Failed(..) => None,
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
            address: format!("{}/add-checkpoint", prefix.trim_end_matches('/')),
            submission: Submission::new(head.clone(), key.clone(), old),
        });
    }
    Ok(asked)
}

/// Sends to all at once; those remain who want to be asked again.
fn round(
    ctx: &Ctx,
    store: &DatabaseLog,
    head: &SignedCheckpoint,
    asked: Vec<Asked>,
    said: &mut Vec<(String, Said)>,
) -> Result<Vec<Asked>, Refusal> {
    let tiles = Tiles { source: store, size: head.checkpoint.size };
    let letter = |it: &Asked| {
        let body = it.submission.request(&tiles);
        let body = body.map_err(|error| Refusal::Broken(format!("the log: {error}")))?;
        Ok(Letter { address: it.address.clone(), body })
    };
    let letters = asked.iter().map(letter).collect::<Result<Vec<_>, Refusal>>()?;
    let mut replies = ctx.city.log.courier.deliver(&letters).into_iter();
    let mut open = Vec::new();
    for mut it in asked {
        let reply = replies.next().unwrap_or_else(|| Err("nobody brought an answer".to_owned()));
        let answer = reply.map_err(|words| (FailureKind::Unreached, words)).and_then(|reply| {
            let answer = it.submission.answer(reply.status, &reply.body);
            answer.map_err(|error| (failure_kind(&error), error.to_string()))
        });
        match answer {
            Ok(Answer::Again { .. }) => open.push(it),
            Ok(Answer::Cosigned { signature, time }) => {
                said.push((it.name, Said::Cosigned { signature, time }));
            }
            Err((kind, reason)) => {
                tracing::warn!(witness = it.name, reason, "a witness did not cosign");
                said.push((it.name, Said::Failed(kind, reason)));
            }
        }
    }
    Ok(open)
}

/// Tells the city's administrators and auditors, once a day, that the log is not what was signed, or that entries were put
/// in or changed before they were sealed. Whether it did.
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
/// nothing is sealed none can cosign, and that is told instead.
pub fn warn(ctx: &Ctx) -> Result<Vec<String>, Refusal> {
    let again = ctx.now.plus_seconds(-WARN_AGAIN_SECONDS);
    let policy = ctx.city.log.policy();
    if policy.witnesses().next().is_none() || ctx.city.log.failing_since().is_some() {
        return Ok(Vec::new());
    }
    ctx.write(|tx| {
        let mut silent = Vec::new();
        let seen = rows::witnesses(tx)?;
        for (name, _) in policy.witnesses() {
            let of_name = seen.iter().find(|it| it.name == name);
            let is_new = of_name.and_then(|it| it.warned).is_none_or(|at| at <= again);
            if is_new && query::is_silent(ctx, of_name.and_then(|it| it.cosigned)) {
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
