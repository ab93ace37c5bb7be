//! Ordering: what one body proposes comes into force when another approves it.

use kernel::{Id, Organization, Role, Timestamp, limits};
use pass_format::{Order, Statement};
use policy::{Action, Resource};
use store::Tx;

use super::{
    key,
    model::{
        Decision, FULL_PERCENT, NewRegime, PASS_SECONDS, REGIME_DAYS_MAX, Regime, RuleState, RuleVersion,
        SCOPES_MAX, State, seconds, unavailable,
    },
    rule::{Rule, RuleFault},
    store as rows,
    vault::Secret,
};
use crate::{
    Ctx, Faults, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
    notice::{self, NoticeKind, Recipient},
    organization, text,
};

/// Who proposes, and who has the second word; asked of `policy`, named here to find the office that acts.
const PROPOSERS: [Role; 2] = [Role::Leader, Role::Commander];
pub(super) const DECIDERS: [Role; 3] = [Role::Leader, Role::Commander, Role::Auditor];
/// Proposals of one body that may wait at once for another.
const PROPOSALS_MAX: usize = 5;
/// Days ahead that an order may begin.
const START_DAYS_MAX: i64 = 30;

/// Proposes a regime. It is in force once another body has approved it.
pub fn propose(ctx: &Ctx, new: &NewRegime) -> Result<Regime, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let checked = Checked::of(ctx, &mut faults, new);
    ctx.write(|tx| {
        let place = area::place(tx, &new.area)?;
        let place = place.ok_or_else(|| Refusal::invalid("area", Message::new("fault-area")))?;
        ctx.must(Action::PassPropose, Resource::Area { path: &place.path })?;
        faults.check()?;
        must_know_areas(tx, &checked.rule)?;
        let organization = ctx.acting(&PROPOSERS, &place.path, None).ok_or(Refusal::Denied)?;
        let waits = |it: &&Regime| it.organization == organization && ctx.now < it.end;
        if rows::regimes_in(tx, State::Proposed)?.iter().filter(waits).count() >= PROPOSALS_MAX {
            return Err(Refusal::conflict("conflict-pass-proposals"));
        }
        let number = rows::last_regime(tx)? + 1;
        let number = u16::try_from(number).map_err(|_| Refusal::conflict("conflict-pass-numbers"))?;
        let regime = checked.regime(ctx, new, number, place, organization);
        rows::add_regime(tx, &regime)?;
        let version = RuleVersion {
            version: 1,
            state: RuleState::Proposed,
            text: checked.rule.to_string(),
            affected: 0,
            proposed_by: organization,
            proposed_at: ctx.now,
            decided_by: None,
            decided_at: None,
            settled_at: None,
        };
        rows::add_rule(tx, number, &version)?;
        record(tx, ctx, &regime, "pass.propose", &[])?;
        ask_second(tx, ctx, &regime, organization)?;
        Ok(regime)
    })
}

/// What of a proposal could be read.
struct Checked {
    lines: [String; 5],
    scopes: Vec<String>,
    rule: Rule,
}

impl Checked {
    fn of(ctx: &Ctx, faults: &mut Faults, new: &NewRegime) -> Self {
        let mut line = |field: &str, value: &str| {
            let value = text::line(faults, field, value);
            text::required(faults, field, value)
        };
        let [title, basis, number] = [
            line("title", &new.title),
            line("legal_basis", &new.legal_basis),
            line("order_number", &new.order_number),
        ];
        let mut lines = |field: &str, value: &str| {
            let value = text::lines(faults, field, value);
            let value = text::required(faults, field, value);
            let is_short = value.len() <= pass_format::REGIME_TEXT_BYTES_MAX;
            if !is_short {
                faults.add(field, Message::new("fault-pass-text"));
            }
            value
        };
        let (purposes, duties) = (lines("purposes", &new.purposes), lines("duties", &new.duties));
        let scopes: Vec<String> =
            new.scopes.lines().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let are_short = scopes.iter().all(|it| it.chars().count() <= limits::LINE_CHARS_MAX);
        if !(1..=SCOPES_MAX).contains(&scopes.len()) || !are_short {
            faults.add("scopes", Message::new("fault-pass-scopes").with("max", SCOPES_MAX));
        }
        let is_long = new.end.seconds_since(new.start) > REGIME_DAYS_MAX * 86_400;
        if is_long {
            faults.add("end", Message::new("fault-pass-days").with("max", REGIME_DAYS_MAX));
        }
        let begins = new.start.seconds_since(ctx.now);
        // Whoever fills in a form in the evening may mean its morning.
        if !(-86_400..=START_DAYS_MAX * 86_400).contains(&begins) {
            faults.add("start", Message::new("fault-pass-start").with("max", START_DAYS_MAX));
        }
        // A moment that is over when the second body reads it is no end.
        if new.end <= new.start || new.end <= ctx.now {
            faults.add("end", Message::new("fault-pass-end"));
        }
        if !PASS_SECONDS.contains(&new.pass_seconds) {
            faults.add("pass_hours", Message::new("fault-pass-hours"));
        } else if new.holders < 1 {
            faults.add("holders", Message::new("fault-pass-holders-none"));
        } else if !is_long && entries(new).is_none() {
            faults.add("holders", Message::new("fault-pass-holders"));
        }
        let rule = parse_rule(faults, &new.rule);
        Self { lines: [title, basis, number, purposes, duties], scopes, rule }
    }

    fn regime(
        &self,
        ctx: &Ctx,
        new: &NewRegime,
        number: u16,
        place: area::Place,
        organization: Id<Organization>,
    ) -> Regime {
        let [title, legal_basis, order_number, purposes, duties] = self.lines.clone();
        Regime {
            number,
            id: ctx.id(),
            county: place.county,
            area: place.id,
            path: place.path,
            state: State::Proposed,
            title,
            legal_basis,
            order_number,
            purposes,
            duties,
            organization,
            start: new.start,
            end: new.end,
            scopes: self.scopes.clone(),
            bearer: new.bearer,
            pass_seconds: new.pass_seconds,
            entries: entries(new).unwrap_or_default(),
            proposed_at: ctx.now,
            decided_by: None,
            decided_at: None,
            note: String::new(),
            counted_day: 0,
            deleted_at: None,
            revision: 1,
        }
    }
}

/// Places of the list: for each holder two passes at a time until the end, and room to draw in; enough to hide in.
fn entries(new: &NewRegime) -> Option<i64> {
    let times = new.end.seconds_since(new.start).max(0) / new.pass_seconds.max(1) + 1;
    let needed = new.holders.max(0).checked_mul(2)?.checked_mul(times)?.checked_mul(100)? / FULL_PERCENT;
    let needed = u64::try_from(needed).ok()?.max(pass_format::ENTRIES_MIN_TO_HIDE).next_power_of_two();
    (needed <= pass_format::ENTRIES_MAX).then(|| i64::try_from(needed).ok()).flatten()
}

pub(super) fn parse_rule(faults: &mut Faults, text: &str) -> Rule {
    Rule::parse(text).unwrap_or_else(|fault| {
        faults.add(
            "rule",
            match fault {
                RuleFault::Empty => Message::new("fault-required"),
                RuleFault::Line(line) => Message::new("fault-pass-rule").with("line", line),
                RuleFault::TooLong => Message::new("fault-pass-rule-long"),
            },
        );
        Rule { groups: Vec::new() }
    })
}

/// A digit that is wrong would shut out a whole class, and nobody would see why.
pub(super) fn must_know_areas(tx: &mut Tx<'_>, rule: &Rule) -> Result<(), Refusal> {
    for code in rule.areas() {
        if area::place(tx, code)?.is_none() {
            return Err(Refusal::invalid("rule", Message::new("fault-pass-rule-area").with("code", code)));
        }
    }
    Ok(())
}

/// Has the second word on a regime: with approval it is in force from its start on, and the first key is made.
pub fn decide(ctx: &Ctx, number: u16, decision: Decision, note: &str) -> Result<Regime, Refusal> {
    let mut faults = Faults::default();
    let mut note = text::lines(&mut faults, "note", note);
    if decision == Decision::Refuse {
        note = text::required(&mut faults, "note", note);
    }
    ctx.write(|tx| {
        let mut regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
        let body = second(ctx, &regime, regime.organization)?;
        faults.check()?;
        if regime.state != State::Proposed {
            return Err(Refusal::conflict("conflict-pass-decided"));
        }
        (regime.decided_by, regime.decided_at, regime.note) = (Some(body), Some(ctx.now), note.clone());
        let mut rule = rows::rules(tx, number)?.pop().ok_or(Refusal::NotFound)?;
        (rule.decided_by, rule.decided_at) = (Some(body), Some(ctx.now));
        match decision {
            Decision::Refuse => (regime.state, rule.state) = (State::Refused, RuleState::Refused),
            Decision::Approve => {
                if regime.end <= ctx.now {
                    return Err(Refusal::conflict("conflict-pass-over"));
                }
                must_fit(tx, ctx)?;
                regime.start = regime.start.max(ctx.now);
                regime.counted_day = regime.start.day() - 1;
                (regime.state, rule.state) = (State::InForce, RuleState::InForce);
                let ids = &ctx.city.ids;
                ctx.city.passes.keep(number, ids.secret(), &ids.secret()).map_err(unavailable)?;
                announce(tx, ctx, &regime, &rule.text)?;
                key::make(tx, ctx, &regime, regime.organization, regime.start)?;
            }
        }
        rows::save_rule(tx, number, &rule, RuleState::Proposed)?;
        rows::save_regime(tx, &regime)?;
        record(tx, ctx, &regime, "pass.decide", &[("state", regime.state.as_str().to_owned())])?;
        tell_proposer(tx, ctx, &regime, regime.organization)?;
        Ok(regime)
    })
}

/// Checkpoints take so many orders along and no more.
fn must_fit(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<(), Refusal> {
    let in_force = rows::regimes_in(tx, State::InForce)?.iter().filter(|it| ctx.now < it.end).count();
    match (in_force as u64) < pass_format::BUNDLE_REGIMES_MAX {
        true => Ok(()),
        false => Err(Refusal::conflict("conflict-pass-regimes")),
    }
}

/// The order in the public log.
fn announce(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, rule: &str) -> Result<(), Refusal> {
    let names = names(tx, regime)?;
    let order = Order {
        regime: &regime.to_format(&names[0]),
        area: regime.path.code(),
        purposes: &regime.purposes,
        duties: &regime.duties,
        bearer: regime.bearer.as_str(),
        rule,
        offices: [&names[0], &names[1]],
        approved_at: seconds(ctx.now),
    };
    journal::state(tx, ctx, Statement::Regime(&order).to_entry()).map(drop)
}

/// Names of the body that ordered and of the one that approved.
fn names(tx: &mut Tx<'_>, regime: &Regime) -> Result<[String; 2], Refusal> {
    let ordered = organization::name(tx, regime.organization)?.unwrap_or_default();
    let approved = match regime.decided_by {
        Some(body) => organization::name(tx, body)?.unwrap_or_default(),
        None => String::new(),
    };
    Ok([ordered, approved])
}

/// The body by which the actor has the second word on what `proposer` proposed. Whoever may not is told that there is none.
pub(super) fn second(
    ctx: &Ctx,
    regime: &Regime,
    proposer: Id<Organization>,
) -> Result<Id<Organization>, Refusal> {
    let resource = Resource::Area { path: &regime.path };
    ctx.must(Action::PassApprove { proposed_by: proposer }, resource)?;
    ctx.acting(&DECIDERS, &regime.path, Some(proposer)).ok_or(Refusal::Denied)
}

/// The regime, if it is in force and not over, and the body by which the actor orders in it.
pub(super) fn ordering(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    number: u16,
) -> Result<(Regime, Id<Organization>), Refusal> {
    let regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
    ctx.must(Action::PassPropose, Resource::Area { path: &regime.path })?;
    let body = ctx.acting(&PROPOSERS, &regime.path, None).ok_or(Refusal::Denied)?;
    must_last(&regime, ctx.now)?;
    Ok((regime, body))
}

pub(super) fn must_last(regime: &Regime, now: Timestamp) -> Result<(), Refusal> {
    match regime.state {
        State::InForce if now < regime.end => Ok(()),
        State::Proposed | State::Refused => Err(Refusal::conflict("conflict-pass-not-in-force")),
        State::InForce | State::Deleted => Err(Refusal::conflict("conflict-pass-over")),
    }
}

/// The regime's secret, without which nothing of it is done.
pub(super) fn secret(ctx: &Ctx, regime: &Regime) -> Result<Secret, Refusal> {
    match ctx.city.passes.get(regime.number).map_err(unavailable)? {
        Some(secret) => Ok(secret),
        None if ctx.now >= regime.end || regime.state == State::Deleted => {
            Err(Refusal::conflict("conflict-pass-over"))
        }
        None => Err(Refusal::Unavailable(format!("the secret of regime {} is not there", regime.number))),
    }
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    action: &str,
    detail: &[(&'static str, String)],
) -> Result<(), Refusal> {
    let entry = Entry::new(regime.county, action, SubjectKind::Regime, regime.id.uuid());
    let entry = entry.with("regime", regime.number);
    let entry = detail.iter().fold(entry, |entry, (name, value)| entry.with(name, value));
    journal::record(tx, ctx, &entry)
}

/// The rule did it, and nobody: the journal keeps no list of who carries passes.
pub(super) fn record_by_rule(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    action: &str,
    detail: &[(&'static str, String)],
) -> Result<(), Refusal> {
    let rule = Ctx { now: ctx.now, ..Ctx::system(ctx.city.clone()) };
    record(tx, &rule, regime, action, detail)
}

/// Tells the offices that have the second word: the nearest of other bodies, however far above the proposer they are.
pub(super) fn ask_second(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    proposer: Id<Organization>,
) -> Result<(), Refusal> {
    let offices = organization::nearest_offices_but(tx, &DECIDERS, &regime.path, proposer, ctx.now)?;
    for office in &offices {
        let (to, kind) = (Recipient::Office(office), NoticeKind::PassDecisionWaiting);
        notice::announce_of_regime(tx, ctx, regime.county, to, kind, regime.number, &regime.called())?;
    }
    Ok(())
}

pub(super) fn tell_proposer(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    proposer: Id<Organization>,
) -> Result<(), Refusal> {
    let offices = organization::offices_of_body(tx, &PROPOSERS, &regime.path, proposer, ctx.now)?;
    for office in &offices {
        let (to, kind) = (Recipient::Office(office), NoticeKind::PassDecided);
        notice::announce_of_regime(tx, ctx, regime.county, to, kind, regime.number, &regime.called())?;
    }
    Ok(())
}
