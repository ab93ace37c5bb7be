//! Territory: the six-tier tree of divisions and grids, its history, and its boundaries.
//!
//! The table `area` holds each area in its latest state; what it was before stands in `area_version`,
//! so the tree can be read as of any date. An area that ended keeps its row, code and path, and is no
//! longer part of the current tree. A list of areas is imported whole or not at all: its rows are
//! compared with the tree in memory, and only what differs is written, with its journal entries, in one
//! transaction. Counts of areas below each area are kept in `area_count`, because counting a province's
//! villages for every page would not be cheap.
//!
//! What is not here: organizations, cases and premises. They carry their area's path, and the import
//! carries those paths along when a subtree moves (see `store::rebase`).

mod action;
mod address;
mod boundary;
mod fault;
mod model;
mod plan;
mod query;
mod source;
mod store;
mod tree;

pub use action::{found_grids, import, import_boundaries};
pub use address::{named_in, spoken};
pub(crate) use fault::line;
pub use fault::{ImportError, ImportFault, ImportFaults, Reason};
pub use model::{
    Area, Counts, Filter, ImportReport, Kind, NewGrid, Options, Place, Source, Version, kind_of_code,
};
pub use query::{
    Overview, boundaries, boundary, breadcrumb, can_hold, children, children_of, city, counts, counts_below,
    get, has_boundary, history, last, list, locate, name, of_tier, overview, place, place_by_id, search,
};
