//! A proof that stands alone: an entry's place in a tree, and the checkpoint that signs for the tree. C2SP tlog-proof.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    CheckpointError, Hash, LogIdentity, SignedCheckpoint, VerifyError,
    note::{NOTE_BYTES_MAX, decimal},
    verify_inclusion,
    witness::PROOF_LINES_MAX,
};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Bytes of the extra data.
pub const EXTRA_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a proof file: nothing beyond them need be read.
pub const PROOF_BYTES_MAX: usize = EXTRA_BYTES_MAX * 4 / 3 + PROOF_LINES_MAX * 45 + NOTE_BYTES_MAX + 100;

/// A proof of inclusion with its checkpoint. Its text is a `.tlog-proof` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// Anything; nobody vouches for it.
    pub extra: Option<Vec<u8>>,
    pub index: u64,
    /// From the sibling of the entry up to a child of the root.
    pub proof: Vec<Hash>,
    /// A note, as the log published it.
    pub checkpoint: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    #[error("the proof has {0} bytes, {PROOF_BYTES_MAX} at most are read")]
    TooLarge(usize),
    #[error("the proof is not UTF-8 text")]
    NotText,
    #[error("the first line of the proof is not “{HEADER}”")]
    Header,
    #[error("the proof's line “extra” is not base64 of at most {EXTRA_BYTES_MAX} bytes")]
    Extra,
    #[error("the proof has no line “index NUMBER” where it is expected")]
    Index,
    #[error("hash {0} of the proof is not 32 bytes in base64")]
    Hash(usize),
    #[error("the proof has more than {PROOF_LINES_MAX} hashes")]
    TooLong,
    #[error("the proof has no empty line before its checkpoint")]
    NoCheckpoint,
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl ProofFile {
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(ProofFileError::TooLarge(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofFileError::NotText)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofFileError::NoCheckpoint)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofFileError::Header);
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            None => None,
            Some(line) => {
                let bytes = BASE64_STANDARD.decode(&line["extra ".len()..]).ok();
                Some(bytes.filter(|it| it.len() <= EXTRA_BYTES_MAX).ok_or(ProofFileError::Extra)?)
            }
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(decimal).ok_or(ProofFileError::Index)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == PROOF_LINES_MAX {
                return Err(ProofFileError::TooLong);
            }
            proof.push(line.parse().map_err(|_| ProofFileError::Hash(proof.len() + 1))?);
        }
        Ok(Self { extra, index, proof, checkpoint: checkpoint.to_owned() })
    }

    /// Whether the entry with hash `entry` is in `log`. Who cosigned the checkpoint is for a [`crate::Policy`] to
    /// judge.
    pub fn verify(&self, log: &LogIdentity, entry: Hash) -> Result<SignedCheckpoint, ProofFileError> {
        let signed = log.open(self.checkpoint.as_bytes())?;
        verify_inclusion(self.index, signed.checkpoint.size, entry, &self.proof, signed.checkpoint.root)?;
        Ok(signed)
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(out, "extra {}", BASE64_STANDARD.encode(extra))?;
        }
        writeln!(out, "index {}", self.index)?;
        self.proof.iter().try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_reads_back_as_it_was_written() {
        for (extra, count) in [(None, 0), (Some(vec![1, 2, 3]), 1), (Some(Vec::new()), PROOF_LINES_MAX)] {
            let proof = vec![Hash::EMPTY_TREE; count];
            let file = ProofFile { extra, index: 7, proof, checkpoint: "a\n1\n\nx\n".to_owned() };
            assert_eq!(ProofFile::parse(file.to_string().as_bytes()), Ok(file));
        }
    }

    #[test]
    fn what_is_no_proof_says_where() {
        let parse = |text: &str| ProofFile::parse(text.as_bytes()).unwrap_err();
        assert_eq!(parse("c2sp.org/tlog-proof@v2\nindex 0\n\nx"), ProofFileError::Header);
        assert_eq!(parse(&format!("{HEADER}\nindex 0\n")), ProofFileError::NoCheckpoint);
        assert_eq!(parse(&format!("{HEADER}\nextra =\nindex 0\n\nx")), ProofFileError::Extra);
        assert_eq!(parse(&format!("{HEADER}\nindex 00\n\nx")), ProofFileError::Index);
        assert_eq!(parse(&format!("{HEADER}\nindex 0\nextra AA==\n\nx")), ProofFileError::Hash(1));
    }
}
