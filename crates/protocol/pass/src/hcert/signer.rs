use rsa::pkcs1::DecodeRsaPublicKey as _;
use sha2::{Digest as _, Sha256};
use x509_cert::{
    der::{Decode as _, Encode as _, oid::ObjectIdentifier},
    ext::pkix::ExtendedKeyUsage,
};

use super::certificate::Kind;
use crate::key::{Algorithm, PublicKey};

/// Bytes of a signer's certificate.
const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;
/// Bits of a modulus: fewer are not safe, more cost a verifier too much.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// Of SHA-256 over the certificate.
const KEY_ID_BYTES: usize = 8;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// hcert-spec A.4, and the arc under which nearly all are found.
const USAGES: [(ObjectIdentifier, Kind); 6] = [
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.1"), Kind::Test),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.2"), Kind::Vaccination),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.1847.2021.1.3"), Kind::Recovery),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.1"), Kind::Test),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.2"), Kind::Vaccination),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.0.1847.2021.1.3"), Kind::Recovery),
];

/// One who signs certificates, by the X.509 certificate that a trust list has of them. That the list is right, and the
/// certificate not over, is for whoever keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    pub key_id: Vec<u8>,
    pub key: PublicKey,
    /// What it may sign; empty means anything.
    pub usages: Vec<Kind>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("it has {0} bytes, {CERTIFICATE_BYTES_MAX} at most are read")]
    TooLarge(usize),
    #[error("it is no X.509 certificate in DER: {0}")]
    Der(String),
    #[error("its key is neither on P-256 nor an RSA key of 2,048 to 4,096 bits")]
    Key,
}

impl Signer {
    /// Reads a certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(CertificateError::TooLarge(der.len()));
        }
        let unreadable = |error: x509_cert::der::Error| CertificateError::Der(error.to_string());
        let certificate = x509_cert::Certificate::from_der(der).map_err(unreadable)?;
        let certificate = certificate.tbs_certificate();
        let info = certificate.subject_public_key_info();
        let bytes = info.subject_public_key.as_bytes().ok_or(CertificateError::Key)?;
        let parameters = info.algorithm.parameters.as_ref().and_then(|it| it.to_der().ok());
        let key = match info.algorithm.oid {
            EC_PUBLIC_KEY if parameters == P256.to_der().ok() => {
                PublicKey::new(Algorithm::Es256, bytes).map_err(|_| CertificateError::Key)?
            }
            RSA_ENCRYPTION => {
                let key = rsa::PublicKey::from_pkcs1_der(bytes).map_err(|_| CertificateError::Key)?;
                let bits = rsa::traits::PublicKeyParts::n(&key).bit_width() as usize;
                if !RSA_BITS.contains(&bits) {
                    return Err(CertificateError::Key);
                }
                PublicKey::ps256(key)
            }
            _ => return Err(CertificateError::Key),
        };
        let mut usages = Vec::new();
        for extension in certificate.extensions().into_iter().flatten() {
            if extension.extn_id == EXTENDED_KEY_USAGE {
                let usage =
                    ExtendedKeyUsage::from_der(extension.extn_value.as_bytes()).map_err(unreadable)?;
                let known = usage.0.iter().filter_map(|oid| USAGES.iter().find(|(it, _)| it == oid));
                usages.extend(known.map(|(_, kind)| *kind));
            }
        }
        Ok(Self { key_id: Sha256::digest(der)[..KEY_ID_BYTES].to_vec(), key, usages })
    }

    pub fn may_sign(&self, kind: Option<Kind>) -> bool {
        self.usages.is_empty() || kind.is_some_and(|kind| self.usages.contains(&kind))
    }
}
