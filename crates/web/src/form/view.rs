//! How records are shown, whoever lists them.

use domain::form::{Judged, Review};

use super::asked::encoded;

/// How a record stands: a message, and whether it is bad.
pub fn standing(review: Option<Review>, state: Judged) -> (&'static str, bool) {
    match (review, state) {
        (Some(Review::HasIssues | Review::Rejected), _) => ("forms-state-returned", true),
        (Some(Review::Approved), _) => ("forms-state-approved", false),
        (_, Judged::Valid) => ("forms-state-valid", false),
        (_, Judged::Invalid) => ("forms-state-invalid", true),
        (_, Judged::Unchecked) => ("forms-state-unchecked", false),
    }
}

/// Where the records of a form are.
pub fn records_address(form_id: &str) -> String {
    format!("/forms/{}/records", encoded(form_id))
}

/// Where the record is that its first instance id names.
pub fn record_address(form_id: &str, instance_id: &str) -> String {
    format!("{}/{}", records_address(form_id), encoded(instance_id))
}
