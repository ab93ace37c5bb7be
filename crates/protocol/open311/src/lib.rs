//! Open311 GeoReport v2 on the wire: services, definitions, requests, updates, tokens, discovery and errors
//! as XML and as JSON, and the arguments that clients send. Pure: no input, no output, no clock.
//!
//! Each answer is a [`Document`], built once and written in either format, so that both carry the same
//! facts. JSON follows the Spark convention: the root is dropped, a container of one repeated element is an
//! array, an empty element is `null`; flags and numbers keep their types.

mod answer;
mod argument;
mod bulk;
mod document;
mod filing;
mod form;
mod model;
mod moment;
mod query;

pub use answer::{
    discovery, errors, filed, requests, service_definition, services, token, update_filed, updates,
};
pub use argument::{Fault, Reason};
pub use bulk::{BULK_COLUMNS, BulkRow, bulk_header, bulk_row, feature_line};
pub use document::{Document, Format};
pub use filing::{DESCRIPTION_CHARS_MAX, Filing, Location, MEDIA_MAX, UpdateFiling};
pub use form::Form;
pub use model::{
    Attribute, Automated, Choice, Datatype, Discovery, Endpoint, EndpointType, Error, Extension, Filed,
    HeldAttribute, Note, Request, Service, ServiceDefinition, ServiceType, Standing, Status, Update,
};
pub use moment::Moment;
pub use query::{
    Box as BoundingBox, EXTENDED_ROWS_MAX, IDS_MAX, Page, ROWS_MAX, RequestQuery, SPAN_SECONDS_MAX,
    UpdateQuery, Window,
};
