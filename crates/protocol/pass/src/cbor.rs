//! What all CBOR here has in common: deterministic (RFC 8949, section 4.2.1), and bounded before anything is made of it.

use minicbor::{
    Decoder, Encoder,
    decode::Error,
    encode::{self, Write},
};

/// Whatever is written to.
pub(crate) type Written<W> = Result<(), encode::Error<<W as Write>::Error>>;

/// The bytes that `write` makes.
pub(crate) fn written(
    capacity: usize,
    write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written<Vec<u8>>,
) -> Vec<u8> {
    let mut writer = Encoder::new(Vec::with_capacity(capacity));
    match write(&mut writer) {
        Ok(()) => writer.into_writer(),
        // Nothing can go wrong in memory; nothing that is written has an encoder of its own that could refuse.
        Err(_) => Vec::new(),
    }
}

/// Bytes that are compared with what is written, so that nothing is set aside for it.
pub(crate) struct Expected<'b>(&'b [u8]);

/// What is written is not what was expected.
#[derive(Debug)]
pub(crate) struct Different;

impl Write for Expected<'_> {
    type Error = Different;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Different> {
        self.0 = self.0.strip_prefix(bytes).ok_or(Different)?;
        Ok(())
    }
}

/// Whether `write` makes these bytes.
pub(crate) fn is_written<'b>(
    bytes: &'b [u8],
    write: impl FnOnce(&mut Encoder<Expected<'b>>) -> Written<Expected<'b>>,
) -> bool {
    let mut writer = Encoder::new(Expected(bytes));
    write(&mut writer).is_ok() && writer.into_writer().0.is_empty()
}

/// Levels of arrays, maps and tags: more than a pass has.
const DEPTH_MAX: u32 = 6;

/// Whether these bytes are one value in the one deterministic form, of what passes are made of: whole numbers, bytes, texts,
/// arrays, maps, tags and null.
pub(crate) fn is_deterministic(bytes: &[u8]) -> bool {
    item(bytes, 0).is_some_and(<[u8]>::is_empty)
}

/// What follows the value at the beginning.
fn item(bytes: &[u8], depth: u32) -> Option<&[u8]> {
    if depth > DEPTH_MAX {
        return None;
    }
    let (first, rest) = bytes.split_first()?;
    let (major, minor) = (first >> 5, first & 31);
    if major == 7 {
        return (minor == 22).then_some(rest);
    }
    let (argument, mut rest) = argument(minor, rest)?;
    match major {
        0 | 1 => {}
        2 | 3 => {
            let (taken, behind) = rest.split_at_checked(usize::try_from(argument).ok()?)?;
            if major == 3 && std::str::from_utf8(taken).is_err() {
                return None;
            }
            rest = behind;
        }
        4 => {
            for _ in 0..argument {
                rest = item(rest, depth + 1)?;
            }
        }
        5 => {
            let mut before: &[u8] = &[];
            for _ in 0..argument {
                let behind = item(rest, depth + 1)?;
                let (key, _) = rest.split_at_checked(rest.len() - behind.len())?;
                // In order, and each once.
                if key <= before {
                    return None;
                }
                before = key;
                rest = item(behind, depth + 1)?;
            }
        }
        _ => rest = item(rest, depth + 1)?,
    }
    Some(rest)
}

/// A number, length or tag in its shortest form, and what follows it.
fn argument(minor: u8, bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (width, least) = match minor {
        0..24 => return Some((minor.into(), bytes)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return None,
    };
    let (taken, rest) = bytes.split_at_checked(width)?;
    let value = taken.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
    (value >= least).then_some((value, rest))
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    #[error("the CBOR has {0} bytes too many")]
    Trailing(usize),
    #[error("the CBOR is not as it should be: {0}")]
    Shape(String),
    #[error("the CBOR is not deterministic: written anew it has other bytes")]
    NotDeterministic,
}

impl From<Error> for CborError {
    fn from(error: Error) -> Self {
        Self::Shape(error.to_string())
    }
}

/// That which is expected is not there.
pub(crate) fn unexpected(what: &'static str) -> CborError {
    CborError::Shape(what.to_owned())
}

/// All of `bytes` through `read`.
pub(crate) fn whole<'b, T>(
    bytes: &'b [u8],
    read: impl FnOnce(&mut Decoder<'b>) -> Result<T, CborError>,
) -> Result<T, CborError> {
    let mut decoder = Decoder::new(bytes);
    let value = read(&mut decoder)?;
    match bytes.len() - decoder.position() {
        0 => Ok(value),
        rest => Err(CborError::Trailing(rest)),
    }
}

/// The length of an array of so many at most.
pub(crate) fn array(decoder: &mut Decoder<'_>, max: u64, what: &'static str) -> Result<u64, CborError> {
    decoder.array()?.filter(|it| *it <= max).ok_or_else(|| unexpected(what))
}

/// An array of exactly so many.
pub(crate) fn array_of(decoder: &mut Decoder<'_>, length: u64, what: &'static str) -> Result<(), CborError> {
    decoder.array()?.filter(|it| *it == length).map(drop).ok_or_else(|| unexpected(what))
}

/// The length of a map of so many pairs at most.
pub(crate) fn map(decoder: &mut Decoder<'_>, max: u64, what: &'static str) -> Result<u64, CborError> {
    decoder.map()?.filter(|it| *it <= max).ok_or_else(|| unexpected(what))
}

/// A text of so many bytes at most.
pub(crate) fn text<'b>(
    decoder: &mut Decoder<'b>,
    bytes_max: usize,
    what: &'static str,
) -> Result<&'b str, CborError> {
    let text = decoder.str()?;
    if text.len() <= bytes_max { Ok(text) } else { Err(unexpected(what)) }
}

/// A list read item by item; nothing is set aside for a length that is only claimed.
pub(crate) fn list<'b, T>(
    decoder: &mut Decoder<'b>,
    max: u64,
    what: &'static str,
    mut read: impl FnMut(&mut Decoder<'b>) -> Result<T, CborError>,
) -> Result<Vec<T>, CborError> {
    let mut items = Vec::new();
    for _ in 0..array(decoder, max, what)? {
        items.push(read(decoder)?);
    }
    Ok(items)
}
