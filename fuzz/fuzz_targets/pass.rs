//! What is held before a checkpoint: any text, and any message below it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pass::{Bundle, Gate, Pass, Sign1, Verifier, decode_base45, encode_base45};

const NOW: u64 = 1_800_000_000;

/// Knows no key and no regime: every text is read as far as that goes.
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let (keys, regimes, lists) = (Vec::new(), Vec::new(), Vec::new());
    let bundle = Bundle { number: 1, issued_at: NOW, expires: NOW + 86_400, keys, regimes, lists };
    Verifier::load(&bundle.to_bytes(), None).expect("a bundle")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(VERIFIER.check(text, Gate { regime: None, class: 0.into() }, NOW).is_err(), "nothing is good here");
    }
    if let Ok(message) = decode_base45(bytes) {
        assert_eq!(encode_base45(&message).as_bytes(), bytes, "base45 has one form");
        let _ = Sign1::parse(&message);
    }
    if let Ok(message) = Sign1::parse(bytes) {
        let _ = Pass::from_claims(message.payload);
    }
    if let Ok(claims) = Pass::from_claims(bytes) {
        assert_eq!(claims.to_claims(), bytes, "claims have one form");
    }
});
