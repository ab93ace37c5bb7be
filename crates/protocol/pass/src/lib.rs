#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod base45;
mod bundle;
mod cbor;
mod claims;
mod cose;
#[cfg(feature = "hcert")]
pub mod hcert;
mod issue;
mod key;
mod regime;
mod statement;
mod status;
mod verify;

pub use base45::{Base45Error, decode as decode_base45, encode as encode_base45};
pub use bundle::{BUNDLE_BYTES_MAX, BUNDLE_KEYS_MAX, BUNDLE_REGIMES_MAX, Bundle, log_entry};
pub use cbor::CborError;
pub use claims::{Bearer, CLAIMS_BYTES_MAX, HINT_BYTES_MAX, Hint, HintError, Mark, Pass, URI_BYTES_MAX};
pub use cose::{CoseError, Header, MESSAGE_BYTES_MAX, Sign1, Tags};
pub use issue::{IssueError, Issuer};
pub use key::{
    Algorithm, KEY_ID_BYTES, KEY_REGIMES_MAX, KeyError, KeyId, KeyRecord, OFFICE_BYTES_MAX, PublicKey,
    SecretKey,
};
pub use regime::{REGIME_TEXT_BYTES_MAX, Regime, SCOPES_MAX, StatusPlace};
pub use statement::{Order, Statement};
pub use status::{
    COMPRESSED_BYTES_MAX, ENTRIES_MAX, ENTRIES_MIN_TO_HIDE, StatusError, StatusList, StatusToken,
    read_compressed_list, sign_list,
};
pub use verify::{Accepted, CLOCK_SECONDS, Class, Gate, LoadError, Refusal, StatusReason, Verifier};

/// What the text of a pass begins with. A new shape has a new one.
pub const PREFIX: &str = "OZ1:";
/// Characters of the text of a pass.
pub const TEXT_BYTES_MAX: usize = 1024;
