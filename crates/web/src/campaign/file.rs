//! How each unit has answered, as a file for spreadsheets.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::{Refusal, campaign};
use kernel::{Campaign as CampaignName, Id};
use serde::Deserialize;

use super::view;
use crate::{
    case::view::AreaNames,
    sent::{PagePath, PageQuery},
    table::inert,
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
            // Spreadsheets take a file for UTF-8 by this mark alone.
            let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
            let head = HEADS.map(|it| t.say(&format!("campaign-csv-{it}")));
            writer.write_record(head).map_err(broken)?;
            let code = Some(below.area.trim()).filter(|it| !it.is_empty());
            let campaign = campaign::get(ctx, id)?.0;
            campaign::units_of_csv(ctx, id, code, &mut |units| {
                let names = AreaNames::of(ctx, units.iter().map(|it| &it.path))?;
                for unit in units {
                    let record = unit.record.as_ref();
                    let moment =
                        |at: Option<kernel::Timestamp>| at.map(|it| it.to_string()).unwrap_or_default();
                    let review = record.and_then(|it| it.review);
                    writer
                        .write_record([
                            unit.path.code().to_owned(),
                            inert(&view::name(t, &campaign, unit)),
                            inert(&names.line(&unit.path)),
                            match record {
                                Some(it) => t.say(&format!("forms-state-{}", it.state.as_str())),
                                None => t.say("campaign-show-silent"),
                            },
                            review
                                .map(|it| t.say(&format!("forms-review-{}", it.as_str())))
                                .unwrap_or_default(),
                            record.map_or("", |it| if it.is_late { "1" } else { "0" }).to_owned(),
                            moment(record.map(|it| it.arrived_at)),
                            moment(record.and_then(|it| it.finished_at)),
                            moment(record.map(|it| it.updated_at)),
                            moment(unit.reminded_at),
                            unit.reminders.to_string(),
                        ])
                        .map_err(broken)?;
                }
                Ok(())
            })?;
            let bytes = writer.into_inner().map_err(broken)?;
            let name = format!("attachment; filename=\"campaign-{}.csv\"", code.unwrap_or("all"));
            let kind = "text/csv; charset=utf-8".to_owned();
            Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
        })
        .await
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal::Broken(format!("a table was not written: {error}"))
}
