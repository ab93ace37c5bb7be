use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Atoms of one map.
pub const ATOMS_MAX: usize = 4_000_000;
/// Households, or units of another load, in one atom.
pub const LOAD_MAX: u32 = 10_000_000;
/// Kinds of load.
pub const LOADS_MAX: usize = 8;
/// Faults that are told at once.
pub const FAULTS_MAX: usize = 100;

/// A face of the network of streets and barriers: what is never divided between grids.
#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    pub id: String,
    /// The community in which its grid must lie.
    pub community: String,
    /// What it holds, in the order of [`Demand::loads`](crate::Demand::loads): households first.
    pub loads: Vec<u32>,
    /// Its centroid in metres, in a plane.
    pub place: [f64; 2],
    /// Square metres.
    pub area: f64,
    /// Metres of its border beyond which there is no atom.
    pub outer_border: f64,
}

/// The border that two atoms share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Border {
    /// Indexes of the atoms.
    pub atoms: [usize; 2],
    /// Metres, above zero: atoms that meet in a corner share no border.
    pub length: f64,
    /// The part of the length on a street or a barrier, 0 to 1: where people see the border.
    pub street: f64,
    /// The part of the length on a barrier (main road, river, railway), 0 to 1: what a grid should not lie across.
    pub barrier: f64,
}

/// Atoms and their borders, checked.
#[derive(Clone, Debug)]
pub struct Map {
    atoms: Vec<Atom>,
    borders: Vec<Border>,
    /// Where the sides of each atom begin; one more than atoms.
    starts: Vec<u32>,
    sides: Vec<Side>,
}

/// A border as seen from one of its atoms.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    pub neighbour: usize,
    /// Index of the border.
    pub border: usize,
}

/// What is wrong with one atom or border, or with the question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Fault {
    /// The atom's id, or the part of the input.
    pub place: String,
    pub what: String,
}

/// Why nothing was planned: at most [`FAULTS_MAX`] faults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal(pub Vec<Fault>);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            write!(formatter, "{}{fault}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// Collects faults up to [`FAULTS_MAX`].
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(Fault { place: place.into(), what: what.into() });
        }
    }

    pub fn result(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal(self.0)) }
    }
}

impl Map {
    /// Borders between the same two atoms are added up: their parts become means by length.
    pub fn new(atoms: Vec<Atom>, borders: Vec<Border>) -> Result<Self, Refusal> {
        let mut faults = Faults::default();
        check_atoms(&atoms, &mut faults);
        check_borders(&atoms, &borders, &mut faults);
        faults.result()?;
        let borders = joined(&borders);
        let mut starts = vec![0_u32; atoms.len() + 1];
        for border in &borders {
            for atom in border.atoms {
                starts[atom + 1] += 1;
            }
        }
        for atom in 0..atoms.len() {
            starts[atom + 1] += starts[atom];
        }
        let mut next = starts.clone();
        let mut sides = vec![Side { neighbour: 0, border: 0 }; borders.len() * 2];
        for (index, border) in borders.iter().enumerate() {
            for (atom, neighbour) in [(border.atoms[0], border.atoms[1]), (border.atoms[1], border.atoms[0])]
            {
                sides[next[atom] as usize] = Side { neighbour, border: index };
                next[atom] += 1;
            }
        }
        Ok(Self { atoms, borders, starts, sides })
    }

    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    pub fn borders(&self) -> &[Border] {
        &self.borders
    }

    pub fn sides(&self, atom: usize) -> &[Side] {
        &self.sides[self.starts[atom] as usize..self.starts[atom + 1] as usize]
    }

    pub fn households(&self, atom: usize) -> u32 {
        self.atoms[atom].loads[0]
    }

    /// The connected parts of `atoms`, each in rising order, by their lowest atom.
    pub fn parts(&self, atoms: &[usize]) -> Vec<Vec<usize>> {
        let inside: BTreeSet<usize> = atoms.iter().copied().collect();
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for &first in &inside {
            if !seen.insert(first) {
                continue;
            }
            let mut part = vec![first];
            let mut next = 0;
            while let Some(&atom) = part.get(next) {
                next += 1;
                let neighbours = self.sides(atom).iter().map(|side| side.neighbour);
                part.extend(
                    neighbours.filter(|neighbour| inside.contains(neighbour) && seen.insert(*neighbour)),
                );
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }
}

fn check_atoms(atoms: &[Atom], faults: &mut Faults) {
    if atoms.is_empty() {
        faults.add("atoms", "there are none");
    }
    if atoms.len() > ATOMS_MAX {
        faults.add("atoms", format!("{} are more than {ATOMS_MAX}", atoms.len()));
        return;
    }
    let loads = atoms.first().map_or(0, |atom| atom.loads.len());
    if !atoms.is_empty() && !(1..=LOADS_MAX).contains(&loads) {
        faults.add("loads", format!("an atom has 1 to {LOADS_MAX} loads, not {loads}"));
    }
    let mut ids = BTreeSet::new();
    for atom in atoms {
        if !ids.insert(atom.id.as_str()) {
            faults.add(&atom.id, "another atom has the same id");
        }
        if atom.loads.len() != loads {
            faults.add(&atom.id, format!("has {} loads, the first atom {loads}", atom.loads.len()));
        }
        if atom.loads.iter().any(|load| *load > LOAD_MAX) {
            faults.add(&atom.id, format!("a load is above {LOAD_MAX}"));
        }
        if !atom.place.iter().all(|coordinate| coordinate.is_finite()) {
            faults.add(&atom.id, "its place is not a number");
        }
        if !(atom.area.is_finite() && atom.area >= 0.0) {
            faults.add(&atom.id, "its area is not a number from zero up");
        }
        if !(atom.outer_border.is_finite() && atom.outer_border >= 0.0) {
            faults.add(&atom.id, "its outer border is not a length from zero up");
        }
    }
}

fn check_borders(atoms: &[Atom], borders: &[Border], faults: &mut Faults) {
    for (index, border) in borders.iter().enumerate() {
        let place = || format!("border {index}");
        let [one, other] = border.atoms;
        if one >= atoms.len() || other >= atoms.len() {
            faults.add(place(), format!("names an atom beyond the {} given", atoms.len()));
        } else if one == other {
            faults.add(place(), format!("joins atom {} to itself", atoms[one].id));
        }
        if !(border.length.is_finite() && border.length > 0.0) {
            faults.add(place(), "its length is not above zero");
        }
        if ![border.street, border.barrier].iter().all(|part| (0.0..=1.0).contains(part)) {
            faults.add(place(), "its street and barrier parts lie between 0 and 1");
        }
    }
}

fn joined(borders: &[Border]) -> Vec<Border> {
    let mut joined: BTreeMap<[usize; 2], Border> = BTreeMap::new();
    for border in borders {
        let [one, other] = border.atoms;
        let atoms = [one.min(other), one.max(other)];
        let empty = Border { atoms, length: 0.0, street: 0.0, barrier: 0.0 };
        let sum = joined.entry(atoms).or_insert(empty);
        sum.length += border.length;
        sum.street += border.street * border.length;
        sum.barrier += border.barrier * border.length;
    }
    let mean = |sum: Border| Border {
        street: (sum.street / sum.length).min(1.0),
        barrier: (sum.barrier / sum.length).min(1.0),
        ..sum
    };
    joined.into_values().map(mean).collect()
}
