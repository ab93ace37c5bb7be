//! What somebody could do who gets at the head of the log, at what was signed last or at the key; and how a log goes on that
//! cannot under its own name.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::{
    Refusal, Window,
    journal::{self, CityLog, LogError, NoCourier, ProcessMemory, SignedMemory},
    notice::NoticeKind,
};
use kernel::Role;
use store::{Db, StoreError, both, params};
use tlog::{LogKey, MemoryStore, Source};

use super::{
    Bench, ORIGIN, SEED, Scene,
    tamper::{FIRST, run, sealed},
};
use crate::{ground::CITY, support};

both!(a_memory_that_was_taken_away_is_no_new_beginning, |db: Db| {
    let scene = sealed(db.clone());
    let forgetful =
        support::city_with(db.clone(), &scene.ground.clock, CityLog::alone(ORIGIN, SEED).unwrap());
    let refused = journal::seal(&forgetful).unwrap_err().to_string();
    assert!(refused.contains("log.signed is missing"), "{refused}");
    let faults = journal::audit(&forgetful).unwrap().findings;
    assert!(faults.iter().any(|it| it.contains("log.signed is missing")), "{faults:?}");
    // Nor with what is shown: what was shown is remembered elsewhere too.
    run(&db, "UPDATE log_head SET published = NULL, published_size = 0", &[]);
    let refused = journal::seal(&forgetful).unwrap_err().to_string();
    assert!(refused.contains("log.signed is missing"), "{refused}");
});

both!(a_log_that_was_rolled_back_is_signed_no_more, |db: Db| {
    let scene = sealed(db.clone());
    let head = "SELECT head FROM log_head";
    let newest: String =
        db.read(|tx| tx.first(head, &[])).map_err(|it: StoreError| it).unwrap().unwrap().get(0).unwrap();
    let older: String = db
        .read(|tx| tx.first("SELECT checkpoint FROM log_checkpoint ORDER BY span LIMIT 1", &[]))
        .map_err(|it: StoreError| it)
        .unwrap()
        .unwrap()
        .get(0)
        .unwrap();
    run(&db, "UPDATE log_head SET head = $1", params![older.as_str()]);
    run(&db, "UPDATE log_head SET published = $1", params![older.as_str()]);
    let refused = journal::seal(&scene.ground.city).unwrap_err().to_string();
    assert!(refused.contains("rolled back: its checkpoint is of 20 entries, it once had 30"), "{refused}");
    assert!(journal::log_state(&scene.herself()).unwrap().failing_since.is_some(), "the page says so");
    let faults = scene.faults().join("\n");
    assert!(faults.contains("its head is of 20 entries, 30 were signed for"), "{faults}");
    assert!(faults.contains("its checkpoint is of 20 entries, it once had 30"), "{faults}");
    assert!(faults.contains("claims the place 20 in the log"), "{faults}");

    run(&db, "UPDATE log_head SET head = $1", params![newest.as_str()]);
    scene.seal();
    assert_eq!(scene.faults(), Vec::<String>::new(), "the next round shows the newest again");
});

both!(another_log_under_the_same_key_is_signed_no_more, |db: Db| {
    let scene = sealed(db.clone());
    // Whoever has database and key makes a log of as many entries of their own.
    let other = tlog::Log::create(MemoryStore::default(), LogKey::new(ORIGIN, &SEED).unwrap()).unwrap();
    other.append_all((0..30_u8).map(|it| vec![it; 49]).collect()).unwrap();
    let tile = tlog::Tile { level: 0, index: 0, width: 30 };
    let hashes = other.store().get(tile.into()).unwrap().unwrap();
    let entries = other.store().get(tlog::Resource::Entries { index: 0, width: 30 }).unwrap().unwrap();
    run(&db, "UPDATE log_tile SET bytes = $1 WHERE level = 0", params![hashes]);
    run(&db, "UPDATE log_tile SET bytes = $1 WHERE level = -1", params![entries]);
    let head = other.head().note.to_string();
    run(&db, "UPDATE log_head SET head = $1, published = $1", params![head]);
    let refused = journal::seal(&scene.ground.city).unwrap_err().to_string();
    assert!(refused.contains("entries that were signed for were changed"), "{refused}");
    let faults = scene.faults().join("\n");
    assert!(faults.contains("entries that were signed for were changed: the tree of 20 entries"), "{faults}");
    assert!(faults.contains("by the checkpoint of 20 entries of 2026-11-20T01:00:20Z"), "{faults}");
});

both!(a_log_that_is_gone_is_not_begun_anew, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, "DELETE FROM log_head", &[]);
    let gone = journal::seal(&scene.ground.city).unwrap_err().to_string();
    assert!(gone.contains("gone from the database: it was signed for 30 entries"), "{gone}");
    // Nor where the memory is gone with it.
    let forgetful =
        support::city_with(db.clone(), &scene.ground.clock, CityLog::alone(ORIGIN, SEED).unwrap());
    let gone = journal::seal(&forgetful).unwrap_err().to_string();
    assert!(gone.contains("entries of the journal have places in it"), "{gone}");
});

both!(a_key_that_was_put_in_the_place_of_another_signs_nothing, |db: Db| {
    let scene = sealed(db.clone());
    let policy = scene.ground.city.log.policy_text().to_owned();
    let memory = || {
        let memory = ProcessMemory::default();
        let head = "SELECT head FROM log_head";
        let head: String =
            db.read(|tx| tx.first(head, &[])).map_err(|it: StoreError| it).unwrap().unwrap().get(0).unwrap();
        memory.keep(head.as_bytes()).unwrap();
        Box::new(memory)
    };
    let swapped = CityLog::new(ORIGIN, [12; 32], policy, Box::new(NoCourier), memory());
    assert!(matches!(swapped, Err(LogError::Key { .. })), "the policy names the key that is meant");

    // With the policy exchanged too, the log itself tells.
    let other = CityLog::alone(ORIGIN, [12; 32]).unwrap();
    let city = support::city_with(db.clone(), &scene.ground.clock, other);
    let refused = journal::seal(&city).unwrap_err().to_string();
    assert!(refused.contains("is signed by none of the keys of “city.example/journal”"), "{refused}");
    // Another name begins no second log beside the first.
    let other = CityLog::alone("other.example/journal", SEED).unwrap();
    let city = support::city_with(db.clone(), &scene.ground.clock, other);
    let refused = journal::seal(&city).unwrap_err().to_string();
    assert!(refused.contains("it holds the log city.example/journal"), "{refused}");

    // A key that gives way to another stands in the policy beside it.
    let verifier = |seed| LogKey::new(ORIGIN, &seed).unwrap().verifier().to_string();
    let policy = format!("log {}\nlog {}\nquorum none\n", verifier(SEED), verifier([12; 32]));
    let rotated = CityLog::new(ORIGIN, [12; 32], policy, Box::new(NoCourier), memory()).unwrap();
    let city = support::city_with(db.clone(), &scene.ground.clock, rotated);
    scene.read_record(1);
    assert_eq!(journal::seal(&city).unwrap().sealed, 1);
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());
});

both!(what_cannot_be_remembered_is_not_shown, |db: Db| {
    struct FullDisk;
    impl SignedMemory for FullDisk {
        fn last(&self) -> std::io::Result<Option<Vec<u8>>> {
            Ok(None)
        }
        fn keep(&self, _: &[u8]) -> std::io::Result<bool> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }
    }
    let policy = format!("log {}\nquorum none\n", LogKey::new(ORIGIN, &SEED).unwrap().verifier());
    let log = CityLog::new(ORIGIN, SEED, policy, Box::new(NoCourier), Box::new(Arc::new(FullDisk))).unwrap();
    let scene = Scene::sealed_by(db, log);
    scene.read_record(1);
    assert!(matches!(journal::seal(&scene.ground.city), Err(Refusal::Unavailable(_))));
    assert!(matches!(journal::log_file(&scene.ground.city, "checkpoint"), Err(Refusal::NotFound)));

    // What passes in a while is nobody's alarm; what does not is.
    let administrator = scene.ground.officer("系统管理员", Role::Administrator, CITY);
    let told = |seconds| {
        scene.ground.clock.pass_seconds(seconds);
        journal::seal(&scene.ground.city).unwrap_err();
        let is_told = journal::alarm(&domain::Ctx::system(scene.ground.city.clone())).unwrap();
        let notices =
            domain::notice::list(&scene.ground.acting(administrator), &Window::first(10)).unwrap().items;
        (is_told, notices.iter().any(|it| it.kind == NoticeKind::LogBroken && it.detail == ORIGIN))
    };
    assert_eq!(told(600), (false, false));
    assert_eq!(told(1), (true, true));
    assert_eq!(told(60), (false, true), "once a day is enough");
});

both!(witnesses_that_were_silent_before_nothing_was_sealed_are_told_of, |db: Db| {
    /// A disk that is full from some time on.
    #[derive(Default)]
    struct Filling(ProcessMemory, AtomicBool);
    impl SignedMemory for Filling {
        fn last(&self) -> std::io::Result<Option<Vec<u8>>> {
            self.0.last()
        }
        fn keep(&self, head: &[u8]) -> std::io::Result<bool> {
            match self.1.load(Ordering::SeqCst) {
                true => Err(std::io::Error::from(std::io::ErrorKind::StorageFull)),
                false => self.0.keep(head),
            }
        }
    }
    let (bench, memory) = (Bench::new(2), Arc::new(Filling::default()));
    let (courier, held) = (Box::new(bench.clone()), Box::new(memory.clone()));
    let log = CityLog::new(ORIGIN, SEED, bench.policy(1), courier, held).unwrap();
    let scene = Scene::sealed_by(db, log);
    let pass = |seconds| {
        scene.ground.clock.pass_seconds(seconds);
        bench.pass_seconds(seconds);
        let _ = journal::seal(&scene.ground.city);
    };
    scene.read_record(1);
    pass(1);
    bench.silence(0, true);
    (0..11).for_each(|_| pass(60));
    memory.1.store(true, Ordering::SeqCst);
    (0..15).for_each(|_| pass(60));
    let warned = journal::warn(&domain::Ctx::system(scene.ground.city.clone())).unwrap();
    assert_eq!(warned, ["county-0"], "the other cosigned as long as it was asked");
});

both!(a_log_that_came_back_from_a_backup_is_succeeded_by_another, |db: Db| {
    let scene = sealed(db.clone());
    let former = LogKey::new(ORIGIN, &SEED).unwrap();
    // Sixty were signed for; the database that came back has thirty, and what was done since.
    let lost = tlog::Checkpoint::new(ORIGIN, 60, tlog::Hash::of_entry(b"what was there"));
    let last = former.sign(&lost).to_string();
    scene.read_record(2);
    let next = LogKey::new("city.example/journal/2", &[12; 32]).unwrap();
    let policy = format!("log {}\nlog {}\nquorum none\n", next.verifier(), former.verifier());
    let log = |policy: &str| {
        let memory = Box::new(ProcessMemory::default());
        CityLog::new(next.origin(), [12; 32], policy.to_owned(), Box::new(NoCourier), memory).unwrap()
    };
    let city = support::city_with(db.clone(), &scene.ground.clock, log(&policy));
    assert!(journal::seal(&city).is_err(), "another name alone goes on with nothing");
    let stranger = support::city_with(
        db.clone(),
        &scene.ground.clock,
        log(&format!("log {}\nquorum none\n", next.verifier())),
    );
    let refused = journal::succeed(&stranger, last.as_bytes(), false).unwrap_err().to_string();
    assert!(refused.contains("is not of a log that the policy names"), "{refused}");

    let done = journal::succeed(&city, last.as_bytes(), false).unwrap().unwrap();
    assert_eq!((done.former.as_str(), done.signed, done.kept), (ORIGIN, 60, 30));
    assert_eq!(journal::succeed(&city, last.as_bytes(), false).unwrap(), None, "once");
    assert!(journal::seal(&scene.ground.city).is_err(), "who still has the former key signs nothing");
    assert!(
        matches!(journal::log_file(&city, "checkpoint"), Err(Refusal::NotFound)),
        "nothing of it is shown yet"
    );
    assert_eq!(journal::seal(&city).unwrap().sealed, 2);
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());

    let bundle = journal::log_file(&city, "tile/entries/000.p/33").unwrap().0;
    let entries = tlog::read_bundle(&bundle, 33).unwrap();
    assert_eq!(journal::succession_in(entries[30]), Some(lost));
    assert_eq!(entries.iter().filter(|it| journal::succession_in(it).is_some()).count(), 1);
    // What was sealed before is found out as before, with the former log's checkpoints.
    run(&db, "UPDATE journal SET purpose = 'service' WHERE log_index = 3", &[]);
    let faults = journal::audit(&city).unwrap().findings;
    assert!(
        faults.len() == 1 && faults[0].contains("was changed") && faults[0].contains(FIRST),
        "{faults:?}"
    );
});

both!(a_backup_from_before_a_succession_is_succeeded_once_more, |db: Db| {
    let scene = sealed(db.clone());
    let names = [ORIGIN, "city.example/journal/2", "city.example/journal/3"];
    let seeds = [SEED, [12; 32], [13; 32]];
    let key = |number: usize| LogKey::new(names[number], &seeds[number]).unwrap();
    let city = |number: usize| {
        let lines = (0..=number).rev().map(|it| format!("log {}\n", key(it).verifier()));
        let policy = lines.collect::<String>() + "quorum none\n";
        let memory = Box::new(ProcessMemory::default());
        let log = CityLog::new(names[number], seeds[number], policy, Box::new(NoCourier), memory).unwrap();
        support::city_with(db.clone(), &scene.ground.clock, log)
    };
    // The second log was signed for 70 entries; the database that came back has the first, and thirty of its.
    let last = |number: usize, size| {
        let lost = tlog::Checkpoint::new(names[number], size, tlog::Hash::of_entry(b"what was there"));
        (key(number).sign(&lost).to_string(), lost)
    };
    let (second, lost) = last(1, 70);
    let third = city(2);
    let done = journal::succeed(&third, second.as_bytes(), false).unwrap().unwrap();
    assert_eq!((done.former.as_str(), done.signed, done.kept, done.is_rewritten), (names[1], 70, 30, false));
    scene.read_record(2);
    assert_eq!(journal::seal(&third).unwrap().sealed, 2);
    assert_eq!(journal::audit(&third).unwrap().findings, Vec::<String>::new());
    let bundle = journal::log_file(&third, "tile/entries/000.p/33").unwrap().0;
    assert_eq!(journal::succession_in(tlog::read_bundle(&bundle, 33).unwrap()[30]), Some(lost));
});

both!(whoever_succeeds_a_log_that_was_rewritten_learns_of_it, |db: Db| {
    let scene = sealed(db.clone());
    let (former, next) = (LogKey::new(ORIGIN, &SEED).unwrap(), LogKey::new("x/2", &[12; 32]).unwrap());
    let policy = format!("log {}\nlog {}\nquorum none\n", next.verifier(), former.verifier());
    let stranger = format!("log {}\nquorum none\n", next.verifier());
    let city = |policy: String| {
        let memory = Box::new(ProcessMemory::default());
        let log = CityLog::new("x/2", [12; 32], policy, Box::new(NoCourier), memory).unwrap();
        support::city_with(db.clone(), &scene.ground.clock, log)
    };
    let signed = tlog::Checkpoint::new(ORIGIN, 20, tlog::Hash::of_entry(b"what was there"));
    let last = former.sign(&signed).to_string();
    assert!(journal::succeed(&city(stranger), last.as_bytes(), false).is_err());
    let done = journal::succeed(&city(policy), last.as_bytes(), false).unwrap().unwrap();
    assert_eq!((done.signed, done.kept, done.is_rewritten), (20, 30, true));
});

both!(a_log_that_can_go_on_is_not_succeeded, |db: Db| {
    let scene = sealed(db.clone());
    let (former, next) = (LogKey::new(ORIGIN, &SEED).unwrap(), LogKey::new("x/2", &[12; 32]).unwrap());
    let policy = format!("log {}\nlog {}\nquorum none\n", next.verifier(), former.verifier());
    let memory = Box::new(ProcessMemory::default());
    let log = CityLog::new("x/2", [12; 32], policy, Box::new(NoCourier), memory).unwrap();
    let city = support::city_with(db.clone(), &scene.ground.clock, log);
    let shown = journal::log_file(&scene.ground.city, "checkpoint").unwrap().0;
    let refused = journal::succeed(&city, &shown, false).unwrap_err().to_string();
    assert!(refused.contains("goes on: start the server"), "{refused}");
    // Whose key is lost cannot, though nothing else is.
    assert_eq!(journal::succeed(&city, &shown, true).unwrap().unwrap().kept, 30);
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());
});
