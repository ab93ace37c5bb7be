use super::request::AddCheckpoint;
use crate::{
    Nodes, NoteError, ProveError, Signature, SignedCheckpoint, VerifierKey, consistency_proof,
    note::signature_lines,
};

/// Requests that one submission sends at most: the first, and one for each time that the witness names another size.
const TRIES_MAX: u8 = 4;
/// Characters of a witness's words that are kept.
const WORDS_MAX: usize = 200;

/// A log asks a witness for its cosignature: make a [`Self::request`], send it, hand the answer to [`Self::answer`].
#[derive(Clone, Debug)]
pub struct Submission {
    head: SignedCheckpoint,
    witness: VerifierKey,
    old: u64,
    tries: u8,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done: a line for under the checkpoint, made at `time`, in seconds since 1970.
    Cosigned { signature: Signature, time: u64 },
    /// The witness last saw `old` entries: send another request.
    Again { old: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    #[error(
        "{witness} has cosigned {theirs} entries, more than the {ours} of this checkpoint: it is old, or the log was rolled back"
    )]
    Behind { witness: String, theirs: u64, ours: u64 },
    #[error("{witness} answered {status}: {words}")]
    Refused { witness: String, status: u16, words: String },
    #[error("{witness} named another size {TRIES_MAX} times")]
    TooManyTries { witness: String },
    #[error("the answer of {witness} is no size and a line end")]
    NoSize { witness: String },
    #[error("the answer of {witness} has no cosignature by its key {key_id:08x}")]
    NoCosignature { witness: String, key_id: u32 },
    #[error("the answer of {witness}: {error}")]
    Note { witness: String, error: NoteError },
}

impl Submission {
    /// `old` is the size that the witness cosigned last, as far as is known; 0 asks it.
    pub fn new(head: SignedCheckpoint, witness: VerifierKey, old: u64) -> Self {
        // A size beyond ours makes no request: ask.
        let old = if old > head.checkpoint.size { 0 } else { old };
        Self { head, witness, old, tries: 0 }
    }

    /// The body of the next request, with a proof made of `nodes`.
    pub fn request<N: Nodes>(&self, nodes: &N) -> Result<Vec<u8>, ProveError<N::Error>> {
        let proof = match self.old {
            0 => Vec::new(),
            old => consistency_proof(nodes, old, self.head.checkpoint.size)?,
        };
        let request = AddCheckpoint { old: self.old, proof, checkpoint: self.head.note.to_string() };
        Ok(request.to_string().into_bytes())
    }

    /// Takes the witness's answer.
    pub fn answer(&mut self, status: u16, body: &[u8]) -> Result<Answer, SubmissionError> {
        let witness = || self.witness.name().to_owned();
        self.tries += 1;
        match status {
            200 => self.cosignature(body),
            409 => {
                let ours = self.head.checkpoint.size;
                let size = std::str::from_utf8(body).ok().and_then(|it| it.strip_suffix('\n'));
                let theirs: u64 = size
                    .and_then(|it| it.parse().ok())
                    .ok_or_else(|| SubmissionError::NoSize { witness: witness() })?;
                if theirs > ours {
                    return Err(SubmissionError::Behind { witness: witness(), theirs, ours });
                }
                if self.tries >= TRIES_MAX {
                    return Err(SubmissionError::TooManyTries { witness: witness() });
                }
                self.old = theirs;
                Ok(Answer::Again { old: theirs })
            }
            status => {
                let words = String::from_utf8_lossy(&body[..body.len().min(4 * WORDS_MAX)]);
                let words = words.chars().map(|it| if it.is_control() { ' ' } else { it }).take(WORDS_MAX);
                Err(SubmissionError::Refused { witness: witness(), status, words: words.collect() })
            }
        }
    }

    fn cosignature(&self, body: &[u8]) -> Result<Answer, SubmissionError> {
        let witness = || self.witness.name().to_owned();
        let failed = |error| SubmissionError::Note { witness: witness(), error };
        let lines = match body.len() > crate::note::NOTE_BYTES_MAX {
            true => Err(NoteError::TooLarge(body.len())),
            false => std::str::from_utf8(body).map_err(|_| NoteError::NotText),
        };
        let lines = signature_lines(lines.map_err(failed)?).map_err(failed)?;
        let none = || SubmissionError::NoCosignature { witness: witness(), key_id: self.witness.id() };
        let signature = lines.into_iter().find(|it| it.is_by(&self.witness)).ok_or_else(none)?;
        let mut note = self.head.note.only_by(&[]);
        note.add(signature.clone());
        let verified = note.verify([&self.witness]).map_err(failed)?;
        // A cosignature without a time says nothing of when.
        let time = verified.first().and_then(|it| it.time).filter(|it| *it > 0).ok_or_else(none)?;
        Ok(Answer::Cosigned { signature, time })
    }
}
