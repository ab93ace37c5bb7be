//! What the rooms promise, each story on both engines.

mod account;
mod area;
mod ground;
mod organization;
mod resident;
mod support;
