//! What devices send: by their link alone, without an account.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    action::device_of,
    model::{
        BATCH_DAYS, BATCHES_MAX, Batch, COUNT_DAYS, COUNTS_MAX, Checkpoint, Count, DAY_HOURS, HOUR_DAYS_MAX,
        HOUR_SECONDS, LATE_DAYS, LOOKS_MAX, is_outcome,
    },
    store as rows,
};
use crate::{Ctx, Faults, Message, Refusal};

const MICROS: i64 = 1_000_000;
/// Seconds after which a device that sent too many batches may send again.
const RETRY_SECONDS: u64 = 600;

/// What became of a batch.
#[derive(Clone, Debug)]
pub struct Taken {
    pub checkpoint: Checkpoint,
    /// Number of the device.
    pub number: i64,
    /// It was not counted before.
    pub is_new: bool,
}

/// Counts what a device sends, once. A batch without counts only says that the device is there, and learns how its
/// checkpoint stands.
///
/// # Errors
/// `NotFound` for a link that is not ours, was taken away, or of a checkpoint that is long over.
pub fn take(ctx: &Ctx, token: &str, batch: &Batch) -> Result<Taken, Refusal> {
    let id = device_of(&ctx.city, token)?;
    ctx.write(|tx| {
        let device = rows::device(tx, id)?.filter(|it| it.ended_at.is_none()).ok_or(Refusal::NotFound)?;
        let checkpoint = rows::by_id(tx, device.checkpoint)?.ok_or(Refusal::NotFound)?;
        if ctx.now > checkpoint.end().plus_seconds(LATE_DAYS * DAY_HOURS * HOUR_SECONDS) {
            return Err(Refusal::NotFound);
        }
        let counts = counts(ctx, &checkpoint, batch)?;
        let is_new = batch.counts.is_empty() || rows::insert_batch(tx, &device, batch.id, ctx.now)? > 0;
        if is_new && !counts.is_empty() {
            // A link that is out of hand fills neither the counts nor the list of batches.
            let since = ctx.now.plus_seconds(-HOUR_SECONDS);
            if rows::batches_since(tx, &device, since)? > BATCHES_MAX {
                return Err(Refusal::TooMany { retry_after_seconds: RETRY_SECONDS });
            }
            for count in &counts {
                rows::add(tx, &checkpoint, count)?;
            }
        }
        rows::heard(tx, &device, ctx.now)?;
        Ok(Taken { checkpoint, number: device.number, is_new })
    })
}

/// What is counted of a batch. A device whose clock is wrong loses no look by it, nor one that went on after the end: an hour
/// that cannot be is taken for the nearest that can, and nothing is lost because one line of many is late.
fn counts(ctx: &Ctx, checkpoint: &Checkpoint, batch: &Batch) -> Result<Vec<Count>, Refusal> {
    let mut faults = Faults::default();
    if batch.counts.len() > COUNTS_MAX {
        faults.add("counts", Message::new("fault-range").with("min", 0).with("max", COUNTS_MAX));
    }
    let hour_of = |at: kernel::Timestamp| at.micros().div_euclid(HOUR_SECONDS * MICROS);
    let (now, opened) = (hour_of(ctx.now), hour_of(checkpoint.opened_at));
    let first = opened.max(now - HOUR_DAYS_MAX * DAY_HOURS);
    let last = now.min(hour_of(checkpoint.end())).max(first);
    let mut seen = BTreeSet::new();
    let mut of_hour: BTreeMap<i64, i64> = BTreeMap::new();
    for count in batch.counts.iter().take(COUNTS_MAX) {
        let whole = of_hour.entry(count.hour).or_default();
        *whole = whole.saturating_add(count.looks);
        if !(1..=LOOKS_MAX).contains(&count.looks) || *whole > LOOKS_MAX {
            faults.add("looks", Message::new("fault-range").with("min", 1).with("max", LOOKS_MAX));
        }
        if !is_outcome(&count.outcome) || !seen.insert((count.hour, &count.outcome)) {
            faults.add("outcome", Message::new("fault-choice"));
        }
    }
    faults.check()?;
    let within = |it: &Count| Count { hour: it.hour.clamp(first, last), ..it.clone() };
    Ok(batch.counts.iter().map(within).collect())
}

/// Forgets which batches came, once no device may send their hours, and counts whose time is over. Rows changed.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    let before = |days: i64| ctx.now.plus_seconds(-days * DAY_HOURS * HOUR_SECONDS);
    ctx.write(|tx| {
        let hour = before(COUNT_DAYS).micros().div_euclid(HOUR_SECONDS * MICROS);
        Ok(rows::forget_batches(tx, before(BATCH_DAYS))? + rows::forget_counts(tx, hour)?)
    })
}
