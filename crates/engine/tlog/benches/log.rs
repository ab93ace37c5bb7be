//! What a durable log costs, beside bare hashing and bare syncs on the same disk in the same run:
//! `cargo bench -p tlog -- [ENTRIES]`, 200,000 if nothing is said. The folder is made in `TMPDIR` and removed.

use std::{
    env, fs,
    hint::black_box,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use tlog::*;

const ENTRIES: u64 = 200_000;
/// Bytes of an entry: a type line and a salted commitment.
const ENTRY_BYTES: usize = 100;
const WRITERS: [u64; 3] = [1, 16, 64];
/// Single appends of each writer.
const APPENDS: u64 = 50;
const PROOFS: u64 = 2_000;

fn main() {
    let entries = env::args().find_map(|it| it.parse().ok()).unwrap_or(ENTRIES);
    let folder = tempfile::tempdir().expect("a folder");
    let key = LogKey::new("bench.example/log", &[1; 32]).expect("a name");
    let identity = LogIdentity::of(key.verifier().clone());
    let log = Log::create(DiskStore::open(folder.path()).expect("a store"), key).expect("a log");

    println!("| what | a second | µs each |");
    println!("|---|---:|---:|");
    row("hash of an entry and of a node", 1_000_000, |index| {
        let hash = Hash::of_entry(&entry(index));
        black_box(Hash::of_node(&hash, &hash));
    });
    row("bare write and sync of 4 kB", 500, |_| sync(folder.path()));
    for writers in WRITERS {
        let (count, next) = (writers * APPENDS, AtomicU64::new(0));
        let seconds = timed(|| {
            thread::scope(|scope| {
                for _ in 0..writers {
                    scope.spawn(|| {
                        for _ in 0..APPENDS {
                            log.append(&entry(next.fetch_add(1, Ordering::Relaxed))).expect("an append");
                        }
                    });
                }
            });
        });
        print_row(&format!("durable append, one entry a call, {writers} writers at once"), count, seconds);
    }
    let batch = |first: u64| (first..first + BATCH_ENTRIES_MAX as u64).map(entry).collect();
    let seconds = timed(|| {
        for first in (log.head().checkpoint.size..entries).step_by(BATCH_ENTRIES_MAX) {
            log.append_all(batch(first)).expect("a batch");
        }
    });
    print_row(&format!("durable append, {BATCH_ENTRIES_MAX} entries a call"), entries, seconds);
    log.publish(&log.head(), Vec::new()).expect("a publication");

    let head = log.head().checkpoint;
    let tiles = Tiles { source: log.store(), size: head.size };
    let at = |index: u64| index.wrapping_mul(0x9e37_79b9_7f4a_7c15) % head.size;
    println!("\nAt {} entries:\n", head.size);
    println!("| what | a second | µs each |");
    println!("|---|---:|---:|");
    row("inclusion proof from tiles on disk", PROOFS, |index| {
        black_box(inclusion_proof(&tiles, at(index), head.size).expect("a proof"));
    });
    row("consistency proof from tiles on disk", PROOFS, |index| {
        black_box(consistency_proof(&tiles, at(index).max(1), head.size).expect("a proof"));
    });
    let proof = inclusion_proof(&tiles, at(1), head.size).expect("a proof");
    let hash = tiles.tile(Tile::of(head.size, 0, at(1) / 256).expect("a tile")).expect("a tile")
        [at(1) as usize % 256];
    row("check of an inclusion proof", 100_000, |_| {
        verify_inclusion(at(1), head.size, black_box(hash), &proof, head.root).expect("a good proof");
    });
    let source = FolderSource::new(folder.path());
    let seconds = timed(|| assert_eq!(audit(&source, &identity, &[], &[]).expect("an audit").findings, []));
    print_row("audit of the whole log, entries", head.size, seconds);
}

fn entry(index: u64) -> Vec<u8> {
    let mut entry = vec![b'x'; ENTRY_BYTES];
    entry[..8].copy_from_slice(&index.to_be_bytes());
    entry
}

fn sync(folder: &Path) {
    let path = folder.join("bare");
    let file = fs::File::create(&path).expect("a file");
    fs::write(&path, [0; 4096]).expect("a write");
    file.sync_all().expect("a sync");
}

fn row(what: &str, count: u64, work: impl Fn(u64)) {
    let seconds = timed(|| (0..count).for_each(&work));
    print_row(what, count, seconds);
}

fn print_row(what: &str, count: u64, seconds: f64) {
    println!("| {what} | {:.0} | {:.2} |", count as f64 / seconds, seconds * 1e6 / count as f64);
}

fn timed(work: impl FnOnce()) -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
