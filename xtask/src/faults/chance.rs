//! Chance from a seed: the same seed gives the same cycles, ids and moments.

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and good enough to choose moments and ids.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// A stream of its own for each `purpose` of a seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mixed = purpose.bytes().fold(seed, |state, byte| Self(state ^ u64::from(byte)).next());
        Self(mixed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// A random UUID (version 4, RFC 9562) as text.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_ids_again_and_another_purpose_gives_others() {
        let ids = |purpose| {
            let mut chance = Chance::new(7, purpose);
            (0..1_000).map(|_| chance.uuid()).collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(ids("kill").len(), 1_000);
        assert_eq!(ids("kill"), ids("kill"));
        assert!(ids("kill").is_disjoint(&ids("power")));
        assert!(ids("kill").iter().all(|id| id.len() == 36 && id.as_bytes()[14] == b'4'));
        let mut chance = Chance::new(7, "moments");
        assert!((0..1_000).map(|_| chance.between(3, 5)).all(|number| (3..=5).contains(&number)));
    }
}
