//! How each unit has answered, as a file for spreadsheets.

use axum::response::Response;
use domain::{
    Refusal,
    campaign::{self, Unit},
};
use kernel::{Campaign as CampaignName, Id, Timestamp};
use serde::Deserialize;

use super::view;
use crate::{
    case::view::AreaNames,
    locale::Translator,
    sent::{PagePath, PageQuery},
    table::{Cell, Table},
    visitor::Visitor,
};

const HEADS: [&str; 11] = [
    "code",
    "name",
    "place",
    "state",
    "review",
    "late",
    "arrived",
    "finished",
    "edited",
    "reminded",
    "reminders",
];

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Below {
    area: String,
}

/// All units of an area; a campaign asks at most `limits::CAMPAIGN_UNITS_MAX`.
pub async fn csv(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageQuery(below): PageQuery<Below>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let t = &shell.t;
            let head = HEADS.map(|it| t.say(&format!("campaign-csv-{it}"))).to_vec();
            let code = Some(below.area.trim()).filter(|it| !it.is_empty());
            let campaign = campaign::get(ctx, id)?.0;
            let mut rows = Vec::new();
            campaign::units_of_csv(ctx, id, code, &mut |units| {
                let names = AreaNames::of(ctx, units.iter().map(|it| &it.path))?;
                let row = |unit: &Unit| {
                    let (name, place) = (view::name(t, &campaign, unit), names.line(&unit.path));
                    row(t, unit, (name, place))
                };
                rows.extend(units.iter().map(row));
                Ok::<_, Refusal>(())
            })?;
            let name = format!("campaign-{}", code.unwrap_or("all"));
            Table { head, rows, name, title: "campaigns-title" }.csv()
        })
        .await
}

fn row(t: &Translator, unit: &Unit, (name, place): (String, String)) -> Vec<Cell> {
    let record = unit.record.as_ref();
    let moment = |at: Option<Timestamp>| at.map(|it| it.to_string()).unwrap_or_default();
    let state = match record {
        Some(it) => t.say(&format!("forms-state-{}", it.state.as_str())),
        None => t.say("campaign-show-silent"),
    };
    let review = record.and_then(|it| it.review);
    let review = review.map(|it| t.say(&format!("forms-review-{}", it.as_str()))).unwrap_or_default();
    let late = record.map_or("", |it| if it.is_late { "1" } else { "0" }).to_owned();
    let texts = [
        unit.path.code().to_owned(),
        name,
        place,
        state,
        review,
        late,
        moment(record.map(|it| it.arrived_at)),
        moment(record.and_then(|it| it.finished_at)),
        moment(record.map(|it| it.updated_at)),
        moment(unit.reminded_at),
    ];
    texts.map(Cell::Text).into_iter().chain([Cell::Count(unit.reminders)]).collect()
}
