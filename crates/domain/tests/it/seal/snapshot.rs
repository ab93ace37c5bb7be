//! A city whose database, memory and key all came back from an older copy: nobody but a witness remembers.

use std::sync::Arc;

use domain::{
    Refusal,
    journal::{self, FailureKind, ProcessMemory, Reply, SignedMemory},
};
use store::{Db, both};
use tlog::{CosignerKey, Log, LogKey, MemoryStore, Note};

use super::{Bench, ORIGIN, SEED, Scene};

/// What the log's own key signed elsewhere, of so many entries.
fn elsewhere(key: &LogKey, entries: u8) -> Note {
    let log = Log::create(MemoryStore::default(), LogKey::new(key.origin(), &SEED).unwrap()).unwrap();
    log.append_all((0..entries).map(|it| vec![it]).collect()).unwrap();
    key.sign(&log.head().checkpoint)
}

fn own() -> LogKey {
    LogKey::new(ORIGIN, &SEED).unwrap()
}

both!(what_a_witness_holds_of_our_own_key_stops_the_log, |db: Db| {
    let (bench, memory) = (Bench::new(1), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db, bench.log(1, &memory));
    bench.cosign(0, &elsewhere(&own(), 40));
    scene.read_record(5);
    let refused = journal::seal(&scene.ground.city).unwrap_err().to_string();
    assert!(refused.contains("its checkpoint is of 5 entries, it once had 40"), "{refused}");
    assert!(
        refused.contains("The witness county-0 holds") && refused.contains("`olzii succeed-log`"),
        "{refused}"
    );
    let witnesses = journal::log_state(&scene.herself()).unwrap().witnesses;
    assert_eq!(witnesses[0].failure, Some(FailureKind::Ahead));
    // It is remembered as what was signed last: after a restart too nothing is signed, whether the witness is there or not.
    let held = memory.last().unwrap().unwrap();
    assert!(String::from_utf8(held).unwrap().starts_with(&format!("{ORIGIN}\n40\n")));
    bench.silence(0, true);
    scene.read_record(1);
    let again =
        crate::support::city_with(scene.ground.city.db.clone(), &scene.ground.clock, bench.log(1, &memory));
    let refused = journal::seal(&again).unwrap_err().to_string();
    assert!(refused.contains("its checkpoint is of 5 entries, it once had 40"), "{refused}");
});

both!(a_past_that_was_outgrown_stops_the_log_too, |db: Db| {
    let (bench, memory) = (Bench::new(1), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db, bench.log(1, &memory));
    bench.cosign(0, &elsewhere(&own(), 3));
    scene.read_record(5);
    let refused = journal::seal(&scene.ground.city).unwrap_err().to_string();
    assert!(
        refused.contains("entries that were signed for were changed: the tree of 3 entries"),
        "{refused}"
    );
    assert!(refused.contains("in the place of log.signed"), "{refused}");
    scene.read_record(1);
    bench.silence(0, true);
    assert!(matches!(journal::seal(&scene.ground.city), Err(Refusal::Broken(_))), "nothing more is signed");
    assert_eq!(journal::log_state(&scene.herself()).unwrap().size, 5);
});

both!(a_witness_s_word_alone_stops_no_log, |db: Db| {
    let (bench, memory) = (Bench::new(2), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db, bench.log(1, &memory));
    let answer = |status: u16, body: &str| Reply { status, body: body.as_bytes().to_vec() };
    let stranger = elsewhere(&LogKey::new(ORIGIN, &[77; 32]).unwrap(), 40).to_string();
    let other = elsewhere(&LogKey::new("other.example/journal", &SEED).unwrap(), 40).to_string();
    for shown in [
        answer(404, ""),
        answer(500, &stranger),
        answer(200, "x"),
        answer(200, &stranger),
        answer(200, &other),
    ] {
        bench.lie(0, answer(409, "40\n"), shown);
        scene.read_record(1);
        assert!(scene.seal().is_published, "the other witness stands for it");
        assert_eq!(
            journal::log_state(&scene.herself()).unwrap().witnesses[0].failure,
            Some(FailureKind::Ahead)
        );
    }
    // Nor one that refuses, and holds what is the beginning of this log.
    let begun = journal::log_file(&scene.ground.city, "checkpoint").unwrap().0;
    bench.lie(0, answer(422, "no\n"), answer(200, &String::from_utf8(begun).unwrap()));
    scene.read_record(1);
    assert!(scene.seal().is_published);
});

both!(another_process_that_is_faster_is_no_fork, |db: Db| {
    let (bench, memory) = (Bench::new(1), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db.clone(), bench.log(1, &memory));
    let other = crate::support::city_with(db, &scene.ground.clock, bench.log(1, &memory));
    scene.read_record(3);
    let city = scene.ground.city.clone();
    bench.before_answer(0, move || {
        // While the first waits for the witness.
        let (ctx, nobody) = (domain::Ctx::system(city), uuid::Uuid::nil());
        let id = kernel::Id::from_uuid(nobody);
        let entry = journal::Entry::new(id, "test.entry", journal::SubjectKind::Case, nobody);
        ctx.write(|tx| journal::record(tx, &ctx, &entry)).unwrap();
        assert_eq!(journal::seal(&other).unwrap().sealed, 1);
    });
    let round = journal::seal(&scene.ground.city);
    assert!(!matches!(round, Err(Refusal::Broken(_))), "{round:?}");
    scene.read_record(1);
    assert!(scene.seal().is_published);
    assert_eq!(scene.faults(), Vec::<String>::new());
});

#[test]
fn a_policy_with_more_witnesses_than_a_checkpoint_has_room_for_is_refused() {
    let policy = |count: u8, name: &str| {
        let mut text = format!("log {}\n", own().verifier());
        for number in 0..count {
            let key = CosignerKey::new(&format!("{name}{number}"), &[number + 100; 32]).unwrap();
            text += &format!("witness w{number} {}\n", key.verifier());
        }
        text + "quorum none\n"
    };
    let open = |policy: String| {
        let (courier, memory) = (Box::new(journal::NoCourier), Box::new(ProcessMemory::default()));
        journal::CityLog::new(ORIGIN, SEED, policy, courier, memory).map(drop).map_err(|it| it.to_string())
    };
    assert_eq!(open(policy(63, "witness.example/")), Ok(()));
    let refused = open(policy(64, "witness.example/")).unwrap_err();
    assert!(refused.contains("names 64 witnesses") && refused.contains("63"), "{refused}");
    let refused = open(policy(63, &"x".repeat(950))).unwrap_err();
    assert!(refused.contains("too long"), "{refused}");
}
