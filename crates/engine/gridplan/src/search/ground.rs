use crate::{
    demand::{Demand, Weights},
    map::Map,
};

/// The home of an atom that was in no grid before.
pub(crate) const NOWHERE: u32 = u32::MAX;
/// Empty atoms weigh this part of a target in the moment of inertia, or they would hang out as tails.
const EMPTY_MASS: f64 = 0.02;
/// The part of the deviation that is inside the band, in the measure of [`Rule::cost`].
const INSIDE: f64 = 0.1;
/// What the first household outside costs besides.
const STEP: f64 = 0.02;

/// One connected piece of a map with everything that a trial of a move reads, lying close together.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// The map's index of each atom here.
    pub atoms: Vec<usize>,
    starts: Vec<u32>,
    sides: Vec<Near>,
    /// The ends of each border.
    pub ends: Vec<[u32; 2]>,
    pub rules: Vec<Rule>,
    /// Of each atom, one for each rule.
    loads: Vec<i64>,
    /// Mass in the moment of inertia, in targets.
    pub mass: Vec<f64>,
    /// In sides of a mean grid.
    pub place: Vec<[f64; 2]>,
    /// Of each atom in squares of those sides, and the length of its whole border.
    pub area: Vec<f64>,
    pub around: Vec<f64>,
    pub compactness: f64,
    pub roundness: f64,
    /// Weight, and the radius allowed in sides of a mean grid.
    pub radius: Option<(f64, f64)>,
    pub home: Home,
}

/// A border as an atom sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Near {
    pub atom: u32,
    pub border: u32,
    /// What the border costs when it lies between two grids; less than none where it is a barrier.
    pub cost: f64,
    /// In sides of a mean grid.
    pub length: f64,
}

/// Where the atoms were before, and what it costs that they are elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Home {
    /// Empty, or the grid of each atom here.
    pub grid: Vec<u32>,
    /// For each household that is not at home.
    pub cost: f64,
}

/// How one load is balanced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub target: f64,
    pub tolerance: f64,
    /// Times the weight of balance.
    pub weight: f64,
    /// One over the target, and what makes the end of the band count alike.
    part: f64,
    scale: f64,
}

impl Rule {
    pub fn new(target: f64, tolerance: f64, weight: f64) -> Self {
        Self { target, tolerance, weight, part: 1.0 / target, scale: INSIDE / tolerance }
    }

    /// A deviation at the end of the band counts alike whatever the tolerance; outside the band the cost climbs
    /// steeply from the first household, `strict` times as steeply.
    #[inline]
    pub fn cost(&self, load: i64, strict: f64) -> f64 {
        let deviation = (load as f64 * self.part - 1.0).abs() * self.scale;
        let outside = (deviation - INSIDE - 1e-9).max(0.0);
        let step = if outside > 0.0 { STEP } else { 0.0 };
        self.weight
            * (strict * (20.0 * outside * outside + 0.5 * outside + step) + 0.5 * deviation * deviation)
    }
}

impl Ground {
    /// `atoms` are connected and lie in rising order; `rules` are the demand's with the targets of this piece.
    pub fn new(
        map: &Map,
        demand: &Demand,
        atoms: &[usize],
        rules: Vec<Rule>,
        bridges: &[[usize; 2]],
    ) -> Self {
        let local = |atom: usize| atoms.binary_search(&atom).ok().map(|index| index as u32);
        let side = side_of_grid(map, atoms, rules[0].target);
        let mut near: Vec<Vec<Near>> = vec![Vec::new(); atoms.len()];
        let mut ends = Vec::new();
        for (index, atom) in atoms.iter().enumerate() {
            for other in map.sides(*atom) {
                if other.neighbour > *atom
                    && let Some(neighbour) = local(other.neighbour)
                {
                    let border = &map.borders()[other.border];
                    let cost = border_cost(border, &demand.weights) / side;
                    join(&mut near, &mut ends, [index as u32, neighbour], cost, border.length / side);
                }
            }
        }
        for [one, other] in bridges {
            if let (Some(one), Some(other)) = (local(*one), local(*other)) {
                join(&mut near, &mut ends, [one, other], 0.0, 0.0);
            }
        }
        let mut starts = vec![0_u32];
        let mut sides = Vec::with_capacity(ends.len() * 2);
        for of_atom in near {
            sides.extend(of_atom);
            starts.push(sides.len() as u32);
        }
        let centre = middle(map, atoms);
        let mass = |atom: &usize| match map.households(*atom) {
            0 => EMPTY_MASS,
            households => f64::from(households) / rules[0].target,
        };
        let around = |atom: &usize| {
            let inner: f64 = map.sides(*atom).iter().map(|side| map.borders()[side.border].length).sum();
            (inner + map.atoms()[*atom].outer_border) / side
        };
        Self {
            starts,
            sides,
            ends,
            loads: atoms
                .iter()
                .flat_map(|atom| map.atoms()[*atom].loads.iter().map(|load| i64::from(*load)))
                .collect(),
            mass: atoms.iter().map(mass).collect(),
            place: atoms
                .iter()
                .map(|atom| map.atoms()[*atom].place)
                .map(|place| [(place[0] - centre[0]) / side, (place[1] - centre[1]) / side])
                .collect(),
            rules,
            compactness: demand.weights.compactness,
            roundness: demand.weights.roundness,
            area: atoms.iter().map(|atom| map.atoms()[*atom].area / (side * side)).collect(),
            around: atoms.iter().map(around).collect(),
            radius: demand.radius_max.map(|radius| (demand.weights.radius, radius / side)),
            home: Home::default(),
            atoms: atoms.to_vec(),
        }
    }

    /// The piece of this ground that `atoms` are, which may be connected or not.
    pub fn piece(&self, atoms: &[u32]) -> Self {
        let mut local: Vec<(u32, u32)> =
            atoms.iter().enumerate().map(|(index, atom)| (*atom, index as u32)).collect();
        local.sort_unstable();
        let find =
            |atom: u32| local.binary_search_by_key(&atom, |pair| pair.0).ok().map(|place| local[place].1);
        let mut near: Vec<Vec<Near>> = vec![Vec::new(); atoms.len()];
        let mut ends = Vec::new();
        for (index, atom) in atoms.iter().enumerate() {
            for side in self.near(*atom) {
                if side.atom > *atom
                    && let Some(other) = find(side.atom)
                {
                    join(&mut near, &mut ends, [index as u32, other], side.cost, side.length);
                }
            }
        }
        let mut starts = vec![0_u32];
        let mut sides = Vec::with_capacity(ends.len() * 2);
        for of_atom in near {
            sides.extend(of_atom);
            starts.push(sides.len() as u32);
        }
        let pick = |atom: &u32| *atom as usize;
        let home = match self.home.grid.is_empty() {
            true => Vec::new(),
            false => atoms.iter().map(|atom| self.home.grid[pick(atom)]).collect(),
        };
        Self {
            atoms: atoms.iter().map(|atom| self.atoms[pick(atom)]).collect(),
            starts,
            sides,
            ends,
            rules: self.rules.clone(),
            loads: atoms.iter().flat_map(|atom| self.loads(*atom).iter().copied()).collect(),
            mass: atoms.iter().map(|atom| self.mass[pick(atom)]).collect(),
            place: atoms.iter().map(|atom| self.place[pick(atom)]).collect(),
            compactness: self.compactness,
            roundness: self.roundness,
            area: atoms.iter().map(|atom| self.area[pick(atom)]).collect(),
            around: atoms.iter().map(|atom| self.around[pick(atom)]).collect(),
            radius: self.radius,
            home: Home { grid: home, cost: self.home.cost },
        }
    }

    /// The same with all costs of shapes times `part`.
    pub fn softened(&self, part: f64) -> Self {
        let mut softened = self.clone();
        for side in &mut softened.sides {
            side.cost *= part;
        }
        softened.compactness *= part;
        softened.roundness *= part;
        softened.radius = self.radius.map(|(weight, radius)| (weight * part, radius));
        softened
    }

    pub fn len(&self) -> usize {
        self.atoms.len()
    }

    #[inline]
    pub fn near(&self, atom: u32) -> &[Near] {
        &self.sides[self.starts[atom as usize] as usize..self.starts[atom as usize + 1] as usize]
    }

    #[inline]
    pub fn loads(&self, atom: u32) -> &[i64] {
        let count = self.rules.len();
        &self.loads[atom as usize * count..(atom as usize + 1) * count]
    }

    #[inline]
    pub fn households(&self, atom: u32) -> i64 {
        self.loads[atom as usize * self.rules.len()]
    }

    /// What it costs that `atom` lies in `grid`; an empty atom counts as one household, or it would wander.
    #[inline]
    pub fn away(&self, atom: u32, grid: u32) -> f64 {
        match self.home.grid.get(atom as usize) {
            Some(home) if *home != grid && *home != NOWHERE => {
                self.home.cost * self.households(atom).max(1) as f64
            }
            _ => 0.0,
        }
    }

    /// The distance between two atoms' places; 1 where the map has none.
    pub fn distance(&self, one: u32, other: u32) -> f64 {
        let [a, b] = [self.place[one as usize], self.place[other as usize]];
        let distance = ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt();
        if distance > 0.0 { distance } else { 1e-3 }
    }
}

fn join(near: &mut [Vec<Near>], ends: &mut Vec<[u32; 2]>, [one, other]: [u32; 2], cost: f64, length: f64) {
    let border = ends.len() as u32;
    ends.push([one, other]);
    near[one as usize].push(Near { atom: other, border, cost, length });
    near[other as usize].push(Near { atom: one, border, cost, length });
}

fn border_cost(border: &crate::map::Border, weights: &Weights) -> f64 {
    border.length
        * (weights.boundary + weights.off_street * (1.0 - border.street) - weights.crossings * border.barrier)
}

/// Metres; of a bare graph four mean borders.
fn side_of_grid(map: &Map, atoms: &[usize], target: f64) -> f64 {
    let area: f64 = atoms.iter().map(|atom| map.atoms()[*atom].area).sum();
    let households: f64 = atoms.iter().map(|atom| f64::from(map.households(*atom))).sum();
    let side = (area / (households / target).max(1.0)).sqrt();
    if side > 0.0 {
        return side;
    }
    let borders = map.borders();
    let length: f64 = borders.iter().map(|border| border.length).sum();
    if borders.is_empty() { 1.0 } else { 4.0 * length / borders.len() as f64 }
}

fn middle(map: &Map, atoms: &[usize]) -> [f64; 2] {
    let mut sum = [0.0; 2];
    for atom in atoms {
        let place = map.atoms()[*atom].place;
        sum = [sum[0] + place[0], sum[1] + place[1]];
    }
    sum.map(|coordinate| coordinate / atoms.len().max(1) as f64)
}
