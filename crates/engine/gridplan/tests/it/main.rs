//! The planner on small towns made by hand and on the blocks of real ones.

mod audit;
mod bound;
mod checker;
mod data;
mod planner;
mod real;
mod replan;
mod streets;
mod support;
