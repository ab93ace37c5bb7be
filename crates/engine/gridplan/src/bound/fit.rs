use std::collections::BTreeSet;

use crate::{band::Band, map::Map};

/// Sets of atoms that are looked at for one atom.
const SETS_MAX: u32 = 20_000;

/// Whether an atom can lie in a grid in the band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// A connected set with it is in the band. Whether the others can be divided then is not said.
    Possible,
    /// No connected set of atoms of its piece with it is in the band. `nearest` is the total of one that misses it by
    /// the least.
    Never { nearest: u64 },
    /// There are too many sets to look at.
    Unknown,
}

/// Looks at every connected set of atoms of the piece that holds `atom` and does not exceed the band.
///
/// Proof that `Never` is true. Any grid with `atom` is a connected set; call it S and let it be in the band. Build S
/// atom by atom, connected at every step: all totals on the way are at most `high`, so the search, which leaves out
/// only sets above `high`, comes to a set with the total of S. Empty atoms beside a set are taken in at once: they
/// change no total and only add neighbours, so every total that can be had without them can be had with them.
/// The nearest total above the band is that of a set within it and one more atom, because totals rise on the way.
pub(crate) fn fit(map: &Map, band: Band, piece: &BTreeSet<usize>, atom: usize) -> Fit {
    let mut search = Search { map, band, piece, left: SETS_MAX, nearest: None };
    let mut set = BTreeSet::new();
    let total = search.take(&mut set, atom);
    match search.grow(&set, total, &BTreeSet::new()) {
        Some(true) => Fit::Possible,
        Some(false) => Fit::Never { nearest: search.nearest.unwrap_or(total) },
        None => Fit::Unknown,
    }
}

struct Search<'a> {
    map: &'a Map,
    band: Band,
    piece: &'a BTreeSet<usize>,
    left: u32,
    nearest: Option<u64>,
}

impl Search<'_> {
    /// True when a set in the band is found that holds `set` and nothing of `without`; `None` when there are too many.
    fn grow(&mut self, set: &BTreeSet<usize>, total: u64, without: &BTreeSet<usize>) -> Option<bool> {
        self.left = self.left.checked_sub(1)?;
        if self.nearest.is_none_or(|nearest| self.band.beyond(total) < self.band.beyond(nearest)) {
            self.nearest = Some(total);
        }
        if self.band.holds(total) {
            return Some(true);
        }
        if total > self.band.high {
            return Some(false);
        }
        let mut without = without.clone();
        let beside: BTreeSet<usize> = set.iter().flat_map(|atom| self.beside(*atom)).collect();
        for next in beside {
            if set.contains(&next) || without.contains(&next) {
                continue;
            }
            let mut larger = set.clone();
            let more = self.take(&mut larger, next);
            if self.grow(&larger, total + more, &without)? {
                return Some(true);
            }
            without.insert(next);
        }
        Some(false)
    }

    /// Puts an atom into the set with all the empty ones that it then touches; its households.
    fn take(&self, set: &mut BTreeSet<usize>, atom: usize) -> u64 {
        let mut open = vec![atom];
        while let Some(next) = open.pop() {
            if set.insert(next) {
                let is_empty = |other: &usize| self.map.households(*other) == 0 && !set.contains(other);
                open.extend(self.beside(next).filter(is_empty));
            }
        }
        u64::from(self.map.households(atom))
    }

    fn beside(&self, atom: usize) -> impl Iterator<Item = usize> {
        self.map.sides(atom).iter().map(|side| side.neighbour).filter(|other| self.piece.contains(other))
    }
}
