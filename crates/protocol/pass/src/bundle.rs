//! What a checkpoint takes along to work without a network: keys, regimes and status lists, in one file.

use minicbor::{Decoder, Encoder, encode::Write};

use crate::{
    cbor::{self, CborError, Written, unexpected},
    key::KeyRecord,
    regime::Regime,
    statement::Statement,
};

/// Bytes of a bundle.
pub const BUNDLE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Keys of a bundle.
pub const BUNDLE_KEYS_MAX: u64 = 256;
/// Regimes of a bundle, and their lists.
pub const BUNDLE_REGIMES_MAX: u64 = 64;

/// A bundle: deterministic CBOR `[number, issued at, expires, [key…], [regime…], [token of a list…]]`. It is not
/// signed: that it is the city's shows a proof of [`log_entry`] in the city's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// A later one has a higher number.
    pub number: u64,
    /// Seconds since 1970.
    pub issued_at: u64,
    /// After that nothing is accepted by it.
    pub expires: u64,
    pub keys: Vec<KeyRecord>,
    pub regimes: Vec<Regime>,
    pub lists: Vec<Vec<u8>>,
}

impl Bundle {
    pub fn to_bytes(&self) -> Vec<u8> {
        let lists: usize = self.lists.iter().map(Vec::len).sum();
        cbor::written(1024 + lists, |writer| self.write(writer))
    }

    fn write<W: Write>(&self, writer: &mut Encoder<W>) -> Written<W> {
        writer.array(6)?.u64(self.number)?.u64(self.issued_at)?.u64(self.expires)?;
        writer.array(self.keys.len() as u64)?;
        self.keys.iter().try_for_each(|it| it.write(writer))?;
        writer.array(self.regimes.len() as u64)?;
        self.regimes.iter().try_for_each(|it| it.write(writer))?;
        writer.array(self.lists.len() as u64)?;
        self.lists.iter().try_for_each(|it| writer.bytes(it).map(drop))
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, CborError> {
        if bytes.len() > BUNDLE_BYTES_MAX {
            return Err(unexpected("a bundle has at most 4 MiB"));
        }
        let bundle = cbor::whole(bytes, Self::read)?;
        if cbor::is_written(bytes, |writer| bundle.write(writer)) {
            Ok(bundle)
        } else {
            Err(CborError::NotDeterministic)
        }
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, CborError> {
        let many = "a bundle has at most 256 keys, 64 regimes and 64 lists";
        cbor::array_of(decoder, 6, "a bundle is an array of six")?;
        let (number, issued_at, expires) = (decoder.u64()?, decoder.u64()?, decoder.u64()?);
        let keys = cbor::list(decoder, BUNDLE_KEYS_MAX, many, KeyRecord::read)?;
        let regimes = cbor::list(decoder, BUNDLE_REGIMES_MAX, many, Regime::read)?;
        let lists = cbor::list(decoder, BUNDLE_REGIMES_MAX, many, |it| Ok(it.bytes()?.to_vec()))?;
        Ok(Self { number, issued_at, expires, keys, regimes, lists })
    }
}

/// The entry of a transparency log that vouches for the bundle in these bytes: a type line and, in CBOR, SHA-256.
pub fn log_entry(bundle: &[u8]) -> Vec<u8> {
    Statement::Bundle(bundle).to_entry()
}
