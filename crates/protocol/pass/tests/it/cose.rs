use pass::*;
use serde_json::Value;

use crate::status::{point, unhex};

const VECTORS: &str = include_str!("../../../../../data/vectors/cose.json");

fn key(key: &Value) -> Option<PublicKey> {
    match (key["kty"].as_str()?, key["crv"].as_str()?) {
        ("OKP", "Ed25519") => PublicKey::new(Algorithm::Ed25519, &unhex(&key["x_hex"])).ok(),
        ("EC", "P-256") => PublicKey::new(Algorithm::Es256, &point(key)).ok(),
        _ => None,
    }
}

/// Why a message is refused, or that it is not.
fn outcome(case: &Value) -> String {
    let bytes = unhex(&case["cbor"]);
    let message = match Sign1::parse(&bytes) {
        Ok(message) => message,
        Err(error) => return error.to_string(),
    };
    let external = if case["external"].is_null() { Vec::new() } else { unhex(&case["external"]) };
    if case["fail"].is_null() && !case["to_be_signed"].is_null() {
        assert_eq!(message.signed_bytes(&external), unhex(&case["to_be_signed"]), "{}", case["name"]);
    }
    let Some(key) = key(&case["key"]) else { return "no key of ours".to_owned() };
    message.verify(&key, &external).map_or_else(|error| error.to_string(), |()| "verified".to_owned())
}

#[test]
fn all_26_messages_are_verified_or_refused_as_they_say() {
    let cases: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let outcomes: Vec<_> = cases.iter().map(|it| (it["name"].as_str().unwrap(), outcome(it))).collect();
    let of = |name: &str| outcomes.iter().find(|it| it.0 == name).map(|it| it.1.as_str()).unwrap();
    assert_eq!(outcomes.len(), 26);
    let good = [
        "sign1/sign-pass-01",
        "sign1/sign-pass-02",
        "sign1/sign-pass-03",
        "ecdsa/ecdsa-sig-01",
        "eddsa/eddsa-sig-01",
        "cwt/A_3",
    ];
    let verified: Vec<_> = outcomes.iter().filter(|it| it.1 == "verified").map(|it| it.0).collect();
    assert!(good.iter().all(|it| verified.contains(it)) && verified.len() == good.len(), "{outcomes:#?}");
    assert_eq!(of("sign1/sign-fail-01"), "the message is tagged 998: COSE_Sign1 (18) is expected");
    for name in ["sign1/sign-fail-02", "sign1/sign-fail-06", "sign1/sign-fail-07"] {
        assert_eq!(of(name), "the signature is not by this key, or the message was changed");
    }
    assert_eq!(of("sign1/sign-fail-03"), "the message is signed by -999, the key is for ES256");
    assert_eq!(of("sign1/sign-fail-04"), "the message names no algorithm that is known");
    // COSE_Sign, messages with a MAC and encrypted ones are other tags.
    for (name, tag) in [("ecdsa/ecdsa-01", 98), ("eddsa/eddsa-01", 98), ("cwt/A_4", 17), ("cwt/A_5", 16)] {
        assert_eq!(of(name), format!("the message is tagged {tag}: COSE_Sign1 (18) is expected"));
    }
}

#[test]
fn an_algorithm_is_the_keys_and_never_the_messages() {
    let cases: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let case = cases.iter().find(|it| it["name"] == "ecdsa/ecdsa-sig-01").unwrap();
    let bytes = unhex(&case["cbor"]);
    let key = PublicKey::new(Algorithm::Ed25519, &[0x58; 32])
        .or_else(|_| PublicKey::new(Algorithm::Ed25519, &crate::tools::secret(1).public().to_bytes()))
        .unwrap();
    let error = Sign1::parse(&bytes).unwrap().verify(&key, &[]).unwrap_err();
    assert_eq!(error, CoseError::WrongAlgorithm { stated: -7, key: Algorithm::Ed25519 });
}
