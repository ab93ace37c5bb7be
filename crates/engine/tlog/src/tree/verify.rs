use std::ops::Range;

use super::range::is_subtree;
use crate::Hash;

/// Why a proof shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("entry {index} is not among the {size} entries of the tree")]
    NoSuchEntry { index: u64, size: u64 },
    #[error("{start}..{end} is no subtree of the {size} entries of the tree")]
    NoSuchSubtree { start: u64, end: u64, size: u64 },
    #[error("the proof has {given} hashes, too few for these sizes")]
    TooShort { given: usize },
    #[error("the proof has {given} hashes, too many for these sizes")]
    TooLong { given: usize },
    #[error("the proof leads to the root {computed}, not to {stated}")]
    WrongRoot { computed: Hash, stated: Hash },
    #[error("the proof leads to {computed} for the earlier tree, not to {stated}")]
    WrongOldRoot { computed: Hash, stated: Hash },
}

/// Whether the entry with hash `entry` stands at `index` of the tree of `size` entries with `root`: RFC 9162,
/// section 2.1.3.2.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    entry: Hash,
    proof: &[Hash],
    root: Hash,
) -> Result<(), VerifyError> {
    if index >= size {
        return Err(VerifyError::NoSuchEntry { index, size });
    }
    let given = proof.len();
    let (mut index, mut last) = (index, size - 1);
    let mut computed = entry;
    for hash in proof {
        if last == 0 {
            return Err(VerifyError::TooLong { given });
        }
        if index & 1 == 1 || index == last {
            computed = Hash::of_node(hash, &computed);
            // The last of an odd count has no sibling below: it goes up until it has one.
            let up = if index & 1 == 1 { 0 } else { index.trailing_zeros().min(63) };
            (index, last) = (index >> up, last >> up);
        } else {
            computed = Hash::of_node(&computed, hash);
        }
        (index, last) = (index >> 1, last >> 1);
    }
    if last != 0 {
        return Err(VerifyError::TooShort { given });
    }
    same(computed, root)
}

/// Whether the entry stands at `index` in the subtree with `root`: draft-ietf-plants-merkle-tree-certs, section 4.3.
pub fn verify_subtree_inclusion(
    index: u64,
    subtree: Range<u64>,
    entry: Hash,
    proof: &[Hash],
    root: Hash,
) -> Result<(), VerifyError> {
    let (start, end) = (subtree.start, subtree.end);
    if !is_subtree(&subtree) {
        return Err(VerifyError::NoSuchSubtree { start, end, size: end });
    }
    if !subtree.contains(&index) {
        return Err(VerifyError::NoSuchEntry { index, size: end });
    }
    verify_inclusion(index - start, end - start, entry, proof, root)
}

/// Whether the tree of `size` entries with `root` begins with the tree of `old` entries with `old_root`: RFC 9162,
/// section 2.1.4.2. The empty tree begins every tree, which needs no proof: `old` of 0 is refused.
pub fn verify_consistency(
    old: u64,
    size: u64,
    proof: &[Hash],
    old_root: Hash,
    root: Hash,
) -> Result<(), VerifyError> {
    if old == 0 {
        return Err(VerifyError::NoSuchSubtree { start: 0, end: 0, size });
    }
    verify_subtree_consistency(0..old, size, proof, old_root, root)
}

/// Whether the subtree with `subtree_root` is part of the tree of `size` entries with `root`:
/// draft-ietf-plants-merkle-tree-certs, section 4.4.3. An empty subtree is part of every tree.
pub fn verify_subtree_consistency(
    subtree: Range<u64>,
    size: u64,
    proof: &[Hash],
    subtree_root: Hash,
    root: Hash,
) -> Result<(), VerifyError> {
    let given = proof.len();
    let (start, end) = (subtree.start, subtree.end);
    if start == end && end <= size {
        return if given > 0 {
            Err(VerifyError::TooLong { given })
        } else {
            same_old(Hash::EMPTY_TREE, subtree_root)
        };
    }
    if !is_subtree(&subtree) || end > size {
        return Err(VerifyError::NoSuchSubtree { start, end, size });
    }
    // First and last entry of the subtree and last of the tree, as they are numbered level by level on the way up.
    let (mut first, mut last, mut tree_last) = (start, end - 1, size - 1);
    while first != last && (last == tree_last || last & 1 == 1) {
        (first, last, tree_last) = (first >> 1, last >> 1, tree_last >> 1);
    }
    let mut hashes = proof.iter();
    let seed = match first == last {
        true => subtree_root,
        false => *hashes.next().ok_or(VerifyError::TooShort { given })?,
    };
    let (mut old, mut new) = (seed, seed);
    for hash in hashes {
        if tree_last == 0 {
            return Err(VerifyError::TooLong { given });
        }
        if last & 1 == 1 || last == tree_last {
            if first < last {
                old = Hash::of_node(hash, &old);
            }
            new = Hash::of_node(hash, &new);
            while last & 1 == 0 && last != 0 {
                (first, last, tree_last) = (first >> 1, last >> 1, tree_last >> 1);
            }
        } else {
            new = Hash::of_node(&new, hash);
        }
        (first, last, tree_last) = (first >> 1, last >> 1, tree_last >> 1);
    }
    if tree_last != 0 {
        return Err(VerifyError::TooShort { given });
    }
    same_old(old, subtree_root)?;
    same(new, root)
}

fn same(computed: Hash, stated: Hash) -> Result<(), VerifyError> {
    if computed == stated { Ok(()) } else { Err(VerifyError::WrongRoot { computed, stated }) }
}

fn same_old(computed: Hash, stated: Hash) -> Result<(), VerifyError> {
    if computed == stated { Ok(()) } else { Err(VerifyError::WrongOldRoot { computed, stated }) }
}
