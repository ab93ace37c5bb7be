use jiff::{ToSpan, civil};
use kernel::Timestamp;

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
    /// The bodies that handled, or have to.
    Organization,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $variant:ident = $field:ident),* $(,)?) => {
        /// One count, by its name in the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Figure { $($(#[$doc])* $variant),* }

        impl Figure {
            pub const ALL: &'static [Figure] = &[$(Figure::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Figure::$variant => stringify!($field)),* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text)
            }
        }

        /// The counts of one area or body in one period.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Figures { $(pub $field: i64),* }

        impl Figures {
            pub fn get(&self, figure: Figure) -> i64 {
                match figure { $(Figure::$variant => self.$field),* }
            }
        }
    };
}

figures! {
    /// Reported in the period.
    Reported = reported,
    /// Of these, filed by its end.
    Registered = registered,
    /// Whose handling was due in the period.
    Due = due,
    /// Of these, handled by its end, and not sent back since.
    Handled = handled,
    /// Of these, by the time they were due.
    HandledOnTime = handled_on_time,
    /// Of those due, not handled by its end.
    Unhandled = unhandled,
    /// Of those due, passed by the check by its end.
    Passed = passed,
    /// Of those due, given back by a body at least once.
    Returned = returned,
    /// Of those handled, sent back for rework at least once.
    Reworked = reworked,
    /// Of those due, those on which the work had ended at least once by its end.
    Closed = closed,
    /// Of these, opened again by its end.
    Reopened = reopened,
    /// Of those due, rated by their reporters by its end.
    Rated = rated,
    /// Of these, solved as the reporter says.
    Solved = solved,
    /// Of those rated, with three of five or better (基本满意).
    Satisfied = satisfied,
    /// Due before the period and not handled at its start.
    Carried = carried,
    /// Of these, handled in it.
    CarriedHandled = carried_handled,
}

/// A share with what it is made of; of nothing it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub name: &'static str,
    pub numerator: Figure,
    pub denominator: Figure,
}

/// The rates, each with its numerator and denominator.
pub const RATES: [Rate; 10] = [
    rate("registration", Figure::Registered, Figure::Reported),
    rate("handling", Figure::Handled, Figure::Due),
    rate("on_time_handling", Figure::HandledOnTime, Figure::Due),
    rate("closing", Figure::Passed, Figure::Due),
    rate("rework", Figure::Reworked, Figure::Handled),
    rate("reopening", Figure::Reopened, Figure::Closed),
    rate("return", Figure::Returned, Figure::Due),
    rate("resolution", Figure::Solved, Figure::Rated),
    rate("satisfaction", Figure::Satisfied, Figure::Rated),
    rate("carried_over_handling", Figure::CarriedHandled, Figure::Carried),
];

const fn rate(name: &'static str, numerator: Figure, denominator: Figure) -> Rate {
    Rate { name, numerator, denominator }
}

impl Rate {
    /// In tenths of a percent, rounded half up.
    pub fn permille(self, figures: &Figures) -> Option<i64> {
        let (part, whole) = (figures.get(self.numerator), figures.get(self.denominator));
        (whole > 0).then(|| (part * 2_000 + whole) / (whole * 2))
    }
}

/// What stands in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// An area's code, or a body's id; empty for cases that no body had.
    pub key: String,
    pub name: String,
    pub figures: Figures,
}

/// The figures of an area in a period, whole and in parts.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Whether the actor may see the cases behind the figures; an auditor may not.
    pub opens: bool,
    pub total: Figures,
    pub rows: Vec<Row>,
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
        for (from, to) in [("", "2026-11-30"), ("2026-02-30", "2026-03-01"), ("2026-11-02", "2026-11-01")] {
            assert!(matches!(Period::parse(from, to), Err(Refusal::Invalid(_))), "{from} to {to}");
        }
        assert!(Period::parse("2001-01-01", "2099-01-01").is_err(), "a century is not one question");
    }

    #[test]
    fn a_rate_of_nothing_is_none_and_others_are_rounded() {
        let figures = Figures { due: 3, handled: 2, ..Figures::default() };
        let of = |name: &str| RATES.iter().find(|rate| rate.name == name).unwrap().permille(&figures);
        assert_eq!(of("handling"), Some(667));
        assert_eq!(of("satisfaction"), None);
    }

    #[test]
    fn each_figure_is_found_by_its_name() {
        assert!(Figure::ALL.iter().all(|figure| Figure::parse(figure.as_str()) == Some(*figure)));
    }
}
