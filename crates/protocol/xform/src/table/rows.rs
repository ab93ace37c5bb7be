use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::{Digest, Sha1};

use super::{FormTables, Place, ROOT_TABLE, Repeated, Row, Slot, Source, Table};
use crate::{
    check::{Layout, Refusal, Spot, Submission, own_text},
    form::{FieldId, FieldKind, Form},
};

/// What `encodeURIComponent` leaves as it is.
const IN_KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What the server says of a record. Times as RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    pub submission_date: String,
    pub updated_at: Option<String>,
    pub submitter_id: Option<String>,
    pub submitter_name: Option<String>,
    pub attachments_present: u64,
    pub attachments_expected: u64,
    /// `notDecrypted`, `missingEncryptedFormData`.
    pub status: Option<String>,
    /// `edited`, `hasIssues`, `rejected`, `approved`.
    pub review_state: Option<String>,
    pub device_id: Option<String>,
    pub edits: u64,
    pub form_version: String,
    pub deleted_at: Option<String>,
}

impl System {
    /// By its place among the properties.
    fn text(&self, index: usize) -> Option<Cow<'_, str>> {
        let number = |it: u64| Some(Cow::Owned(it.to_string()));
        let text = |it: &'_ Option<String>| it.as_deref().map(str::to_owned).map(Cow::Owned);
        match index {
            0 => Some(Cow::Borrowed(&self.submission_date)),
            1 => text(&self.updated_at),
            2 => text(&self.submitter_id),
            3 => text(&self.submitter_name),
            4 => number(self.attachments_present),
            5 => number(self.attachments_expected),
            6 => text(&self.status),
            7 => text(&self.review_state),
            8 => text(&self.device_id),
            9 => number(self.edits),
            10 => Some(Cow::Borrowed(&self.form_version)),
            11 => text(&self.deleted_at),
            _ => None,
        }
    }
}

/// The rows of one record in the tables of its form.
#[derive(Debug)]
pub struct RecordRows<'a> {
    form: &'a Form,
    tables: &'a FormTables,
    submission: &'a Submission,
    layout: Layout,
    /// The entry after the last one below each entry.
    ends: Vec<usize>,
    /// The first one, which names the record for ever.
    pub instance_id: String,
    pub system: System,
    number: u128,
}

impl<'a> RecordRows<'a> {
    /// `instance_id` is the record's first, `number` what orders records in time.
    pub fn new(
        tables: &'a FormTables,
        form: &'a Form,
        submission: &'a Submission,
        instance_id: &str,
        number: u128,
        system: System,
    ) -> Result<RecordRows<'a>, Refusal> {
        let layout = submission.layout(form)?;
        let ends = ends(&layout.spots);
        let instance_id = instance_id.to_owned();
        Ok(RecordRows { form, tables, submission, layout, ends, instance_id, system, number })
    }

    /// The rows of the table of this number, in the order of the record.
    pub fn rows(&self, table: usize) -> impl Iterator<Item = FormRow<'_>> {
        let field = self.tables.tables[table].field;
        let entries = self.layout.spots_of(field).iter().enumerate();
        entries.map(move |(index, entry)| FormRow { rows: self, table, entry: *entry, index: index as u32 })
    }

    pub fn tables(&self) -> &'a FormTables {
        self.tables
    }

    fn name(&self, entry: usize) -> &'a str {
        &self.form.field(self.layout.spots[entry].field).name
    }

    fn kind(&self, entry: usize) -> FieldKind {
        self.form.field(self.layout.spots[entry].field).kind
    }

    /// From the one below the root down to this one.
    fn way(&self, entry: usize) -> Vec<usize> {
        let mut way = Vec::new();
        let mut at = entry;
        while let Some(above) = self.layout.spots[at].parent {
            way.push(at);
            at = above;
        }
        way.reverse();
        way
    }

    /// The id of the row at this entry: that of the record, or the hash that Central makes of the way to the row.
    /// The names on the way are the same for all rows of a table, and so no two rows of one have the same text.
    fn id(&self, entry: usize) -> String {
        let way = self.way(entry);
        if way.is_empty() {
            return self.instance_id.clone();
        }
        let mut text = format!("{ROOT_TABLE}#{}", self.instance_id);
        for step in way {
            text.push_str("%%");
            text.push_str(self.name(step));
            text.push('#');
            if self.kind(step) == FieldKind::Repeat {
                text.push_str(&(self.layout.spots[step].position - 1).to_string());
            }
        }
        Sha1::digest(text.as_bytes()).iter().map(|it| format!("{it:02x}")).collect()
    }

    /// As briefcase has it: `uuid:…/base/grid[2]`.
    pub(crate) fn key(&self, entry: usize) -> String {
        let mut key = self.instance_id.clone();
        for step in self.way(entry) {
            key.push('/');
            key.push_str(self.name(step));
            if self.kind(step) == FieldKind::Repeat {
                key.push_str(&format!("[{}]", self.layout.spots[step].position));
            }
        }
        key
    }

    /// The nearest repeat above, or the root.
    pub(crate) fn row_above(&self, entry: usize) -> usize {
        let mut at = entry;
        while let Some(above) = self.layout.spots[at].parent {
            at = above;
            if self.kind(at) == FieldKind::Repeat {
                break;
            }
        }
        at
    }

    /// The answer to a question in the row at this entry.
    pub(crate) fn answer(&self, entry: usize, field: FieldId) -> Option<Cow<'_, str>> {
        let of_field = self.layout.spots_of(field);
        let first = of_field.partition_point(|it| *it < entry);
        let found = of_field.get(first).copied().filter(|it| *it < self.ends[entry])?;
        let value = own_text(&self.submission.document, self.layout.spots[found].source?);
        (!value.is_empty()).then_some(value)
    }
}

/// Entries stand in the order of the document, and so all below one follow it.
fn ends(entries: &[Spot]) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=entries.len()).collect();
    for index in (0..entries.len()).rev() {
        if let Some(parent) = entries[index].parent {
            ends[parent] = ends[parent].max(ends[index]);
        }
    }
    ends
}

/// A row of one of the tables.
#[derive(Clone, Copy, Debug)]
pub struct FormRow<'a> {
    rows: &'a RecordRows<'a>,
    table: usize,
    entry: usize,
    /// Among the rows that the record has in this table.
    index: u32,
}

impl<'a> FormRow<'a> {
    pub fn id(&self) -> String {
        self.rows.id(self.entry)
    }

    pub fn table(&self) -> &'a Table {
        self.rows.tables.table(self.table)
    }

    /// The id of the row that it is, or is in, in a table of this number.
    pub fn id_in(&self, table: usize) -> Option<String> {
        let wanted = self.rows.tables.tables[table].field;
        let mut at = Some(self.entry);
        while let Some(entry) = at {
            let it = self.rows.layout.spots[entry];
            if it.field == wanted {
                return Some(self.rows.id(entry));
            }
            at = it.parent;
        }
        None
    }

    pub(crate) fn record(&self) -> &'a RecordRows<'a> {
        self.rows
    }

    pub(crate) fn entry(&self) -> usize {
        self.entry
    }

    fn source_text(&self, table: usize, slot: usize, entry: usize) -> Option<Cow<'_, str>> {
        match *self.rows.tables.tables[table].sources.get(slot)? {
            Source::Id => Some(Cow::Owned(self.rows.id(entry))),
            Source::ParentId => Some(Cow::Owned(self.rows.id(self.rows.row_above(entry)))),
            Source::System(index) => self.rows.system.text(index),
            Source::Answer(field) => self.rows.answer(entry, field),
        }
    }

    /// Where the rows of a repeat below this row are: `Submissions('uuid%3A1')/base/grid`.
    fn link(&self, table: usize, first: usize) -> String {
        // A quote in a text of OData is doubled.
        let quoted = |it: &str| utf8_percent_encode(&it.replace('\'', "''"), IN_KEY).to_string();
        let mut link = format!("{ROOT_TABLE}('{}')", quoted(&self.rows.instance_id));
        let names = self.rows.tables.table(table).name.split('.').skip(1);
        let way = self.rows.way(first);
        for (index, (step, name)) in way.iter().zip(names).enumerate() {
            link.push('/');
            link.push_str(&utf8_percent_encode(name, IN_KEY).to_string());
            if index + 1 < way.len() && self.rows.kind(*step) == FieldKind::Repeat {
                link.push_str(&format!("('{}')", self.rows.id(*step)));
            }
        }
        link
    }
}

impl Row for FormRow<'_> {
    fn text(&self, slot: Slot) -> Option<Cow<'_, str>> {
        match slot {
            Slot::Own(slot) => self.source_text(self.table, slot, self.entry),
            Slot::Root(slot) => self.source_text(0, slot, 0),
        }
    }

    fn record_id(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.rows.instance_id)
    }

    fn place(&self) -> Place {
        Place { record: self.rows.number, row: self.index }
    }

    fn repeated(&self, table: usize) -> Option<Repeated<'_>> {
        let end = self.rows.ends[self.entry];
        let all = self.rows.layout.spots_of(self.rows.tables.tables[table].field);
        let start = all.partition_point(|it| *it < self.entry);
        let below = &all[start..];
        let below = &below[..below.partition_point(|it| *it < end)];
        let link = self.link(table, *below.first()?);
        let row = |(index, entry): (usize, &usize)| FormRow {
            rows: self.rows,
            table,
            entry: *entry,
            index: (start + index) as u32,
        };
        let rows = below.iter().enumerate().map(row).collect();
        Some(Repeated { link, table: self.rows.tables.table(table), rows })
    }
}
