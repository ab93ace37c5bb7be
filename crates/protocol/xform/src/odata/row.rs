use super::query::Query;
use crate::{
    form::DataType,
    table::{Geometry, Node, Row, Slot, Table, Value, zoned},
};

/// Writes a row as a JSON object: groups as objects, every property with null where nothing is, numbers as numbers.
pub fn write_row(out: &mut Vec<u8>, table: &Table, row: &dyn Row, query: &Query) {
    let nodes = query.selected().unwrap_or(table.nodes());
    Writer { query, out }.object(nodes, table, row, None);
}

struct Writer<'a> {
    query: &'a Query,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    /// As deep as the form. A row within the row above does not name that again.
    fn object(&mut self, nodes: &[Node], table: &Table, row: &dyn Row, left_out: Option<usize>) {
        self.out.push(b'{');
        let mut is_first = true;
        for node in nodes {
            match node {
                Node::Value { slot, .. } if Some(*slot) == left_out => {}
                Node::Value { key, slot } => {
                    self.key(key, &mut is_first);
                    let data_type = table.properties()[*slot].data_type;
                    self.value(data_type, row.text(Slot::Own(*slot)).as_deref());
                }
                Node::Group { key, nodes } => {
                    self.key(key, &mut is_first);
                    self.object(nodes, table, row, None);
                }
                Node::Repeat { key, table } => self.repeat(key, *table, row, &mut is_first),
            }
        }
        self.out.push(b'}');
    }

    fn repeat(&mut self, key: &str, table: usize, row: &dyn Row, is_first: &mut bool) {
        let Some(repeated) = row.repeated(table) else { return };
        self.key(&format!("{key}@odata.navigationLink"), is_first);
        write_text(self.out, &repeated.link);
        if !self.query.expand {
            return;
        }
        self.key(key, is_first);
        self.out.push(b'[');
        for (index, below) in repeated.rows.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.object(repeated.table.nodes(), repeated.table, below, repeated.table.parent_slot());
        }
        self.out.push(b']');
    }

    fn key(&mut self, key: &str, is_first: &mut bool) {
        if !std::mem::take(is_first) {
            self.out.push(b',');
        }
        write_text(self.out, key);
        self.out.push(b':');
    }

    fn value(&mut self, data_type: DataType, text: Option<&str>) {
        let Some(text) = text else { return self.out.extend_from_slice(b"null") };
        match data_type {
            DataType::Int | DataType::Decimal => {
                let number = match Value::new(data_type, text.into()) {
                    Value::Integer(number) => number.to_string(),
                    Value::Decimal(number) => crate::table::decimal_text(number),
                    _ => "null".to_owned(),
                };
                self.out.extend_from_slice(number.as_bytes());
            }
            DataType::Geopoint | DataType::Geotrace | DataType::Geoshape => {
                match Geometry::parse(data_type, text) {
                    None => self.out.extend_from_slice(b"null"),
                    Some(geometry) if self.query.wkt => write_text(self.out, &geometry.to_wkt()),
                    Some(geometry) => {
                        self.out.extend_from_slice(geometry.to_geojson().to_string().as_bytes())
                    }
                }
            }
            DataType::DateTime => write_text(self.out, &zoned(text)),
            _ => write_text(self.out, text),
        }
    }
}

/// A string of JSON.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    // A text written into memory meets no error.
    let _ = serde_json::to_writer(out, text);
}
