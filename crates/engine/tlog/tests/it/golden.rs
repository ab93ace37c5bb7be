//! The vectors that every other reader of our proofs and policies must judge as this one does.

use std::{env, fs, num::NonZeroU64};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use tlog::*;

use crate::tools::{ORIGIN, entries, identity, key, log};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../data/vectors/tlog-proof.json");
const NOW: NonZeroU64 = NonZeroU64::new(1_800_000_000).unwrap();
const SIZE: u64 = 300;

fn cosigner(number: u8) -> CosignerKey {
    CosignerKey::new(&format!("witness.example/{number}"), &[100 + number; 32]).unwrap()
}

/// One log, and two of three counties and one from outside.
fn policy() -> String {
    let witness = |name: &str, number| format!("witness {name} {}\n", cosigner(number).verifier());
    let lines = [
        format!("# who must stand for it\nlog {}\n", key().verifier()),
        witness("county-1", 1),
        witness("county-2", 2),
        witness("county-3", 3),
        "group counties 2 county-1 county-2 county-3\n".to_owned(),
        witness("university", 4),
        "group both all counties university\nquorum both\n".to_owned(),
    ];
    lines.concat()
}

fn checkpoint(witnesses: &[u8]) -> String {
    let mut note = log(SIZE).head().note;
    for number in witnesses {
        let cosignature = cosigner(*number).cosign(&note, NOW);
        note.add(cosignature);
    }
    note.to_string()
}

fn proof(index: u64, checkpoint: String) -> ProofFile {
    let log = log(SIZE);
    let tiles = Tiles { source: log.store(), size: SIZE };
    ProofFile { extra: None, index, proof: inclusion_proof(&tiles, index, SIZE).unwrap(), checkpoint }
}

/// What each is, the proof, the entry, and whether it holds under the policy.
fn cases() -> Vec<(&'static str, String, Vec<u8>, bool)> {
    let enough = || checkpoint(&[1, 3, 4]);
    let entry = |index: u64| entries(index..index + 1).remove(0);
    let good = || proof(7, enough());
    let other_key = LogKey::new(ORIGIN, &[9; 32]).unwrap();
    let by_other = other_key.sign(&log(SIZE).head().checkpoint).to_string();
    let changed = |change: &dyn Fn(&mut ProofFile)| {
        let mut proof = good();
        change(&mut proof);
        proof.to_string()
    };
    let forged = enough().replace("witness.example/3 ", "witness.example/2 ");
    vec![
        ("good", good().to_string(), entry(7), true),
        ("good, the first", proof(0, enough()).to_string(), entry(0), true),
        ("good, the last", proof(SIZE - 1, enough()).to_string(), entry(SIZE - 1), true),
        ("good, with extra data", changed(&|it| it.extra = Some(b"anything".to_vec())), entry(7), true),
        ("good, with a stranger's line", proof(7, checkpoint(&[1, 2, 4, 9])).to_string(), entry(7), true),
        ("another entry", good().to_string(), entry(8), false),
        ("another index", changed(&|it| it.index = 8), entry(7), false),
        ("an index beyond the tree", changed(&|it| it.index = SIZE), entry(7), false),
        ("a hash too few", changed(&|it| it.proof.truncate(it.proof.len() - 1)), entry(7), false),
        ("a hash too many", changed(&|it| it.proof.push(Hash::EMPTY_TREE)), entry(7), false),
        ("a changed hash", changed(&|it| it.proof[3].0[0] ^= 1), entry(7), false),
        ("one county alone", proof(7, checkpoint(&[1, 4])).to_string(), entry(7), false),
        ("nobody from outside", proof(7, checkpoint(&[1, 2, 3])).to_string(), entry(7), false),
        ("nobody", proof(7, checkpoint(&[])).to_string(), entry(7), false),
        ("one county twice", proof(7, forged).to_string(), entry(7), false),
        ("another log key", proof(7, by_other).to_string(), entry(7), false),
        ("another size", proof(7, enough().replace("\n300\n", "\n301\n")).to_string(), entry(7), false),
        (
            "another origin",
            proof(7, enough().replacen(ORIGIN, "city.example/other", 1)).to_string(),
            entry(7),
            false,
        ),
        ("another version", good().to_string().replace("@v1", "@v2"), entry(7), false),
        (
            "an index with a zero before it",
            good().to_string().replace("index 7", "index 07"),
            entry(7),
            false,
        ),
        ("without an empty line", good().to_string().replacen("\n\n", "\n", 1), entry(7), false),
    ]
}

fn holds(policy: &Policy, proof: &str, entry: &[u8]) -> bool {
    ProofFile::parse(proof.as_bytes()).is_ok_and(|it| {
        policy.judge(it.checkpoint.as_bytes()).is_ok()
            && it.verify(&identity(), Hash::of_entry(entry)).is_ok()
    })
}

#[test]
fn every_reader_judges_these_proofs_as_it_was_agreed() {
    let policy: Policy = policy().parse().unwrap();
    let mut lines = Vec::new();
    for (name, proof, entry, is_good) in cases() {
        assert_eq!(holds(&policy, &proof, &entry), is_good, "{name}");
        let entry = BASE64_STANDARD.encode(entry);
        // In the order of the alphabet: serde_json sorts, or keeps the order, by what else is in the build.
        lines.push(json!({"accepted": is_good, "entry": entry, "name": name, "proof": proof}).to_string());
    }
    let policy = json!(self::policy());
    let file = format!("{{\n\"policy\": {policy},\n\"cases\": [\n{}\n]\n}}\n", lines.join(",\n"));
    if env::var_os("OLZII_UPDATE_GOLDEN").is_some() {
        fs::write(FILE, &file).unwrap();
    }
    let agreed = fs::read_to_string(FILE).unwrap();
    assert!(
        agreed == file,
        "data/vectors/tlog-proof.json is not what is made here: read `git diff` after `cargo xtask golden`"
    );
}
