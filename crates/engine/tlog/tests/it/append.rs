use std::{collections::BTreeSet, thread};

use tlog::*;

use crate::tools::{entries, identity, key, log};

#[test]
fn entries_of_many_threads_each_get_a_place_of_their_own() {
    let log = Log::create(MemoryStore::default(), key()).unwrap();
    let places: BTreeSet<u64> = thread::scope(|scope| {
        let writer = |thread: u64| {
            let log = &log;
            move || -> Vec<u64> {
                (0..40).map(|it| log.append(format!("{thread} {it}").as_bytes()).unwrap()).collect()
            }
        };
        let threads: Vec<_> = (0..8).map(|it| scope.spawn(writer(it))).collect();
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(places, (0..320).collect());
    log.publish(&log.head(), Vec::new()).unwrap();
    assert_eq!(audit(log.store(), &identity(), &[], &[]).unwrap().findings, []);
}

#[test]
fn a_log_is_created_once_and_opened_with_its_own_key() {
    let written = log(300);
    let files = written.store().files();
    let again = |key: LogKey| {
        let store = MemoryStore::default();
        let head = written.head().note.to_string();
        let files: Vec<_> = files.clone().into_iter().filter(|(it, _)| *it != Resource::Checkpoint).collect();
        store.commit(None, &files, head.as_bytes()).unwrap();
        Log::open(store, key)
    };
    let opened = again(key()).unwrap();
    assert_eq!(opened.append(b"one more").unwrap(), 300);

    assert!(matches!(Log::open(MemoryStore::default(), key()), Err(OpenError::Missing)));
    let other = LogKey::new(crate::tools::ORIGIN, &[9; 32]).unwrap();
    assert!(matches!(again(other), Err(OpenError::Head(CheckpointError::NoLogSignature { .. }))));
    let store = MemoryStore::default();
    store.commit(None, &[], b"anything").unwrap();
    assert!(matches!(Log::create(store, key()), Err(OpenError::Exists)));
}

#[test]
fn a_new_key_takes_up_the_log_of_the_one_before() {
    let store = MemoryStore::default();
    let log = Log::create(&store, key()).unwrap();
    log.append_all(entries(0..3)).unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    let next = || LogKey::new(crate::tools::ORIGIN, &[9; 32]).unwrap();
    let log = Log::open_after(&store, next(), vec![key().verifier().clone()]).unwrap();
    // What the former key signed is still published by it, what comes next by the new one.
    log.publish(&log.head(), Vec::new()).unwrap();
    log.append(b"by the new key").unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    let both = LogIdentity { keys: vec![key().verifier().clone(), next().verifier().clone()], ..identity() };
    assert_eq!(audit(&store, &both, &[], &[]).unwrap().findings, []);
    assert_eq!(Log::open(&store, next()).unwrap().append(b"and again").unwrap(), 4);
    let found = audit(&store, &identity(), &[], &[]).unwrap().findings;
    assert!(matches!(found[0].fault, Fault::Checkpoint(CheckpointError::NoLogSignature { .. })));
}

#[test]
fn a_log_whose_right_edge_was_changed_is_not_opened() {
    let open = |tamper: &dyn Fn(&MemoryStore)| {
        let written = log(300);
        let store = MemoryStore::default();
        let files: Vec<_> = written.store().files().into_iter().collect();
        store.commit(None, &files, written.head().note.to_string().as_bytes()).unwrap();
        tamper(&store);
        Log::open(store, key()).map(|_| ()).unwrap_err().to_string()
    };
    let bundle = Resource::Entries { index: 1, width: 44 };
    let tile = Resource::Tile(Tile { level: 0, index: 1, width: 44 });
    let flip = |resource: Resource, place: usize| {
        move |store: &MemoryStore| {
            let mut bytes = store.get(resource).unwrap().unwrap();
            bytes[place] ^= 1;
            store.tamper(resource, Some(bytes));
        }
    };
    let place = 2 * (2 + "entry 256".len()) + 3;
    assert_eq!(
        open(&flip(bundle, place)),
        "entry 258 is not the one whose hash is in its tile: tile/entries/001.p/44 was changed"
    );
    assert!(open(&flip(tile, 70)).contains("tiles or head were changed"));
    assert_eq!(open(&|store| store.tamper(bundle, None)), "tile/entries/001.p/44 is missing");
    assert_eq!(open(&|store| store.tamper(tile, None)), "tile/0/001.p/44 is missing");
    assert!(open(&|store| store.tamper(tile, Some(vec![0; 32]))).contains("32 bytes instead of 1408"));
}

#[test]
fn a_second_writer_stops_the_first() {
    let store = MemoryStore::default();
    let log = Log::create(&store, key()).unwrap();
    Log::open(&store, key()).unwrap().append(b"theirs").unwrap();
    let error = log.append(b"ours").unwrap_err().to_string();
    assert_eq!(
        error,
        "nothing more is appended until the log is opened again: another writer moved the head of the log"
    );
    assert_eq!(Log::open(&store, key()).unwrap().append(b"ours").unwrap(), 1);
}

#[test]
fn only_what_was_committed_is_published_and_nothing_older_than_before() {
    let log = Log::create(MemoryStore::default(), key()).unwrap();
    log.append_all(entries(0..5)).unwrap();
    let early = log.head();
    log.append_all(entries(5..9)).unwrap();
    log.publish(&log.head(), Vec::new()).unwrap();
    assert!(matches!(log.publish(&early, Vec::new()), Err(PublishError::Older { size: 5, published: 9 })));

    let invented = Checkpoint::new(log.origin(), 12, Hash::EMPTY_TREE);
    let signed = SignedCheckpoint { note: key().sign(&invented), checkpoint: invented };
    assert!(matches!(log.publish(&signed, Vec::new()), Err(PublishError::Ahead { size: 12, head: 9 })));
    let stranger = LogKey::new(log.origin(), &[9; 32]).unwrap();
    let signed = SignedCheckpoint { note: stranger.sign(&early.checkpoint), checkpoint: early.checkpoint };
    assert!(matches!(log.publish(&signed, Vec::new()), Err(PublishError::Checkpoint(_))));

    // What cannot be read says nothing of what was shown, and holds nothing up.
    log.store().tamper(Resource::Checkpoint, Some(b"x".to_vec()));
    assert!(matches!(log.publish(&log.head(), Vec::new()), Ok(Some(CheckpointError::Note(_)))));
    assert_eq!(log.publish(&log.head(), Vec::new()).unwrap(), None);
}
