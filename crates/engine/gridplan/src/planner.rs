use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::{
    band::{Band, Division},
    bound::{DistanceGap, Exact, Fit, distance_gap, exact, fit},
    demand::{Demand, Effort},
    map::{Map, Refusal},
    plan::{Community, GridKind, Piece, Plan, Proof, Remark},
    random::Random,
    search::{self, Ground, Lost, Measure, Rule, State, Walk},
    watch::{Pace, Watch},
};

/// The heat of a walk that forgets its start, and of one that keeps its rough shape: where grids are many the first
/// finds more, where they are few and large the second.
const HOT: f64 = 0.3;
const WARM: f64 = 0.06;
/// Grids that count as few.
const FEW: usize = 8;
/// The heat at which a walk ends: below it next to nothing moves.
const COLD: f64 = 0.01;

/// What the balance of further loads counts, times their weight: shapes would outweigh them, since no band of theirs is
/// kept at any price.
const FURTHER_LOAD: f64 = 3.0;

/// Divides the map into grids. The same question gives the same plan, on any number of threads of the rayon pool it
/// runs in; memory grows with the atoms, time with the atoms and the effort.
pub fn plan(map: &Map, demand: &Demand, watch: &dyn Watch) -> Result<Plan, Refusal> {
    demand.check(map)?;
    let communities = communities(map, demand);
    let pace = Pace::new(watch, trials(map.atoms().len() as u64, demand.effort));
    let divided: Vec<Divided> =
        communities.par_iter().map(|(name, atoms)| divide(map, demand, name, atoms, &pace)).collect();
    let mut grid_of = vec![0; map.atoms().len()];
    let mut kinds = Vec::new();
    let mut outcomes = Vec::new();
    for community in divided {
        let first = kinds.len();
        for (atom, grid) in community.grid_of {
            grid_of[atom] = first + grid;
        }
        kinds.extend(community.kinds);
        outcomes.push(community.outcome);
    }
    Ok(Plan::new(map, grid_of, &kinds, outcomes, !pace.stopped()))
}

/// The atoms of each community, in rising order.
pub(crate) fn communities<'a>(map: &'a Map, demand: &Demand) -> Vec<(&'a str, Vec<usize>)> {
    let mut communities: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, atom) in map.atoms().iter().enumerate() {
        let name = if demand.nested { atom.community.as_str() } else { "" };
        communities.entry(name).or_default().push(index);
    }
    communities.into_iter().collect()
}

pub(crate) fn total(map: &Map, atoms: &[usize]) -> u64 {
    atoms.iter().map(|atom| u64::from(map.households(*atom))).sum()
}

/// The band of grids of this community.
pub(crate) fn band(map: &Map, demand: &Demand, atoms: &[usize]) -> Band {
    let rule = &demand.loads[0];
    let target = match demand.grids {
        Some(grids) => total(map, atoms) as f64 / f64::from(grids),
        None => rule.target.unwrap_or(1.0),
    };
    Band::new(target, rule.tolerance)
}

/// The demand's rules with the targets of a piece that is divided into `grids`.
pub(crate) fn rules(map: &Map, demand: &Demand, band: Band, atoms: &[usize], grids: usize) -> Vec<Rule> {
    let rule = |(index, load): (usize, &crate::LoadRule)| {
        let sum: u64 = atoms.iter().map(|atom| u64::from(map.atoms()[*atom].loads[index])).sum();
        let mean = (sum as f64 / grids as f64).max(1.0);
        let target = if index == 0 { band.target } else { load.target.unwrap_or(mean) };
        let weight = demand.weights.balance * if index == 0 { 1.0 } else { FURTHER_LOAD * load.weight };
        Rule::new(target, load.tolerance, weight)
    };
    demand.loads.iter().enumerate().map(rule).collect()
}

fn trials(atoms: u64, effort: Effort) -> u64 {
    atoms
        * (u64::from(effort.starts) * u64::from(effort.trials_per_atom)
            + search::TRIALS_PER_ATOM * u64::from(effort.starts) * u64::from(effort.rounds))
}

struct Divided {
    /// Grids counted from zero in each community.
    grid_of: Vec<(usize, usize)>,
    kinds: Vec<GridKind>,
    outcome: Community,
}

fn divide(map: &Map, demand: &Demand, name: &str, atoms: &[usize], pace: &Pace<'_>) -> Divided {
    let band = band(map, demand, atoms);
    let shape = Shape::of(map, band, atoms);
    let households = total(map, atoms);
    let mut divided = Divided {
        grid_of: Vec::new(),
        kinds: vec![GridKind::Special; shape.specials.len()],
        outcome: Community {
            name: name.to_owned(),
            households,
            band,
            pieces: Vec::new(),
            remarks: shape.remarks,
        },
    };
    for (grid, special) in shape.specials.iter().enumerate() {
        divided.grid_of.extend(special.iter().map(|atom| (*atom, grid)));
    }
    let wanted = wanted(map, demand, band, &shape.pieces, shape.specials.len());
    for (piece, counts) in shape.pieces.iter().zip(wanted) {
        let Best { grid, count, hopeless, proof, distance_gap, .. } =
            best_count(map, demand, band, piece, &shape.bridges, &counts, pace);
        divided.outcome.remarks.extend(hopeless);
        let first = divided.kinds.len();
        divided.grid_of.extend(piece.iter().zip(&grid).map(|(atom, grid)| (*atom, first + *grid as usize)));
        divided.kinds.extend(vec![GridKind::Ordinary; count]);
        let households = total(map, piece);
        let mean = households as f64 / count as f64;
        divided.outcome.pieces.push(Piece {
            atoms: piece.clone(),
            households,
            grids: count,
            division: band.division(households),
            deviation_least: (mean / band.target - 1.0).abs(),
            proof,
            distance_gap,
        });
    }
    divided
}

/// A community without its special grids, in connected pieces.
pub(crate) struct Shape {
    /// The atoms of each special grid.
    pub specials: Vec<Vec<usize>>,
    pub pieces: Vec<Vec<usize>>,
    /// Atoms that count as neighbours though they share no border.
    pub bridges: Vec<[usize; 2]>,
    pub remarks: Vec<Remark>,
}

impl Shape {
    pub fn of(map: &Map, band: Band, atoms: &[usize]) -> Self {
        let is_special = |atom: &usize| u64::from(map.households(*atom)) > band.high;
        let mut shape =
            Self { specials: Vec::new(), pieces: Vec::new(), bridges: Vec::new(), remarks: Vec::new() };
        for atom in atoms.iter().filter(|atom| is_special(atom)) {
            shape.specials.push(vec![*atom]);
            let households = u64::from(map.households(*atom));
            shape.remarks.push(Remark::AboveBand { atom: *atom, households });
        }
        let rest: Vec<usize> = atoms.iter().copied().filter(|atom| !is_special(atom)).collect();
        let (full, few): (Vec<_>, Vec<_>) =
            map.parts(&rest).into_iter().partition(|part| total(map, part) >= band.low);
        shape.pieces = full;
        for part in few {
            shape.place(map, part);
        }
        shape
    }

    /// A part too small for a grid joins the special grid beside it, else the nearest piece; alone it is a piece.
    fn place(&mut self, map: &Map, part: Vec<usize>) {
        let households = total(map, &part);
        let beside = |special: &Vec<usize>| {
            let touches =
                |atom: &usize| map.sides(*atom).iter().any(|side| special.contains(&side.neighbour));
            part.iter().any(touches)
        };
        if let Some(special) = self.specials.iter_mut().find(|special| beside(special)) {
            special.extend(&part);
            special.sort_unstable();
            self.remarks.push(Remark::CutOff { atoms: part, households });
        } else if let Some((from, to)) = nearest(map, &part, &self.pieces) {
            if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.binary_search(&to).is_ok()) {
                piece.extend(&part);
                piece.sort_unstable();
            }
            self.bridges.push([from, to]);
            self.remarks.push(Remark::Island { atoms: part, households, from, to });
        } else {
            self.pieces.push(part);
        }
    }
}

fn nearest(map: &Map, part: &[usize], pieces: &[Vec<usize>]) -> Option<(usize, usize)> {
    let far = |one: usize, other: usize| {
        let [a, b] = [one, other].map(|atom| map.atoms()[atom].place);
        (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)
    };
    let pairs = part.iter().flat_map(|from| pieces.iter().flatten().map(|to| (*from, *to)));
    pairs.min_by(|one, other| far(one.0, one.1).total_cmp(&far(other.0, other.1)).then(one.cmp(other)))
}

/// The numbers of grids to try for each piece, the likeliest first.
fn wanted(map: &Map, demand: &Demand, band: Band, pieces: &[Vec<usize>], specials: usize) -> Vec<Vec<usize>> {
    let inhabited =
        |piece: &Vec<usize>| piece.iter().filter(|atom| map.households(**atom) > 0).count().max(1);
    let Some(grids) = demand.grids else {
        let counts = |piece: &Vec<usize>| {
            let total = total(map, piece);
            let likeliest = band.count(total);
            let mut counts = vec![likeliest];
            if let Division::Possible { fewest, most } = band.division(total) {
                counts.extend(
                    [likeliest + 1, likeliest.saturating_sub(1)]
                        .iter()
                        .filter(|count| (fewest..=most).contains(count)),
                );
            }
            let mut counts: Vec<usize> =
                counts.iter().map(|count| (*count as usize).min(inhabited(piece))).collect();
            counts.dedup();
            counts
        };
        return pieces.iter().map(counts).collect();
    };
    // A fixed number: each further grid goes where the mean is largest.
    let mut counts = vec![1; pieces.len()];
    for _ in (pieces.len() + specials)..grids as usize {
        let mean = |piece: &usize| total(map, &pieces[*piece]) as f64 / counts[*piece] as f64;
        let open = (0..pieces.len()).filter(|piece| counts[*piece] < inhabited(&pieces[*piece]));
        match open.max_by(|one, other| mean(one).total_cmp(&mean(other)).then(other.cmp(one))) {
            Some(piece) => counts[piece] += 1,
            None => break,
        }
    }
    counts.into_iter().map(|count| vec![count]).collect()
}

struct Best {
    grid: Vec<u32>,
    count: usize,
    /// Households beyond the band.
    beyond: u64,
    /// Grids out of the band.
    outside: usize,
    hopeless: Vec<Remark>,
    proof: Proof,
    distance_gap: Option<DistanceGap>,
}

/// Divides a piece into the first number of grids that keeps the band as far as it can be kept, else into the one that
/// misses it least.
fn best_count(
    map: &Map,
    demand: &Demand,
    band: Band,
    piece: &[usize],
    bridges: &[[usize; 2]],
    counts: &[usize],
    pace: &Pace<'_>,
) -> Best {
    let mut best: Option<Best> = None;
    // The likeliest number twice before any other: what one search leaves out of the band another one may not.
    let tries =
        counts.first().map(|count| (*count, 0)).into_iter().chain(counts.iter().map(|count| (*count, 1)));
    for (count, attempt) in tries {
        let ground = Ground::new(map, demand, piece, rules(map, demand, band, piece, count), bridges);
        let demand = Demand { seed: demand.seed.wrapping_add(attempt << 56), ..demand.clone() };
        let next = divide_into(map, &demand, band, &ground, count, bridges.is_empty(), pace);
        let is_explained = next.outside <= next.hopeless.len() || next.proof == Proof::NoneInBand;
        if best.as_ref().is_none_or(|best| next.beyond < best.beyond) {
            best = Some(next);
        }
        if is_explained || pace.stopped() {
            break;
        }
    }
    best.unwrap_or_else(|| Best {
        grid: vec![0; piece.len()],
        count: 1,
        beyond: 0,
        outside: 0,
        hopeless: Vec::new(),
        proof: Proof::Open,
        distance_gap: None,
    })
}

/// `is_whole`: no bridge is part of the ground. A bridge is no border, so what is proven over one would not hold.
fn divide_into(
    map: &Map,
    demand: &Demand,
    band: Band,
    ground: &Ground,
    count: usize,
    is_whole: bool,
    pace: &Pace<'_>,
) -> Best {
    let lost = lost(map, band, is_whole);
    let mut grid = solve(ground, count, demand, pace, &lost);
    let proves = demand.effort.prove && is_whole && !pace.stopped();
    let mut proof = Proof::Open;
    if proves && matches!(band.division(ground_total(ground)), Division::Possible { .. }) {
        let state = State::new(ground, grid.clone(), count);
        let keeps_band = (0..count as u32).all(|grid| band.holds(state.households(grid) as u64));
        let known = keeps_band.then(|| state.cost());
        proof = match exact(ground, band, count, known) {
            Some(Exact::Division { grid: best }) => {
                grid = best;
                Proof::Best
            }
            Some(Exact::Impossible) => Proof::NoneInBand,
            None => Proof::Open,
        };
    }
    let distance_gap = if proves { distance_gap(map, ground, band, &grid, count) } else { None };
    let state = State::new(ground, grid, count);
    let outside: Vec<u32> =
        (0..count as u32).filter(|grid| !band.holds(state.households(*grid) as u64)).collect();
    let beyond = outside.iter().map(|grid| band.beyond(state.households(*grid) as u64)).sum();
    let hopeless = if is_whole { hopeless(map, band, &state, &outside) } else { Vec::new() };
    Best { grid: state.grid, count, beyond, outside: outside.len(), hopeless, proof, distance_gap }
}

fn ground_total(ground: &Ground) -> u64 {
    (0..ground.len() as u32).map(|atom| ground.households(atom) as u64).sum()
}

/// One atom of each of these grids that cannot lie in any grid in the band, where there is one.
pub(crate) fn hopeless(map: &Map, band: Band, state: &State<'_>, outside: &[u32]) -> Vec<Remark> {
    if outside.is_empty() {
        return Vec::new();
    }
    let piece: BTreeSet<usize> = state.ground.atoms.iter().copied().collect();
    let first = |grid: &u32| {
        let mut atoms: Vec<usize> =
            state.members(*grid).iter().map(|atom| state.ground.atoms[*atom as usize]).collect();
        atoms.sort_by_key(|atom| (std::cmp::Reverse(map.households(*atom)), *atom));
        atoms.into_iter().find_map(|atom| match fit(map, band, &piece, atom) {
            Fit::Never { nearest } => Some(Remark::NeverInBand { atom, nearest }),
            Fit::Possible | Fit::Unknown => None,
        })
    };
    outside.iter().filter_map(first).collect()
}

/// Which atoms the search is to give up: see [`hopeless`].
pub(crate) fn lost(map: &Map, band: Band, is_whole: bool) -> impl Fn(&State<'_>, &[u32]) -> Vec<u32> + Sync {
    move |state: &State<'_>, outside: &[u32]| {
        if !is_whole {
            return Vec::new();
        }
        let local = |remark: &Remark| match remark {
            Remark::NeverInBand { atom, .. } => state.ground.atoms.binary_search(atom).ok(),
            _ => None,
        };
        hopeless(map, band, state, outside).iter().filter_map(local).map(|atom| atom as u32).collect()
    }
}

/// Searches from several starts, and the best of them on in neighbourhoods.
fn solve(ground: &Ground, count: usize, demand: &Demand, pace: &Pace<'_>, lost: &Lost<'_>) -> Vec<u32> {
    if count < 2 {
        return vec![0; ground.len()];
    }
    let stream = ground.atoms[0] as u64 + 1;
    let walk = |number: u32| {
        let mut random = Random::new(demand.seed.wrapping_add(u64::from(number) << 40), stream);
        let begin = search::start(ground, count, &mut random);
        let mut state = State::new(ground, begin, count);
        let trials = ground.len() as u64 * u64::from(demand.effort.trials_per_atom);
        let hot = if count > FEW || number.is_multiple_of(2) { HOT } else { WARM };
        search::anneal(&mut state, Walk { trials, hot, cold: COLD, balance: 0.03 }, &mut random, pace);
        let mut grid = state.grid;
        search::polish(ground, &mut grid, count, demand.effort.rounds, &mut random, pace);
        let mut state = State::new(ground, grid, count);
        state.measure_by(Measure::SHAPED);
        (state.cost(), state.grid)
    };
    let walks: Vec<(f64, Vec<u32>)> = (0..demand.effort.starts).into_par_iter().map(walk).collect();
    let best = walks.into_iter().reduce(|best, next| if next.0 < best.0 { next } else { best });
    let mut grid = best.map_or_else(|| vec![0; ground.len()], |best| best.1);
    let mut random = Random::new(demand.seed, stream << 20);
    search::rescue(ground, &mut grid, count, demand.effort.rounds, &mut random, pace, lost);
    grid
}
