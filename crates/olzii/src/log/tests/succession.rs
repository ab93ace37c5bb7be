//! A city whose database came back from a backup, or whose key is lost, goes on under another name.

use std::{fs, path::Path};

use domain::journal;
use tlog::Note;

use super::{Machines, bad, check, good, write_entries};
use crate::{
    data,
    log::{
        succession::{SucceedArguments, succeed},
        verify::VerifyArguments,
    },
};

fn arguments(machines: &Machines) -> SucceedArguments {
    SucceedArguments { place: machines.place(), origin: None }
}

fn refused(machines: &Machines) -> String {
    format!("{:#}", succeed(&arguments(machines)).err().unwrap())
}

/// Ten entries that are in the backup, and ten more that are not.
fn restored(machines: &Machines) {
    let city = data::open(&machines.place()).unwrap();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    drop(city);
    let copy = |from: &Path, to: &Path| {
        for name in ["olzii.db", "olzii.db-wal", "olzii.db-shm"] {
            let _ = fs::remove_file(to.join(name));
            if from.join(name).exists() {
                fs::copy(from.join(name), to.join(name)).unwrap();
            }
        }
    };
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
