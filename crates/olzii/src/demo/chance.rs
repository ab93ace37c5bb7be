//! Chance from a seed: the same seed and stream give the same choices on every machine, today and after
//! any change of the library's own sampling, which is why numbers are drawn here from raw words.

use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

pub struct Chance(ChaCha8Rng);

impl Chance {
    /// One of many independent streams of a seed; `name` has at most 24 bytes.
    pub fn new(seed: u64, name: &str) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..8 + name.len()].copy_from_slice(name.as_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The part of a named stream that belongs to the thing of this number alone.
    pub fn of(seed: u64, name: &str, number: usize) -> Self {
        let mut chance = Self::new(seed, name);
        chance.0.set_stream(number as u64);
        chance
    }

    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub fn bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// 0 to `end`, without `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.word()) * end as u128) >> 64) as usize
    }

    /// 0 to 1, without 1.
    pub fn fraction(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From `low` up to but not including `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }

    pub fn seconds(&mut self, low: i64, high: i64) -> i64 {
        self.between(low as f64, high as f64) as i64
    }

    /// True in `share` of all times.
    pub fn happens(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// One of a list that is not empty, those in front far more often.
    pub fn pick_common<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let depth = self.fraction() * self.fraction();
        &list[(depth * list.len() as f64) as usize]
    }
}
