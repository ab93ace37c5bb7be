use std::{collections::BTreeSet, sync::Arc, thread};

use domain::{
    Refusal, Window,
    journal::{self, FailureKind, Opened, ProcessMemory, Round},
    notice::NoticeKind,
    resident,
};
use kernel::{Role, Timestamp};
use store::{StoreError, both};
use tlog::{Hash, Policy, ProofFile};

use super::{Bench, ORIGIN, Scene};
use crate::{cast::Cast, ground::CITY};

const UNPLACED: &str = "SELECT COUNT(*) FROM journal WHERE log_index IS NULL";

both!(what_is_written_is_sealed_in_the_next_round_and_once, |db: store::Db| {
    let scene = Scene::new(db);
    assert_eq!(scene.seal(), Round { is_published: true, ..Round::default() }, "an empty log is a log");
    scene.read_record(300);
    let state = journal::log_state(&scene.herself()).unwrap();
    assert_eq!((state.size, state.late_since), (0, None));
    assert_eq!(scene.seal(), Round { sealed: 300, is_published: true, ..Round::default() });
    assert_eq!(scene.seal().sealed, 0);
    scene.read_record(7);
    assert_eq!(scene.seal().sealed, 7);
    assert_eq!((scene.ground.count(UNPLACED), scene.faults()), (0, Vec::<String>::new()));

    let state = journal::log_state(&scene.herself()).unwrap();
    assert_eq!((state.origin.as_str(), state.size, state.late_since), (ORIGIN, 307, None));
    assert_eq!(state.published.unwrap().size, 307);
    let file = |path: &str| journal::log_file(&scene.ground.city, path);
    assert!(
        String::from_utf8(file("checkpoint").unwrap().0).unwrap().starts_with("city.example/journal\n307\n")
    );
    let (whole, part) = (file("tile/0/000").unwrap().0, file("tile/0/000.p/44").unwrap().0);
    assert!(whole.len() == 8_192 && part.len() == 44 * 32 && whole.starts_with(&part));
    let (whole, part) = (file("tile/entries/001.p/51").unwrap().0, file("tile/entries/001.p/5").unwrap().0);
    assert!(part.len() == 5 * 51 && whole.starts_with(&part), "{}", part.len());
    for none in
        ["tile/0/001", "tile/0/001.p/52", "tile/2/000.p/1", "tile/entries/002.p/1", "head", "", "../x"]
    {
        assert!(matches!(file(none), Err(Refusal::NotFound)), "{none}");
    }
});

both!(nothing_in_the_log_names_anybody, |db: store::Db| {
    let scene = Scene::new(db);
    scene.read_record(2);
    scene.seal();
    let bytes = journal::log_file(&scene.ground.city, "tile/entries/000.p/2").unwrap().0;
    let leaves = tlog::read_bundle(&bytes, 2).unwrap();
    for leaf in &leaves {
        assert!(leaf.starts_with(b"olzii/journal/v1\n") && leaf.len() == 49);
        for id in [scene.person.uuid(), scene.worker.uuid()] {
            assert!(!leaf.windows(16).any(|it| it == id.as_bytes()));
        }
    }
    assert_ne!(leaves[0], leaves[1], "the same reading twice looks like two things");
});

both!(a_person_proves_who_read_their_record, |db: store::Db| {
    let scene = Scene::new(db);
    scene.read_record(3);
    let readings = || journal::readings(&scene.herself(), scene.person, &Window::first(10)).unwrap().items;
    let entry = readings()[1].id;
    assert!(readings().iter().all(|it| !it.is_sealed));
    let early = journal::proof_of_reading(&scene.herself(), scene.person, entry);
    assert!(matches!(early, Err(Refusal::Conflict(it)) if it.id == "conflict-unsealed"));

    scene.seal();
    assert!(readings().iter().all(|it| it.is_sealed));
    let text = journal::proof_of_reading(&scene.herself(), scene.person, entry).unwrap();
    let proof = ProofFile::parse(text.as_bytes()).unwrap();
    let opened = Opened::from_extra(proof.extra.as_deref()).unwrap();
    let policy: Policy = scene.ground.city.log.policy_text().parse().unwrap();
    proof.verify(&policy.logs()[0], Hash::of_entry(&opened.leaf())).unwrap();
    assert!(
        opened.entry.contains("\"purpose\":\"visit\"") && opened.entry.contains(&scene.person.to_string())
    );
    assert!(!text.contains(&scene.worker.to_string()), "a reader is named by office");
    let other = Opened::from_extra(Some(
        String::from_utf8(proof.extra.clone().unwrap()).unwrap().replace("visit", "case").as_bytes(),
    ))
    .unwrap();
    assert!(proof.verify(&policy.logs()[0], Hash::of_entry(&other.leaf())).is_err(), "no other entry fits");

    let worker = scene.ground.acting(scene.worker);
    for refused in [
        journal::proof_of_reading(&worker, scene.person, entry),
        journal::proof_of_reading(&worker, scene.worker, entry),
        journal::proof_of_reading(&scene.herself(), scene.person, scene.ground.id()),
    ] {
        assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
    }
});

both!(those_who_seal_at_the_same_time_give_each_entry_one_place, |db: store::Db| {
    let scene = Scene::new(db);
    scene.seal();
    scene.read_record(600);
    let rounds: Vec<_> = thread::scope(|scope| {
        let seal = || journal::seal(&scene.ground.city);
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(seal)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    // Who is overtaken says so; nobody is accused.
    assert!(!rounds.iter().any(|it| matches!(it, Err(Refusal::Broken(_)))), "{rounds:?}");
    let sealed: usize = rounds.iter().flatten().map(|it| it.sealed).sum();
    // Who came second does nothing; the next round goes on with what is left.
    let rest = scene.seal().sealed;
    assert_eq!((sealed + rest, scene.ground.count(UNPLACED)), (600, 0), "{rounds:?}");
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(entries_from_before_there_was_a_log_are_its_first, |db: store::Db| {
    let scene = Scene::new(db.clone());
    scene.read_record(600);
    let before = "UPDATE journal SET salt = NULL, commitment = NULL";
    db.write(|tx| tx.execute(before, &[]).map(drop)).map_err(|it: StoreError| it).unwrap();
    assert_eq!(scene.faults(), Vec::<String>::new(), "they wait for the log to begin");
    assert_eq!(scene.seal().sealed, 600);
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(where_the_journal_takes_no_row_nothing_is_changed, |db: store::Db| {
    let cast = Cast::new(db.clone());
    let case = cast.report(cast.resident, "city-event", "c1-street-lamp");
    let record = || domain::case::record(&cast.as_one(cast.resident), case.id).unwrap();
    let before = record().case;
    db.write(|tx| tx.execute("ALTER TABLE journal RENAME TO lost", &[]).map(drop))
        .map_err(|it: StoreError| it)
        .unwrap();
    let ctx = cast.as_one(cast.resident);
    let refused = domain::case::add_note(&ctx, case.id, None, "还没有修", true, &[]);
    assert!(matches!(refused, Err(Refusal::Broken(_))), "{refused:?}");
    db.write(|tx| tx.execute("ALTER TABLE lost RENAME TO journal", &[]).map(drop))
        .map_err(|it: StoreError| it)
        .unwrap();
    assert_eq!(record().case, before, "the case stands as it did");
    domain::case::add_note(&ctx, case.id, None, "还没有修", true, &[]).unwrap();
});

both!(a_checkpoint_is_shown_when_enough_witnesses_cosign, |db: store::Db| {
    let (bench, memory) = (Bench::new(3), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db, bench.log(2, &memory));
    bench.silence(0, true);
    scene.read_record(3);
    assert_eq!(scene.seal(), Round { sealed: 3, is_published: true, ..Round::default() });
    let shown = || {
        let bytes = journal::log_file(&scene.ground.city, "checkpoint").unwrap().0;
        let accepted = scene.ground.city.log.policy().judge(&bytes).unwrap();
        let names: BTreeSet<String> = accepted.cosignatures.into_iter().map(|it| it.witness).collect();
        (accepted.signed.checkpoint.size, names)
    };
    let names = |some: &[&str]| some.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(shown(), (3, names(&["county-1", "county-2"])));

    bench.silence(1, true);
    scene.read_record(2);
    assert_eq!(scene.seal(), Round { sealed: 2, is_published: false, ..Round::default() });
    assert_eq!(shown().0, 3, "what too few have seen is not shown");
    let file = |path: &str| journal::log_file(&scene.ground.city, path);
    assert!(file("tile/0/000.p/3").is_ok() && file("tile/entries/000.p/3").is_ok());
    for early in ["tile/0/000.p/5", "tile/entries/000.p/5"] {
        assert!(matches!(file(early), Err(Refusal::NotFound)), "{early} could still come to nothing");
    }

    bench.silence(0, false);
    assert!(scene.seal().is_published, "one that comes late sees the whole");
    assert_eq!(shown(), (5, names(&["county-0", "county-2"])));
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(a_silent_witness_is_noticed_and_one_that_is_back_is_not, |db: store::Db| {
    let (bench, memory) = (Bench::new(2), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db, bench.log(1, &memory));
    let witnesses = || journal::log_state(&scene.herself()).unwrap().witnesses;
    assert!(witnesses().iter().all(|it| it.is_silent && it.cosigned.is_none()), "none was ever asked");
    scene.read_record(1);
    scene.seal();
    assert!(witnesses().iter().all(|it| !it.is_silent && it.failure.is_none()));
    let first = witnesses()[0].cosigned.unwrap();
    let by_our_clock = Timestamp::parse("2026-11-20T09:00:01+08:00").unwrap();
    assert_eq!(first, (by_our_clock, 1));

    let administrator = scene.ground.officer("系统管理员", Role::Administrator, CITY);
    let told = || {
        let ctx = scene.ground.acting(administrator);
        let warned = journal::warn(&domain::Ctx::system(scene.ground.city.clone())).unwrap();
        let notices = domain::notice::list(&ctx, &Window::first(10)).unwrap().items;
        (warned, notices.into_iter().map(|it| (it.kind, it.detail)).collect::<Vec<_>>())
    };
    assert_eq!(told(), (Vec::new(), Vec::new()));
    bench.silence(0, true);
    for _ in 0..11 {
        scene.ground.clock.pass_seconds(60);
        bench.pass_seconds(60);
        scene.seal();
    }
    let notice = (NoticeKind::WitnessSilent, "county-0".to_owned());
    assert_eq!(told(), (vec!["county-0".to_owned()], vec![notice.clone()]));
    assert_eq!(told(), (Vec::new(), vec![notice]), "once a day is enough");
    let now = witnesses();
    assert_eq!(
        (now[0].is_silent, now[0].cosigned, now[0].failure),
        (true, Some(first), Some(FailureKind::Unreached))
    );
    assert_eq!((now[1].is_silent, now[1].failure), (false, None), "it cosigns though nothing is new");

    bench.silence(0, false);
    scene.seal();
    assert!(witnesses().iter().all(|it| !it.is_silent && it.failure.is_none()));

    // One whose clock is wrong cosigns all the same, and that is told of it.
    bench.pass_seconds(400);
    scene.seal();
    assert!(witnesses().iter().all(|it| !it.is_silent && it.failure == Some(FailureKind::Clock)));
});

both!(after_ten_years_it_is_forgotten_whom_an_entry_was_about, |db: store::Db| {
    // More than are forgotten in one go, and among them what she read of herself.
    const OLD: usize = 450;
    let scene = Scene::new(db);
    scene.read_record(OLD);
    resident::get(&scene.herself(), scene.person, None).unwrap();
    scene.seal();
    let ctx = || domain::Ctx::system(scene.ground.city.clone());
    assert_eq!(journal::forget(&ctx()).unwrap(), 0);
    scene.ground.clock.pass_seconds(3_650 * 86_400);
    scene.read_record(1);
    assert_eq!(journal::forget(&ctx()).unwrap(), OLD as u64 + 1, "all that is past its time");
    scene.seal();
    assert_eq!(scene.faults(), Vec::<String>::new(), "that they were there stays sealed");
    let left = journal::readings(&scene.herself(), scene.person, &Window::first(10)).unwrap().items;
    assert_eq!(left.len(), 1);
    let of_person =
        "SELECT COUNT(*) FROM journal WHERE subject_kind = 'person' AND salt IS NULL AND person_id IS NULL";
    assert_eq!(scene.ground.count(of_person), OLD as i64 + 1);
    let by_herself = "SELECT COUNT(*) FROM journal WHERE actor_role = 'resident' AND salt IS NULL AND actor_id IS NOT NULL";
    assert_eq!(scene.ground.count(by_herself), 0, "what she read of herself names her nowhere");
    let forgetting = "SELECT COUNT(*) FROM journal WHERE action = 'journal.forget'";
    assert_eq!(scene.ground.count(forgetting), 3, "forgetting is an entry itself, one for each page");
});

both!(of_old_checkpoints_one_a_day_is_kept, |db: store::Db| {
    const KEPT: &str = "SELECT COUNT(*) FROM log_checkpoint";
    let scene = Scene::new(db);
    scene.ground.clock.set("2026-11-21T08:00:00+08:00");
    for _ in 0..2 * 144 {
        scene.read_record(1);
        scene.seal();
        scene.ground.clock.pass_seconds(599);
    }
    assert_eq!(scene.ground.count(KEPT), 2 * 144);
    let ctx = || domain::Ctx::system(scene.ground.city.clone());
    journal::forget(&ctx()).unwrap();
    assert_eq!(scene.ground.count(KEPT), 2 * 144, "for a year all of them");
    scene.ground.clock.pass_seconds(366 * 86_400);
    journal::forget(&ctx()).unwrap();
    assert_eq!(scene.ground.count(KEPT), 2);
    scene.seal();
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(a_round_that_fails_half_way_leaves_nothing_and_the_next_does_all, |db: store::Db| {
    let scene = Scene::new(db.clone());
    scene.seal();
    scene.read_record(4);
    let run = |sql| db.write(|tx| tx.execute(sql, &[]).map(drop)).map_err(|it: StoreError| it).unwrap();
    // The head has been moved in the transaction when the tiles cannot be written.
    run("ALTER TABLE log_tile RENAME TO lost");
    assert!(journal::seal(&scene.ground.city).is_err());
    assert!(journal::log_state(&scene.herself()).unwrap().failing_since.is_some());
    run("ALTER TABLE lost RENAME TO log_tile");
    assert_eq!(scene.ground.count(UNPLACED), 4);
    assert_eq!(scene.seal().sealed, 4);
    assert_eq!(journal::log_state(&scene.herself()).unwrap().failing_since, None);
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(a_checkpoint_is_shown_before_the_last_witness_has_answered, |db: store::Db| {
    let (bench, memory) = (Bench::new(3), Arc::new(ProcessMemory::default()));
    let scene = Scene::sealed_by(db, bench.log(2, &memory));
    scene.read_record(3);
    let (city, (tell, seen)) = (scene.ground.city.clone(), std::sync::mpsc::channel());
    bench.before_answer(0, move || {
        // It answers only once it has seen the checkpoint that is shown without its word.
        let shown = std::iter::repeat_with(|| journal::log_file(&city, "checkpoint").ok());
        tell.send(shown.flatten().next()).unwrap();
    });
    assert!(scene.seal().is_published);
    let cosignatures = |bytes: &[u8]| scene.ground.city.log.policy().judge(bytes).unwrap().cosignatures.len();
    assert_eq!(cosignatures(&seen.recv().unwrap().unwrap().0), 2);
    let now = journal::log_file(&scene.ground.city, "checkpoint").unwrap().0;
    assert_eq!(cosignatures(&now), 3, "who comes later stands under it too");
});

both!(a_journal_of_thousands_from_before_there_was_a_log_is_sealed_in_linear_work, |db: store::Db| {
    const OLD: usize = 5_000;
    let scene = Scene::new(db.clone());
    scene.read_record(1);
    let copies = "INSERT INTO journal (county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, \
        subject_id, person_id, purpose, detail) SELECT county_id, $1, at + $2, action, actor_id, actor_role, \
        organization_id, subject_kind, subject_id, person_id, purpose, detail FROM journal \
        WHERE at = (SELECT MIN(at) FROM journal)";
    let before = "UPDATE journal SET salt = NULL, commitment = NULL";
    db.write(|tx| {
        tx.execute(before, &[])?;
        for number in 1..OLD {
            // Several of the same moment, as a busy day has them.
            let at = i64::try_from(number / 3).unwrap() + 1;
            tx.execute(copies, store::params![uuid::Uuid::from_u128(number as u128), at])?;
        }
        Ok::<_, StoreError>(())
    })
    .unwrap();
    store::testing::work();
    assert_eq!(scene.seal().sealed, OLD);
    // Each is read to be given a salt and read to be given a place, and written as often; the rest comes once a batch.
    let work = store::testing::work();
    let (twice, batches) = (2 * OLD as u64, OLD as u64 / 256 + 1);
    assert!((twice..twice + 8 * batches).contains(&work.rows), "{work:?}");
    assert!((twice..twice + 16 * batches).contains(&work.statements), "{work:?}");
    assert_eq!((scene.ground.count(UNPLACED), scene.faults()), (0, Vec::<String>::new()));
    assert!(
        journal::proof_of_reading(
            &scene.herself(),
            scene.person,
            kernel::Id::from_uuid(uuid::Uuid::from_u128(7))
        )
        .is_ok()
    );
});

both!(a_step_asks_no_more_of_the_database_for_being_sealed, |db: store::Db| {
    let scene = Scene::new(db);
    let ctx = domain::Ctx::system(scene.ground.city.clone());
    let nobody = uuid::Uuid::nil();
    let entry =
        journal::Entry::new(kernel::Id::from_uuid(nobody), "test.entry", journal::SubjectKind::Case, nobody);
    scene.seal();
    for _ in 0..2 {
        store::testing::work();
        ctx.write(|tx| journal::record(tx, &ctx, &entry)).unwrap();
        assert_eq!(
            store::testing::work(),
            store::testing::Work { statements: 1, rows: 0 },
            "one row, and no other"
        );
        scene.seal();
    }
});
