//! What was asked of somebody; pure.

use std::fmt;

use kernel::{Area, AreaPath, Form, Id, Organization, Role, Submission, Timestamp};

/// A limit on forms above this is none.
pub const LIMIT_FORMS_MAX: i64 = 100;
pub const LIMIT_QUESTIONS_MAX: i64 = 10_000;

/// A month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    pub fn of(at: Timestamp) -> Self {
        let date = at.civil().date();
        Self { year: date.year(), month: date.month() }
    }

    /// `2026-11`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        let it = Self { year: year.parse().ok()?, month: month.parse().ok()? };
        (it.year >= 2_000 && (1..=12).contains(&it.month)).then_some(it)
    }

    pub fn first_day(self) -> jiff::civil::Date {
        jiff::civil::Date::constant(self.year, self.month, 1)
    }

    pub fn before(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { month: month - 1, ..self },
        }
    }

    pub fn after(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { month: month + 1, ..self },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

/// What one record cost.
#[derive(Clone, Debug)]
pub struct Spent {
    pub county: Id<Area>,
    pub submission: Id<Submission>,
    pub form: Id<Form>,
    /// The unit for which it answers; of none the area of the post that sent it.
    pub area: Id<Area>,
    /// The post that sent it.
    pub post: Option<(Id<Organization>, Role)>,
    /// Shown and relevant.
    pub questions: i64,
    /// Of these, whose answers another form had brought.
    pub again: i64,
    /// None where nothing tells it.
    pub seconds: Option<i64>,
}

/// Sums of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub forms: i64,
    pub questions: i64,
    pub again: i64,
    pub seconds: i64,
    /// Forms of which the time is known.
    pub timed: i64,
}

impl Line {
    pub(super) fn add(&mut self, other: &Line) {
        self.forms += other.forms;
        self.questions += other.questions;
        self.again += other.again;
        self.seconds += other.seconds;
        self.timed += other.timed;
    }
}

/// What the units and posts of an area have written in a month.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub path: AreaPath,
    pub total: Line,
    /// Right below the area, and the area itself where it wrote: code, sums, and the most that one unit there wrote.
    pub areas: Vec<(AreaPath, Line, Line)>,
    /// Organization, role and sums of posts, the most burdened first.
    pub posts: Vec<(String, Role, Line)>,
    /// There were more units than are read at once.
    pub is_cut: bool,
    /// Those that hold here.
    pub limits: Vec<Limit>,
}

/// The most that a unit or post is asked in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub area: Id<Area>,
    pub path: AreaPath,
    pub forms: Option<i64>,
    pub questions: Option<i64>,
    /// The body that set it.
    pub organization: Id<Organization>,
    pub set_at: Timestamp,
    pub revision: i64,
}

impl Limit {
    /// Whether a unit may be asked so much.
    pub fn allows(&self, forms: i64, questions: i64) -> bool {
        self.forms.is_none_or(|max| forms <= max) && self.questions.is_none_or(|max| questions <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_follow_each_other() {
        let december = Month::parse("2026-12").unwrap();
        assert_eq!(december.after().to_string(), "2027-01");
        assert_eq!(december.after().before(), december);
        for wrong in ["2026-13", "2026-0", "2026-1", "26-01", "2026/01", "", "1999-01", "-026-01"] {
            assert_eq!(Month::parse(wrong), None, "{wrong}");
        }
    }
}
