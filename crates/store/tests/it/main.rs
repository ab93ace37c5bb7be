//! What the store promises, tried on both engines.

use std::sync::atomic::{AtomicU32, Ordering};

use store::{StoreError, both, params};

const INSERT: &str = "INSERT INTO area_version (area_id, valid_from, valid_to, code, name, parent_id, path) VALUES ($1, $2, $3, $4, $5, NULL, $6)";
const COUNT: &str = "SELECT COUNT(*) FROM area_version";
const NAME: &str = "SELECT name, valid_to, parent_id FROM area_version WHERE code = $1";
const RENAME: &str =
    "UPDATE area_version SET name = $3, valid_to = valid_to + 1 WHERE code = $1 AND valid_to = $2";

fn insert(tx: &mut store::Tx<'_>, number: u128, name: &str) -> Result<u64, StoreError> {
    let id = uuid::Uuid::from_u128(number);
    tx.execute(INSERT, params![id, 1_i64, 0_i64, number.to_string(), name, "1509/"])
}

both!(what_is_written_reads_back_and_what_fails_leaves_nothing, |db: store::Db| {
    db.write(|tx| insert(tx, 1, "集宁区")).unwrap();
    let failed: Result<(), StoreError> = db.write(|tx| {
        insert(tx, 2, "丰镇市")?;
        insert(tx, 1, "集宁区").map(drop)
    });
    assert!(matches!(failed, Err(StoreError::Duplicate(_))), "{failed:?}");
    let row = db.read(|tx| tx.first(NAME, params!["1"])).unwrap().unwrap();
    assert_eq!(row.get::<String>(0).unwrap(), "集宁区");
    assert_eq!(row.get::<Option<uuid::Uuid>>(2).unwrap(), None);
    assert!(row.get::<i64>(0).is_err(), "a text is not read as a number");
    assert_eq!(db.read(|tx| tx.count(COUNT, &[])).unwrap(), 1);
});

both!(a_panic_undoes_its_own_write_and_the_store_goes_on, |db: store::Db| {
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        db.write(|tx| -> Result<(), StoreError> {
            insert(tx, 1, "x")?;
            panic!("planted")
        })
    }));
    assert!(panicked.is_err());
    db.write(|tx| insert(tx, 2, "y")).unwrap();
    assert_eq!(db.read(|tx| tx.count(COUNT, &[])).unwrap(), 1);
});

both!(eight_writers_who_raise_one_number_lose_no_step, |db: store::Db| {
    const WRITERS: i64 = 8;
    const STEPS: i64 = 25;
    db.write(|tx| insert(tx, 1, "0")).unwrap();
    let runs = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                for _ in 0..STEPS {
                    loop {
                        let step = db.write(|tx| {
                            runs.fetch_add(1, Ordering::Relaxed);
                            let seen: i64 = tx.first(NAME, params!["1"])?.unwrap().get(1)?;
                            tx.compare_and_set(RENAME, params!["1", seen, (seen + 1).to_string()])
                        });
                        match step {
                            Ok(()) => break,
                            Err(StoreError::Conflict) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                }
            });
        }
    });
    let row = db.read(|tx| tx.first(NAME, params!["1"])).unwrap().unwrap();
    assert_eq!(row.get::<i64>(1).unwrap(), WRITERS * STEPS);
    assert!(i64::from(runs.load(Ordering::Relaxed)) >= WRITERS * STEPS);
});

both!(a_write_that_fails_among_others_takes_none_of_them_along, |db: store::Db| {
    std::thread::scope(|scope| {
        for writer in 0..8_u128 {
            let db = &db;
            scope.spawn(move || {
                for step in 0..20 {
                    let number = writer * 100 + step;
                    let outcome = db.write(|tx| {
                        insert(tx, number, "z")?;
                        if number % 3 == 0 { Err(StoreError::Broken("planted".into())) } else { Ok(()) }
                    });
                    assert_eq!(outcome.is_ok(), number % 3 != 0);
                }
            });
        }
    });
    let kept = (0..8)
        .flat_map(|writer| (0..20).map(move |step| writer * 100 + step))
        .filter(|number| number % 3 != 0)
        .count();
    assert_eq!(db.read(|tx| tx.count(COUNT, &[])).unwrap(), kept as i64);
});

both!(a_reader_sees_one_moment, |db: store::Db| {
    db.write(|tx| insert(tx, 1, "x")).unwrap();
    let counts = db
        .read(|tx| -> Result<_, StoreError> {
            let before = tx.count(COUNT, &[])?;
            db.write(|tx| insert(tx, 2, "y"))?;
            Ok((before, tx.count(COUNT, &[])?))
        })
        .unwrap();
    assert_eq!(counts, (1, 1));
    assert_eq!(db.read(|tx| tx.count(COUNT, &[])).unwrap(), 2);
});

both!(a_second_opening_finds_the_same_rows, |db: store::Db| {
    db.write(|tx| insert(tx, 1, "x")).unwrap();
    db.check().unwrap();
    assert_eq!(db.verify().unwrap(), Vec::<String>::new());
});

/// What is opened for looking only is read as it stands, and nothing is made or written.
fn looking(scratch: &store::testing::Scratch) {
    scratch.db.write(|tx| insert(tx, 1, "集宁区")).unwrap();
    let looks = store::Db::look(&scratch.location).unwrap();
    assert_eq!(looks.read(|tx| tx.count(COUNT, &[])).unwrap(), 1);
    let refused = looks.write(|tx| insert(tx, 2, "丰镇市"));
    assert!(
        matches!(&refused, Err(StoreError::Unavailable(it)) if it.contains("looking only")),
        "{refused:?}"
    );
    assert_eq!(looks.read(|tx| tx.count(COUNT, &[])).unwrap(), 1);
    let undo = "DELETE FROM migration WHERE number = (SELECT MAX(number) FROM migration)";
    scratch.db.write(|tx| tx.execute(undo, &[])).map_err(|it: StoreError| it).unwrap();
    let older = store::Db::look(&scratch.location).err().unwrap().to_string();
    assert!(older.contains("brings it up to date"), "{older}");
}

#[test]
fn who_only_looks_writes_nothing_on_sqlite() {
    looking(&store::testing::Scratch::sqlite());
    let nowhere = std::env::temp_dir().join("olzii-test-nowhere");
    assert!(store::Db::look(&store::Location::Folder(nowhere.clone())).is_err());
    assert!(!nowhere.exists());
}

#[test]
fn who_only_looks_writes_nothing_on_postgres() {
    looking(&store::testing::Scratch::postgres());
}
