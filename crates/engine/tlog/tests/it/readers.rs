//! Whatever is sent, a reader answers; what it takes, it writes as it was.

use proptest::{collection::vec, prelude::*};
use tlog::*;

use crate::tools::{cosigner, identity, key, log};

/// All readers at once.
fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        let _ = note.verify([key().verifier()]);
    }
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
    }
    if let Ok(proof) = ProofFile::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
    }
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(resource) = text.parse::<Resource>() {
        assert_eq!(resource.to_string(), text);
    }
    if let Ok(hash) = text.parse::<Hash>() {
        assert_eq!(hash.to_string(), text);
    }
    let _ = (text.parse::<Policy>(), identity().open(bytes));
    for width in [0, 1, 5, 256, u16::MAX] {
        let _ = (read_bundle(bytes, width), Tile { level: 0, index: 0, width }.read(bytes));
    }
    let witness = Witness::new(cosigner(), [identity()]);
    let answer = witness.add_checkpoint(&MemoryWitness::default(), bytes, std::num::NonZeroU64::MIN);
    assert!([400, 403, 404, 409, 422].contains(&answer.status), "{answer:?}");
    let mut submission = Submission::new(log(1).head(), cosigner().verifier().clone(), 0);
    for status in [200, 409, 500] {
        let _ = submission.answer(status, bytes);
    }
}

/// Texts of the right shape with something wrong in them.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let head = log(3).head();
    let note = head.note.to_string();
    let hash = head.checkpoint.root;
    let vkey = cosigner().verifier().to_string();
    let texts = [
        note.clone(),
        format!("old 2\n{hash}\n\n{note}"),
        format!("c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n{hash}\n{hash}\n\n{note}"),
        format!("log {}\nwitness a {vkey}\ngroup b 1 a\nquorum b\n", key().verifier()),
        vkey,
        head.note.text().to_owned(),
        "tile/entries/x001/x234/067.p/8".to_owned(),
    ];
    let changes = vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4);
    (prop::sample::select(texts.to_vec()), changes).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (place, byte, how) in changes {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(place)),
                _ => bytes.truncate(place.max(1)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..600)) {
        read(&bytes);
    }

    #[test]
    fn texts_that_are_nearly_right_are_answered(bytes in nearly()) {
        read(&bytes);
    }

    #[test]
    fn lines_of_the_grammars_in_any_order_are_answered(
        lines in vec(prop::sample::select(vec!["", "old 0", "old 18446744073709551615", "index 0", "quorum none", "group a 99999999999999999999 b", "\u{2014} a AAAAAAA=", "c2sp.org/tlog-proof@v1", "extra ", "1", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]), 0..12),
    ) {
        read(lines.join("\n").as_bytes());
    }

    #[test]
    fn every_path_that_can_be_written_is_read(level in 0_u8..64, index: u64, width in 1_u16..=256) {
        for resource in [Resource::Tile(Tile { level, index, width }), Resource::Entries { index, width }] {
            prop_assert_eq!(resource.to_string().parse::<Resource>().unwrap(), resource);
        }
    }
}
