use std::collections::{BTreeMap, BTreeSet};

use super::streets::GroundRules;
use crate::plane::{Arrangement, Frame, LineKind};

/// Faces that hang together as one atom.
#[derive(Clone, Debug, Default)]
struct Patch {
    area: f64,
    perimeter: f64,
    /// Metres shared with other patches of the same community; what is on no main road counts double, so that a
    /// strip between carriageways joins along the lesser line.
    beside: BTreeMap<usize, (f64, f64)>,
}

/// The atom of each face: those that are too narrow or too small join the neighbour with which they share most, the
/// smallest first, until none is left or none has a neighbour. Atoms are numbered by their lowest face.
pub(crate) fn weld(
    arrangement: &Arrangement,
    frame: Frame,
    lands: &[Option<usize>],
    rules: GroundRules,
) -> Vec<Option<usize>> {
    let mut patches = patches(arrangement, frame, lands);
    let mut into: Vec<usize> = (0..patches.len()).collect();
    let key = |area: f64, face: usize| (area.max(0.0).to_bits(), face);
    let is_slight =
        |patch: &Patch| patch.area < rules.area_min || 2.0 * patch.area < rules.width_min * patch.perimeter;
    let mut slight: BTreeSet<(u64, usize)> = (0..patches.len())
        .filter(|face| lands[*face].is_some() && is_slight(&patches[*face]))
        .map(|face| key(patches[face].area, face))
        .collect();
    while let Some((_, face)) = slight.pop_first() {
        let most = |one: &(&usize, &(f64, f64)), other: &(&usize, &(f64, f64))| {
            one.1.1.total_cmp(&other.1.1).then(other.0.cmp(one.0))
        };
        let Some((&host, _)) = patches[face].beside.iter().max_by(most) else { continue };
        slight.remove(&key(patches[host].area, host));
        merge(&mut patches, face, host);
        into[face] = host;
        if is_slight(&patches[host]) {
            slight.insert(key(patches[host].area, host));
        }
    }
    numbered(&mut into, lands)
}

fn patches(arrangement: &Arrangement, frame: Frame, lands: &[Option<usize>]) -> Vec<Patch> {
    let mut patches: Vec<Patch> = arrangement
        .faces
        .iter()
        .map(|face| Patch { area: frame.area(face.doubled_area), ..Patch::default() })
        .collect();
    for edge in &arrangement.edges {
        let length = frame.length(edge.from, edge.to);
        for face in edge.faces.into_iter().flatten() {
            patches[face as usize].perimeter += length;
        }
        if let [Some(one), Some(other)] = edge.faces.map(|face| face.map(|face| face as usize))
            && one != other
            && lands[one] == lands[other]
        {
            let counts = if edge.kind >= LineKind::MainRoad { length } else { 2.0 * length };
            for (face, beyond) in [(one, other), (other, one)] {
                let shared = patches[face].beside.entry(beyond).or_default();
                *shared = (shared.0 + length, shared.1 + counts);
            }
        }
    }
    patches
}

fn merge(patches: &mut [Patch], face: usize, host: usize) {
    let gone = std::mem::take(&mut patches[face]);
    let shared = patches[host].beside.remove(&face).unwrap_or_default().0;
    patches[host].area += gone.area;
    patches[host].perimeter += gone.perimeter - 2.0 * shared;
    for (other, (length, counts)) in gone.beside.into_iter().filter(|(other, _)| *other != host) {
        patches[other].beside.remove(&face);
        for (at, beyond) in [(host, other), (other, host)] {
            let sum = patches[at].beside.entry(beyond).or_default();
            *sum = (sum.0 + length, sum.1 + counts);
        }
    }
}

fn numbered(into: &mut [usize], lands: &[Option<usize>]) -> Vec<Option<usize>> {
    for face in 0..into.len() {
        let mut root = face;
        while into[root] != root {
            root = into[root];
        }
        into[face] = root;
    }
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let number = |(face, root): (usize, &usize)| {
        lands[face]?;
        let next = numbers.len();
        Some(*numbers.entry(*root).or_insert(next))
    };
    into.iter().enumerate().map(number).collect()
}
