//! The ground under a map: from blocks that somebody drew, or from streets.

mod split;
mod streets;
mod weld;

pub use streets::{CommunityShape, Door, Ground, GroundRules, Street, cut};

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    map::{Atom, Border, Faults, Map, Refusal},
    plane::{Arrangement, Frame, Label, Line, LineKind, Node, Polygon, Ring, outline},
};

/// A block drawn by somebody: one atom.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub id: String,
    pub community: String,
    pub loads: Vec<u32>,
    /// All its rings, by the even-odd rule.
    pub rings: Vec<Ring>,
    /// What its border runs along.
    pub kind: LineKind,
}

/// The ground under a map: faces with exact edges, and the atom that each belongs to.
#[derive(Clone, Debug)]
pub struct Fabric {
    pub arrangement: Arrangement,
    pub frame: Frame,
    /// Of each face; `None` belongs to none.
    pub atom_of: Vec<Option<usize>>,
}

/// What an atom is known by and holds, where its shape comes from a fabric.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    pub id: String,
    pub community: String,
    pub loads: Vec<u32>,
}

/// Ground that several blocks claim: the first of them has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub blocks: Vec<usize>,
    pub place: Node,
    /// Square metres.
    pub area: f64,
}

impl Fabric {
    /// The fabric of blocks that were drawn, with what they claim twice. Edges become exact: a corner of one block on
    /// the side of another is a corner of both.
    pub fn of_blocks(blocks: &[Block], frame: Frame) -> Result<(Self, Vec<Claim>), Refusal> {
        let mut lines = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let line =
                |ring: &Ring| Line { nodes: ring.clone(), label: Some(index as Label), kind: block.kind };
            lines.extend(block.rings.iter().map(line));
        }
        let arrangement = Arrangement::new(&lines)?;
        let claims = arrangement.faces.iter().filter(|face| face.labels.len() > 1).map(|face| Claim {
            blocks: face.labels.iter().map(|label| *label as usize).collect(),
            place: face.rings[0][0],
            area: frame.area(face.doubled_area),
        });
        let claims = claims.collect();
        let atom_of =
            arrangement.faces.iter().map(|face| face.labels.first().map(|label| *label as usize)).collect();
        let fabric = Self { arrangement, frame, atom_of };
        let found: BTreeSet<usize> = fabric.atom_of.iter().flatten().copied().collect();
        let mut faults = Faults::default();
        for (_, block) in blocks.iter().enumerate().filter(|(index, _)| !found.contains(index)) {
            faults.add(&block.id, "its rings enclose no ground of its own");
        }
        faults.result().map(|()| (fabric, claims))
    }

    /// Blocks whose outline crosses or touches itself, and where: what the even-odd rule made of them may not be what
    /// was meant. A block in one face is not looked at, nor one of which others took ground.
    pub fn self_crossings(&self) -> Vec<(usize, Node)> {
        let mut faces: BTreeMap<usize, usize> = BTreeMap::new();
        for block in self.atom_of.iter().flatten() {
            *faces.entry(*block).or_default() += 1;
        }
        faces.retain(|_, count| *count > 1);
        let mut ends: BTreeMap<(usize, Node), usize> = BTreeMap::new();
        for edge in &self.arrangement.edges {
            let owners = edge.faces.map(|face| face.and_then(|face| self.atom_of[face as usize]));
            for block in owners.into_iter().flatten().filter(|block| faces.contains_key(block)) {
                if owners[0] != owners[1] {
                    *ends.entry((block, edge.from)).or_default() += 1;
                    *ends.entry((block, edge.to)).or_default() += 1;
                }
            }
        }
        ends.into_iter().filter(|(_, count)| *count > 2).map(|(place, _)| place).collect()
    }

    /// The map of its atoms.
    pub fn map(&self, holdings: Vec<Holding>) -> Result<Map, Refusal> {
        let mut sums = vec![[0.0; 3]; holdings.len()];
        for (face, atom) in self.arrangement.faces.iter().zip(&self.atom_of) {
            if let Some(atom) = *atom {
                let moments = self.moments(&face.rings);
                for (sum, moment) in sums[atom].iter_mut().zip(moments) {
                    *sum += moment;
                }
            }
        }
        let mut outer = vec![0.0; holdings.len()];
        let mut borders: BTreeMap<[usize; 2], Border> = BTreeMap::new();
        for edge in &self.arrangement.edges {
            let length = self.frame.length(edge.from, edge.to);
            match edge.faces.map(|face| face.and_then(|face| self.atom_of[face as usize])) {
                [Some(one), Some(other)] if one != other => {
                    let atoms = [one.min(other), one.max(other)];
                    let empty = Border { atoms, length: 0.0, street: 0.0, barrier: 0.0 };
                    let border = borders.entry(atoms).or_insert(empty);
                    border.length += length;
                    border.street += if edge.kind.is_seen() { length } else { 0.0 };
                    border.barrier += if edge.kind.is_barrier() { length } else { 0.0 };
                }
                [Some(atom), None] | [None, Some(atom)] => outer[atom] += length,
                _ => {}
            }
        }
        let part = |border: Border| Border {
            street: (border.street / border.length).min(1.0),
            barrier: (border.barrier / border.length).min(1.0),
            ..border
        };
        let atoms =
            holdings.into_iter().zip(sums).zip(outer).map(|((holding, [area, x, y]), outer_border)| Atom {
                id: holding.id,
                community: holding.community,
                loads: holding.loads,
                place: [x / area, y / area],
                area,
                outer_border,
            });
        Map::new(atoms.collect(), borders.into_values().map(part).collect())
    }

    /// The shape of each of `count` groups of atoms. Neighbours have the same edges, vertex by vertex.
    pub fn outlines(&self, group_of: &[usize], count: usize) -> Vec<Vec<Polygon>> {
        let mut edges: Vec<Vec<[Node; 2]>> = vec![Vec::new(); count];
        for edge in &self.arrangement.edges {
            let groups = edge
                .faces
                .map(|face| face.and_then(|face| self.atom_of[face as usize]).map(|atom| group_of[atom]));
            if groups[0] == groups[1] {
                continue;
            }
            if let Some(group) = groups[0] {
                edges[group].push([edge.from, edge.to]);
            }
            if let Some(group) = groups[1] {
                edges[group].push([edge.to, edge.from]);
            }
        }
        edges.into_iter().map(outline).collect()
    }

    /// Area, and area times the centroid, in metres.
    fn moments(&self, rings: &[Ring]) -> [f64; 3] {
        let mut moments = [0.0; 3];
        for ring in rings {
            // About the ring's own start, where the products are small.
            let start = self.frame.place(ring[0]);
            let mut own = [0.0; 3];
            for (index, node) in ring.iter().enumerate() {
                let one = self.frame.place(*node);
                let other = self.frame.place(ring[(index + 1) % ring.len()]);
                let [a, b] =
                    [[one[0] - start[0], one[1] - start[1]], [other[0] - start[0], other[1] - start[1]]];
                let cross = a[0] * b[1] - a[1] * b[0];
                own[0] += cross / 2.0;
                own[1] += (a[0] + b[0]) * cross / 6.0;
                own[2] += (a[1] + b[1]) * cross / 6.0;
            }
            moments[0] += own[0];
            moments[1] += own[1] + own[0] * start[0];
            moments[2] += own[2] + own[0] * start[1];
        }
        moments
    }
}
