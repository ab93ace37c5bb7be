use kernel::{Case, Id, Notice as NoticeName, Person, Timestamp};
use policy::Appointment;
use uuid::Uuid;

use crate::{Cursor, Message, Refusal};

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
    /// The order for passes that it is about.
    pub regime: Option<u16>,
    pub kind: NoticeKind,
    /// What the words need: the case's number, for one.
    pub detail: String,
    pub at: Timestamp,
    /// The reader has seen it.
    pub read: bool,
}

impl Notice {
    pub fn position(&self) -> Position {
        Position { at: self.at, id: self.id }
    }
}

/// Where a notice stands in the order of lists. The moment alone would not tell: several notices may share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub at: Timestamp,
    pub id: Id<NoticeName>,
}

impl Position {
    /// After every notice of that moment.
    pub fn after_all_of(at: Timestamp) -> Self {
        Self { at, id: Id::from_uuid(Uuid::max()) }
    }

    /// Opaque to clients.
    pub fn encode(self) -> String {
        Cursor::new([self.at.micros().to_string(), self.id.to_string()]).encode()
    }

    /// What `encode` gave, as a client sends it back in the field `until`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let part = || {
            let cursor = Cursor::decode(text)?;
            Ok::<_, Refusal>(Self { at: Timestamp::from_micros(cursor.part(0)?), id: cursor.part(1)? })
        };
        part().map_err(|_| Refusal::invalid("until", Message::new("fault-until")))
    }
}

/// Each kind has its words in the locales, as `notice-<kind>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A case waits for the person, or for the body that they work for.
    CaseWaiting,
    /// The case that the person reported has moved.
    CaseMoved,
    /// A part of the time of a case's stage has run.
    CaseAlarm,
    /// The time of a case's stage is over.
    CaseOverdue,
    /// The case that the person reported is done and waits for their rating.
    CaseDone,
    /// A pause or more time is asked for, and is theirs to decide.
    CaseReliefAsked,
    /// What they asked for was decided.
    CaseReliefDecided,
    /// Nobody has entered the holidays of a year that is near.
    CalendarMissing,
    /// A closed case was opened again, for those who closed or handled it and those above.
    CaseReopened,
    /// A leader ordered a reply about a case, or asks for another.
    SupervisionOrdered,
    /// The body that was asked has replied.
    SupervisionReplied,
    /// The reply is late.
    SupervisionLate,
    /// The order is over.
    SupervisionEnded,
    /// The case that the person reported is left out of the evaluation; it is answered all the same.
    CaseExcluded,
    /// It counts again.
    CaseCounted,
    /// A claim about what a case counts for waits for the office's word.
    ClaimWaiting,
    /// Nobody has said it in time.
    ClaimOverdue,
    /// The appeal of the body has been decided.
    AppealDecided,
    /// The case was found to be a second report of another, with which it goes on.
    CaseMerged,
    /// A record that the person sent was given back to be mended.
    RecordReturned,
    /// A campaign asks for a record.
    CampaignAsked,
    /// It is not there yet.
    CampaignReminded,
    /// It is late.
    CampaignDue,
    /// All whom the office asked have answered.
    CampaignComplete,
    /// What the office asked takes no more records.
    CampaignEnded,
    /// A witness of the journal's log has not cosigned for longer than it may.
    WitnessSilent,
    /// The journal's log is not what was signed, or entries of the journal were put in or changed.
    LogBroken,
    /// Something about passes that another body proposed waits for the office's word.
    PassDecisionWaiting,
    /// What the body proposed about passes was decided.
    PassDecided,
    /// The rule gives the person no pass; the page says why.
    PassRefused,
    /// Passes of the person were revoked, by rule.
    PassRevoked,
    /// Entries about who read the person's record, which were withheld by law, are shown now.
    ReadingsShown,
    /// A community states that somebody looks after the person, and may get passes for them.
    PassGuardian,
    /// Who might act for the person, by their mandate or as a guardian, does so no more.
    PassHelperGone,
    /// Somebody got a pass in the person's name.
    PassGivenFor,
}

impl NoticeKind {
    const ALL: [NoticeKind; 35] = [
        NoticeKind::CaseWaiting,
        NoticeKind::CaseMoved,
        NoticeKind::CaseAlarm,
        NoticeKind::CaseOverdue,
        NoticeKind::CaseDone,
        NoticeKind::CaseReliefAsked,
        NoticeKind::CaseReliefDecided,
        NoticeKind::CalendarMissing,
        NoticeKind::CaseReopened,
        NoticeKind::SupervisionOrdered,
        NoticeKind::SupervisionReplied,
        NoticeKind::SupervisionLate,
        NoticeKind::SupervisionEnded,
        NoticeKind::CaseExcluded,
        NoticeKind::CaseCounted,
        NoticeKind::ClaimWaiting,
        NoticeKind::ClaimOverdue,
        NoticeKind::AppealDecided,
        NoticeKind::CaseMerged,
        NoticeKind::RecordReturned,
        NoticeKind::CampaignAsked,
        NoticeKind::CampaignReminded,
        NoticeKind::CampaignDue,
        NoticeKind::CampaignComplete,
        NoticeKind::CampaignEnded,
        NoticeKind::WitnessSilent,
        NoticeKind::LogBroken,
        NoticeKind::PassDecisionWaiting,
        NoticeKind::PassDecided,
        NoticeKind::PassRefused,
        NoticeKind::PassRevoked,
        NoticeKind::ReadingsShown,
        NoticeKind::PassGuardian,
        NoticeKind::PassHelperGone,
        NoticeKind::PassGivenFor,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::CaseWaiting => "case-waiting",
            NoticeKind::CaseMoved => "case-moved",
            NoticeKind::CaseAlarm => "case-alarm",
            NoticeKind::CaseOverdue => "case-overdue",
            NoticeKind::CaseDone => "case-done",
            NoticeKind::CaseReliefAsked => "case-relief-asked",
            NoticeKind::CaseReliefDecided => "case-relief-decided",
            NoticeKind::CalendarMissing => "calendar-missing",
            NoticeKind::CaseReopened => "case-reopened",
            NoticeKind::SupervisionOrdered => "supervision-ordered",
            NoticeKind::SupervisionReplied => "supervision-replied",
            NoticeKind::SupervisionLate => "supervision-late",
            NoticeKind::SupervisionEnded => "supervision-ended",
            NoticeKind::CaseExcluded => "case-excluded",
            NoticeKind::CaseCounted => "case-counted",
            NoticeKind::ClaimWaiting => "claim-waiting",
            NoticeKind::ClaimOverdue => "claim-overdue",
            NoticeKind::AppealDecided => "appeal-decided",
            NoticeKind::CaseMerged => "case-merged",
            NoticeKind::RecordReturned => "record-returned",
            NoticeKind::CampaignAsked => "campaign-asked",
            NoticeKind::CampaignReminded => "campaign-reminded",
            NoticeKind::CampaignDue => "campaign-due",
            NoticeKind::CampaignComplete => "campaign-complete",
            NoticeKind::CampaignEnded => "campaign-ended",
            NoticeKind::WitnessSilent => "witness-silent",
            NoticeKind::LogBroken => "log-broken",
            NoticeKind::PassDecisionWaiting => "pass-decision-waiting",
            NoticeKind::PassDecided => "pass-decided",
            NoticeKind::PassRefused => "pass-refused",
            NoticeKind::PassRevoked => "pass-revoked",
            NoticeKind::ReadingsShown => "readings-shown",
            NoticeKind::PassGuardian => "pass-guardian",
            NoticeKind::PassHelperGone => "pass-helper-gone",
            NoticeKind::PassGivenFor => "pass-given-for",
        }
    }

    pub fn parse(text: &str) -> Option<NoticeKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
