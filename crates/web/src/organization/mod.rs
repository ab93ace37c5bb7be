//! Bodies that work in an area.

pub mod api;
