//! What devices send: by their link alone, without an account.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Timestamp;
use store::Tx;

use super::{
    action::device_of,
    model::{
        ACCEPTED, BATCHES_MAX, Batch, COUNTS_MAX, Checkpoint, Count, DAY_HOURS, Device, HOUR_DAYS_MAX,
        HOUR_SECONDS, LATE_DAYS, LOOKS_MAX, Tone, outcome, tone,
    },
    store as rows,
};
use crate::{Ctx, Faults, Message, Refusal, area};

const MICROS: i64 = 1_000_000;
/// Seconds after which a device that sent too many batches may send again.
const RETRY_SECONDS: u64 = 600;

/// What became of a batch.
#[derive(Clone, Debug)]
pub struct Taken {
    pub checkpoint: Checkpoint,
    /// Number of the device.
    pub number: i64,
    /// When the device has nothing more to count: the checkpoint's end, or when its link was taken away.
    pub end: Timestamp,
    /// It was not counted before.
    pub is_new: bool,
}

/// Counts what a device sends, once. A batch without counts only says that the device is there, and learns how its
/// checkpoint stands.
///
/// # Errors
/// `NotFound` for a link that is not ours, was taken away, or of a checkpoint that is long over. What was counted before a
/// link was taken away is taken for some days more.
pub fn take(ctx: &Ctx, token: &str, batch: &Batch) -> Result<Taken, Refusal> {
    let id = device_of(&ctx.city, token)?;
    ctx.write(|tx| {
        let device = rows::device(tx, id)?.ok_or(Refusal::NotFound)?;
        let checkpoint = rows::by_id(tx, device.checkpoint)?.ok_or(Refusal::NotFound)?;
        let end = device.ended_at.map_or(checkpoint.end(), |at| at.min(checkpoint.end()));
        let is_before = |it: &Count| it.hour <= hour_of(end);
        if ctx.now > late(end) || (device.ended_at.is_some() && !batch.counts.iter().any(is_before)) {
            return Err(Refusal::NotFound);
        }
        let counts = counts(ctx, &checkpoint, &device, batch)?;
        // Longer than any is taken, so that none counts twice however late it is sent again.
        let forget_at = late(checkpoint.ends_at).plus_seconds(DAY_HOURS * HOUR_SECONDS);
        let hour = hour_of(ctx.now);
        let is_new =
            batch.counts.is_empty() || rows::insert_batch(tx, &device, batch.id, hour, forget_at)? > 0;
        if is_new && !counts.is_empty() {
            // A link that is out of hand fills neither the counts nor the list of batches.
            if rows::batches_of_hour(tx, &device, hour)? > BATCHES_MAX {
                return Err(Refusal::TooMany { retry_after_seconds: RETRY_SECONDS });
            }
            add(tx, &checkpoint, &counts, forget_at)?;
        }
        if device.ended_at.is_none() {
            rows::heard(tx, &device, ctx.now)?;
        }
        Ok(Taken { checkpoint, number: device.number, end, is_new })
    })
}

fn late(end: Timestamp) -> Timestamp {
    end.plus_seconds(LATE_DAYS * DAY_HOURS * HOUR_SECONDS)
}

pub(super) fn hour_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(HOUR_SECONDS * MICROS)
}

/// The day in which an hour lies.
fn day_of(hour: i64) -> i64 {
    Timestamp::from_micros(hour.saturating_mul(HOUR_SECONDS * MICROS)).day()
}

/// By colour to the hours of the gate, by reason to the days of its county. In order, so that two batches wait for each
/// other in turn at most.
fn add(tx: &mut Tx<'_>, to: &Checkpoint, counts: &[Count], forget_at: Timestamp) -> Result<(), Refusal> {
    let mut hours: BTreeMap<(i64, Tone), i64> = BTreeMap::new();
    let mut days: BTreeMap<(i64, &str), i64> = BTreeMap::new();
    for it in counts {
        *hours.entry((it.hour, tone(&it.outcome))).or_default() += it.looks;
        if it.outcome != ACCEPTED {
            *days.entry((day_of(it.hour), it.outcome.as_str())).or_default() += it.looks;
        }
    }
    for (hour, looks) in hours {
        rows::add(tx, to, hour, looks, forget_at)?;
    }
    if days.is_empty() {
        return Ok(());
    }
    let county = area::place_by_id(tx, to.county)?.ok_or(Refusal::NotFound)?;
    for (day, looks) in days {
        rows::add_reason(tx, to, &county.path, day, looks, forget_at)?;
    }
    Ok(())
}

/// What is counted of a batch. A device whose clock is wrong loses no look by it, nor one that went on after the end: an hour
/// that cannot be is taken for the nearest that can, and nothing is lost because one line of many is late. Of a link that was
/// taken away nothing later is taken: whoever has it now may not be who had it then.
fn counts(ctx: &Ctx, checkpoint: &Checkpoint, device: &Device, batch: &Batch) -> Result<Vec<Count>, Refusal> {
    let mut faults = Faults::default();
    if batch.counts.len() > COUNTS_MAX {
        faults.add("counts", Message::new("fault-range").with("min", 0).with("max", COUNTS_MAX));
    }
    let (now, opened) = (hour_of(ctx.now), hour_of(checkpoint.opened_at));
    let first = opened.max(now - HOUR_DAYS_MAX * DAY_HOURS);
    let last = now.min(hour_of(checkpoint.end())).max(first);
    let mut seen = BTreeSet::new();
    let mut of_hour: BTreeMap<i64, i64> = BTreeMap::new();
    let mut taken = Vec::new();
    for count in batch.counts.iter().take(COUNTS_MAX) {
        let whole = of_hour.entry(count.hour).or_default();
        *whole = whole.saturating_add(count.looks);
        if !(1..=LOOKS_MAX).contains(&count.looks) || *whole > LOOKS_MAX {
            faults.add("looks", Message::new("fault-range").with("min", 1).with("max", LOOKS_MAX));
        }
        let known = outcome(&count.outcome).filter(|_| seen.insert((count.hour, &count.outcome)));
        let Some(outcome) = known else {
            faults.add("outcome", Message::new("fault-choice"));
            continue;
        };
        if device.ended_at.is_none_or(|at| count.hour <= hour_of(at)) {
            let hour = count.hour.clamp(first, last);
            taken.push(Count { hour, outcome: outcome.to_owned(), looks: count.looks });
        }
    }
    faults.check()?;
    Ok(taken)
}

/// Forgets which batches came, once no device may send them again, and with them all that was counted. Rows changed.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    ctx.write(|tx| Ok(rows::forget(tx, ctx.now)?))
}
