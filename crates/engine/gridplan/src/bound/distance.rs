use std::{cmp::Reverse, collections::BinaryHeap};

use crate::{band::Band, map::Map, search::Ground};

/// Steps of the subgradient, and the work of all of them.
const STEPS_MAX: u64 = 400;
const STEPS_MIN: u64 = 20;
const WORK_TOTAL: u64 = 1_000_000_000;
/// What an atom costs where atoms may be divided, in households counted out.
const SORTED: u64 = 64;
/// Steps without a better bound after which they are halved.
const PATIENCE: u32 = 12;
/// Work of one step in which households are still counted out one by one.
const WORK_MAX: u64 = 40_000_000;
/// A gap that is closed.
const GAP_MIN: f64 = 1e-4;
/// What rounding may have added to a bound, as a part of it.
const ROUNDING: f64 = 1e-9;

/// How far a plan of one piece is from the shortest distances that any plan could have.
///
/// The cost is Hess's: households · metres², each grid measured to the best of its inhabited atoms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistanceGap {
    pub cost: f64,
    /// Certified: no division of the piece into as many connected grids in the band costs less.
    pub bound: f64,
}

impl DistanceGap {
    /// (cost − bound) / bound.
    pub fn part(&self) -> f64 {
        (self.cost - self.bound) / self.bound
    }
}

/// The bound for `grid`, a division of the ground into `count` grids that keep the band; `None` for any other, and
/// where nothing above zero is found, as in a graph without places.
///
/// Proof. Let a division be x: x(i, j) = 1 when inhabited atom i lies in the grid whose best atom is j. Each i has
/// exactly one j, and there are `count` different j, so for any prices u(i) the cost is
///
/// Σ u(i) + Σ over the chosen j of Σ x(i, j) · (p(i) d(i, j)² − u(i)).
///
/// The inner sum is at least f(j), the least over *all* sets of atoms in the band that hold j and that j could reach
/// by a path within the band: a real grid is such a set, because it is connected. So the cost is at least Σ u plus the
/// `count` smallest f(j), whatever the prices are. f is found exactly by counting out totals (knapsack), or where that
/// is too long by letting one atom be divided, which only makes f smaller. Prices are improved by subgradient steps;
/// how good they are changes how close the bound is, never that it is one. Rounding is taken off at the end.
pub(crate) fn distance_gap(
    map: &Map,
    ground: &Ground,
    band: Band,
    grid: &[u32],
    count: usize,
) -> Option<DistanceGap> {
    let relaxed = Relaxed::new(map, ground, band, count)?;
    let households = |number: u32| {
        let own = relaxed.atoms.iter().filter(|atom| grid[**atom as usize] == number);
        own.map(|atom| ground.households(*atom) as u64).sum::<u64>()
    };
    if !(0..count as u32).all(|number| band.holds(households(number))) {
        return None;
    }
    let cost = relaxed.cost(grid, count);
    let bound = relaxed.bound(cost).min(cost);
    let bound = bound - ROUNDING * bound.abs();
    (bound > 0.0).then_some(DistanceGap { cost, bound })
}

struct Relaxed {
    band: Band,
    count: usize,
    /// The inhabited atoms of the ground.
    atoms: Vec<u32>,
    households: Vec<u64>,
    places: Vec<[f64; 2]>,
    /// Of each possible best atom, the others that its grid could hold.
    reach: Vec<Vec<u32>>,
    exact: bool,
    steps: u64,
}

/// The value of one best atom and the parts of the atoms that it takes.
struct Choice {
    value: f64,
    taken: Vec<(u32, f64)>,
}

impl Relaxed {
    fn new(map: &Map, ground: &Ground, band: Band, count: usize) -> Option<Self> {
        let atoms: Vec<u32> = (0..ground.len() as u32).filter(|atom| ground.households(*atom) > 0).collect();
        let households: Vec<u64> = atoms.iter().map(|atom| ground.households(*atom) as u64).collect();
        if atoms.len() < count || count == 0 {
            return None;
        }
        let places = atoms.iter().map(|atom| map.atoms()[ground.atoms[*atom as usize]].place).collect();
        let reach: Vec<Vec<u32>> =
            (0..atoms.len()).map(|root| reach(ground, &atoms, band, atoms[root])).collect();
        let pairs: u64 = reach.iter().map(|reach| reach.len() as u64).sum();
        let exact = pairs * band.high <= WORK_MAX;
        let work = pairs * if exact { band.high } else { SORTED };
        let steps = (WORK_TOTAL / work.max(1)).clamp(STEPS_MIN, STEPS_MAX);
        Some(Self { band, count, atoms, households, places, reach, exact, steps })
    }

    fn price(&self, atom: usize, root: usize) -> f64 {
        let [a, b] = [self.places[atom], self.places[root]];
        self.households[atom] as f64 * ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2))
    }

    fn cost(&self, grid: &[u32], count: usize) -> f64 {
        let mut cost = 0.0;
        for number in 0..count as u32 {
            let own: Vec<usize> =
                (0..self.atoms.len()).filter(|atom| grid[self.atoms[*atom] as usize] == number).collect();
            let about = |root: &usize| own.iter().map(|atom| self.price(*atom, *root)).sum::<f64>();
            cost += own.iter().map(about).fold(f64::INFINITY, f64::min);
        }
        cost
    }

    /// Subgradient steps of the length that Polyak gives for a plan of this cost.
    fn bound(&self, cost: f64) -> f64 {
        let mut prices: Vec<f64> = self.first_prices(cost);
        let mut best = f64::NEG_INFINITY;
        let mut best_prices = prices.clone();
        let (mut scale, mut waited) = (1.0, 0);
        for _ in 0..self.steps {
            let (value, missed) = self.value(&prices);
            if value > best + 1e-7 * cost {
                (best, waited) = (value, 0);
                best_prices.clone_from(&prices);
            } else {
                waited += 1;
            }
            let square: f64 = missed.iter().map(|miss| miss * miss).sum();
            if square < 1e-12 || cost - best <= GAP_MIN * cost || scale < 1e-3 {
                break;
            }
            if waited >= PATIENCE {
                (scale, waited) = (scale / 2.0, 0);
                prices.clone_from(&best_prices);
                continue;
            }
            let step = scale * (cost * 1.001 - value).max(0.0) / square;
            for (price, miss) in prices.iter_mut().zip(&missed) {
                *price += step * miss;
            }
        }
        best
    }

    /// By households: what the plan pays for one.
    fn first_prices(&self, cost: f64) -> Vec<f64> {
        let total: u64 = self.households.iter().sum();
        self.households.iter().map(|households| cost * *households as f64 / total as f64).collect()
    }

    /// The bound at these prices, and how often each atom is missing (below none: too often) in its solution.
    fn value(&self, prices: &[f64]) -> (f64, Vec<f64>) {
        let mut roots: Vec<(f64, usize)> =
            (0..self.atoms.len()).map(|root| (self.choose(root, prices, false).value, root)).collect();
        roots.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        roots.truncate(self.count);
        let mut missed = vec![1.0; prices.len()];
        for (_, root) in &roots {
            for (atom, part) in self.choose(*root, prices, true).taken {
                missed[atom as usize] -= part;
            }
        }
        (prices.iter().sum::<f64>() + roots.iter().map(|root| root.0).sum::<f64>(), missed)
    }

    fn choose(&self, root: usize, prices: &[f64], wants_taken: bool) -> Choice {
        let own = self.households[root];
        let low = self.band.low.saturating_sub(own) as usize;
        let high = (self.band.high - own) as usize;
        let mut choice = if self.exact {
            self.count_out(root, prices, (low, high), wants_taken)
        } else {
            self.fill(root, prices, (low as f64, high as f64))
        };
        choice.value -= prices[root];
        choice.taken.push((root as u32, 1.0));
        choice
    }

    /// The least value over all sets with a total from `low` to `high`: of each total, the least with the atoms so far.
    fn count_out(
        &self,
        root: usize,
        prices: &[f64],
        (low, high): (usize, usize),
        wants_taken: bool,
    ) -> Choice {
        let reach = &self.reach[root];
        let mut least = vec![f64::INFINITY; high + 1];
        least[0] = 0.0;
        let mut takes = vec![false; if wants_taken { reach.len() * (high + 1) } else { 0 }];
        for (index, atom) in reach.iter().enumerate() {
            let atom = *atom as usize;
            let (value, weight) = (self.price(atom, root) - prices[atom], self.households[atom] as usize);
            for total in (weight..=high).rev() {
                let taken = least[total - weight] + value;
                if taken < least[total] {
                    least[total] = taken;
                    if wants_taken {
                        takes[index * (high + 1) + total] = true;
                    }
                }
            }
        }
        let best = (low..=high).min_by(|one, other| least[*one].total_cmp(&least[*other])).unwrap_or(0);
        let value = if low <= high { least[best] } else { f64::INFINITY };
        let mut taken = Vec::new();
        if wants_taken && value.is_finite() {
            let mut total = best;
            for (index, atom) in reach.iter().enumerate().rev() {
                if takes[index * (high + 1) + total] {
                    taken.push((*atom, 1.0));
                    total -= self.households[*atom as usize] as usize;
                }
            }
        }
        Choice { value, taken }
    }

    /// The same where atoms may be divided: the cheapest by household first.
    fn fill(&self, root: usize, prices: &[f64], (low, high): (f64, f64)) -> Choice {
        let mut items: Vec<(f64, f64, u32)> = (self.reach[root].iter())
            .map(|atom| {
                let weight = self.households[*atom as usize] as f64;
                (self.price(*atom as usize, root) - prices[*atom as usize], weight, *atom)
            })
            .collect();
        items.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)).then(one.2.cmp(&other.2)));
        let mut choice = Choice { value: 0.0, taken: Vec::new() };
        let mut total = 0.0;
        for (value, weight, atom) in items {
            let room = if value < 0.0 { high - total } else { low - total };
            let part = (room / weight).clamp(0.0, 1.0);
            if part <= 0.0 {
                break;
            }
            choice.value += part * value;
            choice.taken.push((atom, part));
            total += part * weight;
        }
        if total < low - 1e-6 {
            choice.value = f64::INFINITY;
        }
        choice
    }
}

/// The inhabited atoms to which a path leads whose atoms, both ends with it, keep within the band; places in `atoms`.
fn reach(ground: &Ground, atoms: &[u32], band: Band, root: u32) -> Vec<u32> {
    let mut least = vec![u64::MAX; ground.len()];
    let mut open = BinaryHeap::new();
    least[root as usize] = ground.households(root) as u64;
    open.push(Reverse((least[root as usize], root)));
    while let Some(Reverse((total, atom))) = open.pop() {
        if total > least[atom as usize] {
            continue;
        }
        for side in ground.near(atom) {
            let longer = total + ground.households(side.atom) as u64;
            if longer <= band.high && longer < least[side.atom as usize] {
                least[side.atom as usize] = longer;
                open.push(Reverse((longer, side.atom)));
            }
        }
    }
    let within = |(place, atom): (usize, &u32)| {
        (*atom != root && least[*atom as usize] != u64::MAX).then_some(place as u32)
    };
    atoms.iter().enumerate().filter_map(within).collect()
}
