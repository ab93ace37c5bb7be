//! The answers of all records that count, held small: a number for a choice, no text.

use std::{borrow::Cow, collections::HashMap};

use jiff::{
    civil::{Date, DateTime},
    tz::Offset,
};
use kernel::{AreaPath, Campaign, Id, Timestamp};
use uuid::Uuid;
use xform::{form::DataType, table};

use super::{
    model::{Kind, Question},
    query::Answer,
    question::Asked,
};

/// Open answers of one question that stand beside its counts.
const SAMPLES: usize = 5;

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// A rule left the question out.
    NotAsked,
    Blank,
    /// Nothing of its kind; a valid record has none of these.
    Unreadable,
    /// The number of a choice.
    One(u32),
    /// The number of a set of choices.
    Several(u32),
    Number(f64),
    /// Months since the year 0, or the hour of a time.
    Period(i32),
    /// There is something, which is not held.
    There,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub record: u32,
    /// Of the instance of the repeat; 0 of the record itself.
    pub row: u32,
    pub value: Value,
}

/// A record that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// Numbers of what it answers for.
    pub unit: Option<u32>,
    pub area: Option<u32>,
    pub campaign: Option<u32>,
}

/// Which records were looked at, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    pub counted: i64,
    /// They break the form's rules.
    pub invalid: i64,
    /// A rule could not be evaluated.
    pub unchecked: i64,
    /// They were given back and not mended yet.
    pub returned: i64,
    /// What they said is deleted by now.
    pub forgotten: i64,
    /// When the first and the last of those that count arrived.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub versions: usize,
}

/// An open answer, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub instance_id: String,
    pub text: String,
}

/// Numbers for things, in the order in which they were met.
#[derive(Debug)]
struct Numbered<T> {
    all: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn new() -> Self {
        Self { all: Vec::new(), numbers: HashMap::new() }
    }

    fn number(&mut self, of: T) -> u32 {
        let all = &mut self.all;
        *self.numbers.entry(of).or_insert_with_key(|it| {
            all.push(it.clone());
            all.len() as u32 - 1
        })
    }
}

/// What the records of a form say together.
pub struct Answers {
    pub questions: Vec<Question>,
    pub basis: Basis,
    /// The campaigns that asked for any record of the form, whichever is looked at.
    pub campaigns: Vec<(Id<Campaign>, String)>,
    /// The place of the code of the tier below the area that asks, in the path of a unit.
    pub(super) below: Option<usize>,
    pub(super) columns: Vec<Vec<Entry>>,
    pub(super) sets: Vec<Vec<u32>>,
    pub(super) records: Vec<Counted>,
    pub(super) units: Vec<Uuid>,
    pub(super) areas: Vec<AreaPath>,
    pub(super) asked_by: Vec<Id<Campaign>>,
    pub(super) samples: Vec<Vec<Sample>>,
}

impl Answers {
    /// A question with choices or without by what names it in addresses.
    pub fn question(&self, key: &str) -> Option<usize> {
        self.questions.iter().position(|it| it.key == key)
    }
}

/// Takes answers in as records are read.
pub(super) struct Builder {
    columns: Vec<Vec<Entry>>,
    sets: Numbered<Vec<u32>>,
    records: Vec<Counted>,
    units: Numbered<Uuid>,
    areas: Numbered<AreaPath>,
    asked_by: Numbered<Id<Campaign>>,
    samples: Vec<Vec<Sample>>,
    pub held: usize,
}

impl Builder {
    pub fn new() -> Self {
        Self {
            columns: Vec::new(),
            sets: Numbered::new(),
            records: Vec::new(),
            units: Numbered::new(),
            areas: Numbered::new(),
            asked_by: Numbered::new(),
            samples: Vec::new(),
            held: 0,
        }
    }

    /// Begins the next record; gives its number.
    pub fn record(&mut self, unit: Option<&crate::form::Unit>) -> u32 {
        let counted = Counted {
            unit: unit.map(|it| self.units.number(it.id)),
            area: unit.map(|it| self.areas.number(it.path.clone())),
            campaign: unit.map(|it| self.asked_by.number(it.campaign)),
        };
        self.records.push(counted);
        self.records.len() as u32 - 1
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Takes an answer of the record with this number and first instance id.
    pub fn answer(&mut self, asked: &mut Asked, (record, instance_id): (u32, &str), answer: &Answer) {
        let (question, row) = (answer.question, answer.row);
        if self.columns.len() < asked.questions.len() {
            self.columns.resize_with(asked.questions.len(), Vec::new);
            self.samples.resize_with(asked.questions.len(), Vec::new);
        }
        let kind = asked.questions[question].kind;
        let text = answer.text.as_deref().map(str::trim);
        let value = match text {
            None if answer.is_always_asked => Value::Blank,
            None => Value::NotAsked,
            Some("") => Value::Blank,
            Some(text) => self.value(asked, question, text),
        };
        if value == Value::There && kind == Kind::Text && self.samples[question].len() < SAMPLES {
            let text = text.unwrap_or_default().to_owned();
            self.samples[question].push(Sample { instance_id: instance_id.to_owned(), text });
        }
        self.held += 1;
        self.columns[question].push(Entry { record, row, value });
    }

    fn value(&mut self, asked: &mut Asked, question: usize, text: &str) -> Value {
        match asked.questions[question].kind {
            Kind::One => Value::One(asked.choice(question, text)),
            Kind::Several => {
                let mut chosen: Vec<u32> =
                    text.split_ascii_whitespace().map(|it| asked.choice(question, it)).collect();
                chosen.sort_unstable();
                chosen.dedup();
                Value::Several(self.sets.number(chosen))
            }
            Kind::Integer | Kind::Decimal => number(text).map_or(Value::Unreadable, Value::Number),
            Kind::Date => period(DataType::Date, text),
            Kind::Moment => period(DataType::DateTime, text),
            Kind::Time => period(DataType::Time, text),
            Kind::Text | Kind::Other => Value::There,
        }
    }

    pub fn finish(mut self, asked: Asked, basis: Basis) -> Answers {
        self.columns.resize_with(asked.questions.len(), Vec::new);
        self.samples.resize_with(asked.questions.len(), Vec::new);
        Answers {
            questions: asked.questions,
            basis,
            campaigns: Vec::new(),
            below: None,
            columns: self.columns,
            sets: self.sets.all,
            records: self.records,
            units: self.units.all,
            areas: self.areas.all,
            asked_by: self.asked_by.all,
            samples: self.samples,
        }
    }
}

fn number(text: &str) -> Option<f64> {
    match table::Value::new(DataType::Decimal, Cow::Borrowed(text)) {
        table::Value::Decimal(number) if number.is_finite() => Some(number),
        table::Value::Integer(number) => Some(number as f64),
        _ => None,
    }
}

fn period(data_type: DataType, text: &str) -> Value {
    let month = |date: Date| Value::Period(i32::from(date.year()) * 12 + i32::from(date.month()) - 1);
    match table::Value::new(data_type, Cow::Borrowed(text)) {
        table::Value::Date(date) => month(date),
        table::Value::DateTime(local, None) => month(local.date()),
        table::Value::DateTime(local, Some(offset)) => month(in_china(local, offset).date()),
        table::Value::Time(time) => Value::Period(i32::from(time.hour())),
        _ => Value::Unreadable,
    }
}

fn in_china(local: DateTime, offset: Offset) -> DateTime {
    offset.to_timestamp(local).map_or(local, |it| Timestamp::from_micros(it.as_microsecond()).civil())
}
