//! Vectors of others: their sources stand in data/vectors/README.md.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use tlog::*;

const MERKLE: &str = include_str!("../../../../../data/vectors/merkle.json");
const TESSERA: &str = include_str!("../../../../../data/vectors/tessera-log.json");

/// Some cases have “don't care” in the place of a hash: any other than the rest. None where there is nothing.
fn hash(value: &Value) -> Option<Hash> {
    let text = value.as_str().filter(|it| !it.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| Hash::of_entry(text.as_bytes())))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// None for what is not even a proof.
fn is_accepted(kind: &str, case: &Value) -> Option<bool> {
    let proof = case["proof"].as_array().into_iter().flatten().map(hash).collect::<Option<Vec<Hash>>>()?;
    let verified = match kind {
        "inclusion" => {
            let (index, size) = (number(&case["leafIdx"]), number(&case["treeSize"]));
            verify_inclusion(index, size, hash(&case["leafHash"])?, &proof, hash(&case["root"])?)
        }
        "consistency" => {
            let (old, size) = (number(&case["size1"]), number(&case["size2"]));
            verify_consistency(old, size, &proof, hash(&case["root1"])?, hash(&case["root2"])?)
        }
        "subtree_inclusion" => {
            let subtree = number(&case["start"])..number(&case["end"]);
            let index = number(&case["leafIdx"]);
            verify_subtree_inclusion(index, subtree, hash(&case["leafHash"])?, &proof, hash(&case["root"])?)
        }
        "subtree_consistency" => {
            let subtree = number(&case["start"])..number(&case["end"]);
            let (root1, root2) = (hash(&case["root1"])?, hash(&case["root2"])?);
            verify_subtree_consistency(subtree, number(&case["size"]), &proof, root1, root2)
        }
        kind => panic!("{kind}"),
    };
    Some(verified.is_ok())
}

#[test]
fn all_518_proofs_of_the_merkle_vectors_are_judged_as_they_say() {
    let kinds: BTreeMap<String, Vec<Value>> = serde_json::from_str(MERKLE).unwrap();
    let mut count = BTreeMap::new();
    for (kind, cases) in &kinds {
        for case in cases {
            let is_good = !case["wantErr"].as_bool().unwrap();
            assert_eq!(is_accepted(kind, case).unwrap_or(false), is_good, "{kind}: {}", case["name"]);
            let (all, good) = count.entry(kind.as_str()).or_insert((0, 0));
            *all += 1;
            *good += u32::from(is_good);
        }
    }
    let expected = [
        ("consistency", (98, 6)),
        ("inclusion", (98, 6)),
        ("subtree_consistency", (118, 12)),
        ("subtree_inclusion", (204, 12)),
    ];
    assert_eq!(count, BTreeMap::from(expected));
}

struct Tessera {
    files: BTreeMap<String, Vec<u8>>,
    size: u64,
}

impl Source for Tessera {
    type Error = std::convert::Infallible;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, Self::Error> {
        let name = match resource {
            Resource::Checkpoint => format!("checkpoint.{}", self.size),
            other => other.to_string(),
        };
        Ok(self.files.get(&name).cloned())
    }
}

#[test]
fn a_log_of_tessera_is_read_audited_and_proven_at_every_size() {
    let whole: Value = serde_json::from_str(TESSERA).unwrap();
    let key: VerifierKey = whole["vkey"].as_str().unwrap().parse().unwrap();
    let log = LogIdentity::of(key);
    let bytes = |(name, text): (&String, &Value)| {
        let text = text.as_str().unwrap();
        let bytes =
            if name.starts_with("checkpoint") { text.into() } else { BASE64_STANDARD.decode(text).unwrap() };
        (name.clone(), bytes)
    };
    let files: BTreeMap<_, _> = whole["files"].as_object().unwrap().iter().map(bytes).collect();
    let at = |size| Tessera { files: files.clone(), size };
    let checkpoint = |size| {
        let note = at(size).get(Resource::Checkpoint).unwrap().unwrap();
        log.open(&note).unwrap().checkpoint
    };
    let known: Vec<_> = (0..16).map(|size| Known { checkpoint: checkpoint(size), time: None }).collect();
    let mut proofs = 0;
    for size in 0..16 {
        let audit = audit(&at(size), &log, &known[..=size as usize], &[]).unwrap();
        assert_eq!((audit.findings, audit.signed.unwrap().checkpoint.size), (vec![], size));
        let tiles = Tiles { source: at(size), size };
        let newest = checkpoint(size).root;
        assert_eq!(root(&tiles, size).unwrap(), newest);
        for index in 0..size {
            let hashes = tiles.tile(Tile::of(size, 0, 0).unwrap()).unwrap();
            let proof = inclusion_proof(&tiles, index, size).unwrap();
            verify_inclusion(index, size, hashes[index as usize], &proof, newest).unwrap();
            let old = index + 1;
            let proof = consistency_proof(&tiles, old, size).unwrap();
            verify_consistency(old, size, &proof, checkpoint(old).root, newest).unwrap();
            proofs += 2;
        }
    }
    assert_eq!(proofs, 240);
}
