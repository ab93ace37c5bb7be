//! What an office does with a campaign: sends it, closes it, takes it back.

use jiff::ToSpan;
use kernel::{AreaPath, Campaign as CampaignName, Id, Role, Tier, Timestamp, limits};
use policy::{Action, Appointment, Resource};
use store::Tx;

use super::{
    limit,
    model::{Audience, Campaign, End, New, RoundKind, State},
    query, rule,
    store::{self as rows, Scope},
};
use crate::{
    Ctx, Faults, Message, Refusal, area, form,
    journal::{self, Entry, SubjectKind},
    notice::{self, NoticeKind, Recipient},
    text,
};

const DAY: i64 = 86_400;

/// Sends a form to all whom it asks. The same again under its id is the same campaign, and something else is refused.
pub fn send(ctx: &Ctx, new: &New) -> Result<Campaign, Refusal> {
    let mut faults = Faults::default();
    let title = text::line(&mut faults, "title", &new.title);
    let title = text::required(&mut faults, "title", title);
    let period = text::line(&mut faults, "period", &new.period);
    let form_id = text::line(&mut faults, "form", &new.form_id);
    let new = &New { form_id: text::required(&mut faults, "form", form_id), ..new.clone() };
    let words = (title, period);
    let campaign = ctx.write(|tx| {
        let place = area::place(tx, &new.area)?;
        let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-unknown-area")))?;
        must_send(ctx, &place.path)?;
        faults.check()?;
        if let Some(known) = rows::load(tx, new.id)? {
            let is_same = is_same(tx, ctx, &known, new, &place, &words)?;
            return if is_same { Ok(known) } else { Err(Refusal::conflict("conflict-campaign-id")) };
        }
        if rows::count_open(tx)? >= limits::CAMPAIGNS_OPEN_MAX {
            let message = Message::new("conflict-campaigns").with("max", limits::CAMPAIGNS_OPEN_MAX);
            return Err(Refusal::Conflict(message));
        }
        let campaign = planned(tx, ctx, new, &place, &words)?;
        let scope = Scope::new(tx, &campaign, &campaign.path, ctx.now)?;
        let units = rows::expected(tx, &scope)?;
        if units == 0 {
            return Err(Refusal::invalid("audience", Message::new("fault-campaign-nobody")));
        }
        if units > limits::CAMPAIGN_UNITS_MAX {
            let message = Message::new("fault-campaign-units").with("max", limits::CAMPAIGN_UNITS_MAX);
            return Err(Refusal::invalid("audience", message));
        }
        limit::must_fit(tx, ctx, &campaign, &new.form_id)?;
        // Of two who ask a form and close it at once, one sees what the other did.
        form::hold(tx, campaign.form)?;
        rows::insert(tx, &campaign)?;
        let entry = entry("campaign.send", &campaign).with("form", campaign.form).with("units", units);
        journal::record(tx, ctx, &entry.with("due", campaign.due))?;
        Ok(campaign)
    })?;
    Ok(campaign)
}

/// Whether a campaign is what is asked now once more.
fn is_same(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    known: &Campaign,
    new: &New,
    place: &area::Place,
    (title, period): &(String, String),
) -> Result<bool, Refusal> {
    let starts_at = new.starts.map_or(known.sent_at, |day| rule::start_of(day).max(known.sent_at));
    let calendar = ctx.city.calendars.of(tx, &place.path)?;
    let form_id = rows::form_id(tx, known.form)?;
    let is_form = form_id.as_ref() == Some(&new.form_id) && known.version.is_some() == new.is_fixed;
    let is_words = known.title == *title && known.period == *period;
    let is_whom = known.area == place.id && known.audience == new.audience;
    let is_when = known.starts_at == starts_at
        && rule::due(&calendar, new.due, new.due_by) == Some(known.due)
        && known.closes_at == closes_at(known.due, new.grace_days);
    Ok(is_form && is_words && is_whom && is_when)
}

/// A number of days that nobody can have meant is told as a fault.
fn closes_at(due: Timestamp, grace_days: i64) -> Timestamp {
    due.plus_seconds(grace_days.saturating_mul(DAY))
}

/// What is asked, if all of it can be.
fn planned(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    new: &New,
    place: &area::Place,
    (title, period): &(String, String),
) -> Result<Campaign, Refusal> {
    let mut faults = Faults::default();
    let found = form::takes_records(tx, ctx, &new.form_id)?;
    // The form of an area is asked there and below.
    let found = found.filter(|(form, _)| place.path.is_within(&form.area_path));
    if found.is_none() {
        faults.add("form", Message::new("fault-campaign-form"));
    }
    if !is_asked(new.audience, place.tier) {
        faults.add("audience", Message::new("fault-campaign-audience"));
    } else if let Audience::Holders { role } = new.audience
        && !rule::can_answer(&ctx.city.policy, role, &place.path)
    {
        faults.add("audience", Message::new("fault-campaign-role"));
    }
    let calendar = ctx.city.calendars.of(tx, &place.path)?;
    let (today, ahead) = (ctx.now.civil().date(), limits::CAMPAIGN_AHEAD_DAYS_MAX.days());
    let starts_at = new.starts.map_or(ctx.now, |day| rule::start_of(day).max(ctx.now));
    let due = rule::due(&calendar, new.due, new.due_by);
    match due {
        None => faults.add("due", Message::new("fault-campaign-no-workday")),
        Some(due) if due <= starts_at => faults.add("due", Message::new("fault-campaign-due")),
        Some(_) if new.due > today.saturating_add(ahead) => {
            let message = Message::new("fault-campaign-ahead").with("max", limits::CAMPAIGN_AHEAD_DAYS_MAX);
            faults.add("due", message);
        }
        Some(_) => {}
    }
    if !(0..=limits::CAMPAIGN_GRACE_DAYS_MAX).contains(&new.grace_days) {
        let message = Message::new("fault-range").with("min", 0).with("max", limits::CAMPAIGN_GRACE_DAYS_MAX);
        faults.add("grace_days", message);
    }
    faults.check()?;
    let ((form, version), due) = found.zip(due).ok_or(Refusal::NotFound)?;
    Ok(Campaign {
        // Records of a form stand in its county, and so does what asks for them.
        county: form.county,
        id: new.id,
        form: form.id,
        version: new.is_fixed.then_some(version.id),
        title: title.clone(),
        period: period.clone(),
        area: place.id,
        path: place.path.clone(),
        audience: new.audience,
        starts_at,
        due,
        closes_at: closes_at(due, new.grace_days),
        sent_at: ctx.now,
        sent_by: ctx.actor.person,
        office: office(ctx, &place.path),
        state: State::Open,
        ended_at: None,
        ended_by: None,
        reason: String::new(),
        completed_at: None,
        next: Some((RoundKind::Start, starts_at)),
        revision: 0,
    })
}

/// Areas from the county to the grid that lie in the one that is asked or are it, and roles that people hold in office.
fn is_asked(audience: Audience, root: Tier) -> bool {
    match audience {
        Audience::Areas { tier, kind } => {
            (Tier::County..=Tier::Grid).contains(&tier)
                && tier >= root
                && (kind.is_none() || tier >= Tier::Community)
        }
        Audience::Holders { role } => !matches!(role, Role::Anonymous | Role::Resident),
    }
}

fn must_send(ctx: &Ctx, path: &AreaPath) -> Result<(), Refusal> {
    if ctx.actor.system { Ok(()) } else { ctx.must(Action::CampaignSend, Resource::Area { path }) }
}

/// The first of the actor's offices that may ask all of an area.
fn office(ctx: &Ctx, path: &AreaPath) -> Option<Appointment> {
    let may = |it: &&Appointment| {
        let alone = policy::Actor { appointments: vec![(*it).clone()], ..ctx.actor.clone() };
        ctx.city.policy.may(&alone, Action::CampaignSend, Resource::Area { path })
    };
    ctx.actor.appointments.iter().find(may).cloned()
}

/// Closes a campaign before its time, or takes it back; why stands there for those who see how it stands, and is told to
/// whoever tries to send something.
pub fn end(ctx: &Ctx, id: Id<CampaignName>, how: End, reason: &str) -> Result<Campaign, Refusal> {
    let mut faults = Faults::default();
    let reason = text::lines(&mut faults, "reason", reason);
    let reason = match how {
        End::Withdraw => text::required(&mut faults, "reason", reason),
        End::Close => reason,
    };
    ctx.write(|tx| {
        let campaign = query::seen(tx, ctx, id)?;
        ctx.must(Action::CampaignEnd, Resource::Area { path: &campaign.path })?;
        faults.check()?;
        if campaign.state == how.state() {
            return Ok(campaign);
        }
        if campaign.state != State::Open {
            return Err(Refusal::conflict("conflict-campaign-ended"));
        }
        ended(tx, ctx, campaign, how.state(), &reason)
    })
}

/// It takes no more records, and nobody is reminded. The office that sent it is told, unless it did it.
pub(super) fn ended(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    campaign: Campaign,
    state: State,
    reason: &str,
) -> Result<Campaign, Refusal> {
    let next = Campaign {
        state,
        ended_at: Some(ctx.now),
        ended_by: ctx.actor.person,
        reason: reason.to_owned(),
        next: None,
        ..campaign
    };
    rows::save(tx, &next)?;
    let action = if state == State::Withdrawn { "campaign.withdraw" } else { "campaign.close" };
    journal::record(tx, ctx, &entry(action, &next))?;
    tell_office(tx, ctx, &next, NoticeKind::CampaignEnded)?;
    Ok(Campaign { revision: next.revision + 1, ..next })
}

/// Tells the office that sent a campaign.
pub(super) fn tell_office(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    it: &Campaign,
    kind: NoticeKind,
) -> Result<(), Refusal> {
    let Some(office) = &it.office else { return Ok(()) };
    notice::announce(tx, ctx, it.county, Recipient::Office(office), kind, &it.title).map(drop)
}

pub(super) fn entry(action: &str, it: &Campaign) -> Entry {
    Entry::new(it.county, action, SubjectKind::Campaign, it.id.uuid())
}
