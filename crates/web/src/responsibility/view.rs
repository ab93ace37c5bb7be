//! What templates see of the list: words ready to show.

use domain::{
    calendar::Limit,
    responsibility::{Candidate, Responsibility},
};

use crate::locale::Translator;

/// One body with what the list says of it.
#[derive(Clone, Debug)]
pub struct Duty {
    pub body: String,
    /// Cases cannot be sent there now.
    pub is_idle: bool,
    pub limit: Option<String>,
    pub closing_condition: String,
    pub evidence: String,
    pub legal_basis: String,
    /// Code of the area in which the row stands.
    pub area: String,
    pub version: i64,
}

impl Duty {
    pub fn new(t: &Translator, candidate: &Candidate) -> Self {
        Self { is_idle: !candidate.can_handle, ..Self::of_row(t, &candidate.row, candidate.name.clone()) }
    }

    pub fn of_row(t: &Translator, row: &Responsibility, body: String) -> Self {
        Self {
            body,
            is_idle: false,
            limit: row.limit.map(|it| limit_words(t, it)),
            closing_condition: row.closing_condition.clone(),
            evidence: row.evidence.clone(),
            legal_basis: row.legal_basis.clone(),
            area: row.area_path.code().to_owned(),
            version: row.version,
        }
    }
}

fn limit_words(t: &Translator, limit: Limit) -> String {
    t.with(&format!("limit-{}", limit.kind.as_str()), "amount", limit.amount)
}
