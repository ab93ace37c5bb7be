//! Whatever is scanned or loaded, a reader answers, soon and in little room; what it takes has one form.

use pass::{hcert, *};
use proptest::{collection::vec, prelude::*};

use crate::tools::*;

/// All readers of bytes.
fn read(bytes: &[u8]) {
    if let Ok(pass) = Pass::from_claims(bytes) {
        assert_eq!(pass.to_claims(), bytes);
    }
    if let Ok(bundle) = Bundle::parse(bytes) {
        assert_eq!(bundle.to_bytes(), bytes);
    }
    if let Ok(message) = Sign1::parse(bytes) {
        let _ = message.verify(&secret(1).public(), &[]);
    }
    let _ = (StatusToken::from_claims(bytes), StatusToken::open(bytes, &[record(&secret(1))], 12));
    let _ = (read_compressed_list(bytes), StatusList::decompress(1, 64, bytes), Verifier::load(bytes, None));
    let _ = (
        hcert::Value::parse(bytes),
        hcert::Certificate::from_message(bytes.to_vec()),
        hcert::Signer::from_der(bytes),
    );
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Sm2, Algorithm::Ps256] {
        if let Ok(key) = PublicKey::new(algorithm, bytes) {
            let _ = key.verifies(b"message", bytes);
        }
    }
    let (verifier, text) = (verifier(&bundle()), encode_base45(bytes));
    assert_ne!(code(&verifier, &format!("OZ1:{text}"), 0, NOW), "accepted");
    let _ = hcert::Certificate::parse(&format!("HC1:{text}"));
}

/// Bytes of the right shape with something wrong in them.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let message = decode_base45(&signed_with(1, &pass()).as_bytes()[4..]).unwrap();
    let mut small = bundle();
    small.regimes[0].status.as_mut().unwrap().entries = 64;
    let list = StatusList::new(1, 64).unwrap();
    small.lists = vec![sign_list(&secret(1), record(&secret(1)).id, URI, &list, NOW, NOW + HOUR)];
    let all = vec![message, pass().to_claims(), small.to_bytes(), small.lists[0].clone(), list.compressed()];
    let changes = vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4);
    (prop::sample::select(all), changes).prop_map(|(mut bytes, changes)| {
        for (place, byte, how) in changes {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = bytes[place].wrapping_add(byte.max(1)),
                1 => bytes.insert(place, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(place)),
                _ => bytes.truncate(place.max(1)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn any_text_is_answered(text in "(OZ1:|HC1:)?[0-9A-Z $%*+./:\u{e9}-]{0,300}", class: u8, now: u64) {
        let verifier = verifier(&bundle());
        prop_assert_ne!(code(&verifier, &text, class, now), "accepted");
        let _ = hcert::Certificate::parse(&text);
        let _ = decode_base45(text.as_bytes());
    }

    #[test]
    fn bytes_that_are_nearly_right_are_answered(bytes in nearly()) {
        let original = decode_base45(&signed_with(1, &pass()).as_bytes()[4..]).unwrap();
        prop_assume!(bytes != original);
        read(&bytes);
    }

    /// Openings of arrays, maps, tags and strings with whatever lengths.
    #[test]
    fn openings_without_an_end_are_answered(bytes in vec(prop::sample::select(vec![0x81, 0x84, 0x9b, 0x9f, 0xa1, 0xbb, 0xbf, 0xd2, 0xd8, 0x58, 0x5f, 0x7f, 0x40, 0xff, 0x00]), 0..200)) {
        read(&bytes);
    }
}
