use std::collections::BTreeMap;

use super::{
    lattice::{COORDINATE_MAX, Node, Ring, doubled_area},
    noding::node,
    trace::{self, OUTSIDE},
};
use crate::map::{Faults, Refusal};

/// Segments of one arrangement.
const SEGMENTS_MAX: usize = 60_000_000;

/// What a polygon is known by.
pub type Label = u32;

/// A line of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub nodes: Vec<Node>,
    /// The polygon that the line bounds; then it is a ring, and closed whether or not the last node is the first.
    pub label: Option<Label>,
    pub kind: LineKind,
}

/// What runs along a line. Where several do, the last of them in this order counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// Drawn on the map alone: nobody sees it on the ground.
    #[default]
    Drawn,
    /// A compound's wall.
    Wall,
    Lane,
    Street,
    River,
    Railway,
    MainRoad,
}

impl LineKind {
    /// Whether it can be found on the ground.
    pub fn is_seen(self) -> bool {
        self > Self::Drawn
    }

    /// Whether people do not cross it lightly.
    pub fn is_barrier(self) -> bool {
        self >= Self::River
    }
}

/// A piece of line between two nodes, stored once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub from: Node,
    pub to: Node,
    /// The last in order of the lines that run here.
    pub kind: LineKind,
    /// The faces to the left and to the right of `from` → `to`; `None` is outside everything.
    pub faces: [Option<u32>; 2],
    /// The polygons that have this edge an odd number of times.
    pub labels: Vec<Label>,
}

/// A face that no line crosses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// The outer ring against the clock, then the rings of what lies inside without touching.
    pub rings: Vec<Ring>,
    /// Twice the area, in units².
    pub doubled_area: i128,
    /// The polygons that cover it, by the even-odd rule of their rings.
    pub labels: Vec<Label>,
}

/// Lines cut at all their crossings, and the faces between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    pub edges: Vec<Edge>,
    pub faces: Vec<Face>,
}

impl Arrangement {
    /// Lines that bound nothing (dead ends, bridges between faces) are left out.
    pub fn new(lines: &[Line]) -> Result<Self, Refusal> {
        let (segments, sources) = segments(lines)?;
        let mut edges: BTreeMap<[Node; 2], (LineKind, Vec<Label>)> = BTreeMap::new();
        for ([from, to], segment) in node(&segments) {
            let line = &lines[sources[segment as usize] as usize];
            let edge = edges.entry([from.min(to), from.max(to)]).or_default();
            edge.0 = edge.0.max(line.kind);
            edge.1.extend(line.label);
        }
        let edges = edges
            .into_iter()
            .map(|([from, to], (kind, labels))| Edge {
                from,
                to,
                kind,
                faces: [None; 2],
                labels: odd(labels),
            })
            .collect();
        let mut arrangement = Self { edges, faces: Vec::new() };
        arrangement.find_faces();
        Ok(arrangement)
    }

    fn find_faces(&mut self) {
        let traced = trace::faces(&mut self.edges);
        self.faces = traced
            .rings
            .into_iter()
            .map(|rings| {
                let doubled_area = rings.iter().map(|ring| doubled_area(ring)).sum();
                Face { rings, doubled_area, labels: Vec::new() }
            })
            .collect();
        for (edge, faces) in self.edges.iter_mut().zip(traced.sides) {
            edge.faces = faces.map(|face| (face != OUTSIDE).then_some(face));
        }
        self.cover();
    }

    /// Across an edge the polygons change by its labels; outside there is none.
    fn cover(&mut self) {
        let mut beside: Vec<Vec<(usize, Option<u32>)>> = vec![Vec::new(); self.faces.len()];
        let mut open = Vec::new();
        let mut known = vec![false; self.faces.len()];
        for (index, edge) in self.edges.iter().enumerate() {
            for (face, other) in [(edge.faces[0], edge.faces[1]), (edge.faces[1], edge.faces[0])] {
                if let Some(face) = face {
                    beside[face as usize].push((index, other));
                    if other.is_none() && !std::mem::replace(&mut known[face as usize], true) {
                        self.faces[face as usize].labels.clone_from(&edge.labels);
                        open.push(face);
                    }
                }
            }
        }
        while let Some(face) = open.pop() {
            for &(edge, other) in &beside[face as usize] {
                if let Some(other) = other
                    && !std::mem::replace(&mut known[other as usize], true)
                {
                    let both = [&self.faces[face as usize].labels[..], &self.edges[edge].labels].concat();
                    self.faces[other as usize].labels = odd(both);
                    open.push(other);
                }
            }
        }
    }
}

fn segments(lines: &[Line]) -> Result<(Vec<[Node; 2]>, Vec<u32>), Refusal> {
    let mut faults = Faults::default();
    let count: usize = lines.iter().map(|line| line.nodes.len()).sum();
    if count > SEGMENTS_MAX {
        faults.add("lines", format!("{count} points are more than {SEGMENTS_MAX}"));
    }
    let mut segments = Vec::new();
    let mut sources = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let far = |node: &&Node| node.x.abs() > COORDINATE_MAX || node.y.abs() > COORDINATE_MAX;
        if let Some(node) = line.nodes.iter().find(far) {
            faults
                .add(format!("line {index}"), format!("{}, {} is beyond ±{COORDINATE_MAX}", node.x, node.y));
            continue;
        }
        segments.extend(line.nodes.windows(2).map(|pair| [pair[0], pair[1]]));
        if let (Some(_), [first, .., last]) = (line.label, &line.nodes[..]) {
            segments.push([*last, *first]);
        }
        sources.resize(segments.len(), index as u32);
    }
    faults.result().map(|()| (segments, sources))
}

/// The labels that stand there an odd number of times, in order.
fn odd(mut labels: Vec<Label>) -> Vec<Label> {
    labels.sort_unstable();
    let mut odd: Vec<Label> = Vec::new();
    for label in labels {
        if odd.last() == Some(&label) {
            odd.pop();
        } else {
            odd.push(label);
        }
    }
    odd
}
