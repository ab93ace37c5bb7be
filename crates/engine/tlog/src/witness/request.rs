use std::fmt;

use crate::{
    Hash,
    note::{NOTE_BYTES_MAX, NoteError},
};

/// Hashes of a proof; a tree of 2^63 entries needs no more.
pub const PROOF_LINES_MAX: usize = 63;
const HASH_LINE_BYTES: usize = 45;
const OLD_LINE_BYTES_MAX: usize = 25;
/// Bytes of a request: nothing beyond them need be read.
pub const REQUEST_BYTES_MAX: usize =
    OLD_LINE_BYTES_MAX + PROOF_LINES_MAX * HASH_LINE_BYTES + 1 + NOTE_BYTES_MAX;

/// What a log asks of a witness. Its text is the body of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness cosigned last.
    pub old: u64,
    /// From that size to the checkpoint's.
    pub proof: Vec<Hash>,
    /// A note, as it was sent.
    pub checkpoint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("the request has {0} bytes, {REQUEST_BYTES_MAX} at most are read")]
    TooLarge(usize),
    #[error("the request is not UTF-8 text")]
    NotText,
    #[error("the first line of the request is not “old SIZE”")]
    Old,
    #[error("the request has no empty line between the proof and the checkpoint")]
    NoCheckpoint,
    #[error("line {0} of the proof is no hash: 32 bytes in base64")]
    ProofLine(usize),
    #[error("the proof has more than {PROOF_LINES_MAX} lines")]
    ProofTooLong,
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl AddCheckpoint {
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(RequestError::TooLarge(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| RequestError::NotText)?;
        let (old, rest) = text.split_once('\n').ok_or(RequestError::Old)?;
        let old = old.strip_prefix("old ").and_then(decimal).ok_or(RequestError::Old)?;
        let (proof, checkpoint) = match rest.strip_prefix('\n') {
            Some(checkpoint) => ("", checkpoint),
            None => rest.split_once("\n\n").ok_or(RequestError::NoCheckpoint)?,
        };
        let mut hashes = Vec::new();
        for (index, line) in proof.split('\n').filter(|_| !proof.is_empty()).enumerate() {
            if index == PROOF_LINES_MAX {
                return Err(RequestError::ProofTooLong);
            }
            hashes.push(line.parse().map_err(|_| RequestError::ProofLine(index + 1))?);
        }
        Ok(Self { old, proof: hashes, checkpoint: checkpoint.to_owned() })
    }
}

/// Digits without leading zeros, whatever their size: one beyond the checkpoint's is the witness's to refuse.
fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_back_as_it_was_sent() {
        for count in [0, 1, PROOF_LINES_MAX] {
            let proof = vec![Hash::EMPTY_TREE; count];
            let request = AddCheckpoint { old: 7, proof, checkpoint: "a\n1\n\n\u{2014} x\n".to_owned() };
            assert_eq!(AddCheckpoint::parse(request.to_string().as_bytes()), Ok(request));
        }
    }

    #[test]
    fn what_is_no_request_says_where() {
        let parse = |text: &str| AddCheckpoint::parse(text.as_bytes()).unwrap_err();
        for text in ["", "old 1", "old 01\n\nx", "old -1\n\nx", "new 1\n\nx", "old  1\n\nx"] {
            assert_eq!(parse(text), RequestError::Old, "{text:?}");
        }
        assert_eq!(parse("old 1\nxyz\n"), RequestError::NoCheckpoint);
        assert_eq!(parse(&format!("old 1\n{}\nx\n\ny", Hash::EMPTY_TREE)), RequestError::ProofLine(2));
        let lines = format!("{}\n", Hash::EMPTY_TREE).repeat(PROOF_LINES_MAX + 1);
        assert_eq!(parse(&format!("old 1\n{lines}\ny")), RequestError::ProofTooLong);
        assert_eq!(parse(&"x".repeat(REQUEST_BYTES_MAX + 1)), RequestError::TooLarge(REQUEST_BYTES_MAX + 1));
    }
}
