use kernel::{AreaPath, Case, Id, Organization, Person};

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Resource<'a> {
    /// The city as a whole: what lies in no area.
    City,
    Area {
        path: &'a AreaPath,
    },
    Organization {
        id: Id<Organization>,
        area: &'a AreaPath,
    },
    Case(&'a CaseFacts),
    Supervision(&'a SupervisionFacts),
    Answer(&'a AnswerFacts),
    /// A person's record; `area` is where they live.
    Person {
        id: Id<Person>,
        area: &'a AreaPath,
    },
    /// What a person signs in with; `area` is where they work, or live.
    Account {
        person: Id<Person>,
        area: &'a AreaPath,
    },
    /// A journal entry about something in `area`.
    Journal {
        area: &'a AreaPath,
    },
}

impl<'a> Resource<'a> {
    /// The entity type's name in the schema.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Resource::City => "City",
            Resource::Area { .. } => "Area",
            Resource::Organization { .. } => "Organization",
            Resource::Case(_) => "Case",
            Resource::Supervision(_) => "Supervision",
            Resource::Answer(_) => "Answer",
            Resource::Person { .. } => "Person",
            Resource::Account { .. } => "Account",
            Resource::Journal { .. } => "Journal",
        }
    }

    /// Where it lies.
    pub(crate) fn area(self) -> Option<&'a AreaPath> {
        match self {
            Resource::City => None,
            Resource::Case(facts) => Some(&facts.area),
            Resource::Supervision(facts) => Some(&facts.area),
            Resource::Answer(facts) => Some(&facts.unit),
            Resource::Area { path: area }
            | Resource::Organization { area, .. }
            | Resource::Person { area, .. }
            | Resource::Account { area, .. }
            | Resource::Journal { area } => Some(area),
        }
    }
}

/// What of a case decides who may do what with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    pub id: Id<Case>,
    pub area: AreaPath,
    /// The organization that has to handle it now.
    pub owner: Option<Id<Organization>>,
    /// The organization that has the case that this one supports.
    pub lead: Option<Id<Organization>>,
    /// None when it was reported without an account.
    pub reporter: Option<Id<Person>>,
    /// It stands at the stage at which a report is verified before filing.
    pub verifying: bool,
    /// Its reporter lets the body that has it know who they are.
    pub contact_shared: bool,
    /// Organizations that were ever to handle it, the present owner included once it has begun.
    pub handling_organizations: Vec<Id<Organization>>,
    pub handlers: Vec<Id<Person>>,
    pub dispatchers: Vec<Id<Person>>,
    pub verifiers: Vec<Id<Person>>,
    /// Who closed it, or passed its check, before it was opened again, or sent it in its reporter's name.
    pub closers: Vec<Id<Person>>,
    /// The area of the office that last sent it to a body; none where the list did.
    pub sent_from: Option<AreaPath>,
}

/// What of an order to reply about a case decides who may do what with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupervisionFacts {
    /// Of the office that ordered it.
    pub area: AreaPath,
    /// The body of that office.
    pub ordered_by: Id<Organization>,
    /// The body that has to reply.
    pub organization: Id<Organization>,
    pub repliers: Vec<Id<Person>>,
}

/// What of a campaign's record decides who may do what with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFacts {
    /// The unit that is asked, or in which the person works who is.
    pub unit: AreaPath,
    /// Who is asked, where people are and not units.
    pub person: Option<Id<Person>>,
    /// Who wrote or changed it; none of what is not there yet.
    pub authors: Vec<Id<Person>>,
}

impl CaseFacts {
    /// A case in which nobody has had a part yet.
    pub fn new(id: Id<Case>, area: AreaPath) -> Self {
        Self {
            id,
            area,
            owner: None,
            lead: None,
            reporter: None,
            verifying: false,
            contact_shared: false,
            handling_organizations: Vec::new(),
            handlers: Vec::new(),
            dispatchers: Vec::new(),
            verifiers: Vec::new(),
            closers: Vec::new(),
            sent_from: None,
        }
    }

    /// The area that it was sent from, if there is one above that.
    pub(crate) fn sender(&self) -> Option<&AreaPath> {
        self.sent_from.as_ref().filter(|it| self.area.is_within(it) && it.codes().count() > 1)
    }
}
