//! What the rooms promise, each story on both engines.

mod account;
mod area;
mod case;
mod procedure;
mod ground;
mod organization;
mod resident;
mod support;
