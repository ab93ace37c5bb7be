//! The EU's certificates, and those of their signers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pass::hcert::{Certificate, Signer, Value};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Certificate::parse(text);
    }
    let _ = Certificate::from_message(bytes.to_vec());
    let _ = Value::parse(bytes);
    let _ = Signer::from_der(bytes);
});
