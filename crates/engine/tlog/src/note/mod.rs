//! Signed notes, what they say of a log, and who signs them: C2SP signed-note, tlog-checkpoint and tlog-cosignature.

mod checkpoint;
mod key;
mod signed;
mod signer;

pub(crate) use checkpoint::decimal;
pub use checkpoint::{Checkpoint, CheckpointError, LogIdentity, SignedCheckpoint, TextError};
pub use key::{KeyError, KeyKind, VerifierKey};
pub(crate) use signed::signature_lines;
pub use signed::{NOTE_BYTES_MAX, Note, NoteError, SIGNATURES_MAX, Signature, Verified};
pub use signer::{CosignerKey, LogKey, NameError};
