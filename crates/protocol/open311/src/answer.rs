//! What a server says, as documents. Fields stand in the order in which clients were seen to read them.

use crate::{
    document::{Document, Node},
    model::{
        Attribute, Choice, Datatype, Discovery, Endpoint, Error, Extension, Filed, HeldAttribute, Note,
        Request, Service, ServiceDefinition, Standing, Update,
    },
};

const SPECIFICATION: &str = "http://wiki.open311.org/GeoReport_v2";

pub fn services(list: &[Service]) -> Document {
    let item = |it: &Service| {
        Node::Fields(vec![
            ("service_code", Node::text(&it.code)),
            ("service_name", Node::text(&it.name)),
            ("description", Node::text(&it.description)),
            ("metadata", Node::Flag(it.metadata)),
            ("type", Node::text(it.kind.as_str())),
            ("keywords", Node::text(it.keywords.join(","))),
            ("group", Node::text(&it.group)),
        ])
    };
    Document { root: "services", body: Node::List("service", list.iter().map(item).collect()) }
}

pub fn service_definition(it: &ServiceDefinition) -> Document {
    let attributes = Node::List("attribute", it.attributes.iter().map(attribute).collect());
    let fields = vec![("service_code", Node::text(&it.service_code)), ("attributes", attributes)];
    Document { root: "service_definition", body: Node::Fields(fields) }
}

fn attribute(it: &Attribute) -> Node {
    let choice =
        |it: &Choice| Node::Fields(vec![("key", Node::text(&it.key)), ("name", Node::text(&it.name))]);
    let mut fields = vec![
        ("variable", Node::Flag(it.variable)),
        ("code", Node::text(&it.code)),
        ("datatype", Node::text(it.datatype.as_str())),
        ("required", Node::Flag(it.required)),
        ("datatype_description", Node::text(&it.datatype_description)),
        ("order", Node::Integer(it.order)),
        ("description", Node::text(&it.description)),
    ];
    if matches!(it.datatype, Datatype::SingleValueList | Datatype::MultiValueList) {
        fields.push(("values", Node::List("value", it.values.iter().map(choice).collect())));
    }
    fields.extend(it.automated.map(|it| ("automated", Node::text(it.as_str()))));
    Node::Fields(fields)
}

/// Of one request too: it is a list of one.
pub fn requests(list: &[Request]) -> Document {
    Document {
        root: "service_requests",
        body: Node::List("request", list.iter().map(Request::node).collect()),
    }
}

impl Request {
    pub(crate) fn node(&self) -> Node {
        let mut fields = vec![
            ("service_request_id", Node::text(&self.service_request_id)),
            ("status", Node::text(self.status.as_str())),
            ("status_notes", Node::text(&self.status_notes)),
            ("service_name", Node::text(&self.service_name)),
            ("service_code", Node::text(&self.service_code)),
            ("description", Node::optional(self.description.as_deref())),
            ("agency_responsible", Node::optional(self.agency_responsible.as_deref())),
            ("service_notice", Node::optional(self.service_notice.as_deref())),
            ("requested_datetime", Node::text(self.requested.to_string())),
            ("updated_datetime", Node::text(self.updated.to_string())),
        ];
        // An empty element would break a parser of dates.
        fields.extend(self.expected.map(|it| ("expected_datetime", Node::text(it.to_string()))));
        fields.extend([
            ("address", Node::text(&self.address)),
            ("address_id", Node::text(&self.address_id)),
            ("zipcode", Node::text(&self.zipcode)),
        ]);
        if let Some((latitude, longitude)) = self.position {
            fields.extend([("lat", Node::Decimal(latitude)), ("long", Node::Decimal(longitude))]);
        }
        fields.push(("media_url", Node::optional(self.media_url.as_deref())));
        fields.extend(self.extension.iter().flat_map(extension));
        Node::Fields(fields)
    }
}

fn extension(it: &Extension) -> [(&'static str, Node); 3] {
    let attribute = |it: &HeldAttribute| {
        Node::Fields(vec![
            ("label", Node::text(&it.label)),
            ("name", Node::text(&it.name)),
            ("value", Node::text(&it.value)),
            ("code", Node::text(&it.code)),
        ])
    };
    let note = |it: &Note| {
        Node::Fields(vec![
            ("datetime", Node::text(it.at.to_string())),
            ("description", Node::text(&it.description)),
            ("type", Node::text(&it.kind)),
        ])
    };
    let mut further = vec![
        ("number", Node::text(&it.number)),
        ("channel", Node::text(&it.channel)),
        ("status", Node::text(it.standing.as_str())),
        ("duplicate", Node::Flag(it.standing == Standing::Duplicate)),
    ];
    let parent = it.parent_service_request_id.as_ref();
    further.extend(parent.map(|it| ("parent_service_request_id", Node::text(it))));
    [
        ("attributes", Node::List("attribute", it.attributes.iter().map(attribute).collect())),
        ("extended_attributes", Node::Fields(further)),
        ("notes", Node::List("note", it.notes.iter().map(note).collect())),
    ]
}

pub fn filed(it: &Filed) -> Document {
    let fields = vec![
        ("service_request_id", Node::text(&it.service_request_id)),
        ("service_notice", Node::optional(it.service_notice.as_deref())),
        ("account_id", Node::optional(it.account_id.as_deref())),
    ];
    Document { root: "service_requests", body: Node::List("request", vec![Node::Fields(fields)]) }
}

/// The id that a token stands for.
pub fn token(token: &str, service_request_id: &str) -> Document {
    let fields = vec![("service_request_id", Node::text(service_request_id)), ("token", Node::text(token))];
    Document { root: "service_requests", body: Node::List("request", vec![Node::Fields(fields)]) }
}

pub fn updates(list: &[Update]) -> Document {
    let item = |it: &Update| {
        Node::Fields(vec![
            ("update_id", Node::text(&it.update_id)),
            ("service_request_id", Node::text(&it.service_request_id)),
            ("status", Node::text(it.standing.as_str())),
            ("updated_datetime", Node::text(it.updated.to_string())),
            ("description", Node::text(&it.description)),
            ("media_url", Node::Empty),
        ])
    };
    let body = Node::List("request_update", list.iter().map(item).collect());
    Document { root: "service_request_updates", body }
}

/// The answer to an update.
pub fn update_filed(update_id: &str) -> Document {
    let receipt = Node::Fields(vec![("update_id", Node::text(update_id))]);
    Document { root: "service_request_updates", body: Node::List("request_update", vec![receipt]) }
}

pub fn discovery(it: &Discovery) -> Document {
    let formats = || Node::List("format", vec![Node::text("text/xml"), Node::text("application/json")]);
    let endpoint = |it: &Endpoint| {
        Node::Fields(vec![
            ("specification", Node::text(SPECIFICATION)),
            ("url", Node::text(&it.url)),
            ("changeset", Node::text(it.changeset.to_string())),
            ("type", Node::text(it.kind.as_str())),
            ("formats", formats()),
        ])
    };
    let fields = vec![
        ("changeset", Node::text(it.changeset.to_string())),
        ("contact", Node::text(&it.contact)),
        ("key_service", Node::text(&it.key_service)),
        ("endpoints", Node::List("endpoint", it.endpoints.iter().map(endpoint).collect())),
    ];
    Document { root: "discovery", body: Node::Fields(fields) }
}

pub fn errors(list: &[Error]) -> Document {
    let item = |it: &Error| {
        Node::Fields(vec![("code", Node::text(&it.code)), ("description", Node::text(&it.description))])
    };
    Document { root: "errors", body: Node::List("error", list.iter().map(item).collect()) }
}
