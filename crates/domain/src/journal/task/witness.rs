//! Asking the witnesses that the policy names.

use kernel::{Role, Timestamp};
use tlog::{Answer, Signature, SignedCheckpoint, Submission, Tiles};

use super::super::{database::DatabaseLog, log::Letter, query, store as rows};
use crate::{
    Ctx, Refusal, area,
    notice::{self, NoticeKind, Recipient},
    organization,
};

/// Seconds after which offices are told again that a witness is silent.
const WARN_AGAIN_SECONDS: i64 = 86_400;
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
    Cosigned { signature: Signature, at: Timestamp },
    Failed(String),
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
                Said::Cosigned { at, .. } => rows::cosigned(tx, name, *at, size, ctx.now)?,
                Said::Failed(reason) => rows::not_cosigned(tx, name, ctx.now, reason)?,
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
            Said::Failed(_) => None,
        }
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
        let answer = reply
            .and_then(|it_was| it.submission.answer(it_was.status, &it_was.body).map_err(|e| e.to_string()));
        match answer {
            Ok(Answer::Again { .. }) => open.push(it),
            Ok(Answer::Cosigned { signature, time }) => {
                let micros = i64::try_from(time).unwrap_or(i64::MAX).saturating_mul(1_000_000);
                said.push((it.name, Said::Cosigned { signature, at: Timestamp::from_micros(micros) }));
            }
            Err(reason) => {
                tracing::warn!(witness = it.name, reason, "a witness did not cosign");
                said.push((it.name, Said::Failed(reason)));
            }
        }
    }
    Ok(open)
}

/// Tells the city's administrators and auditors of witnesses that are silent, once a day. Returns their names.
pub fn warn(ctx: &Ctx) -> Result<Vec<String>, Refusal> {
    let again = ctx.now.plus_seconds(-WARN_AGAIN_SECONDS);
    let policy = ctx.city.log.policy();
    if policy.witnesses().next().is_none() {
        return Ok(Vec::new());
    }
    ctx.write(|tx| {
        let mut silent = Vec::new();
        for it in rows::witnesses(tx)? {
            let is_named = policy.witnesses().any(|(name, _)| name == it.name);
            let is_new = it.warned.is_none_or(|at| at <= again);
            if is_named && is_new && query::is_silent(ctx, it.cosigned) {
                silent.push(it.name);
            }
        }
        if silent.is_empty() {
            return Ok(silent);
        }
        let Some(city) = area::city(tx)? else { return Ok(Vec::new()) };
        let offices = organization::nearest_offices(tx, &ROLES, &city.path, ctx.now)?;
        for name in &silent {
            for office in &offices {
                let recipient = Recipient::Office(office);
                notice::announce(tx, ctx, city.id, recipient, NoticeKind::WitnessSilent, name)?;
            }
            rows::warn(tx, name, ctx.now)?;
        }
        Ok(silent)
    })
}
