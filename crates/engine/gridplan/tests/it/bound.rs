//! Bounds against everything there is: towns so small that all divisions can be listed.

use std::collections::BTreeSet;

use gridplan::*;
use proptest::prelude::*;

use crate::support::*;

const TARGET: u32 = 60;

/// Every division of a board into `count` connected grids within 54 to 66 households, found by colouring the blocks one
/// after the other.
fn divisions(width: usize, households: &[u32], count: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut grids = vec![0; households.len()];
    colour(width, households, count, 0, 0, &mut grids, &mut found);
    found
}

fn colour(
    width: usize,
    households: &[u32],
    count: usize,
    next: usize,
    used: usize,
    grids: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
) {
    if next == households.len() {
        let is_whole = |grid| {
            let own: BTreeSet<usize> = (0..households.len()).filter(|atom| grids[*atom] == grid).collect();
            let load: u32 = own.iter().map(|atom| households[*atom]).sum();
            (54..=66).contains(&load) && connected(width, &own)
        };
        if used == count && (0..count).all(is_whole) {
            found.push(grids.clone());
        }
        return;
    }
    for grid in 0..(used + 1).min(count) {
        grids[next] = grid;
        let load: u32 = (0..=next).filter(|atom| grids[*atom] == grid).map(|atom| households[atom]).sum();
        if load <= 66 {
            colour(width, households, count, next + 1, used.max(grid + 1), grids, found);
        }
    }
}

fn connected(width: usize, own: &BTreeSet<usize>) -> bool {
    let mut left = own.clone();
    let mut open: Vec<usize> = left.pop_first().into_iter().collect();
    while let Some(atom) = open.pop() {
        let mut near = vec![atom + width, atom.wrapping_sub(width)];
        near.extend((atom % width + 1 < width).then_some(atom + 1));
        near.extend((atom % width > 0).then_some(atom.wrapping_sub(1)));
        open.extend(near.into_iter().filter(|other| left.remove(other)));
    }
    left.is_empty()
}

/// Households · metres² to the best inhabited block of each grid.
fn distances(width: usize, households: &[u32], grids: &[usize], count: usize) -> f64 {
    let place = |atom: usize| ((atom % width) as f64 * 100.0, (atom / width) as f64 * 100.0);
    let square = |one: usize, other: usize| {
        let ((x, y), (u, v)) = (place(one), place(other));
        (x - u).powi(2) + (y - v).powi(2)
    };
    let of = |grid: usize| {
        let own: Vec<usize> = (0..grids.len()).filter(|atom| grids[*atom] == grid).collect();
        let about = |root: usize| {
            own.iter().map(|atom| f64::from(households[*atom]) * square(*atom, root)).sum::<f64>()
        };
        own.iter()
            .filter(|root| households[**root] > 0)
            .map(|root| about(*root))
            .fold(f64::INFINITY, f64::min)
    };
    (0..count).map(of).sum()
}

fn boundary(width: usize, grids: &[usize]) -> f64 {
    let cut = |one: usize, other: usize| if grids[one] == grids[other] { 0.0 } else { 100.0 };
    let across = (0..grids.len()).filter(|atom| atom % width + 1 < width).map(|atom| cut(atom, atom + 1));
    let down = (0..grids.len() - width).map(|atom| cut(atom, atom + width));
    across.chain(down).sum()
}

fn demand(seed: u64) -> Demand {
    let effort = Effort { prove: true, ..short().effort };
    let loads = vec![LoadRule { target: Some(f64::from(TARGET)), tolerance: 0.1, weight: 1.0 }];
    // The boundary alone, so that the cheapest can be told from outside.
    let weights = Weights { balance: 1e-9, compactness: 0.0, roundness: 0.0, ..Weights::default() };
    Demand { loads, effort, weights, seed, ..Demand::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_proven_is_true_of_all_divisions(
        households in prop::collection::vec(0_u32..40, 12),
        seed in 0_u64..100,
    ) {
        let map = board(4, &households);
        let planned = plan(&map, &demand(seed), &()).expect("a plan");
        let piece = &planned.communities[0].pieces[0];
        let count = piece.grids;
        prop_assume!(matches!(piece.division, Division::Possible { .. }));
        let all = divisions(4, &households, count);
        prop_assert_eq!(piece.proof == Proof::NoneInBand, all.is_empty(), "{:?}", piece);
        if let Some(best) = all.iter().map(|grids| boundary(4, grids)).min_by(f64::total_cmp) {
            prop_assert_eq!(piece.proof, Proof::Best);
            let figures = Figures::of(&map, &planned);
            prop_assert!((figures.boundary - best).abs() < 1.0, "{} and {}", figures.boundary, best);
            let gap = piece.distance_gap.expect("a gap");
            let shortest = all.iter().map(|grids| distances(4, &households, grids, count)).fold(f64::INFINITY, f64::min);
            prop_assert!(gap.bound <= shortest + 1e-6, "{} above {}", gap.bound, shortest);
            let own = distances(4, &households, &planned.grid_of, count);
            prop_assert!((gap.cost - own).abs() < 1e-6 * own.max(1.0));
        }
    }
}
