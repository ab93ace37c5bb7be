use std::{fmt, num::NonZeroU64};

use ed25519_dalek::{Signer as _, SigningKey};

use super::{
    checkpoint::Checkpoint,
    key::{KeyKind, VerifierKey, is_name},
    signed::{Note, Signature, cosigned},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a key is not empty and has no space, no plus sign and no control character")]
pub struct NameError;

/// What a log signs its checkpoints with. Its name is the log's origin.
pub struct LogKey(Key);

/// What a witness cosigns with. One key a witness and no second use of it: what is signed does not hold the name.
pub struct CosignerKey(Key);

struct Key {
    secret: SigningKey,
    public: VerifierKey,
}

impl Key {
    fn new(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, NameError> {
        let secret = SigningKey::from_bytes(seed);
        let public = is_name(name).then(|| VerifierKey::new(name, kind, secret.verifying_key()));
        Ok(Self { secret, public: public.and_then(Result::ok).ok_or(NameError)? })
    }

    fn sign(&self, message: &str, time: &[u8]) -> Signature {
        let signature = self.secret.sign(message.as_bytes()).to_bytes();
        Signature {
            name: self.public.name().to_owned(),
            key_id: self.public.id(),
            bytes: [time, &signature].concat(),
        }
    }
}

impl LogKey {
    /// `seed` is 32 random bytes, kept secret.
    pub fn new(origin: &str, seed: &[u8; 32]) -> Result<Self, NameError> {
        Key::new(origin, KeyKind::Note, seed).map(Self)
    }

    pub fn origin(&self) -> &str {
        self.0.public.name()
    }

    pub fn verifier(&self) -> &VerifierKey {
        &self.0.public
    }

    /// The checkpoint as a note with this log's signature. Two that contradict each other must never be signed.
    pub fn sign(&self, checkpoint: &Checkpoint) -> Note {
        let text = checkpoint.to_string();
        let signature = self.0.sign(&text, &[]);
        let mut note = Note::new(text);
        note.add(signature);
        note
    }
}

impl CosignerKey {
    /// `seed` is 32 random bytes, kept secret.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NameError> {
        Key::new(name, KeyKind::Cosignature, seed).map(Self)
    }

    pub fn verifier(&self) -> &VerifierKey {
        &self.0.public
    }

    /// Says of the note's checkpoint that at `time`, seconds since 1970, it was the largest seen of its log.
    pub fn cosign(&self, note: &Note, time: NonZeroU64) -> Signature {
        self.0.sign(&cosigned(note.text(), time.get()), &time.get().to_be_bytes())
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LogKey({})", self.0.public)
    }
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CosignerKey({})", self.0.public)
    }
}
