//! What no plan can pass, with the proof.

mod fit;

pub(crate) use fit::{Fit, fit};
