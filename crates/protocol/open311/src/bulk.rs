//! GeoReport Bulk: the public view as a table (RFC 4180), and as one GeoJSON feature a line.

use serde_json::{Value, json};

use crate::model::Request;

pub const BULK_COLUMNS: [&str; 14] = [
    "service_request_id",
    "requested_datetime",
    "updated_datetime",
    "closed_date",
    "status_description",
    "status_notes",
    "source",
    "service_name",
    "service_subtype",
    "description",
    "agency_responsible",
    "address",
    "lat",
    "long",
];

/// A request with what only the table says of it.
pub struct BulkRow<'a> {
    pub request: &'a Request,
    pub source: &'a str,
    /// The group above the service.
    pub group: &'a str,
}

pub fn bulk_header() -> String {
    line(BULK_COLUMNS.iter().map(|it| (*it).to_owned()))
}

pub fn bulk_row(row: &BulkRow<'_>) -> String {
    let it = row.request;
    let is_closed = it.status == crate::Status::Closed;
    let degrees = |number: Option<f64>| number.map(|it| it.to_string()).unwrap_or_default();
    line([
        it.service_request_id.clone(),
        it.requested.to_string(),
        it.updated.to_string(),
        if is_closed { it.updated.to_string() } else { String::new() },
        it.status.as_str().to_owned(),
        guarded(&it.status_notes),
        guarded(row.source),
        guarded(row.group),
        guarded(&it.service_name),
        guarded(it.description.as_deref().unwrap_or_default()),
        guarded(it.agency_responsible.as_deref().unwrap_or_default()),
        guarded(&it.address),
        degrees(it.position.map(|it| it.0)),
        degrees(it.position.map(|it| it.1)),
    ])
}

/// A request as a GeoJSON feature on a line of its own; its geometry is null where its place is not shown.
pub fn feature_line(request: &Request) -> String {
    let mut properties: Value = serde_json::from_str(&request.node().json()).unwrap_or_default();
    if let Some(fields) = properties.as_object_mut() {
        fields.remove("lat");
        fields.remove("long");
    }
    let point = |(latitude, longitude)| json!({ "type": "Point", "coordinates": [longitude, latitude] });
    let geometry = request.position.map(point);
    let id = &request.service_request_id;
    let feature = json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": properties });
    format!("{feature}\n")
}

/// A spreadsheet runs what begins like a formula.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Nothing fails when a vector is written to.
    let written = writer.write_record(cells);
    debug_assert!(written.is_ok());
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
