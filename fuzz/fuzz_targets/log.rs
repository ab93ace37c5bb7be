//! Whatever a log, a witness or a stranger sends: notes, checkpoints, policies, proofs, tiles and their paths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{AddCheckpoint, Checkpoint, Note, Policy, ProofFile, Resource, VerifierKey, read_bundle};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        let again = Note::parse(note.to_string().as_bytes()).expect("what was written is read");
        assert_eq!((again.text(), again.signatures().len()), (note.text(), note.signatures().len()));
    }
    let _ = ProofFile::parse(bytes);
    let _ = AddCheckpoint::parse(bytes);
    for width in [1, 3, 256] {
        if let Ok(entries) = read_bundle(bytes, width) {
            assert_eq!(entries.len(), usize::from(width));
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint), "what was written is read");
    }
    if let Ok(resource) = text.parse::<Resource>() {
        assert_eq!(resource.to_string(), text, "a path has one form");
    }
    if let Ok(policy) = text.parse::<Policy>() {
        let _ = policy.judge(bytes);
    }
    let _ = text.parse::<VerifierKey>();
});
