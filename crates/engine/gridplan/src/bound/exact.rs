use std::collections::BTreeMap;

use crate::{
    band::Band,
    search::{Ground, State},
};

/// Atoms of a piece that is small enough.
const ATOMS_MAX: usize = 64;
/// Connected sets in the band that are kept, and that are looked at.
const SETS_MAX: usize = 60_000;
const LOOKS_MAX: u64 = 3_000_000;
/// Partial divisions that are looked at.
const NODES_MAX: u64 = 5_000_000;
/// Steps by which prices are improved.
const STEPS: u32 = 300;

/// A division of least cost, with the proof that there is none cheaper.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Exact {
    Division {
        grid: Vec<u32>,
    },
    /// No division into so many connected grids in the band exists.
    Impossible,
}

/// A connected set in the band that could be a grid.
#[derive(Clone, Copy)]
struct Column {
    atoms: u64,
    cost: f64,
}

/// The best division of a small ground into `count` grids in the band by the whole objective, or that there is none;
/// `None` where the ground is too large to look at everything.
///
/// All connected sets in the band are listed, each with its part of the cost: its own terms and half of the borders
/// around it, so that the parts of a division add up to its cost. Then divisions are searched from the lowest atom
/// that lies in no grid yet. A partial division is given up when its cost, the prices u of the atoms that are left, and
/// for each grid to come the least of cost − Σ u over all sets, is not below the best division known: no completion
/// can be cheaper, because each of its grids costs at least that.
pub(crate) fn exact(ground: &Ground, band: Band, count: usize, best: Option<f64>) -> Option<Exact> {
    if ground.len() > ATOMS_MAX || count == 0 {
        return None;
    }
    let columns = Lister::new(ground, band).list()?;
    let mut search = Search::new(ground.len(), columns, count, best);
    search.descend(0, 0.0, 0)?;
    match search.found {
        Some(sets) => {
            let number = |atom: usize| sets.iter().position(|set| set >> atom & 1 == 1).unwrap_or(0) as u32;
            Some(Exact::Division { grid: (0..ground.len()).map(number).collect() })
        }
        None => best.is_none().then_some(Exact::Impossible),
    }
}

struct Lister<'a> {
    ground: &'a Ground,
    band: Band,
    near: Vec<u64>,
    sets: Vec<u64>,
    looks: u64,
}

impl<'a> Lister<'a> {
    fn new(ground: &'a Ground, band: Band) -> Self {
        let near = |atom| ground.near(atom).iter().fold(0_u64, |set, side| set | 1 << side.atom);
        let near = (0..ground.len() as u32).map(near).collect();
        Self { ground, band, near, sets: Vec::new(), looks: 0 }
    }

    /// Each connected set once: by its lowest atom, and by which neighbours were refused before.
    fn list(mut self) -> Option<Vec<Column>> {
        for lowest in 0..self.ground.len() {
            let below = (1_u64 << lowest) - 1;
            let households = self.ground.households(lowest as u32) as u64;
            self.grow(1 << lowest, below | 1 << lowest, self.near[lowest] & !below, households)?;
        }
        Some(self.sets.iter().map(|set| Column { atoms: *set, cost: self.cost(*set) }).collect())
    }

    /// `closed` holds the set and what it may not take.
    fn grow(&mut self, set: u64, mut closed: u64, open: u64, households: u64) -> Option<()> {
        self.looks += 1;
        if self.looks > LOOKS_MAX || self.sets.len() > SETS_MAX {
            return None;
        }
        if self.band.holds(households) {
            self.sets.push(set);
        }
        let mut left = open & !closed;
        while left != 0 {
            let next = left.trailing_zeros();
            left &= left - 1;
            closed |= 1 << next;
            let more = households + self.ground.households(next) as u64;
            if more <= self.band.high {
                self.grow(set | 1 << next, closed, open | self.near[next as usize], more)?;
            }
        }
        Some(())
    }

    fn cost(&self, set: u64) -> f64 {
        let inside = |atom: u32| set >> atom & 1 == 1;
        let grid = (0..self.ground.len() as u32).map(|atom| u32::from(!inside(atom))).collect();
        let state = State::new(self.ground, grid, 2);
        let borders: f64 = (0..self.ground.len() as u32)
            .filter(|atom| inside(*atom))
            .flat_map(|atom| self.ground.near(atom))
            .filter(|side| !inside(side.atom))
            .map(|side| side.cost / 2.0)
            .sum();
        state.grid_cost(0) + borders
    }
}

struct Search {
    all: u64,
    count: usize,
    /// By their lowest atom, those of least reduced cost first.
    columns: BTreeMap<u32, Vec<Column>>,
    prices: Vec<f64>,
    /// The least of cost − Σ prices over all columns.
    least: f64,
    best: f64,
    found: Option<Vec<u64>>,
    chosen: Vec<u64>,
    nodes: u64,
}

impl Search {
    fn new(atoms: usize, columns: Vec<Column>, count: usize, best: Option<f64>) -> Self {
        let prices = prices(atoms, &columns, count);
        let mut by_lowest: BTreeMap<u32, Vec<Column>> = BTreeMap::new();
        let least = columns.iter().map(|column| reduced(*column, &prices)).fold(f64::INFINITY, f64::min);
        for column in columns {
            by_lowest.entry(column.atoms.trailing_zeros()).or_default().push(column);
        }
        for columns in by_lowest.values_mut() {
            columns.sort_by(|one, other| reduced(*one, &prices).total_cmp(&reduced(*other, &prices)));
        }
        let all = if atoms == 64 { u64::MAX } else { (1 << atoms) - 1 };
        // A hair above the cost that is known, so that the known division is found again.
        let best = best.map_or(f64::INFINITY, |cost| cost + 1e-9 * cost.abs() + 1e-12);
        Self {
            all,
            count,
            columns: by_lowest,
            prices,
            least,
            best,
            found: None,
            chosen: Vec::new(),
            nodes: 0,
        }
    }

    fn descend(&mut self, covered: u64, cost: f64, grids: usize) -> Option<()> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return None;
        }
        if covered == self.all {
            if grids == self.count && cost < self.best {
                self.best = cost;
                self.found = Some(self.chosen.clone());
            }
            return Some(());
        }
        if grids == self.count {
            return Some(());
        }
        let lowest = (self.all & !covered).trailing_zeros();
        let left: f64 = (0..self.prices.len())
            .filter(|atom| covered >> atom & 1 == 0)
            .map(|atom| self.prices[atom])
            .sum();
        let others = (self.count - grids - 1) as f64 * self.least;
        for column in self.columns.get(&lowest).cloned().unwrap_or_default() {
            if cost + left + others + reduced(column, &self.prices) >= self.best {
                break;
            }
            if column.atoms & covered == 0 {
                self.chosen.push(column.atoms);
                self.descend(covered | column.atoms, cost + column.cost, grids + 1)?;
                self.chosen.pop();
            }
        }
        Some(())
    }
}

fn reduced(column: Column, prices: &[f64]) -> f64 {
    let mut left = column.atoms;
    let mut cost = column.cost;
    while left != 0 {
        cost -= prices[left.trailing_zeros() as usize];
        left &= left - 1;
    }
    cost
}

/// Prices by subgradient steps: the `count` columns of least reduced cost, of different lowest atoms, should cover each
/// atom once. Any prices give a valid search; these give a short one.
fn prices(atoms: usize, columns: &[Column], count: usize) -> Vec<f64> {
    let mean = columns.iter().map(|column| column.cost).sum::<f64>() / columns.len().max(1) as f64;
    let mut prices = vec![mean * count as f64 / atoms as f64; atoms];
    let (mut best, mut kept, mut scale, mut waited) = (f64::NEG_INFINITY, prices.clone(), 1.0, 0);
    for _ in 0..STEPS {
        let mut least: Vec<(f64, u64)> = vec![(f64::INFINITY, 0); atoms];
        for column in columns {
            let lowest = column.atoms.trailing_zeros() as usize;
            let cost = reduced(*column, &prices);
            if cost < least[lowest].0 {
                least[lowest] = (cost, column.atoms);
            }
        }
        least.sort_by(|one, other| one.0.total_cmp(&other.0));
        least.truncate(count);
        let value = prices.iter().sum::<f64>() + least.iter().map(|column| column.0).sum::<f64>();
        if !value.is_finite() {
            break;
        }
        if value > best {
            (best, waited) = (value, 0);
            kept.clone_from(&prices);
        } else {
            waited += 1;
        }
        if waited > 10 {
            (scale, waited) = (scale / 2.0, 0);
        }
        let missed =
            |atom: usize| 1.0 - least.iter().filter(|column| column.1 >> atom & 1 == 1).count() as f64;
        let square: f64 = (0..atoms).map(|atom| missed(atom).powi(2)).sum();
        if square == 0.0 {
            break;
        }
        let step = scale * 0.05 * mean * count as f64 / square;
        for (atom, price) in prices.iter_mut().enumerate() {
            *price += step * missed(atom);
        }
    }
    kept
}
