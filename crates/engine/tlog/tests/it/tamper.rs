//! Somebody who gets at a log's files, or at its key, changes one thing. Each is found, and the message says what it
//! is and since when.

use std::{collections::BTreeMap, sync::OnceLock};

use proptest::prelude::*;
use tlog::*;

use crate::tools::{ORIGIN, Plain, entries, identity, key, log};

const SIZE: u64 = 1_000;
/// With three levels of tiles.
const LARGE: u64 = 66_000;

/// Checkpoints that a witness remembers, of 2026-11-26T00:00:00Z and each day after.
fn known_of(size: u64) -> Vec<Known> {
    let plain = Plain::new(size);
    let at = |(day, size): (u64, u64)| {
        let checkpoint = Checkpoint::new(ORIGIN, size, plain.root(0..size));
        Known { checkpoint, time: Some(1_795_651_200 + 86_400 * day) }
    };
    [(0, 100), (1, 300), (2, size - 100)].map(at).to_vec()
}

fn known() -> Vec<Known> {
    known_of(SIZE)
}

fn plain() -> &'static Plain {
    static PLAIN: OnceLock<Plain> = OnceLock::new();
    PLAIN.get_or_init(|| Plain::new(SIZE))
}

fn copy(files: &BTreeMap<Resource, Vec<u8>>) -> MemoryStore {
    let store = MemoryStore::default();
    files.iter().for_each(|(resource, bytes)| store.tamper(*resource, Some(bytes.clone())));
    store
}

fn store() -> MemoryStore {
    static FILES: OnceLock<BTreeMap<Resource, Vec<u8>>> = OnceLock::new();
    copy(FILES.get_or_init(|| log(SIZE).store().files()))
}

fn change(store: &MemoryStore, resource: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let resource = resource.parse().unwrap();
    let mut bytes = store.get(resource).unwrap().unwrap();
    change(&mut bytes);
    store.tamper(resource, Some(bytes));
}

/// Puts a checkpoint signed by `key` in the place of the published one.
fn publish(store: &MemoryStore, key: &LogKey, size: u64, root: Hash) {
    let note = key.sign(&Checkpoint::new(key.origin(), size, root));
    store.tamper(Resource::Checkpoint, Some(note.to_string().into_bytes()));
}

fn findings(store: &MemoryStore) -> Vec<String> {
    findings_with(store, &known())
}

fn findings_with(store: &MemoryStore, known: &[Known]) -> Vec<String> {
    let listed: Vec<_> = store.files().into_keys().collect();
    audit(store, &identity(), known, &listed).unwrap().findings.iter().map(Finding::to_string).collect()
}

/// The only finding.
fn finding(store: &MemoryStore) -> String {
    let found = findings(store);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.into_iter().next().unwrap()
}

#[test]
fn a_log_that_nobody_touched_has_no_finding() {
    assert_eq!(findings(&store()), [""; 0]);
}

#[test]
fn a_changed_entry_is_named_with_the_checkpoint_that_it_was_signed_under() {
    let store = store();
    change(&store, "tile/entries/001", |bytes| bytes[2 * (2 + "entry 256".len()) + 3] ^= 1);
    let found = finding(&store);
    assert!(found.starts_with("entry 258 in tile/entries/001 was changed: its hash is "), "{found}");
    assert!(found.ends_with("; after the checkpoint of 300 entries of 2026-11-27T00:00:00Z"), "{found}");
}

#[test]
fn a_changed_tile_is_named_at_each_level() {
    let (files, known) = (log(LARGE).store().files(), known_of(LARGE));
    for (tile, byte, place, since) in [
        ("tile/0/000", 33, 1, "100 entries of 2026-11-26"),
        ("tile/0/257.p/208", 0, 0, "65900 entries of 2026-11-28"),
        ("tile/1/000", 64, 2, "65900 entries of 2026-11-28"),
        ("tile/1/001.p/1", 5, 0, "65900 entries of 2026-11-28"),
        ("tile/2/000.p/1", 31, 0, "65900 entries of 2026-11-28"),
    ] {
        let store = copy(&files);
        change(&store, tile, |bytes| bytes[byte] ^= 0x80);
        let found = findings_with(&store, &known);
        assert_eq!(found.len(), 1, "{found:#?}");
        let found = &found[0];
        assert!(found.starts_with(&format!("{tile} was changed: its hash {place} is ")), "{found}");
        assert!(found.contains(&format!("; after the checkpoint of {since}")), "{found}");
    }
}

#[test]
fn a_changed_partial_file_of_an_earlier_size_is_named() {
    let log = log(100);
    log.append_all(entries(100..150)).unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    for resource in ["tile/0/000.p/100", "tile/entries/000.p/100"] {
        change(log.store(), resource, |bytes| bytes[64] ^= 1);
        let now = resource.replace("100", "150");
        let expected = format!(
            "{resource} of an earlier size was changed: {now} does not begin with it; after the checkpoint of 100 entries of 2026-11-26T00:00:00Z"
        );
        let found = audit(log.store(), &identity(), &known()[..1], &[]).unwrap().findings;
        assert!(found.iter().any(|it| it.to_string() == expected), "{found:#?}");
    }
}

#[test]
fn a_file_that_is_gone_or_cut_off_is_named() {
    for resource in ["tile/entries/003.p/232", "tile/0/002", "tile/1/000.p/3"] {
        let store = store();
        store.tamper(resource.parse().unwrap(), None);
        assert!(finding(&store).starts_with(&format!("{resource} is missing; after the checkpoint of ")));
        let store = self::store();
        change(&store, resource, |bytes| bytes.truncate(bytes.len() - 1));
        assert!(finding(&store).starts_with(&format!("{resource} is not readable: ")));
    }
    let store = store();
    store.tamper(Resource::Checkpoint, None);
    assert_eq!(
        finding(&store),
        "checkpoint is missing; after the checkpoint of 900 entries of 2026-11-28T00:00:00Z"
    );
}

#[test]
fn a_changed_root_size_origin_or_signature_is_told_apart_from_another_key() {
    let checkpoint = |from: &str, to: &str| {
        let store = store();
        let text = String::from_utf8(store.get(Resource::Checkpoint).unwrap().unwrap()).unwrap();
        assert!(text.contains(from), "{text}");
        store.tamper(Resource::Checkpoint, Some(text.replacen(from, to, 1).into_bytes()));
        finding(&store)
    };
    let root = plain().root(0..SIZE).to_string();
    let since = "; after the checkpoint of 900 entries of 2026-11-28T00:00:00Z";
    let forged = "checkpoint: the note's signature by city.example/log (";
    let signature = store();
    change(&signature, "checkpoint", |bytes| {
        let place = bytes.len() - 20;
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    });
    let other_root = plain().root(0..5).to_string();
    for found in [checkpoint(&root, &other_root), checkpoint("1000", "1001"), finding(&signature)] {
        assert!(found.starts_with(forged) && found.ends_with(since), "{found}");
    }
    let found = checkpoint("city.example/log\n", "city.example/other\n");
    assert_eq!(
        found,
        format!(
            "checkpoint: the checkpoint is of the log “city.example/other”, not of “city.example/log”{since}"
        )
    );

    let store = store();
    publish(&store, &LogKey::new(ORIGIN, &[9; 32]).unwrap(), SIZE, plain().root(0..SIZE));
    let found = finding(&store);
    assert!(found.starts_with("checkpoint: the checkpoint is signed by none of the keys of “city.example/log” (city.example/log "), "{found}");
    assert!(found.ends_with(since), "{found}");
}

#[test]
fn whoever_has_the_key_cannot_roll_back_or_rewrite_what_others_remember() {
    // Rolled back: fewer entries, rightly signed.
    let store = store();
    publish(&store, &key(), 300, plain().root(0..300));
    store.tamper("tile/0/001.p/44".parse().unwrap(), Some(tile_bytes(&plain().0[256..300])));
    store.tamper("tile/1/000.p/1".parse().unwrap(), Some(tile_bytes(&[plain().root(0..256)])));
    assert_eq!(
        finding(&store),
        "the log was rolled back: its checkpoint is of 300 entries, it once had 900; after the checkpoint of 300 entries of 2026-11-27T00:00:00Z, by the checkpoint of 900 entries of 2026-11-28T00:00:00Z"
    );

    // Rewritten: another entry 200, and everything above it computed and signed anew.
    let rewritten = Log::create(MemoryStore::default(), key()).unwrap();
    let mut all = entries(0..400);
    all[200] = b"another".to_vec();
    rewritten.append_all(all).unwrap();
    rewritten.publish(&rewritten.head(), Vec::new()).unwrap();
    let found = audit(rewritten.store(), &identity(), &known()[..2], &[]).unwrap().findings;
    assert_eq!(found.len(), 1, "{found:?}");
    let found = found[0].to_string();
    assert!(
        found.starts_with(
            "entries that were signed for were changed: the tree of 300 entries now has the root "
        ),
        "{found}"
    );
    assert!(found.ends_with("; after the checkpoint of 100 entries of 2026-11-26T00:00:00Z, by the checkpoint of 300 entries of 2026-11-27T00:00:00Z"), "{found}");
    // Without anybody's memory the same log is what it says.
    assert_eq!(audit(rewritten.store(), &identity(), &[], &[]).unwrap().findings, []);
}

#[test]
fn a_checkpoint_of_another_tree_is_held_against_the_entries() {
    let store = store();
    publish(&store, &key(), SIZE, Hash([7; 32]));
    let found = finding(&store);
    assert!(found.contains("checkpoint and entries are not of one log"), "{found}");
    assert!(found.ends_with("; after the checkpoint of 900 entries of 2026-11-28T00:00:00Z"), "{found}");
    // Entry and tile changed alike: the signed root speaks against both, memory says since when.
    let store = self::store();
    change(&store, "tile/entries/001", |bytes| bytes[30] ^= 1);
    let bundle = store.get("tile/entries/001".parse().unwrap()).unwrap().unwrap();
    let hashes: Vec<_> = read_bundle(&bundle, 256).unwrap().into_iter().map(Hash::of_entry).collect();
    store.tamper("tile/0/001".parse().unwrap(), Some(tile_bytes(&hashes)));
    let found = findings(&store);
    let since = "; after the checkpoint of 100 entries of 2026-11-26T00:00:00Z, by the checkpoint of 300 entries of 2026-11-27T00:00:00Z";
    assert!(
        found
            .iter()
            .any(|it| it.starts_with("entries that were signed for were changed") && it.ends_with(since)),
        "{found:#?}"
    );
    assert!(found.iter().any(|it| it.starts_with("tile/1/000.p/3 was changed")), "{found:#?}");
}

#[test]
fn many_findings_are_counted_and_not_all_told() {
    let store = store();
    for index in 0..2 {
        change(&store, &format!("tile/0/{index:03}"), |bytes| bytes.iter_mut().for_each(|it| *it ^= 1));
    }
    let audit = audit(&store, &identity(), &[], &[]).unwrap();
    assert_eq!((audit.findings.len(), audit.more), (FINDINGS_MAX, 512 - FINDINGS_MAX as u64));
    assert!(audit.findings[0].to_string().ends_with("; no earlier checkpoint is known to say since when"));
}

#[test]
fn any_bit_of_any_file_of_a_small_log_is_found() {
    let log = log(3);
    log.append_all(entries(3..5)).unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    let files = log.store().files();
    let listed: Vec<_> = files.keys().copied().collect();
    assert_eq!(listed.len(), 5);
    let mut flips = 0;
    for (resource, bytes) in &files {
        for bit in 0..8 * bytes.len() {
            let store = copy(&files);
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            store.tamper(*resource, Some(changed));
            assert_ne!(
                audit(&store, &identity(), &[], &listed).unwrap().findings,
                [],
                "bit {bit} of {resource}"
            );
            flips += 1;
        }
    }
    assert!(flips > 3_000, "{flips}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_bit_of_a_log_with_full_tiles_is_found(file in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()) {
        let store = store();
        let files: Vec<_> = store.files().into_iter().collect();
        let (resource, mut bytes) = files[file.index(files.len())].clone();
        let bit = bit.index(8 * bytes.len());
        bytes[bit / 8] ^= 1 << (bit % 8);
        store.tamper(resource, Some(bytes));
        prop_assert_ne!(findings(&store), [""; 0], "bit {} of {}", bit, resource);
    }
}
