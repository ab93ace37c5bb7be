//! What those say who were asked, and how old it is.

use std::{collections::BTreeMap, fs, num::NonZeroU64, path::PathBuf, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
    routing::any,
};
use domain::{Clock, journal};
use tlog::{CosignerKey, Log, LogKey, MemoryStore, Resource, latest_path};

use super::{Machines, WITNESS, bad, check, good, write_entries};
use crate::{
    log::verify::{VerifyArguments, verify},
    world::MachineClock,
};

/// A site with these files.
fn site(machines: &Machines, files: BTreeMap<String, Vec<u8>>) -> String {
    let files = Arc::new(files);
    let handle = move |request: Request| {
        let found = files.get(request.uri().path().trim_start_matches('/')).cloned();
        async move {
            match found {
                Some(bytes) => Response::new(Body::from(bytes)),
                None => Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap(),
            }
        }
    };
    machines.serve(Router::new().fallback(any(handle)))
}

/// The files of a log of ten entries that its witness cosigned so many seconds ago.
fn cosigned_before(seconds: u64) -> BTreeMap<String, Vec<u8>> {
    let log = LogKey::new("city.example/journal", &[1; 32]).unwrap();
    let witness = CosignerKey::new(WITNESS, &[2; 32]).unwrap();
    let (verifier, cosigner) = (log.verifier().clone(), witness.verifier().clone());
    let log = Log::create(MemoryStore::default(), log).unwrap();
    log.append_all((0..10_u8).map(|it| vec![it; 49]).collect()).unwrap();
    let now = u64::try_from(MachineClock.now().micros() / 1_000_000).unwrap();
    let cosignature = witness.cosign(&log.head().note, NonZeroU64::new(now - seconds).unwrap());
    log.publish(&log.head(), vec![cosignature]).unwrap();
    let files = log.store().files().into_iter();
    let mut files: BTreeMap<String, Vec<u8>> = files.map(|(it, bytes)| (it.to_string(), bytes)).collect();
    let policy = format!("log {verifier}\nwitness university {cosigner}\nquorum university\n");
    files.insert("policy".to_owned(), policy.into_bytes());
    files
}

#[test]
fn a_log_that_is_held_fast_is_found() {
    let machines = Machines::new();
    good(&check(site(&machines, cosigned_before(3_000))));
    let old = cosigned_before(7_200);
    bad(&check(site(&machines, old.clone())), &["the newest cosignature is of", "more than an hour ago"]);
    // Files at rest are as old as they are.
    let folder = machines.path("copy");
    for (path, bytes) in old {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let lines = good(&check(&folder)).lines.join("\n");
    assert!(lines.contains("say nothing of what came after it"), "{lines}");
}

/// The mirror of a city whose witness is at this address, and a policy that says so.
fn mirror(machines: &Machines, address: &str, name: &str) -> VerifyArguments {
    let text = fs::read_to_string(machines.path("city/log.policy")).unwrap();
    let words: Vec<&str> = text.split_whitespace().filter(|it| it.starts_with("http")).collect();
    let policy = machines.path(name);
    fs::write(&policy, text.replace(words[0], address)).unwrap();
    VerifyArguments { policy: Some(policy), ask_witnesses: true, ..check(machines.path("mirror")) }
}

#[test]
fn an_answer_counts_with_the_witness_s_own_word_and_none_is_no_good_news() {
    let machines = Machines::new();
    let (city, witness) = machines.city_and_witness();
    write_entries(&city, 10);
    journal::seal(&city).unwrap();
    let exported: PathBuf = machines.export("mirror");
    good(&mirror(&machines, &witness, "true.policy"));

    let nobody = site(&machines, BTreeMap::new());
    let silent = verify(&mirror(&machines, &nobody, "silent.policy")).unwrap_err().to_string();
    assert!(silent.contains("none of them answered") && silent.contains("has cosigned nothing"), "{silent}");
    let gone = verify(&mirror(&machines, "http://127.0.0.1:1", "gone.policy")).unwrap_err().to_string();
    assert!(gone.contains("none of them answered") && gone.contains("was not reached"), "{gone}");
    let alone = VerifyArguments {
        key: Some(city.log.identity().keys[0].clone()),
        ask_witnesses: true,
        ..check(&exported)
    };
    let alone = verify(&alone).unwrap_err().to_string();
    assert!(alone.contains("names no witness with an address"), "{alone}");

    // Anybody could show what the log itself signed.
    let shown = fs::read_to_string(exported.join(Resource::Checkpoint.to_string())).unwrap();
    let own = shown.lines().filter(|it| !it.contains(WITNESS)).fold(String::new(), |all, it| all + it + "\n");
    let path = latest_path(city.log.origin());
    let parrot = site(&machines, BTreeMap::from([(path, own.into_bytes())]));
    bad(&mirror(&machines, &parrot, "parrot.policy"), &["what university says it saw", "no cosignature by"]);
    // What is wrong with the log itself is told, whoever answered.
    fs::remove_file(exported.join("tile/0/000.p/10")).unwrap();
    bad(&mirror(&machines, &nobody, "silent.policy"), &["missing"]);
}
