use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Ailment, Finding};
use crate::{
    fabric::Fabric,
    map::{Faults, Refusal},
    plane::{Arrangement, Edge, Frame, Label, Line, LineKind, Node, Ring},
};

/// Metres below which ground between grids is a slip of the pen.
pub const SLIVER_WIDTH: f64 = 2.0;

/// A grid or a community as somebody drew it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub id: String,
    /// Of a grid the index of its community; `None` is the one it lies in most. Of a community without meaning.
    pub community: Option<usize>,
    /// All its rings, by the even-odd rule.
    pub rings: Vec<Ring>,
}

/// The face and the grid that is to have it; `None` takes it from all.
pub type FaceFinding = Finding<(usize, Option<usize>)>;

/// What is wrong with shapes, and the ground with every repair applied.
#[derive(Clone, Debug)]
pub struct ShapeAudit {
    /// By ailment, the largest first.
    pub findings: Vec<FaceFinding>,
    /// The faces, each in one grid or none: [`Fabric::outlines`] draws the repaired grids.
    pub repaired: Fabric,
}

/// Judges grids as they were drawn. Without communities, what grids enclose is a hole that nothing is proposed for,
/// unless it is a sliver.
pub fn audit_shapes(grids: &[Drawn], communities: &[Drawn], frame: Frame) -> Result<ShapeAudit, Refusal> {
    check(grids, communities)?;
    let first_community = grids.len() as Label;
    let mut lines = Vec::new();
    for (label, drawn) in (0..).zip(grids.iter().chain(communities)) {
        let line = |ring: &Ring| Line { nodes: ring.clone(), label: Some(label), kind: LineKind::Drawn };
        lines.extend(drawn.rings.iter().map(line));
    }
    let arrangement = Arrangement::new(&lines)?;
    let owners: Vec<Vec<usize>> = (arrangement.faces.iter())
        .map(|face| {
            face.labels
                .iter()
                .filter(|label| **label < first_community)
                .map(|label| *label as usize)
                .collect()
        })
        .collect();
    let lands: Vec<Option<usize>> = (arrangement.faces.iter())
        .map(|face| face.labels.iter().find(|label| **label >= first_community))
        .map(|label| label.map(|label| (*label - first_community) as usize))
        .collect();
    let atom_of =
        owners.iter().map(|owners| if owners.len() == 1 { Some(owners[0]) } else { None }).collect();
    let beside = beside(&arrangement, frame);
    let mut audit = Audit {
        grids,
        has_communities: !communities.is_empty(),
        owners,
        lands,
        beside,
        fabric: Fabric { arrangement, frame, atom_of },
        findings: Vec::new(),
    };
    audit.nesting();
    audit.overlaps();
    audit.gaps();
    audit.parts();
    audit.enclaves();
    audit.edges();
    let mut findings = audit.findings;
    findings.sort_by(|one, other| one.ailment.cmp(&other.ailment).then(other.size.total_cmp(&one.size)));
    Ok(ShapeAudit { findings, repaired: audit.fabric })
}

fn check(grids: &[Drawn], communities: &[Drawn]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let mut ids = BTreeSet::new();
    for grid in grids {
        if !ids.insert(grid.id.as_str()) {
            faults.add(&grid.id, "another grid has the same id");
        }
        if grid.community.is_some_and(|community| community >= communities.len()) {
            faults.add(&grid.id, "names a community beyond those given");
        }
    }
    for drawn in grids.iter().chain(communities) {
        if !drawn.rings.iter().any(|ring| ring.iter().collect::<BTreeSet<&Node>>().len() > 2) {
            faults.add(&drawn.id, "has no ring of three corners");
        }
    }
    faults.result()
}

/// Of each face, the faces beyond its edges and the metres shared with them.
fn beside(arrangement: &Arrangement, frame: Frame) -> Vec<BTreeMap<usize, f64>> {
    let mut beside = vec![BTreeMap::new(); arrangement.faces.len()];
    for edge in &arrangement.edges {
        if let [Some(one), Some(other)] = edge.faces
            && one != other
        {
            let length = frame.length(edge.from, edge.to);
            *beside[one as usize].entry(other as usize).or_insert(0.0) += length;
            *beside[other as usize].entry(one as usize).or_insert(0.0) += length;
        }
    }
    beside
}

struct Audit<'a> {
    grids: &'a [Drawn],
    has_communities: bool,
    owners: Vec<Vec<usize>>,
    lands: Vec<Option<usize>>,
    beside: Vec<BTreeMap<usize, f64>>,
    fabric: Fabric,
    findings: Vec<FaceFinding>,
}

impl Audit<'_> {
    fn found(&mut self, ailment: Ailment, grids: Vec<usize>, faces: &[usize], to: Option<Option<usize>>) {
        let size = faces.iter().map(|face| self.area(*face)).sum();
        let place = self.fabric.frame.place(self.fabric.arrangement.faces[faces[0]].rings[0][0]);
        let repair = to.map_or(Vec::new(), |to| faces.iter().map(|face| (*face, to)).collect());
        for (face, to) in &repair {
            self.fabric.atom_of[*face] = *to;
        }
        self.findings.push(Finding { ailment, grids, place, size, repair });
    }

    fn area(&self, face: usize) -> f64 {
        self.fabric.frame.area(self.fabric.arrangement.faces[face].doubled_area)
    }

    /// Twice the area over the outer ring: of a long strip its width.
    fn width(&self, face: usize) -> f64 {
        let ring = &self.fabric.arrangement.faces[face].rings[0];
        let sides = (0..ring.len())
            .map(|index| self.fabric.frame.length(ring[index], ring[(index + 1) % ring.len()]));
        2.0 * self.area(face) / sides.sum::<f64>()
    }

    /// The grid among `wanted` (or any) that shares the longest border with the faces.
    fn longest(&self, faces: &[usize], wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
        for (other, length) in faces.iter().flat_map(|face| &self.beside[*face]) {
            if let Some(grid) = self.fabric.atom_of[*other]
                && !faces.contains(other)
                && wanted(grid)
            {
                *shares.entry(grid).or_default() += length;
            }
        }
        shares
            .into_iter()
            .max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))
            .map(|share| share.0)
    }

    /// The community of each grid: as said, or that of most of its ground.
    fn communities(&self) -> Vec<Option<usize>> {
        let mut shares: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); self.grids.len()];
        for (face, owners) in self.owners.iter().enumerate() {
            for (owner, land) in owners.iter().filter_map(|owner| self.lands[face].map(|land| (*owner, land)))
            {
                *shares[owner].entry(land).or_default() += self.area(face);
            }
        }
        let most =
            |shares: BTreeMap<usize, f64>| shares.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let said = self.grids.iter().map(|grid| grid.community);
        said.zip(shares).map(|(said, shares)| said.or_else(|| most(shares).map(|share| share.0))).collect()
    }

    /// What lies beyond the community goes to the grid beside it that is at home there, or to none.
    fn nesting(&mut self) {
        if !self.has_communities {
            return;
        }
        let homes = self.communities();
        let strange = |face: usize, owner: usize| self.lands[face] != homes[owner];
        let mut found = Vec::new();
        for (face, owners) in self.owners.iter().enumerate() {
            found.extend(owners.iter().filter(|owner| strange(face, **owner)).map(|owner| (face, *owner)));
        }
        for (face, owner) in found {
            self.owners[face].retain(|other| *other != owner);
            let left = match self.owners[face][..] {
                [only] => Some(only),
                _ => None,
            };
            let land = self.lands[face];
            let to = left.or_else(|| land.and_then(|_| self.longest(&[face], |grid| homes[grid] == land)));
            if self.owners[face].is_empty() {
                self.owners[face].extend(to);
            }
            self.found(Ailment::OutsideCommunity, vec![owner], &[face], Some(to));
        }
    }

    fn overlaps(&mut self) {
        for face in 0..self.owners.len() {
            if self.owners[face].len() > 1 {
                let owners = self.owners[face].clone();
                let to = self.longest(&[face], |grid| owners.contains(&grid)).unwrap_or(owners[0]);
                let sliver = self.width(face) < SLIVER_WIDTH;
                let ailment = if sliver { Ailment::SliverOverlap } else { Ailment::Overlap };
                self.found(ailment, owners, &[face], Some(Some(to)));
            }
        }
    }

    /// Ground of a community in no grid, and ground that grids enclose. What is widest comes last, so that a sliver
    /// beside it does not fall to it.
    fn gaps(&mut self) {
        let mut bare: Vec<usize> =
            (0..self.owners.len()).filter(|face| self.owners[*face].is_empty()).collect();
        bare.sort_by(|one, other| self.width(*one).total_cmp(&self.width(*other)));
        for face in bare {
            let around: BTreeSet<usize> =
                self.beside[face].keys().filter_map(|other| self.fabric.atom_of[*other]).collect();
            let to = self.longest(&[face], |_| true);
            let ailment = match (self.width(face) < SLIVER_WIDTH, self.lands[face].is_some()) {
                (true, _) => Ailment::SliverGap,
                (false, true) => Ailment::Gap,
                (false, false) => Ailment::Hole,
            };
            let outside = self.has_communities && self.lands[face].is_none();
            let is_kept = ailment == Ailment::Hole || outside || to.is_none();
            self.found(ailment, around.into_iter().collect(), &[face], (!is_kept).then_some(to));
        }
    }

    fn parts(&mut self) {
        for grid in 0..self.grids.len() {
            let mut parts = self.parts_of(grid);
            let area = |part: &Vec<usize>| part.iter().map(|face| self.area(*face)).sum::<f64>();
            parts.sort_by(|one, other| area(other).total_cmp(&area(one)));
            let Some((largest, strays)) = parts.split_first() else { continue };
            let nodes = self.nodes(largest);
            for part in strays {
                let touches = self.nodes(part).iter().any(|node| nodes.contains(node));
                let ailment = if touches { Ailment::CornerContact } else { Ailment::Stray };
                let to = self.longest(part, |other| other != grid);
                self.found(ailment, vec![grid], part, to.map(Some));
            }
        }
    }

    fn parts_of(&self, grid: usize) -> Vec<Vec<usize>> {
        let is_own = |face: usize| self.fabric.atom_of[face] == Some(grid);
        let mut left: BTreeSet<usize> = (0..self.owners.len()).filter(|face| is_own(*face)).collect();
        let mut parts = Vec::new();
        while let Some(first) = left.pop_first() {
            let mut part = vec![first];
            let mut next = 0;
            while let Some(&face) = part.get(next) {
                next += 1;
                part.extend(self.beside[face].keys().filter(|other| left.remove(*other)));
            }
            parts.push(part);
        }
        parts
    }

    fn nodes(&self, faces: &[usize]) -> BTreeSet<Node> {
        let rings = faces.iter().flat_map(|face| &self.fabric.arrangement.faces[*face].rings);
        rings.flatten().copied().collect()
    }

    fn enclaves(&mut self) {
        let mut around: Vec<BTreeSet<Option<usize>>> = vec![BTreeSet::new(); self.grids.len()];
        for edge in &self.fabric.arrangement.edges {
            let sides = edge.faces.map(|face| face.and_then(|face| self.fabric.atom_of[face as usize]));
            for (own, other) in [(sides[0], sides[1]), (sides[1], sides[0])] {
                if let Some(own) = own.filter(|_| own != other) {
                    around[own].insert(other);
                }
            }
        }
        for (grid, around) in around.into_iter().enumerate() {
            if let [Some(other)] = around.iter().copied().collect::<Vec<_>>()[..]
                && let Some(part) = self.parts_of(grid).first()
            {
                self.found(Ailment::Enclave, vec![grid, other], part, None);
            }
        }
    }

    /// Corners that the neighbour does not have. The repaired outlines have them on both sides.
    fn edges(&mut self) {
        let corners: Vec<BTreeSet<Node>> =
            self.grids.iter().map(|grid| grid.rings.iter().flatten().copied().collect()).collect();
        let shared =
            |edge: &&Edge| edge.labels.iter().filter(|label| (**label as usize) < corners.len()).count() == 2;
        let mut places: BTreeMap<[usize; 2], BTreeSet<Node>> = BTreeMap::new();
        for edge in self.fabric.arrangement.edges.iter().filter(shared) {
            let pair = [edge.labels[0] as usize, edge.labels[1] as usize];
            let bare = |node: &Node| corners[pair[0]].contains(node) != corners[pair[1]].contains(node);
            places.entry(pair).or_default().extend([edge.from, edge.to].into_iter().filter(bare));
        }
        for (pair, nodes) in places.into_iter().filter(|(_, nodes)| !nodes.is_empty()) {
            let place = nodes.first().map_or([0.0; 2], |node| self.fabric.frame.place(*node));
            let finding = Finding {
                ailment: Ailment::MismatchedEdge,
                grids: pair.to_vec(),
                place,
                size: nodes.len() as f64,
                repair: Vec::new(),
            };
            self.findings.push(finding);
        }
    }
}
