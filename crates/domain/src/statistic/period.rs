//! Periods in DHIS2's words: `2020`, `2020Q1`, `202001`, `20200131`; pure.

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    Year,
    Quarter,
    Month,
    Day,
}

/// A year, quarter, month or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    pub kind: PeriodKind,
    pub first: Date,
}

/// Years that are read: what lies outside is a slip of the pen.
pub const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

impl Period {
    /// The period of this kind that holds `date`.
    pub fn of(kind: PeriodKind, date: Date) -> Self {
        let (year, month) = (date.year(), date.month());
        let first = match kind {
            PeriodKind::Year => Date::new(year, 1, 1),
            PeriodKind::Quarter => Date::new(year, (month - 1) / 3 * 3 + 1, 1),
            PeriodKind::Month => Date::new(year, month, 1),
            PeriodKind::Day => Ok(date),
        };
        Self { kind, first: first.unwrap_or(date) }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| -> Option<i8> {
            text.get(range).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
        };
        let year = text.get(..4).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()))?;
        let year: i16 = year.parse().ok().filter(|year| YEARS.contains(year))?;
        let (kind, month, day) = match text.len() {
            4 => (PeriodKind::Year, 1, 1),
            6 if text.as_bytes()[4] == b'Q' => {
                let quarter = number(5..6).filter(|it| (1..=4).contains(it))?;
                (PeriodKind::Quarter, (quarter - 1) * 3 + 1, 1)
            }
            6 => (PeriodKind::Month, number(4..6)?, 1),
            8 => (PeriodKind::Day, number(4..6)?, number(6..8)?),
            _ => return None,
        };
        Some(Self { kind, first: Date::new(year, month, day).ok()? })
    }

    pub fn last(&self) -> Date {
        match self.kind {
            PeriodKind::Year => self.first.last_of_year(),
            PeriodKind::Quarter => {
                Date::new(self.first.year(), self.first.month() + 2, 1).unwrap_or(self.first).last_of_month()
            }
            PeriodKind::Month => self.first.last_of_month(),
            PeriodKind::Day => self.first,
        }
    }

    /// The one right before it; none before the first of [`YEARS`].
    pub fn before(&self) -> Option<Period> {
        let day = self.first.yesterday().ok().filter(|it| YEARS.contains(&it.year()))?;
        Some(Period::of(self.kind, day))
    }

    /// The one right behind it; none behind the last of [`YEARS`].
    pub fn after(&self) -> Option<Period> {
        let day = self.last().tomorrow().ok().filter(|it| YEARS.contains(&it.year()))?;
        Some(Period::of(self.kind, day))
    }

    /// How many periods of its kind there are from this one to `last`; none where that lies before.
    pub fn steps_to(&self, last: Period) -> i64 {
        let (first, last) = (self.first, last.first);
        let months = i64::from(last.year() - first.year()) * 12 + i64::from(last.month() - first.month());
        let steps = match self.kind {
            PeriodKind::Year => months / 12,
            PeriodKind::Quarter => months / 3,
            PeriodKind::Month => months,
            PeriodKind::Day => (last - first).get_days().into(),
        };
        if last < first { 0 } else { steps + 1 }
    }

    /// The first and the last period of `kind` in this one; none where `kind` is coarser.
    pub fn range(&self, kind: PeriodKind) -> Option<(Period, Period)> {
        (kind >= self.kind).then(|| (Period::of(kind, self.first), Period::of(kind, self.last())))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.first.year(), self.first.month(), self.first.day());
        match self.kind {
            PeriodKind::Year => write!(f, "{year:04}"),
            PeriodKind::Quarter => write!(f, "{year:04}Q{}", (month - 1) / 3 + 1),
            PeriodKind::Month => write!(f, "{year:04}{month:02}"),
            PeriodKind::Day => write!(f, "{year:04}{month:02}{day:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_and_written_in_the_same_words() {
        for (text, last) in [
            ("2020", "2020-12-31"),
            ("2020Q1", "2020-03-31"),
            ("202002", "2020-02-29"),
            ("20200131", "2020-01-31"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.to_string().as_str(), period.last().to_string().as_str()), (text, last));
        }
        for text in ["", "20", "2020Q5", "2020Q", "202013", "20200230", "2020-1", "２０２０", "+202", "0001"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_holds_its_months_and_a_month_no_year() {
        let year = Period::parse("2020").unwrap();
        let (first, last) = year.range(PeriodKind::Month).unwrap();
        assert_eq!((first.to_string().as_str(), last.to_string().as_str()), ("202001", "202012"));
        assert_eq!(first.range(PeriodKind::Year), None);
        let steps =
            |first: &str, last: &str| Period::parse(first).unwrap().steps_to(Period::parse(last).unwrap());
        assert_eq!([steps("202011", "202102"), steps("2020Q4", "2021Q1"), steps("2020", "2020")], [4, 2, 1]);
        assert_eq!(
            [steps("20200228", "20200301"), steps("20191231", "20201231"), steps("2021", "2020")],
            [3, 367, 0]
        );
    }
}
