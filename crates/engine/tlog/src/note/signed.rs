use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::key::{KeyKind, VerifierKey, is_name};

/// Bytes of a note with its signatures.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;
/// Signatures of a note; readers of the specification take 16 at least.
pub const SIGNATURES_MAX: usize = 64;
const LINE_START: &str = "\u{2014} ";

/// A text and who signed it. Nothing in it is true until [`Note::verify`] says by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A line under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(super) name: String,
    pub(super) key_id: u32,
    /// As the kind of key has it: 64 bytes, or a time and 64 bytes.
    pub(super) bytes: Vec<u8>,
}

/// A key whose signature under a note is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'k> {
    pub key: &'k VerifierKey,
    /// Of a cosignature: when it was made, in seconds since 1970.
    pub time: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("the note has {0} bytes, {NOTE_BYTES_MAX} at most are read")]
    TooLarge(usize),
    #[error("the note is not UTF-8 text without control characters")]
    NotText,
    #[error("the note has no empty line between its text and its signatures")]
    NoSignatures,
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    #[error("signature line {0} of the note is not “— NAME BASE64”")]
    Line(usize),
    #[error(
        "the note's signature by {name} ({key_id:08x}) does not fit its text: one of them, or the key, was changed"
    )]
    Forged { name: String, key_id: u32 },
}

impl Note {
    /// `text` is lines, each with its line end, without control characters.
    pub(super) fn new(text: String) -> Self {
        Self { text, signatures: Vec::new() }
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge(bytes.len()));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if note.contains(|it: char| it < ' ' && it != '\n') {
            return Err(NoteError::NotText);
        }
        // A text may have empty lines: the last one ends it.
        let end = note.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        if lines.is_empty() {
            return Err(NoteError::NoSignatures);
        }
        Ok(Self { text: text.to_owned(), signatures: signature_lines(lines)? })
    }

    /// Lines, each with its line end.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// A further signature; one by the same key gives way.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|it| (&it.name, it.key_id) != (&signature.name, signature.key_id));
        self.signatures.push(signature);
    }

    /// The same text with the signatures of `keys` alone.
    pub fn only_by(&self, keys: &[VerifierKey]) -> Self {
        let mut note = Self::new(self.text.clone());
        let known = self.signatures.iter().filter(|it| keys.iter().any(|key| it.is_by(key)));
        known.for_each(|it| note.add(it.clone()));
        note
    }

    /// Which of `keys` signed, in their order. Signatures by other keys are passed over; one by a known key that does
    /// not fit the text condemns the note.
    pub fn verify<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut verified = Vec::new();
        for key in keys {
            let mut by_key = self.signatures.iter().filter(|it| it.is_by(key)).peekable();
            if let Some(first) = by_key.peek() {
                let time = first.time(key);
                if !by_key.all(|it| it.verifies(&self.text, key)) {
                    return Err(NoteError::Forged { name: key.name().to_owned(), key_id: key.id() });
                }
                verified.push(Verified { key, time });
            }
        }
        Ok(verified)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures.iter().try_for_each(|it| writeln!(out, "{it}"))
    }
}

impl Signature {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.key_id == key.id() && self.name == key.name()
    }

    fn time(&self, key: &VerifierKey) -> Option<u64> {
        let time = self.bytes.first_chunk().map(|it| u64::from_be_bytes(*it));
        time.filter(|_| key.kind() == KeyKind::Cosignature)
    }

    fn verifies(&self, text: &str, key: &VerifierKey) -> bool {
        match (key.kind(), self.bytes.split_first_chunk::<8>()) {
            (KeyKind::Note, _) => key.verifies(text.as_bytes(), &self.bytes),
            (KeyKind::Cosignature, Some((time, signature))) => {
                let time = u64::from_be_bytes(*time);
                i64::try_from(time).is_ok() && key.verifies(cosigned(text, time).as_bytes(), signature)
            }
            (KeyKind::Cosignature, None) => false,
        }
    }
}

/// What a cosigner signs: that at `time` this was the largest tree it had seen of the log.
pub(super) fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl fmt::Display for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes()[..], &self.bytes].concat();
        write!(out, "{LINE_START}{} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

/// Signature lines, each with its line end.
pub(crate) fn signature_lines(lines: &str) -> Result<Vec<Signature>, NoteError> {
    let mut signatures = Vec::new();
    for (index, line) in lines.split_inclusive('\n').enumerate() {
        if index == SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        signatures.push(signature_line(line).ok_or(NoteError::Line(index + 1))?);
    }
    Ok(signatures)
}

fn signature_line(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix(LINE_START)?.strip_suffix('\n')?.split_once(' ')?;
    let bytes = BASE64_STANDARD.decode(bytes).ok()?;
    let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
    let is_whole = is_name(name) && !bytes.is_empty();
    is_whole.then(|| Signature {
        name: name.to_owned(),
        key_id: u32::from_be_bytes(*key_id),
        bytes: bytes.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    #[test]
    fn the_specifications_example_verifies_and_reads_back_as_it_was_written() {
        let key: VerifierKey = KEY.parse().unwrap();
        let note = Note::parse(NOTE.as_bytes()).unwrap();
        assert_eq!(note.verify([&key]).unwrap(), [Verified { key: &key, time: None }]);
        assert_eq!(note.to_string(), NOTE);
    }

    #[test]
    fn a_changed_text_is_refused_and_a_stranger_passed_over() {
        let key: VerifierKey = KEY.parse().unwrap();
        let changed = Note::parse(NOTE.replace("example message", "other message").as_bytes()).unwrap();
        assert!(matches!(changed.verify([&key]), Err(NoteError::Forged { .. })));
        let stranger = Note::parse(NOTE.replace("example.com/foo", "example.com/bar").as_bytes()).unwrap();
        assert_eq!(stranger.verify([&key]).unwrap(), []);
        // A good signature does not outweigh a forged one by the same key.
        let forged = NOTE.lines().last().unwrap().replace("Uw2QOkn8", "Uw2QOkn9");
        let both = Note::parse(format!("{NOTE}{forged}\n").as_bytes()).unwrap();
        assert!(matches!(both.verify([&key]), Err(NoteError::Forged { .. })));
    }

    #[test]
    fn a_text_ends_at_its_last_empty_line() {
        let note = Note::parse(b"one\n\ntwo\n\n\xe2\x80\x94 a AAAAAAA=\n").unwrap();
        assert_eq!(note.text(), "one\n\ntwo\n");
    }

    #[test]
    fn what_is_no_note_says_why() {
        let parse = |text: &str| Note::parse(text.as_bytes()).unwrap_err();
        assert_eq!(parse(""), NoteError::NoSignatures);
        assert_eq!(parse("text\n\n"), NoteError::NoSignatures);
        assert_eq!(parse("te\rxt\n\n\u{2014} a AAAAAAA=\n"), NoteError::NotText);
        for line in [
            "- a AAAAAAA=\n",
            "\u{2014} a AAAAAAA=",
            "\u{2014} a AAAAAA==\n",
            "\u{2014} a+b AAAAAAA=\n",
            "\u{2014} AAAAAAA=\n",
            "\u{2014} a AAAAAAA\n",
        ] {
            assert_eq!(parse(&format!("text\n\n{line}")), NoteError::Line(1), "{line}");
        }
        let line = "\u{2014} a AAAAAAA=\n";
        assert!(Note::parse(format!("text\n\n{}", line.repeat(SIGNATURES_MAX)).as_bytes()).is_ok());
        assert_eq!(
            parse(&format!("text\n\n{}", line.repeat(SIGNATURES_MAX + 1))),
            NoteError::TooManySignatures
        );
        assert_eq!(parse(&"x".repeat(NOTE_BYTES_MAX + 1)), NoteError::TooLarge(NOTE_BYTES_MAX + 1));
    }
}
