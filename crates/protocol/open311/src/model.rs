//! What a server says.

use crate::moment::Moment;

/// A kind of request that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Without dot, slash and comma: it stands in paths and lists.
    pub code: String,
    pub name: String,
    pub description: String,
    /// A definition with attributes is to be fetched.
    pub metadata: bool,
    pub kind: ServiceType,
    pub keywords: Vec<String>,
    pub group: String,
}

/// What a request of a service is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceType {
    /// An id at once.
    Realtime,
    /// A token, for which the id can be asked later.
    Batch,
    /// Nothing.
    Blackbox,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDefinition {
    pub service_code: String,
    pub attributes: Vec<Attribute>,
}

/// A further question of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The sender answers; otherwise `description` is shown only.
    pub variable: bool,
    pub code: String,
    pub datatype: Datatype,
    pub required: bool,
    /// Help for the answer.
    pub datatype_description: String,
    /// From 1.
    pub order: i64,
    /// The question.
    pub description: String,
    pub values: Vec<Choice>,
    pub automated: Option<Automated>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datatype {
    Text,
    String,
    Number,
    Datetime,
    SingleValueList,
    MultiValueList,
}

/// Who fills an attribute in place of the person who reports (mySociety's extension).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automated {
    ServerSet,
    HiddenField,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub key: String,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Open,
    Closed,
}

/// Where a request stands, in mySociety's finer words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    Investigating,
    ActionScheduled,
    InProgress,
    InternalReferral,
    Fixed,
    NoFurtherAction,
    /// What another request is about too.
    Duplicate,
    /// What somebody else than the city has to do with.
    NotCouncilsResponsibility,
    /// Open again after it had been closed.
    Reopen,
    Closed,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Closed => "closed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Status::Open, Status::Closed].into_iter().find(|it| it.as_str() == text)
    }
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Investigating => "investigating",
            Standing::ActionScheduled => "action_scheduled",
            Standing::InProgress => "in_progress",
            Standing::InternalReferral => "internal_referral",
            Standing::Fixed => "fixed",
            Standing::NoFurtherAction => "no_further_action",
            Standing::Duplicate => "duplicate",
            Standing::NotCouncilsResponsibility => "not_councils_responsibility",
            Standing::Reopen => "reopen",
            Standing::Closed => "closed",
        }
    }

    pub fn status(self) -> Status {
        match self {
            Standing::Fixed
            | Standing::NoFurtherAction
            | Standing::Duplicate
            | Standing::NotCouncilsResponsibility
            | Standing::Closed => Status::Closed,
            Standing::Open
            | Standing::Investigating
            | Standing::ActionScheduled
            | Standing::InProgress
            | Standing::InternalReferral
            | Standing::Reopen => Status::Open,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub service_request_id: String,
    pub status: Status,
    pub status_notes: String,
    pub service_name: String,
    pub service_code: String,
    pub description: Option<String>,
    pub agency_responsible: Option<String>,
    pub service_notice: Option<String>,
    pub requested: Moment,
    pub updated: Moment,
    pub expected: Option<Moment>,
    pub address: String,
    pub address_id: String,
    pub zipcode: String,
    /// Latitude and longitude in degrees.
    pub position: Option<(f64, f64)>,
    pub media_url: Option<String>,
    pub extension: Option<Extension>,
}

/// What `extensions=true` adds to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub attributes: Vec<HeldAttribute>,
    pub standing: Standing,
    /// What people call it by.
    pub number: String,
    pub channel: String,
    /// The id of the request that it duplicates and that is handled instead.
    pub parent_service_request_id: Option<String>,
    pub notes: Vec<Note>,
}

/// An attribute with the answer that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAttribute {
    pub label: String,
    /// The answer in words.
    pub name: String,
    pub value: String,
    pub code: String,
}

/// One thing that happened to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub at: Moment,
    pub description: String,
    pub kind: String,
}

/// The answer to a new request: its id, since every service is realtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    pub service_request_id: String,
    pub service_notice: Option<String>,
    pub account_id: Option<String>,
}

/// A change of a request (mySociety's extension `servicerequestupdates`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub update_id: String,
    pub service_request_id: String,
    pub standing: Standing,
    pub updated: Moment,
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    pub changeset: Moment,
    pub contact: String,
    pub key_service: String,
    pub endpoints: Vec<Endpoint>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Without a slash at its end.
    pub url: String,
    pub changeset: Moment,
    pub kind: EndpointType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointType {
    Production,
    Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The HTTP status, or finer.
    pub code: String,
    /// For people.
    pub description: String,
}

impl ServiceType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ServiceType::Realtime => "realtime",
            ServiceType::Batch => "batch",
            ServiceType::Blackbox => "blackbox",
        }
    }
}

impl Datatype {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Datatype::Text => "text",
            Datatype::String => "string",
            Datatype::Number => "number",
            Datatype::Datetime => "datetime",
            Datatype::SingleValueList => "singlevaluelist",
            Datatype::MultiValueList => "multivaluelist",
        }
    }
}

impl Automated {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Automated::ServerSet => "server_set",
            Automated::HiddenField => "hidden_field",
        }
    }
}

impl EndpointType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            EndpointType::Production => "production",
            EndpointType::Test => "test",
        }
    }
}
