/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ailment {
    /// Ground between grids that is narrower than a sliver and in none of them.
    SliverGap,
    /// Ground within its community that is in no grid.
    Gap,
    /// Ground that grids enclose. It may be somebody else's: nothing is proposed where no community claims it.
    Hole,
    /// Ground in two grids that is narrower than a sliver.
    SliverOverlap,
    /// Ground in two grids.
    Overlap,
    /// A corner of one grid lies on the side of another one.
    MismatchedEdge,
    /// A part of a grid away from most of it.
    Stray,
    /// Parts that meet in a corner only.
    CornerContact,
    /// A grid wholly inside another one.
    Enclave,
    /// Ground of a grid outside its community, or of another one.
    OutsideCommunity,
    /// An atom in no grid.
    InNoGrid,
    /// A grid in which nobody lives.
    Empty,
    /// Households beyond the band.
    Imbalance,
    /// A border between two grids that is on no street.
    OffStreet,
    /// A door farther from the middle of its grid than is allowed.
    TooWide,
    /// A main road, river or railway inside a grid.
    BarrierInside,
}

/// What [`Finding::size`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    SquareMetres,
    Metres,
    Households,
    Places,
}

/// One thing that is wrong; `R` is what would put it right.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding<R> {
    pub ailment: Ailment,
    /// The grids concerned, as the audit's input counts them.
    pub grids: Vec<usize>,
    /// Metres in the plane of the map.
    pub place: [f64; 2],
    /// In [`Ailment::unit`].
    pub size: f64,
    /// Empty where nothing can be proposed.
    pub repair: Vec<R>,
}

impl Ailment {
    pub fn unit(self) -> Unit {
        match self {
            Self::SliverGap
            | Self::Gap
            | Self::Hole
            | Self::SliverOverlap
            | Self::Overlap
            | Self::Stray
            | Self::CornerContact
            | Self::Enclave
            | Self::OutsideCommunity => Unit::SquareMetres,
            Self::MismatchedEdge => Unit::Places,
            Self::OffStreet | Self::TooWide | Self::BarrierInside => Unit::Metres,
            Self::InNoGrid | Self::Empty | Self::Imbalance => Unit::Households,
        }
    }
}
