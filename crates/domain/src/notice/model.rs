use kernel::{Case, Id, Notice as NoticeName, Person, Timestamp};
use policy::Appointment;

/// Unread notices are counted as far as this: whoever has more has enough.
pub const UNREAD_MAX: i64 = 100;

/// Who is told.
#[derive(Clone, Copy, Debug)]
pub enum Recipient<'a> {
    Person(Id<Person>),
    /// Whoever holds it, now or later.
    Office(&'a Appointment),
}

/// One thing that a person or an office is told.
#[derive(Clone, Debug)]
pub struct Notice {
    pub id: Id<NoticeName>,
    pub case: Option<Id<Case>>,
    pub kind: NoticeKind,
    /// What the words need: the case's number, for one.
    pub detail: String,
    pub at: Timestamp,
    /// The reader has seen it.
    pub read: bool,
}

/// Each kind has its words in the locales, as `notice-<kind>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A case waits for the person, or for the body that they work for.
    CaseWaiting,
    /// The case that the person reported has moved.
    CaseMoved,
    /// The time of a case's stage is over.
    CaseOverdue,
    /// The case that the person reported is done and waits for their rating.
    CaseDone,
}

impl NoticeKind {
    const ALL: [NoticeKind; 4] =
        [NoticeKind::CaseWaiting, NoticeKind::CaseMoved, NoticeKind::CaseOverdue, NoticeKind::CaseDone];

    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::CaseWaiting => "case-waiting",
            NoticeKind::CaseMoved => "case-moved",
            NoticeKind::CaseOverdue => "case-overdue",
            NoticeKind::CaseDone => "case-done",
        }
    }

    pub fn parse(text: &str) -> Option<NoticeKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
