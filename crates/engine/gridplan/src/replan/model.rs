use std::collections::{BTreeMap, BTreeSet};

use crate::{
    map::{Faults, Map, Refusal},
    plan::{GridKind, Plan},
};

/// The plan in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Old {
    /// The old grid of each atom; `None` for what is new.
    pub grid_of: Vec<Option<usize>>,
    /// Grids that stay exactly as they are.
    pub frozen: BTreeSet<usize>,
}

/// What can be done, from the fewest moves to the best balance. No option is worse than another one in everything:
/// households moved, households beyond the band, worst deviation.
#[derive(Clone, Debug, PartialEq)]
pub struct Replan {
    pub options: Vec<ReplanOption>,
    /// Certified: any plan with the same number of grids in each connected piece, the frozen ones untouched and all
    /// others in the band, moves at least so many households.
    pub moved_least: u64,
    /// False when the search was cut short.
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReplanOption {
    pub plan: Plan,
    /// The old grid that each grid of the plan goes on; `None` for a new one.
    pub goes_on: Vec<Option<usize>>,
    /// Atoms that change their grid; those that were in none are not among them.
    pub moves: Vec<Move>,
    /// Households of these atoms.
    pub moved: u64,
    /// Households beyond the band, over all grids that may change.
    pub beyond: u64,
    pub deviation_worst: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub atom: usize,
    pub from: usize,
    /// A grid of the plan.
    pub to: usize,
    pub households: u64,
}

/// Moved households that one household beyond the band is worth, in [`Replan::usual`].
const MOVES_PER_BEYOND: u64 = 100;

impl Replan {
    /// The option to begin with: the fewest households moved, unless moving more brings others into the band.
    pub fn usual(&self) -> Option<&ReplanOption> {
        self.options.iter().min_by_key(|option| option.moved + MOVES_PER_BEYOND * option.beyond)
    }
}

impl Old {
    /// An old plan as it was made.
    pub fn of(plan: &Plan) -> Self {
        Self { grid_of: plan.grid_of.iter().map(|grid| Some(*grid)).collect(), frozen: BTreeSet::new() }
    }

    /// Of each of the communities, the old grids that have most of their households in it.
    pub(crate) fn seats(&self, map: &Map, communities: &[(&str, Vec<usize>)]) -> Vec<BTreeSet<usize>> {
        let mut shares: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
        for (community, (_, atoms)) in communities.iter().enumerate() {
            for atom in atoms {
                if let Some(grid) = self.grid_of[*atom] {
                    *shares.entry(grid).or_default().entry(community).or_default() +=
                        u64::from(map.households(*atom));
                }
            }
        }
        let mut seats = vec![BTreeSet::new(); communities.len()];
        for (grid, shares) in shares {
            let most =
                shares.iter().max_by_key(|(community, share)| (**share, std::cmp::Reverse(**community)));
            if let Some((community, _)) = most {
                seats[*community].insert(grid);
            }
        }
        seats
    }

    pub(crate) fn check(&self, map: &Map) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        if self.grid_of.len() != map.atoms().len() {
            faults
                .add("old plan", format!("has {} atoms, the map {}", self.grid_of.len(), map.atoms().len()));
        }
        for grid in self.frozen.iter().filter(|grid| !self.grid_of.contains(&Some(**grid))) {
            faults.add(format!("frozen grid {grid}"), "has no atom in the old plan");
        }
        faults.result()
    }
}

impl ReplanOption {
    pub(crate) fn new(map: &Map, plan: Plan, goes_on: Vec<Option<usize>>, old: &Old) -> Self {
        let households = |atom: usize| u64::from(map.households(atom));
        let stays =
            |atom: usize| old.grid_of[atom].is_none_or(|from| goes_on[plan.grid_of[atom]] == Some(from));
        let moves: Vec<Move> = (0..map.atoms().len())
            .filter(|atom| !stays(*atom))
            .filter_map(|atom| {
                let from = old.grid_of[atom]?;
                Some(Move { atom, from, to: plan.grid_of[atom], households: households(atom) })
            })
            .collect();
        let ordinary = || plan.grids.iter().filter(|grid| grid.kind == GridKind::Ordinary);
        let band = |grid: &crate::Grid| plan.communities[grid.community].band;
        Self {
            moved: moves.iter().map(|step| step.households).sum(),
            beyond: ordinary().map(|grid| band(grid).beyond(grid.loads[0])).sum(),
            deviation_worst: ordinary()
                .map(|grid| band(grid).deviation(grid.loads[0]).abs())
                .fold(0.0, f64::max),
            moves,
            goes_on,
            plan,
        }
    }

    /// True when this one is nowhere better and somewhere worse, or the same.
    pub(crate) fn is_beaten_by(&self, other: &Self) -> bool {
        other.moved <= self.moved
            && other.beyond <= self.beyond
            && other.deviation_worst <= self.deviation_worst + 1e-9
    }
}
