//! A city, a witness and somebody who checks both, over loopback: what is flipped, rolled back, forked or swapped is
//! found from outside.

mod asked;
mod succession;
mod wire;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::Router;
use domain::{
    City, Ctx,
    journal::{self, Entry, SubjectKind},
};
use kernel::Id;
use store::StoreError;
use tempfile::TempDir;
use tlog::{Log, LogKey, MemoryStore};
use uuid::Uuid;

use super::{
    export, keys, repair,
    verify::{Report, VerifyArguments, verify},
    witness::{WitnessServer, router},
};
use crate::{Place, data};

const WITNESS: &str = "university.example/witness";

/// Servers that end with the test.
struct Machines {
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl Machines {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        Self { runtime: runtime.unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn place(&self) -> Place {
        Place { data: self.path("city"), database: None }
    }

    fn serve(&self, router: Router) -> String {
        let listener = self.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        self.runtime.spawn(async move { axum::serve(listener, service).await });
        format!("http://{address}")
    }

    /// A city whose policy asks for one witness, and that witness.
    fn city_and_witness(&self) -> (Arc<City>, String) {
        let city = data::open(&self.place()).unwrap();
        let key = city.log.identity().keys[0].clone();
        drop(city);
        let server = WitnessServer::open(&self.path("witness"), Some(WITNESS), &[key], false).unwrap();
        let verifier = server.verifier().clone();
        let witness = self.serve(router(server));
        let path = self.path("city/log.policy");
        let policy = fs::read_to_string(&path).unwrap();
        let line = format!("witness university {verifier} {witness}\nquorum university\n");
        fs::write(&path, policy.replace("quorum none\n", &line)).unwrap();
        (data::open(&self.place()).unwrap(), witness)
    }

    fn export(&self, name: &str) -> PathBuf {
        let out = self.path(name);
        export::run(&self.place(), &out).unwrap();
        out
    }
}

fn write_entries(city: &Arc<City>, count: usize) {
    let ctx = Ctx::system(city.clone());
    for number in 0..count {
        let entry = Entry::new(Id::from_uuid(Uuid::nil()), "test.entry", SubjectKind::Case, Uuid::nil());
        ctx.write(|tx| journal::record(tx, &ctx, &entry.clone().with("number", number))).unwrap();
    }
}

fn check(target: impl AsRef<Path>) -> VerifyArguments {
    VerifyArguments { target: target.as_ref().display().to_string(), ..VerifyArguments::default() }
}

#[track_caller]
fn good(arguments: &VerifyArguments) -> Report {
    let report = verify(arguments).unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    report
}

#[track_caller]
fn bad(arguments: &VerifyArguments, words: &[&str]) {
    let report = verify(arguments).unwrap();
    let all = report.faults.join("\n");
    assert!(words.iter().all(|it| all.contains(it)), "{words:?} are not in {report:#?}");
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn a_log_is_checked_from_its_address_alone_and_its_witness_stands_for_it() {
    let machines = Machines::new();
    let (city, witness) = machines.city_and_witness();
    write_entries(&city, 300);
    let round = journal::seal(&city).unwrap();
    assert!(round.is_published && round.sealed == 300, "{round:?}");
    let app = web::App::new(city.clone(), web::Settings::default());
    let site = machines.serve(web::router(app));

    let policy = machines.path("city/log.policy");
    for target in [site.clone(), format!("{site}/log"), format!("{site}/log/")] {
        let arguments =
            VerifyArguments { policy: Some(policy.clone()), ask_witnesses: true, ..check(&target) };
        let report = good(&arguments).lines.join("\n");
        assert!(report.contains("300 entries") && report.contains("cosigned by university"), "{report}");
        assert!(report.contains("university saw the checkpoint of 300 entries"), "{report}");
    }
    let alone = good(&check(&site)).lines.join("\n");
    assert!(alone.contains("key and policy are those that came with the log"), "{alone}");
    let nothing = verify(&check(format!("{witness}/nothing"))).unwrap_err().to_string();
    assert!(nothing.contains("neither"), "{nothing}");

    // A second round has the witness check that the log only grew.
    write_entries(&city, 5);
    assert!(journal::seal(&city).unwrap().is_published);
    good(&VerifyArguments { policy: Some(policy), ask_witnesses: true, ..check(&site) });
}

#[test]
fn one_byte_of_anything_that_was_flipped_is_found() {
    let machines = Machines::new();
    let (city, _) = machines.city_and_witness();
    write_entries(&city, 300);
    journal::seal(&city).unwrap();
    drop(city);
    let mirror = machines.export("mirror");
    let policy = machines.path("city/log.policy");
    let arguments = VerifyArguments { policy: Some(policy), ..check(&mirror) };
    good(&arguments);
    let mut tried = 0;
    for file in files(&mirror).into_iter().filter(|it| !it.ends_with("policy")) {
        let whole = fs::read(&file).unwrap();
        for place in [0, whole.len() / 3, whole.len() / 2, whole.len() - 2] {
            let mut flipped = whole.clone();
            flipped[place] ^= 1;
            fs::write(&file, flipped).unwrap();
            let found = verify(&arguments).is_ok_and(|it| !it.faults.is_empty());
            assert!(found, "byte {place} of {} may be flipped unseen", file.display());
            tried += 1;
        }
        fs::remove_file(&file).unwrap();
        bad(&arguments, &["missing"]);
        fs::write(&file, whole).unwrap();
    }
    assert!(tried >= 24, "{tried}");
    good(&arguments);
}

#[test]
fn who_remembers_finds_what_was_rolled_back_forked_or_signed_by_another_key() {
    let machines = Machines::new();
    let (city, _) = machines.city_and_witness();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    let old = machines.export("old");
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    let mirror = machines.export("mirror");
    let memory = Some(machines.path("memory.json"));
    good(&VerifyArguments { memory: memory.clone(), ..check(&old) });
    good(&VerifyArguments { memory: memory.clone(), ..check(&mirror) });
    let again = good(&VerifyArguments { memory: memory.clone(), ..check(&mirror) }).lines.join("\n");
    assert!(!again.contains("came with the log"), "the policy is remembered: {again}");
    bad(
        &VerifyArguments { memory: memory.clone(), ..check(&old) },
        &[
            "the log was rolled back: its checkpoint is of 10 entries, it once had 20",
            "by the checkpoint of 20 entries",
        ],
    );
    let kept = VerifyArguments { checkpoint: vec![mirror.join("checkpoint")], ..check(&old) };
    bad(&kept, &["rolled back", "by the checkpoint of 20 entries of 20"]);

    // The same key signs another past.
    let (origin, seed) = keys::read(&machines.path("city/log.key"), keys::Kind::Log).unwrap().unwrap();
    let fork = |seed: &[u8; 32], name: &str| {
        let log = Log::create(MemoryStore::default(), LogKey::new(&origin, seed).unwrap()).unwrap();
        log.append_all((0..25_u8).map(|it| vec![it; 49]).collect()).unwrap();
        log.publish(&log.head(), Vec::new()).unwrap();
        let out = machines.path(name);
        for (resource, bytes) in log.store().files() {
            let path = out.join(resource.to_string());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::copy(mirror.join("policy"), out.join("policy")).unwrap();
        out
    };
    let forked = fork(&seed, "forked");
    bad(
        &VerifyArguments { memory: memory.clone(), ..check(&forked) },
        &[
            "entries that were signed for were changed",
            "by the checkpoint of 10 entries",
            "lacks the cosignatures",
        ],
    );
    // Without a memory the witness tells: it saw another log, and did not cosign this one.
    bad(
        &VerifyArguments { ask_witnesses: true, ..check(&forked) },
        &["entries that were signed for were changed: the tree of 20 entries", "lacks the cosignatures"],
    );
    let swapped = fork(&[9; 32], "swapped");
    bad(
        &VerifyArguments { memory, ..check(&swapped) },
        &["is signed by none of the keys of", "after the checkpoint of 20 entries"],
    );
    drop(city);
}

#[test]
fn a_key_that_is_lost_is_not_made_again() {
    let machines = Machines::new();
    drop(data::open(&machines.place()).unwrap());
    fs::remove_file(machines.path("city/log.key")).unwrap();
    let lost = data::open(&machines.place()).err().map(|it| format!("{it:#}")).unwrap_or_default();
    assert!(lost.contains("log.key is gone, and log.policy is still there"), "{lost}");
}

#[test]
fn a_file_of_the_log_that_is_damaged_in_the_database_is_made_anew() {
    let machines = Machines::new();
    let (city, _) = machines.city_and_witness();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    assert!(repair::repair(&machines.place()).unwrap().files.is_empty());
    let damage = "UPDATE log_tile SET bytes = zeroblob(320) WHERE level = 0";
    city.db.write(|tx| tx.execute(damage, &[]).map(drop)).map_err(|it: StoreError| it).unwrap();
    let stuck = journal::seal(&city).unwrap_err().to_string();
    assert!(stuck.contains("`olzii repair-log`"), "{stuck}");
    bad(&check(machines.path("city")), &["tile/0/000.p/10 was changed"]);
    assert_eq!(repair::repair(&machines.place()).unwrap().files, ["tile/0/000.p/10"]);
    assert!(journal::seal(&city).unwrap().is_published);
    good(&check(machines.path("city")));
}

#[test]
fn an_option_that_would_do_nothing_is_refused() {
    let machines = Machines::new();
    let (city, _) = machines.city_and_witness();
    write_entries(&city, 1);
    journal::seal(&city).unwrap();
    let mirror = machines.export("mirror");
    let rows = VerifyArguments { ask_witnesses: true, ..check(machines.path("city")) };
    assert!(verify(&rows).unwrap_err().to_string().contains("--ask-witnesses says nothing of"));
    let database = VerifyArguments { database: Some("postgres://x".to_owned()), ..check(&mirror) };
    assert!(verify(&database).unwrap_err().to_string().contains("--database says nothing of"));
    let key = VerifyArguments { key: Some(city.log.identity().keys[0].clone()), ..check(&mirror) };
    let lines = good(&key).lines.join("\n");
    assert!(lines.contains("no witness was asked for"), "{lines}");
}

#[test]
fn the_operator_checks_the_rows_and_a_proof_checks_itself() {
    let machines = Machines::new();
    let (city, _) = machines.city_and_witness();
    write_entries(&city, 3);
    journal::seal(&city).unwrap();
    drop(city);
    let held = |folder: &Path| -> Vec<_> {
        let all = files(folder).into_iter().filter(|it| !it.to_string_lossy().contains("olzii.db-"));
        all.map(|it| (fs::read(&it).unwrap(), it)).collect()
    };
    let before = held(&machines.path("city"));
    let report = good(&check(machines.path("city"))).lines.join("\n");
    assert!(report.contains("3 entries sealed, 0 waiting"), "{report}");
    assert!(before == held(&machines.path("city")), "who looks changes nothing");
    // A folder that has lost a part is told so, and nothing is made in its place.
    let moved = |name: &str, words: &str| {
        let (path, away) = (machines.path("city").join(name), machines.path("away"));
        fs::rename(&path, &away).unwrap();
        let told = format!("{:#}", verify(&check(machines.path("city"))).unwrap_err());
        assert!(told.contains(words) && !path.exists(), "{name}: {told}");
        fs::rename(&away, &path).unwrap();
    };
    moved("olzii.db", "has no database of its own");
    moved("city.key", "city.key");
    moved("log.policy", "log.policy");
    moved("log.key", "log.key is not there");
    let elsewhere = verify(&check(machines.path("nowhere"))).unwrap_err().to_string();
    assert!(elsewhere.contains("is not there"), "{elsewhere}");

    // A proof of an entry of the log, opened by what only its person is given.
    let proof = machines.path("x.tlog-proof");
    fs::write(&proof, "c2sp.org/tlog-proof@v1\nindex 0\n\nx\n\n\u{2014} x AAAA\n").unwrap();
    let policy = Some(machines.path("city/log.policy"));
    let without = verify(&check(&proof)).unwrap_err().to_string();
    assert!(without.contains("--policy FILE or --key VKEY"), "{without}");
    bad(&VerifyArguments { policy, ..check(&proof) }, &["the entry itself is missing"]);
}
