use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{
    begin::{self, Begin},
    model::{Old, Replan, ReplanOption},
};
use crate::{
    band::Band,
    bound::{Standing, moved_least},
    demand::Demand,
    map::{Faults, Map, Refusal},
    plan::{Community, GridKind, Piece, Plan, Proof, Remark},
    planner::{self, Shape},
    random::Random,
    search::{self, Ground, Home, State, Walk},
    watch::{Pace, Watch},
};

/// What a move costs, in the objective for a target's households, from rung to rung. On the first a household moves
/// only to bring another one into the band; on the last nothing but balance counts.
const RUNGS: [Rung; 5] = [
    Rung { moves: 100.0, balance: 1.0 },
    Rung { moves: 10.0, balance: 1.0 },
    Rung { moves: 1.0, balance: 1.0 },
    Rung { moves: 0.1, balance: 1.0 },
    Rung { moves: 0.0, balance: 10.0 },
];
/// The heat at which a move is still undone, for each unit of its cost.
const HEAT_PER_COST: f64 = 0.03;
const HEAT_MIN: f64 = 0.05;

#[derive(Clone, Copy)]
struct Rung {
    moves: f64,
    balance: f64,
}

/// Plans anew from the plan in force. The first option of a plan that keeps the band already is that plan.
pub fn replan(map: &Map, demand: &Demand, old: &Old, watch: &dyn Watch) -> Result<Replan, Refusal> {
    demand.check(map)?;
    old.check(map)?;
    let mut faults = Faults::default();
    if demand.grids.is_some() {
        faults.add("grids", "a re-plan keeps the number that the old plan has, where the band allows it");
    }
    faults.result()?;
    let communities = planner::communities(map, demand);
    let [walked, rounds] = rung_effort(demand);
    let trials = map.atoms().len() as u64 * RUNGS.len() as u64;
    let effort = u64::from(walked) + u64::from(rounds) * search::TRIALS_PER_ATOM;
    let pace = Pace::new(watch, trials * effort.max(1));
    let question = Question { map, demand, old, pace: &pace };
    let seats = old.seats(map, &communities);
    let divided: Vec<Redivided> = communities
        .par_iter()
        .zip(seats)
        .map(|((name, atoms), seated)| redivide(&question, name, atoms, seated))
        .collect();
    let mut options: Vec<ReplanOption> = Vec::new();
    for rung in 0..=RUNGS.len() {
        let option = option(map, old, &divided, rung, !pace.stopped());
        if !options.iter().any(|other| option.is_beaten_by(other)) {
            options.retain(|other| !other.is_beaten_by(&option));
            options.push(option);
        }
    }
    options.sort_by_key(|option| option.moved);
    let moved_least = divided.iter().map(|community| community.moved_least).sum();
    Ok(Replan { options, moved_least, complete: !pace.stopped() })
}

/// Trials for each atom in the walk of a rung, and rounds of its neighbourhoods: each rung goes on from the one before.
fn rung_effort(demand: &Demand) -> [u32; 2] {
    [demand.effort.trials_per_atom / 4, demand.effort.rounds / 2]
}

/// A grid of a community before all grids are numbered.
#[derive(Clone)]
struct Draft {
    goes_on: Option<usize>,
    kind: GridKind,
    atoms: Vec<usize>,
}

struct Redivided {
    outcome: Community,
    /// The grids that are the same on every rung.
    fixed: Vec<Draft>,
    /// The other grids: as they begin, and on every rung.
    rungs: Vec<Vec<Draft>>,
    moved_least: u64,
}

fn option(map: &Map, old: &Old, divided: &[Redivided], rung: usize, complete: bool) -> ReplanOption {
    let drafts: Vec<&Draft> =
        divided.iter().flat_map(|community| community.fixed.iter().chain(&community.rungs[rung])).collect();
    let mut grid_of = vec![0; map.atoms().len()];
    for (grid, draft) in drafts.iter().enumerate() {
        for atom in &draft.atoms {
            grid_of[*atom] = grid;
        }
    }
    let kinds: Vec<GridKind> = drafts.iter().map(|draft| draft.kind).collect();
    let outcomes = divided.iter().map(|community| community.outcome.clone()).collect();
    let goes_on = drafts.iter().map(|draft| draft.goes_on).collect();
    ReplanOption::new(map, Plan::new(map, grid_of, &kinds, outcomes, complete), goes_on, old)
}

/// What every community is planned anew from.
struct Question<'a> {
    map: &'a Map,
    demand: &'a Demand,
    old: &'a Old,
    pace: &'a Pace<'a>,
}

fn redivide(question: &Question<'_>, name: &str, atoms: &[usize], mut seated: BTreeSet<usize>) -> Redivided {
    let Question { map, demand, old, .. } = *question;
    let band = planner::band(map, demand, atoms);
    let is_frozen = |atom: &usize| old.grid_of[*atom].is_some_and(|grid| old.frozen.contains(&grid));
    let free: Vec<usize> = atoms.iter().copied().filter(|atom| !is_frozen(atom)).collect();
    let shape = Shape::of(map, band, &free);
    let mut fixed: Vec<Draft> = Vec::new();
    for grid in seated.iter().filter(|grid| old.frozen.contains(grid)) {
        let atoms = (0..map.atoms().len()).filter(|atom| old.grid_of[*atom] == Some(*grid)).collect();
        fixed.push(Draft { goes_on: Some(*grid), kind: GridKind::Frozen, atoms });
    }
    seated.retain(|grid| !old.frozen.contains(grid));
    for special in &shape.specials {
        let goes_on = keeps_name(map, old, special).filter(|grid| seated.remove(grid));
        fixed.push(Draft { goes_on, kind: GridKind::Special, atoms: special.clone() });
    }
    let households = planner::total(map, atoms);
    let outcome = Community {
        name: name.to_owned(),
        households,
        band,
        pieces: Vec::new(),
        remarks: shape.remarks.clone(),
    };
    let mut community =
        Redivided { outcome, fixed, rungs: vec![Vec::new(); RUNGS.len() + 1], moved_least: 0 };
    let owners = begin::owners(map, old, &shape.pieces, &seated);
    for (piece, owned) in shape.pieces.iter().zip(owners) {
        climb(question, band, (piece, &owned), &shape.bridges, &mut community);
    }
    community
}

/// The old grid whose name a special grid keeps: the one with more than half of its households in it.
fn keeps_name(map: &Map, old: &Old, special: &[usize]) -> Option<usize> {
    let largest = special.iter().max_by_key(|atom| map.households(**atom))?;
    let grid = old.grid_of[*largest]?;
    let here = planner::total(map, special);
    let whole: Vec<usize> = (0..map.atoms().len()).filter(|atom| old.grid_of[*atom] == Some(grid)).collect();
    (2 * here > planner::total(map, &whole)).then_some(grid)
}

/// One piece on every rung, each from where the last one ended.
fn climb(
    question: &Question<'_>,
    band: Band,
    (piece, owned): (&[usize], &[usize]),
    bridges: &[[usize; 2]],
    community: &mut Redivided,
) {
    let Question { map, demand, old, pace } = *question;
    let households = planner::total(map, piece);
    let inhabited = piece.iter().filter(|atom| map.households(**atom) > 0).count();
    let count = begin::count(band, demand.loads[0].tolerance, households, owned.len(), inhabited);
    let mut random = Random::new(demand.seed, piece[0] as u64 + 1);
    let rules = planner::rules(map, demand, band, piece, count);
    let lost = planner::lost(map, band, bridges.is_empty());
    let mut ground = Ground::new(map, demand, piece, rules.clone(), bridges);
    let begin = Begin::new(&ground, old, owned, count, &mut random);
    let count = begin.goes_on.len();
    let drafts = |grid: &[u32]| {
        let atoms = |number: usize| {
            piece.iter().zip(grid).filter(|pair| *pair.1 as usize == number).map(|pair| *pair.0).collect()
        };
        let draft = |(number, goes_on): (usize, &Option<usize>)| Draft {
            goes_on: *goes_on,
            kind: GridKind::Ordinary,
            atoms: atoms(number),
        };
        begin.goes_on.iter().enumerate().map(draft).collect::<Vec<Draft>>()
    };
    let mut grid = begin.grid.clone();
    community.rungs[0].extend(drafts(&grid));
    for (number, rung) in RUNGS.iter().enumerate() {
        // Where moves cost nothing there is no home, and neighbourhoods may be divided afresh.
        ground.home = match rung.moves > 0.0 {
            true => Home { grid: begin.home.clone(), cost: demand.weights.moves * rung.moves / band.target },
            false => Home::default(),
        };
        for (rule, first) in ground.rules.iter_mut().zip(&rules) {
            rule.weight = first.weight * rung.balance;
        }
        let mut state = State::new(&ground, grid, count);
        let [walked, rounds] = rung_effort(demand);
        let trials = piece.len() as u64 * u64::from(walked);
        let hot = (HEAT_PER_COST * rung.moves).max(HEAT_MIN);
        search::anneal(&mut state, Walk { trials, hot, cold: 0.001, balance: 1.0 }, &mut random, pace);
        grid = state.grid;
        search::polish(&ground, &mut grid, count, rounds, &mut random, pace);
        search::rescue(&ground, &mut grid, count, rounds, &mut random, pace, &lost);
        community.rungs[number + 1].extend(drafts(&grid));
    }
    let standing = |grid: &usize| {
        let own = piece.iter().filter(|atom| old.grid_of[**atom] == Some(*grid));
        Standing { atoms: own.map(|atom| u64::from(map.households(*atom))).collect() }
    };
    let standing: Vec<Standing> = owned.iter().map(standing).collect();
    let settled: u64 = standing.iter().flat_map(|grid| &grid.atoms).sum();
    community.moved_least += moved_least(band, &standing, count, households - settled);
    community.outcome.pieces.push(Piece {
        atoms: piece.to_vec(),
        households,
        grids: count,
        division: band.division(households),
        deviation_least: (households as f64 / count as f64 / band.target - 1.0).abs(),
        proof: Proof::Open,
        distance_gap: None,
    });
    let outside = (0..count as u32).filter(|number| {
        let own = piece.iter().zip(&grid).filter(|pair| pair.1 == number).map(|pair| *pair.0);
        !band.holds(planner::total(map, &own.collect::<Vec<usize>>()))
    });
    let outside: Vec<u32> = outside.collect();
    let state = State::new(&ground, grid, count);
    let hopeless: Vec<Remark> =
        if bridges.is_empty() { planner::hopeless(map, band, &state, &outside) } else { Vec::new() };
    community.outcome.remarks.extend(hopeless);
}
