//! Who read what, in words; and a proof of it as a file.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::journal;
use kernel::{Id, JournalEntry, Timestamp};
use policy::Purpose;

use crate::locale::Translator;

/// One time that somebody read a record: who, by office; what, and what for; when.
pub struct Reading {
    pub reader: String,
    pub what: String,
    /// What it was and what for, as the journal has it.
    pub action: String,
    pub purpose: String,
    pub at: Timestamp,
    /// Where a proof of it can be had.
    pub proof: Option<String>,
}

/// A proof as a file to keep.
pub fn proof_file(entry: Id<JournalEntry>, proof: String) -> Response {
    let name = format!("attachment; filename=\"{entry}.tlog-proof\"");
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, proof).into_response()
}

impl Reading {
    /// `base` is the address of the page below which proofs are had.
    pub fn new(t: &Translator, it: &journal::Reading, base: &str) -> Self {
        let role = it.role.map(|role| t.say(&format!("role-{}", role.as_str()))).unwrap_or_default();
        let body = it.organization_name.clone().unwrap_or_default();
        let purpose = Purpose::parse(&it.purpose).map(|it| t.say(&format!("purpose-{}", it.as_str())));
        let what = t.say(match it.action.as_str() {
            "person.read" => "reading-record",
            "case.read_contact" => "reading-contact",
            "person.read_figures" => "reading-figures",
            "pass.act_as_guardian" | "pass.act_as_agent" => "reading-passes",
            _ => "reading-other",
        });
        let reader = match it.action.as_str() {
            "pass.act_as_guardian" => t.say("reading-by-guardian"),
            "pass.act_as_agent" => t.say("reading-by-agent"),
            _ => t.with2("reading-reader", ("body", &body), ("role", &role)).trim().to_owned(),
        };
        Self {
            reader,
            what: purpose.map_or(what.clone(), |purpose| {
                t.with2("reading-purpose", ("what", &what), ("purpose", &purpose))
            }),
            action: it.action.clone(),
            purpose: it.purpose.clone(),
            at: it.at,
            proof: it.is_sealed.then(|| format!("{base}/readings/{}", it.id)),
        }
    }
}
