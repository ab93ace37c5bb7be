//! What templates of campaigns see.

use domain::{
    Ctx, Refusal,
    campaign::{self, Audience, Campaign, Counts, Mine, RoundKind, Show, State, Unit},
    form::Review,
};
use kernel::Timestamp;

use crate::{
    case::view::{AreaNames, Moment},
    form::view::{record_address, standing},
    locale::Translator,
    shell::Shell,
    table::percent,
};

/// A campaign's state and time, in words.
pub struct Standing {
    pub state: String,
    /// How long until it is due, or since; none of one that has ended.
    pub due_in: Option<String>,
    pub is_due: bool,
    pub is_ended: bool,
    pub due: Moment,
}

impl Standing {
    pub fn new(t: &Translator, it: &Campaign, now: Timestamp) -> Self {
        let is_ended = it.state != State::Open;
        let word = match it.state {
            State::Open if it.starts_at > now => "planned",
            State::Open if it.is_due(now) => "late",
            state => state.as_str(),
        };
        let seconds = it.due.seconds_since(now);
        let key = if seconds > 0 { "campaign-due-in" } else { "campaign-due-since" };
        let due_in = (!is_ended).then(|| t.with(key, "wait", t.duration(seconds.abs())));
        let is_due = it.is_due(now) && !is_ended;
        // Midnight is the day before to people.
        let due = Moment::new(t, it.due.plus_seconds(-1), now);
        Self { state: t.say(&format!("campaign-state-{word}")), due_in, is_due, is_ended, due }
    }
}

pub fn audience(t: &Translator, it: Audience) -> String {
    match it {
        Audience::Areas { tier, kind: None } => t.say(&format!("campaign-audience-{}", tier.as_str())),
        Audience::Areas { tier, kind: Some(kind) } => {
            t.say(&format!("campaign-audience-{}-{}", tier.as_str(), kind.as_str()))
        }
        Audience::Holders { role } => {
            t.with("campaign-audience-holders", "role", t.say(&format!("role-{}", role.as_str())))
        }
    }
}

pub fn round_word(kind: RoundKind) -> String {
    format!("campaign-round-{}", kind.as_str())
}

/// One figure with the list behind it.
pub struct Figure {
    pub label: String,
    pub number: i64,
    pub address: String,
    /// It wants somebody to look.
    pub is_bad: bool,
}

pub fn figure(t: &Translator, counts: &Counts, show: Show, address: String) -> Figure {
    let number = counts.of(show);
    let is_bad = number > 0 && matches!(show, Show::Silent | Show::Invalid | Show::Late | Show::Returned);
    Figure { label: t.say(&format!("campaign-show-{}", show.as_str())), number, address, is_bad }
}

/// A share as people read it; none of nothing.
pub fn share(part: i64, whole: i64) -> Option<String> {
    (whole > 0).then(|| percent(part * 1_000 / whole))
}

/// One who is asked, in a list.
pub struct UnitRow {
    pub key: String,
    pub name: String,
    pub place: String,
    pub tags: Vec<(String, bool)>,
    pub arrived: Option<Moment>,
    /// When its writer had finished it, where that was long before.
    pub finished: Option<Moment>,
    pub reminded: Option<Moment>,
    pub reminders: i64,
    pub is_silent: bool,
    /// Where its record is, for those who may read it.
    pub record: Option<String>,
}

/// Seconds by which a record's arrival may follow its end before both are told.
const SAME_MOMENT: i64 = 120;

impl UnitRow {
    pub fn new(
        ctx: &Ctx,
        shell: &Shell,
        it: &Campaign,
        form_id: &str,
        unit: &Unit,
        names: &AreaNames,
    ) -> Self {
        let t = &shell.t;
        let moment = |at| Moment::new(t, at, ctx.now);
        let record = unit.record.as_ref();
        let finished =
            record.and_then(|it| it.finished_at.filter(|at| it.arrived_at.seconds_since(*at) > SAME_MOMENT));
        let opened = record.filter(|_| campaign::may_read(ctx, it, unit));
        Self {
            key: unit.key.to_string(),
            name: name(t, it, unit),
            place: match it.audience {
                // Its own name stands beside it.
                Audience::Areas { .. } => unit.path.parent().map(|it| names.line(&it)).unwrap_or_default(),
                Audience::Holders { .. } => names.line(&unit.path),
            },
            tags: tags(t, unit),
            arrived: record.map(|it| moment(it.arrived_at)),
            finished: finished.map(moment),
            reminded: unit.reminded_at.map(moment),
            reminders: unit.reminders,
            is_silent: record.is_none(),
            record: opened.map(|it| record_address(form_id, &it.instance_id)),
        }
    }
}

/// What a unit is called; a person by office.
pub fn name(t: &Translator, it: &Campaign, unit: &Unit) -> String {
    match it.audience {
        Audience::Areas { .. } => unit.name.clone(),
        Audience::Holders { role } => t.say(&format!("role-{}", role.as_str())),
    }
}

/// How a unit has answered: words, and whether it is bad.
pub fn tags(t: &Translator, unit: &Unit) -> Vec<(String, bool)> {
    let Some(record) = &unit.record else { return vec![(t.say("campaign-show-silent"), true)] };
    let state = standing(record.review, record.state);
    let mut tags = vec![(t.say(state.0), state.1)];
    if record.is_late {
        tags.push((t.say("campaign-show-late"), true));
    }
    tags
}

/// What is asked of the visitor, as a row with what to do next.
pub struct MineRow {
    pub title: String,
    pub unit: String,
    pub unit_key: String,
    pub begin: String,
    pub standing: Standing,
    /// Of the form.
    pub form_id: String,
    pub tags: Vec<(String, bool)>,
    /// Nothing has been sent yet.
    pub is_silent: bool,
    pub record: Option<String>,
    /// Where it is mended, if it has to be.
    pub mend: Option<String>,
}

/// All that is asked of the visitor.
pub fn mine(ctx: &Ctx, shell: &Shell) -> Result<Vec<MineRow>, Refusal> {
    let mine = campaign::mine(ctx)?;
    let names = AreaNames::of(ctx, mine.iter().map(|it| &it.unit.path))?;
    Ok(mine.iter().map(|it| mine_row(ctx, shell, it, &names)).collect())
}

fn mine_row(ctx: &Ctx, shell: &Shell, it: &Mine, names: &AreaNames) -> MineRow {
    let record = it.unit.record.as_ref();
    let at = |record: &campaign::Record| record_address(&it.form_id, &record.instance_id);
    let is_to_mend = |it: &&campaign::Record| Review::is_to_mend(it.review, it.state);
    let period = Some(it.campaign.period.as_str()).filter(|it| !it.is_empty());
    MineRow {
        title: period.map_or(it.campaign.title.clone(), |period| format!("{} · {period}", it.campaign.title)),
        unit: names.line(&it.unit.path),
        unit_key: it.unit.key.to_string(),
        begin: format!("/campaigns/{}/begin", it.campaign.id),
        form_id: it.form_id.clone(),
        standing: Standing::new(&shell.t, &it.campaign, ctx.now),
        tags: if record.is_some() { tags(&shell.t, &it.unit) } else { Vec::new() },
        is_silent: record.is_none(),
        record: record.map(at),
        mend: record.filter(is_to_mend).map(|it| format!("{}/mend", at(it))),
    }
}
