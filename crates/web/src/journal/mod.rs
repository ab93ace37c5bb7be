//! Who read whom.

pub mod api;
