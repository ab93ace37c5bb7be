//! Who read whom.

pub mod api;
pub(crate) mod view;
