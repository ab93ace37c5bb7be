//! What programs send about campaigns.

use domain::{Ctx, Refusal, campaign::New};
use kernel::{Campaign as CampaignName, Id};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::campaign::read::Wanted;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AreaQuery {
    /// Code of an area in the one that is asked; left out, the widest that one may see.
    #[param(pattern = "^[0-9]{2,18}$")]
    pub area: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnitQuery {
    /// Code of an area in the one that is asked; left out, the widest that one may see.
    #[param(pattern = "^[0-9]{2,18}$")]
    pub area: Option<String>,
    /// `expected` for all, when left out; or those that are `silent`, `arrived`, `valid`, `invalid`, `unchecked`, `late`,
    /// `waiting` for a review, `returned` or `accepted`.
    #[param(pattern = "^(expected|silent|arrived|valid|invalid|unchecked|late|waiting|returned|accepted)$")]
    pub show: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]*$")]
    pub cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignBody {
    /// Made by the client: the same campaign again under it is one campaign.
    #[schema(value_type = Option<Uuid>)]
    pub id: Option<Id<CampaignName>>,
    /// Id of an open form of the area that is asked, or of one above it.
    #[schema(min_length = 1, max_length = 200)]
    pub form: String,
    /// Whether the version that is handed out now is asked to the end; otherwise the newest.
    #[serde(default)]
    pub fixed: bool,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    #[schema(max_length = 200)]
    #[serde(default)]
    pub period: String,
    /// Code of the area that is asked.
    #[schema(pattern = "^[0-9]{2,18}$")]
    pub area: String,
    #[schema(pattern = "^(county|township|community(-rural|-urban)?|grid|holders-[a-z_]+)$")]
    pub audience: String,
    /// From which day on it asks; left out, from now on.
    #[schema(format = Date)]
    pub starts: Option<String>,
    #[schema(format = Date)]
    pub due: String,
    /// `day` for midnight after the due day, when left out; `work` for the end of work on it.
    #[schema(pattern = "^(day|work)$")]
    pub due_by: Option<String>,
    /// Days after the due day for which late records are taken; none when left out.
    #[schema(minimum = 0, maximum = 90)]
    #[serde(default)]
    pub grace_days: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReminderBody {
    /// Code of the area in which those who are silent are reminded.
    #[schema(pattern = "^[0-9]{2,18}$")]
    pub area: String,
    /// The only unit that is meant.
    pub unit: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignEndBody {
    #[schema(pattern = "^(close|withdraw)$")]
    pub how: String,
    /// Needed to withdraw.
    #[schema(max_length = 4000)]
    #[serde(default)]
    pub reason: String,
}

impl CampaignBody {
    pub fn read(self, ctx: &Ctx) -> Result<New, Refusal> {
        let wanted = Wanted {
            id: Some(self.id.unwrap_or_else(|| ctx.id())),
            form: self.form,
            is_fixed: self.fixed,
            title: self.title,
            period: self.period,
            area: self.area,
            audience: self.audience,
            starts: self.starts,
            due: self.due,
            due_by: self.due_by,
            grace_days: Some(self.grace_days),
        };
        wanted.read()
    }
}
