//! Under what a pass is issued: an order with an end.

use minicbor::{Decoder, Encoder, data::Type, encode::Write};

use crate::{
    cbor::{self, CborError, Written, unexpected},
    claims::URI_BYTES_MAX,
    status::ENTRIES_MAX,
};

/// Bytes of a title, a basis, an order's number, an office.
pub const REGIME_TEXT_BYTES_MAX: usize = 1_000;
/// Classes of checkpoint: bits of a scope.
pub const SCOPES_MAX: usize = 16;

/// A regime. It has an end by its type; times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regime {
    pub number: u16,
    pub title: String,
    pub legal_basis: String,
    pub order_number: String,
    pub office: String,
    pub start: u64,
    pub end: u64,
    /// What each bit of a scope opens, from the lowest.
    pub scopes: Vec<String>,
    /// How long a pass may be valid, in seconds.
    pub pass_seconds_max: u64,
    /// Where its passes are revoked. None: they cannot be, and have no status.
    pub status: Option<StatusPlace>,
}

/// A status list as a regime announces it: one bit an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPlace {
    pub uri: String,
    pub entries: u64,
}

impl Regime {
    /// Whether a pass may name its list so: by the URI or, shorter, by the regime's number.
    pub(crate) fn is_list(&self, place: &StatusPlace, name: &str) -> bool {
        name == place.uri || (name.len() <= 5 && name == self.number.to_string())
    }

    pub(crate) fn write<W: Write>(&self, writer: &mut Encoder<W>) -> Written<W> {
        writer
            .array(10)?
            .u16(self.number)?
            .str(&self.title)?
            .str(&self.legal_basis)?
            .str(&self.order_number)?;
        writer.str(&self.office)?.u64(self.start)?.u64(self.end)?.array(self.scopes.len() as u64)?;
        for scope in &self.scopes {
            writer.str(scope)?;
        }
        writer.u64(self.pass_seconds_max)?;
        match &self.status {
            None => writer.null()?,
            Some(place) => writer.array(2)?.str(&place.uri)?.u64(place.entries)?,
        };
        Ok(())
    }

    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, CborError> {
        let short = |decoder: &mut Decoder<'_>| -> Result<String, CborError> {
            Ok(cbor::text(decoder, REGIME_TEXT_BYTES_MAX, "the texts of a regime are short")?.to_owned())
        };
        cbor::array_of(decoder, 10, "a regime is an array of ten")?;
        let number = decoder.u16()?;
        let (title, legal_basis, order_number) = (short(decoder)?, short(decoder)?, short(decoder)?);
        let office = short(decoder)?;
        let (start, end) = (decoder.u64()?, decoder.u64()?);
        let scopes = cbor::list(decoder, SCOPES_MAX as u64, "a regime has at most 16 scopes", short)?;
        let pass_seconds_max = decoder.u64()?;
        let status = match decoder.datatype()? {
            Type::Null => {
                decoder.null()?;
                None
            }
            _ => Some(place(decoder)?),
        };
        if start > end {
            return Err(unexpected("a regime ends after it starts"));
        }
        Ok(Self {
            number,
            title,
            legal_basis,
            order_number,
            office,
            start,
            end,
            scopes,
            pass_seconds_max,
            status,
        })
    }
}

fn place(decoder: &mut Decoder<'_>) -> Result<StatusPlace, CborError> {
    cbor::array_of(decoder, 2, "a status list is announced as [uri, entries]")?;
    let uri = cbor::text(decoder, URI_BYTES_MAX, "the URI of a status list is short")?.to_owned();
    let entries = decoder.u64()?;
    let is_whole = entries <= ENTRIES_MAX && entries > 0 && entries.is_multiple_of(8);
    if is_whole {
        Ok(StatusPlace { uri, entries })
    } else {
        Err(unexpected("a status list has whole bytes of entries, not too many"))
    }
}
