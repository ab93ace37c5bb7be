use std::collections::BTreeMap;

use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};

use super::{Claim, Fabric, Holding, split, weld};
use crate::{
    map::{Faults, Refusal},
    plane::{Arrangement, Frame, Label, Line, LineKind, Node, Ring, inside},
};

/// A street or barrier by its middle line.
#[derive(Clone, Debug, PartialEq)]
pub struct Street {
    pub nodes: Vec<Node>,
    pub kind: LineKind,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CommunityShape {
    pub name: String,
    /// All its rings, by the even-odd rule.
    pub rings: Vec<Ring>,
}

/// Where households live: a building, a parcel, an address, or the middle of a cell of a raster.
#[derive(Clone, Debug, PartialEq)]
pub struct Door {
    pub at: Node,
    pub loads: Vec<u32>,
}

/// How faces become atoms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroundRules {
    /// Metres. A face narrower than this is no block: the strip between two carriageways, an island of a junction.
    pub width_min: f64,
    /// Square metres. A smaller face is no block.
    pub area_min: f64,
    /// Households. A block with more is split between its doors.
    pub split_above: u64,
}

impl Default for GroundRules {
    /// For a target of 300: blocks above half a target are split.
    fn default() -> Self {
        Self { width_min: 12.0, area_min: 400.0, split_above: 150 }
    }
}

/// Atoms cut from the streets, and what was done to get them.
#[derive(Clone, Debug)]
pub struct Ground {
    pub fabric: Fabric,
    /// Of each atom. Their ids count within each community.
    pub holdings: Vec<Holding>,
    /// Faces that the streets cut within the communities.
    pub faces: usize,
    /// Faces that were too narrow or too small, and joined a neighbour.
    pub welded: usize,
    /// Blocks that were split between their doors.
    pub split: usize,
    /// Doors that lie in no community: their households are in no atom.
    pub unplaced: Vec<usize>,
    /// Ground that several communities claim: the first of them has it.
    pub claims: Vec<Claim>,
}

/// Cuts communities into atoms along streets and barriers. Without communities all that the streets enclose is one.
///
/// The atoms of a community are exactly its ground: each face inside its ring is in one atom, edges are shared, and
/// neighbouring communities have the same border. What noding does to a border is in the rule of
/// [`plane`](crate::plane).
pub fn cut(
    streets: &[Street],
    communities: &[CommunityShape],
    doors: &[Door],
    frame: Frame,
    rules: GroundRules,
) -> Result<Ground, Refusal> {
    check(communities, doors, rules)?;
    let arrangement = Arrangement::new(&lines(streets, communities))?;
    let lands = lands(&arrangement, communities);
    let claims = arrangement.faces.iter().filter(|face| face.labels.len() > 1).map(|face| Claim {
        blocks: face.labels.iter().map(|label| *label as usize).collect(),
        place: face.rings[0][0],
        area: frame.area(face.doubled_area),
    });
    let claims = claims.collect();
    let faces = lands.iter().flatten().count();
    let atom_of = weld::weld(&arrangement, frame, &lands, rules);
    let atoms = atom_of.iter().flatten().max().map_or(0, |last| last + 1);
    let fabric = Fabric { arrangement, frame, atom_of };
    let homes = Locator::new(&fabric.arrangement).places(doors, &fabric.atom_of);
    let (fabric, lands, split) = split::split(fabric, lands, doors, &homes, rules.split_above)?;
    let homes = Locator::new(&fabric.arrangement).places(doors, &fabric.atom_of);
    let holdings = holdings(&fabric, &lands, communities, doors, &homes);
    let unplaced = (0..doors.len()).filter(|door| homes[*door].is_none()).collect();
    Ok(Ground { fabric, holdings, faces, welded: faces - atoms, split, unplaced, claims })
}

fn check(communities: &[CommunityShape], doors: &[Door], rules: GroundRules) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    let mut names: BTreeMap<&str, ()> = BTreeMap::new();
    for community in communities {
        if names.insert(&community.name, ()).is_some() {
            faults.add(&community.name, "another community has the same name");
        }
        if !community.rings.iter().any(|ring| ring.len() > 2) {
            faults.add(&community.name, "has no ring of three corners");
        }
    }
    let loads = doors.first().map_or(1, |door| door.loads.len());
    for (index, door) in doors.iter().enumerate() {
        if door.loads.len() != loads || loads == 0 {
            faults.add(format!("door {index}"), format!("has {} loads, the first {loads}", door.loads.len()));
        }
    }
    if !(rules.width_min.is_finite()
        && rules.width_min >= 0.0
        && rules.area_min.is_finite()
        && rules.area_min >= 0.0)
    {
        faults.add("rules", "widths and areas are numbers from 0 up");
    }
    faults.result()
}

fn lines(streets: &[Street], communities: &[CommunityShape]) -> Vec<Line> {
    let mut lines: Vec<Line> = streets
        .iter()
        .map(|street| Line { nodes: street.nodes.clone(), label: None, kind: street.kind })
        .collect();
    for (label, community) in (0..).zip(communities) {
        let line =
            |ring: &Ring| Line { nodes: ring.clone(), label: Some(label as Label), kind: LineKind::Drawn };
        lines.extend(community.rings.iter().map(line));
    }
    lines
}

/// The community of each face.
fn lands(arrangement: &Arrangement, communities: &[CommunityShape]) -> Vec<Option<usize>> {
    let land = |face: &crate::plane::Face| match communities {
        [] => Some(0),
        _ => face.labels.first().map(|label| *label as usize),
    };
    arrangement.faces.iter().map(land).collect()
}

/// Finds the face in which a point lies.
struct Locator<'a> {
    arrangement: &'a Arrangement,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl<'a> Locator<'a> {
    fn new(arrangement: &'a Arrangement) -> Self {
        let boxed = |(index, face): (usize, &crate::plane::Face)| {
            let [mut low, mut high] = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
            for node in &face.rings[0] {
                for (axis, value) in [node.x as f64, node.y as f64].into_iter().enumerate() {
                    low[axis] = low[axis].min(value);
                    high[axis] = high[axis].max(value);
                }
            }
            GeomWithData::new(Rectangle::from_corners(low, high), index)
        };
        Self {
            arrangement,
            tree: RTree::bulk_load(arrangement.faces.iter().enumerate().map(boxed).collect()),
        }
    }

    /// The atom of each door; on an edge the face that is listed first has it.
    fn places(&self, doors: &[Door], atom_of: &[Option<usize>]) -> Vec<Option<usize>> {
        let place = |door: &Door| {
            let around = AABB::from_point([door.at.x as f64, door.at.y as f64]);
            let holds = |face: &usize| {
                atom_of[*face].is_some() && inside(door.at, &self.arrangement.faces[*face].rings)
            };
            let faces = self.tree.locate_in_envelope_intersecting(&around).map(|boxed| boxed.data);
            faces.filter(holds).min().and_then(|face| atom_of[face])
        };
        doors.iter().map(place).collect()
    }
}

fn holdings(
    fabric: &Fabric,
    lands: &[Option<usize>],
    communities: &[CommunityShape],
    doors: &[Door],
    homes: &[Option<usize>],
) -> Vec<Holding> {
    let loads = doors.first().map_or(1, |door| door.loads.len());
    let count = fabric.atom_of.iter().flatten().max().map_or(0, |last| last + 1);
    let mut land_of = vec![0; count];
    for (face, atom) in fabric.atom_of.iter().enumerate() {
        if let (Some(atom), Some(land)) = (atom, lands[face]) {
            land_of[*atom] = land;
        }
    }
    let mut numbers = vec![0_u32; communities.len().max(1)];
    let mut holdings: Vec<Holding> = land_of
        .into_iter()
        .map(|land| {
            numbers[land] += 1;
            let community = communities.get(land).map_or(String::new(), |community| community.name.clone());
            Holding { id: format!("{community}-{}", numbers[land]), community, loads: vec![0; loads] }
        })
        .collect();
    for (door, home) in doors.iter().zip(homes) {
        if let Some(home) = home {
            for (sum, load) in holdings[*home].loads.iter_mut().zip(&door.loads) {
                *sum = sum.saturating_add(*load);
            }
        }
    }
    holdings
}
