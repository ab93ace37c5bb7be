//! COSE_Sign1: RFC 9052, section 4.2. What it holds is read as it stands; the profiles above say what they allow.

use minicbor::{
    Decoder, Encoder,
    data::{Tag, Type},
    encode::Write,
};

use crate::{
    cbor::{self, CborError, Written, unexpected},
    key::{Algorithm, PublicKey},
};

/// Bytes of a message.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Labels of a header.
const LABELS_MAX: u64 = 16;
const TAG_SIGN1: u64 = 18;
const TAG_CWT: u64 = 61;

const LABEL_ALGORITHM: i64 = 1;
const LABEL_KEY_ID: i64 = 4;
const LABEL_TYPE: i64 = 16;

/// A signed message, its parts where they lie in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign1<'b> {
    /// The tags around it, outermost first.
    pub tags: Tags,
    /// The protected header as it was signed.
    pub protected_bytes: &'b [u8],
    pub protected: Header<'b>,
    pub unprotected: Header<'b>,
    pub payload: &'b [u8],
    pub signature: &'b [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    None,
    /// COSE_Sign1.
    Sign1,
    /// CWT, with COSE_Sign1 in it.
    CwtSign1,
}

/// What is known of a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header<'b> {
    /// An algorithm's number; one that is named by a text is none that we know.
    pub algorithm: Option<i64>,
    pub key_id: Option<&'b [u8]>,
    pub content_type: Option<&'b str>,
    /// Labels beyond these.
    pub others: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoseError {
    #[error("the message has {0} bytes, {MESSAGE_BYTES_MAX} at most are read")]
    TooLarge(usize),
    #[error(transparent)]
    Cbor(#[from] CborError),
    #[error("the message is tagged {0}: COSE_Sign1 (18) is expected")]
    Tag(u64),
    #[error("the message names no algorithm that is known")]
    NoAlgorithm,
    #[error("the message is signed by {stated}, the key is for {}", .key.name())]
    WrongAlgorithm { stated: i64, key: Algorithm },
    #[error("the signature is not by this key, or the message was changed")]
    Signature,
}

impl<'b> Sign1<'b> {
    pub fn parse(bytes: &'b [u8]) -> Result<Self, CoseError> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(CoseError::TooLarge(bytes.len()));
        }
        let mut tags = Tags::None;
        let mut decoder = Decoder::new(bytes);
        while decoder.datatype().map_err(CborError::from)? == Type::Tag {
            let tag = decoder.tag().map_err(CborError::from)?;
            tags = match (tags, tag.as_u64()) {
                (Tags::None, TAG_SIGN1) => Tags::Sign1,
                // Only with the other one in it.
                (Tags::None, TAG_CWT) if decoder.tag().map_err(CborError::from)? == Tag::new(TAG_SIGN1) => {
                    Tags::CwtSign1
                }
                (_, other) => return Err(CoseError::Tag(other)),
            };
        }
        let rest = &bytes[decoder.position()..];
        Ok(cbor::whole(rest, |decoder| {
            cbor::array_of(decoder, 4, "COSE_Sign1 is an array of four")?;
            let protected_bytes = decoder.bytes()?;
            let protected = match protected_bytes {
                [] => Header::default(),
                bytes => cbor::whole(bytes, header)?,
            };
            let unprotected = header(decoder)?;
            let (payload, signature) = (decoder.bytes()?, decoder.bytes()?);
            Ok(Self { tags, protected_bytes, protected, unprotected, payload, signature })
        })?)
    }

    /// The bytes that are signed (`Sig_structure`).
    pub fn signed_bytes(&self, external: &[u8]) -> Vec<u8> {
        // A header without labels counts as none, however it is written.
        let protected = if self.protected_bytes == [0xa0] { &[] } else { self.protected_bytes };
        signed_bytes(protected, external, self.payload)
    }

    /// Whether `key` signed it, by the key's own algorithm, which the message must name.
    pub fn verify(&self, key: &PublicKey, external: &[u8]) -> Result<(), CoseError> {
        let stated = self.protected.algorithm.or(self.unprotected.algorithm).ok_or(CoseError::NoAlgorithm)?;
        if Algorithm::of(stated) != Some(key.algorithm()) {
            return Err(CoseError::WrongAlgorithm { stated, key: key.algorithm() });
        }
        match key.verifies(&self.signed_bytes(external), self.signature) {
            true => Ok(()),
            false => Err(CoseError::Signature),
        }
    }
}

pub(crate) fn signed_bytes(protected: &[u8], external: &[u8], payload: &[u8]) -> Vec<u8> {
    cbor::written(32 + protected.len() + external.len() + payload.len(), |writer| {
        writer.array(4)?.str("Signature1")?.bytes(protected)?.bytes(external)?.bytes(payload)?;
        Ok(())
    })
}

/// The bytes of a message with tag 18, the key's id protected, and nothing unprotected.
pub(crate) fn message(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let capacity = 16 + protected.len() + payload.len() + signature.len();
    cbor::written(capacity, |writer| write_message(writer, protected, payload, signature))
}

pub(crate) fn write_message<W: Write>(
    writer: &mut Encoder<W>,
    protected: &[u8],
    payload: &[u8],
    signature: &[u8],
) -> Written<W> {
    writer.tag(Tag::new(TAG_SIGN1))?.array(4)?.bytes(protected)?.map(0)?.bytes(payload)?.bytes(signature)?;
    Ok(())
}

/// The protected header of what we sign.
pub(crate) fn protected(algorithm: i64, key_id: &[u8], content_type: Option<&str>) -> Vec<u8> {
    cbor::written(64, |writer| write_protected(writer, algorithm, key_id, content_type))
}

pub(crate) fn write_protected<W: Write>(
    writer: &mut Encoder<W>,
    algorithm: i64,
    key_id: &[u8],
    content_type: Option<&str>,
) -> Written<W> {
    writer.map(if content_type.is_some() { 3 } else { 2 })?;
    writer.i64(LABEL_ALGORITHM)?.i64(algorithm)?.i64(LABEL_KEY_ID)?.bytes(key_id)?;
    if let Some(content_type) = content_type {
        writer.i64(LABEL_TYPE)?.str(content_type)?;
    }
    Ok(())
}

fn header<'b>(decoder: &mut Decoder<'b>) -> Result<Header<'b>, CborError> {
    let mut header = Header::default();
    let what = "a header is a map of few labels, each of them once";
    for _ in 0..cbor::map(decoder, LABELS_MAX, what)? {
        let label = match decoder.datatype()? {
            Type::String => {
                decoder.str()?;
                None
            }
            _ => Some(decoder.i64()?),
        };
        let is_new = match (label, decoder.datatype()?) {
            (Some(LABEL_ALGORITHM), Type::String) => {
                decoder.str()?;
                header.others += 1;
                true
            }
            (Some(LABEL_ALGORITHM), _) => header.algorithm.replace(decoder.i64()?).is_none(),
            (Some(LABEL_KEY_ID), _) => header.key_id.replace(decoder.bytes()?).is_none(),
            (Some(LABEL_TYPE), Type::String) => header.content_type.replace(decoder.str()?).is_none(),
            _ => {
                decoder.skip()?;
                header.others += 1;
                true
            }
        };
        if !is_new {
            return Err(unexpected(what));
        }
    }
    Ok(header)
}
