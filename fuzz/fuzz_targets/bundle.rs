//! What a checkpoint is sent: a bundle, and the status lists in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pass::{Bundle, StatusList, Verifier, read_compressed_list};

/// Entries of a list that is unpacked: no more may come out, whatever goes in.
const ENTRIES: u64 = 131_072;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = Bundle::parse(bytes) {
        assert_eq!(bundle.to_bytes(), bytes, "a bundle has one form");
    }
    let _ = Verifier::load(bytes, None);
    let _ = read_compressed_list(bytes);
    for bits in [1, 2, 4, 8] {
        if let Ok(list) = StatusList::decompress(bits, ENTRIES, bytes) {
            assert_eq!(list.entries(), ENTRIES);
        }
    }
});
