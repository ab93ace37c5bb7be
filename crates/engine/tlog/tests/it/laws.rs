//! What holds of every tree.

use proptest::prelude::*;
use tlog::*;

use crate::tools::{Plain, entries, identity, key, log};

#[test]
fn every_entry_of_every_small_tree_is_proven_and_no_other_in_its_place() {
    let plain = Plain::new(40);
    for size in 1..=40 {
        let root = plain.root(0..size);
        for index in 0..size {
            let proof = inclusion_proof(&plain, index, size).unwrap();
            let entry = plain.0[index as usize];
            verify_inclusion(index, size, entry, &proof, root).unwrap();
            for other in (0..size).filter(|it| *it != index) {
                assert!(
                    verify_inclusion(other, size, entry, &proof, root).is_err(),
                    "{index} as {other} of {size}"
                );
            }
        }
    }
}

#[test]
fn every_subtree_of_every_small_tree_is_proven() {
    let plain = Plain::new(24);
    for size in 1..=24_u64 {
        let root = plain.root(0..size);
        for start in 0..size {
            for end in start + 1..=size {
                let Ok(proof) = subtree_consistency_proof(&plain, start..end, size) else {
                    assert!(
                        !start.is_multiple_of((end - start).next_power_of_two()),
                        "{start}..{end} of {size}"
                    );
                    continue;
                };
                let subtree_root = plain.root(start..end);
                verify_subtree_consistency(start..end, size, &proof, subtree_root, root).unwrap();
                for index in start..end {
                    let proof = inclusion_proof(
                        &Plain(plain.0[start as usize..].to_vec()),
                        index - start,
                        end - start,
                    );
                    let entry = plain.0[index as usize];
                    verify_subtree_inclusion(index, start..end, entry, &proof.unwrap(), subtree_root)
                        .unwrap();
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    /// Sizes around the widths of tiles, in batches of any size, against the definition.
    #[test]
    fn a_log_is_the_tree_of_its_entries_whatever_the_batches(batches in prop::collection::vec(0_u64..400, 1..5)) {
        let written = Log::create(MemoryStore::default(), key()).unwrap();
        let mut size = 0;
        for batch in batches {
            prop_assert_eq!(written.append_all(entries(size..size + batch)).unwrap(), size..size + batch);
            size += batch;
        }
        let head = written.head().checkpoint;
        prop_assert_eq!((head.size, head.root), (size, Plain::new(size).root(0..size)));
        written.publish(&written.head(), Vec::new()).unwrap();
        prop_assert_eq!(audit(written.store(), &identity(), &[], &[]).unwrap().findings, []);
    }

    #[test]
    fn tiles_alone_prove_what_the_tree_proves(size in 1_u64..1500, one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let old = one.index(size as usize) as u64 + 1;
        let index = other.index(old as usize) as u64;
        let (written, plain) = (log(old), Plain::new(size));
        written.append_all(entries(old..size)).unwrap();
        // Of an earlier size, some of whose partial tiles have made room for full ones.
        let tiles = Tiles { source: written.store(), size: old };
        let root = root(&tiles, old).unwrap();
        prop_assert_eq!(root, plain.root(0..old));
        let proof = inclusion_proof(&tiles, index, old).unwrap();
        prop_assert_eq!(&proof, &inclusion_proof(&plain, index, old).unwrap());
        verify_inclusion(index, old, plain.0[index as usize], &proof, root).unwrap();
        let newest = Tiles { source: written.store(), size };
        let proof = consistency_proof(&newest, old, size).unwrap();
        verify_consistency(old, size, &proof, root, plain.root(0..size)).unwrap();
    }

    /// A proof with anything changed is none: one bit, one hash more or less, another index, another size.
    #[test]
    fn a_changed_proof_is_refused(size in 2_u64..600, place in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let plain = Plain::new(size);
        let root = plain.root(0..size);
        let index = place.index(size as usize) as u64;
        let entry = plain.0[index as usize];
        let proof = inclusion_proof(&plain, index, size).unwrap();
        let refused = |index, size, proof: &[Hash]| verify_inclusion(index, size, entry, proof, root).is_err();
        let mut flipped = proof.clone();
        flipped[place.index(proof.len())].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(refused(index, size, &flipped));
        prop_assert!(refused(index, size, &proof[1..]));
        prop_assert!(refused(index, size, &[&proof[..], &[entry]].concat()));
        prop_assert!(refused(index ^ 1, size, &proof));

        let old = index.max(1);
        let old_root = plain.root(0..old);
        let proof = consistency_proof(&plain, old, size).unwrap();
        let refused = |old, proof: &[Hash]| verify_consistency(old, size, proof, old_root, root).is_err();
        prop_assert!(refused(old, &[&proof[..], &[entry]].concat()));
        prop_assert!(refused(old, &proof[1..]));
        let mut flipped = proof.clone();
        flipped[place.index(proof.len())].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(refused(old, &flipped));
    }

    /// Sizes that no log has: bounded work, and no sum that overflows.
    #[test]
    fn proofs_of_any_numbers_are_judged_without_a_panic(index: u64, start: u64, end: u64, size: u64, count in 0_usize..70) {
        let proof = vec![Hash::EMPTY_TREE; count];
        let hash = Hash::EMPTY_TREE;
        for (index, size) in [(index, size), (index % 99, size), (size - size.min(2), size)] {
            let _ = verify_inclusion(index, size, hash, &proof, hash);
            let _ = verify_consistency(index, size, &proof, hash, hash);
        }
        for (start, end) in [(start, end), (0, end), (start, start.saturating_add(1))] {
            let _ = verify_subtree_consistency(start..end, size, &proof, hash, hash);
            let _ = verify_subtree_inclusion(index, start..end, hash, &proof, hash);
        }
    }
}
