//! Procedures and classes as JSON, their words in the language asked for.

use domain::case::{self, Need, Procedure, words};
use serde::Serialize;
use utoipa::ToSchema;

use super::clock::AlarmItem;

#[derive(Serialize, ToSchema)]
pub struct ProcedureList {
    pub items: Vec<ProcedureItem>,
}

#[derive(Serialize, ToSchema)]
pub struct ProcedureItem {
    id: String,
    version: i64,
    label: String,
    stages: Vec<StageItem>,
}

#[derive(Serialize, ToSchema)]
struct StageItem {
    id: String,
    /// Which of the seven steps of the loop it belongs to.
    step: i64,
    label: String,
    waiting: String,
    /// Nothing leads on from here.
    ends: bool,
    /// Who is told when a part of the stage's time has run, in the order of the parts.
    alarms: Vec<AlarmItem>,
    transitions: Vec<TransitionItem>,
}

#[derive(Serialize, ToSchema)]
pub struct TransitionItem {
    id: String,
    label: String,
    to: String,
    /// Roles that may take it, if they stand right to the case.
    roles: Vec<&'static str>,
    /// `area`, `owner`, `reporter` or `system`.
    relation: &'static str,
    /// How often it may be taken in one case; where the relation is `owner`, by each body.
    at_most: Option<i64>,
    /// The transition that opens when it was taken that often.
    then: Option<String>,
    asks: AskItem,
}

/// What has to come with a transition. Each of note and class is `no`, `optional` or `required`.
#[derive(Serialize, ToSchema)]
struct AskItem {
    note: &'static str,
    /// Fewest photos.
    photos: usize,
    organization: bool,
    /// Supporting bodies may be named too.
    supporting: bool,
    class: &'static str,
    /// Grounds to choose from.
    grounds: Vec<Choice>,
    /// Findings to choose from.
    findings: Vec<String>,
    /// One to five, and whether it is solved.
    rating: bool,
}

#[derive(Serialize, ToSchema)]
struct Choice {
    id: String,
    label: String,
}

#[derive(Serialize, ToSchema)]
pub struct ClassList {
    pub version: i64,
    pub items: Vec<MajorClassItem>,
}

#[derive(Serialize, ToSchema)]
pub struct MajorClassItem {
    code: String,
    label: String,
    minors: Vec<MinorClassItem>,
}

#[derive(Serialize, ToSchema)]
struct MinorClassItem {
    /// What a report names.
    code: String,
    label: String,
}

pub fn procedure_item(it: &Procedure, language: &str) -> ProcedureItem {
    let stage = |stage: &case::Stage| StageItem {
        id: stage.id.clone(),
        step: stage.step,
        label: words(&stage.label, language).to_owned(),
        waiting: words(&stage.waiting, language).to_owned(),
        ends: stage.end.is_some(),
        alarms: stage.alarms.iter().map(AlarmItem::new).collect(),
        transitions: stage.transitions.iter().map(|taken| transition(it, language, taken)).collect(),
    };
    ProcedureItem {
        id: it.id.clone(),
        version: it.version,
        label: words(&it.label, language).to_owned(),
        stages: it.stages.iter().map(stage).collect(),
    }
}

pub fn transition(procedure: &Procedure, language: &str, it: &case::Transition) -> TransitionItem {
    let choice = |ground: &case::Ground| Choice {
        id: ground.id.clone(),
        label: words(&ground.label, language).to_owned(),
    };
    let grounds = it.asks.ground.as_ref().and_then(|list| procedure.grounds.get(list));
    TransitionItem {
        id: it.id.clone(),
        label: words(&it.label, language).to_owned(),
        to: it.to.clone(),
        roles: it.advance.roles.iter().map(|role| role.as_str()).collect(),
        relation: it.advance.relation.as_str(),
        at_most: it.at_most,
        then: it.then.clone(),
        asks: AskItem {
            note: need(it.asks.note),
            photos: it.asks.photos,
            organization: it.asks.organization,
            supporting: it.asks.supporting.is_some(),
            class: need(it.asks.class),
            grounds: grounds.map(|list| list.iter().map(choice).collect()).unwrap_or_default(),
            findings: it.asks.findings.clone(),
            rating: it.asks.rating,
        },
    }
}

fn need(need: Need) -> &'static str {
    match need {
        Need::No => "no",
        Need::Optional => "optional",
        Need::Required => "required",
    }
}

pub fn major_class(it: &case::MajorClass, language: &str) -> MajorClassItem {
    let minor = |it: &case::MinorClass| MinorClassItem {
        code: it.code.clone(),
        label: words(&it.label, language).to_owned(),
    };
    MajorClassItem {
        code: it.code.clone(),
        label: words(&it.label, language).to_owned(),
        minors: it.minors.iter().map(minor).collect(),
    }
}
