//! One file per change, in order, for both engines. What has run stands in the table `migration`.

use crate::StoreError;

/// `(number, name, text)`
pub const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "area", include_str!("../migrations/0001_area.sql")),
    (2, "organization", include_str!("../migrations/0002_organization.sql")),
    (3, "resident", include_str!("../migrations/0003_resident.sql")),
    (4, "account", include_str!("../migrations/0004_account.sql")),
    (5, "case", include_str!("../migrations/0005_case.sql")),
    (6, "journal", include_str!("../migrations/0006_journal.sql")),
    (7, "notice", include_str!("../migrations/0007_notice.sql")),
    (8, "area_count", include_str!("../migrations/0008_area_count.sql")),
    (9, "notice_office", include_str!("../migrations/0009_notice_office.sql")),
    (10, "evaluation", include_str!("../migrations/0010_evaluation.sql")),
    (11, "case_list", include_str!("../migrations/0011_case_list.sql")),
    (12, "open311", include_str!("../migrations/0012_open311.sql")),
    (13, "notices_and_photos", include_str!("../migrations/0013_notices_and_photos.sql")),
    (14, "withheld", include_str!("../migrations/0014_withheld.sql")),
    (15, "responsibility", include_str!("../migrations/0015_responsibility.sql")),
    (16, "dispatch", include_str!("../migrations/0016_dispatch.sql")),
    (17, "alarm", include_str!("../migrations/0017_alarm.sql")),
    (18, "calendar", include_str!("../migrations/0018_calendar.sql")),
    (19, "relief", include_str!("../migrations/0019_relief.sql")),
    (20, "reopening", include_str!("../migrations/0020_reopening.sql")),
    (21, "supervision", include_str!("../migrations/0021_supervision.sql")),
    (22, "last_act", include_str!("../migrations/0022_last_act.sql")),
    (23, "evaluation_page", include_str!("../migrations/0023_evaluation_page.sql")),
    (24, "evaluation_claim", include_str!("../migrations/0024_evaluation_claim.sql")),
    (25, "joined_cases", include_str!("../migrations/0025_joined_cases.sql")),
    (30, "case_handling_outcome", include_str!("../migrations/0030_case_handling_outcome.sql")),
    (31, "supervision_clock", include_str!("../migrations/0031_supervision_clock.sql")),
    (32, "whole_clock", include_str!("../migrations/0032_whole_clock.sql")),
    (33, "waiting_claims", include_str!("../migrations/0033_waiting_claims.sql")),
    (34, "overran", include_str!("../migrations/0034_overran.sql")),
    (35, "journal_seal", include_str!("../migrations/0035_journal_seal.sql")),
    (40, "form", include_str!("../migrations/0040_form.sql")),
    (41, "evaluation_digest", include_str!("../migrations/0041_evaluation_digest.sql")),
    (45, "campaign", include_str!("../migrations/0045_campaign.sql")),
    (50, "pass", include_str!("../migrations/0050_pass.sql")),
    (55, "checkpoint", include_str!("../migrations/0055_checkpoint.sql")),
    (60, "statistic", include_str!("../migrations/0060_statistic.sql")),
    (65, "withholding", include_str!("../migrations/0065_withholding.sql")),
    (70, "fact", include_str!("../migrations/0070_fact.sql")),
    (75, "fact_binding", include_str!("../migrations/0075_fact_binding.sql")),
    (80, "burden", include_str!("../migrations/0080_burden.sql")),
    (85, "pass_household", include_str!("../migrations/0085_pass_household.sql")),
    (86, "statistic_upload", include_str!("../migrations/0086_statistic_upload.sql")),
];

pub const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS migration (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";
pub const LAST: &str = "SELECT COALESCE(MAX(number), 0) FROM migration";
pub const RECORD: &str = "INSERT INTO migration (number, name) VALUES ($1, $2)";

/// Whether `last` is the last change that this program knows.
pub fn must_be_current(last: i64) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(number, ..)| *number);
    match last == known {
        true => Ok(()),
        false => Err(StoreError::Unavailable(format!(
            "the database is as change {last} left it, and this program knows {known} changes: use the program that \
             serves it, which brings it up to date when it starts"
        ))),
    }
}

/// SQLite's spelling of a migration: its five strict types, and byte order, which is its default.
pub fn for_sqlite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for statement in text.split_inclusive(';') {
        let typed = [
            (" COLLATE \"C\"", ""),
            (" DOUBLE PRECISION", " REAL"),
            (" BIGINT", " INTEGER"),
            (" BOOLEAN", " INTEGER"),
            (" BYTEA", " BLOB"),
            (" UUID", " BLOB"),
        ]
        .iter()
        .fold(statement.to_owned(), |text, (from, to)| text.replace(from, to));
        match typed.contains("CREATE TABLE").then(|| typed.rfind(");")).flatten() {
            Some(end) => {
                out.push_str(&typed[..end]);
                out.push_str(") STRICT;");
            }
            None => out.push_str(&typed),
        }
    }
    out
}
