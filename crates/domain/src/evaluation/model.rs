use jiff::{ToSpan, civil};
use kernel::Timestamp;

use super::figure::Figures;
use crate::{Faults, Message, Refusal};

/// From the first moment of a day to the last of another, on the city's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub first: civil::Date,
    pub last: civil::Date,
}

/// Longest period, so that one question stays one.
const DAYS_MAX: i32 = 1_100;

impl Period {
    /// Both as `2026-11-01`.
    pub fn parse(from: &str, to: &str) -> Result<Self, Refusal> {
        let mut faults = Faults::default();
        let mut date = |field: &str, text: &str| {
            let date =
                text.trim().parse::<civil::Date>().ok().filter(|it| (2000..=2100).contains(&it.year()));
            if date.is_none() {
                faults.add(field, Message::new("fault-date"));
            }
            date.unwrap_or_default()
        };
        let period = Self { first: date("from", from), last: date("to", to) };
        faults.check()?;
        if period.last < period.first {
            return Err(Refusal::invalid("to", Message::new("fault-period")));
        }
        if (period.last - period.first).get_days() >= DAYS_MAX {
            return Err(Refusal::invalid("to", Message::new("fault-period-length").with("max", DAYS_MAX)));
        }
        Ok(period)
    }

    /// The calendar month that `at` lies in.
    pub fn month_of(at: Timestamp) -> Self {
        let day = at.civil().date();
        Self { first: day.first_of_month(), last: day.last_of_month() }
    }

    /// The calendar month before this period's first day.
    pub fn month_before(self) -> Self {
        let day = self.first.first_of_month().saturating_sub(1.day());
        Self { first: day.first_of_month(), last: day }
    }

    /// The one before it: as many calendar months before whole months, else as many days before.
    pub fn before(self) -> Self {
        let last = self.first.saturating_sub(1.day());
        let months = i32::from(self.last.year() - self.first.year()) * 12
            + i32::from(self.last.month() - self.first.month())
            + 1;
        let first = match self.is_whole_months() {
            true => self.first.saturating_sub(months.months()),
            false => self.first.saturating_sub(self.last - self.first).saturating_sub(1.day()),
        };
        Self { first, last }
    }

    /// The same days a year earlier; the end of a month stays the end of that month.
    pub fn year_before(self) -> Self {
        let last = self.last.saturating_sub(1.year());
        let last = if self.last == self.last.last_of_month() { last.last_of_month() } else { last };
        Self { first: self.first.saturating_sub(1.year()), last }
    }

    fn is_whole_months(self) -> bool {
        self.first == self.first.first_of_month() && self.last == self.last.last_of_month()
    }

    pub fn start(self) -> Timestamp {
        Timestamp::from_civil(self.first.to_datetime(civil::Time::midnight()))
    }

    /// The first moment after it.
    pub fn end(self) -> Timestamp {
        Timestamp::from_civil(self.last.saturating_add(1.day()).to_datetime(civil::Time::midnight()))
    }
}

/// What the rows of an evaluation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// The areas right below.
    Area,
    /// The bodies that handled, or have to, or gave back.
    Organization,
}

/// Counts as they are, and with what decisions and granted appeals leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub all: Figures,
    pub adjusted: Figures,
}

impl std::ops::AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.adjusted += other.adjusted;
    }
}

/// What stands in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// An area's code, or a body's id; empty for cases that no body had.
    pub key: String,
    pub name: String,
    /// The area is in force, so that it can be asked about.
    pub in_force: bool,
    pub counted: Counted,
}

/// The figures of an area in a period, whole and in parts.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Whether the actor may see the cases behind the figures; an auditor may not.
    pub opens: bool,
    pub total: Counted,
    pub rows: Vec<Row>,
}

/// The whole of the period before (环比) and of the same days a year earlier (同比).
#[derive(Clone, Debug)]
pub struct Comparison {
    pub before: (Period, Counted),
    pub year_before: (Period, Counted),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_whole_days_and_says_what_is_wrong_with_it() {
        let november = Period::parse("2026-11-01", "2026-11-30").unwrap();
        assert_eq!(november.start().to_string(), "2026-11-01T00:00:00+08:00");
        assert_eq!(november.end().to_string(), "2026-12-01T00:00:00+08:00");
        assert_eq!(november, Period::month_of(Timestamp::parse("2026-11-30T23:59:59+08:00").unwrap()));
        assert_eq!(november.month_before(), Period::parse("2026-10-01", "2026-10-31").unwrap());
        let of = |from: &str, to: &str| Period::parse(from, to).unwrap();
        assert_eq!(november.before(), of("2026-10-01", "2026-10-31"));
        assert_eq!(of("2026-01-01", "2026-03-31").before(), of("2025-10-01", "2025-12-31"));
        assert_eq!(of("2026-11-02", "2026-11-08").before(), of("2026-10-26", "2026-11-01"));
        assert_eq!(november.year_before(), of("2025-11-01", "2025-11-30"));
        assert_eq!(of("2025-02-01", "2025-02-28").year_before(), of("2024-02-01", "2024-02-29"));
        assert_eq!(of("2024-02-10", "2024-02-29").year_before(), of("2023-02-10", "2023-02-28"));
        for (from, to) in [("", "2026-11-30"), ("2026-02-30", "2026-03-01"), ("2026-11-02", "2026-11-01")] {
            assert!(matches!(Period::parse(from, to), Err(Refusal::Invalid(_))), "{from} to {to}");
        }
        assert!(Period::parse("2001-01-01", "2099-01-01").is_err(), "a century is not one question");
    }
}
