use proptest::prelude::*;

use super::{Measure, State};
use crate::{
    demand::{Demand, Weights},
    map::{Atom, Border, Map},
    search::{Ground, Home, Rule},
};

const WIDTH: usize = 6;
const ATOMS: usize = WIDTH * WIDTH;
const GRIDS: usize = 4;

/// Uneven blocks in rows, with two loads, streets and barriers.
fn town(households: &[u32]) -> Map {
    let atom = |index: usize| Atom {
        id: index.to_string(),
        community: "a".to_owned(),
        loads: vec![households[index], households[index] * 7 % 11],
        place: [(index % WIDTH * 100 + index % 7) as f64, (index / WIDTH * 100 + index % 5) as f64],
        area: 9_000.0 + (index * 37 % 2_000) as f64,
        outer_border: (index % 3) as f64 * 50.0,
    };
    let border = |one: usize, other: usize| Border {
        atoms: [one, other],
        length: 60.0 + (one * 13 % 80) as f64,
        street: (one % 3) as f64 / 2.0,
        barrier: f64::from(u8::from(other.is_multiple_of(5))),
    };
    let mut borders = Vec::new();
    for index in 0..ATOMS {
        borders.extend((index % WIDTH + 1 < WIDTH).then(|| border(index, index + 1)));
        borders.extend((index + WIDTH < ATOMS).then(|| border(index, index + WIDTH)));
    }
    Map::new((0..ATOMS).map(atom).collect(), borders).expect("a map")
}

proptest! {
    /// What a trial says that a move would change is what it changes, and sums that are carried on are those of a state
    /// made anew: with every term of the objective, wherever the moves go.
    #[test]
    fn a_trial_says_what_the_move_changes(
        households in prop::collection::vec(0_u32..60, ATOMS),
        begin in prop::collection::vec(0..GRIDS as u32, ATOMS),
        moves in prop::collection::vec((0..ATOMS as u32, 0..GRIDS as u32), 1..40),
        strict in any::<bool>(),
    ) {
        let map = town(&households);
        let demand = Demand { radius_max: Some(120.0), weights: Weights::default(), ..Demand::default() };
        let rules = vec![Rule::new(200.0, 0.1, 20.0), Rule::new(40.0, 0.2, 30.0)];
        let mut ground = Ground::new(&map, &demand, &(0..ATOMS).collect::<Vec<_>>(), rules, &[[0, ATOMS - 1]]);
        ground.home = Home { grid: begin.clone(), cost: 0.01 };
        let mut state = State::new(&ground, begin, GRIDS);
        state.measure_by(if strict { Measure::FINAL } else { Measure::SHAPED });
        for (atom, to) in moves {
            if state.grid[atom as usize] == to || !state.may_leave(atom) {
                continue;
            }
            let (before, (change, _)) = (state.cost(), state.change(atom, to));
            state.shift(atom, to);
            prop_assert!((state.cost() - before - change).abs() < 1e-6, "{} and {change}", state.cost() - before);
            let mut anew = State::new(&ground, state.grid.clone(), GRIDS);
            anew.measure_by(state.measure);
            prop_assert!((state.cost() - anew.cost()).abs() < 1e-6, "{} and {}", state.cost(), anew.cost());
            let sorted = |state: &State<'_>| { let mut cut = state.cut().to_vec(); cut.sort_unstable(); cut };
            prop_assert_eq!(sorted(&state), sorted(&anew));
        }
    }
}
