use std::ops::Range;

use crate::Hash;

/// A complete subtree: the 2^`level` entries from `index` × 2^`level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    pub level: u8,
    pub index: u64,
}

/// Where RFC 6962 splits a tree of `size` entries, two at least: at the largest power of two below it.
pub(super) fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// A subtree that proofs can speak of (draft-ietf-plants-merkle-tree-certs, section 4.1): not empty, and its start
/// a multiple of the smallest power of two that holds it.
pub(super) fn is_subtree(range: &Range<u64>) -> bool {
    let width = range.end.saturating_sub(range.start);
    width > 0 && width.checked_next_power_of_two().is_some_and(|it| range.start.is_multiple_of(it))
}

/// The siblings on the way from entry `index` to the root of `size` entries, lowest first.
pub(super) fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut whole = 0..size;
    let mut path = Vec::new();
    while whole.end - whole.start > 1 {
        let middle = whole.start + split(whole.end - whole.start);
        if index < middle {
            path.push(middle..whole.end);
            whole.end = middle;
        } else {
            path.push(whole.start..middle);
            whole.start = middle;
        }
    }
    path.reverse();
    path
}

/// What shows that the subtree is part of the first `size` entries, in the order of a proof (the draft's section 4.4.1;
/// with a start of 0 it is RFC 6962, section 2.1.2).
pub(super) fn consistency(mut subtree: Range<u64>, size: u64) -> Vec<Range<u64>> {
    let mut whole = 0..size;
    let mut is_known = true;
    let mut path = Vec::new();
    while subtree != whole {
        let middle = whole.start + split(whole.end - whole.start);
        if subtree.end <= middle {
            path.push(middle..whole.end);
            whole.end = middle;
        } else {
            path.push(whole.start..middle);
            whole.start = middle;
            if subtree.start < middle {
                // The subtree reaches over the middle: its left half is this one, and its root is not in the tree.
                subtree.start = middle;
                is_known = false;
            }
        }
    }
    if !is_known {
        path.push(whole);
    }
    path.reverse();
    path
}

/// The complete subtrees that make up `range`, left to right; at most 64 for a range that RFC 6962's splits lead to.
pub(super) fn nodes(range: Range<u64>) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let room = 63 - (range.end - start).leading_zeros();
        let level = start.trailing_zeros().min(room);
        nodes.push(Node { level: level as u8, index: start >> level });
        start += 1 << level;
    }
    nodes
}

/// The root over hashes of subtrees that RFC 6962's splits lead to, left to right. None without any.
pub(super) fn join(hashes: &[Hash]) -> Option<Hash> {
    hashes.iter().rev().copied().reduce(|right, left| Hash::of_node(&left, &right))
}

/// The root over subtrees of one size, of which the last may be a smaller one.
pub(crate) fn fold(hashes: &[Hash]) -> Option<Hash> {
    match hashes {
        [] => None,
        [hash] => Some(*hash),
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len() as u64) as usize);
            Some(Hash::of_node(&fold(left)?, &fold(right)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_split_at_the_largest_power_of_two_below_its_size() {
        let splits = [2, 3, 4, 5, 8, 9, u64::MAX].map(split);
        assert_eq!(splits, [1, 2, 2, 4, 4, 8, 1 << 63]);
    }

    #[test]
    fn a_range_is_made_of_complete_subtrees() {
        let list = |range| nodes(range).into_iter().map(|it| (it.level, it.index)).collect::<Vec<_>>();
        assert_eq!(list(0..7), [(2, 0), (1, 2), (0, 6)]);
        assert_eq!(list(4..8), [(2, 1)]);
        assert_eq!(list(0..0), []);
        assert_eq!(list(0..u64::MAX).len(), 64);
    }

    #[test]
    fn a_subtree_starts_at_a_multiple_of_its_width() {
        assert!([0..1, 0..7, 4..7, 8..13, 0..u64::MAX >> 1].iter().all(is_subtree));
        let backwards = Range { start: 5, end: 4 };
        assert!(![0..0, 1..3, 2..5, 4..9, backwards].iter().any(is_subtree));
    }
}
