use crate::{
    map::{Faults, LOADS_MAX, Map, Refusal},
    search,
};

/// Grids that may be asked for by number.
pub const GRIDS_MAX: u32 = 1_000_000;
/// Trials of moves for each atom in one search.
pub const TRIALS_PER_ATOM_MAX: u32 = 1_000_000;
/// Searches from different starts.
pub const STARTS_MAX: u32 = 256;

/// Trials of moves in one plan by default.
const PATIENCE_TRIALS: u64 = 200_000_000;

/// What grids are wanted. [`Demand::default`] is about 300 households, ±10 %.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Households first. Each atom has as many loads.
    pub loads: Vec<LoadRule>,
    /// A fixed number of grids in all; the target is then the mean. Only with `nested = false`.
    pub grids: Option<u32>,
    /// Each grid in one community. Without it the whole map is one.
    pub nested: bool,
    pub weights: Weights,
    /// Metres from a grid's centre that its farthest inhabited atom should not pass.
    pub radius_max: Option<f64>,
    pub seed: u64,
    pub effort: Effort,
}

/// One kind of load: households, merchants, workload.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadRule {
    /// Units in a grid. Of any load but the first, `None` is the community's mean.
    pub target: Option<f64>,
    /// 0.1 is ±10 %.
    pub tolerance: f64,
    /// How much its balance counts; with 1, as households have, a load is spread about evenly.
    pub weight: f64,
}

/// How much each term of the objective counts. The terms are without unit: a border counts by its length over the
/// side of a mean grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    pub balance: f64,
    /// Border between grids, wherever it runs.
    pub boundary: f64,
    /// Border between grids that is on no street, besides.
    pub off_street: f64,
    /// Moment of inertia of the households about their grid's centre.
    pub compactness: f64,
    /// What each grid misses of roundness: 1 − 4π · area / perimeter², however large it is.
    pub roundness: f64,
    /// Part by which a grid's radius passes `radius_max`.
    pub radius: f64,
    /// Barrier inside a grid.
    pub crossings: f64,
    /// Households in another grid than before. Of re-plans alone.
    pub moves: f64,
}

/// How long to search, in trials: seconds would give other plans on other machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Searches from different starts, of which the best is kept.
    pub starts: u32,
    /// Trials of moves for each atom in the first search.
    pub trials_per_atom: u32,
    /// Rounds in which all neighbourhoods of grids are searched anew, of each start.
    pub rounds: u32,
    /// Whether to prove what can be proven of each piece: see [`Proof`](crate::Proof) and
    /// [`DistanceGap`](crate::DistanceGap).
    pub prove: bool,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            loads: vec![LoadRule { target: Some(300.0), tolerance: 0.1, weight: 1.0 }],
            grids: None,
            nested: true,
            weights: Weights::default(),
            radius_max: None,
            seed: 1,
            effort: Effort::default(),
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            balance: 20.0,
            boundary: 1.0,
            off_street: 1.0,
            compactness: 0.7,
            roundness: 1.0,
            radius: 1.0,
            crossings: 1.0,
            moves: 1.0,
        }
    }
}

impl Default for Effort {
    fn default() -> Self {
        Self { starts: 4, trials_per_atom: 5_000, rounds: 20, prove: true }
    }
}

impl Effort {
    /// The default, with fewer starts where the map is so large that somebody would wait long for all of them: from
    /// some eight thousand atoms on there is one.
    pub fn within_patience(atoms: usize) -> Self {
        let effort = Self::default();
        let trials = u64::from(effort.trials_per_atom) + search::TRIALS_PER_ATOM * u64::from(effort.rounds);
        let starts = PATIENCE_TRIALS / (atoms as u64 * trials).max(1);
        Self { starts: (starts as u32).clamp(1, effort.starts), ..effort }
    }
}

impl Demand {
    /// Everything that is wrong with the question, and with its fit to the map.
    pub fn check(&self, map: &Map) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        let loads = map.atoms().first().map_or(0, |atom| atom.loads.len());
        if self.loads.len() != loads || self.loads.len() > LOADS_MAX {
            faults.add("loads", format!("{} are asked for, an atom has {loads}", self.loads.len()));
        }
        for (index, rule) in self.loads.iter().enumerate() {
            let place = format!("load {index}");
            if rule.target.is_some_and(|target| !(target.is_finite() && target >= 1.0)) {
                faults.add(&place, "its target is not from 1 up");
            }
            if index == 0 && rule.target.is_none() && self.grids.is_none() {
                faults.add(&place, "needs a target, or a number of grids");
            }
            if !(rule.tolerance.is_finite() && (0.0001..1.0).contains(&rule.tolerance)) {
                faults.add(&place, "its tolerance is not between 0.0001 and 1");
            }
            if !(rule.weight.is_finite() && rule.weight >= 0.0) {
                faults.add(&place, "its weight is not from 0 up");
            }
        }
        self.check_rest(map, &mut faults);
        faults.result()
    }

    fn check_rest(&self, map: &Map, faults: &mut Faults) {
        if let Some(grids) = self.grids {
            if self.nested {
                faults.add("grids", "a number of grids in all goes with nested = false");
            }
            let inhabited = (0..map.atoms().len()).filter(|atom| map.households(*atom) > 0).count();
            if !(1..=GRIDS_MAX).contains(&grids) || grids as usize > inhabited {
                faults.add("grids", format!("{grids} for {inhabited} inhabited atoms"));
            }
        }
        let weights = [
            self.weights.balance,
            self.weights.boundary,
            self.weights.off_street,
            self.weights.compactness,
            self.weights.roundness,
            self.weights.radius,
            self.weights.crossings,
            self.weights.moves,
        ];
        if !weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0) {
            faults.add("weights", "are numbers from 0 up");
        }
        if self.radius_max.is_some_and(|radius| !(radius.is_finite() && radius > 0.0)) {
            faults.add("radius", "is not above zero");
        }
        if self.effort.trials_per_atom > TRIALS_PER_ATOM_MAX
            || !(1..=STARTS_MAX).contains(&self.effort.starts)
        {
            faults.add(
                "effort",
                format!("1 to {STARTS_MAX} starts, up to {TRIALS_PER_ATOM_MAX} trials an atom"),
            );
        }
    }
}
