use std::{cmp::Reverse, collections::BinaryHeap};

use super::ground::Ground;
use crate::random::Random;

/// Ways to halve a part that are tried, of which the best is taken: more of them where parts are small.
const WAYS_MIN: usize = 4;
const WAYS_MAX: usize = 24;
/// Atoms that all ways of one part may look at.
const WAYS_ATOMS: usize = 6_000;

/// Divides the ground into `count` connected grids of about the same households, by halving again and again. There
/// are at least as many atoms.
///
/// A part is halved between two atoms `a` and `b` that lie far from each other: atoms stand in the order of
/// `d(a, ·) − d(b, ·)` along paths in the part, and the first take the households of half the grids. The first half is
/// connected: every atom on a shortest path from `a` to one of its atoms stands before that atom. Of the rest, all but
/// the heaviest connected piece go over to the first half, to which they are joined, since the whole is connected.
pub(crate) fn start(ground: &Ground, count: usize, random: &mut Random) -> Vec<u32> {
    let mut grid = vec![0; ground.len()];
    let mut halver = Halver { ground, part: vec![u32::MAX; ground.len()], rounds: 0 };
    let mut open = vec![((0..ground.len() as u32).collect::<Vec<_>>(), 0, count)];
    while let Some((atoms, first, count)) = open.pop() {
        if count <= 1 {
            for atom in atoms {
                grid[atom as usize] = first;
            }
            continue;
        }
        let fewer = if count % 2 == 1 && random.below(2) == 1 { count.div_ceil(2) } else { count / 2 };
        let (one, other, fewer) = halver.halve(&atoms, fewer, count, random);
        open.push((one, first, fewer));
        open.push((other, first + fewer as u32, count - fewer));
    }
    grid
}

struct Halver<'a> {
    ground: &'a Ground,
    /// The number of the round in which an atom was last in the part.
    part: Vec<u32>,
    rounds: u32,
}

struct Half {
    is_first: Vec<bool>,
    cost: f64,
}

impl Halver<'_> {
    /// Two connected parts, with atoms enough for `fewer` and `count - fewer` grids; how many the first is for.
    fn halve(
        &mut self,
        atoms: &[u32],
        fewer: usize,
        count: usize,
        random: &mut Random,
    ) -> (Vec<u32>, Vec<u32>, usize) {
        let mut best: Option<Half> = None;
        let ways = (WAYS_ATOMS / atoms.len()).clamp(WAYS_MIN, WAYS_MAX);
        for way in 0..ways {
            let any = atoms[random.below(atoms.len())];
            // The farthest ends are few and always the same; from any atom outwards there are other halves.
            let half = self.between(atoms, any, way % 2 == 0, fewer, count);
            if let Some(half) = half
                && best.as_ref().is_none_or(|best| half.cost < best.cost)
            {
                best = Some(half);
            }
        }
        let (is_first, fewer) = match best {
            Some(half) => (half.is_first, fewer),
            None => (self.last_atom(atoms), 1),
        };
        let pick = |first: bool| {
            atoms.iter().zip(&is_first).filter(|(_, is)| **is == first).map(|(atom, _)| *atom).collect()
        };
        (pick(true), pick(false), fewer)
    }

    /// From the atom farthest from `any`, or from `any` itself, to the one farthest from there.
    fn between(
        &mut self,
        atoms: &[u32],
        any: u32,
        from_end: bool,
        fewer: usize,
        count: usize,
    ) -> Option<Half> {
        self.enter(atoms);
        let far = |distances: &[f64]| {
            let place = (0..atoms.len()).max_by(|one, other| distances[*one].total_cmp(&distances[*other]));
            atoms[place.unwrap_or(0)]
        };
        let one = if from_end { far(&self.distances(atoms, any)) } else { any };
        let from_one = self.distances(atoms, one);
        let from_other = self.distances(atoms, far(&from_one));
        let mut order: Vec<usize> = (0..atoms.len()).collect();
        let rank = |place: usize| from_one[place] - from_other[place];
        order.sort_by(|a, b| {
            rank(*a).total_cmp(&rank(*b)).then(from_one[*a].total_cmp(&from_one[*b])).then(a.cmp(b))
        });
        let households: i64 = atoms.iter().map(|atom| self.ground.households(*atom)).sum();
        let wanted = households as f64 * fewer as f64 / count as f64;
        let mut sum = 0;
        let mut taken = 0;
        for place in &order[..atoms.len() - (count - fewer)] {
            let load = self.ground.households(atoms[*place]);
            if taken >= fewer && (sum + load) as f64 - wanted > wanted - sum as f64 {
                break;
            }
            sum += load;
            taken += 1;
        }
        let mut is_first = vec![false; atoms.len()];
        for place in &order[..taken] {
            is_first[*place] = true;
        }
        self.join_pieces(atoms, &mut is_first, true);
        self.join_pieces(atoms, &mut is_first, false);
        let first = is_first.iter().filter(|is| **is).count();
        (first >= fewer && atoms.len() - first >= count - fewer).then(|| {
            let cost = self.cost(atoms, &is_first, wanted);
            Half { is_first, cost }
        })
    }

    /// Only the heaviest connected piece of a half stays in it.
    fn join_pieces(&self, atoms: &[u32], is_first: &mut [bool], half: bool) {
        let mut piece = vec![usize::MAX; atoms.len()];
        let mut weights: Vec<(i64, usize)> = Vec::new();
        for place in 0..atoms.len() {
            if is_first[place] != half || piece[place] != usize::MAX {
                continue;
            }
            let number = weights.len();
            let mut weight = (0, 0);
            let mut stack = vec![place];
            piece[place] = number;
            while let Some(place) = stack.pop() {
                weight = (weight.0 + self.ground.households(atoms[place]), weight.1 + 1);
                for side in self.ground.near(atoms[place]) {
                    if let Some(next) = self.place(atoms, side.atom)
                        && is_first[next] == half
                        && piece[next] == usize::MAX
                    {
                        piece[next] = number;
                        stack.push(next);
                    }
                }
            }
            weights.push(weight);
        }
        let heaviest = (0..weights.len()).max_by_key(|number| (weights[*number], Reverse(*number)));
        for place in 0..atoms.len() {
            if is_first[place] == half && Some(piece[place]) != heaviest {
                is_first[place] = !half;
            }
        }
    }

    /// A half that misses its households is dear; then the shorter border wins.
    fn cost(&self, atoms: &[u32], is_first: &[bool], wanted: f64) -> f64 {
        let mut border = 0.0;
        let mut households = 0;
        for (place, atom) in atoms.iter().enumerate().filter(|(place, _)| is_first[*place]) {
            households += self.ground.households(*atom);
            for side in self.ground.near(*atom) {
                if self.place(atoms, side.atom).is_some_and(|other| !is_first[other] && other != place) {
                    border += side.cost;
                }
            }
        }
        let missed = (households as f64 - wanted).abs() / self.ground.rules[0].target;
        10.0 * (missed - self.ground.rules[0].tolerance / 2.0).max(0.0) + border
    }

    /// The atom found last from the first one: the others stay connected without it.
    fn last_atom(&mut self, atoms: &[u32]) -> Vec<bool> {
        self.enter(atoms);
        let mut found = vec![false; atoms.len()];
        let mut queue = vec![0];
        found[0] = true;
        let mut next = 0;
        while let Some(&place) = queue.get(next) {
            next += 1;
            for side in self.ground.near(atoms[place]) {
                if let Some(other) = self.place(atoms, side.atom)
                    && !std::mem::replace(&mut found[other], true)
                {
                    queue.push(other);
                }
            }
        }
        let mut is_first = vec![false; atoms.len()];
        is_first[queue[queue.len() - 1]] = true;
        is_first
    }

    fn enter(&mut self, atoms: &[u32]) {
        self.rounds += 1;
        for atom in atoms {
            self.part[*atom as usize] = self.rounds;
        }
    }

    /// Where `atom` stands in the part. Atoms of a part lie in rising order.
    fn place(&self, atoms: &[u32], atom: u32) -> Option<usize> {
        (self.part[atom as usize] == self.rounds).then(|| atoms.binary_search(&atom).ok()).flatten()
    }

    fn distances(&self, atoms: &[u32], from: u32) -> Vec<f64> {
        let mut distances = vec![f64::INFINITY; atoms.len()];
        let mut open = BinaryHeap::new();
        if let Some(place) = self.place(atoms, from) {
            distances[place] = 0.0;
            open.push(Reverse((Length(0.0), place)));
        }
        while let Some(Reverse((Length(length), place))) = open.pop() {
            if length > distances[place] {
                continue;
            }
            for side in self.ground.near(atoms[place]) {
                if let Some(next) = self.place(atoms, side.atom) {
                    let longer = length + self.ground.distance(atoms[place], side.atom);
                    if longer < distances[next] {
                        distances[next] = longer;
                        open.push(Reverse((Length(longer), next)));
                    }
                }
            }
        }
        distances
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Length(f64);

impl Eq for Length {}

impl PartialOrd for Length {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Length {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
