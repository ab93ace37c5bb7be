use crate::{
    band::{Band, Division},
    bound::DistanceGap,
    map::Map,
};

/// Every atom in one grid, and what is to be said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The grid of each atom, an index into `grids`.
    pub grid_of: Vec<usize>,
    pub grids: Vec<Grid>,
    /// In the order of their names.
    pub communities: Vec<Community>,
    /// False when it was cut short: then it is the best so far and depends on the moment.
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    pub kind: GridKind,
    /// Index into [`Plan::communities`].
    pub community: usize,
    /// In the order of the demand.
    pub loads: Vec<u64>,
    /// The atoms in rising order.
    pub atoms: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GridKind {
    Ordinary,
    /// Around one atom above the band that is not divided: a campus, a hospital, a tower.
    Special,
    /// Kept as it was in the plan before.
    Frozen,
}

/// How one community was divided.
#[derive(Clone, Debug, PartialEq)]
pub struct Community {
    pub name: String,
    pub households: u64,
    pub band: Band,
    pub pieces: Vec<Piece>,
    /// What the map is like, where that forced the plan.
    pub remarks: Vec<Remark>,
}

/// A connected part of a community without its special grids, divided for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// In rising order.
    pub atoms: Vec<usize>,
    pub households: u64,
    pub grids: usize,
    /// Whether its total can be divided at all.
    pub division: Division,
    /// The least that the worst deviation can be with so many grids: that of their mean. Certified.
    pub deviation_least: f64,
    pub proof: Proof,
    /// How far its distances are from the shortest: a certified bound. `None` where it is out of the band, or no proof
    /// was asked for.
    pub distance_gap: Option<DistanceGap>,
}

/// What is proven of a piece, for its number of grids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No division into connected grids in the band costs less by the whole objective: all were weighed.
    Best,
    /// No division into connected grids in the band exists: all were looked at.
    NoneInBand,
    /// It is too large to look at everything, or nothing was asked.
    Open,
}

/// Something about the map that a plan has to live with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// This atom alone is above the band: it got a special grid.
    AboveBand { atom: usize, households: u64 },
    /// These atoms are cut off by a special grid and too few for a grid: they joined it.
    CutOff { atoms: Vec<usize>, households: u64 },
    /// These atoms have no border with the rest of their community and are too few for a grid: the grid of the
    /// nearest atom `to` has them, in two parts.
    Island { atoms: Vec<usize>, households: u64, from: usize, to: usize },
    /// No connected set of atoms with this one is in the band: all were looked at. The nearest to it has `nearest`
    /// households.
    NeverInBand { atom: usize, nearest: u64 },
}

/// A grid that does not keep the band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutOfBand {
    pub grid: usize,
    pub households: u64,
    pub beyond: u64,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One atom is above the band: nothing to be done without dividing it.
    Special,
    /// It was not to be touched.
    Frozen,
    /// The total of its piece cannot be divided, by its number alone: see [`Piece::division`].
    Total,
    /// It has an atom that fits no grid in the band: see [`Remark::NeverInBand`].
    Atom,
    /// No division of its piece into so many grids keeps the band: see [`Proof::NoneInBand`].
    Proven,
    /// The search found none in the band. Not a proof that there is none.
    NotFound,
}

impl Plan {
    pub fn new(
        map: &Map,
        grid_of: Vec<usize>,
        kinds: &[GridKind],
        communities: Vec<Community>,
        complete: bool,
    ) -> Self {
        let loads = map.atoms()[0].loads.len();
        let empty =
            |kind: &GridKind| Grid { kind: *kind, community: 0, loads: vec![0; loads], atoms: Vec::new() };
        let mut grids: Vec<Grid> = kinds.iter().map(empty).collect();
        for (atom, grid) in grid_of.iter().enumerate() {
            let grid = &mut grids[*grid];
            grid.atoms.push(atom);
            for (sum, load) in grid.loads.iter_mut().zip(&map.atoms()[atom].loads) {
                *sum += u64::from(*load);
            }
        }
        for grid in &mut grids {
            let name = grid.atoms.first().map(|atom| map.atoms()[*atom].community.as_str());
            let named = |community: &Community| Some(community.name.as_str()) == name;
            grid.community = communities.iter().position(named).unwrap_or(0);
        }
        Self { grid_of, grids, communities, complete }
    }

    /// Every grid out of the band, the worst first: a plan is never silently out of it.
    pub fn out_of_band(&self) -> Vec<OutOfBand> {
        let mut out: Vec<OutOfBand> = Vec::new();
        for (index, grid) in self.grids.iter().enumerate() {
            let community = &self.communities[grid.community];
            let (households, beyond) = (grid.loads[0], community.band.beyond(grid.loads[0]));
            let never = |remark: &Remark| matches!(remark, Remark::NeverInBand { atom, .. } if grid.atoms.contains(atom));
            let in_piece =
                |piece: &&Piece| grid.atoms.iter().any(|atom| piece.atoms.binary_search(atom).is_ok());
            let piece = community.pieces.iter().find(in_piece);
            let reason = match (grid.kind, piece) {
                (GridKind::Special, _) => Reason::Special,
                (GridKind::Frozen, _) => Reason::Frozen,
                (_, Some(piece)) if matches!(piece.division, Division::Impossible { .. }) => Reason::Total,
                _ if community.remarks.iter().any(never) => Reason::Atom,
                (_, Some(piece)) if piece.proof == Proof::NoneInBand => Reason::Proven,
                _ => Reason::NotFound,
            };
            if beyond > 0 {
                out.push(OutOfBand { grid: index, households, beyond, reason });
            }
        }
        out.sort_by_key(|grid| (std::cmp::Reverse(grid.beyond), grid.grid));
        out
    }
}
