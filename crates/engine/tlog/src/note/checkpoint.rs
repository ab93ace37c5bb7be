use std::{fmt, str::FromStr};

use super::{
    key::VerifierKey,
    signed::{Note, NoteError},
};
use crate::{Hash, tile::SIZE_MAX};

/// What a log says of itself: so many entries, with this root. Its text is that of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
    /// Further lines, none of them empty. We write none: nobody could check them.
    pub extensions: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("a checkpoint is at least three lines, none empty: origin, size, root")]
    Lines,
    #[error("line 2 of the checkpoint is no size: digits without leading zeros, up to {SIZE_MAX}")]
    Size,
    #[error("line 3 of the checkpoint is no root: 32 bytes in base64")]
    Root,
}

impl Checkpoint {
    pub fn new(origin: &str, size: u64, root: Hash) -> Self {
        Self { origin: origin.to_owned(), size, root, extensions: Vec::new() }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n{}\n{}\n", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(out, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let mut lines = text.strip_suffix('\n').ok_or(TextError::Lines)?.split('\n');
        if lines.clone().any(str::is_empty) {
            return Err(TextError::Lines);
        }
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(TextError::Lines);
        };
        let size = decimal(size).ok_or(TextError::Size)?;
        let root = root.parse().map_err(|_| TextError::Root)?;
        Ok(Self { origin: origin.to_owned(), size, root, extensions: lines.map(str::to_owned).collect() })
    }
}

/// Digits without leading zeros, up to the largest size of a log.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number = text.parse().ok().filter(|it| *it <= SIZE_MAX)?;
    (u64::to_string(&number) == text).then_some(number)
}

/// A log as those who read it know it: by its origin and its keys, several where one gives way to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogIdentity {
    pub origin: String,
    pub keys: Vec<VerifierKey>,
}

/// A checkpoint of a known log whose signature is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    pub checkpoint: Checkpoint,
    pub note: Note,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("the checkpoint is of the log “{given}”, not of “{expected}”")]
    Origin { expected: String, given: String },
    #[error(
        "the checkpoint is signed by none of the keys of “{origin}” ({keys}): it was signed anew, or the key is not the log's"
    )]
    NoLogSignature { origin: String, keys: String },
}

impl LogIdentity {
    /// The log that signs with `key`: the key's name is the origin.
    pub fn of(key: VerifierKey) -> Self {
        Self { origin: key.name().to_owned(), keys: vec![key] }
    }

    /// Reads a checkpoint of this log. Cosignatures are not looked at: see [`Note::verify`] and [`crate::Policy`].
    pub fn open(&self, bytes: &[u8]) -> Result<SignedCheckpoint, CheckpointError> {
        self.accept(Note::parse(bytes)?)
    }

    pub(crate) fn accept(&self, note: Note) -> Result<SignedCheckpoint, CheckpointError> {
        let checkpoint: Checkpoint = note.text().parse()?;
        if checkpoint.origin != self.origin {
            return Err(CheckpointError::Origin { expected: self.origin.clone(), given: checkpoint.origin });
        }
        if note.verify(&self.keys)?.is_empty() {
            let keys: Vec<_> =
                self.keys.iter().map(|key| format!("{} {:08x}", key.name(), key.id())).collect();
            return Err(CheckpointError::NoLogSignature {
                origin: self.origin.clone(),
                keys: keys.join(", "),
            });
        }
        Ok(SignedCheckpoint { checkpoint, note })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn a_checkpoint_reads_back_as_it_was_written() {
        for text in [
            format!("example.com/log\n0\n{ROOT}\n"),
            format!("a\n9223372036854775807\n{ROOT}\nmore\nlines\n"),
        ] {
            assert_eq!(text.parse::<Checkpoint>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_checkpoint_says_which_line() {
        let parse = |text: String| text.parse::<Checkpoint>().unwrap_err();
        for size in ["01", "+1", "-1", "", " 1", "1 ", "9223372036854775808", "x"] {
            let expected = if size.is_empty() { TextError::Lines } else { TextError::Size };
            assert_eq!(parse(format!("a\n{size}\n{ROOT}\n")), expected, "{size:?}");
        }
        assert_eq!(parse(format!("a\n1\n{}\n", &ROOT[1..])), TextError::Root);
        for text in ["", "a\n1\n", "\n"] {
            assert_eq!(parse(text.to_owned()), TextError::Lines);
        }
        assert_eq!(parse(format!("a\n1\n{ROOT}")), TextError::Lines);
        assert_eq!(parse(format!("a\n1\n{ROOT}\n\nx\n")), TextError::Lines);
    }
}
