//! What the clock of a case says, and what may be asked of it, as JSON.

use domain::{case, organization};
use kernel::{Id, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{case::timeline::Names, locale::Translator};

#[derive(Serialize, ToSchema)]
pub struct AskedItem {
    /// `pause` or `extension`.
    kind: &'static str,
    ground: String,
    #[schema(format = DateTime)]
    until: Option<String>,
    note: String,
    #[schema(format = DateTime)]
    at: String,
}

#[derive(Serialize, ToSchema)]
pub struct MovedItem {
    /// When the stage was due, and is; of supervision the reply, of a claim the word on it.
    stage: Option<MovedDeadline>,
    /// When the handling as a whole was due, and is.
    whole: Option<MovedDeadline>,
    /// When it was to be closed, and is.
    check: Option<MovedDeadline>,
    /// The year whose calendar was entered.
    year: Option<i16>,
}

#[derive(Serialize, ToSchema)]
pub struct MovedDeadline {
    #[schema(format = DateTime)]
    from: String,
    #[schema(format = DateTime)]
    to: String,
}

#[derive(Serialize, ToSchema)]
pub struct VacancyItem {
    role: &'static str,
    /// In the language asked for.
    role_label: String,
    /// None where no body around has such a post.
    organization: Option<Uuid>,
    organization_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AlarmItem {
    /// Hundredths of the stage's time: 100 at its end, more after it.
    percent: i64,
    roles: Vec<&'static str>,
    /// `area`: the offices nearest above the case; `owner`: those of the body that has it.
    relation: &'static str,
}

impl AskedItem {
    pub fn new(it: &case::Asked) -> Self {
        Self {
            kind: it.kind.as_str(),
            ground: it.ground.clone(),
            until: it.until.map(|it| it.to_string()),
            note: it.note.clone(),
            at: it.at.to_string(),
        }
    }
}

impl MovedItem {
    pub fn new(it: &case::Moved) -> Self {
        let deadline =
            |(from, to): (Timestamp, Timestamp)| MovedDeadline { from: from.to_string(), to: to.to_string() };
        let (stage, whole) = (it.stage.map(deadline), it.whole.map(deadline));
        Self { stage, whole, check: it.check.map(deadline), year: it.year }
    }
}

impl VacancyItem {
    pub fn new(t: &Translator, names: &Names, it: &organization::Vacancy) -> Self {
        Self {
            role: it.role.as_str(),
            role_label: t.say(&format!("role-{}", it.role.as_str())),
            organization: it.organization.map(Id::uuid),
            organization_name: it.organization.and_then(|id| names.get(&id).cloned()),
        }
    }
}

impl AlarmItem {
    pub fn new(it: &case::Alarm) -> Self {
        let roles = it.roles.iter().map(|role| role.as_str()).collect();
        Self { percent: it.percent, roles, relation: it.relation.as_str() }
    }
}
