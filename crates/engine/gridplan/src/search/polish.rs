use rayon::prelude::*;

use super::{
    anneal::{Walk, anneal},
    ground::{Ground, Home},
    start::start,
    state::State,
};
use crate::{random::Random, watch::Pace};

/// Grids in one neighbourhood.
const GRIDS_MAX: usize = 8;
/// Trials for each atom of a neighbourhood.
pub(crate) const TRIALS_PER_ATOM: u64 = 400;
/// One neighbourhood in so many is divided afresh.
const AFRESH_EVERY: usize = 3;
/// Grids in a neighbourhood that is divided afresh.
const AFRESH_GRIDS_MAX: usize = 4;
/// The heat that melts a division, and the heat that softens it.
const HOT: f64 = 0.3;
const WARM: f64 = 0.08;
/// The heat at which an atom still finds back to its old grid, for each unit that a target's households cost away.
const HEAT_PER_COST: f64 = 0.03;
/// Rounds without any gain after which nothing more is expected.
const STALL_ROUNDS: usize = 6;
/// Wider and wider searches about what is out of the band, and how many of them in vain end it.
const RESCUES_MAX: usize = 40;
const RESCUE_STALL: usize = 12;
/// What shapes count in every second search about what is out of the band: what is in the way of the last households
/// is most often a shape that would have to be worse for a while.
const SOFT: f64 = 0.05;
/// Rounds that give shapes back what was taken from them for the band.
const ROUNDS_AFTER: u32 = 4;
/// A gain below this is noise.
const GAIN_MIN: f64 = 1e-7;

/// Atoms that fit no grid in the band, one of each of these grids where there is one: no search is spent on them.
pub(crate) type Lost<'a> = dyn Fn(&State<'_>, &[u32]) -> Vec<u32> + Sync + 'a;

/// A few grids that lie together.
struct Neighbourhood {
    grids: Vec<u32>,
    afresh: bool,
    /// The heat to start from.
    hot: f64,
    trials_per_atom: u64,
    /// Times all costs of shapes.
    shape: f64,
    stream: u64,
}

/// Rounds of searches in neighbourhoods that do not overlap, so that they run at the same time and the outcome does
/// not depend on how many do. A neighbourhood keeps its old division unless the new one costs less.
pub(crate) fn polish(
    ground: &Ground,
    grid: &mut Vec<u32>,
    count: usize,
    rounds: u32,
    random: &mut Random,
    pace: &Pace<'_>,
) {
    if count < 2 {
        return;
    }
    until_stalled(rounds as usize, STALL_ROUNDS, pace, |number| {
        round(ground, grid, count, random, pace, |state, random| {
            neighbourhoods(state, number, None, &[], random)
        })
    });
}

/// Searches about what is out of the band in wider and wider neighbourhoods, then lets shapes recover.
pub(crate) fn rescue(
    ground: &Ground,
    grid: &mut Vec<u32>,
    count: usize,
    rounds: u32,
    random: &mut Random,
    pace: &Pace<'_>,
    lost: &Lost<'_>,
) {
    if count < 2 {
        return;
    }
    let state = State::new(ground, std::mem::take(grid), count);
    let outside = outside(&state);
    let lost = lost(&state, &outside);
    *grid = state.grid;
    if lost.len() == outside.len() {
        return;
    }
    let gained = until_stalled(RESCUES_MAX, RESCUE_STALL, pace, |attempt| {
        round(ground, grid, count, random, pace, |state, random| {
            neighbourhoods(state, attempt, Some(4 + attempt / 2), &lost, random)
        })
    });
    if gained {
        polish(ground, grid, count, rounds.min(ROUNDS_AFTER), random, pace);
    }
}

/// Rounds until so many in a row gained nothing. Whether any gained.
fn until_stalled(most: usize, stall: usize, pace: &Pace<'_>, mut round: impl FnMut(usize) -> bool) -> bool {
    let (mut stalled, mut any) = (0, false);
    for number in 0..most {
        let gained = round(number);
        any |= gained;
        stalled = if gained { 0 } else { stalled + 1 };
        if stalled == stall || pace.stopped() {
            break;
        }
    }
    any
}

/// Searches all the neighbourhoods that are found at once. True when the division costs less after it.
fn round(
    ground: &Ground,
    grid: &mut Vec<u32>,
    count: usize,
    random: &mut Random,
    pace: &Pace<'_>,
    find: impl Fn(&State<'_>, &mut Random) -> Vec<Neighbourhood>,
) -> bool {
    let state = State::new(ground, std::mem::take(grid), count);
    let neighbourhoods = find(&state, random);
    let outcomes: Vec<Option<Vec<(u32, u32)>>> =
        neighbourhoods.par_iter().map(|neighbourhood| search(&state, neighbourhood, pace)).collect();
    *grid = state.grid;
    let mut gained = false;
    for (atom, to) in outcomes.into_iter().flatten().flatten() {
        grid[atom as usize] = to;
        gained = true;
    }
    gained
}

/// Each grid lies in at most one; those out of the band come first. With `reach`, only about those, and so wide.
fn neighbourhoods(
    state: &State<'_>,
    round: usize,
    reach: Option<usize>,
    lost: &[u32],
    random: &mut Random,
) -> Vec<Neighbourhood> {
    let beside = beside(state);
    let outside = |grid: u32| is_outside(state, grid);
    let mut order: Vec<u32> = (0..state.count() as u32).collect();
    random.shuffle(&mut order);
    order.sort_by_key(|grid| !outside(*grid));
    if reach.is_some() {
        order.retain(|grid| outside(*grid));
        order.retain(|grid| !lost.iter().any(|atom| state.grid[*atom as usize] == *grid));
    }
    let mut taken = vec![false; state.count()];
    let mut neighbourhoods = Vec::new();
    for first in order {
        if std::mem::replace(&mut taken[first as usize], true) {
            continue;
        }
        let most = reach.unwrap_or_else(|| 2 + random.below(GRIDS_MAX - 1));
        let grids = around(first, most, &beside, &mut taken, random);
        if grids.len() < 2 {
            continue;
        }
        let number = neighbourhoods.len() + round;
        let small = outside(first) || grids.len() <= AFRESH_GRIDS_MAX;
        let afresh = small && number.is_multiple_of(AFRESH_EVERY);
        let hot = if afresh || (outside(first) && number % 2 == 1) { HOT } else { WARM };
        let trials_per_atom = if reach.is_some() { 4 * TRIALS_PER_ATOM } else { TRIALS_PER_ATOM };
        let shape = if reach.is_some() && round % 2 == 1 { SOFT } else { 1.0 };
        let stream = random.next();
        neighbourhoods.push(Neighbourhood { grids, afresh, hot, trials_per_atom, shape, stream });
    }
    neighbourhoods
}

fn outside(state: &State<'_>) -> Vec<u32> {
    (0..state.count() as u32).filter(|grid| is_outside(state, *grid)).collect()
}

fn is_outside(state: &State<'_>, grid: u32) -> bool {
    let rule = state.ground.rules[0];
    (state.households(grid) as f64 / rule.target - 1.0).abs() > rule.tolerance + 1e-9
}

/// Up to `most` grids that are not taken, grid by grid outwards.
fn around(first: u32, most: usize, beside: &[Vec<u32>], taken: &mut [bool], random: &mut Random) -> Vec<u32> {
    let mut grids = vec![first];
    let mut next = 0;
    while grids.len() < most
        && let Some(&grid) = grids.get(next)
    {
        next += 1;
        let mut near = beside[grid as usize].clone();
        random.shuffle(&mut near);
        for other in near {
            if grids.len() < most && !std::mem::replace(&mut taken[other as usize], true) {
                grids.push(other);
            }
        }
    }
    grids
}

fn beside(state: &State<'_>) -> Vec<Vec<u32>> {
    let mut beside = vec![Vec::new(); state.count()];
    for border in state.cut() {
        let [one, other] = state.ground.ends[*border as usize].map(|atom| state.grid[atom as usize]);
        beside[one as usize].push(other);
        beside[other as usize].push(one);
    }
    for near in &mut beside {
        near.sort_unstable();
        near.dedup();
    }
    beside
}

/// The atoms whose grid changes, if it costs less then.
fn search(state: &State<'_>, neighbourhood: &Neighbourhood, pace: &Pace<'_>) -> Option<Vec<(u32, u32)>> {
    let grids = &neighbourhood.grids;
    let mut atoms: Vec<u32> = grids.iter().flat_map(|grid| state.members(*grid).iter().copied()).collect();
    atoms.sort_unstable();
    let mut piece = state.ground.piece(&atoms);
    let local = |grid: u32| grids.iter().position(|other| *other == grid).unwrap_or(0) as u32;
    let before: Vec<u32> = atoms.iter().map(|atom| local(state.grid[*atom as usize])).collect();
    // Homes here are named by the grids' places in the neighbourhood; any other grid is away for all of them alike.
    let homes =
        |home: &u32| grids.iter().position(|grid| grid == home).map_or(u32::MAX - 1, |place| place as u32);
    piece.home = Home { grid: piece.home.grid.iter().map(homes).collect(), cost: piece.home.cost };
    let mut random = Random::new(neighbourhood.stream, 0);
    let afresh = neighbourhood.afresh && piece.home.grid.is_empty();
    let begin = if afresh { start(&piece, grids.len(), &mut random) } else { before.clone() };
    let walked = if neighbourhood.shape < 1.0 { &piece.softened(neighbourhood.shape) } else { &piece };
    let mut after = State::new(walked, begin, grids.len());
    let trials = piece.len() as u64 * neighbourhood.trials_per_atom;
    let walk = if piece.home.grid.is_empty() {
        let balance = if neighbourhood.hot > WARM { 0.03 } else { 0.3 };
        Walk { trials, hot: neighbourhood.hot, cold: 0.001, balance }
    } else {
        let hot = (HEAT_PER_COST * piece.home.cost * piece.rules[0].target).max(neighbourhood.hot);
        Walk { trials, hot, cold: 0.001, balance: 1.0 }
    };
    anneal(&mut after, walk, &mut random, pace);
    let after = if neighbourhood.shape < 1.0 { State::new(&piece, after.grid, grids.len()) } else { after };
    let old = State::new(&piece, before, grids.len());
    if after.cost() > old.cost() - GAIN_MIN {
        return None;
    }
    let changed = atoms.iter().zip(&after.grid).map(|(atom, grid)| (*atom, grids[*grid as usize]));
    Some(changed.filter(|(atom, grid)| state.grid[*atom as usize] != *grid).collect())
}
