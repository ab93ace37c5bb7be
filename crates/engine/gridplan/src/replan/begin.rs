use std::collections::{BTreeMap, BTreeSet};

use super::model::Old;
use crate::{
    band::Band,
    map::Map,
    random::Random,
    search::{self, Ground, NOWHERE},
};

/// The home of atoms whose old grid closes: every grid is away.
const CLOSED: u32 = NOWHERE - 1;

/// The part of the tolerance that a mean may use up.
const WELL_WITHIN: f64 = 0.8;

/// Where the search begins in one piece: the old grids, made whole, connected and as many as there have to be.
pub(crate) struct Begin {
    pub grid: Vec<u32>,
    /// The old grid that each grid goes on.
    pub goes_on: Vec<Option<usize>>,
    /// The grid here in which each atom was.
    pub home: Vec<u32>,
}

/// Each old grid of `seated` belongs to the piece in which most of its households live.
pub(crate) fn owners(
    map: &Map,
    old: &Old,
    pieces: &[Vec<usize>],
    seated: &BTreeSet<usize>,
) -> Vec<Vec<usize>> {
    let mut shares: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for (piece, atoms) in pieces.iter().enumerate() {
        for atom in atoms {
            if let Some(grid) = old.grid_of[*atom].filter(|grid| seated.contains(grid)) {
                *shares.entry(grid).or_default().entry(piece).or_default() +=
                    u64::from(map.households(*atom));
            }
        }
    }
    let mut owners = vec![Vec::new(); pieces.len()];
    for (grid, shares) in shares {
        let most = shares.iter().max_by_key(|(piece, share)| (**share, std::cmp::Reverse(**piece)));
        if let Some((piece, _)) = most {
            owners[*piece].push(grid);
        }
    }
    owners
}

/// The old number while its mean keeps well within the band, else the number that is nearest to the target: at the
/// very end of the band hardly any division is left.
pub(crate) fn count(band: Band, tolerance: f64, total: u64, old: usize, inhabited: usize) -> usize {
    let mean_off = (total as f64 / old.max(1) as f64 / band.target - 1.0).abs();
    let count = if old > 0 && mean_off <= WELL_WITHIN * tolerance { old as u64 } else { band.count(total) };
    (count as usize).clamp(1, inhabited.max(1))
}

impl Begin {
    pub fn new(ground: &Ground, old: &Old, owned: &[usize], count: usize, random: &mut Random) -> Self {
        let home = |atom: &usize| {
            let local = old.grid_of[*atom].map(|grid| owned.binary_search(&grid));
            local.map_or(NOWHERE, |local| local.map_or(CLOSED, |local| local as u32))
        };
        let home: Vec<u32> = ground.atoms.iter().map(home).collect();
        if owned.is_empty() {
            let grid = search::start(ground, count, random);
            return Self { grid, goes_on: vec![None; count], home };
        }
        let grid = home.iter().map(|home| if *home < CLOSED { *home } else { NOWHERE }).collect();
        let mut begin = Self { grid, goes_on: owned.iter().map(|grid| Some(*grid)).collect(), home };
        begin.keep_heaviest_parts(ground);
        begin.fill(ground);
        while begin.goes_on.len() > count {
            begin.close(ground);
        }
        while begin.goes_on.len() < count && begin.open(ground, random) {}
        begin
    }

    fn loads(&self, ground: &Ground) -> Vec<i64> {
        let mut loads = vec![0; self.goes_on.len()];
        for (atom, grid) in self.grid.iter().enumerate().filter(|(_, grid)| **grid != NOWHERE) {
            loads[*grid as usize] += ground.households(atom as u32);
        }
        loads
    }

    /// What does not hang together with the most of its old grid is in none.
    fn keep_heaviest_parts(&mut self, ground: &Ground) {
        let mut part = vec![usize::MAX; self.grid.len()];
        let mut weights: Vec<(u32, i64)> = Vec::new();
        for first in 0..self.grid.len() as u32 {
            let grid = self.grid[first as usize];
            if grid == NOWHERE || part[first as usize] != usize::MAX {
                continue;
            }
            let number = weights.len();
            weights.push((grid, 0));
            let mut open = vec![first];
            part[first as usize] = number;
            while let Some(atom) = open.pop() {
                // An empty atom weighs a little, so that a grid of empty atoms keeps its largest part.
                weights[number].1 += 1_000 * ground.households(atom) + 1;
                for side in ground.near(atom) {
                    if self.grid[side.atom as usize] == grid && part[side.atom as usize] == usize::MAX {
                        part[side.atom as usize] = number;
                        open.push(side.atom);
                    }
                }
            }
        }
        let mut heaviest = vec![usize::MAX; self.goes_on.len()];
        for (number, (grid, weight)) in weights.iter().enumerate() {
            let best = &mut heaviest[*grid as usize];
            if *best == usize::MAX || weights[*best].1 < *weight {
                *best = number;
            }
        }
        for (atom, grid) in self.grid.iter_mut().enumerate() {
            if *grid != NOWHERE && heaviest[*grid as usize] != part[atom] {
                *grid = NOWHERE;
            }
        }
    }

    /// Atoms in no grid join the lightest grid beside them, from the grids outwards.
    fn fill(&mut self, ground: &Ground) {
        let mut loads = self.loads(ground);
        let mut left = true;
        while std::mem::replace(&mut left, false) {
            for atom in 0..self.grid.len() as u32 {
                if self.grid[atom as usize] != NOWHERE {
                    continue;
                }
                let beside = ground.near(atom).iter().map(|side| self.grid[side.atom as usize]);
                let lightest =
                    beside.filter(|grid| *grid != NOWHERE).min_by_key(|grid| (loads[*grid as usize], *grid));
                if let Some(grid) = lightest {
                    self.grid[atom as usize] = grid;
                    loads[grid as usize] += ground.households(atom);
                    left = true;
                }
            }
        }
    }

    /// The lightest grid joins the lightest beside it.
    fn close(&mut self, ground: &Ground) {
        let loads = self.loads(ground);
        let closed = (0..loads.len()).min_by_key(|grid| (loads[*grid], *grid)).unwrap_or(0) as u32;
        let beside = (0..self.grid.len() as u32)
            .filter(|atom| self.grid[*atom as usize] == closed)
            .flat_map(|atom| ground.near(atom).iter().map(|side| self.grid[side.atom as usize]))
            .filter(|grid| *grid != closed)
            .min_by_key(|grid| (loads[*grid as usize], *grid));
        let into = beside.unwrap_or(closed);
        // Atoms of the closed grid are away wherever they are; the last grid takes its number.
        let last = self.goes_on.len() as u32 - 1;
        let renumber = |grid: &mut u32, gone: u32| {
            if *grid == closed {
                *grid = gone;
            }
            if *grid == last {
                *grid = closed;
            }
        };
        self.grid.iter_mut().for_each(|grid| renumber(grid, into));
        self.home.iter_mut().for_each(|home| renumber(home, CLOSED));
        self.goes_on.swap_remove(closed as usize);
    }

    /// The heaviest grid is halved; the half with more households goes on.
    fn open(&mut self, ground: &Ground, random: &mut Random) -> bool {
        let loads = self.loads(ground);
        let atoms_of = |grid: u32| {
            (0..self.grid.len() as u32).filter(|atom| self.grid[*atom as usize] == grid).collect::<Vec<u32>>()
        };
        let heaviest =
            (0..loads.len()).filter(|grid| atoms_of(*grid as u32).len() > 1).max_by_key(|grid| loads[*grid]);
        let Some(heaviest) = heaviest else { return false };
        let atoms = atoms_of(heaviest as u32);
        let halves = search::start(&ground.piece(&atoms), 2, random);
        let weight = |half: u32| -> i64 {
            atoms
                .iter()
                .zip(&halves)
                .filter(|pair| *pair.1 == half)
                .map(|pair| ground.households(*pair.0))
                .sum()
        };
        let leaves = u32::from(weight(1) < weight(0));
        let opened = self.goes_on.len() as u32;
        for (atom, half) in atoms.iter().zip(&halves) {
            if *half == leaves {
                self.grid[*atom as usize] = opened;
            }
        }
        self.goes_on.push(None);
        true
    }
}
