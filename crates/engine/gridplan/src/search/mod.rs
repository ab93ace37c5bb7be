//! The search for grids in one connected piece of a map. [`Ground`] is the question, [`State`] a partition of it that
//! moves can change, `anneal` the walk over states, `polish` the same walk in neighbourhoods of few grids.

mod anneal;
mod ground;
mod polish;
mod start;
mod state;

pub(crate) use anneal::{Walk, anneal};
pub(crate) use ground::{Ground, Home, NOWHERE, Rule};
pub(crate) use polish::{Lost, TRIALS_PER_ATOM, polish, rescue};
pub(crate) use start::start;
pub(crate) use state::{Measure, State};
