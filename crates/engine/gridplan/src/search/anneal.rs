use super::state::{Measure, State};
use crate::{random::Random, watch::Pace};

/// From this to that temperature, geometrically.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    pub trials: u64,
    pub hot: f64,
    pub cold: f64,
    /// The part of the balance's weight that holds at the start. Shapes form first, households flow while shapes are
    /// soft, then both freeze.
    pub balance: f64,
}

impl Walk {
    /// Trials near an old plan: what lies outside the band counts in full from the start.
    fn is_strict(self) -> bool {
        self.balance >= 1.0
    }
}

/// Looks at the temperature in a walk, and the trials between two of them.
const STRIDES: u64 = 256;
const STRIDE_MIN: u64 = 64;
const STRIDE_MAX: u64 = 16_384;

/// One trial in so many is a pair of moves: one atom there, another one back.
const PAIR_EVERY: u64 = 4;
/// What the second atom of a pair is hoped to give back at most, in sides of a mean grid.
const BACK_MOST: f64 = 0.2;
/// Bits of a random number that choose the threshold.
const THRESHOLD_BITS: u32 = 10;
/// The part of the walk after which what lies outside the band counts as in [`Measure::FINAL`].
const STRICT_FROM: f64 = 0.6;

/// Shifts single atoms and pairs across borders between grids. A shift that leaves a grid unconnected or empty is
/// never made. False when it was cut short.
pub(crate) fn anneal(state: &mut State<'_>, walk: Walk, random: &mut Random, pace: &Pace<'_>) -> bool {
    if state.count() < 2 || state.cut().is_empty() {
        return true;
    }
    let thresholds = thresholds();
    // As many trials as grids: what grids cost is counted anew at each look.
    let length = (walk.trials / STRIDES).clamp(STRIDE_MIN, STRIDE_MAX).max(state.count() as u64);
    let strides = walk.trials.div_ceil(length).max(1);
    for stride in 0..strides {
        if pace.step(length) {
            quench(state, random, &thresholds);
            return false;
        }
        let part = stride as f64 / strides as f64;
        let heat = walk.hot * libm::pow(walk.cold / walk.hot, part);
        let ramp = (1.25 * part).min(1.0);
        let late = ((part - STRICT_FROM) / (1.0 - STRICT_FROM)).max(0.0);
        let late = if walk.is_strict() { 1.0 } else { late };
        let strict = 1.0 + (Measure::FINAL.strict - 1.0) * late;
        state.measure_by(Measure { balance: walk.balance + (1.0 - walk.balance) * ramp * ramp, strict });
        for _ in 0..length {
            trial(state, heat, random, &thresholds);
        }
    }
    state.measure_by(Measure::FINAL);
    true
}

/// A few trials without heat, so that what was cut short is worth keeping.
fn quench(state: &mut State<'_>, random: &mut Random, thresholds: &[f64]) {
    state.measure_by(Measure::FINAL);
    let trials = (state.grid.len() as u64 * 20).min(2_000_000);
    for _ in 0..trials {
        trial(state, 0.0, random, thresholds);
    }
}

#[inline]
fn trial(state: &mut State<'_>, heat: f64, random: &mut Random, thresholds: &[f64]) {
    let Some((atom, to, word)) = draw(state, random) else { return };
    let allowed = heat * thresholds[(word & ((1 << THRESHOLD_BITS) - 1)) as usize];
    let (change, borders) = state.change(atom, to);
    if (word >> THRESHOLD_BITS).is_multiple_of(PAIR_EVERY) {
        // What the second atom can give back is bounded in practice; most pairs are hopeless by their first borders.
        if borders < allowed + BACK_MOST {
            pair(state, (atom, to), change, allowed, random);
        }
    } else if change <= allowed && state.may_leave(atom) {
        state.shift(atom, to);
    }
}

/// An atom at a border between grids, the grid beyond, and the random bits that are left.
#[inline]
fn draw(state: &State<'_>, random: &mut Random) -> Option<(u32, u32, u64)> {
    let word = random.next();
    let cut = state.cut();
    if cut.is_empty() {
        return None;
    }
    let border = cut[(((word >> 32) * cut.len() as u64) >> 32) as usize];
    let [one, other] = state.ground.ends[border as usize];
    let (atom, beyond) = if word & 1 == 0 { (one, other) } else { (other, one) };
    Some((atom, state.grid[beyond as usize], (word >> 1) & 0x7FFF_FFFF))
}

/// `atom` goes over and an atom of the other grid comes back, or neither does.
fn pair(state: &mut State<'_>, (atom, to): (u32, u32), change: f64, allowed: f64, random: &mut Random) {
    let from = state.grid[atom as usize];
    if !state.may_leave(atom) {
        return;
    }
    state.shift(atom, to);
    // Any atom of the other grid that touches this one, found from a random member.
    let members = state.members(to);
    let first = random.below(members.len());
    let back = (0..members.len()).map(|step| members[(first + step) % members.len()]).find(|member| {
        *member != atom
            && state.ground.near(*member).iter().any(|side| state.grid[side.atom as usize] == from)
    });
    let done = back.is_some_and(|back| {
        let total = change + state.change(back, from).0;
        total <= allowed && state.may_leave(back) && {
            state.shift(back, from);
            true
        }
    });
    if !done {
        state.shift(atom, from);
    }
}

/// `-ln u` for evenly spread u: a change is allowed up to heat times one of these, drawn at random.
fn thresholds() -> Vec<f64> {
    let count = 1_u32 << THRESHOLD_BITS;
    (0..count).map(|index| -libm::log((f64::from(index) + 0.5) / f64::from(count))).collect()
}
