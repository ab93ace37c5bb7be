//! Who was revoked, and nothing of who was not: Token Status List (draft-ietf-oauth-status-list-20).

use minicbor::Decoder;
use miniz_oxide::{
    deflate::compress_to_vec_zlib,
    inflate::{
        TINFLStatus,
        core::{
            DecompressorOxide, decompress,
            inflate_flags::{
                TINFL_FLAG_COMPUTE_ADLER32, TINFL_FLAG_PARSE_ZLIB_HEADER,
                TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
            },
        },
    },
};

use crate::{
    cbor::{self, CborError, unexpected},
    claims::URI_BYTES_MAX,
    cose::{self, CoseError, Sign1, Tags},
    key::{KeyId, KeyRecord, SecretKey},
};

/// Entries of a list: 2^22, three times a large city.
pub const ENTRIES_MAX: u64 = 1 << 22;
/// Entries below which a list hides nobody (W3C Bitstring Status List).
pub const ENTRIES_MIN_TO_HIDE: u64 = 131_072;
/// Bytes of a compressed list.
pub const COMPRESSED_BYTES_MAX: usize = ENTRIES_MAX as usize + 64 * 1024;
const TYPE: &str = "application/statuslist+cwt";
/// The highest level that zlib has.
const LEVEL: u8 = 9;

const CLAIM_SUBJECT: i64 = 2;
const CLAIM_EXPIRES: i64 = 4;
const CLAIM_ISSUED_AT: i64 = 6;
const CLAIM_STATUS_LIST: i64 = 65_533;
const CLAIM_SECONDS_TO_LIVE: i64 = 65_534;
const CLAIMS_MAX: u64 = 8;

/// The status of many passes, each by its index.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    #[error("a status has 1, 2, 4 or 8 bits, not {0}")]
    Bits(u64),
    #[error("a list of {0} entries is none: whole bytes, {ENTRIES_MAX} entries at most")]
    Entries(u64),
    #[error("entry {index} is not among the {entries} of the list")]
    NoSuchEntry { index: u64, entries: u64 },
    #[error("the status {status} does not fit into {bits} bits")]
    Status { status: u8, bits: u8 },
    #[error("the list is not zlib data of exactly {entries} entries")]
    Compressed { entries: u64 },
    #[error("the list is of “{given}”, not of “{expected}”")]
    Subject { expected: String, given: String },
    #[error("no key with the id {0} may sign this list")]
    NoKey(String),
    #[error("the token of a list is COSE_Sign1 (tag 18) of the type {TYPE} with its key's id protected")]
    Profile,
    #[error(transparent)]
    Cbor(#[from] CborError),
    #[error(transparent)]
    Cose(#[from] CoseError),
}

impl StatusList {
    /// A list of valid passes.
    pub fn new(bits: u8, entries: u64) -> Result<Self, StatusError> {
        Ok(Self { bits, bytes: vec![0; bytes_of(bits, entries)?] })
    }

    pub fn bits(&self) -> u8 {
        self.bits
    }

    pub fn entries(&self) -> u64 {
        self.bytes.len() as u64 * 8 / u64::from(self.bits)
    }

    /// 0 is valid, 1 invalid, 2 suspended; the rest is the application's.
    pub fn get(&self, index: u64) -> Result<u8, StatusError> {
        let (byte, shift) = self.place(index)?;
        Ok(self.bytes[byte] >> shift & self.mask())
    }

    pub fn set(&mut self, index: u64, status: u8) -> Result<(), StatusError> {
        let (byte, shift) = self.place(index)?;
        let mask = self.mask();
        if status > mask {
            return Err(StatusError::Status { status, bits: self.bits });
        }
        self.bytes[byte] = self.bytes[byte] & !(mask << shift) | status << shift;
        Ok(())
    }

    /// The byte, and how far from its lowest bit.
    fn place(&self, index: u64) -> Result<(usize, u32), StatusError> {
        let entries = self.entries();
        if index >= entries {
            return Err(StatusError::NoSuchEntry { index, entries });
        }
        let bit = index * u64::from(self.bits);
        Ok(((bit / 8) as usize, (bit % 8) as u32))
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }

    /// As zlib data (`lst`).
    pub fn compressed(&self) -> Vec<u8> {
        compress_to_vec_zlib(&self.bytes, LEVEL)
    }

    /// A list out of zlib data that must make exactly so many entries. Nothing more is written than these need.
    pub fn decompress(bits: u8, entries: u64, compressed: &[u8]) -> Result<Self, StatusError> {
        let mut bytes = vec![0; bytes_of(bits, entries)?];
        // A byte of room beyond tells data that goes on from data that ends.
        bytes.push(0);
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER
            | TINFL_FLAG_COMPUTE_ADLER32
            | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, written) =
            decompress(&mut DecompressorOxide::default(), compressed, &mut bytes, 0, flags);
        bytes.pop();
        // What follows the data is nobody's: a browser's own reader refuses it too.
        let is_whole = status == TINFLStatus::Done && read == compressed.len() && written == bytes.len();
        if is_whole { Ok(Self { bits, bytes }) } else { Err(StatusError::Compressed { entries }) }
    }
}

impl std::fmt::Debug for StatusList {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "StatusList of {} entries, {} bits each", self.entries(), self.bits)
    }
}

fn bytes_of(bits: u8, entries: u64) -> Result<usize, StatusError> {
    if ![1, 2, 4, 8].contains(&bits) {
        return Err(StatusError::Bits(bits.into()));
    }
    let total = entries.checked_mul(bits.into()).filter(|it| entries <= ENTRIES_MAX && it.is_multiple_of(8));
    total.map(|it| (it / 8) as usize).ok_or(StatusError::Entries(entries))
}

/// What the token of a list says. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusToken<'b> {
    /// The URI of the list.
    pub subject: &'b str,
    pub issued_at: u64,
    pub expires: Option<u64>,
    /// How long a copy may be used before a new one is asked for.
    pub seconds_to_live: Option<u64>,
    pub bits: u8,
    /// zlib data.
    pub compressed: &'b [u8],
}

impl<'b> StatusToken<'b> {
    /// Reads the claims of a token (section 5.2); who signed them is for [`Self::open`] or [`Sign1::verify`] to say.
    pub fn from_claims(payload: &'b [u8]) -> Result<Self, CborError> {
        cbor::whole(payload, |decoder| {
            let (mut subject, mut issued_at, mut expires, mut live, mut list) =
                (None, None, None, None, None);
            let what = "the token of a list has the claims 2, 6 and 65533, each of them once";
            for _ in 0..cbor::map(decoder, CLAIMS_MAX, what)? {
                let is_new = match decoder.i64()? {
                    CLAIM_SUBJECT => subject.replace(cbor::text(decoder, URI_BYTES_MAX, what)?).is_none(),
                    CLAIM_EXPIRES => expires.replace(decoder.u64()?).is_none(),
                    CLAIM_ISSUED_AT => issued_at.replace(decoder.u64()?).is_none(),
                    CLAIM_SECONDS_TO_LIVE => live.replace(decoder.u64()?).is_none(),
                    CLAIM_STATUS_LIST => list.replace(compressed_list(decoder)?).is_none(),
                    _ => {
                        decoder.skip()?;
                        true
                    }
                };
                if !is_new {
                    return Err(unexpected(what));
                }
            }
            match (subject, issued_at, list) {
                (Some(subject), Some(issued_at), Some((bits, compressed))) => {
                    Ok(Self { subject, issued_at, expires, seconds_to_live: live, bits, compressed })
                }
                _ => Err(unexpected(what)),
            }
        })
    }

    /// Reads a token of ours: signed by one of `keys` that may sign for `regime` and was not withdrawn (it could say that
    /// nobody was revoked), its key's id protected.
    pub fn open(bytes: &'b [u8], keys: &[KeyRecord], regime: u16) -> Result<Self, StatusError> {
        let message = Sign1::parse(bytes)?;
        let is_ours = message.tags == Tags::Sign1
            && message.protected.content_type == Some(TYPE)
            && message.protected.others == 0
            && message.unprotected == cose::Header::default();
        let (Some(key_id), true) = (message.protected.key_id, is_ours) else {
            return Err(StatusError::Profile);
        };
        let may_sign = |it: &&KeyRecord| {
            it.id.as_bytes() == key_id && it.regimes.contains(&regime) && it.withdrawn_at.is_none()
        };
        let mut outcome = Err(StatusError::NoKey(crate::key::hex(&key_id[..key_id.len().min(8)])));
        for record in keys.iter().filter(may_sign) {
            outcome = message.verify(&record.key, &[]).map_err(StatusError::Cose);
            if outcome.is_ok() {
                break;
            }
        }
        outcome?;
        Ok(Self::from_claims(message.payload)?)
    }

    /// The list, which must be what was announced. Whether it is over is for [`StatusToken::expires`] to say.
    pub fn list(&self, uri: &str, entries: u64) -> Result<StatusList, StatusError> {
        if self.subject != uri {
            return Err(StatusError::Subject { expected: uri.to_owned(), given: self.subject.to_owned() });
        }
        StatusList::decompress(self.bits, entries, self.compressed)
    }
}

/// `{"bits": n, "lst": bytes, "aggregation_uri": text?}`: section 4.3.
pub(crate) fn compressed_list<'b>(decoder: &mut Decoder<'b>) -> Result<(u8, &'b [u8]), CborError> {
    let what = "a status list is {\"bits\": 1, 2, 4 or 8, \"lst\": bytes}";
    let (mut bits, mut compressed) = (None, None);
    for _ in 0..cbor::map(decoder, 3, what)? {
        let is_new = match decoder.str()? {
            "bits" => bits.replace(decoder.u8()?).is_none(),
            "lst" => compressed.replace(decoder.bytes()?).is_none(),
            "aggregation_uri" => cbor::text(decoder, URI_BYTES_MAX, what).map(|_| true)?,
            _ => false,
        };
        if !is_new {
            return Err(unexpected(what));
        }
    }
    match (bits, compressed) {
        (Some(bits @ (1 | 2 | 4 | 8)), Some(compressed)) if compressed.len() <= COMPRESSED_BYTES_MAX => {
            Ok((bits, compressed))
        }
        _ => Err(unexpected(what)),
    }
}

/// Reads a list that stands by itself (section 4.3): its bits and its zlib data.
pub fn read_compressed_list(bytes: &[u8]) -> Result<(u8, &[u8]), CborError> {
    cbor::whole(bytes, compressed_list)
}

/// Signs a list as a token, which ends at `expires`.
pub fn sign_list(
    secret: &SecretKey,
    id: KeyId,
    uri: &str,
    list: &StatusList,
    issued_at: u64,
    expires: u64,
) -> Vec<u8> {
    let compressed = list.compressed();
    let payload = cbor::written(compressed.len() + 128, |writer| {
        writer.map(4)?.i64(CLAIM_SUBJECT)?.str(uri)?.i64(CLAIM_EXPIRES)?.u64(expires)?;
        writer.i64(CLAIM_ISSUED_AT)?.u64(issued_at)?.i64(CLAIM_STATUS_LIST)?;
        writer.map(2)?.str("bits")?.u8(list.bits)?.str("lst")?.bytes(&compressed)?;
        Ok(())
    });
    let protected = cose::protected(secret.public().algorithm().number(), id.as_bytes(), Some(TYPE));
    let signature = secret.sign(&cose::signed_bytes(&protected, &[], &payload));
    cose::message(&protected, &payload, &signature)
}
