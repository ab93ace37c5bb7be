//! What the rooms promise, each story on both engines.

mod account;
mod area;
mod case;
mod evaluation;
mod ground;
mod notice;
mod organization;
mod photo;
mod procedure;
mod resident;
mod responsibility;
mod shipped;
mod support;
mod wall;
