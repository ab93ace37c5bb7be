//! The counts and the rates made of them; pure.

macro_rules! figures {
    ($kind:ident, $counts:ident: $($(#[$doc:meta])* $variant:ident = $field:ident),* $(,)?) => {
        /// One count, by its name in the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $kind { $($(#[$doc])* $variant),* }

        impl $kind {
            pub const ALL: &'static [$kind] = &[$($kind::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $($kind::$variant => stringify!($field)),* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text)
            }
        }

        /// The counts of one row in one period.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $counts { $(pub $field: i64),* }

        impl $counts {
            pub fn get(&self, figure: $kind) -> i64 {
                match figure { $($kind::$variant => self.$field),* }
            }
        }

        impl std::ops::AddAssign for $counts {
            fn add_assign(&mut self, other: Self) {
                $(self.$field += other.$field;)*
            }
        }
    };
}

figures! {
    Figure, Figures:
    /// Reported in the period.
    Reported = reported,
    /// Of these, filed by its end.
    Registered = registered,
    /// Of those reported, found to be second reports of other cases.
    Repeated = repeated,
    /// Whose handling was due in the period.
    Due = due,
    /// Of these, given to a body; of a body those given to it, whoever has them now.
    Dispatched = dispatched,
    /// Of these, never given back by one; of a body, by it.
    DispatchedRight = dispatched_right,
    /// Of those due, handled by its end, and not sent back since.
    Handled = handled,
    /// Of these, by the time they were due.
    HandledOnTime = handled_on_time,
    /// Of those due, not handled by its end: overdue and open.
    Unhandled = unhandled,
    /// Of those given to a body, given back at least once; of a body, by it.
    Returned = returned,
    /// Of those handled, sent back for rework at least once; of a body, what it had handled.
    Reworked = reworked,
    /// Of those due, those on which the work had ended at least once by its end.
    Ended = ended,
    /// Of these, opened again by its end.
    Reopened = reopened,
    /// Whose check was due in the period.
    DueToClose = due_to_close,
    /// Of these, passed by the check by its end.
    Closed = closed,
    /// Of these, by the time their check was due.
    ClosedOnTime = closed_on_time,
    /// Whose requester was to be contacted in the period.
    ToContact = to_contact,
    /// Of these, reached by then.
    Contacted = contacted,
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
    /// Of these, open at its end.
    CarriedOpen = carried_open,
    /// Of those due, left out of the adjusted figures by a decision.
    Excluded = excluded,
    /// Of those due, with a granted appeal.
    Exempted = exempted,
}

figures! {
    WorkFigure, WorkFigures:
    /// Filings.
    Filed = filed,
    /// Of these, within the stage's time.
    FiledOnTime = filed_on_time,
    /// Sendings to a body.
    Dispatched = dispatched,
    /// Of these, not given back by the period's end.
    DispatchedRight = dispatched_right,
    /// Closings.
    Closed = closed,
    /// Filings, sendings and closings.
    Done = done,
    /// Of these, sendings that were given back and closings that were reopened, by the period's end.
    Errors = errors,
    /// Reports by grid workers.
    Reports = reports,
    /// Of these, filed by the period's end.
    ValidReports = valid_reports,
    /// Verifications done in the period, and those that came in it and wait.
    VerifyReceived = verify_received,
    /// Of these, done.
    Verified = verified,
    /// Of these, within the stage's time.
    VerifiedOnTime = verified_on_time,
    /// Checks done in the period, and those that came in it and wait.
    CheckReceived = check_received,
    /// Of these, done.
    Checked = checked,
    /// Of these, within the stage's time.
    CheckedOnTime = checked_on_time,
}

/// A share with what it is made of; of nothing it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate<F: 'static> {
    pub name: &'static str,
    pub numerator: F,
    pub denominator: F,
}

const fn rate<F: Copy>(name: &'static str, numerator: F, denominator: F) -> Rate<F> {
    Rate { name, numerator, denominator }
}

/// The rates of areas and bodies, each with its numerator and denominator.
pub const RATES: [Rate<Figure>; 15] = [
    rate("registration", Figure::Registered, Figure::Reported),
    rate("repeat", Figure::Repeated, Figure::Reported),
    rate("dispatch_accuracy", Figure::DispatchedRight, Figure::Dispatched),
    rate("handling", Figure::Handled, Figure::Due),
    rate("on_time_handling", Figure::HandledOnTime, Figure::Due),
    rate("closing", Figure::Closed, Figure::DueToClose),
    rate("on_time_closing", Figure::ClosedOnTime, Figure::DueToClose),
    rate("rework", Figure::Reworked, Figure::Handled),
    rate("reopening", Figure::Reopened, Figure::Ended),
    rate("return", Figure::Returned, Figure::Dispatched),
    rate("response", Figure::Contacted, Figure::ToContact),
    rate("resolution", Figure::Solved, Figure::Rated),
    rate("satisfaction", Figure::Satisfied, Figure::Rated),
    rate("overdue_open", Figure::Unhandled, Figure::Due),
    rate("carried_over_handling", Figure::CarriedHandled, Figure::Carried),
];

/// The rates of acceptors, dispatchers and those who rule.
pub const POST_RATES: [Rate<WorkFigure>; 3] = [
    rate("on_time_filing", WorkFigure::FiledOnTime, WorkFigure::Filed),
    rate("right_dispatch", WorkFigure::DispatchedRight, WorkFigure::Dispatched),
    rate("error", WorkFigure::Errors, WorkFigure::Done),
];

/// The rates of grid workers.
pub const COLLECTOR_RATES: [Rate<WorkFigure>; 3] = [
    rate("valid_reporting", WorkFigure::ValidReports, WorkFigure::Reports),
    rate("on_time_verifying", WorkFigure::VerifiedOnTime, WorkFigure::VerifyReceived),
    rate("on_time_checking", WorkFigure::CheckedOnTime, WorkFigure::CheckReceived),
];

impl<F: Copy> Rate<F> {
    /// In tenths of a percent, rounded half up; none of nothing.
    pub fn permille(self, count: impl Fn(F) -> i64) -> Option<i64> {
        let (part, whole) = (count(self.numerator), count(self.denominator));
        (whole > 0).then(|| (part * 2_000 + whole) / (whole * 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_none_and_others_are_rounded() {
        let figures = Figures { due: 3, handled: 2, ..Figures::default() };
        let of = |name: &str| {
            RATES.iter().find(|rate| rate.name == name).unwrap().permille(|figure| figures.get(figure))
        };
        assert_eq!(of("handling"), Some(667));
        assert_eq!(of("satisfaction"), None);
    }

    #[test]
    fn each_figure_is_found_by_its_name() {
        assert!(Figure::ALL.iter().all(|figure| Figure::parse(figure.as_str()) == Some(*figure)));
        assert!(WorkFigure::ALL.iter().all(|figure| WorkFigure::parse(figure.as_str()) == Some(*figure)));
    }
}
