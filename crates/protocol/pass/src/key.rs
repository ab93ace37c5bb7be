//! Keys: what they sign with, what they may sign, and when.

use std::fmt;

use minicbor::{Decoder, Encoder, encode::Write};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use sha2::{Digest as _, Sha256};

use crate::cbor::{self, CborError, Written, unexpected};

/// Bytes of the id of a key.
pub const KEY_ID_BYTES: std::ops::RangeInclusive<usize> = 4..=8;
/// Regimes that one key may sign for.
pub const KEY_REGIMES_MAX: usize = 64;
/// Bytes of an office's name.
pub const OFFICE_BYTES_MAX: usize = 200;

/// How a message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    Ed25519,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// SM2 with SM3, with the usual distinguishing identifier `1234567812345678`. COSE has no number for it: ours is
    /// one for private use.
    Sm2,
    /// RSASSA-PSS with SHA-256: the EU's certificates only.
    Ps256,
}

impl Algorithm {
    /// The algorithm that a header names, by its number of RFC 9864 or the older one of RFC 9053.
    pub fn of(number: i64) -> Option<Self> {
        match number {
            -19 | -8 => Some(Self::Ed25519),
            -9 | -7 => Some(Self::Es256),
            -65_538 => Some(Self::Sm2),
            -37 => Some(Self::Ps256),
            _ => None,
        }
    }

    /// The number that is written.
    pub fn number(self) -> i64 {
        match self {
            Self::Ed25519 => -19,
            Self::Es256 => -9,
            Self::Sm2 => -65_538,
            Self::Ps256 => -37,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::Es256 => "ES256",
            Self::Sm2 => "SM2",
            Self::Ps256 => "PS256",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("these bytes are no public key of {}", .0.name())]
    Bytes(Algorithm),
    #[error("this build does not know {}", .0.name())]
    NotBuilt(Algorithm),
    #[error("the id of a key has 4 to 8 bytes")]
    Id,
}

/// A public key, ready to check with.
#[derive(Clone)]
pub struct PublicKey(Kind);

#[derive(Clone)]
enum Kind {
    Ed25519(ed25519_dalek::VerifyingKey),
    Es256(Box<p256::ecdsa::VerifyingKey>),
    #[cfg(feature = "sm2")]
    Sm2(Box<sm2::dsa::VerifyingKey>),
    #[cfg(feature = "hcert")]
    Ps256(Box<rsa::PublicKey>),
}

impl PublicKey {
    /// Of Ed25519 the 32 bytes of RFC 8032, none of small order; of the curves P-256 and SM2 a point as SEC 1 has it.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let none = KeyError::Bytes(algorithm);
        match algorithm {
            Algorithm::Ed25519 => {
                let key = ed25519_dalek::VerifyingKey::try_from(bytes).ok().filter(|key| !key.is_weak());
                Ok(Self(Kind::Ed25519(key.ok_or(none)?)))
            }
            Algorithm::Es256 => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| none)?;
                Ok(Self(Kind::Es256(Box::new(key))))
            }
            #[cfg(feature = "sm2")]
            Algorithm::Sm2 => {
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_IDENTIFIER, bytes).map_err(|_| none)?;
                Ok(Self(Kind::Sm2(Box::new(key))))
            }
            other => Err(KeyError::NotBuilt(other)),
        }
    }

    #[cfg(feature = "hcert")]
    pub(crate) fn ps256(key: rsa::PublicKey) -> Self {
        Self(Kind::Ps256(Box::new(key)))
    }

    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Kind::Ed25519(_) => Algorithm::Ed25519,
            Kind::Es256(_) => Algorithm::Es256,
            #[cfg(feature = "sm2")]
            Kind::Sm2(_) => Algorithm::Sm2,
            #[cfg(feature = "hcert")]
            Kind::Ps256(_) => Algorithm::Ps256,
        }
    }

    /// As [`Self::new`] takes them, points compressed; of RSA the modulus.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Kind::Ed25519(key) => key.as_bytes().to_vec(),
            Kind::Es256(key) => key.to_sec1_point(true).as_bytes().to_vec(),
            #[cfg(feature = "sm2")]
            Kind::Sm2(key) => sm2::elliptic_curve::sec1::ToSec1Point::to_sec1_point(key.as_affine(), true)
                .as_bytes()
                .to_vec(),
            #[cfg(feature = "hcert")]
            Kind::Ps256(key) => rsa::traits::PublicKeyParts::n_bytes(key.as_ref()).to_vec(),
        }
    }

    /// The first bytes of SHA-256 over the key: how ours are told apart.
    pub fn id(&self) -> [u8; 4] {
        let digest = Sha256::digest(self.to_bytes());
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Ed25519 strictly: no small order, no second form of a signature. ECDSA as r and s side by side.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Kind::Es256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            #[cfg(feature = "sm2")]
            Kind::Sm2(key) => sm2::dsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            #[cfg(feature = "hcert")]
            Kind::Ps256(key) => {
                let key = rsa::pss::VerifyingKey::<Sha256>::new(key.as_ref().clone());
                rsa::pss::Signature::try_from(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm() == other.algorithm() && self.to_bytes() == other.to_bytes()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.algorithm().name(), hex(&self.to_bytes()))
    }
}

/// The identifier that GM/T 0009 has where none was agreed.
#[cfg(feature = "sm2")]
const SM2_IDENTIFIER: &str = "1234567812345678";

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an office signs passes and status lists with.
pub struct SecretKey(Secret);

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Es256(Box<p256::ecdsa::SigningKey>),
    #[cfg(feature = "sm2")]
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl SecretKey {
    /// `seed` is 32 random bytes, kept secret. Of the curves a few seeds are no keys: draw another.
    pub fn new(algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Ed25519 => {
                Ok(Self(Secret::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed)))))
            }
            Algorithm::Es256 => {
                let key =
                    p256::ecdsa::SigningKey::from_slice(seed).map_err(|_| KeyError::Bytes(algorithm))?;
                Ok(Self(Secret::Es256(Box::new(key))))
            }
            #[cfg(feature = "sm2")]
            Algorithm::Sm2 => {
                let key = sm2::SecretKey::from_slice(seed).map_err(|_| KeyError::Bytes(algorithm))?;
                let key = sm2::dsa::SigningKey::new(SM2_IDENTIFIER, &key)
                    .map_err(|_| KeyError::Bytes(algorithm))?;
                Ok(Self(Secret::Sm2(Box::new(key))))
            }
            other => Err(KeyError::NotBuilt(other)),
        }
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(match &self.0 {
            Secret::Ed25519(key) => Kind::Ed25519(key.verifying_key()),
            Secret::Es256(key) => Kind::Es256(Box::new(*key.verifying_key())),
            #[cfg(feature = "sm2")]
            Secret::Sm2(key) => Kind::Sm2(Box::new(key.verifying_key().clone())),
        })
    }

    /// 64 bytes.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Secret::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            #[cfg(feature = "sm2")]
            Secret::Sm2(key) => {
                let signature: sm2::dsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretKey of {:?}", self.public())
    }
}

/// The id of a key: 4 to 8 bytes. It only helps to find the key: several may have the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    bytes: [u8; 8],
    length: u8,
}

impl KeyId {
    pub fn new(id: &[u8]) -> Result<Self, KeyError> {
        if !KEY_ID_BYTES.contains(&id.len()) {
            return Err(KeyError::Id);
        }
        let mut bytes = [0; 8];
        bytes[..id.len()].copy_from_slice(id);
        Ok(Self { bytes, length: id.len() as u8 })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(self.as_bytes()))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A key with what it may do. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    pub id: KeyId,
    pub key: PublicKey,
    /// Whose key it is.
    pub office: String,
    /// Numbers of the regimes it may sign for.
    pub regimes: Vec<u16>,
    /// Which bits of a pass's scope it may set.
    pub scope: u16,
    pub issue_from: u64,
    pub issue_until: u64,
    /// Until when what it signed is accepted.
    pub verify_until: u64,
    /// From when nothing that it signed is accepted.
    pub withdrawn_at: Option<u64>,
}

impl KeyRecord {
    pub(crate) fn write<W: Write>(&self, writer: &mut Encoder<W>) -> Written<W> {
        writer
            .array(10)?
            .bytes(self.id.as_bytes())?
            .i64(self.key.algorithm().number())?
            .bytes(&self.key.to_bytes())?;
        writer.str(&self.office)?.array(self.regimes.len() as u64)?;
        for regime in &self.regimes {
            writer.u16(*regime)?;
        }
        writer.u16(self.scope)?.u64(self.issue_from)?.u64(self.issue_until)?.u64(self.verify_until)?;
        match self.withdrawn_at {
            None => writer.null()?,
            Some(time) => writer.u64(time)?,
        };
        Ok(())
    }

    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, CborError> {
        cbor::array_of(decoder, 10, "a key is an array of ten")?;
        let id = KeyId::new(decoder.bytes()?).map_err(|_| unexpected("the id of a key has 4 to 8 bytes"))?;
        let algorithm =
            Algorithm::of(decoder.i64()?).ok_or_else(|| unexpected("a key has a known algorithm"))?;
        let key = PublicKey::new(algorithm, decoder.bytes()?)
            .map_err(|error| CborError::Shape(error.to_string()))?;
        let office = cbor::text(decoder, OFFICE_BYTES_MAX, "an office has a short name")?.to_owned();
        let regimes =
            cbor::list(decoder, KEY_REGIMES_MAX as u64, "a key is for few regimes", |it| Ok(it.u16()?))?;
        let scope = decoder.u16()?;
        let (issue_from, issue_until, verify_until) = (decoder.u64()?, decoder.u64()?, decoder.u64()?);
        let withdrawn_at = match decoder.datatype()? {
            minicbor::data::Type::Null => {
                decoder.null()?;
                None
            }
            _ => Some(decoder.u64()?),
        };
        Ok(Self { id, key, office, regimes, scope, issue_from, issue_until, verify_until, withdrawn_at })
    }
}
