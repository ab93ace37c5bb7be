/// Coordinates lie between minus and plus this, so that every product fits 128 bits.
pub const COORDINATE_MAX: i64 = 1 << 40;
/// Metres of a degree along a meridian: mean radius of the earth, 6,371,008.8 m.
const METRES_PER_DEGREE: f64 = 111_195.080_233_532_9;
/// Lattice units in a degree.
const UNITS_PER_DEGREE: f64 = 1e7;

/// A point of the lattice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Node {
    pub x: i64,
    pub y: i64,
}

/// A closed line: the last node is joined to the first.
pub type Ring = Vec<Node>;

/// How long the lattice's units are, and where metres are counted from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub origin: Node,
    /// Metres in one unit, along x and along y.
    pub metres: [f64; 2],
}

impl Frame {
    /// Units of a ten-millionth of a degree, true to length at the middle of what is mapped.
    pub fn of_degrees(longitude: f64, latitude: f64) -> Self {
        let along_y = METRES_PER_DEGREE / UNITS_PER_DEGREE;
        let along_x = along_y * libm::cos(latitude.to_radians());
        Self { origin: Self::node_of_degrees(longitude, latitude), metres: [along_x, along_y] }
    }

    /// Units of a millimetre.
    pub fn of_millimetres() -> Self {
        Self { origin: Node::default(), metres: [0.001; 2] }
    }

    pub fn node_of_degrees(longitude: f64, latitude: f64) -> Node {
        Node {
            x: (longitude * UNITS_PER_DEGREE).round() as i64,
            y: (latitude * UNITS_PER_DEGREE).round() as i64,
        }
    }

    /// Longitude and latitude, of a frame of degrees.
    pub fn degrees(node: Node) -> [f64; 2] {
        [node.x as f64 / UNITS_PER_DEGREE, node.y as f64 / UNITS_PER_DEGREE]
    }

    pub fn place(&self, node: Node) -> [f64; 2] {
        [(node.x - self.origin.x) as f64 * self.metres[0], (node.y - self.origin.y) as f64 * self.metres[1]]
    }

    /// Metres between two nodes.
    pub fn length(&self, one: Node, other: Node) -> f64 {
        let x = (one.x - other.x) as f64 * self.metres[0];
        let y = (one.y - other.y) as f64 * self.metres[1];
        (x * x + y * y).sqrt()
    }

    /// Square metres.
    pub fn area(&self, doubled: i128) -> f64 {
        doubled as f64 / 2.0 * self.metres[0] * self.metres[1]
    }
}

/// Twice the area of the triangle, above zero when `c` lies to the left of `a` → `b`. Exact.
pub(crate) fn turn(a: Node, b: Node, c: Node) -> i128 {
    let [ux, uy] = [i128::from(b.x - a.x), i128::from(b.y - a.y)];
    let [vx, vy] = [i128::from(c.x - a.x), i128::from(c.y - a.y)];
    ux * vy - uy * vx
}

/// Twice the area, above zero when the ring runs against the clock. Exact.
pub fn doubled_area(ring: &[Node]) -> i128 {
    let Some(&first) = ring.first() else { return 0 };
    ring.windows(2).map(|pair| turn(first, pair[0], pair[1])).sum()
}

/// Whether the node lies inside the rings by the even-odd rule; on a ring is inside. Exact.
pub fn inside(node: Node, rings: &[Ring]) -> bool {
    let mut odd = false;
    for ring in rings {
        for (index, &from) in ring.iter().enumerate() {
            let to = ring[(index + 1) % ring.len()];
            let side = turn(from, to, node);
            if side == 0 && between(from.x, node.x, to.x) && between(from.y, node.y, to.y) {
                return true;
            }
            if (from.y > node.y) != (to.y > node.y) && (side > 0) == (to.y > from.y) {
                odd = !odd;
            }
        }
    }
    odd
}

fn between(one: i64, middle: i64, other: i64) -> bool {
    one.min(other) <= middle && middle <= one.max(other)
}
