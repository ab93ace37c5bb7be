use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};

use super::lattice::{Node, turn};

type Boxed = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// Pieces of the segments that meet only in their ends, each with the index of its segment. See the rule of noding.
pub(crate) fn node(segments: &[[Node; 2]]) -> Vec<([Node; 2], u32)> {
    let boxes = segments.iter().enumerate().filter(|(_, ends)| ends[0] != ends[1]);
    let tree = RTree::bulk_load(boxes.map(|(index, ends)| boxed(*ends, index as u32)).collect());
    let pixels = RTree::bulk_load(hot_pixels(segments, &tree));
    let mut pieces = Vec::with_capacity(segments.len());
    let mut along = Vec::new();
    for (index, &[from, to]) in segments.iter().enumerate() {
        if from == to {
            continue;
        }
        along.clear();
        let around = widened([from, to]);
        along.extend(pixels.locate_in_envelope_intersecting(&around).map(|pixel| node_of(*pixel)));
        along.retain(|pixel| passes(from, to, *pixel));
        // The pixels that a straight line passes lie in rising order along both axes.
        let progress = |node: &Node| {
            (node.x - from.x) * (to.x - from.x).signum() + (node.y - from.y) * (to.y - from.y).signum()
        };
        along.sort_by_key(progress);
        along.dedup();
        pieces.extend(along.windows(2).map(|pair| ([pair[0], pair[1]], index as u32)));
    }
    pieces
}

/// All ends and all rounded crossings.
fn hot_pixels(segments: &[[Node; 2]], tree: &RTree<Boxed>) -> Vec<[f64; 2]> {
    let mut nodes: Vec<Node> = segments.iter().flatten().copied().collect();
    for (index, &[from, to]) in segments.iter().enumerate() {
        if from == to {
            continue;
        }
        for other in tree.locate_in_envelope_intersecting(&envelope([from, to])) {
            if other.data as usize > index {
                nodes.extend(crossing([from, to], segments[other.data as usize]));
            }
        }
    }
    nodes.sort_unstable();
    nodes.dedup();
    nodes.into_iter().map(|node| [node.x as f64, node.y as f64]).collect()
}

/// Where two segments cross inside both, rounded. Where one ends on the other, the end is a pixel already.
fn crossing([a, b]: [Node; 2], [c, d]: [Node; 2]) -> Option<Node> {
    let [start, end] = [turn(a, b, c), turn(a, b, d)];
    if start.signum() * end.signum() != -1 || turn(c, d, a).signum() * turn(c, d, b).signum() != -1 {
        return None;
    }
    // c + (d − c) · start / (start − end)
    let (part, whole) = (start.abs(), (start - end).abs());
    let rounded = |from: i64, to: i64| {
        let twice = 2 * i128::from(to - from) * part + whole;
        from + twice.div_euclid(2 * whole) as i64
    };
    Some(Node { x: rounded(c.x, d.x), y: rounded(c.y, d.y) })
}

/// Whether the segment meets the unit square about the pixel, whose upper and right sides belong to the next pixels:
/// so a line through a corner passes one pixel there, not four. In doubled coordinates the corners are integers; a
/// line through a corner of an open side is tested with the corner moved inwards by a hair.
fn passes(from: Node, to: Node, pixel: Node) -> bool {
    let [from, to, middle] = [from, to, pixel].map(|node| Node { x: 2 * node.x, y: 2 * node.y });
    let apart = |one: i64, other: i64, middle: i64| one.min(other) > middle || one.max(other) < middle - 1;
    if apart(from.x, to.x, middle.x) || apart(from.y, to.y, middle.y) {
        return false;
    }
    let [along_x, along_y] = [i128::from(to.x - from.x), i128::from(to.y - from.y)];
    let corners = [(-1, -1, 0), (1, -1, along_y), (-1, 1, -along_x), (1, 1, along_y - along_x)];
    let sides = corners.map(|(x, y, hair)| {
        let side = turn(from, to, Node { x: middle.x + x, y: middle.y + y }).signum();
        if side == 0 { hair.signum() } else { side }
    });
    !(sides.iter().all(|side| *side > 0) || sides.iter().all(|side| *side < 0))
}

fn boxed(ends: [Node; 2], index: u32) -> Boxed {
    let [low, high] = corners(ends);
    GeomWithData::new(Rectangle::from_corners(low, high), index)
}

fn envelope(ends: [Node; 2]) -> AABB<[f64; 2]> {
    let [low, high] = corners(ends);
    AABB::from_corners(low, high)
}

fn widened(ends: [Node; 2]) -> AABB<[f64; 2]> {
    let [low, high] = corners(ends);
    AABB::from_corners([low[0] - 1.0, low[1] - 1.0], [high[0] + 1.0, high[1] + 1.0])
}

fn corners([one, other]: [Node; 2]) -> [[f64; 2]; 2] {
    [
        [one.x.min(other.x) as f64, one.y.min(other.y) as f64],
        [one.x.max(other.x) as f64, one.y.max(other.y) as f64],
    ]
}

fn node_of([x, y]: [f64; 2]) -> Node {
    Node { x: x as i64, y: y as i64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn crosses([a, b]: [Node; 2], [c, d]: [Node; 2]) -> bool {
        let on = |end: Node, from: Node, to: Node| {
            end != from && end != to && turn(from, to, end) == 0 && passes(from, to, end) && {
                let dot = (end.x - from.x) * (to.x - from.x) + (end.y - from.y) * (to.y - from.y);
                let whole = (to.x - from.x).pow(2) + (to.y - from.y).pow(2);
                dot > 0 && dot < whole
            }
        };
        crossing([a, b], [c, d]).is_some() || on(a, c, d) || on(b, c, d) || on(c, a, b) || on(d, a, b)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn pieces_meet_only_in_their_ends(points in prop::collection::vec((-40_i64..40, -40_i64..40), 8..40)) {
            let nodes: Vec<Node> = points.into_iter().map(|(x, y)| Node { x, y }).collect();
            let segments: Vec<[Node; 2]> = nodes.windows(2).map(|pair| [pair[0], pair[1]]).collect();
            let pieces = node(&segments);
            for (index, (piece, _)) in pieces.iter().enumerate() {
                for (other, _) in &pieces[index + 1..] {
                    prop_assert!(!crosses(*piece, *other), "{piece:?} {other:?}");
                }
            }
        }

        #[test]
        fn pieces_of_a_segment_lead_from_its_start_to_its_end(points in prop::collection::vec((-30_i64..30, -30_i64..30), 8..20)) {
            let nodes: Vec<Node> = points.into_iter().map(|(x, y)| Node { x, y }).collect();
            let segments: Vec<[Node; 2]> = nodes.windows(2).map(|pair| [pair[0], pair[1]]).collect();
            let pieces = node(&segments);
            for (index, [from, to]) in segments.iter().enumerate().filter(|(_, ends)| ends[0] != ends[1]) {
                let own: Vec<[Node; 2]> = pieces.iter().filter(|piece| piece.1 == index as u32).map(|piece| piece.0).collect();
                prop_assert_eq!(own[0][0], *from);
                prop_assert_eq!(own[own.len() - 1][1], *to);
                prop_assert!(own.windows(2).all(|pair| pair[0][1] == pair[1][0]));
            }
        }
    }

    #[test]
    fn a_crossing_is_rounded_to_the_nearest_point() {
        let at = |x, y| Node { x, y };
        assert_eq!(crossing([at(0, 0), at(3, 3)], [at(0, 3), at(3, 0)]), Some(at(2, 2)));
        assert_eq!(crossing([at(0, 0), at(4, 4)], [at(0, 4), at(4, 0)]), Some(at(2, 2)));
        assert_eq!(crossing([at(0, 0), at(4, 4)], [at(4, 4), at(9, 0)]), None);
    }
}
