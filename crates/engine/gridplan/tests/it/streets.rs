use std::collections::BTreeSet;

use gridplan::{
    plane::{Frame, LineKind, Node, Ring, doubled_area},
    *,
};
use proptest::prelude::*;

use crate::{data, real, support::short};

const METRE: i64 = 1_000;

fn at(x: i64, y: i64) -> Node {
    Node { x: x * METRE, y: y * METRE }
}

fn square(name: &str, x: i64, y: i64, side: i64) -> CommunityShape {
    let ring = vec![at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side)];
    CommunityShape { name: name.into(), rings: vec![ring] }
}

fn street(kind: LineKind, nodes: &[Node]) -> Street {
    Street { nodes: nodes.to_vec(), kind }
}

fn door(x: i64, y: i64, households: u32) -> Door {
    Door { at: at(x, y), loads: vec![households] }
}

fn made(streets: &[Street], communities: &[CommunityShape], doors: &[Door]) -> Ground {
    cut(streets, communities, doors, Frame::of_millimetres(), GroundRules::default()).expect("ground")
}

/// Twice the area of the atoms of each community, in square millimetres.
fn areas(ground: &Ground, name: &str) -> i128 {
    let own = |atom: &Option<usize>| atom.is_some_and(|atom| ground.holdings[atom].community == name);
    let faces = ground.fabric.arrangement.faces.iter().zip(&ground.fabric.atom_of);
    faces.filter(|(_, atom)| own(atom)).map(|(face, _)| face.doubled_area).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn atoms_are_exactly_the_ground_of_their_community(
        ends in prop::collection::vec((-20_000_i64..420_000, -20_000_i64..220_000), 4..40),
        seats in prop::collection::vec((1_i64..399, 1_i64..199, 1_u32..200), 0..60),
    ) {
        let nodes: Vec<Node> = ends.iter().map(|&(x, y)| Node { x, y }).collect();
        let streets: Vec<Street> = nodes.windows(2).map(|pair| street(LineKind::Street, pair)).collect();
        let doors: Vec<Door> = seats.iter().map(|&(x, y, load)| door(x, y, load)).collect();
        let ground = made(&streets, &[square("a", 0, 0, 200), square("b", 200, 0, 200)], &doors);
        // Corners on the lattice and borders along its axes: crossings are rounded along them, nothing is lost.
        let whole = 2 * i128::from(200 * METRE) * i128::from(200 * METRE);
        prop_assert_eq!((areas(&ground, "a"), areas(&ground, "b")), (whole, whole));
        let households: u64 = ground.holdings.iter().map(|holding| u64::from(holding.loads[0])).sum();
        prop_assert_eq!(households, doors.iter().map(|door| u64::from(door.loads[0])).sum::<u64>());
        prop_assert_eq!(&ground.unplaced, &Vec::<usize>::new());
        let map = ground.fabric.map(ground.holdings.clone()).expect("a map");
        for atom in 0..map.atoms().len() {
            let group: Vec<usize> = (0..map.atoms().len()).map(|other| usize::from(other == atom)).collect();
            let shape = &ground.fabric.outlines(&group, 2)[1];
            let area: i128 = shape.iter().flat_map(|polygon| std::iter::once(&polygon.outer).chain(&polygon.holes)).map(|ring| doubled_area(ring)).sum();
            prop_assert!((area as f64 / 2e6 - map.atoms()[atom].area).abs() < 0.01);
        }
    }
}

#[test]
fn neighbours_that_drew_their_border_differently_still_share_it() {
    // The second has a corner on the border, two centimetres off.
    let mut crooked = square("b", 200, 0, 200);
    crooked.rings[0].push(Node { x: 200 * METRE + 20, y: 100 * METRE });
    let ground = made(&[], &[square("a", 0, 0, 200), crooked], &[]);
    let edges = &ground.fabric.arrangement.edges;
    let ends: Vec<[Node; 2]> = edges.iter().map(|edge| [edge.from, edge.to]).collect();
    assert_eq!(ends.iter().collect::<BTreeSet<_>>().len(), ends.len(), "every edge is there once");
    let gap = ground.fabric.arrangement.faces.iter().filter(|face| face.labels.is_empty());
    assert_eq!(
        gap.map(|face| face.doubled_area).collect::<Vec<_>>(),
        [200_000 * 20],
        "and the gap is a face"
    );
}

#[test]
fn the_strip_between_two_carriageways_is_no_block() {
    let road = |y| street(LineKind::MainRoad, &[at(-5, y), at(205, y)]);
    let ground = made(&[road(95), road(103)], &[square("a", 0, 0, 200)], &[]);
    assert_eq!((ground.faces, ground.welded, ground.holdings.len()), (3, 1, 2));
    let map = ground.fabric.map(ground.holdings.clone()).expect("a map");
    assert_eq!(
        (map.borders().len(), map.borders()[0].barrier),
        (1, 1.0),
        "the road still lies between the two"
    );
}

#[test]
fn a_compound_too_large_for_a_grid_is_split_between_its_buildings() {
    let doors: Vec<Door> = (0..12).map(|index| door(20 + index % 4 * 50, 20 + index / 4 * 60, 60)).collect();
    let ground = made(&[], &[square("compound", 0, 0, 200)], &doors);
    assert_eq!(ground.split, 1);
    assert!(
        ground.holdings.iter().all(|holding| (60..=120).contains(&holding.loads[0])),
        "{:?}",
        ground.holdings
    );
    let map = ground.fabric.map(ground.holdings.clone()).expect("a map");
    assert!(map.borders().iter().all(|border| border.street == 0.0), "no street runs inside");
    let loads = vec![LoadRule { target: Some(240.0), tolerance: 0.1, weight: 1.0 }];
    let planned = plan(&map, &Demand { loads, ..short() }, &()).expect("a plan");
    assert_eq!(planned.grids.iter().map(|grid| grid.loads[0]).collect::<Vec<_>>(), [240, 240, 240]);
}

#[test]
fn a_tower_on_one_spot_cannot_be_split_and_gets_a_special_grid() {
    let mut doors: Vec<Door> =
        (0..8).map(|index| door(20 + index % 4 * 50, 30 + index / 4 * 120, 75)).collect();
    doors.extend((0..5).map(|_| door(100, 100, 100)));
    let ground = made(&[], &[square("a", 0, 0, 200)], &doors);
    let map = ground.fabric.map(ground.holdings.clone()).expect("a map");
    let planned = plan(&map, &short(), &()).expect("a plan");
    let special: Vec<u64> = planned
        .grids
        .iter()
        .filter(|grid| grid.kind == GridKind::Special)
        .map(|grid| grid.loads[0])
        .collect();
    assert_eq!(special, [500]);
}

#[test]
fn doors_beyond_all_communities_and_ground_claimed_twice_are_named() {
    let ground =
        made(&[], &[square("a", 0, 0, 100), square("b", 90, 0, 100)], &[door(50, 50, 7), door(500, 5, 3)]);
    assert_eq!(ground.unplaced, [1]);
    assert_eq!(ground.claims.len(), 1);
    assert_eq!((ground.claims[0].blocks.clone(), ground.claims[0].area.round()), (vec![0, 1], 1_000.0));
    let faults = cut(
        &[],
        &[square("a", 0, 0, 9), square("a", 0, 0, 9)],
        &[],
        Frame::of_millimetres(),
        GroundRules::default(),
    );
    assert_eq!(faults.expect_err("one name twice").0.len(), 1);
}

#[test]
fn the_streets_of_a_real_city_become_blocks() {
    let features = data::features("liege-streets");
    let kind = |name: &str| match name {
        "motorway" | "trunk" | "primary" => LineKind::MainRoad,
        "secondary" | "tertiary" | "residential" | "unclassified" => LineKind::Street,
        _ => LineKind::Lane,
    };
    let streets: Vec<Street> = features
        .iter()
        .map(|feature| {
            let points = feature["geometry"]["coordinates"].as_array().expect("points");
            let number = |value: &serde_json::Value| value.as_f64().expect("a number");
            let nodes =
                points.iter().map(|point| Frame::node_of_degrees(number(&point[0]), number(&point[1])));
            Street {
                nodes: nodes.collect(),
                kind: kind(feature["properties"]["highway"].as_str().unwrap_or_default()),
            }
        })
        .collect();
    let ground =
        cut(&streets, &[], &[], Frame::of_degrees(5.57, 50.63), GroundRules::default()).expect("ground");
    let map = ground.fabric.map(ground.holdings.clone()).expect("a map");
    let hectares = |low: f64, high: f64| {
        map.atoms().iter().filter(|atom| (low * 1e4..high * 1e4).contains(&atom.area)).count()
    };
    let rings: i128 = ground.fabric.outlines(&vec![0; map.atoms().len()], 1)[0]
        .iter()
        .flat_map(|polygon| std::iter::once(&polygon.outer).chain(&polygon.holes))
        .map(|ring: &Ring| doubled_area(ring))
        .sum();
    let faces: i128 = ground.fabric.arrangement.faces.iter().map(|face| face.doubled_area).sum();
    assert_eq!(rings, faces, "the outline of all atoms is the ground of all faces, to the last unit");
    let text = format!(
        "{} lines: {} faces, {} welded, {} blocks, {} of them of 1 to 50 ha, {} borders\n",
        streets.len(),
        ground.faces,
        ground.welded,
        map.atoms().len(),
        hectares(1.0, 50.0),
        map.borders().len(),
    );
    real::golden("liege", &text);
}
