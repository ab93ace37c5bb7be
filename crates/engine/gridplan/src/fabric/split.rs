use std::collections::{BTreeMap, BTreeSet};

use super::{Fabric, streets::Door};
use crate::{
    map::Refusal,
    plane::{Arrangement, Label, Line, LineKind, Node},
};

/// A part of the households that each side of a cut should have, at least.
const SIDE_MIN: f64 = 0.3;

/// Cuts along the axes, one below the other, in gaps between doors.
enum Tree {
    Leaf(usize),
    Cut { is_x: bool, at: i64, below: Box<Tree>, above: Box<Tree> },
}

/// Splits every atom whose doors have more than `most` households, so that no side of a cut can be told from the
/// street but no building is cut either. Doors on one spot stay together. The new ground, the community of each face,
/// and how many atoms were split.
pub(crate) fn split(
    fabric: Fabric,
    lands: Vec<Option<usize>>,
    doors: &[Door],
    homes: &[Option<usize>],
    most: u64,
) -> Result<(Fabric, Vec<Option<usize>>, usize), Refusal> {
    let mut doors_of: BTreeMap<usize, Vec<(Node, u64)>> = BTreeMap::new();
    for (door, home) in doors.iter().zip(homes) {
        if let Some(home) = home {
            doors_of.entry(*home).or_default().push((door.at, u64::from(door.loads[0])));
        }
    }
    let boxes = boxes(&fabric);
    let mut cuts = Vec::new();
    let mut trees: BTreeMap<usize, Tree> = BTreeMap::new();
    for (atom, mut doors) in doors_of {
        let mut leaves = 0;
        let tree = grow(&mut doors, most, boxes[atom], &mut cuts, &mut leaves);
        if leaves > 1 {
            trees.insert(atom, tree);
        }
    }
    if trees.is_empty() {
        return Ok((fabric, lands, 0));
    }
    let arrangement = Arrangement::new(&lines(&fabric, cuts))?;
    let old: Vec<Option<usize>> =
        arrangement.faces.iter().map(|face| face.labels.first().map(|label| *label as usize)).collect();
    let lands = old.iter().map(|face| face.and_then(|face| lands[face])).collect();
    let atoms: Vec<Option<usize>> =
        old.iter().map(|face| face.and_then(|face| fabric.atom_of[face])).collect();
    let leaf = |face: usize| {
        let atom = atoms[face]?;
        Some((atom, trees.get(&atom).map_or(0, |tree| tree.leaf(middle(&arrangement.faces[face].rings[0])))))
    };
    let leaves: Vec<Option<(usize, usize)>> = (0..arrangement.faces.len()).map(leaf).collect();
    let atom_of = connected(&arrangement, &leaves, &trees);
    Ok((Fabric { arrangement, frame: fabric.frame, atom_of }, lands, trees.len()))
}

/// All edges once with what runs along them, all faces by their rings, and the cuts.
fn lines(fabric: &Fabric, cuts: Vec<[Node; 2]>) -> Vec<Line> {
    let edges = fabric.arrangement.edges.iter();
    let edges = edges.map(|edge| Line { nodes: vec![edge.from, edge.to], label: None, kind: edge.kind });
    let faces = (0 as Label..).zip(&fabric.arrangement.faces);
    let rings = faces.flat_map(|(label, face)| {
        face.rings.iter().map(move |ring| Line {
            nodes: ring.clone(),
            label: Some(label),
            kind: LineKind::Drawn,
        })
    });
    let cuts = cuts.into_iter().map(|ends| Line { nodes: ends.to_vec(), label: None, kind: LineKind::Drawn });
    edges.chain(rings).chain(cuts).collect()
}

/// The corners of each atom's box.
fn boxes(fabric: &Fabric) -> Vec<[Node; 2]> {
    let count = fabric.atom_of.iter().flatten().max().map_or(0, |last| last + 1);
    let none = [Node { x: i64::MAX, y: i64::MAX }, Node { x: i64::MIN, y: i64::MIN }];
    let mut boxes = vec![none; count];
    for (face, atom) in fabric.arrangement.faces.iter().zip(&fabric.atom_of) {
        if let Some(atom) = *atom {
            let [low, high] = &mut boxes[atom];
            for node in &face.rings[0] {
                *low = Node { x: low.x.min(node.x), y: low.y.min(node.y) };
                *high = Node { x: high.x.max(node.x), y: high.y.max(node.y) };
            }
        }
    }
    boxes
}

fn grow(
    doors: &mut [(Node, u64)],
    most: u64,
    bounds: [Node; 2],
    cuts: &mut Vec<[Node; 2]>,
    leaves: &mut usize,
) -> Tree {
    let total: u64 = doors.iter().map(|door| door.1).sum();
    let best = if total > most {
        [true, false].into_iter().filter_map(|is_x| gap(doors, is_x, total)).max()
    } else {
        None
    };
    let Some((_, is_x, at)) = best else {
        *leaves += 1;
        return Tree::Leaf(*leaves - 1);
    };
    let [low, high] = bounds;
    cuts.push(match is_x {
        true => [Node { x: at, y: low.y - 1 }, Node { x: at, y: high.y + 1 }],
        false => [Node { x: low.x - 1, y: at }, Node { x: high.x + 1, y: at }],
    });
    doors.sort_by_key(|door| (along(door.0, is_x), door.0));
    let first_above = doors.partition_point(|door| along(door.0, is_x) < at);
    let (below, above) = doors.split_at_mut(first_above);
    let below = Box::new(grow(below, most, bounds, cuts, leaves));
    let above = Box::new(grow(above, most, bounds, cuts, leaves));
    Tree::Cut { is_x, at, below, above }
}

fn along(node: Node, is_x: bool) -> i64 {
    if is_x { node.x } else { node.y }
}

/// The widest gap between doors that leaves both sides a fair part, or else the one nearest to the middle: whether it
/// is fair and how wide, the axis, and where the cut runs.
fn gap(doors: &[(Node, u64)], is_x: bool, total: u64) -> Option<((bool, i64), bool, i64)> {
    let mut sorted: Vec<(i64, u64)> = doors.iter().map(|door| (along(door.0, is_x), door.1)).collect();
    sorted.sort_unstable();
    let mut below = 0;
    let mut gaps = Vec::new();
    for pair in sorted.windows(2) {
        below += pair[0].1;
        let width = pair[1].0 - pair[0].0;
        // A cut runs strictly between two doors.
        if width >= 2 {
            let least = below.min(total - below);
            gaps.push((least, width, pair[0].0 + width / 2));
        }
    }
    let is_fair = |gap: &&(u64, i64, i64)| gap.0 as f64 >= SIDE_MIN * total as f64;
    let fair = gaps.iter().filter(is_fair).max_by_key(|gap| (gap.1, gap.0));
    if let Some((_, width, at)) = fair {
        return Some(((true, *width), is_x, *at));
    }
    gaps.iter().max_by_key(|gap| (gap.0, gap.1)).map(|(least, _, at)| ((false, *least as i64), is_x, *at))
}

impl Tree {
    fn leaf(&self, node: Node) -> usize {
        match self {
            Self::Leaf(leaf) => *leaf,
            Self::Cut { is_x, at, below, above } => {
                if along(node, *is_x) < *at {
                    below.leaf(node)
                } else {
                    above.leaf(node)
                }
            }
        }
    }
}

/// The middle of the ring's box: a face lies on one side of every cut through its atom.
fn middle(ring: &[Node]) -> Node {
    let span = |axis: fn(&Node) -> i64| {
        (ring.iter().map(axis).min().unwrap_or(0) + ring.iter().map(axis).max().unwrap_or(0)).div_euclid(2)
    };
    Node { x: span(|node| node.x), y: span(|node| node.y) }
}

/// Atoms are the connected faces of one leaf; in an atom that was not split, all its faces.
fn connected(
    arrangement: &Arrangement,
    leaves: &[Option<(usize, usize)>],
    trees: &BTreeMap<usize, Tree>,
) -> Vec<Option<usize>> {
    let mut beside: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); leaves.len()];
    for edge in &arrangement.edges {
        if let [Some(one), Some(other)] = edge.faces.map(|face| face.map(|face| face as usize))
            && leaves[one] == leaves[other]
        {
            beside[one].insert(other);
            beside[other].insert(one);
        }
    }
    let mut atom_of: Vec<Option<usize>> = vec![None; leaves.len()];
    let mut whole: BTreeMap<usize, usize> = BTreeMap::new();
    let mut count = 0;
    for first in 0..leaves.len() {
        let Some((atom, _)) = leaves[first] else { continue };
        if atom_of[first].is_some() {
            continue;
        }
        if !trees.contains_key(&atom) {
            atom_of[first] = Some(*whole.entry(atom).or_insert(count));
            count = count.max(atom_of[first].unwrap_or(0) + 1);
            continue;
        }
        let mut open = vec![first];
        atom_of[first] = Some(count);
        while let Some(face) = open.pop() {
            for &other in &beside[face] {
                if atom_of[other].is_none() {
                    atom_of[other] = Some(count);
                    open.push(other);
                }
            }
        }
        count += 1;
    }
    atom_of
}
