//! What programs are told about campaigns.

use domain::{
    campaign::{self, Campaign, Counts, Progress, Unit},
    form,
};
use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct CampaignPage {
    pub items: Vec<CampaignItem>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// A form that an office sent to units or people, with a moment by which they answer.
#[derive(Serialize, ToSchema)]
pub struct CampaignItem {
    pub id: Uuid,
    /// Id of the form, as `/v1/projects/{area}/forms` has it.
    pub form: String,
    pub title: String,
    /// What the answers are about; may be empty.
    pub period: String,
    /// Code of the area that is asked.
    pub area: String,
    /// Who is asked in it: a tier, as `community`, one of its kinds, as `community-rural`, or `holders-` and a role.
    pub audience: String,
    #[schema(format = DateTime)]
    pub starts: String,
    #[schema(format = DateTime)]
    pub due: String,
    /// Until when late records are taken.
    #[schema(format = DateTime)]
    pub closes: String,
    /// `open`, `closed` or `withdrawn`.
    pub state: &'static str,
    #[schema(format = DateTime)]
    pub sent: String,
    #[schema(format = DateTime)]
    pub ended: Option<String>,
    /// Why it was withdrawn, or closed before its time; may be empty.
    pub reason: String,
    /// When every unit had a valid record for the first time.
    #[schema(format = DateTime)]
    pub completed: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CampaignProgress {
    /// Code of the area.
    pub area: String,
    pub counts: CampaignCounts,
    /// Of each area right below; empty where those are the units themselves.
    pub areas: Vec<CampaignArea>,
    #[schema(format = DateTime)]
    pub as_of: String,
}

#[derive(Serialize, ToSchema)]
pub struct CampaignArea {
    pub area: String,
    pub counts: CampaignCounts,
}

/// `arrived` is the sum of `valid`, `invalid` and `unchecked`, and with `silent` it is what is `expected`.
#[derive(Serialize, ToSchema)]
pub struct CampaignCounts {
    pub expected: i64,
    pub arrived: i64,
    pub silent: i64,
    pub valid: i64,
    pub invalid: i64,
    pub unchecked: i64,
    pub late: i64,
    pub waiting: i64,
    pub returned: i64,
    pub accepted: i64,
}

#[derive(Serialize, ToSchema)]
pub struct CampaignUnitPage {
    pub items: Vec<CampaignUnit>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// A unit that is asked, or a person in office, who appears by office.
#[derive(Serialize, ToSchema)]
pub struct CampaignUnit {
    /// Of the area; of a person one that names them in this campaign alone.
    pub id: Uuid,
    /// Code of the unit, or of the area in which the person works.
    pub area: String,
    /// Of the unit; empty for a person.
    pub name: String,
    pub record: Option<CampaignRecord>,
    #[schema(format = DateTime)]
    pub reminded: Option<String>,
    pub reminders: i64,
}

#[derive(Serialize, ToSchema)]
pub struct CampaignRecord {
    /// The first instance id, which names it under its form.
    pub instance: String,
    /// `valid`, `invalid` or `unchecked`.
    pub state: &'static str,
    /// `edited`, `hasIssues`, `rejected` or `approved`; none of what nobody has reviewed.
    pub review: Option<&'static str>,
    #[schema(format = DateTime)]
    pub arrived: String,
    /// When its writer had finished it, as their phone says.
    #[schema(format = DateTime)]
    pub finished: Option<String>,
    #[schema(format = DateTime)]
    pub updated: String,
    pub late: bool,
}

#[derive(Serialize, ToSchema)]
pub struct AskedList {
    pub items: Vec<CampaignAskedItem>,
}

/// What is asked of oneself, or of a unit that one answers for.
#[derive(Serialize, ToSchema)]
pub struct CampaignAskedItem {
    pub campaign: CampaignItem,
    pub unit: CampaignUnit,
}

#[derive(Serialize, ToSchema)]
pub struct ReminderRound {
    pub id: Uuid,
    /// Units that were told.
    pub units: i64,
    /// Units that were told shortly before, and left in peace.
    pub skipped: i64,
    /// Units for which nobody holds an office that could be told.
    pub vacant: i64,
}

pub fn item(it: &Campaign, form: &str) -> CampaignItem {
    CampaignItem {
        id: it.id.uuid(),
        form: form.to_owned(),
        title: it.title.clone(),
        period: it.period.clone(),
        area: it.path.code().to_owned(),
        audience: it.audience.word(),
        starts: it.starts_at.to_string(),
        due: it.due.to_string(),
        closes: it.closes_at.to_string(),
        state: it.state.as_str(),
        sent: it.sent_at.to_string(),
        ended: it.ended_at.map(|at| at.to_string()),
        reason: it.reason.clone(),
        completed: it.completed_at.map(|at| at.to_string()),
    }
}

pub fn counts(it: &Counts) -> CampaignCounts {
    CampaignCounts {
        expected: it.expected,
        arrived: it.arrived,
        silent: it.silent(),
        valid: it.valid,
        invalid: it.invalid,
        unchecked: it.unchecked,
        late: it.late,
        waiting: it.waiting,
        returned: it.returned,
        accepted: it.accepted,
    }
}

pub fn unit(it: &Unit) -> CampaignUnit {
    let record = |it: &campaign::Record| CampaignRecord {
        instance: it.instance_id.clone(),
        state: it.state.as_str(),
        review: it.review.map(form::Review::as_str),
        arrived: it.arrived_at.to_string(),
        finished: it.finished_at.map(|at| at.to_string()),
        updated: it.updated_at.to_string(),
        late: it.is_late,
    };
    CampaignUnit {
        id: it.key,
        area: it.path.code().to_owned(),
        name: it.name.clone(),
        record: it.record.as_ref().map(record),
        reminded: it.reminded_at.map(|at| at.to_string()),
        reminders: it.reminders,
    }
}

pub fn progress(it: &Progress, now: Timestamp) -> CampaignProgress {
    let line =
        |it: &campaign::Line| CampaignArea { area: it.path.code().to_owned(), counts: counts(&it.counts) };
    CampaignProgress {
        area: it.path.code().to_owned(),
        counts: counts(&it.counts),
        areas: it.lines.iter().map(line).collect(),
        as_of: now.to_string(),
    }
}
