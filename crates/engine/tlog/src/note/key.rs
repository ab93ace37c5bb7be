use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest as _, Sha256};

/// Characters of a verifier key: a name, an id and 33 bytes, with room.
const TEXT_BYTES_MAX: usize = 1024;

/// What a key signs. The same key bytes make two different keys for the two, so that none can stand in for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// The text of a note, by Ed25519: a log's key.
    Note,
    /// The text of a checkpoint and a time, by Ed25519: a witness's key.
    Cosignature,
}

impl KeyKind {
    fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// The public half of a key with its name. Its text (a vkey) is `name+id+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    kind: KeyKind,
    key: VerifyingKey,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a verifier key is NAME+ID+BASE64, of at most {TEXT_BYTES_MAX} bytes")]
    Shape,
    #[error("the name of a key is not empty and has no space and no plus sign")]
    Name,
    #[error("the key is of type {0:#04x}: Ed25519 (0x01) and Ed25519 cosignature (0x04) are known")]
    Kind(u8),
    #[error("the key is no Ed25519 public key of 32 bytes, or one that anybody can sign for")]
    Key,
    #[error(
        "the id of the key is {given}, but its name, type and bytes make {computed:08x}: it was mistyped or changed"
    )]
    Id { given: String, computed: u32 },
}

impl VerifierKey {
    pub(super) fn new(name: &str, kind: KeyKind, key: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', kind.byte()])
            .chain_update(key.as_bytes())
            .finalize();
        let id = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Ok(Self { name: name.to_owned(), id, kind, key })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The same bytes, whatever name they stand under.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Strict: no key and no commitment of small order, no second form of a signature.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

/// Not empty, without a plus sign and without what Unicode calls a space.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|it: char| it == '+' || it.is_whitespace() || it.is_control())
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.kind.byte()][..], self.key.as_bytes()].concat();
        write!(out, "{}+{:08x}+{}", self.name, self.id, BASE64_STANDARD.encode(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(KeyError::Shape);
        }
        // Base64 has plus signs of its own: only the first two part the text.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Shape);
        };
        let bytes = BASE64_STANDARD.decode(bytes).map_err(|_| KeyError::Shape)?;
        let kind = match bytes.first() {
            Some(0x01) => KeyKind::Note,
            Some(0x04) => KeyKind::Cosignature,
            Some(other) => return Err(KeyError::Kind(*other)),
            None => return Err(KeyError::Shape),
        };
        let key = bytes[1..].try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
        let key = Self::new(name, kind, key.filter(|key| !key.is_weak()).ok_or(KeyError::Key)?)?;
        if id != format!("{:08x}", key.id) {
            return Err(KeyError::Id { given: id.to_owned(), computed: key.id });
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let key: VerifierKey = EXAMPLE.parse().unwrap();
        assert_eq!((key.name(), key.id(), key.kind()), ("example.com/foo", 0x530d_903a, KeyKind::Note));
        assert_eq!(key.to_string(), EXAMPLE);
    }

    #[test]
    fn a_key_that_was_changed_is_told_apart_from_one_that_is_none() {
        let parse = |text: &str| text.parse::<VerifierKey>().unwrap_err();
        assert!(matches!(parse(&EXAMPLE.replace("530d", "530e")), KeyError::Id { .. }));
        assert!(matches!(parse(&EXAMPLE.replace("/foo", "/fop")), KeyError::Id { .. }));
        assert!(matches!(parse(&EXAMPLE.replace("530d", "530D")), KeyError::Id { .. }));
        assert_eq!(parse("example.com/foo+530d903a"), KeyError::Shape);
        assert_eq!(parse(&EXAMPLE.replace("example", "exam ple")), KeyError::Name);
        assert_eq!(parse(&EXAMPLE.replace("AekyeR", "AukyeR")), KeyError::Kind(2));
        let small = BASE64_STANDARD.encode([&[1][..], &[0; 32]].concat());
        assert_eq!(parse(&format!("x+00000000+{small}")), KeyError::Key);
        assert_eq!(parse(&format!("x+00000000+{}", "A".repeat(2000))), KeyError::Shape);
    }
}
