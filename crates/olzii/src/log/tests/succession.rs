//! A city whose database came back from a backup, or whose key is lost, goes on under another name.

use std::{fs, path::Path};

use domain::journal;
use tlog::{Checkpoint, FolderSource, Log, LogKey, MemoryStore, Note, Resource, Source, Tile, Tiles};

use super::{Machines, bad, check, good, write_entries};
use crate::{
    data,
    log::{
        keys,
        repair::repair,
        succession::{SucceedArguments, succeed},
        verify::{VerifyArguments, verify},
    },
};

fn arguments(machines: &Machines) -> SucceedArguments {
    SucceedArguments { place: machines.place(), origin: None }
}

fn refused(machines: &Machines) -> String {
    format!("{:#}", succeed(&arguments(machines)).err().unwrap())
}

/// The database alone.
fn copy(from: &Path, to: &Path) {
    for name in ["olzii.db", "olzii.db-wal", "olzii.db-shm"] {
        let _ = fs::remove_file(to.join(name));
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

/// Ten entries that are in the backup, and ten more that are not.
fn restored(machines: &Machines) {
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    drop(city);
    let (folder, backup) = (machines.path("city"), machines.path("backup"));
    fs::create_dir(&backup).unwrap();
    copy(&folder, &backup);
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    drop(city);
    machines.export("before");
    copy(&backup, &folder);
}

#[test]
fn a_log_whose_database_came_back_from_a_backup_is_succeeded_and_says_so() {
    let machines = Machines::new();
    restored(&machines);
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 3);
    let stuck = journal::seal(&city).unwrap_err().to_string();
    assert!(stuck.contains("rolled back: its checkpoint is of 10 entries, it once had 20"), "{stuck}");
    let (former, former_key) = (city.log.origin().to_owned(), city.log.identity().keys[0].clone());
    drop(city);

    drop(succeed(&arguments(&machines)).unwrap());
    assert!(
        refused(&machines).contains("log.signed"),
        "nothing was signed since, and nothing is to be succeeded"
    );
    let city = data::open(&machines.place()).unwrap();
    assert_eq!(city.log.origin(), format!("{former}/2"));
    let round = journal::seal(&city).unwrap();
    assert_eq!((round.sealed, round.refused), (3, 0));
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());
    drop(city);
    assert!(refused(&machines).contains("goes on: start the server"), "a log that can go on does");
    assert!(!machines.path("city/log.next").exists());

    // The entry that says so has no row in the journal, and is made anew of what the former log signed last.
    let city = data::open(&machines.place()).unwrap();
    let damage = "UPDATE log_tile SET bytes = zeroblob(9) WHERE level = -1";
    city.db.write(|tx| tx.execute(damage, &[]).map(drop)).map_err(|it: store::StoreError| it).unwrap();
    drop(city);
    assert_eq!(repair(&machines.place()).unwrap().files, ["tile/entries/000.p/14"]);

    let after = machines.export("after");
    let lines = good(&check(&after)).lines.join("\n");
    let says = format!("entry 10 says that this log succeeds {former}, which was signed for 20 entries");
    assert!(lines.contains(&says) && lines.contains(": 10 of them were lost"), "{lines}");
    // What the former key stands for is not what the new one signs, and was not lost with the database.
    bad(&VerifyArguments { key: Some(former_key.clone()), ..check(&after) }, &["journal/2”, not of"]);
    good(&VerifyArguments { key: Some(former_key), ..check(machines.path("before")) });
    good(&VerifyArguments {
        policy: Some(machines.path("city/log.policy")),
        ..check(machines.path("before"))
    });
}

#[test]
fn a_backup_from_before_a_succession_is_succeeded_once_more() {
    let machines = Machines::new();
    restored(&machines);
    let former = data::open(&machines.place()).unwrap().log.origin().to_owned();
    drop(succeed(&arguments(&machines)).unwrap());
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 4);
    journal::seal(&city).unwrap();
    drop(city);
    copy(&machines.path("backup"), &machines.path("city"));
    let city = data::open(&machines.place()).unwrap();
    let stuck = journal::seal(&city).unwrap_err().to_string();
    assert!(stuck.contains("gone from the database") && stuck.contains("`olzii succeed-log`"), "{stuck}");
    drop(city);
    drop(succeed(&arguments(&machines)).unwrap());
    let city = data::open(&machines.place()).unwrap();
    assert_eq!(city.log.origin(), format!("{former}/3"));
    write_entries(&city, 1);
    assert_eq!(journal::seal(&city).unwrap().sealed, 1);
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());
    drop(city);
    let after = machines.export("after");
    let lines = good(&check(&after)).lines.join("\n");
    let says = format!("entry 10 says that this log succeeds {former}/2, which was signed for 15 entries");
    assert!(lines.contains(&says) && lines.contains(": 5 of them were lost"), "{lines}");
    // Whoever remembers what the first log had beyond the backup is not told that all is well.
    let before = machines.path("before").join("checkpoint");
    bad(
        &VerifyArguments { checkpoint: vec![before], ..check(&after) },
        &["no entry says what became of that log after its entry 10"],
    );
}

#[test]
fn a_succession_makes_no_past_of_what_was_rewritten() {
    let machines = Machines::new();
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    // Whoever has database and key: other entries, and some more.
    let (origin, seed) = keys::read(&machines.path("city/log.key"), keys::Kind::Log).unwrap().unwrap();
    let other = Log::create(MemoryStore::default(), LogKey::new(&origin, &seed).unwrap()).unwrap();
    other.append_all((0..12_u8).map(|it| vec![it; 49]).collect()).unwrap();
    let file = |resource: Resource| other.store().get(resource).unwrap().unwrap();
    let tile = file(Tile { level: 0, index: 0, width: 12 }.into());
    let entries = file(Resource::Entries { index: 0, width: 12 });
    let head = other.head().note.to_string();
    let put = "UPDATE log_tile SET width = 12, bytes = $2 WHERE level = $1";
    city.db
        .write(|tx| {
            tx.execute(put, store::params![0_i64, tile.clone()])?;
            tx.execute(put, store::params![-1_i64, entries.clone()])?;
            tx.execute("UPDATE log_head SET head = $1", store::params![head.as_str()]).map(drop)
        })
        .map_err(|it: store::StoreError| it)
        .unwrap();
    let stuck = journal::seal(&city).unwrap_err().to_string();
    assert!(stuck.contains("entries that were signed for were changed"), "{stuck}");
    drop(city);
    drop(succeed(&arguments(&machines)).unwrap());
    let city = data::open(&machines.place()).unwrap();
    journal::seal(&city).unwrap();
    drop(city);
    let after = machines.export("after");
    let by = format!("by what {origin} signed last, in entry 12");
    let words = ["entries that were signed for were changed: the tree of 10 entries", by.as_str()];
    bad(&check(&after), &words);
    let lines = verify(&check(&after)).unwrap().lines.join("\n");
    assert!(lines.contains("others stand in their place") && !lines.contains("were lost"), "{lines}");
}

#[test]
fn what_is_remembered_of_a_log_stays_of_use_when_it_is_succeeded() {
    let machines = Machines::new();
    restored(&machines);
    let (origin, seed) = keys::read(&machines.path("city/log.key"), keys::Kind::Log).unwrap().unwrap();
    let memory = Some(machines.path("memory.json"));
    good(&VerifyArguments { memory: memory.clone(), ..check(machines.path("before")) });
    drop(succeed(&arguments(&machines)).unwrap());
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 1);
    journal::seal(&city).unwrap();
    drop(city);
    let after = machines.export("after");
    let remembering = VerifyArguments { memory, ..check(&after) };
    bad(&remembering, &["journal/2”, not of"]);
    let lines = verify(&remembering).unwrap().lines.join("\n");
    assert!(lines.contains("give a policy with the lines `log` of both by --policy FILE"), "{lines}");

    let policy = Some(machines.path("city/log.policy"));
    let taken_up = VerifyArguments { policy: policy.clone(), ..remembering.clone() };
    let lines = good(&taken_up).lines.join("\n");
    assert!(lines.contains("the last 10 entries were lost, as the log says"), "{lines}");
    let again = good(&remembering).lines.join("\n");
    assert!(!again.contains("came with the log"), "the policy that was given is remembered: {again}");

    // Checkpoints of the former log that somebody kept: of what is left, of what was lost, and of what is kept from them.
    let key = LogKey::new(&origin, &seed).unwrap();
    let kept = |size, root| {
        let path = machines.path(&format!("kept.{size}"));
        fs::write(&path, key.sign(&Checkpoint::new(&origin, size, root)).to_string()).unwrap();
        VerifyArguments { policy: policy.clone(), checkpoint: vec![path], ..check(&after) }
    };
    let root = |size| {
        let mirror = FolderSource::new(&after);
        tlog::root(&Tiles { source: &mirror, size: 12 }, size).unwrap()
    };
    good(&kept(7, root(7)));
    bad(&kept(8, root(7)), &["entries that were signed for were changed: the tree of 8 entries"]);
    good(&kept(15, root(7)));
    bad(&kept(20, root(7)), &["was signed for 20 entries", "contradicted by the checkpoint of 20 entries"]);
    bad(&kept(25, root(7)), &["was signed for 20 entries", "contradicted by the checkpoint of 25 entries"]);
    let alone = VerifyArguments { policy: None, ..kept(7, root(7)) };
    let key = Some(crate::log::key(&machines.path("city")).unwrap().verifier().clone());
    let unnamed = format!("{:#}", verify(&VerifyArguments { key, ..alone }).unwrap_err());
    assert!(unnamed.contains("keep the line `log` of each log that came before"), "{unnamed}");
}

#[test]
fn a_succession_that_was_cut_short_is_ended_by_the_next() {
    let machines = Machines::new();
    restored(&machines);
    drop(succeed(&arguments(&machines)).unwrap());
    // As if the power had failed when the key had its place and the policy had not.
    let folder = machines.path("city");
    let former = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
    let former = former.into_iter().find(|it| it.to_string_lossy().contains("log.former")).unwrap();
    fs::create_dir(folder.join("log.next")).unwrap();
    fs::rename(folder.join("log.policy"), folder.join("log.next/log.policy")).unwrap();
    fs::copy(former.join("log.signed"), folder.join("log.next/former.signed")).unwrap();
    let open = data::open(&machines.place()).err().unwrap().to_string();
    assert!(open.contains("a succession was cut short"), "{open}");
    drop(succeed(&arguments(&machines)).unwrap());
    let city = data::open(&machines.place()).unwrap();
    journal::seal(&city).unwrap();
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());
    assert!(former.join("log.policy").exists() && former.join("log.key").exists());
}

#[test]
fn a_log_whose_key_is_lost_is_succeeded_and_loses_nothing() {
    let machines = Machines::new();
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    drop(city);
    fs::remove_file(machines.path("city/log.key")).unwrap();
    drop(
        succeed(&SucceedArguments { origin: Some("city.example/later".to_owned()), ..arguments(&machines) })
            .unwrap(),
    );
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 1);
    assert_eq!(journal::seal(&city).unwrap().sealed, 1);
    assert_eq!(journal::audit(&city).unwrap().findings, Vec::<String>::new());
    let shown = journal::log_file(&city, "checkpoint").unwrap().0;
    let note = Note::parse(&shown).unwrap();
    assert!(note.text().starts_with("city.example/later\n12\n"), "{}", note.text());
    drop(city);
    let lines = good(&check(machines.export("after"))).lines.join("\n");
    assert!(lines.contains(": 0 of them were lost"), "{lines}");
}
