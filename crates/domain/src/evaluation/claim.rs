//! Claims about what a case counts for: that it be left out (不计入考评), or that a fact be exempted on appeal (申诉); pure.
//!
//! An appeal is no case of its own: it is no work in an area, and must stand in no list, figure or map. It is a claim about
//! one case, in whose timeline each word of it is said.

use kernel::{Claim as ClaimName, Id, Organization, Person, Role, Timestamp};

use crate::case::{Case, Handling, Status};

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The supervision centre leaves a demand out that is unreasonable or out of power.
    Exclusion,
    /// The body that handled it asks for a fact to be exempted.
    Appeal,
}

/// The fact that an appeal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Late,
    Returned,
    Reworked,
}

impl Fact {
    pub const ALL: [Fact; 3] = [Fact::Late, Fact::Returned, Fact::Reworked];

    pub fn as_str(self) -> &'static str {
        match self {
            Fact::Late => "late",
            Fact::Returned => "returned",
            Fact::Reworked => "reworked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    /// Its bit in `case_file.exempt`.
    pub fn bit(self) -> i64 {
        match self {
            Fact::Late => 1,
            Fact::Returned => 2,
            Fact::Reworked => 4,
        }
    }

    /// Whether it is so of a case and of the body that has it, which answers for no return or rework of another.
    pub fn holds(self, case: &Case, own: Handling) -> bool {
        match self {
            Fact::Late => case.due.zip(case.handled_at).is_some_and(|(due, handled)| handled > due),
            Fact::Returned => own.returned,
            Fact::Reworked => own.reworked,
        }
    }
}

/// A word of a claim: by whom, in which office, when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub person: Id<Person>,
    pub role: Role,
    pub organization: Id<Organization>,
    pub at: Timestamp,
    pub note: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    pub granted: bool,
    pub said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: Id<ClaimName>,
    pub kind: Kind,
    /// A ground's id, or a fact's word.
    pub about: String,
    pub asked: Said,
    /// By when whose turn it is has to say something.
    pub due: Timestamp,
    /// What the supervision centre says of an appeal.
    pub first: Option<Ruling>,
    pub last: Option<Ruling>,
    pub revoked: Option<Said>,
}

/// Whose word is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The supervision centre's, on an appeal.
    First,
    /// The one that decides.
    Last,
}

impl Turn {
    /// Who takes it.
    pub fn roles(self, kind: Kind) -> &'static [Role] {
        match (self, kind) {
            (Turn::First, _) | (Turn::Last, Kind::Exclusion) => &[Role::Acceptor],
            (Turn::Last, Kind::Appeal) => &[Role::Leader, Role::Commander],
        }
    }
}

/// Who leaves a case out may ask for it, and who is above may take it back.
pub const PROPOSERS: &[Role] = &[Role::Acceptor];
pub const REVOKERS: &[Role] = &[Role::Leader, Role::Commander];

impl Claim {
    pub fn turn(&self) -> Option<Turn> {
        match (self.kind, &self.first, &self.last) {
            (_, _, Some(_)) => None,
            (Kind::Exclusion, ..) => Some(Turn::Last),
            (Kind::Appeal, None, _) => Some(Turn::First),
            (Kind::Appeal, Some(first), _) => first.granted.then_some(Turn::Last),
        }
    }

    /// Since when the word of whose turn it is is awaited.
    pub fn waits_since(&self) -> Timestamp {
        self.first.as_ref().map_or(self.asked.at, |it| it.said.at)
    }

    /// Granted and not taken back.
    pub fn is_in_force(&self) -> bool {
        self.last.as_ref().is_some_and(|it| it.granted) && self.revoked.is_none()
    }

    /// Those who have said something, and so do not decide it.
    pub fn people(&self) -> Vec<Id<Person>> {
        let rulings = [&self.first, &self.last].into_iter().flatten().map(|it| it.said.person);
        std::iter::once(self.asked.person).chain(rulings).collect()
    }
}

/// What of a case claims in force change: whether it is left out, and which facts are exempted, as bits.
pub fn effect(claims: &[Claim]) -> (bool, i64) {
    let in_force = || claims.iter().filter(|it| it.is_in_force());
    let facts = in_force().filter(|it| it.kind == Kind::Appeal).filter_map(|it| Fact::parse(&it.about));
    (in_force().any(|it| it.kind == Kind::Exclusion), facts.fold(0, |bits, fact| bits | fact.bit()))
}

/// Whether a body may appeal now about a fact: after the closing, within the time, once.
pub fn may_appeal(
    case: &Case,
    claims: &[Claim],
    (fact, own): (Fact, Handling),
    until: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    case.status == Status::Closed
        && fact.holds(case, own)
        && until.is_some_and(|until| now <= until)
        && !claims.iter().any(|it| it.kind == Kind::Appeal && it.about == fact.as_str())
}
