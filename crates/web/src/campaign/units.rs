//! The units behind a figure.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Refusal, Window,
    campaign::{self, Show},
};
use kernel::{Campaign as CampaignName, Id};

use super::{
    at::{At, COLUMNS, UNIT_ROWS, units_address},
    view::{Figure, Standing, UnitRow, figure},
};
use crate::{
    case::view::AreaNames,
    sent::{PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "campaign/units.html")]
struct UnitsPage {
    shell: Shell,
    news: Option<String>,
    title: String,
    place: String,
    back: String,
    label: String,
    chips: Vec<(Figure, bool)>,
    rows: Vec<UnitRow>,
    next: Option<String>,
    action: String,
    code: String,
    standing: Standing,
    silent: i64,
    reminder_hours: i64,
    may_remind: bool,
}

pub async fn units(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageQuery(at): PageQuery<At>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let show = if at.show.is_empty() { Some(Show::All) } else { Show::parse(&at.show) };
            let show = show.ok_or(Refusal::NotFound)?;
            let it = campaign::progress(ctx, id, at.area())?;
            let code = it.path.code().to_owned();
            let window = Window::parse(Some(UNIT_ROWS as i64), Some(&at.cursor))?;
            let found = campaign::units(ctx, id, Some(&code), show, &window)?;
            let names = AreaNames::of(ctx, found.items.iter().map(|it| &it.path).chain([&it.path]))?;
            let chip = |other: Show| {
                let address = units_address(&it.campaign, &code, other);
                (figure(&shell.t, &it.counts, other, address), other == show)
            };
            let row = |unit| UnitRow::new(ctx, &shell, &it.campaign, &it.form_id, unit, &names);
            let page = UnitsPage {
                news: at.news(&shell.t),
                title: it.campaign.title.clone(),
                place: names.line(&it.path),
                back: format!("/campaigns/{id}?area={code}"),
                label: shell.t.say(&format!("campaign-show-{}", show.as_str())),
                chips: [Show::All].into_iter().chain(COLUMNS).map(chip).collect(),
                rows: found.items.iter().map(row).collect(),
                next: found.next.map(|it| {
                    format!("/campaigns/{id}/units?area={code}&show={}&cursor={}", show.as_str(), it.encode())
                }),
                action: format!("/campaigns/{id}"),
                standing: Standing::new(&shell.t, &it.campaign, ctx.now),
                silent: it.counts.silent(),
                reminder_hours: kernel::limits::CAMPAIGN_REMINDER_HOURS,
                may_remind: matches!(show, Show::Silent | Show::All)
                    && it.counts.silent() > 0
                    && campaign::may(ctx, &it.campaign, &it.path).0,
                code,
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}
