//! How a campaign stands in an area: its figures, those of the areas below, and who was reminded.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use domain::{
    Ctx, Refusal, Window,
    campaign::{self, Campaign, Counts, Progress, Show},
    form, organization,
};
use kernel::{AreaPath, Campaign as CampaignName, Id};

use super::{
    at::{At, COLUMNS, UNIT_ROWS, units_address},
    view::{Figure, Standing, UnitRow, audience, figure, round_word, share},
};
use crate::{
    analysis,
    case::view::{AreaNames, Moment},
    form::view::records_address,
    sent::{PagePath, PageQuery},
    shell::{self, FormFaults, Shell},
    visitor::Visitor,
};

#[derive(Template)]
#[template(path = "campaign/progress.html")]
struct ProgressPage {
    shell: Shell,
    news: Option<String>,
    title: String,
    period: String,
    audience: String,
    /// The office that sent it.
    office: Option<String>,
    sent: Moment,
    closes: Moment,
    reason: String,
    standing: Standing,
    /// Names and addresses of the areas above, as far as they may be seen; the last is the one that is shown.
    line: Vec<(String, String)>,
    figures: Vec<Figure>,
    rates: Vec<Rate>,
    heads: Vec<String>,
    lines: Vec<LineRow>,
    rows: Vec<UnitRow>,
    more: Option<String>,
    rounds: Vec<RoundRow>,
    csv: String,
    /// What the form is called, and where its records and what they say together are for those who may read them all.
    form: String,
    records: Option<(String, String)>,
    /// Of the form by which it is withdrawn.
    faults: FormFaults,
    typed: String,
    action: String,
    code: String,
    silent: i64,
    reminder_hours: i64,
    may_remind: bool,
    may_end: bool,
}

struct Rate {
    label: String,
    percent: String,
    part: i64,
    whole: i64,
}

struct LineRow {
    name: String,
    /// None of what stands in no area below: that is no page of its own.
    address: Option<String>,
    expected: Figure,
    cells: Vec<Figure>,
    arrived: i64,
}

struct RoundRow {
    kind: String,
    at: Moment,
    by: String,
    place: String,
    units: i64,
    vacant: i64,
    skipped: i64,
    is_done: bool,
}

pub async fn progress(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageQuery(at): PageQuery<At>,
) -> Response {
    visitor
        .page(move |ctx, shell| {
            ctx.person()?;
            let progress = campaign::progress(ctx, id, at.area())?;
            shown(ctx, shell, &progress, &at, (FormFaults::default(), String::new()))
        })
        .await
}

/// With what is wrong with how it was to be withdrawn, and what was typed for that.
pub fn shown(
    ctx: &Ctx,
    shell: Shell,
    it: &Progress,
    at: &At,
    (faults, typed): (FormFaults, String),
) -> Result<Response, Refusal> {
    let (campaign, counts, t) = (&it.campaign, &it.counts, &shell.t);
    let code = it.path.code().to_owned();
    let units = match it.lines.is_empty() {
        true => campaign::units(ctx, campaign.id, Some(&code), Show::All, &Window::first(UNIT_ROWS))?,
        false => domain::Page { items: Vec::new(), next: None },
    };
    let rounds = campaign::rounds(ctx, campaign.id)?;
    let paths = it.lines.iter().map(|it| &it.path).chain(units.items.iter().map(|it| &it.path));
    let paths = paths.chain(rounds.iter().map(|it| &it.path)).chain([&it.path, &campaign.path]);
    let names = AreaNames::of(ctx, paths)?;
    let list = |code: &str, show: Show| units_address(campaign, code, show);
    let (may_remind, may_end) = campaign::may(ctx, campaign, &it.path);
    let form = form::get(ctx, &it.form_id)?.form;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ProgressPage {
        news: at.news(t),
        title: campaign.title.clone(),
        period: campaign.period.clone(),
        audience: audience(t, campaign.audience),
        office: office(ctx, &shell, campaign)?,
        sent: Moment::new(t, campaign.sent_at, ctx.now),
        closes: Moment::new(t, campaign.closes_at.plus_seconds(-1), ctx.now),
        reason: campaign.reason.clone(),
        standing: Standing::new(t, campaign, ctx.now),
        line: line(ctx, campaign, &it.path, &names),
        figures: [Show::All]
            .into_iter()
            .chain(COLUMNS)
            .map(|show| figure(t, counts, show, list(&code, show)))
            .collect(),
        rates: rates(&shell, counts),
        heads: COLUMNS.iter().map(|it| t.say(&format!("campaign-show-{}", it.as_str()))).collect(),
        lines: it.lines.iter().map(|line| line_row(&shell, campaign, line, &it.path, &names)).collect(),
        more: units.next.is_some().then(|| list(&code, Show::All)),
        rows: units
            .items
            .iter()
            .map(|unit| UnitRow::new(ctx, &shell, campaign, &it.form_id, unit, &names))
            .collect(),
        rounds: round_rows(ctx, &shell, &rounds, &names)?,
        csv: format!("/campaigns/{}/units.csv?area={code}", campaign.id),
        records: form::may_list_records(ctx, &form)
            .then(|| (records_address(&it.form_id), analysis::address(&it.form_id, Some(campaign.id)))),
        form: form.title,
        faults,
        typed,
        action: format!("/campaigns/{}", campaign.id),
        silent: counts.silent(),
        reminder_hours: kernel::limits::CAMPAIGN_REMINDER_HOURS,
        code,
        may_remind: may_remind && counts.silent() > 0,
        may_end,
        shell,
    };
    shell::html(status, &page)
}

fn rates(shell: &Shell, counts: &Counts) -> Vec<Rate> {
    let rate = |word: &str, part, whole| {
        let label = shell.t.say(&format!("campaign-rate-{word}"));
        share(part, whole).map(|percent| Rate { label, percent, part, whole })
    };
    let all = [
        rate("arrived", counts.arrived, counts.expected),
        rate("on-time", counts.on_time(), counts.expected),
        rate("valid", counts.valid, counts.arrived),
        rate("accepted", counts.accepted, counts.arrived),
    ];
    all.into_iter().flatten().collect()
}

fn line_row(
    shell: &Shell,
    campaign: &Campaign,
    it: &campaign::Line,
    above: &AreaPath,
    names: &AreaNames,
) -> LineRow {
    let code = it.path.code();
    let cell = |show| figure(&shell.t, &it.counts, show, units_address(campaign, code, show));
    let is_below = it.path != *above;
    LineRow {
        name: match is_below {
            true => names.name(code).unwrap_or(code).to_owned(),
            false => shell.t.say("campaign-here"),
        },
        address: is_below.then(|| format!("/campaigns/{}?area={code}", campaign.id)),
        expected: cell(Show::All),
        cells: COLUMNS.map(cell).into(),
        arrived: it.counts.arrived,
    }
}

/// The areas from the one that is asked down to the one that is shown, without those that the actor may not see.
fn line(ctx: &Ctx, campaign: &Campaign, path: &AreaPath, names: &AreaNames) -> Vec<(String, String)> {
    let above = path.ancestors().filter(|it| it.is_within(&campaign.path));
    let seen = above.filter(|it| campaign::may_see(ctx, it));
    let part = |it: AreaPath| {
        let name = names.name(it.code()).unwrap_or(it.code()).to_owned();
        (name, format!("/campaigns/{}?area={}", campaign.id, it.code()))
    };
    seen.map(part).collect()
}

fn office(ctx: &Ctx, shell: &Shell, it: &Campaign) -> Result<Option<String>, Refusal> {
    let Some(office) = &it.office else { return Ok(None) };
    let name = ctx.read(|tx| organization::name(tx, office.organization))?.unwrap_or_default();
    Ok(Some(format!("{} · {name}", shell.t.say(&format!("role-{}", office.role.as_str())))))
}

fn round_rows(
    ctx: &Ctx,
    shell: &Shell,
    rounds: &[campaign::Round],
    names: &AreaNames,
) -> Result<Vec<RoundRow>, Refusal> {
    let bodies: Vec<_> = rounds.iter().filter_map(|it| it.organization).collect();
    let bodies = ctx.read(|tx| organization::names(tx, &bodies))?;
    let row = |it: &campaign::Round| RoundRow {
        kind: shell.t.say(&round_word(it.kind)),
        at: Moment::new(&shell.t, it.begun_at, ctx.now),
        by: it.organization.and_then(|it| bodies.get(&it).cloned()).unwrap_or_default(),
        place: names.line(&it.path),
        units: it.units,
        vacant: it.vacant,
        skipped: it.skipped,
        is_done: it.done_at.is_some(),
    };
    Ok(rounds.iter().map(row).collect())
}
