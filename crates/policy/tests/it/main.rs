//! One binary: the golden table, the laws that hold for all actors and cases, what a faulty policy
//! file gets, and how long an answer takes.

mod golden;
mod laws;
mod load;
mod time;
mod world;
