//! Cases as JSON, their words in the language asked for.

use std::collections::BTreeMap;

use domain::{
    Ctx, Refusal,
    case::{self, Case, Procedure, Record, words},
};
use kernel::{Id, Tier};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    clock::{AskedItem, MovedItem, VacancyItem},
    kind::{TransitionItem, transition},
};
use crate::{
    case::timeline::{self, Names},
    journal::api::Read,
    locale::Translator,
    responsibility::api::{ResponsibilityItem, ResponsibleItem, item, responsible_item},
};

#[derive(Serialize, ToSchema)]
pub struct CasePage {
    pub items: Vec<CaseItem>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// A case, without who reported it.
#[derive(Serialize, ToSchema)]
pub struct CaseItem {
    id: Uuid,
    /// The date of the report and eight characters, for people to say.
    number: String,
    procedure: String,
    class: String,
    class_label: String,
    stage: String,
    stage_label: String,
    /// Which of the seven steps of the loop the stage belongs to.
    step: i64,
    /// `open`, `closed` or `void`.
    status: &'static str,
    /// `public`, `grid_worker`, `desk`, or `joint` for what was split off another case.
    source: &'static str,
    area_code: String,
    county_code: String,
    place: String,
    position: Option<Position>,
    description: String,
    /// The body that has to handle it, or was the last that had to.
    organization: Option<Uuid>,
    #[schema(format = DateTime)]
    reported_at: String,
    #[schema(format = DateTime)]
    registered_at: Option<String>,
    #[schema(format = DateTime)]
    stage_since: String,
    /// When the stage's time is over.
    #[schema(format = DateTime)]
    stage_due: Option<String>,
    /// When the handling is due as a whole.
    #[schema(format = DateTime)]
    due: Option<String>,
    overdue: bool,
    /// Its clock stands still, and nobody handles it, until then.
    #[schema(format = DateTime)]
    paused_until: Option<String>,
    /// Further limits that it was granted.
    extensions: i64,
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// How often a body gave it back.
    returns: i64,
    /// How often the work was not good.
    reworks: i64,
    /// How often it was opened again after it had been closed.
    reopens: i64,
    /// When the work on it had ended for the first time.
    #[schema(format = DateTime)]
    first_closed_at: Option<String>,
    rating: Option<i64>,
    solved: Option<bool>,
    /// Grows by one with each step.
    revision: i64,
}

#[derive(Serialize, ToSchema)]
struct Position {
    /// Degrees.
    longitude: f64,
    /// Degrees.
    latitude: f64,
}

/// A case with all that its page shows.
#[derive(Serialize, ToSchema)]
pub struct CaseRecord {
    #[serde(flatten)]
    case: CaseItem,
    organization_name: Option<String>,
    /// The first year that one of its deadlines reaches into and whose holidays are not entered: until they are, the
    /// deadline is provisional.
    unknown_year: Option<i16>,
    /// What it waits for.
    waiting: String,
    events: Vec<EventItem>,
    photos: Vec<PhotoItem>,
    /// Those that the actor may take now.
    transitions: Vec<TransitionItem>,
    /// How often those of them that have a limit may still be taken in this case, by id.
    times_left: BTreeMap<String, i64>,
    /// `pause` and `extension`, as far as the actor may ask for them now.
    may_ask: Vec<&'static str>,
    /// What was asked for and waits for its decision.
    asked: Option<AskedItem>,
    /// Whether it is the actor's to decide.
    may_decide: bool,
    /// Whether the caller may end the pause before its day.
    may_end_pause: bool,
    /// How it may be opened again, or might have been before the window was over; told to those who may.
    reopening: Option<ReopeningItem>,
    may_note: bool,
    may_note_internally: bool,
    may_read_contact: bool,
    /// Whether this actor may take the report's words out of what is published.
    may_withhold: bool,
    /// Who read how to reach the reporter, latest first, 50 at most; told to the reporter alone.
    contact_reads: Option<Vec<Read>>,
    /// What the list of responsibilities says of the body that has it, if it names that one.
    responsibility: Option<ResponsibilityItem>,
    /// The bodies that the list names, for whoever may send the case to one.
    candidates: Vec<ResponsibleItem>,
    /// The case that it was merged into; where that stands is all that a reporter of this one is told of it.
    merged_into: Option<BriefItem>,
    /// Second reports of it that the actor may read.
    merged: Vec<BriefItem>,
    /// The case that it supports, if the actor may read that.
    supports: Option<BriefItem>,
    /// Those that support it and that the actor may read; to the body that leads, where each stands.
    support: Vec<BriefItem>,
    /// Open cases of its class nearby, for whoever may merge it into one.
    nearby: Vec<NearbyCase>,
    may_merge: bool,
    may_unmerge: bool,
}

/// Another case, as it is told of beside one.
#[derive(Serialize, ToSchema)]
struct BriefItem {
    id: Uuid,
    number: String,
    status: &'static str,
    stage_label: String,
    organization: Option<Uuid>,
    /// The actor may read it.
    may_read: bool,
}

#[derive(Serialize, ToSchema)]
struct NearbyCase {
    metres: i64,
    #[serde(flatten)]
    case: CaseItem,
}

#[derive(Serialize, ToSchema)]
struct ReopeningItem {
    /// Id of the transition.
    transition: String,
    /// The last moment for it; none where the clock of the stage ends it.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Neither is that over, nor was it opened again as often as it may be.
    open: bool,
}

/// A new report, or the same one again.
#[derive(Serialize, ToSchema)]
pub struct Reported {
    pub id: Uuid,
    pub number: String,
    pub stage: String,
    /// Ends the secret link by which the case is followed without an account: `/follow/{token}`, or `?follow={token}`
    /// here.
    pub follow_token: String,
}

/// One row of the timeline. People appear by office.
#[derive(Serialize, ToSchema)]
struct EventItem {
    revision: i64,
    #[schema(format = DateTime)]
    at: String,
    /// A transition's id, or `report`, `note`, `withheld`, or what the clock says: `alarm` where a part of the stage's time has run,
    /// `overdue` where it is over, `recounted` where a year's calendar moved its deadlines, `resumed` after a pause; or
    /// `asked`, `granted` and `refused` of a pause or an extension; or `supervision_order` and its like; or
    /// `merge` and `unmerge` of a second report, `take_in` and `let_go` of the case that it is a report of.
    transition: String,
    /// In the language asked for; none of `report` and `note`.
    label: Option<String>,
    from: String,
    to: String,
    role: &'static str,
    organization: Option<Uuid>,
    organization_name: Option<String>,
    note: String,
    /// Whether the reporter sees the note.
    public: bool,
    ground: Option<String>,
    finding: Option<String>,
    class: Option<String>,
    /// The body that the case was given to.
    owner: Option<Uuid>,
    owner_name: Option<String>,
    /// The row of the list of responsibilities by which that body has to do with it.
    responsibility: Option<Uuid>,
    /// Bodies that support that one.
    supporting: Vec<Uuid>,
    /// The other case, of those that were merged.
    case: Option<Uuid>,
    rating: Option<i64>,
    /// The order of supervision that it is about.
    supervision: Option<Uuid>,
    /// Hundredths of the stage's time that had run when the clock said so.
    percent: Option<i64>,
    /// Of `overdue`: it is the time of the whole that is over, not that of the stage.
    whole: bool,
    /// The offices that were told of the time of the stage, or of a reply.
    told: Vec<ToldItem>,
    /// Posts that would have been told, had anybody held them.
    vacant: Vec<VacancyItem>,
    /// Deadlines that were moved.
    moved: Option<MovedItem>,
    /// `pause` or `extension`, where one was asked for, granted or refused.
    relief: Option<&'static str>,
    /// When the clock runs again after a pause.
    #[schema(format = DateTime)]
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ToldItem {
    role: &'static str,
    /// In the language asked for.
    role_label: String,
    organization: Uuid,
    organization_name: Option<String>,
    /// Whether anybody of the office has seen it; for those who work on the case, while the notice is kept.
    seen: Option<bool>,
}

#[derive(Serialize, ToSchema)]
struct PhotoItem {
    id: Uuid,
    /// Of the step that it came with.
    revision: i64,
    width: i64,
    height: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ContactItem {
    pub name: Option<String>,
    pub phone: Option<String>,
}

pub fn case_item(ctx: &Ctx, language: &str, case: &Case) -> CaseItem {
    let stage = ctx.city.procedures.get(&case.procedure).and_then(|it| it.stage(&case.stage));
    let county = case.path.codes().find(|code| Tier::of_code(code) == Some(Tier::County));
    let moment = |at: Option<kernel::Timestamp>| at.map(|at| at.to_string());
    CaseItem {
        id: case.id.uuid(),
        number: case.number.clone(),
        procedure: case.procedure.clone(),
        class_label: ctx
            .city
            .classes
            .get(&case.class)
            .map_or(String::new(), |it| words(&it.label, language).into()),
        class: case.class.clone(),
        stage_label: stage.map_or(String::new(), |it| words(&it.label, language).into()),
        step: stage.map_or(1, |it| it.step),
        stage: case.stage.clone(),
        status: case.status.as_str(),
        source: case.source.as_str(),
        area_code: case.path.code().to_owned(),
        county_code: county.unwrap_or(case.path.code()).to_owned(),
        place: case.place.clone(),
        position: case.position.map(|(longitude, latitude)| Position { longitude, latitude }),
        description: case.description.clone(),
        organization: case.owner.map(Id::uuid),
        reported_at: case.reported_at.to_string(),
        registered_at: moment(case.registered_at),
        stage_since: case.stage_since.to_string(),
        stage_due: moment(case.stage_due),
        due: moment(case.due),
        overdue: case.is_overdue(ctx.now),
        paused_until: case.pause.filter(|_| case.is_paused(ctx.now)).map(|it| it.until.to_string()),
        extensions: case.extensions,
        closed_at: moment(case.closed_at),
        returns: case.returns,
        reworks: case.reworks,
        reopens: case.reopens,
        first_closed_at: moment(case.first_closed_at),
        rating: case.rating,
        solved: case.solved,
        revision: case.revision,
    }
}

pub fn case_record(ctx: &Ctx, t: &Translator, record: &Record) -> Result<CaseRecord, Refusal> {
    let (case, language) = (&record.case, t.language.tag());
    let procedure = ctx.city.procedures.get(&case.procedure);
    let stage = procedure.and_then(|it| it.stage(&case.stage));
    let names = timeline::names(ctx, record)?;
    let taken = record.transitions.iter().filter_map(|id| Some((procedure?, stage?.transition(id)?)));
    let brief = |it: &case::Brief| BriefItem {
        id: it.id.uuid(),
        number: it.number.clone(),
        status: it.status.as_str(),
        stage_label: ctx
            .city
            .procedures
            .get(&it.procedure)
            .and_then(|procedure| procedure.stage(&it.stage))
            .map_or(String::new(), |stage| words(&stage.label, language).into()),
        organization: it.owner.map(Id::uuid),
        may_read: it.may_read,
    };
    let nearby = |it: &case::Nearby| NearbyCase {
        metres: it.metres.round() as i64,
        case: case_item(ctx, language, &it.case),
    };
    let photo = |it: &case::CasePhoto| PhotoItem {
        id: it.id.uuid(),
        revision: it.revision,
        width: it.width,
        height: it.height,
    };
    Ok(CaseRecord {
        case: case_item(ctx, language, case),
        organization_name: case.owner.and_then(|it| names.get(&it).cloned()),
        unknown_year: record.unknown_year,
        waiting: stage.map_or(String::new(), |it| words(&it.waiting, language).into()),
        events: record.events.iter().map(|it| event(ctx, record, procedure, t, &names, it)).collect(),
        photos: record.photos.iter().map(photo).collect(),
        transitions: taken.map(|(procedure, it)| transition(procedure, language, it)).collect(),
        times_left: record.times_left.clone(),
        may_ask: record.reliefs.iter().map(|it| it.as_str()).collect(),
        asked: record.asked.as_ref().map(AskedItem::new),
        may_decide: record.may_decide,
        may_end_pause: record.may_end_pause,
        reopening: record.reopening.as_ref().map(|it| ReopeningItem {
            transition: it.transition.clone(),
            until: it.until.map(|at| at.to_string()),
            open: it.is_open,
        }),
        may_note: record.may_note,
        may_note_internally: record.may_note_internally,
        may_read_contact: record.may_read_contact,
        may_withhold: record.may_withhold,
        contact_reads: record
            .contact_readings
            .as_ref()
            .map(|readings| readings.iter().map(|it| Read::new(t, it)).collect()),
        responsibility: record.duty.as_ref().map(|it| item(it, &names)),
        candidates: record.candidates.iter().map(responsible_item).collect(),
        merged_into: record.related.main.as_ref().map(brief),
        merged: record.related.merged.iter().map(brief).collect(),
        supports: record.related.parent.as_ref().map(brief),
        support: record.related.children.iter().map(brief).collect(),
        nearby: record.related.nearby.iter().map(nearby).collect(),
        may_merge: record.may_merge,
        may_unmerge: record.may_unmerge,
    })
}

fn event(
    ctx: &Ctx,
    record: &Record,
    procedure: Option<&Procedure>,
    t: &Translator,
    names: &Names,
    it: &case::Event,
) -> EventItem {
    let taken = procedure.and_then(|procedure| procedure.taken(&it.from, &it.transition));
    let label = match (it.detail.relief, &it.detail.supervision) {
        (_, Some(supervised)) => {
            let what = timeline::of_supervision(ctx, t, it, supervised, names);
            Some(timeline::and_told(t, what, it, names))
        }
        (Some(relief), None) => Some(timeline::said_of_relief(t, procedure, it, relief, ctx.now)),
        (None, None) if it.is_of_clock() => Some(timeline::said_by_clock(t, procedure, it, names, ctx.now)),
        (None, None) if timeline::is_of_merge(it) => Some(t.say(&format!("event-{}", it.transition))),
        (None, None) => taken.map(|taken| words(&taken.label, t.language.tag()).to_owned()),
    };
    let role_label = |role: kernel::Role| t.say(&format!("role-{}", role.as_str()));
    let told = |it: &case::Told| ToldItem {
        role: it.role.as_str(),
        role_label: role_label(it.role),
        organization: it.organization.uuid(),
        organization_name: names.get(&it.organization).cloned(),
        seen: it.notice.and_then(|notice| record.seen.get(&notice).copied()),
    };
    let detail = it.detail.clone();
    EventItem {
        revision: it.revision,
        at: it.at.to_string(),
        transition: it.transition.clone(),
        label,
        from: it.from.clone(),
        to: it.to.clone(),
        role: it.role.as_str(),
        organization: it.organization.map(Id::uuid),
        organization_name: it.organization.and_then(|id| names.get(&id).cloned()),
        note: it.note.clone(),
        public: it.public,
        ground: detail.ground,
        finding: detail.finding,
        class: detail.class,
        owner: detail.owner.map(Id::uuid),
        owner_name: detail.owner.and_then(|id| names.get(&id).cloned()),
        responsibility: detail.responsibility.map(Id::uuid),
        supporting: detail.supporting.iter().map(|it| it.uuid()).collect(),
        case: detail.case.map(Id::uuid),
        rating: detail.rating,
        percent: detail.percent,
        whole: detail.whole,
        supervision: detail.supervision.map(|it| it.order.uuid()),
        told: detail.told.iter().map(told).collect(),
        vacant: detail.vacant.iter().map(|it| VacancyItem::new(t, names, it)).collect(),
        moved: detail.moved.as_ref().map(MovedItem::new),
        relief: detail.relief.map(case::ReliefKind::as_str),
        until: detail.until.map(|it| it.to_string()),
    }
}
