use std::{cmp::Ordering, collections::BTreeMap};

use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};

use super::{
    arrangement::Edge,
    lattice::{Node, Ring, doubled_area, inside},
};

/// The face beyond all lines.
pub(crate) const OUTSIDE: u32 = u32::MAX;

/// The faces between edges that meet only in their ends.
pub(crate) struct Traced {
    /// The outer ring of each face, then those of its holes.
    pub rings: Vec<Vec<Ring>>,
    /// Of each edge, the faces to its left and right.
    pub sides: Vec<[u32; 2]>,
}

/// Half-edge `2 · edge` runs from `from` to `to`, the next one back.
struct Halves<'a> {
    edges: &'a [Edge],
    next: Vec<u32>,
}

/// Edges that have the same face on both sides are taken out first: they bound nothing.
pub(crate) fn faces(edges: &mut Vec<Edge>) -> Traced {
    loop {
        prune(edges);
        let (cycles, cycle_of) = Halves::new(edges).cycles();
        let bounds = |edge: usize| cycle_of[2 * edge] != cycle_of[2 * edge + 1];
        if (0..edges.len()).all(bounds) {
            return assemble(cycles, &cycle_of);
        }
        let mut edge = 0;
        edges.retain(|_| {
            edge += 1;
            bounds(edge - 1)
        });
    }
}

/// Takes out dead ends, from their ends backwards.
fn prune(edges: &mut Vec<Edge>) {
    let mut at: BTreeMap<Node, Vec<u32>> = BTreeMap::new();
    for (index, edge) in edges.iter().enumerate() {
        at.entry(edge.from).or_default().push(index as u32);
        at.entry(edge.to).or_default().push(index as u32);
    }
    let mut gone = vec![false; edges.len()];
    let mut open: Vec<Node> =
        at.iter().filter(|(_, edges)| edges.len() == 1).map(|(node, _)| *node).collect();
    while let Some(node) = open.pop() {
        let alive = |at: &BTreeMap<Node, Vec<u32>>, node: &Node| {
            at[node].iter().copied().filter(|edge| !gone[*edge as usize]).collect::<Vec<u32>>()
        };
        let [edge] = alive(&at, &node)[..] else { continue };
        gone[edge as usize] = true;
        let ends = &edges[edge as usize];
        open.push(if ends.from == node { ends.to } else { ends.from });
    }
    let mut index = 0;
    edges.retain(|_| {
        index += 1;
        !gone[index - 1]
    });
}

impl<'a> Halves<'a> {
    fn new(edges: &'a [Edge]) -> Self {
        let mut halves = Self { edges, next: vec![0; edges.len() * 2] };
        let mut at: BTreeMap<Node, Vec<u32>> = BTreeMap::new();
        for half in 0..edges.len() as u32 * 2 {
            at.entry(halves.start(half)).or_default().push(half);
        }
        for (node, mut around) in at {
            around.sort_by(|one, other| by_angle(node, halves.start(one ^ 1), halves.start(other ^ 1)));
            for (index, half) in around.iter().enumerate() {
                // Who arrives by the twin of `half` goes on by the one before it: the face stays to the left.
                let before = around[(index + around.len() - 1) % around.len()];
                halves.next[(half ^ 1) as usize] = before;
            }
        }
        halves
    }

    fn start(&self, half: u32) -> Node {
        let edge = &self.edges[half as usize / 2];
        if half.is_multiple_of(2) { edge.from } else { edge.to }
    }

    fn cycles(&self) -> (Vec<Ring>, Vec<u32>) {
        let mut cycle_of = vec![u32::MAX; self.next.len()];
        let mut cycles = Vec::new();
        for first in 0..self.next.len() as u32 {
            if cycle_of[first as usize] != u32::MAX {
                continue;
            }
            let mut ring = Vec::new();
            let mut half = first;
            while cycle_of[half as usize] == u32::MAX {
                cycle_of[half as usize] = cycles.len() as u32;
                ring.push(self.start(half));
                half = self.next[half as usize];
            }
            cycles.push(ring);
        }
        (cycles, cycle_of)
    }
}

/// Cycles against the clock are faces; those with it bound what lies in a face, or in the outside.
fn assemble(cycles: Vec<Ring>, cycle_of: &[u32]) -> Traced {
    let areas: Vec<i128> = cycles.iter().map(|cycle| doubled_area(cycle)).collect();
    let outer: Vec<usize> = (0..cycles.len()).filter(|cycle| areas[*cycle] > 0).collect();
    let mut face_of = vec![OUTSIDE; cycles.len()];
    for (face, cycle) in outer.iter().enumerate() {
        face_of[*cycle] = face as u32;
    }
    let boxes = outer.iter().enumerate().map(|(face, cycle)| boxed(&cycles[*cycle], face));
    let tree = RTree::bulk_load(boxes.collect());
    let mut holes: Vec<Vec<usize>> = vec![Vec::new(); outer.len()];
    for cycle in (0..cycles.len()).filter(|cycle| areas[*cycle] <= 0) {
        let own: Vec<Node> = cycles[cycle].clone();
        let node = own[0];
        let around = tree.locate_in_envelope_intersecting(&AABB::from_point([node.x as f64, node.y as f64]));
        let holding = around.map(|boxed| boxed.data).filter(|face| {
            let ring = &cycles[outer[*face]];
            // Faces inside this very cycle share its nodes.
            !ring.contains(&node) && inside(node, std::slice::from_ref(ring))
        });
        if let Some(face) = holding.min_by_key(|face| (areas[outer[*face]], *face)) {
            face_of[cycle] = face as u32;
            holes[face].push(cycle);
        }
    }
    let rings = outer
        .iter()
        .zip(&holes)
        .map(|(cycle, holes)| {
            std::iter::once(cycle).chain(holes).map(|cycle| cycles[*cycle].clone()).collect()
        })
        .collect();
    let sides =
        cycle_of.chunks(2).map(|pair| [face_of[pair[0] as usize], face_of[pair[1] as usize]]).collect();
    Traced { rings, sides }
}

fn boxed(ring: &Ring, face: usize) -> GeomWithData<Rectangle<[f64; 2]>, usize> {
    let [mut low, mut high] = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
    for node in ring {
        for (axis, value) in [node.x as f64, node.y as f64].into_iter().enumerate() {
            low[axis] = low[axis].min(value);
            high[axis] = high[axis].max(value);
        }
    }
    GeomWithData::new(Rectangle::from_corners(low, high), face)
}

/// By the angle at `middle` against the clock from east. Exact.
fn by_angle(middle: Node, one: Node, other: Node) -> Ordering {
    let half = |node: Node| (node.y, node.x) < (middle.y, middle.x);
    let side = super::lattice::turn(middle, one, other);
    half(one).cmp(&half(other)).then(0.cmp(&side))
}

#[cfg(test)]
mod tests {
    use crate::plane::{Arrangement, Line, LineKind, Node};

    fn line(points: &[(i64, i64)], label: Option<u32>) -> Line {
        Line { nodes: points.iter().map(|&(x, y)| Node { x, y }).collect(), label, kind: LineKind::Street }
    }

    #[test]
    fn a_square_with_a_cross_has_four_faces_and_no_dead_end() {
        let lines = [
            line(&[(0, 0), (10, 0), (10, 10), (0, 10)], Some(7)),
            line(&[(5, -3), (5, 14)], None),
            line(&[(-2, 5), (10, 5)], None),
        ];
        let arrangement = Arrangement::new(&lines).expect("in range");
        assert_eq!(arrangement.faces.len(), 4);
        assert!(arrangement.faces.iter().all(|face| face.doubled_area == 50 && face.labels == [7]));
        assert!(arrangement.edges.iter().all(|edge| edge.from.y >= 0 && edge.to.y <= 10));
    }

    #[test]
    fn an_island_is_a_hole_of_the_face_around_it_and_a_face_itself() {
        let lines = [
            line(&[(0, 0), (10, 0), (10, 10), (0, 10)], Some(1)),
            line(&[(4, 4), (6, 4), (6, 6), (4, 6)], Some(2)),
        ];
        let arrangement = Arrangement::new(&lines).expect("in range");
        let mut faces: Vec<_> =
            arrangement.faces.iter().map(|face| (face.doubled_area, face.labels.clone())).collect();
        faces.sort();
        assert_eq!(faces, [(8, vec![1, 2]), (192, vec![1])]);
    }

    #[test]
    fn a_bow_tie_covers_both_its_wings() {
        let arrangement =
            Arrangement::new(&[line(&[(0, 0), (10, 10), (10, 0), (0, 10)], Some(3))]).expect("in range");
        assert_eq!(arrangement.faces.len(), 2);
        assert!(arrangement.faces.iter().all(|face| face.labels == [3]));
    }

    #[test]
    fn two_squares_joined_by_a_road_are_two_faces_and_the_road_is_none() {
        let lines = [
            line(&[(0, 0), (2, 0), (2, 2), (0, 2)], Some(1)),
            line(&[(8, 0), (10, 0), (10, 2), (8, 2)], Some(2)),
            line(&[(2, 2), (8, 2)], None),
        ];
        let arrangement = Arrangement::new(&lines).expect("in range");
        assert_eq!((arrangement.faces.len(), arrangement.edges.len()), (2, 8));
    }
}
