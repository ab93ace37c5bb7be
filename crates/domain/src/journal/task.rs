//! Sealing: what waits gets its place in the log, the whole is signed, witnesses are asked, the result is shown.

mod forget;
mod repair;
mod succession;
mod witness;

pub use forget::forget;
pub(super) use forget::{Forgotten, RETENTION_SECONDS};
pub use repair::{Repair, repair};
pub use succession::{Succession, SuccessionError, succeed};
pub use witness::{alarm, warn};

use std::sync::Arc;

use ::store::StoreError;
use tlog::{
    AppendError, Checkpoint, Failure, Fault, JudgeError, Log, OpenError, ProveError, PublishError, Signature,
    SignedCheckpoint, Tiles, TilesError,
};

use super::{
    database::{DatabaseLog, Shown, Waiting},
    rule::{Salt, is_own_statement, leaf},
    store as rows,
};
use crate::{City, Ctx, Refusal};

/// Entries that get their places in one transaction: on SQLite other writers wait for it.
const BATCH: usize = 256;
/// Entries of one round. What is beyond comes in the next, after the checkpoint of these was shown.
const ROUND_ENTRIES_MAX: usize = 16_384;
/// Entries that a round looks at, so that many that get no place hold up none of those behind them for long.
const ROUND_LOOKED_MAX: usize = 65_536;

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Entries that got their places.
    pub sealed: usize,
    /// Entries that get none: this city did not write them, or they were changed since.
    pub refused: usize,
    /// There is more to seal at once.
    pub is_cut_short: bool,
    /// Another process seals at the same time, and shows what comes of it.
    pub is_overtaken: bool,
    /// The checkpoint is shown; if not, and nobody was faster, witnesses are missing.
    pub is_published: bool,
}

/// One round. To be run at least once a minute; several processes may run it at the same time.
///
/// # Errors
/// `Broken` where the log is not what was signed before: nothing more is signed until somebody has looked.
pub fn seal(city: &Arc<City>) -> Result<Round, Refusal> {
    let ctx = Ctx::system(city.clone());
    let outcome = round(&ctx);
    city.log.note(ctx.now, &outcome);
    outcome
}

fn round(ctx: &Ctx) -> Result<Round, Refusal> {
    let store = DatabaseLog::new(&ctx.city, ctx.now);
    // The memory first: the log may grow meanwhile, and what was signed last is then not its end.
    let last = last(ctx)?;
    let log = open(ctx, &store, last.as_ref())?;
    compare_with_memory(ctx, &log, last.as_ref())?;
    compare_with_witness(ctx, &log)?;
    let mut round = append(ctx, &log)?;
    if !round.is_overtaken {
        state(ctx, &log, &mut round)?;
    }
    if round.is_overtaken {
        // What is held here is older than what the other signs for.
        return Ok(round);
    }
    let is_published = publish(ctx, &log)?;
    Ok(Round { is_published, ..round })
}

/// The log as its head says, checked at its right edge.
fn open<'a>(
    ctx: &Ctx,
    store: &'a DatabaseLog,
    last: Option<&Checkpoint>,
) -> Result<Log<&'a DatabaseLog>, Refusal> {
    let key = ctx.city.log.key()?;
    let former = ctx.city.log.former(key.verifier());
    match Log::open_after(store, key, former) {
        Ok(log) => Ok(log),
        Err(OpenError::Missing) => begin(ctx, store, last),
        Err(OpenError::Store(error)) => Err(error.into()),
        Err(OpenError::Tiles(error)) => Err(of_tiles(error)),
        Err(
            error @ (OpenError::Bundle { .. }
            | OpenError::BundleMissing(_)
            | OpenError::Root { .. }
            | OpenError::Entry { .. }),
        ) => Err(damaged(&error)),
        Err(error) => Err(Refusal::Broken(format!("the log: {error}"))),
    }
}

/// What is made of the rows can be made of them again.
pub(super) fn damaged(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::Broken(format!(
        "the log: {error}; `olzii repair-log` makes its files anew of the journal's rows"
    ))
}

/// Begins the log, if there never was one.
fn begin<'a>(
    ctx: &Ctx,
    store: &'a DatabaseLog,
    last: Option<&Checkpoint>,
) -> Result<Log<&'a DatabaseLog>, Refusal> {
    let log = &ctx.city.log;
    let gone = |what: String| Err(Refusal::Broken(format!("the log is gone from the database: {what}")));
    if let Some(last) = last {
        return gone(format!(
            "it was signed for {} entries; bring back a newer copy, or see `olzii succeed-log`",
            last.size
        ));
    }
    let (heads, is_any_placed) = ctx.read(|tx| Ok((rows::heads(tx)?, rows::is_any_placed(tx)?)))?;
    if let Some(other) = heads.first() {
        let (held, own) = (&other.origin, log.origin());
        return gone(format!("it holds the log {held}, and the key is that of {own}; bring back log.key"));
    }
    if is_any_placed {
        return gone("entries of the journal have places in it; bring back a backup".to_owned());
    }
    let mut after = None;
    while adopt(ctx, &mut after)? {}
    match Log::create(store, log.key()?) {
        Ok(log) => Ok(log),
        Err(OpenError::Store(error)) => Err(error.into()),
        Err(error) => Err(Refusal::Unavailable(format!("the log: {error}"))),
    }
}

/// Entries from before there was a log get what they will be sealed by: those of a page behind `after`, in one
/// transaction. False behind the last.
fn adopt(ctx: &Ctx, after: &mut Option<rows::After>) -> Result<bool, Refusal> {
    let next = ctx.write(|tx| {
        let page = rows::waiting(tx, *after, BATCH as i64)?;
        for it in page.iter().filter(|it| it.commitment.is_none()) {
            let salt = Salt::new(&ctx.city.key, &ctx.city.ids.secret(), &it.record);
            rows::adopt(tx, it, &salt, &salt.open(&it.record).commitment())?;
        }
        Ok(page.last().map(rows::Sealed::place))
    })?;
    *after = next;
    Ok(next.is_some())
}

/// What is wrong where something was shown and nothing is remembered.
pub(super) const MEMORY_GONE: &str = "what was signed last is not remembered (log.signed is missing), though a checkpoint was shown: bring \
    it back, or put a checkpoint there that a witness or a mirror remembers";

/// What was signed last, as the memory beside the database has it.
pub(super) fn last(ctx: &Ctx) -> Result<Option<Checkpoint>, Refusal> {
    let log = &ctx.city.log;
    let unavailable = |error: std::io::Error| Refusal::Unavailable(format!("what was signed last: {error}"));
    let Some(bytes) = log.memory.last().map_err(unavailable)? else { return Ok(None) };
    let signed = log.identity().open(&bytes);
    let signed = signed.map_err(|error| Refusal::Broken(format!("what was signed last: {error}")))?;
    Ok(Some(signed.checkpoint))
}

/// The log begins with all that was ever signed; if not, nothing more is.
fn compare_with_memory(ctx: &Ctx, log: &Log<&DatabaseLog>, last: Option<&Checkpoint>) -> Result<(), Refusal> {
    let Some(last) = last else { return must_be_unshown(ctx) };
    let size = log.head().checkpoint.size;
    let broken = |fault: Fault| Err(Refusal::Broken(format!("the log in the database: {fault}")));
    if last.size > size {
        return broken(Fault::RolledBack { size, known: last.size });
    }
    let root = tlog::root(&Tiles { source: log.store(), size }, last.size);
    let computed = root.map_err(of_nodes)?;
    if computed != last.root {
        return broken(Fault::Rewritten { size: last.size, computed, stated: last.root });
    }
    Ok(())
}

/// The same with what a witness turned out to hold, until the log in the database continues it.
fn compare_with_witness(ctx: &Ctx, log: &Log<&DatabaseLog>) -> Result<(), Refusal> {
    let Some((held, reason)) = ctx.city.log.fork.lock().clone() else { return Ok(()) };
    match compare_with_memory(ctx, log, Some(&held)) {
        Err(Refusal::Broken(_)) => Err(Refusal::Broken(reason)),
        compared => compared,
    }
}

/// What is shown is remembered first: a memory that is not there was taken away.
fn must_be_unshown(ctx: &Ctx) -> Result<(), Refusal> {
    let (heads, shown) = ctx.read(|tx| Ok((rows::heads(tx)?, Shown::read(tx, &ctx.city.log)?)))?;
    let is_shown = shown.is_own || heads.iter().any(|it| it.published.is_some());
    // Another process may have signed and shown the first one since the memory was asked.
    match is_shown && last(ctx)?.is_none() {
        true => Err(Refusal::Broken(MEMORY_GONE.to_owned())),
        false => Ok(()),
    }
}

/// Why the log cannot be read: a database that does not answer is no log that was changed.
pub(super) fn of_tiles(error: TilesError<StoreError>) -> Refusal {
    match error {
        TilesError::Source { error, .. } => error.into(),
        error => damaged(&error),
    }
}

pub(super) fn of_nodes(error: ProveError<TilesError<StoreError>>) -> Refusal {
    match error {
        ProveError::Nodes(error) => of_tiles(error),
        error => Refusal::Broken(format!("the log: {error}")),
    }
}

fn append(ctx: &Ctx, log: &Log<&DatabaseLog>) -> Result<Round, Refusal> {
    let mut round = Round::default();
    let mut after = ctx.city.log.looked.lock().take();
    loop {
        let page = ctx.read(|tx| Ok(rows::waiting(tx, after, BATCH as i64)?))?;
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        let (sound, unsound): (Vec<_>, Vec<_>) = page.into_iter().partition(|it| is_sound(ctx, it));
        round.refused += unsound.len();
        let count = sound.len();
        let leaves = sound.iter().filter_map(|it| it.commitment.as_deref().map(leaf)).collect();
        log.store().next(sound.into_iter().map(|it| Waiting::Entry(Box::new(it))).collect());
        match log.append_all(leaves) {
            Ok(_) => round.sealed += count,
            Err(AppendError::Stopped(failure)) if matches!(*failure, Failure::Conflict) => {
                round.is_overtaken = true;
                break;
            }
            Err(error) => return Err(Refusal::Unavailable(format!("the log takes no entries: {error}"))),
        }
        if round.sealed >= ROUND_ENTRIES_MAX {
            round.is_cut_short = true;
            break;
        }
        if round.sealed + round.refused >= ROUND_LOOKED_MAX {
            // The next round goes on here, and the one that finds the end begins anew.
            *ctx.city.log.looked.lock() = after;
            break;
        }
    }
    if round.refused > 0 {
        tracing::error!(
            entries = round.refused,
            "entries of the journal get no place in the log: they were put in or changed by somebody who has the database; see `olzii doctor`"
        );
    }
    Ok(round)
}

/// Gives the public statements that wait their places. There are some dozens a day.
fn state(ctx: &Ctx, log: &Log<&DatabaseLog>, round: &mut Round) -> Result<(), Refusal> {
    let mut after = None;
    loop {
        let page = ctx.read(|tx| Ok(rows::statements(tx, after, BATCH as i64)?))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.at, last.id));
        let (own, foreign): (Vec<_>, Vec<_>) =
            page.into_iter().partition(|it| is_own_statement(&ctx.city.key, it.id, &it.entry, &it.mark));
        round.refused += foreign.len();
        let count = own.len();
        let leaves = own.iter().map(|it| it.entry.clone()).collect();
        log.store().next(own.into_iter().map(Waiting::Statement).collect());
        match log.append_all(leaves) {
            Ok(_) => round.sealed += count,
            Err(AppendError::Stopped(failure)) if matches!(*failure, Failure::Conflict) => {
                round.is_overtaken = true;
                return Ok(());
            }
            Err(error) => return Err(Refusal::Unavailable(format!("the log takes no entries: {error}"))),
        }
    }
}

/// Whether this city wrote the entry, and nobody changed it since.
pub(super) fn is_sound(ctx: &Ctx, it: &rows::Sealed) -> bool {
    let Some((salt, commitment)) = it.salt.as_ref().zip(it.commitment.as_deref()) else { return false };
    salt.is_of(&ctx.city.key, &it.record) && salt.open(&it.record).commitment() == commitment
}

/// Shows the head to everybody, as soon as those have cosigned whom the policy asks for. What is shown has been
/// remembered.
fn publish(ctx: &Ctx, log: &Log<&DatabaseLog>) -> Result<bool, Refusal> {
    let head = log.head();
    let kept = ctx.city.log.memory.keep(head.note.to_string().as_bytes());
    let unavailable = |error| Refusal::Unavailable(format!("what was signed cannot be remembered: {error}"));
    if !kept.map_err(unavailable)? {
        // Another process was faster, and shows more.
        return Ok(true);
    }
    let mut showing = Showing { ctx, log, head: &head, cosignatures: Vec::new(), shown_with: None };
    showing.show_if_enough()?;
    witness::ask(ctx, log.store(), &head, |cosignature| {
        showing.cosignatures.push(cosignature);
        if showing.shown_with.is_none() { showing.show_if_enough() } else { Ok(()) }
    })?;
    match showing.shown_with {
        None => tracing::warn!("the checkpoint is not shown until enough witnesses cosign"),
        // Those who came after it was shown stand under it too.
        Some(count) if count < showing.cosignatures.len() => showing.show_if_enough()?,
        Some(_) => {}
    }
    Ok(showing.shown_with.is_some())
}

/// A head on its way to everybody.
struct Showing<'a, 'store> {
    ctx: &'a Ctx,
    log: &'a Log<&'store DatabaseLog>,
    head: &'a SignedCheckpoint,
    cosignatures: Vec<Signature>,
    /// How many of them stand under it where it is shown.
    shown_with: Option<usize>,
}

impl Showing<'_, '_> {
    fn show_if_enough(&mut self) -> Result<(), Refusal> {
        let mut note = self.head.note.clone();
        self.cosignatures.iter().for_each(|it| note.add(it.clone()));
        match self.ctx.city.log.policy().judge(note.to_string().as_bytes()) {
            Ok(_) => {}
            Err(JudgeError::NoQuorum { .. }) => return Ok(()),
            Err(error) => return Err(Refusal::Broken(error.to_string())),
        }
        match self.log.publish(self.head, self.cosignatures.clone()) {
            Ok(None) => {}
            Ok(Some(error)) => {
                tracing::error!(%error, "the published checkpoint could not be read and was replaced")
            }
            // Another process was faster, and what it shows is newer.
            Err(PublishError::Older { .. }) => {}
            Err(PublishError::Store(error)) => return Err(error.into()),
            Err(error) => return Err(Refusal::Broken(format!("the published checkpoint: {error}"))),
        }
        self.shown_with = Some(self.cosignatures.len());
        Ok(())
    }
}
