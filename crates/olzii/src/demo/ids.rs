//! Ids of a demo city: the same in every build from one seed.

use std::cell::RefCell;

use domain::Ids;
use kernel::Timestamp;
use parking_lot::Mutex;
use uuid::Uuid;

use super::chance::Chance;

/// Version 7 ids in order of their making. They repeat with the seed, secrets too: right for building a
/// demo city, wrong for serving anything.
pub struct SeededIds(Mutex<Sequence>);

struct Sequence {
    count: u64,
    chance: Chance,
}

thread_local! {
    /// The ids of what this thread makes by itself, apart from all others.
    static LANE: RefCell<Option<Sequence>> = const { RefCell::new(None) };
}

/// Where the counts of lanes begin, and how many ids each has.
const LANES: u64 = 1 << 33;
const LANE_IDS: u64 = 1 << 12;

impl SeededIds {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Sequence { count: 0, chance: Chance::new(seed, "ids") }))
    }

    /// Runs `work` with ids of its own on this thread: the same ones whichever thread it is, and whatever
    /// others make meanwhile.
    pub fn in_lane<T>(seed: u64, number: usize, work: impl FnOnce() -> T) -> T {
        let count = LANES + number as u64 * LANE_IDS;
        LANE.set(Some(Sequence { count, chance: Chance::of(seed, "lanes", number) }));
        let outcome = work();
        LANE.set(None);
        outcome
    }
}

impl Sequence {
    /// 48 bits of milliseconds, 34 bits that count, so that rows made together lie together in an
    /// index, and 40 bits of chance, which case numbers are made of.
    fn next(&mut self, now: Timestamp) -> Uuid {
        let count = self.count;
        self.count += 1;
        let mut bytes = [0; 10];
        // The builder overwrites the upper four bits of the first byte and two of the third.
        bytes[..2].copy_from_slice(&((count >> 22) as u16 & 0x0fff).to_be_bytes());
        bytes[2] = (count >> 16) as u8 & 0x3f;
        bytes[3..5].copy_from_slice(&(count as u16).to_be_bytes());
        self.chance.bytes(&mut bytes[5..]);
        uuid::Builder::from_unix_timestamp_millis((now.micros() / 1_000) as u64, &bytes).into_uuid()
    }
}

impl Ids for SeededIds {
    fn next(&self, now: Timestamp) -> Uuid {
        LANE.with_borrow_mut(|lane| match lane {
            Some(lane) => lane.next(now),
            None => self.0.lock().next(now),
        })
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        LANE.with_borrow_mut(|lane| match lane {
            Some(lane) => lane.chance.bytes(&mut secret),
            None => self.0.lock().chance.bytes(&mut secret),
        });
        secret
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_rise_and_repeat_with_the_seed() {
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let many = |seed| {
            let ids = SeededIds::new(seed);
            (0..70_000).map(|_| ids.next(now)).collect::<Vec<_>>()
        };
        let first = many(1);
        assert!(first.is_sorted());
        assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), first.len());
        assert!(first.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(first, many(1));
        assert_ne!(first, many(2));
    }
}
