//! Files of the log that are damaged in the database are made anew of the journal's rows, and nothing else is.

use domain::{Refusal, journal};
use store::{Db, StoreError, both, params};

use super::{
    ORIGIN,
    forged::{PUT_TILE, TILE, bytes, fork},
    tamper::{busy, run, sealed},
};

both!(any_file_of_the_log_that_is_damaged_is_made_anew, |db: Db| {
    let scene = sealed(db.clone());
    scene.read_record(256);
    scene.seal();
    let whole = journal::repair(&scene.ground.city, &[]).unwrap();
    assert_eq!((whole.entries, whole.files.len()), (286, 0), "of what is whole nothing is made anew");
    let tiles = db
        .read(|tx| tx.query("SELECT level, number, bytes FROM log_tile ORDER BY level, number", &[]))
        .map_err(|it: StoreError| it)
        .unwrap();
    for row in &tiles {
        let (level, number): (i64, i64) = (row.get(0).unwrap(), row.get(1).unwrap());
        let good: Vec<u8> = row.get(2).unwrap();
        let flipped = |place: usize| {
            let mut flipped = good.clone();
            flipped[place] ^= 1;
            flipped
        };
        let damages = [flipped(0), flipped(good.len() / 2), good[..good.len() - 1].to_vec(), Vec::new()];
        for damaged in damages {
            let put = "UPDATE log_tile SET bytes = $3 WHERE level = $1 AND number = $2";
            run(&db, put, params![level, number, damaged]);
            let made = journal::repair(&scene.ground.city, &[]).unwrap().files;
            assert_eq!(made.len(), 1, "level {level}, {number}: {made:?}");
            assert_eq!(scene.faults(), Vec::<String>::new());
        }
        run(&db, "DELETE FROM log_tile WHERE level = $1 AND number = $2", params![level, number]);
        assert_eq!(journal::repair(&scene.ground.city, &[]).unwrap().files.len(), 1);
    }
    assert_eq!(scene.faults(), Vec::<String>::new());
    scene.read_record(3);
    assert_eq!(scene.seal().sealed, 3);
});

both!(a_damaged_edge_stops_sealing_and_says_what_to_run, |db: Db| {
    let scene = sealed(db.clone());
    let mut tile = bytes(&db, TILE, params![0_i64]);
    tile[7] ^= 1;
    run(&db, PUT_TILE, params![0_i64, tile]);
    let stuck = journal::seal(&scene.ground.city).unwrap_err().to_string();
    assert!(stuck.contains("the tiles lead to the root") && stuck.contains("`olzii repair-log`"), "{stuck}");
    assert_eq!(journal::repair(&scene.ground.city, &[]).unwrap().files, ["tile/0/000.p/30"]);
    assert!(scene.seal().is_published);
    // Also the head, which is remembered elsewhere.
    run(&db, "UPDATE log_head SET head = 'x'", &[]);
    assert!(matches!(journal::seal(&scene.ground.city), Err(Refusal::Broken(_))));
    assert_eq!(journal::repair(&scene.ground.city, &[]).unwrap().files, ["head"]);
    assert!(scene.seal().is_published);
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(a_published_checkpoint_that_cannot_be_read_is_replaced, |db: Db| {
    let scene = sealed(db.clone());
    run(&db, "UPDATE log_head SET published = 'x'", &[]);
    assert!(
        scene.faults().iter().any(|it| it.contains("the checkpoint that is shown")),
        "{:?}",
        scene.faults()
    );
    assert!(scene.seal().is_published, "and nothing is held up");
    assert!(journal::log_file(&scene.ground.city, "checkpoint").unwrap().0.starts_with(ORIGIN.as_bytes()));
    assert_eq!(scene.faults(), Vec::<String>::new());
});

both!(nothing_is_made_anew_that_was_not_signed, |db: Db| {
    let scene = sealed(db.clone());
    let (tile, bundle) = (bytes(&db, TILE, params![0_i64]), bytes(&db, TILE, params![-1_i64]));
    let refused = |words: &str| {
        let before = (bytes(&db, TILE, params![0_i64]), bytes(&db, TILE, params![-1_i64]));
        let refused = journal::repair(&scene.ground.city, &[]).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
        let after = (bytes(&db, TILE, params![0_i64]), bytes(&db, TILE, params![-1_i64]));
        assert!(before == after, "nothing was written");
    };
    // A row that was changed, where the bundle no longer says what it was.
    run(&db, PUT_TILE, params![-1_i64, vec![0_u8; 9]]);
    run(&db, "UPDATE journal SET commitment = salt WHERE log_index = 3", &[]);
    refused("neither the journal's rows nor what is left of the log lead to what was signed");
    run(&db, "DELETE FROM journal WHERE log_index = 3", &[]);
    refused("of entry 3 of the log neither its row nor its place in the files is left");
    // The bundle alone is enough, and the hash in the tile tells which of the two it is.
    run(&db, PUT_TILE, params![-1_i64, bundle]);
    run(&db, "UPDATE journal SET commitment = salt WHERE log_index = 4", &[]);
    assert_eq!(journal::repair(&scene.ground.city, &[]).unwrap().files.len(), 0);
    run(&db, PUT_TILE, params![0_i64, tile]);

    fork(&db, (0..30_u8).map(|it| vec![it; 49]).collect());
    refused("entries that were signed for were changed: the tree of 30 entries");
    run(&db, "DELETE FROM log_head", &[]);
    let gone = journal::repair(&scene.ground.city, &[]).unwrap_err().to_string();
    assert!(gone.contains("holds no log"), "{gone}");
});

both!(a_server_that_seals_meanwhile_loses_nothing, |db: Db| {
    let (scene, memory) = busy(db.clone(), true);
    scene.read_record(300);
    scene.seal();
    let first = "UPDATE log_tile SET bytes = $2 WHERE level = $1 AND number = 0";
    let mut tile = bytes(&db, TILE, params![0_i64]);
    tile[0] ^= 1;
    run(&db, first, params![0_i64, tile]);
    *memory.city.lock().unwrap() = Some(scene.ground.city.clone());
    let refused = journal::repair(&scene.ground.city, &[]).unwrap_err();
    assert!(
        matches!(&refused, Refusal::Unavailable(it) if it.contains("seals at the same time")),
        "{refused}"
    );
    assert_eq!(journal::repair(&scene.ground.city, &[]).unwrap().files, ["tile/0/000"]);
    assert_eq!(scene.faults(), Vec::<String>::new());
});
