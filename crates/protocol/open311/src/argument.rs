/// One argument that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// As the sender calls it.
    pub argument: String,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Missing,
    /// `lat` without `long`, or the other way round.
    Incomplete,
    NotANumber,
    OutOfRange {
        min: i64,
        max: i64,
    },
    /// Not a date, or one without a zone.
    NotAMoment,
    /// The end lies before the beginning.
    Backwards,
    SpanTooLong {
        days: i64,
    },
    TooLong {
        max: usize,
    },
    TooMany {
        max: usize,
    },
    NotAChoice,
    NotALink,
    NotUtf8,
}

impl Reason {
    pub(crate) fn of(self, argument: &str) -> Fault {
        Fault { argument: argument.to_owned(), reason: self }
    }
}
