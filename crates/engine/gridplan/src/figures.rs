use crate::{
    band::Band,
    map::{Atom, Map},
    plan::{GridKind, Plan},
};

/// What a plan is like, counted from the map and the grids of the atoms alone. Lengths in metres. Special grids are
/// left out of the deviations.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub grids: usize,
    pub special: usize,
    /// Grids in which nobody lives.
    pub empty: usize,
    /// Connected parts beyond the first, over all grids.
    pub stray_parts: usize,
    /// Of |households / target − 1|.
    pub deviation_worst: f64,
    pub deviation_rms: f64,
    /// Part of the grids in the band.
    pub in_band: f64,
    /// Borders between two grids.
    pub cut: usize,
    pub boundary: f64,
    /// Part of the boundary that is on no street.
    pub off_street: f64,
    /// Metres of barrier inside grids.
    pub crossings: f64,
    /// 4π · area / perimeter².
    pub polsby_popper_mean: f64,
    pub polsby_popper_least: f64,
    /// Of households from the centre of their grid, over the atoms' centroids.
    pub distance_rms: f64,
    pub radius_mean: f64,
    pub radius_worst: f64,
    /// Grids whose atoms lie in several communities.
    pub not_nested: usize,
}

/// One grid's part of the figures.
#[derive(Clone, Debug, PartialEq)]
pub struct GridFigures {
    pub households: u64,
    pub deviation: f64,
    pub area: f64,
    pub perimeter: f64,
    pub polsby_popper: f64,
    /// The mean of its atoms' places, by households.
    pub centre: [f64; 2],
    /// From the centre to the farthest inhabited atom.
    pub radius: f64,
    pub parts: usize,
    pub crossings: f64,
}

impl Figures {
    pub fn of(map: &Map, plan: &Plan) -> Self {
        let each = GridFigures::of(map, plan);
        let ordinary: Vec<&GridFigures> = each
            .iter()
            .zip(&plan.grids)
            .filter(|(_, grid)| grid.kind == GridKind::Ordinary)
            .map(|pair| pair.0)
            .collect();
        let bands = |grid: &crate::Grid| plan.communities[grid.community].band;
        let held = plan
            .grids
            .iter()
            .filter(|grid| grid.kind == GridKind::Ordinary && bands(grid).holds(grid.loads[0]));
        let share = |count: usize| count as f64 / ordinary.len().max(1) as f64;
        let mean = |sum: f64, count: usize| sum / count.max(1) as f64;
        let cut = |border: &&crate::Border| {
            let [one, other] = border.atoms;
            plan.grid_of[one] != plan.grid_of[other]
        };
        let boundary: f64 = map.borders().iter().filter(cut).map(|border| border.length).sum();
        let unseen: f64 =
            map.borders().iter().filter(cut).map(|border| border.length * (1.0 - border.street)).sum();
        let squares: f64 = each
            .iter()
            .zip(&plan.grids)
            .map(|(figures, grid)| squares(map, figures.centre, &grid.atoms))
            .sum();
        let households: u64 = each.iter().map(|grid| grid.households).sum();
        let worst = |value: fn(&GridFigures) -> f64| each.iter().map(value).fold(0.0, f64::max);
        let total = |value: fn(&GridFigures) -> f64| each.iter().map(value).sum::<f64>();
        Self {
            grids: each.len(),
            special: each.len() - ordinary.len(),
            empty: each.iter().filter(|grid| grid.households == 0).count(),
            stray_parts: each.iter().map(|grid| grid.parts.saturating_sub(1)).sum(),
            deviation_worst: ordinary.iter().map(|grid| grid.deviation.abs()).fold(0.0, f64::max),
            deviation_rms: mean(ordinary.iter().map(|grid| grid.deviation.powi(2)).sum(), ordinary.len())
                .sqrt(),
            in_band: share(held.count()),
            cut: map.borders().iter().filter(cut).count(),
            boundary,
            off_street: if boundary > 0.0 { unseen / boundary } else { 0.0 },
            crossings: total(|grid| grid.crossings),
            polsby_popper_mean: mean(total(|grid| grid.polsby_popper), each.len()),
            polsby_popper_least: each.iter().map(|grid| grid.polsby_popper).fold(1.0, f64::min),
            distance_rms: (squares / households.max(1) as f64).sqrt(),
            radius_mean: mean(total(|grid| grid.radius), each.len()),
            radius_worst: worst(|grid| grid.radius),
            not_nested: plan.grids.iter().filter(|grid| !nested(map, &grid.atoms)).count(),
        }
    }
}

impl GridFigures {
    pub fn of(map: &Map, plan: &Plan) -> Vec<Self> {
        let figures =
            |grid: &crate::Grid| Self::of_grid(map, plan, grid, plan.communities[grid.community].band);
        plan.grids.iter().map(figures).collect()
    }

    fn of_grid(map: &Map, plan: &Plan, grid: &crate::Grid, band: Band) -> Self {
        let atoms = || grid.atoms.iter().map(|atom| &map.atoms()[*atom]);
        let area: f64 = atoms().map(|atom| atom.area).sum();
        let mut perimeter: f64 = atoms().map(|atom| atom.outer_border).sum();
        let mut crossings = 0.0;
        for atom in &grid.atoms {
            for side in map.sides(*atom) {
                let border = &map.borders()[side.border];
                if plan.grid_of[side.neighbour] != plan.grid_of[*atom] {
                    perimeter += border.length;
                } else if side.neighbour > *atom {
                    crossings += border.length * border.barrier;
                }
            }
        }
        let centre = centre(map, &grid.atoms);
        let inhabited = atoms().filter(|atom| atom.loads[0] > 0);
        Self {
            households: grid.loads[0],
            deviation: band.deviation(grid.loads[0]),
            area,
            perimeter,
            polsby_popper: if perimeter > 0.0 {
                4.0 * std::f64::consts::PI * area / perimeter.powi(2)
            } else {
                0.0
            },
            centre,
            radius: inhabited.map(|atom| square(atom.place, centre)).fold(0.0, f64::max).sqrt(),
            parts: map.parts(&grid.atoms).len(),
            crossings,
        }
    }
}

/// The mean place by households; of empty atoms the mean of their places.
pub(crate) fn centre(map: &Map, atoms: &[usize]) -> [f64; 2] {
    let inhabited = atoms.iter().any(|atom| map.households(*atom) > 0);
    let weight = |atom: &Atom| if inhabited { f64::from(atom.loads[0]) } else { 1.0 };
    let mut sums = [0.0; 3];
    for atom in atoms.iter().map(|atom| &map.atoms()[*atom]) {
        sums[0] += weight(atom) * atom.place[0];
        sums[1] += weight(atom) * atom.place[1];
        sums[2] += weight(atom);
    }
    [sums[0] / sums[2].max(1e-9), sums[1] / sums[2].max(1e-9)]
}

fn squares(map: &Map, centre: [f64; 2], atoms: &[usize]) -> f64 {
    let of = |atom: &Atom| f64::from(atom.loads[0]) * square(atom.place, centre);
    atoms.iter().map(|atom| of(&map.atoms()[*atom])).sum()
}

fn square(one: [f64; 2], other: [f64; 2]) -> f64 {
    (one[0] - other[0]).powi(2) + (one[1] - other[1]).powi(2)
}

fn nested(map: &Map, atoms: &[usize]) -> bool {
    atoms.windows(2).all(|pair| map.atoms()[pair[0]].community == map.atoms()[pair[1]].community)
}
