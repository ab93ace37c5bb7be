use std::{error::Error, ops::Range};

use super::range::{self, Node};
use crate::Hash;

/// Hashes of complete subtrees, wherever they are kept.
pub trait Nodes {
    type Error: Error;

    /// The hashes of `wanted`, in its order. All nodes of one proof are asked for at once.
    fn nodes(&self, wanted: &[Node]) -> Result<Vec<Hash>, Self::Error>;
}

impl<N: Nodes + ?Sized> Nodes for &N {
    type Error = N::Error;

    fn nodes(&self, wanted: &[Node]) -> Result<Vec<Hash>, N::Error> {
        (**self).nodes(wanted)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    #[error("entry {index} is not among the {size} entries of the tree")]
    NoSuchEntry { index: u64, size: u64 },
    #[error("{start}..{end} is no subtree of the {size} entries of the tree")]
    NoSuchSubtree { start: u64, end: u64, size: u64 },
    #[error("asked for {wanted} nodes and given {given}")]
    WrongCount { wanted: usize, given: usize },
    #[error(transparent)]
    Nodes(E),
}

/// The hashes from the sibling of entry `index` up to a child of the root over `size` entries: RFC 6962,
/// section 2.1.1.
pub fn inclusion_proof<N: Nodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if index >= size {
        return Err(ProveError::NoSuchEntry { index, size });
    }
    hashes(nodes, range::inclusion(index, size))
}

/// What shows that the tree of `size` entries begins with that of `old`, one at least: RFC 6962, section 2.1.2.
pub fn consistency_proof<N: Nodes>(
    nodes: &N,
    old: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    subtree_consistency_proof(nodes, 0..old, size)
}

/// What shows that `subtree` is part of the tree of `size` entries: draft-ietf-plants-merkle-tree-certs, section 4.4.
pub fn subtree_consistency_proof<N: Nodes>(
    nodes: &N,
    subtree: Range<u64>,
    size: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if !range::is_subtree(&subtree) || subtree.end > size {
        return Err(ProveError::NoSuchSubtree { start: subtree.start, end: subtree.end, size });
    }
    hashes(nodes, range::consistency(subtree, size))
}

/// The root over the first `size` entries.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, ProveError<N::Error>> {
    if size == 0 { Ok(Hash::EMPTY_TREE) } else { range_hash(nodes, 0..size) }
}

/// The root over the entries of a subtree.
pub fn range_hash<N: Nodes>(nodes: &N, range: Range<u64>) -> Result<Hash, ProveError<N::Error>> {
    let (start, end) = (range.start, range.end);
    if !range::is_subtree(&range) {
        return Err(ProveError::NoSuchSubtree { start, end, size: end });
    }
    hashes(nodes, vec![range]).map(|hashes| hashes[0])
}

/// The root of each range, in order; none of them empty.
fn hashes<N: Nodes>(nodes: &N, ranges: Vec<Range<u64>>) -> Result<Vec<Hash>, ProveError<N::Error>> {
    let parts: Vec<Vec<Node>> = ranges.into_iter().map(range::nodes).collect();
    let wanted = parts.concat();
    let given = nodes.nodes(&wanted).map_err(ProveError::Nodes)?;
    if given.len() != wanted.len() {
        return Err(ProveError::WrongCount { wanted: wanted.len(), given: given.len() });
    }
    let mut rest = &given[..];
    let mut next = |count: usize| {
        let (part, others) = rest.split_at(count);
        rest = others;
        range::join(part)
    };
    Ok(parts.iter().filter_map(|part| next(part.len())).collect())
}
