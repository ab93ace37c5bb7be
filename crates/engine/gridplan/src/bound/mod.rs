//! What no plan can pass, with the proof.

mod distance;
mod exact;
mod fit;
mod moves;

pub use distance::DistanceGap;
pub(crate) use distance::distance_gap;
pub(crate) use exact::{Exact, exact};
pub(crate) use fit::{Fit, fit};
pub(crate) use moves::{Standing, moved_least};
