use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::{
    signer::{CertificateError, Signer},
    value::{Value, ValueError},
};
use crate::{
    base45::{self, Base45Error},
    cose::{CoseError, Sign1},
};

/// Characters of a certificate's text.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Bytes of its message, decompressed.
pub const INFLATED_BYTES_MAX: usize = 64 * 1024;
const PREFIX: &str = "HC1:";

const CLAIM_ISSUER: i128 = 1;
const CLAIM_EXPIRES: i128 = 4;
const CLAIM_ISSUED_AT: i128 = 6;
const CLAIM_HCERT: i128 = -260;

/// A certificate as it was read. Nothing in it is true until [`Certificate::verify`] says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// COSE_Sign1.
    pub message: Vec<u8>,
    pub key_id: Option<Vec<u8>>,
    pub issuer: Option<String>,
    /// Seconds since 1970.
    pub issued_at: Option<i64>,
    pub expires: Option<i64>,
    /// The certificate itself: `nam`, `dob`, `ver` and one of `v`, `t` and `r`.
    pub content: Value,
}

/// What a certificate is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Test,
    Vaccination,
    Recovery,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HcertError {
    #[error("the text does not begin with {PREFIX}")]
    Prefix,
    #[error("the text has {0} characters, {TEXT_BYTES_MAX} at most are read")]
    TooLarge(usize),
    #[error("the text is damaged: {0}")]
    Base45(#[from] Base45Error),
    #[error("what the text holds is not zlib data of at most {INFLATED_BYTES_MAX} bytes")]
    Compressed,
    #[error(transparent)]
    Cose(#[from] CoseError),
    #[error(transparent)]
    Value(#[from] ValueError),
    #[error("the message holds no certificate (claim -260, key 1)")]
    NoCertificate,
    #[error("the certificate is signed by a key ({0}) that is not known")]
    UnknownKey(String),
    #[error("the signer's certificate: {0}")]
    Signer(#[from] CertificateError),
    #[error("the certificate was issued at {issued_at:?}, in the future, or names no time")]
    NotYet { issued_at: Option<i64> },
    #[error("the certificate ended at {expires:?}, or names no end")]
    Expired { expires: Option<i64> },
    #[error("the signer may not sign a certificate about a {0:?}")]
    Usage(Option<Kind>),
}

impl Certificate {
    /// Reads the text of a QR code.
    pub fn parse(text: &str) -> Result<Self, HcertError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(HcertError::TooLarge(text.len()));
        }
        let body = text.strip_prefix(PREFIX).ok_or(HcertError::Prefix)?;
        Self::from_message(inflate(&base45::decode(body.as_bytes())?)?)
    }

    /// Reads a message as it stands after the compression is undone.
    pub fn from_message(message: Vec<u8>) -> Result<Self, HcertError> {
        let parsed = Sign1::parse(&message)?;
        // Where both headers have an id, the one that is signed counts.
        let key_id = parsed.protected.key_id.or(parsed.unprotected.key_id).map(<[u8]>::to_vec);
        let claims = Value::parse(parsed.payload)?;
        let content =
            claims.at(CLAIM_HCERT).and_then(|it| it.at(1)).cloned().ok_or(HcertError::NoCertificate)?;
        let issuer = claims.at(CLAIM_ISSUER).and_then(Value::as_text).map(str::to_owned);
        let seconds = |claim| claims.at(claim).and_then(Value::as_seconds);
        let (issued_at, expires) = (seconds(CLAIM_ISSUED_AT), seconds(CLAIM_EXPIRES));
        Ok(Self { message, key_id, issuer, issued_at, expires, content })
    }

    /// None where it is about several things, or about none.
    pub fn kind(&self) -> Option<Kind> {
        let kinds = [("t", Kind::Test), ("v", Kind::Vaccination), ("r", Kind::Recovery)];
        let is_there =
            |name: &str| matches!(self.content.field(name), Some(Value::Array(list)) if !list.is_empty());
        let mut there = kinds.into_iter().filter(|(name, _)| is_there(name)).map(|(_, kind)| kind);
        there.next().filter(|_| there.next().is_none())
    }

    /// The signer of the certificate, if it is one of these and the signature is good.
    pub fn signer<'s>(&self, signers: &'s [Signer]) -> Result<&'s Signer, HcertError> {
        let message = Sign1::parse(&self.message)?;
        let key_id = self.key_id.as_deref().unwrap_or_default();
        let mut failure = HcertError::UnknownKey(crate::key::hex(&key_id[..key_id.len().min(32)]));
        for signer in signers.iter().filter(|it| it.key_id == key_id) {
            match message.verify(&signer.key, &[]) {
                Ok(()) => return Ok(signer),
                Err(error) => failure = error.into(),
            }
        }
        Err(failure)
    }

    /// Whether the certificate is good at `now`, seconds since 1970, and signed by one who may sign what it is about.
    pub fn verify<'s>(&self, signers: &'s [Signer], now: i64) -> Result<&'s Signer, HcertError> {
        let signer = self.signer(signers)?;
        if self.issued_at.is_none_or(|it| it > now) {
            return Err(HcertError::NotYet { issued_at: self.issued_at });
        }
        if self.expires.is_none_or(|it| it < now) {
            return Err(HcertError::Expired { expires: self.expires });
        }
        if !signer.may_sign(self.kind()) {
            return Err(HcertError::Usage(self.kind()));
        }
        Ok(signer)
    }
}

/// Decompresses what the text holds, within the limit.
pub(super) fn inflate(bytes: &[u8]) -> Result<Vec<u8>, HcertError> {
    decompress_to_vec_zlib_with_limit(bytes, INFLATED_BYTES_MAX).map_err(|_| HcertError::Compressed)
}
