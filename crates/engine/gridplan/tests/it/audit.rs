use std::fmt::Write;

use gridplan::{
    audit::*,
    plane::{Frame, Node, Ring, doubled_area},
    *,
};

use crate::{data, real, support::*};

fn square(x: i64, y: i64, width: i64, height: i64) -> Vec<Ring> {
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
    vec![corners.map(|(x, y)| Node { x, y }).to_vec()]
}

/// In millimetres.
fn drawn(shapes: &[Vec<Ring>]) -> Vec<Drawn> {
    let one = |(index, rings): (usize, &Vec<Ring>)| Drawn {
        id: format!("{index}"),
        community: None,
        rings: rings.clone(),
    };
    shapes.iter().enumerate().map(one).collect()
}

fn judged(shapes: &[Vec<Ring>], communities: &[Vec<Ring>]) -> ShapeAudit {
    audit_shapes(&drawn(shapes), &drawn(communities), Frame::of_millimetres()).expect("shapes")
}

fn ailments(audit: &ShapeAudit) -> Vec<Ailment> {
    audit.findings.iter().map(|finding| finding.ailment).collect()
}

/// The repaired grids, drawn.
fn repaired(audit: &ShapeAudit, count: usize) -> Vec<Drawn> {
    let groups: Vec<usize> = (0..count).collect();
    let outlines = audit.repaired.outlines(&groups, count);
    let rings = |polygons: Vec<plane::Polygon>| -> Vec<Ring> {
        polygons.into_iter().flat_map(|polygon| std::iter::once(polygon.outer).chain(polygon.holes)).collect()
    };
    let one = |(index, polygons)| Drawn { id: format!("{index}"), community: None, rings: rings(polygons) };
    outlines.into_iter().enumerate().map(one).collect()
}

const METRE: i64 = 1_000;

#[test]
fn squares_that_fit_are_healthy() {
    let audit = judged(&[square(0, 0, 9, 9), square(9, 0, 9, 9)], &[square(0, 0, 18, 9)]);
    assert_eq!(ailments(&audit), []);
}

#[test]
fn a_slip_of_the_pen_is_told_from_ground_left_out() {
    let sliver = [square(0, 0, 99 * METRE, 100 * METRE), square(100 * METRE, 0, 100 * METRE, 100 * METRE)];
    let land = [square(0, 0, 200 * METRE, 100 * METRE)];
    let audit = judged(&sliver, &land);
    assert_eq!(ailments(&audit), [Ailment::SliverGap]);
    let finding = &audit.findings[0];
    assert!((finding.size - 100.0).abs() < 1e-6, "a hundred square metres");
    assert_eq!((finding.grids.len(), finding.repair.len()), (2, 1));
    let wide = [square(0, 0, 60 * METRE, 100 * METRE), square(100 * METRE, 0, 100 * METRE, 100 * METRE)];
    assert_eq!(ailments(&judged(&wide, &land)), [Ailment::Gap]);
}

#[test]
fn ground_in_two_grids_goes_to_one() {
    let audit =
        judged(&[square(0, 0, 60 * METRE, 50 * METRE), square(50 * METRE, 0, 60 * METRE, 50 * METRE)], &[]);
    assert_eq!(ailments(&audit), [Ailment::Overlap, Ailment::MismatchedEdge]);
    assert!((audit.findings[0].size - 500.0).abs() < 1e-6);
    let area: i128 =
        repaired(&audit, 2).iter().flat_map(|grid| &grid.rings).map(|ring| doubled_area(ring)).sum();
    assert_eq!(area, 2 * 110 * 50 * i128::from(METRE * METRE));
}

#[test]
fn a_hole_is_somebody_elses_unless_a_community_claims_it() {
    let mut ring = square(0, 0, 90 * METRE, 90 * METRE);
    ring.extend(square(30 * METRE, 30 * METRE, 30 * METRE, 30 * METRE));
    let audit = judged(&[ring.clone()], &[]);
    assert_eq!(ailments(&audit), [Ailment::Hole]);
    assert!(audit.findings[0].repair.is_empty());
    let claimed = judged(&[ring], &[square(0, 0, 90 * METRE, 90 * METRE)]);
    assert_eq!(ailments(&claimed), [Ailment::Gap]);
    assert_eq!(claimed.findings[0].repair.len(), 1);
}

#[test]
fn strays_corners_and_enclaves_are_named() {
    let at = |x: i64, y: i64, side: i64| square(x * METRE, y * METRE, side * METRE, side * METRE);
    // The first has a part beyond the second, the third touches itself in a corner, the fourth lies in the second.
    let stray = [at(0, 0, 50), at(200, 0, 20)].concat();
    let mut around = square(50 * METRE, 0, 150 * METRE, 100 * METRE);
    around.extend(at(100, 50, 20));
    let corner = [square(0, 50 * METRE, 50 * METRE, 50 * METRE), at(-10, 40, 10)].concat();
    let audit = judged(&[stray, around, corner, at(100, 50, 20)], &[]);
    let mut found = ailments(&audit);
    found.retain(|ailment| *ailment != Ailment::MismatchedEdge);
    assert_eq!(found, [Ailment::Stray, Ailment::CornerContact, Ailment::Enclave]);
    assert_eq!(
        audit
            .findings
            .iter()
            .find(|finding| finding.ailment == Ailment::Stray)
            .map(|finding| finding.size.round()),
        Some(400.0)
    );
}

#[test]
fn what_a_grid_has_beyond_its_community_goes_to_whom_it_belongs() {
    let land = [square(0, 0, 100 * METRE, 100 * METRE), square(100 * METRE, 0, 100 * METRE, 100 * METRE)];
    let grids = [square(0, 0, 130 * METRE, 100 * METRE), square(130 * METRE, 0, 70 * METRE, 100 * METRE)];
    let audit = judged(&grids, &land);
    let strange: Vec<_> =
        audit.findings.iter().filter(|finding| finding.ailment == Ailment::OutsideCommunity).collect();
    assert_eq!(strange.len(), 1);
    assert!((strange[0].size - 3_000.0).abs() < 1e-6);
    let again = audit_shapes(&repaired(&audit, 2), &drawn(&land), Frame::of_millimetres()).expect("shapes");
    assert_eq!(ailments(&again), []);
}

#[test]
fn a_corner_that_the_neighbour_lacks_is_put_in() {
    let audit = judged(&[square(0, 0, 100, 100), square(100, 0, 50, 50), square(100, 50, 50, 50)], &[]);
    assert_eq!(ailments(&audit), [Ailment::MismatchedEdge, Ailment::MismatchedEdge]);
    let again = audit_shapes(&repaired(&audit, 3), &[], Frame::of_millimetres()).expect("shapes");
    assert_eq!(ailments(&again), []);
}

#[test]
fn shapes_that_enclose_nothing_and_ids_given_twice_are_refused() {
    let mut grids = drawn(&[square(0, 0, 9, 9), vec![vec![Node { x: 0, y: 0 }, Node { x: 5, y: 5 }]]]);
    grids[1].id = "0".into();
    let refusal = audit_shapes(&grids, &[], Frame::of_millimetres()).expect_err("faults");
    assert_eq!(refusal.0.len(), 2);
}

#[test]
fn chicagos_precincts_have_the_faults_that_are_known_and_none_after_repair() {
    let features = data::features("chicago-precincts");
    let grids: Vec<Drawn> = features
        .iter()
        .map(|feature| Drawn {
            id: feature["properties"]["block_id"].as_str().expect("an id").to_owned(),
            community: None,
            rings: data::rings(&feature["geometry"]),
        })
        .collect();
    let frame = data::frame(&data::blocks(&features));
    let audit = audit_shapes(&grids, &[], frame).expect("shapes");
    let mut text = String::new();
    for finding in &audit.findings {
        let names: Vec<&str> = finding.grids.iter().map(|grid| grids[*grid].id.as_str()).collect();
        let shown = if names.len() > 6 { "many".into() } else { names.join(" ") };
        let repaired = if finding.repair.is_empty() { "" } else { ", repaired" };
        writeln!(
            text,
            "{:?} {:.3} {:?}: {shown}{repaired}",
            finding.ailment,
            finding.size,
            finding.ailment.unit()
        )
        .expect("text");
    }
    real::golden("chicago", &text);
    let again = audit_shapes(&repaired(&audit, grids.len()), &[], frame).expect("shapes");
    let incurable =
        |finding: &&FaceFinding| finding.repair.is_empty() && finding.ailment != Ailment::MismatchedEdge;
    let incurable: Vec<Ailment> =
        audit.findings.iter().filter(incurable).map(|finding| finding.ailment).collect();
    assert_eq!(ailments(&again), incurable, "land of others, and parts that touch no other precinct");
}

#[test]
fn a_plan_drawn_badly_on_atoms_is_put_right_with_few_moves() {
    let map = board_of(12, &[25; 144], |atom| if atom < 72 { "south".into() } else { "north".into() });
    let healthy = plan(&map, &short(), &()).expect("a plan");
    let mut grid_of: Vec<Option<usize>> = healthy.grid_of.iter().map(|grid| Some(*grid)).collect();
    assert_eq!(audit_plan(&map, &short(), &grid_of, &()).expect("an audit").findings, []);
    // A stray block, a block in no grid, a block over the community's border.
    let far = healthy.grid_of[0];
    (grid_of[70], grid_of[30]) = (Some(far), None);
    grid_of[78] = grid_of[66];
    let audit = audit_plan(&map, &short(), &grid_of, &()).expect("an audit");
    let found: Vec<Ailment> = audit.findings.iter().map(|finding| finding.ailment).collect();
    for ailment in [Ailment::Stray, Ailment::OutsideCommunity, Ailment::InNoGrid] {
        assert!(found.contains(&ailment), "{found:?}");
    }
    let moved: usize = audit.findings.iter().map(|finding| finding.repair.len()).sum();
    assert!((3..10).contains(&moved), "{moved} moves");
    for finding in &audit.findings {
        for step in &finding.repair {
            grid_of[step.atom] = Some(step.to);
        }
    }
    assert_eq!(grid_of, audit.repaired.iter().map(|grid| Some(*grid)).collect::<Vec<_>>());
    assert_eq!(audit_plan(&map, &short(), &grid_of, &()).expect("an audit").findings, []);
}

#[test]
fn borders_off_the_street_wide_grids_and_roads_inside_are_told_in_metres() {
    let base = board(12, &[25; 144]);
    let alter = |border: &Border| {
        let lane = border.atoms[0] % 12 == 3 && border.atoms[1] == border.atoms[0] + 1;
        let road = border.atoms[0] / 12 == 5 && border.atoms[1] == border.atoms[0] + 12;
        Border { street: f64::from(u8::from(!lane)), barrier: f64::from(u8::from(road)), ..*border }
    };
    let map = Map::new(base.atoms().to_vec(), base.borders().iter().map(alter).collect()).expect("a map");
    // Strips of four columns and three rows: their borders run along the fourth column, across the sixth row.
    let grid_of: Vec<Option<usize>> =
        (0..144).map(|atom| Some(atom % 12 / 4 + 3 * (atom / 12 / 4))).collect();
    let demand = Demand { radius_max: Some(150.0), ..short() };
    let audit = audit_plan(&map, &demand, &grid_of, &()).expect("an audit");
    let of = |ailment| audit.findings.iter().filter(move |finding| finding.ailment == ailment);
    assert_eq!(of(Ailment::OffStreet).map(|finding| finding.size).sum::<f64>(), 1_200.0);
    assert_eq!(of(Ailment::BarrierInside).map(|finding| finding.size).sum::<f64>(), 1_200.0);
    assert_eq!(of(Ailment::TooWide).count(), 9);
    assert!((of(Ailment::TooWide).next().expect("one").size - 212.1).abs() < 0.1);
}
