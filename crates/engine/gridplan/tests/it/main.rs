//! The planner on small towns made by hand and on the blocks of real ones.

mod checker;
mod data;
mod planner;
mod real;
mod support;
