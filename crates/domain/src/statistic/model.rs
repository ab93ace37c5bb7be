//! Records and what they come from; pure.

use jiff::civil::Date;
use kernel::{Area, AreaPath, Id, StatisticSet, Timestamp};
use serde::Serialize;

/// One revision of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub county: Id<Area>,
    pub element: String,
    /// What tells it from every other record of the element.
    pub reference: String,
    pub revision: i64,
    pub area: Id<Area>,
    pub path: AreaPath,
    /// The element's period, in its words.
    pub period: String,
    pub day: Date,
    /// Empty for an element without a disaggregation.
    pub option: String,
    /// In hundredths where the element is of money; none where it was withdrawn.
    pub value: Option<i64>,
    pub reported_at: Timestamp,
    /// The data set that it came with.
    pub set: Id<StatisticSet>,
    pub set_name: String,
}

/// What an import changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub added: u64,
    pub corrected: u64,
    pub withdrawn: u64,
    pub unchanged: u64,
}

/// A value of a record is at most this, so that no total of a city can overflow.
pub const VALUE_MAX: i64 = 1_000_000_000_000;
/// Characters of what tells a record from others.
pub const REFERENCE_CHARS_MAX: usize = 100;
