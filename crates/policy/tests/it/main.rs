//! One binary: the golden table, the laws that hold for all actors and cases, and what a faulty policy
//! file gets.

mod golden;
mod laws;
mod load;
mod world;
