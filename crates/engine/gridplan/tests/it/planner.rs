use std::sync::atomic::Ordering;

use gridplan::*;
use proptest::prelude::*;

use crate::support::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_town_of_small_blocks_is_divided_in_the_band_whatever_its_shape(
        width in 4_usize..14,
        height in 4_usize..14,
        seed in 0_u64..1_000,
        crowded in 10_u32..50,
    ) {
        let households: Vec<u32> =
            (0..width * height).map(|atom| (atom as u32 * 7_919 + seed as u32 * 31) % crowded).collect();
        let map = board(width, &households);
        let demand = Demand { seed, ..short() };
        let planned = plan(&map, &demand, &()).expect("a plan");
        let total: u64 = households.iter().map(|load| u64::from(*load)).sum();
        prop_assert_eq!(planned.grids.iter().map(|grid| grid.atoms.len()).sum::<usize>(), width * height);
        prop_assert_eq!(planned.grids.iter().map(|grid| grid.loads[0]).sum::<u64>(), total);
        let figures = Figures::of(&map, &planned);
        prop_assert_eq!((figures.stray_parts, figures.not_nested), (0, 0));
        let community = &planned.communities[0];
        if matches!(community.band.division(total), Division::Possible { .. }) {
            prop_assert_eq!(planned.out_of_band(), vec![], "{} households", total);
            prop_assert_eq!(figures.empty, 0);
        } else {
            prop_assert!(planned.out_of_band().iter().all(|out| out.reason == Reason::Total));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_on_one_thread_and_on_three(seed in 0_u64..1_000) {
        let households: Vec<u32> = (0..240_u32).map(|atom| atom * 7_919 % 40).collect();
        let map = board_of(20, &households, |atom| format!("{}", atom / 80));
        let demand = Demand { seed, ..short() };
        prop_assert_eq!(on_threads(1, &map, &demand), on_threads(3, &map, &demand));
    }
}

#[test]
fn a_grid_lies_in_one_community_and_each_is_divided_for_itself() {
    let map = board_of(12, &[25; 144], |atom| if atom % 12 < 6 { "west".into() } else { "east".into() });
    let planned = plan(&map, &short(), &()).expect("a plan");
    let names: Vec<&str> = planned.communities.iter().map(|community| community.name.as_str()).collect();
    assert_eq!(names, ["east", "west"]);
    assert_eq!(Figures::of(&map, &planned).not_nested, 0);
    assert!(planned.grids.iter().all(|grid| {
        let name = &planned.communities[grid.community].name;
        grid.atoms.iter().all(|atom| map.atoms()[*atom].community == *name)
    }));
    assert_eq!(planned.out_of_band(), []);
}

#[test]
fn a_tower_above_the_band_gets_a_grid_of_its_own_with_what_it_cuts_off() {
    // The tower stands between the corner and the rest of the town.
    let mut households = vec![30; 36];
    (households[0], households[1], households[6]) = (20, 900, 800);
    let map = board(6, &households);
    let planned = plan(&map, &short(), &()).expect("a plan");
    let special: Vec<&Grid> = planned.grids.iter().filter(|grid| grid.kind == GridKind::Special).collect();
    assert_eq!(special.iter().map(|grid| grid.loads[0]).collect::<Vec<_>>(), [920, 800]);
    let remarks = &planned.communities[0].remarks;
    assert!(remarks.contains(&Remark::AboveBand { atom: 1, households: 900 }));
    assert!(remarks.contains(&Remark::CutOff { atoms: vec![0], households: 20 }));
    let out = planned.out_of_band();
    assert_eq!(
        out.iter().map(|out| (out.households, out.reason)).collect::<Vec<_>>(),
        [(920, Reason::Special), (800, Reason::Special)]
    );
}

#[test]
fn a_total_that_no_number_divides_is_said_to_be_one() {
    let map = board(5, &[20; 20]);
    let planned = plan(&map, &short(), &()).expect("a plan");
    let piece = &planned.communities[0].pieces[0];
    assert_eq!(piece.division, Division::Impossible { grids: 1, below: Some(330), above: 540 });
    assert!((piece.deviation_least - 1.0 / 3.0).abs() < 1e-12);
    assert!(planned.out_of_band().iter().all(|out| out.reason == Reason::Total));
    let mean = 400.0 / piece.grids as f64 / 300.0 - 1.0;
    let figures = Figures::of(&map, &planned);
    assert!((figures.deviation_worst - mean.abs()).abs() < 1e-9, "no worse than it has to be: {figures:?}");
}

#[test]
fn a_dead_end_that_fits_no_grid_is_named_with_the_nearest_it_could_be_in() {
    // 250 households at the end of a road whose only neighbour has 183: 250 or 433, never 270 to 330.
    let households = [250, 183, 100, 47, 40, 30, 200, 50];
    let map = board(8, &households);
    let planned = plan(&map, &short(), &()).expect("a plan");
    assert!(planned.communities[0].remarks.contains(&Remark::NeverInBand { atom: 0, nearest: 250 }));
    let out = planned.out_of_band();
    assert_eq!(out.iter().map(|out| (out.households, out.reason)).collect::<Vec<_>>(), [(250, Reason::Atom)]);
}

#[test]
fn an_island_too_small_for_a_grid_belongs_to_the_nearest_and_is_named() {
    let shore = board(6, &[30; 36]);
    let mut atoms = shore.atoms().to_vec();
    atoms.push(Atom {
        id: "island".into(),
        community: "a".into(),
        loads: vec![12],
        place: [900.0, 500.0],
        area: 1.0,
        outer_border: 4.0,
    });
    let map = Map::new(atoms, shore.borders().to_vec()).expect("a map");
    let planned = plan(&map, &short(), &()).expect("a plan");
    assert_eq!(planned.grid_of[36], planned.grid_of[35]);
    let island = Remark::Island { atoms: vec![36], households: 12, from: 36, to: 35 };
    assert!(planned.communities[0].remarks.contains(&island));
    assert_eq!(planned.out_of_band(), []);
}

#[test]
fn merchants_are_balanced_beside_households_when_they_are_asked_for() {
    let base = board(12, &[25; 144]);
    let atoms = base.atoms().iter().enumerate().map(|(index, atom)| {
        let merchants = if index % 12 < 4 { 9 } else { 1 };
        Atom { loads: vec![25, merchants], ..atom.clone() }
    });
    let map = Map::new(atoms.collect(), base.borders().to_vec()).expect("a map");
    let rule = |weight| LoadRule { target: None, tolerance: 0.1, weight };
    let spread = |weight| {
        let mut demand = short();
        demand.loads.push(rule(weight));
        let planned = plan(&map, &demand, &()).expect("a plan");
        assert_eq!(planned.out_of_band(), []);
        let merchants = planned.grids.iter().map(|grid| grid.loads[1]);
        merchants.clone().max().expect("grids") - merchants.min().expect("grids")
    };
    assert!(spread(1.0) * 2 < spread(0.0), "{} and {}", spread(1.0), spread(0.0));
}

#[test]
fn a_railway_through_the_town_becomes_a_border() {
    let base = board(12, &[25; 144]);
    let railway = |border: &Border| {
        let [one, other] = border.atoms;
        let crosses = one % 12 == 6 && other == one + 1;
        Border { barrier: f64::from(u8::from(crosses)), ..*border }
    };
    let map = Map::new(base.atoms().to_vec(), base.borders().iter().map(railway).collect()).expect("a map");
    let planned = plan(&map, &short(), &()).expect("a plan");
    let careless = Demand { weights: Weights { crossings: 0.0, ..Weights::default() }, ..short() };
    let crossed = Figures::of(&map, &plan(&map, &careless, &()).expect("a plan")).crossings;
    let figures = Figures::of(&map, &planned);
    assert!(figures.crossings < crossed.min(400.0), "{} of {crossed} metres", figures.crossings);
    assert_eq!(planned.out_of_band(), []);
}

#[test]
fn a_search_cut_short_hands_over_whole_connected_grids_and_says_so() {
    let households: Vec<u32> = (0..900_u32).map(|atom| atom * 7_919 % 40).collect();
    let map = board(30, &households);
    for patience in [0, 3] {
        let watch = Impatient::new(patience);
        let planned = plan(&map, &Demand::default(), &watch).expect("a plan");
        assert!(!planned.complete);
        assert!(watch.heard.load(Ordering::Relaxed) > 0);
        let figures = Figures::of(&map, &planned);
        assert_eq!((figures.stray_parts, figures.empty), (0, 0));
        assert!(figures.in_band > 0.5, "{figures:?}");
    }
}

#[test]
fn every_fault_of_a_map_is_told_at_once() {
    let good = board(2, &[1; 4]);
    let mut atoms = good.atoms().to_vec();
    atoms[1].id = "0".into();
    atoms[2].place = [f64::NAN, 0.0];
    atoms[3].loads = vec![];
    let borders = vec![
        Border { atoms: [0, 9], length: 1.0, street: 1.0, barrier: 0.0 },
        Border { atoms: [2, 2], length: -1.0, street: 2.0, barrier: 0.0 },
    ];
    let refusal = Map::new(atoms, borders).expect_err("faults");
    let places: Vec<&str> = refusal.0.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(places, ["0", "2", "3", "border 0", "border 1", "border 1", "border 1"]);
    assert!(refusal.to_string().starts_with("0: another atom has the same id; 2: its place"));
    let demand = Demand { grids: Some(9), nested: false, radius_max: Some(0.0), ..Demand::default() };
    let refusal = plan(&good, &demand, &()).expect_err("faults");
    assert_eq!(refusal.0.len(), 2);
}
