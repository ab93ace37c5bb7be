use percent_encoding::percent_decode_str;

use super::fault::QueryFault;
use crate::table::{FormRow, FormTables};

/// Bytes of a path below `.svc/`.
const ADDRESS_BYTES_MAX: usize = 8_192;

/// What a path below `.svc/` names: a table, or rows of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `Submissions.children.child`
    pub table: String,
    /// The record, if it names one.
    pub record: Option<String>,
    /// The table and the row of a repeat, the last one that is named.
    row: Option<(String, String)>,
}

impl Address {
    /// Reads a path as it was sent, such as `Submissions('uuid%3A1')/children/child('46eb…')/toys/toy`.
    pub fn read(path: &str) -> Result<Address, QueryFault> {
        if path.len() > ADDRESS_BYTES_MAX {
            return Err(QueryFault::Address);
        }
        let mut address = Address { table: String::new(), record: None, row: None };
        for (index, segment) in path.split('/').enumerate() {
            let segment = percent_decode_str(segment).decode_utf8().map_err(|_| QueryFault::Address)?;
            let (name, key) = keyed(&segment).ok_or(QueryFault::Address)?;
            if index > 0 {
                address.table.push('.');
            }
            address.table.push_str(name);
            match key {
                Some(key) if index == 0 => address.record = Some(key),
                Some(key) => address.row = Some((address.table.clone(), key)),
                None => {}
            }
        }
        // What is below a table is below one of its records.
        if path.contains('/') && address.record.is_none() {
            return Err(QueryFault::Address);
        }
        Ok(address)
    }

    /// The number of its table.
    pub fn table(&self, tables: &FormTables) -> Result<usize, QueryFault> {
        if let Some((table, _)) = &self.row {
            tables.find(table).ok_or(QueryFault::Address)?;
        }
        tables.find(&self.table).ok_or(QueryFault::Address)
    }

    /// Whether a row of its record is among those named.
    pub fn names(&self, row: &FormRow<'_>) -> bool {
        let Some((table, key)) = &self.row else { return true };
        let number = row.record().tables().find(table);
        number.and_then(|it| row.id_in(it)).as_ref() == Some(key)
    }
}

/// `child('46eb…')` as its name and key; a quote in a key is doubled.
fn keyed(segment: &str) -> Option<(&str, Option<String>)> {
    if segment.is_empty() {
        return None;
    }
    let Some((name, rest)) = segment.split_once('(') else { return Some((segment, None)) };
    let key = rest.strip_prefix('\'')?.strip_suffix("')")?;
    let is_closed = key.replace("''", "").contains('\'');
    (!name.is_empty() && !is_closed).then(|| (name, Some(key.replace("''", "'"))))
}
