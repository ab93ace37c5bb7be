//! What somebody could do who gets at the database, at the files or at a key: each is tried, and each is found.

use std::sync::{Arc, Mutex};

use domain::{
    City, Ctx, Refusal, Window,
    journal::{self, CityLog, Entry, NoCourier, ProcessMemory, SignedMemory, SubjectKind},
};
use kernel::Id;
use store::{Db, StoreError, Value, both, params};
use tlog::LogKey;
use uuid::Uuid;

use super::{ORIGIN, SEED, Scene};

/// Copies an entry under an id that is there already for something else.
macro_rules! copy {
    ($id:literal) => {
        concat!(
            "INSERT INTO journal (county_id, id, at, action, actor_id, actor_role, organization_id, subject_kind, ",
            "subject_id, person_id, purpose, detail, salt, commitment, log_index) SELECT county_id, ",
            $id,
            ", at, action, actor_id, actor_role, organization_id, subject_kind, subject_id, person_id, purpose, ",
            "detail, salt, commitment, CAST($2 AS BIGINT) FROM journal WHERE log_index = $1"
        )
    };
}

pub fn run(db: &Db, sql: &'static str, values: &[Value]) {
    let changed = db.write(|tx| tx.execute(sql, values)).map_err(|it: StoreError| it).unwrap();
    assert!(changed > 0, "{sql} changed nothing");
}

/// Twenty entries, a checkpoint that was shown, and ten more.
pub fn sealed(db: Db) -> Scene {
    let scene = Scene::new(db);
    scene.read_record(20);
    scene.seal();
    scene.ground.clock.pass_seconds(3_600);
    scene.read_record(10);
    scene.seal();
    assert_eq!(scene.faults(), Vec::<String>::new());
    scene
}

#[track_caller]
fn found(scene: &Scene, expected: &[&[&str]]) {
    let faults = scene.faults();
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, words) in faults.iter().zip(expected) {
        for word in *words {
            assert!(fault.contains(word), "{word} is not in {fault}");
        }
    }
}

/// When the checkpoint of the first twenty was shown.
pub const FIRST: &str = "after the checkpoint of 20 entries of 2026-11-20T01:00:20Z";
const SECOND: &str = "after the checkpoint of 30 entries of 2026-11-20T02:00:30Z";

both!(a_row_that_was_changed_is_found, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, "UPDATE journal SET purpose = 'service' WHERE log_index = 3", &[]);
    run(&db, "UPDATE journal SET at = at + 1 WHERE log_index = 25", &[]);
    found(
        &scene,
        &[
            &["entry 3 of the journal", "(person.read on 2026-11-20T09:00:04+08:00) was changed", FIRST],
            &["entry 25 of the journal", "was changed", SECOND],
        ],
    );
    let readings = journal::readings(&scene.herself(), scene.person, &Window::first(50)).unwrap().items;
    let entry = readings.iter().find(|it| it.purpose == "service").unwrap().id;
    let proof = journal::proof_of_reading(&scene.herself(), scene.person, entry);
    assert!(
        matches!(proof, Err(Refusal::Conflict(it)) if it.id == "conflict-entry-changed"),
        "its person is told"
    );
});

both!(a_row_that_was_taken_out_is_found, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, "DELETE FROM journal WHERE log_index = 7", &[]);
    run(&db, "DELETE FROM journal WHERE log_index = 29", &[]);
    found(
        &scene,
        &[
            &["entry 7 of the journal: its row was taken out", FIRST],
            &["entry 29 of the journal: its row was taken out", SECOND],
        ],
    );
});

both!(a_row_that_was_put_in_is_found_and_gets_no_place, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, copy!("person_id"), params![3_i64, 3_i64]);
    run(&db, copy!("organization_id"), params![4_i64, 30_i64]);
    run(&db, copy!("actor_id"), params![4_i64, None::<i64>]);
    found(
        &scene,
        &[
            &["entry 3 of the journal", &scene.person.to_string(), "was put in beside it", FIRST],
            &["was put in: it claims the place 30 in the log, which has 30 entries"],
            &[&scene.worker.to_string(), "was put in or changed before it was sealed"],
        ],
    );
    let round = scene.seal();
    assert_eq!((round.sealed, round.refused), (0, 1), "who has the database has not the city's key");
});

both!(rows_that_changed_places_are_found, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, "UPDATE journal SET log_index = 1000 WHERE log_index = 5", &[]);
    run(&db, "UPDATE journal SET log_index = 5 WHERE log_index = 6", &[]);
    run(&db, "UPDATE journal SET log_index = 6 WHERE log_index = 1000", &[]);
    found(
        &scene,
        &[
            &["entry 5 of the journal: in its place stands", "which was sealed as entry 6", FIRST],
            &["entry 6 of the journal: in its place stands", "which was sealed as entry 5", FIRST],
        ],
    );
});

both!(what_opens_an_entry_is_not_taken_away_before_its_time, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, "UPDATE journal SET salt = NULL, person_id = NULL WHERE log_index = 4", &[]);
    // So old that it might be forgotten, but among entries that are not.
    run(&db, "UPDATE journal SET salt = NULL, at = 1 WHERE log_index = 8", &[]);
    run(&db, "UPDATE journal SET salt = NULL, person_id = NULL, at = 1 WHERE log_index = 0", &[]);
    run(&db, "UPDATE journal SET commitment = salt WHERE log_index = 9", &[]);
    found(
        &scene,
        &[
            &["entry 0", "the salt of", "taken away before its time", FIRST],
            &["entry 4", "the salt of", "taken away before its time", FIRST],
            &["entry 8", "the salt of", "taken away before its time", FIRST],
            &["entry 9", "the commitment of", "was changed", FIRST],
        ],
    );
});

both!(a_journal_that_was_rewritten_is_not_called_forgotten, |db: Db| {
    let scene = sealed(db.clone());
    let rewrite =
        "UPDATE journal SET salt = NULL, person_id = NULL, actor_id = NULL, at = 1 WHERE log_index < 20";
    run(&db, rewrite, &[]);
    // Nor does a checkpoint help whose time is whatever the database says.
    run(&db, "UPDATE log_checkpoint SET at = 1", &[]);
    let faults = scene.faults();
    assert_eq!(faults.len(), 20, "{faults:#?}");
    assert!(faults.iter().all(|it| it.contains("taken away before its time")), "{faults:#?}");
});

both!(what_was_forgotten_ends_where_the_city_says, |db: Db| {
    let scene = sealed(db.clone());
    scene.ground.clock.pass_seconds(3_650 * 86_400 - 1_800);
    scene.read_record(1);
    let ctx = || domain::Ctx::system(scene.ground.city.clone());
    assert_eq!(journal::forget(&ctx()).unwrap(), 20, "a checkpoint says how old these are");
    scene.seal();
    assert_eq!(scene.faults(), Vec::<String>::new());
    run(&db, "UPDATE journal SET salt = NULL, person_id = NULL, at = 1 WHERE log_index = 20", &[]);
    found(&scene, &[&["entry 20", "taken away before its time"]]);
});

both!(what_was_changed_holds_up_no_forgetting_behind_it, |db: Db| {
    // More than are forgotten in one go.
    const CHANGED: i64 = 250;
    let scene = Scene::new(db.clone());
    scene.read_record(460);
    scene.seal();
    run(&db, "UPDATE journal SET action = 'person.change' WHERE log_index < $1", params![CHANGED]);
    scene.ground.clock.pass_seconds(3_650 * 86_400 + 1);
    let placed = scene.ground.count("SELECT COUNT(*) FROM journal WHERE log_index IS NOT NULL");
    let forgotten = journal::forget(&domain::Ctx::system(scene.ground.city.clone())).unwrap();
    assert_eq!(forgotten as i64, placed - CHANGED);
    let changed = "SELECT COUNT(*) FROM journal WHERE action = 'person.change' AND salt IS NOT NULL";
    assert_eq!(scene.ground.count(changed), CHANGED, "what was changed is there to be found out");
    assert!(scene.faults().iter().any(|it| it.contains("entry 0")));
});

both!(what_is_put_in_holds_up_nothing_behind_it, |db: Db| {
    // More than a round looks at in one go.
    const PUT_IN: usize = 300;
    let scene = sealed(db.clone());
    for number in 0..PUT_IN {
        let id = uuid::Uuid::from_u128(number as u128);
        run(&db, copy!("$3"), params![3_i64, None::<i64>, id]);
    }
    scene.read_record(3);
    let round = scene.seal();
    assert_eq!(
        (round.sealed, round.refused, round.is_cut_short),
        (3, PUT_IN, false),
        "so the server pauses after it"
    );
});

both!(offices_are_told_that_the_log_is_not_what_was_signed, |db: Db| {
    let scene = sealed(db.clone());
    let administrator = scene.ground.officer("系统管理员", kernel::Role::Administrator, crate::ground::CITY);
    let alarm = || journal::alarm(&domain::Ctx::system(scene.ground.city.clone())).unwrap();
    assert!(!alarm());
    run(&db, copy!("person_id"), params![3_i64, None::<i64>]);
    scene.seal();
    assert!(alarm() && !alarm(), "once a day is enough");
    let ctx = scene.ground.acting(administrator);
    let notices = domain::notice::list(&ctx, &Window::first(10)).unwrap().items;
    assert!(notices.iter().any(|it| it.kind == domain::notice::NoticeKind::LogBroken && it.detail == ORIGIN));
});

/// The log grows when somebody looks what was signed last: once, or whenever they do.
pub struct Busy {
    memory: ProcessMemory,
    pub city: Mutex<Option<Arc<City>>>,
    is_once: bool,
}

impl SignedMemory for Busy {
    fn last(&self) -> std::io::Result<Option<Vec<u8>>> {
        let city = self.city.lock().unwrap().take();
        if let Some(city) = city {
            let (ctx, nobody) = (Ctx::system(city.clone()), Uuid::nil());
            let entry = Entry::new(Id::from_uuid(nobody), "test.entry", SubjectKind::Case, nobody);
            ctx.write(|tx| journal::record(tx, &ctx, &entry)).unwrap();
            journal::seal(&city).unwrap();
            *self.city.lock().unwrap() = Some(city).filter(|_| !self.is_once);
        }
        self.memory.last()
    }

    fn keep(&self, head: &[u8]) -> std::io::Result<bool> {
        self.memory.keep(head)
    }
}

/// Quiet until its memory is given the city.
pub fn busy(db: Db, is_once: bool) -> (Scene, Arc<Busy>) {
    let policy = format!("log {}\nquorum none\n", LogKey::new(ORIGIN, &SEED).unwrap().verifier());
    let memory = Arc::new(Busy { memory: ProcessMemory::default(), city: Mutex::default(), is_once });
    let log = CityLog::new(ORIGIN, SEED, policy, Box::new(NoCourier), Box::new(memory.clone())).unwrap();
    (Scene::sealed_by(db, log), memory)
}

both!(a_city_that_goes_on_sealing_is_not_accused, |db: Db| {
    let (scene, memory) = busy(db, false);
    scene.read_record(3);
    scene.seal();
    *memory.city.lock().unwrap() = Some(scene.ground.city.clone());
    assert_eq!(scene.faults(), Vec::<String>::new());
    // Nor is another that seals beside it.
    let round = journal::seal(&scene.ground.city);
    assert!(!matches!(round, Err(domain::Refusal::Broken(_))), "{round:?}");
    memory.city.lock().unwrap().take();
});

both!(an_entry_that_was_changed_before_it_was_sealed_is_found, |db: Db| {
    let scene = sealed(db.clone());
    scene.read_record(2);
    run(
        &db,
        "UPDATE journal SET purpose = 'service' WHERE log_index IS NULL AND at = (SELECT MAX(at) FROM journal)",
        &[],
    );
    let round = scene.seal();
    assert_eq!((round.sealed, round.refused), (1, 1));
    found(&scene, &[&["was put in or changed before it was sealed"]]);
});

both!(a_byte_of_any_tile_that_was_flipped_is_found, |db: Db| {
    let scene = sealed(db.clone());
    scene.read_record(256);
    scene.seal();
    let tiles = db
        .read(|tx| tx.query("SELECT level, number, bytes FROM log_tile ORDER BY level, number", &[]))
        .map_err(|it: StoreError| it)
        .unwrap();
    assert_eq!(tiles.len(), 5, "two bundles, two tiles, and one above");
    for (count, row) in tiles.iter().enumerate() {
        let (level, number): (i64, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
        let whole: Vec<u8> = row.get(2).unwrap();
        let put = |bytes: &[u8]| {
            run(
                &db,
                "UPDATE log_tile SET bytes = $3 WHERE level = $1 AND number = $2",
                params![level, number, bytes],
            );
        };
        for place in [0, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[place] ^= 1;
            put(&flipped);
            let faults = scene.faults();
            assert!(
                faults.iter().any(|it| it.contains("the log: ")),
                "tile {count}, byte {place}: {faults:?}"
            );
            let file = if level < 0 { "tile/entries/".to_owned() } else { format!("tile/{level}/") };
            assert!(faults.iter().any(|it| it.contains(&file)), "{file}: {faults:?}");
            put(&whole);
        }
    }
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(a_file_that_is_gone_bad_as_a_whole_hides_no_row_that_was_changed, |db: Db| {
    let scene = sealed(db.clone());
    scene.read_record(256);
    scene.seal();
    run(&db, "UPDATE log_tile SET bytes = $1 WHERE level = 0 AND number = 0", params![vec![0_u8; 8_192]]);
    run(&db, "DELETE FROM journal WHERE log_index = 7", &[]);
    run(&db, "UPDATE journal SET purpose = 'service' WHERE log_index = 270", &[]);
    let faults = scene.faults();
    let tells = |words: &str| faults.iter().any(|it| it.contains(words));
    assert!(
        tells("tile/0/000 was changed") && tells("entry 7 of the journal: its row was taken out"),
        "{faults:#?}"
    );
    assert!(tells("entry 270 of the journal"), "{faults:#?}");
});
