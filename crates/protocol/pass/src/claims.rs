//! What a pass says: CWT claims (RFC 8392) in one deterministic form.

use std::fmt;

use minicbor::{Decoder, Encoder, encode::Write};

use crate::cbor::{self, CborError, Written, unexpected};

/// Bytes of the payload of a pass.
pub const CLAIMS_BYTES_MAX: usize = 600;
/// Bytes of the name of a status list.
pub const URI_BYTES_MAX: usize = 200;
/// Bytes of a hint at a name: one character and `*`.
pub const HINT_BYTES_MAX: usize = 4;
const DIGITS_MAX: u16 = 9_999;

const CLAIM_EXPIRES: i64 = 4;
const CLAIM_NOT_BEFORE: i64 = 5;
const CLAIM_ID: i64 = 7;
const CLAIM_STATUS: i64 = 65_535;
const CLAIM_PASS: i64 = -65_537;

/// A pass: no name, no number of a person, no reason, no place. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    pub not_before: u64,
    pub expires: u64,
    pub mark: Mark,
    /// The number of the regime under which it is issued.
    pub regime: u16,
    /// A bit for each class of checkpoint that it opens.
    pub scope: u16,
    pub bearer: Bearer,
}

/// How one pass is told from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// 8 random bytes: it cannot be revoked.
    Random([u8; 8]),
    /// Its place in a status list, drawn at random and never given again; `list` is the list's URI or, shorter, the
    /// regime's number.
    Status { index: u64, list: Box<str> },
}

/// Whom it may be shown by; what a person at the gate can compare with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    Anybody,
    Name(Hint),
    /// And the four digits of the person's number before its last character.
    NameAndDigits(Hint, u16),
}

/// The first character of a name and `*`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    bytes: [u8; HINT_BYTES_MAX],
    length: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hint at a name is one visible character of at most 3 bytes")]
pub struct HintError;

impl Hint {
    /// `王` makes `王*`.
    pub fn new(first: char) -> Result<Self, HintError> {
        let mut bytes = [0; HINT_BYTES_MAX];
        if first.len_utf8() >= HINT_BYTES_MAX || first.is_control() || first.is_whitespace() {
            return Err(HintError);
        }
        let length = first.encode_utf8(&mut bytes).len();
        bytes[length] = b'*';
        Ok(Self { bytes, length: length as u8 + 1 })
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    fn read(text: &str) -> Result<Self, CborError> {
        let mut characters = text.chars();
        let hint = match (characters.next(), characters.next(), characters.next()) {
            (Some(first), Some('*'), None) => Self::new(first).ok(),
            _ => None,
        };
        hint.ok_or_else(|| unexpected("a hint at a name is one character and *"))
    }
}

impl fmt::Debug for Hint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Pass {
    /// The claims as they are signed.
    pub fn to_claims(&self) -> Vec<u8> {
        cbor::written(128, |writer| self.write(writer))
    }

    /// Keys in the order of their bytes: 4, 5, 7, 65535, −65537.
    fn write<W: Write>(&self, writer: &mut Encoder<W>) -> Written<W> {
        writer.map(4)?.i64(CLAIM_EXPIRES)?.u64(self.expires)?.i64(CLAIM_NOT_BEFORE)?.u64(self.not_before)?;
        match &self.mark {
            Mark::Random(bytes) => {
                writer.i64(CLAIM_ID)?.bytes(bytes)?;
            }
            Mark::Status { index, list } => {
                writer.i64(CLAIM_STATUS)?.map(1)?.str("status_list")?.map(2)?;
                writer.str("idx")?.u64(*index)?.str("uri")?.str(list)?;
            }
        }
        writer.i64(CLAIM_PASS)?;
        match &self.bearer {
            Bearer::Anybody => writer.array(2)?.u16(self.regime)?.u16(self.scope)?,
            Bearer::Name(hint) => writer.array(3)?.u16(self.regime)?.u16(self.scope)?.str(hint.as_str())?,
            Bearer::NameAndDigits(hint, digits) => {
                writer.array(4)?.u16(self.regime)?.u16(self.scope)?.str(hint.as_str())?.u16(*digits)?
            }
        };
        Ok(())
    }

    /// Reads claims. Whatever could be written in another way is refused, and so is any claim that is not ours: a new
    /// shape is a new prefix.
    pub fn from_claims(bytes: &[u8]) -> Result<Self, CborError> {
        if bytes.len() > CLAIMS_BYTES_MAX {
            return Err(unexpected("the claims of a pass are short"));
        }
        let pass = cbor::whole(bytes, Self::read)?;
        if cbor::is_written(bytes, |writer| pass.write(writer)) {
            Ok(pass)
        } else {
            Err(CborError::NotDeterministic)
        }
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, CborError> {
        let (mut expires, mut not_before, mut mark, mut pass) = (None, None, None, None);
        let what = "a pass has the claims 4, 5, -65537 and one of 7 and 65535, each of them once";
        for _ in 0..cbor::map(decoder, 4, what)? {
            let is_new = match decoder.i64()? {
                CLAIM_EXPIRES => expires.replace(decoder.u64()?).is_none(),
                CLAIM_NOT_BEFORE => not_before.replace(decoder.u64()?).is_none(),
                CLAIM_ID => {
                    let bytes = decoder.bytes()?.try_into();
                    let bytes = bytes.map_err(|_| unexpected("the id of a pass has 8 bytes"))?;
                    mark.replace(Mark::Random(bytes)).is_none()
                }
                CLAIM_STATUS => mark.replace(status(decoder)?).is_none(),
                CLAIM_PASS => pass.replace(of_regime(decoder)?).is_none(),
                _ => false,
            };
            if !is_new {
                return Err(unexpected(what));
            }
        }
        let (Some(expires), Some(not_before), Some(mark), Some((regime, scope, bearer))) =
            (expires, not_before, mark, pass)
        else {
            return Err(unexpected(what));
        };
        Ok(Self { not_before, expires, mark, regime, scope, bearer })
    }
}

/// `{"status_list": {"idx": n, "uri": s}}`: Token Status List, section 6.3.
fn status(decoder: &mut Decoder<'_>) -> Result<Mark, CborError> {
    let what = "a status is {\"status_list\": {\"idx\": n, \"uri\": s}}";
    let is_status = decoder.map()? == Some(1)
        && decoder.str()? == "status_list"
        && decoder.map()? == Some(2)
        && decoder.str()? == "idx";
    let index = if is_status { decoder.u64()? } else { return Err(unexpected(what)) };
    match decoder.str()? {
        "uri" => Ok(Mark::Status { index, list: cbor::text(decoder, URI_BYTES_MAX, what)?.into() }),
        _ => Err(unexpected(what)),
    }
}

fn of_regime(decoder: &mut Decoder<'_>) -> Result<(u16, u16, Bearer), CborError> {
    let what = "the claim -65537 is [regime, scope, hint at a name?, digits?]";
    let length = cbor::array(decoder, 4, what)?;
    if length < 2 {
        return Err(unexpected(what));
    }
    let (regime, scope) = (decoder.u16()?, decoder.u16()?);
    let hint = if length > 2 { Some(Hint::read(decoder.str()?)?) } else { None };
    let digits = if length > 3 { Some(decoder.u16()?) } else { None };
    let bearer = match (hint, digits) {
        (Some(hint), Some(digits)) if digits <= DIGITS_MAX => Bearer::NameAndDigits(hint, digits),
        (Some(hint), None) => Bearer::Name(hint),
        (None, None) => Bearer::Anybody,
        _ => return Err(unexpected(what)),
    };
    Ok((regime, scope, bearer))
}
