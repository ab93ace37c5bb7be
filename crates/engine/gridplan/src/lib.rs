#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

pub mod audit;
mod band;
mod bound;
mod demand;
mod fabric;
mod figures;
mod map;
mod plan;
pub mod plane;
mod planner;
mod random;
mod replan;
mod search;
mod watch;

pub use band::{Band, Division};
pub use bound::DistanceGap;
pub use demand::{Demand, Effort, GRIDS_MAX, LoadRule, STARTS_MAX, TRIALS_PER_ATOM_MAX, Weights};
pub use fabric::{Block, Claim, CommunityShape, Door, Fabric, Ground, GroundRules, Holding, Street, cut};
pub use figures::{Figures, GridFigures};
pub use map::{ATOMS_MAX, Atom, Border, FAULTS_MAX, Fault, LOAD_MAX, LOADS_MAX, Map, Refusal, Side};
pub use plan::{Community, Grid, GridKind, OutOfBand, Piece, Plan, Proof, Reason, Remark};
pub use planner::plan;
pub use replan::{Move, Old, Replan, ReplanOption, replan};
pub use watch::Watch;
