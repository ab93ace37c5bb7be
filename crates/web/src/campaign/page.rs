//! How campaigns stand: the list, the figures of one by area, and the units behind each figure.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Ctx, Refusal, Window,
    campaign::{self, Begun, Campaign, Counts, End, Progress, Round, Show},
    organization,
};
use kernel::{AreaPath, Campaign as CampaignName, Id};
use serde::Deserialize;
use uuid::Uuid;

use super::view::{Figure, Standing, UnitRow, audience, figure, round_word, share};
use crate::{
    case::view::{AreaNames, Moment},
    form::{asked::encoded, fill},
    sent::{PageForm, PagePath, PageQuery},
    shell::{self, Shell},
    visitor::Visitor,
};

/// Campaigns on one page: of each that runs the figures are counted.
const LIST_ROWS: usize = 20;
/// Units on one page.
const UNIT_ROWS: usize = 50;
/// What a table shows of each area, after what was expected.
const COLUMNS: [Show; 8] = [
    Show::Arrived,
    Show::Silent,
    Show::Valid,
    Show::Invalid,
    Show::Late,
    Show::Waiting,
    Show::Returned,
    Show::Accepted,
];

#[derive(Template)]
#[template(path = "campaign/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<ListRow>,
    next: Option<String>,
    may_send: bool,
}

struct ListRow {
    title: String,
    period: String,
    place: String,
    address: String,
    standing: Standing,
    /// Of one that has not ended.
    counts: Option<Counts>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Behind {
    cursor: String,
}

pub async fn list(visitor: Visitor, PageQuery(behind): PageQuery<Behind>) -> Response {
    visitor
        .page(move |ctx, shell| {
            let window = Window::parse(Some(LIST_ROWS as i64), Some(&behind.cursor))?;
            let found = campaign::list(ctx, &window)?;
            let names = AreaNames::of(ctx, found.items.iter().map(|(it, _)| &it.path))?;
            let mut rows = Vec::with_capacity(found.items.len());
            for (it, _) in &found.items {
                let standing = Standing::new(&shell.t, it, ctx.now);
                let is_counted = !standing.is_ended;
                let counts = is_counted.then(|| campaign::progress(ctx, it.id, None)).transpose()?;
                rows.push(ListRow {
                    title: it.title.clone(),
                    period: it.period.clone(),
                    place: names.line(&it.path),
                    address: format!("/campaigns/{}", it.id),
                    counts: counts.map(|it| it.counts),
                    standing,
                });
            }
            let page = ListPage {
                rows,
                next: found.next.map(|it| format!("/campaigns?cursor={}", it.encode())),
                may_send: campaign::sending_area(ctx).is_some(),
                shell,
            };
            shell::html(StatusCode::OK, &page)
        })
        .await
}

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
    form: String,
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
    address: String,
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

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct At {
    area: String,
    show: String,
    cursor: String,
    /// What happened before the page is shown.
    news: String,
    told: i64,
    skipped: i64,
    vacant: i64,
}

impl At {
    fn area(&self) -> Option<&str> {
        Some(self.area.trim()).filter(|it| !it.is_empty())
    }
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
            shown(ctx, shell, &progress, &at)
        })
        .await
}

fn shown(ctx: &Ctx, shell: Shell, it: &Progress, at: &At) -> Result<Response, Refusal> {
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
    let page = ProgressPage {
        news: news(t, at),
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
        form: format!("/forms/{}/records", encoded(&it.form_id)),
        action: format!("/campaigns/{}", campaign.id),
        silent: counts.silent(),
        reminder_hours: kernel::limits::CAMPAIGN_REMINDER_HOURS,
        code,
        may_remind: may_remind && counts.silent() > 0,
        may_end,
        shell,
    };
    shell::html(StatusCode::OK, &page)
}

fn units_address(it: &Campaign, code: &str, show: Show) -> String {
    format!("/campaigns/{}/units?area={code}&show={}", it.id, show.as_str())
}

fn news(t: &crate::locale::Translator, at: &At) -> Option<String> {
    match at.news.as_str() {
        "sent" | "ended" => Some(t.say(&format!("campaign-news-{}", at.news))),
        "reminded" => {
            let mut words = vec![t.with("campaign-news-reminded", "number", at.told)];
            if at.skipped > 0 {
                words.push(t.with("campaign-news-skipped", "number", at.skipped));
            }
            if at.vacant > 0 {
                words.push(t.with("campaign-news-vacant", "number", at.vacant));
            }
            Some(words.join(&t.say("campaign-news-and")))
        }
        _ => None,
    }
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
    let name = names.name(code).unwrap_or(code).to_owned();
    // What stands in no area below is told as standing right here.
    let is_here = it.path == *above;
    LineRow {
        name: if is_here { shell.t.with("campaign-here", "area", &name) } else { name },
        address: format!("/campaigns/{}?area={code}", campaign.id),
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
                news: news(&shell.t, &at),
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

#[derive(Deserialize)]
pub struct BeginForm {
    unit: Uuid,
}

#[derive(Template)]
#[template(path = "campaign/there.html")]
struct TherePage {
    shell: Shell,
    title: String,
    record: String,
}

/// Begins what is asked; a second record is not begun, and the first is shown instead.
pub async fn begin(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageForm(sent): PageForm<BeginForm>,
) -> Response {
    visitor
        .page(move |ctx, shell| match campaign::begin(ctx, id, sent.unit)? {
            Begun::Draft(draft) => Ok(Redirect::to(&fill::address(draft)).into_response()),
            Begun::There { form_id, instance_id, title } => {
                let record = format!("/forms/{}/records/{}", encoded(&form_id), encoded(&instance_id));
                shell::html(StatusCode::CONFLICT, &TherePage { shell, title, record })
            }
        })
        .await
}

#[derive(Deserialize)]
pub struct RemindForm {
    area: String,
    #[serde(default)]
    unit: String,
    /// Code of the area whose list of those who are silent it was sent from.
    #[serde(default)]
    list: String,
}

pub async fn remind(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageForm(sent): PageForm<RemindForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            let unit = match sent.unit.trim() {
                "" => None,
                text => Some(text.parse().map_err(|_| Refusal::NotFound)?),
            };
            let round = campaign::remind(ctx, id, sent.area.trim(), unit)?;
            let from = match sent.list.trim() {
                "" => format!("/campaigns/{id}?area={}", sent.area.trim()),
                code => format!("/campaigns/{id}/units?area={code}&show=silent"),
            };
            let Round { units, skipped, vacant, .. } = round;
            let to = format!("{from}&news=reminded&told={units}&skipped={skipped}&vacant={vacant}");
            Ok(crate::sent::lead_on(&to, "/campaigns"))
        })
        .await
}

#[derive(Deserialize)]
pub struct EndForm {
    how: String,
    #[serde(default)]
    reason: String,
}

pub async fn end(
    visitor: Visitor,
    PagePath(id): PagePath<Id<CampaignName>>,
    PageForm(sent): PageForm<EndForm>,
) -> Response {
    visitor
        .page(move |ctx, _| {
            let how = End::parse(&sent.how).ok_or(Refusal::NotFound)?;
            campaign::end(ctx, id, how, &sent.reason)?;
            Ok(Redirect::to(&format!("/campaigns/{id}?news=ended")).into_response())
        })
        .await
}
