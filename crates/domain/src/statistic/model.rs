//! Records, what they come from, and figures made of them; pure.

use jiff::civil::Date;
use kernel::{Area, AreaPath, Id, StatisticSet, Timestamp};
use serde::Serialize;

use super::expression::Ratio;

/// One revision of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub county: Id<Area>,
    pub element: String,
    /// What tells it from every other record of the element in its county.
    pub reference: String,
    pub revision: i64,
    pub area: Id<Area>,
    pub path: AreaPath,
    pub area_name: String,
    /// The element's period, in its words.
    pub period: String,
    pub day: Date,
    /// Empty for an element without a disaggregation.
    pub option: String,
    /// In hundredths where the element is of money; none where it was withdrawn.
    pub value: Option<i64>,
    pub reported_at: Timestamp,
    /// What it came with.
    pub set: Id<StatisticSet>,
    /// Empty where the city's own tables were counted.
    pub set_name: String,
}

/// What brought records in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Empty, as the provenance, for the city's own tables.
    pub name: String,
    pub provenance: String,
    pub received_at: Timestamp,
}

/// An indicator's value in an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Code of the indicator.
    pub code: String,
    pub value: State,
    /// It is made of counts of persons that were rounded for whoever may not see them.
    pub is_coarse: bool,
    /// How many records it is made of; none where the value is hidden.
    pub records: i64,
    /// When a record of it last came in, was corrected or withdrawn. Only the day is to be shown where it is coarse.
    pub latest_at: Option<Timestamp>,
    /// What it is of, in the words of periods, of its first element: one, or the first and the last.
    pub periods: Option<(String, String)>,
    pub completeness: Option<Completeness>,
}

impl Figure {
    /// Nothing was reported.
    pub fn none(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            value: State::None,
            is_coarse: false,
            records: 0,
            latest_at: None,
            periods: None,
            completeness: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Value(Ratio),
    /// Nothing was reported, or something would be divided by zero.
    None,
    /// It is, or would give away, a small count of persons.
    Hidden,
}

/// How many reports are expected, of each area in force that reports and each period that has begun, and how many of them
/// are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completeness {
    pub expected: i64,
    pub arrived: i64,
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
