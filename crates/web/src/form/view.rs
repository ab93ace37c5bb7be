//! How records are shown, whoever lists them.

use domain::{
    Message,
    fact::{AskedAgain, KnownOf},
    form::{Judged, Review},
};
use kernel::Timestamp;

use super::asked::encoded;
use crate::locale::Translator;

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

/// A line for each way in which a question need not be asked. `element` is what it asks for.
pub fn asked_again(t: &Translator, element: &str, it: &AskedAgain) -> Vec<String> {
    let asked = || t.with2("forms-asks-for", ("question", &it.question), ("element", element));
    let date = |at: Timestamp| at.civil().date().to_string();
    let known = |known: &KnownOf| {
        let message = Message::new("forms-known-already").with("asked", asked()).with("units", known.units);
        t.message(&message.with("first", date(known.first)).with("last", date(known.last)))
    };
    let mut lines: Vec<String> = it.known.iter().map(known).collect();
    for other in &it.others {
        let message = Message::new("forms-asked-already").with("asked", asked());
        lines.push(t.message(&message.with("title", &other.title).with("since", date(other.since))));
    }
    lines
}
