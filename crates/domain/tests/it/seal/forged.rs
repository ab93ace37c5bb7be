//! What somebody could do who makes anew, in the database, whatever follows from what they changed: what was signed, what is
//! remembered of it and the city's key tell, one after the other.

use domain::journal::{self, CityLog, NoCourier, Opened, ProcessMemory, SignedMemory};
use kernel::Id;
use store::{Db, StoreError, Value, both, params};
use tlog::{Hash, Log, LogKey, MemoryStore, ProofFile, Resource, Source, Tile, read_bundle};
use uuid::Uuid;

use super::{
    ORIGIN, SEED, Scene,
    tamper::{run, sealed},
};
use crate::support;

/// An entry of the log in this story: its length stands before it.
const ENTRY_BYTES: usize = 2 + 49;

pub fn bytes(db: &Db, sql: &'static str, values: &[Value]) -> Vec<u8> {
    let row = db.read(|tx| tx.first(sql, values)).map_err(|it: StoreError| it).unwrap();
    row.unwrap().get(0).unwrap()
}

pub const TILE: &str = "SELECT bytes FROM log_tile WHERE level = $1 AND number = 0";
pub const PUT_TILE: &str = "UPDATE log_tile SET bytes = $2 WHERE level = $1 AND number = 0";

/// Says that an entry had another purpose, in its row, in the commitment there and in the log's bundle. Returns the leaf.
fn forge(scene: &Scene, db: &Db, index: usize) -> Vec<u8> {
    let id = "SELECT id FROM journal WHERE log_index = $1";
    let row = db.read(|tx| tx.first(id, params![index as i64])).map_err(|it: StoreError| it).unwrap();
    let id: Uuid = row.unwrap().get(0).unwrap();
    let proof = journal::proof_of_reading(&scene.herself(), scene.person, Id::from_uuid(id)).unwrap();
    let extra = ProofFile::parse(proof.as_bytes()).unwrap().extra.unwrap();
    let extra = String::from_utf8(extra).unwrap().replace("\"visit\"", "\"service\"");
    let forged = Opened::from_extra(Some(extra.as_bytes())).unwrap();
    let row = "UPDATE journal SET purpose = 'service', commitment = $2 WHERE log_index = $1";
    run(db, row, params![index as i64, forged.commitment().to_vec()]);
    let mut bundle = bytes(db, TILE, params![-1_i64]);
    bundle[index * ENTRY_BYTES + 2..(index + 1) * ENTRY_BYTES].copy_from_slice(&forged.leaf());
    run(db, PUT_TILE, params![-1_i64, bundle]);
    forged.leaf()
}

/// Takes away what the database remembers of what was shown.
fn hide(db: &Db) {
    run(db, "UPDATE log_head SET published = NULL, published_size = 0, published_at = NULL", &[]);
    run(db, "DELETE FROM log_checkpoint", &[]);
}

#[track_caller]
fn tells(faults: &[String], words: &str) {
    assert!(faults.iter().any(|it| it.contains(words)), "{words} is not in {faults:#?}");
}

both!(a_row_whose_seal_was_forged_is_found_though_nothing_is_shown, |db: Db| {
    let scene = sealed(db.clone());
    let leaf = forge(&scene, &db, 3);
    hide(&db);
    tells(&scene.faults(), "entry 3 in tile/entries/000.p/30 was changed");
    // With its hash in the tile the files are of one mind, and not of that of the head.
    let mut tile = bytes(&db, TILE, params![0_i64]);
    tile[3 * 32..4 * 32].copy_from_slice(&Hash::of_entry(&leaf).0);
    run(&db, PUT_TILE, params![0_i64, tile]);
    tells(&scene.faults(), "checkpoint and entries are not of one log");
});

both!(what_waits_for_witnesses_is_held_against_the_head, |db: Db| {
    let scene = sealed(db.clone());
    forge(&scene, &db, 25);
    // As while too few witnesses answer: thirty are signed for, and twenty are shown.
    let first = bytes_of_first(&db);
    run(&db, "UPDATE log_head SET published = $1, published_size = 20", params![first.as_str()]);
    run(&db, "DELETE FROM log_checkpoint WHERE size > 20", &[]);
    tells(&scene.faults(), "entry 25 in tile/entries/000.p/30 was changed");
});

fn bytes_of_first(db: &Db) -> String {
    let first = "SELECT checkpoint FROM log_checkpoint ORDER BY span LIMIT 1";
    let row = db.read(|tx| tx.first(first, &[])).map_err(|it: StoreError| it).unwrap();
    row.unwrap().get(0).unwrap()
}

/// Puts a log of these entries, signed by the city's own key, in the place of the one in the database.
pub fn fork(db: &Db, entries: Vec<Vec<u8>>) -> String {
    let other = Log::create(MemoryStore::default(), LogKey::new(ORIGIN, &SEED).unwrap()).unwrap();
    let width = u16::try_from(entries.len()).unwrap();
    other.append_all(entries).unwrap();
    let file = |resource: Resource| other.store().get(resource).unwrap().unwrap();
    run(db, PUT_TILE, params![0_i64, file(Tile { level: 0, index: 0, width }.into())]);
    run(db, PUT_TILE, params![-1_i64, file(Resource::Entries { index: 0, width })]);
    let head = other.head().note.to_string();
    run(db, "UPDATE log_head SET head = $1", params![head.as_str()]);
    head
}

both!(a_fork_by_the_log_s_own_key_is_found_though_nothing_is_shown, |db: Db| {
    let scene = sealed(db.clone());
    fork(&db, (0..30_u8).map(|it| vec![it; 49]).collect());
    hide(&db);
    tells(&scene.faults(), "entries that were signed for were changed: the tree of 30 entries");
});

both!(what_was_sealed_by_others_was_not_written_by_the_city, |db: Db| {
    let scene = sealed(db.clone());
    forge(&scene, &db, 3);
    let bundle = bytes(&db, TILE, params![-1_i64]);
    let head = fork(&db, read_bundle(&bundle, 30).unwrap().into_iter().map(<[u8]>::to_vec).collect());
    hide(&db);
    // Who has the log's key and what was signed last as well seals whatever they like; the city's key they have not.
    let memory = ProcessMemory::default();
    memory.keep(head.as_bytes()).unwrap();
    let policy = scene.ground.city.log.policy_text().to_owned();
    let log = CityLog::new(ORIGIN, SEED, policy, Box::new(NoCourier), Box::new(memory)).unwrap();
    let city = support::city_with(db.clone(), &scene.ground.clock, log);
    let faults = journal::audit(&city).unwrap().findings;
    assert_eq!(faults.len(), 1, "{faults:#?}");
    tells(&faults, "entry 3 of the journal");
    tells(&faults, "was not written by this city");
});
