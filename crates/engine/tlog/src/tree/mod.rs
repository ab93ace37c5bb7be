//! The tree: which hashes a proof is made of, how it is checked, and the right edge to which entries are added.

mod edge;
mod proof;
mod range;
mod verify;

pub use edge::{Edge, FullTile};
pub use proof::{
    Nodes, ProveError, consistency_proof, inclusion_proof, range_hash, root, subtree_consistency_proof,
};
pub use range::Node;
pub(crate) use range::fold;
pub use verify::{
    VerifyError, verify_consistency, verify_inclusion, verify_subtree_consistency, verify_subtree_inclusion,
};
