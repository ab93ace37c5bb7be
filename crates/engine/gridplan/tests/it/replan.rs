use std::collections::BTreeSet;

use gridplan::*;
use proptest::prelude::*;

use crate::support::*;

/// Households that are spread unevenly, about 20 a block.
fn uneven(count: u32, seed: u32) -> Vec<u32> {
    (0..count).map(|atom| (atom * 7_919 + seed * 104_729) % 40).collect()
}

/// The map with other households.
fn settled(map: &Map, households: impl Fn(usize, u32) -> u32) -> Map {
    let atoms = map.atoms().iter().enumerate();
    let atoms =
        atoms.map(|(index, atom)| Atom { loads: vec![households(index, atom.loads[0])], ..atom.clone() });
    Map::new(atoms.collect(), map.borders().to_vec()).expect("a map")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_city_in_which_nothing_changed_moves_nobody(seed in 0_u64..1_000) {
        let map = board(12, &uneven(144, seed as u32));
        let demand = Demand { seed, ..short() };
        let before = plan(&map, &demand, &()).expect("a plan");
        prop_assume!(before.out_of_band().is_empty());
        let replanned = replan(&map, &demand, &Old::of(&before), &()).expect("a re-plan");
        prop_assert_eq!((replanned.moved_least, replanned.options[0].moved, replanned.options[0].beyond), (0, 0, 0));
        prop_assert_eq!(&replanned.options[0].moves, &vec![]);
        prop_assert_eq!(&replanned.options[0].plan.grid_of, &before.grid_of);
    }

    #[test]
    fn options_lead_from_few_moves_to_balance_and_none_moves_fewer_than_the_bound(
        seed in 0_u64..1_000,
        corner in 20_u32..60,
    ) {
        let map = board(12, &uneven(144, seed as u32));
        let demand = Demand { seed, ..short() };
        let before = plan(&map, &demand, &()).expect("a plan");
        // New houses in one corner.
        let grown = settled(&map, |atom, old| if atom % 12 < 3 && atom < 36 { old + corner } else { old });
        let replanned = replan(&grown, &demand, &Old::of(&before), &()).expect("a re-plan");
        for pair in replanned.options.windows(2) {
            prop_assert!(pair[0].moved < pair[1].moved);
            prop_assert!(pair[1].beyond < pair[0].beyond || pair[1].deviation_worst < pair[0].deviation_worst);
        }
        for option in &replanned.options {
            let figures = Figures::of(&grown, &option.plan);
            prop_assert_eq!((figures.stray_parts, figures.empty), (0, 0));
            prop_assert_eq!(option.moved, option.moves.iter().map(|step| u64::from(grown.households(step.atom))).sum::<u64>());
            if option.beyond == 0 {
                prop_assert!(option.moved >= replanned.moved_least, "{} of {}", option.moved, replanned.moved_least);
            }
        }
        prop_assert!(replanned.options.iter().any(|option| option.beyond == 0));
    }
}

#[test]
fn frozen_grids_stay_as_they_are_whatever_they_hold() {
    let map = board(12, &[25; 144]);
    let before = plan(&map, &short(), &()).expect("a plan");
    let frozen = before.grid_of[0];
    let grown = settled(&map, |atom, old| if atom == 0 { old + 200 } else { old });
    let old = Old { frozen: BTreeSet::from([frozen]), ..Old::of(&before) };
    let replanned = replan(&grown, &short(), &old, &()).expect("a re-plan");
    for option in &replanned.options {
        let kept = option.goes_on.iter().position(|grid| *grid == Some(frozen)).expect("the frozen grid");
        assert_eq!(option.plan.grids[kept].atoms, before.grids[frozen].atoms);
        assert_eq!(option.plan.grids[kept].kind, GridKind::Frozen);
        let reasons: Vec<Reason> = option.plan.out_of_band().iter().map(|out| out.reason).collect();
        assert_eq!(reasons, [Reason::Frozen]);
    }
    assert_eq!((replanned.moved_least, replanned.options[0].moved), (0, 0));
    let unknown = Old { frozen: BTreeSet::from([99]), ..Old::of(&before) };
    let refusal = replan(&grown, &short(), &unknown, &()).expect_err("no such grid");
    assert_eq!(refusal.0[0].place, "frozen grid 99");
}

#[test]
fn a_new_quarter_gets_grids_of_its_own_and_the_others_keep_their_names() {
    let map = board(12, &[25; 144]);
    let demand = short();
    let west = board(6, &[25; 72]);
    let before = plan(&west, &demand, &()).expect("a plan");
    // The east has been built since: it is in no grid yet.
    let grid_of =
        (0..144).map(|atom| (atom % 12 < 6).then(|| before.grid_of[atom / 12 * 6 + atom % 12])).collect();
    let old = Old { grid_of, frozen: BTreeSet::new() };
    let replanned = replan(&map, &demand, &old, &()).expect("a re-plan");
    let best = replanned.options.iter().find(|option| option.beyond == 0).expect("one in the band");
    assert_eq!(best.plan.grids.len(), 12);
    let kept: BTreeSet<usize> = best.goes_on.iter().flatten().copied().collect();
    assert_eq!(kept, (0..before.grids.len()).collect());
    assert_eq!(replanned.moved_least, 0, "newcomers alone could fill the new grids");
}

#[test]
fn a_city_that_lost_people_closes_grids() {
    let map = board(12, &[25; 144]);
    let before = plan(&map, &short(), &()).expect("a plan");
    let emptied = settled(&map, |_, _| 12);
    let replanned = replan(&emptied, &short(), &Old::of(&before), &()).expect("a re-plan");
    let best = replanned.options.iter().find(|option| option.beyond == 0).expect("one in the band");
    assert_eq!(best.plan.grids.len(), 6);
    assert!(best.moved >= replanned.moved_least && replanned.moved_least > 0);
    let names: BTreeSet<usize> = best.goes_on.iter().flatten().copied().collect();
    assert_eq!(names.len(), 6, "each goes on one old grid");
}
