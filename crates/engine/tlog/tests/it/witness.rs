use std::{cell::Cell, num::NonZeroU64};

use sha2::{Digest as _, Sha256};
use tlog::*;

use crate::tools::{ORIGIN, Plain, WITNESS, cosigner, identity, key, log};

const NOW: NonZeroU64 = NonZeroU64::new(1_800_000_000).unwrap();

/// The signed head of the tree of so many entries.
fn head(size: u64) -> SignedCheckpoint {
    signed(&key(), size, Plain::new(size).root(0..size))
}

fn signed(key: &LogKey, size: u64, root: Hash) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(key.origin(), size, root);
    SignedCheckpoint { note: key.sign(&checkpoint), checkpoint }
}

fn witness() -> Witness {
    Witness::new(cosigner(), [identity()])
}

fn request(old: u64, proof: Vec<Hash>, head: &SignedCheckpoint) -> Vec<u8> {
    AddCheckpoint { old, proof, checkpoint: head.note.to_string() }.to_string().into_bytes()
}

/// Sends what a submission asks until it is done.
fn submit(
    memory: &impl WitnessState,
    head: SignedCheckpoint,
    old: u64,
) -> Result<(Signature, u32), SubmissionError> {
    let plain = Plain::new(head.checkpoint.size);
    let mut submission = Submission::new(head, cosigner().verifier().clone(), old);
    for requests in 1.. {
        let answer = witness().add_checkpoint(memory, &submission.request(&plain).unwrap(), NOW);
        if let Answer::Cosigned { signature, time } =
            submission.answer(answer.status, answer.body.as_bytes())?
        {
            assert_eq!(time, NOW.get());
            return Ok((signature, requests));
        }
    }
    unreachable!()
}

#[test]
fn a_log_that_grows_is_cosigned_again_and_again() {
    let memory = MemoryWitness::default();
    let (_, requests) = submit(&memory, head(0), 0).unwrap();
    assert_eq!(requests, 1);
    for (old, size) in [(0, 5), (5, 5), (5, 300)] {
        let (signature, requests) = submit(&memory, head(size), old).unwrap();
        assert_eq!((signature.name(), requests), (WITNESS, 1));
    }
    // A log that has forgotten asks, and is told.
    assert_eq!(submit(&memory, head(301), 0).unwrap().1, 2);
    assert_eq!(submit(&memory, head(302), 7).unwrap().1, 2);
    let behind = submit(&memory, head(300), 300).unwrap_err();
    assert!(matches!(behind, SubmissionError::Behind { theirs: 302, ours: 300, .. }), "{behind}");
}

#[test]
fn the_same_checkpoint_again_is_cosigned_and_not_kept_again() {
    /// Counts what is kept.
    struct Counting(MemoryWitness, Cell<u32>);
    impl WitnessState for Counting {
        type Error = std::convert::Infallible;
        fn latest(&self, origin: &str) -> Result<Option<Vec<u8>>, Self::Error> {
            self.0.latest(origin)
        }
        fn advance(&self, origin: &str, held: Option<&[u8]>, next: &[u8]) -> Result<bool, Self::Error> {
            self.1.set(self.1.get() + 1);
            self.0.advance(origin, held, next)
        }
    }
    let state = Counting(MemoryWitness::default(), Cell::new(0));
    for _ in 0..3 {
        submit(&state, head(5), 5).unwrap();
    }
    assert_eq!(state.1.get(), 1);
    let other = signed(&key(), 5, Hash::of_entry(b"another past"));
    assert!(submit(&state, other, 5).is_err(), "as many entries with another root");
    submit(&state, head(6), 5).unwrap();
    assert_eq!(state.1.get(), 2);
}

#[test]
fn every_refusal_of_the_specification_has_its_status() {
    let (witness, memory) = (witness(), MemoryWitness::default());
    let status = |body: &[u8]| witness.add_checkpoint(&memory, body, NOW).status;
    let plain = Plain::new(30);
    let proof = |old, size| consistency_proof(&plain, old, size).unwrap();
    assert_eq!(status(&request(0, vec![], &head(10))), 200);

    let stranger = LogKey::new("other.example/log", &[3; 32]).unwrap();
    assert_eq!(
        status(&request(10, vec![], &signed(&stranger, 10, plain.root(0..10)))),
        404,
        "unknown origin"
    );
    let impostor = LogKey::new(ORIGIN, &[3; 32]).unwrap();
    assert_eq!(status(&request(10, vec![], &signed(&impostor, 10, plain.root(0..10)))), 403, "no known key");
    let forged = head(10).note.to_string().replace("\n10\n", "\n11\n");
    assert_eq!(status(format!("old 10\n\n{forged}").as_bytes()), 403, "a known key that does not fit");
    assert_eq!(status(&request(11, vec![], &head(10))), 400, "old beyond the checkpoint");
    assert_eq!(status(b"old 10\n\nno note"), 400);
    let conflict = witness.add_checkpoint(&memory, &request(0, vec![], &head(20)), NOW);
    assert_eq!(
        (conflict.status, conflict.content_type, conflict.body.as_str()),
        (409, "text/x.tlog.size", "10\n")
    );
    assert_eq!(status(&request(9, proof(9, 20), &head(20))), 409);
    assert_eq!(status(&request(10, vec![], &head(20))), 422, "no proof");
    assert_eq!(status(&request(10, proof(9, 20), &head(20))), 422, "another proof");
    assert_eq!(
        status(&request(10, vec![], &signed(&key(), 10, plain.root(0..9)))),
        422,
        "same size, another root"
    );
    assert_eq!(
        status(&request(10, proof(10, 20), &signed(&key(), 20, plain.root(0..19)))),
        422,
        "another root"
    );
    assert_eq!(status(&request(10, proof(10, 20), &head(20))), 200);
}

#[test]
fn the_empty_tree_is_cosigned_only_with_its_root_and_without_a_proof() {
    let (witness, memory) = (witness(), MemoryWitness::default());
    let status = |body: &[u8]| witness.add_checkpoint(&memory, body, NOW).status;
    assert_eq!(status(&request(0, vec![], &signed(&key(), 0, Hash([1; 32])))), 422);
    assert_eq!(status(&request(0, vec![Hash::EMPTY_TREE], &head(0))), 422);
    assert_eq!(status(&request(0, vec![Hash::EMPTY_TREE], &head(7))), 422);
    assert_eq!(memory.latest(ORIGIN).unwrap(), None);
    assert_eq!(status(&request(0, vec![], &head(0))), 200);
}

/// A memory in which another request comes first, once.
struct Race {
    memory: MemoryWitness,
    first: Cell<Option<Vec<u8>>>,
}

impl WitnessState for Race {
    type Error = std::convert::Infallible;

    fn latest(&self, origin: &str) -> Result<Option<Vec<u8>>, Self::Error> {
        self.memory.latest(origin)
    }

    fn advance(&self, origin: &str, held: Option<&[u8]>, next: &[u8]) -> Result<bool, Self::Error> {
        if let Some(first) = self.first.take() {
            assert_eq!(witness().add_checkpoint(&self.memory, &first, NOW).status, 200);
        }
        self.memory.advance(origin, held, next)
    }
}

#[test]
fn the_smaller_of_two_requests_checked_together_does_not_come_last() {
    let larger = request(0, vec![], &head(25));
    let race = Race { memory: MemoryWitness::default(), first: Cell::new(Some(larger)) };
    let answer = witness().add_checkpoint(&race, &request(0, vec![], &head(20)), NOW);
    assert_eq!((answer.status, answer.body.as_str()), (409, "25\n"));
    let held = race.latest(ORIGIN).unwrap().unwrap();
    assert_eq!(identity().open(&held).unwrap().checkpoint.size, 25);
}

#[test]
fn a_witness_shows_what_it_cosigned_last_without_what_strangers_wrote_under_it() {
    let (witness, memory) = (witness(), MemoryWitness::default());
    let mut note = head(10).note;
    let stranger = CosignerKey::new("stranger.example", &[8; 32]).unwrap();
    let line = stranger.cosign(&note, NOW);
    note.add(line);
    let hash: String = Sha256::digest(ORIGIN).iter().map(|it| format!("{it:02x}")).collect();
    assert_eq!(witness.checkpoint(&memory, &hash).status, 404);
    let head = SignedCheckpoint { note, checkpoint: head(10).checkpoint };
    assert_eq!(witness.add_checkpoint(&memory, &request(0, vec![], &head), NOW).status, 200);
    let shown = witness.checkpoint(&memory, &hash);
    let note = Note::parse(shown.body.as_bytes()).unwrap();
    let names: Vec<_> = note.signatures().iter().map(Signature::name).collect();
    assert_eq!((shown.status, names), (200, vec![ORIGIN, WITNESS]));
    let verified = note.verify([cosigner().verifier()]).unwrap().len();
    assert_eq!((verified, witness.checkpoint(&memory, "00").status), (1, 404));
}

#[test]
fn a_log_takes_no_word_for_a_cosignature() {
    let new = || Submission::new(head(10), cosigner().verifier().clone(), 0);
    let line = |signature: Signature| format!("{signature}\n");
    let good = line(cosigner().cosign(&head(10).note, NOW));
    assert!(matches!(new().answer(200, good.as_bytes()), Ok(Answer::Cosigned { .. })));
    let stranger = CosignerKey::new(WITNESS, &[8; 32]).unwrap();
    let other = line(stranger.cosign(&head(10).note, NOW));
    assert!(matches!(new().answer(200, format!("{other}{good}").as_bytes()), Ok(Answer::Cosigned { .. })));
    assert!(matches!(new().answer(200, other.as_bytes()), Err(SubmissionError::NoCosignature { .. })));
    let of_another = line(cosigner().cosign(&head(9).note, NOW));
    assert!(matches!(new().answer(200, of_another.as_bytes()), Err(SubmissionError::Note { .. })));
    assert!(matches!(new().answer(200, b""), Err(SubmissionError::NoCosignature { .. })));
    assert!(matches!(new().answer(409, b"10"), Err(SubmissionError::NoSize { .. })));
    let refused = new().answer(403, "no\n\u{1b}[31m".repeat(99).as_bytes()).unwrap_err().to_string();
    assert!(
        refused.starts_with("county.example/witness answered 403: no  [31m") && refused.len() < 300,
        "{refused}"
    );
    let mut stubborn = new();
    let answers: Vec<_> = (0..4).map(|_| stubborn.answer(409, b"3\n")).collect();
    assert!(answers[..3].iter().all(|it| *it == Ok(Answer::Again { old: 3 })), "{answers:?}");
    assert!(matches!(answers[3], Err(SubmissionError::TooManyTries { .. })));
}

#[test]
fn a_proof_of_a_cosigned_checkpoint_stands_alone() {
    let written = log(300);
    let checkpoint = written.head().note.to_string();
    let tiles = Tiles { source: written.store(), size: 300 };
    let proof =
        ProofFile { extra: None, index: 7, proof: inclusion_proof(&tiles, 7, 300).unwrap(), checkpoint };
    assert_eq!(proof.verify(&identity(), Hash::of_entry(b"entry 7")).unwrap().checkpoint.size, 300);
    let other = proof.verify(&identity(), Hash::of_entry(b"entry 8"));
    assert!(matches!(other, Err(ProofFileError::Verify(VerifyError::WrongRoot { .. }))));
    let moved = ProofFile { index: 8, ..proof };
    assert!(moved.verify(&identity(), Hash::of_entry(b"entry 7")).is_err());
}
