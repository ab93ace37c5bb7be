//! Figures on real blocks, kept as golden text: what a change of the search does to them stands in the diff.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use gridplan::*;

use crate::{checker, data, support};

fn assigned(map: &Map, plan: &Plan) -> BTreeMap<String, usize> {
    map.atoms().iter().zip(&plan.grid_of).map(|(atom, grid)| (atom.id.clone(), *grid)).collect()
}

pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    if std::env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, text).expect("the golden file");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "`cargo xtask golden` accepts what is new; read the difference first");
}

/// The planner's own figures and those of the checker, which have to agree.
fn figures(text: &mut String, name: &str, planned: &Plan, map: &Map, verdict: &checker::Verdict) {
    let figures = Figures::of(map, planned);
    assert_eq!((verdict.blocks, verdict.unassigned), (map.atoms().len(), 0));
    assert_eq!(
        (verdict.grids, verdict.empty, verdict.stray_parts),
        (figures.grids, figures.empty, figures.stray_parts)
    );
    assert!((verdict.boundary_km * 1000.0 - figures.boundary).abs() < 0.5, "{verdict:?} {figures:?}");
    assert!(
        (verdict.polsby_popper_mean - figures.polsby_popper_mean).abs() < 1e-4,
        "{verdict:?} {figures:?}"
    );
    writeln!(
        text,
        "{name}: {} grids, {} special, {} empty, {} stray, {} in the band, worst {:.3}, {:.1} km, roundness {:.3}, \
         RMS distance {:.0} m, mean radius {:.0} m",
        figures.grids,
        figures.special,
        figures.empty,
        figures.stray_parts,
        verdict.in_band,
        figures.deviation_worst,
        verdict.boundary_km,
        verdict.polsby_popper_mean,
        figures.distance_rms,
        figures.radius_mean,
    )
    .expect("text");
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for out in planned.out_of_band() {
        *reasons.entry(format!("{:?}", out.reason)).or_default() += 1;
    }
    writeln!(text, "  out of the band: {reasons:?}").expect("text");
}

#[test]
fn providence_keeps_the_band_wherever_it_can_be_kept() {
    let (features, _, map) = data::town("providence-core");
    let total: u64 = (0..map.atoms().len()).map(|atom| u64::from(map.households(atom))).sum();
    let target = total as f64 / 202.0;
    let band = Band::new(target, 0.1);
    let mut text = String::new();
    for seed in 1..=2 {
        let demand = Demand {
            grids: Some(202),
            nested: false,
            seed,
            effort: Effort { starts: 1, trials_per_atom: 1_500, rounds: 20, prove: false },
            ..Demand::default()
        };
        let planned = plan(&map, &demand, &()).expect("a plan");
        let verdict = checker::judge(&features, &assigned(&map, &planned), target, (band.low, band.high));
        figures(&mut text, &format!("seed {seed}"), &planned, &map, &verdict);
        assert_eq!((verdict.grids, verdict.empty, verdict.stray_parts), (202, 0, 0));
        // 0.165 is proven to be the least: the block of 250 households has one neighbour, of 183.
        assert!(verdict.worst < 0.166 && verdict.in_band >= 200, "{verdict:?}");
        assert!(verdict.boundary_km < 190.0 && verdict.polsby_popper_mean > 0.6, "{verdict:?}");
    }
    golden("providence", &text);
}

#[test]
fn towns_are_divided_within_their_communities() {
    let mut text = String::new();
    for name in ["providence-core", "lowell"] {
        let (features, _, map) = data::town(name);
        let effort = Effort { prove: true, ..support::short().effort };
        let planned = plan(&map, &Demand { effort, ..support::short() }, &()).expect("a plan");
        let verdict = checker::judge(&features, &assigned(&map, &planned), 300.0, (270, 330));
        figures(&mut text, name, &planned, &map, &verdict);
        let pieces = || planned.communities.iter().flat_map(|community| &community.pieces);
        let proven = |proof| pieces().filter(|piece| piece.proof == proof).count();
        let gaps = pieces().filter_map(|piece| piece.distance_gap);
        let (cost, bound) =
            gaps.clone().fold((0.0, 0.0), |sums, gap| (sums.0 + gap.cost, sums.1 + gap.bound));
        assert!(gaps.clone().all(|gap| gap.bound > 0.0 && gap.bound <= gap.cost), "{name}");
        writeln!(
            text,
            "  {} pieces: {} proven best, {} proven to have none in the band; distances at most {:.1} % above the \
             shortest in {} of them",
            pieces().count(),
            proven(Proof::Best),
            proven(Proof::NoneInBand),
            100.0 * (cost / bound - 1.0),
            gaps.count(),
        )
        .expect("text");
        assert_eq!((verdict.empty, verdict.stray_parts, Figures::of(&map, &planned).not_nested), (0, 0, 0));
    }
    golden("nested", &text);
}

#[test]
fn grids_of_real_blocks_have_the_same_edges_as_their_neighbours_and_leave_no_ground_out() {
    let (_, fabric, map) = data::town("lowell");
    let planned = plan(&map, &support::short(), &()).expect("a plan");
    let outlines = fabric.outlines(&planned.grid_of, planned.grids.len());
    let mut sides: BTreeMap<[plane::Node; 2], i32> = BTreeMap::new();
    let mut area = 0;
    for polygon in outlines.iter().flatten() {
        for ring in std::iter::once(&polygon.outer).chain(&polygon.holes) {
            area += plane::doubled_area(ring);
            for (index, node) in ring.iter().enumerate() {
                *sides.entry([*node, ring[(index + 1) % ring.len()]]).or_default() += 1;
            }
        }
    }
    let blocks: i128 = fabric
        .arrangement
        .faces
        .iter()
        .zip(&fabric.atom_of)
        .filter(|(_, atom)| atom.is_some())
        .map(|(face, _)| face.doubled_area)
        .sum();
    assert_eq!(area, blocks, "to the last unit");
    let outer: BTreeMap<[plane::Node; 2], i32> = fabric
        .arrangement
        .edges
        .iter()
        .filter_map(|edge| match edge.faces.map(|face| face.and_then(|face| fabric.atom_of[face as usize])) {
            [Some(_), None] => Some(([edge.from, edge.to], 1)),
            [None, Some(_)] => Some(([edge.to, edge.from], 1)),
            _ => None,
        })
        .collect();
    let unmatched: BTreeMap<_, _> = sides
        .iter()
        .filter(|(side, _)| !sides.contains_key(&[side[1], side[0]]))
        .map(|(side, count)| (*side, *count))
        .collect();
    assert_eq!(unmatched, outer, "every side that no neighbour has is the town's own border");
    assert!(sides.values().all(|count| *count == 1), "no ground is claimed twice");
}
