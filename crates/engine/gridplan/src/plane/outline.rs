use std::collections::BTreeMap;

use super::lattice::{Node, Ring, doubled_area, inside};

/// An outer ring against the clock and its holes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polygon {
    pub outer: Ring,
    pub holes: Vec<Ring>,
}

/// Polygons from directed edges that have the area to their left. Where rings meet in a node, the area is cut there,
/// so that no ring touches itself. Edges that stand there in both directions cancel out. Every node stays, so that the
/// polygons of neighbours have the same edges.
pub fn outline(edges: impl IntoIterator<Item = [Node; 2]>) -> Vec<Polygon> {
    let mut open: BTreeMap<[Node; 2], i32> = BTreeMap::new();
    for [from, to] in edges {
        *open.entry([from, to]).or_default() += 1;
    }
    let mut from: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    for (&[start, end], count) in &open {
        let back = open.get(&[end, start]).copied().unwrap_or(0);
        for _ in 0..(count - back).max(0) {
            from.entry(start).or_default().push(end);
        }
    }
    let mut rings = Vec::new();
    while let Some((&first, _)) = from.first_key_value() {
        let mut path = vec![first];
        let mut place: BTreeMap<Node, usize> = BTreeMap::from([(first, 0)]);
        // Balanced nodes: who enters can leave, until the start is met again.
        while let Some(next) = leave(&mut from, &path) {
            if let Some(&start) = place.get(&next) {
                let ring = path.split_off(start);
                for node in &ring {
                    place.remove(node);
                }
                rings.push(ring);
                if path.is_empty() {
                    break;
                }
            }
            place.insert(next, path.len());
            path.push(next);
        }
    }
    assemble(rings)
}

/// Takes the edge from the end of the path that turns most to the left: the ring then hugs its area.
fn leave(from: &mut BTreeMap<Node, Vec<Node>>, path: &[Node]) -> Option<Node> {
    let at = *path.last()?;
    let ends = from.get_mut(&at)?;
    let before = path.len().checked_sub(2).map(|place| path[place]);
    let index = match before {
        Some(before) if ends.len() > 1 => (0..ends.len())
            .max_by(|one, other| bend(before, at, ends[*one]).total_cmp(&bend(before, at, ends[*other])))?,
        _ => 0,
    };
    let next = ends.swap_remove(index);
    if ends.is_empty() {
        from.remove(&at);
    }
    Some(next)
}

/// The angle of the turn to the left. Only orders edges at a node where rings meet: either order gives valid rings.
fn bend(before: Node, at: Node, after: Node) -> f64 {
    let [ux, uy] = [(at.x - before.x) as f64, (at.y - before.y) as f64];
    let [vx, vy] = [(after.x - at.x) as f64, (after.y - at.y) as f64];
    libm::atan2(ux * vy - uy * vx, ux * vx + uy * vy)
}

fn assemble(rings: Vec<Ring>) -> Vec<Polygon> {
    let (outer, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().partition(|ring| doubled_area(ring) > 0);
    let mut polygons: Vec<Polygon> =
        outer.into_iter().map(|outer| Polygon { outer, holes: Vec::new() }).collect();
    for hole in holes {
        let holding =
            |polygon: &Polygon| hole.iter().all(|node| inside(*node, std::slice::from_ref(&polygon.outer)));
        let smallest = polygons
            .iter()
            .enumerate()
            .filter(|(_, polygon)| holding(polygon))
            .min_by_key(|(index, polygon)| (doubled_area(&polygon.outer), *index))
            .map(|(index, _)| index);
        if let Some(index) = smallest {
            polygons[index].holes.push(hole);
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: i64, y: i64, side: i64) -> Vec<[Node; 2]> {
        let nodes = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)].map(|(x, y)| Node { x, y });
        (0..4).map(|index| [nodes[index], nodes[(index + 1) % 4]]).collect()
    }

    fn area(polygons: &[Polygon]) -> i128 {
        polygons
            .iter()
            .flat_map(|polygon| std::iter::once(&polygon.outer).chain(&polygon.holes))
            .map(|ring| doubled_area(ring))
            .sum()
    }

    #[test]
    fn neighbours_lose_the_edge_between_them() {
        let polygons = outline([square(0, 0, 2), square(2, 0, 2)].concat());
        assert_eq!(polygons.len(), 1);
        assert_eq!((polygons[0].outer.len(), area(&polygons)), (6, 16));
    }

    #[test]
    fn squares_that_meet_in_a_corner_stay_two() {
        let polygons = outline([square(0, 0, 2), square(2, 2, 2)].concat());
        assert_eq!((polygons.len(), area(&polygons)), (2, 16));
    }

    #[test]
    fn a_frame_has_a_hole() {
        let mut edges = square(0, 0, 9);
        edges.extend(square(3, 3, 3).into_iter().map(|[from, to]| [to, from]));
        let polygons = outline(edges);
        assert_eq!((polygons.len(), polygons[0].holes.len(), area(&polygons)), (1, 1, 144));
    }
}
