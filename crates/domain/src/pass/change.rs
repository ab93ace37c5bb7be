//! Changing the rule of an order that is in force: always by two bodies.

use pass_format::Statement;
use store::Tx;

use super::{
    action::{
        ask_second, must_know_areas, must_last, ordering, parse_rule, record, second, secret, tell_proposer,
    },
    judge::{Sealed, unsealed},
    model::{Decision, Regime, RuleState, RuleVersion},
    rule::Rule,
    store::{self as rows, Place},
};
use crate::{Ctx, Faults, Message, Refusal, journal, organization, resident};

/// Holders that are looked at in one statement.
const HOLDERS_READ: i64 = 500;

/// Proposes another rule. It is in force once another body has approved it, however few it touches: those who have not asked
/// yet are counted nowhere. How many of those who have is shown before.
pub fn propose_rule(ctx: &Ctx, number: u16, text: &str) -> Result<RuleVersion, Refusal> {
    let mut faults = Faults::default();
    let rule = parse_rule(&mut faults, text);
    ctx.write(|tx| {
        let (regime, body) = ordering(tx, ctx, number)?;
        faults.check()?;
        must_know_areas(tx, &rule)?;
        let versions = rows::rules(tx, number)?;
        if versions.iter().any(|it| it.state == RuleState::Proposed) {
            return Err(Refusal::conflict("conflict-pass-rule-waits"));
        }
        let text = rule.to_string();
        if versions.iter().any(|it| it.state == RuleState::InForce && it.text == text) {
            return Err(Refusal::invalid("rule", Message::new("fault-pass-rule-same")));
        }
        let affected = affected(tx, ctx, &regime, &rule)?;
        let version = RuleVersion {
            version: versions.first().map_or(0, |it| it.version) + 1,
            state: RuleState::Proposed,
            text,
            affected,
            proposed_by: body,
            proposed_at: ctx.now,
            decided_by: None,
            decided_at: None,
            settled_at: None,
        };
        rows::add_rule(tx, number, &version)?;
        let counted = ("affected", affected.to_string());
        record(tx, ctx, &regime, "pass.propose_rule", &[("version", version.version.to_string()), counted])?;
        ask_second(tx, ctx, &regime, body)?;
        Ok(version)
    })
}

/// Has the second word on a rule. How many it touches is counted anew.
pub fn decide_rule(ctx: &Ctx, number: u16, version: i64, decision: Decision) -> Result<RuleVersion, Refusal> {
    ctx.write(|tx| {
        let regime = rows::regime(tx, number)?.ok_or(Refusal::NotFound)?;
        let mut found = rows::rules(tx, number)?;
        found.retain(|it| it.version == version);
        let mut rule = found.pop().ok_or(Refusal::NotFound)?;
        let body = second(ctx, &regime, rule.proposed_by)?;
        must_last(&regime, ctx.now)?;
        if rule.state != RuleState::Proposed {
            return Err(Refusal::conflict("conflict-pass-decided"));
        }
        (rule.decided_by, rule.decided_at) = (Some(body), Some(ctx.now));
        let parsed = Rule::parse(&rule.text).map_err(|_| Refusal::Broken("a rule is not one".to_owned()))?;
        rule.affected = affected(tx, ctx, &regime, &parsed)?;
        match decision {
            Decision::Approve => put_in_force(tx, ctx, &regime, &mut rule)?,
            Decision::Refuse => {
                rule.state = RuleState::Refused;
                rows::save_rule(tx, number, &rule, RuleState::Proposed)?;
            }
        }
        let detail = [("version", version.to_string()), ("state", rule.state.as_str().to_owned())];
        record(tx, ctx, &regime, "pass.decide_rule", &detail)?;
        tell_proposer(tx, ctx, &regime, rule.proposed_by)?;
        Ok(rule)
    })
}

/// The rule takes the place of the one before; those whom that changes are judged again by the clock.
fn put_in_force(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, rule: &mut RuleVersion) -> Result<(), Refusal> {
    for it in rows::rules(tx, regime.number)?.iter().filter(|it| it.state == RuleState::InForce) {
        let replaced = RuleVersion { state: RuleState::Replaced, ..it.clone() };
        rows::save_rule(tx, regime.number, &replaced, RuleState::InForce)?;
    }
    rule.state = RuleState::InForce;
    rows::save_rule(tx, regime.number, rule, RuleState::Proposed)?;
    let mut offices = vec![organization::name(tx, rule.proposed_by)?.unwrap_or_default()];
    if let Some(body) = rule.decided_by {
        offices.push(organization::name(tx, body)?.unwrap_or_default());
    }
    let offices: Vec<&str> = offices.iter().map(String::as_str).collect();
    let statement = Statement::Rule {
        regime: regime.number,
        version: rule.version.unsigned_abs(),
        text: &rule.text,
        affected: resident::coarse(rule.affected).map(i64::unsigned_abs),
        offices: &offices,
    };
    journal::state(tx, ctx, statement.to_entry()).map(drop)
}

/// How many people would be judged otherwise by `rule` than they were last.
fn affected(tx: &mut Tx<'_>, ctx: &Ctx, regime: &Regime, rule: &Rule) -> Result<i64, Refusal> {
    let secret = secret(ctx, regime)?;
    let (mut count, mut after) = (0, Vec::new());
    loop {
        let page = rows::last_outcomes(tx, Place::from(regime), &after, HOLDERS_READ)?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.holder.clone();
        for rows::Last { holder, outcome, sealed } in &page {
            let Some(Sealed { facts, .. }) = unsealed(&secret, holder, outcome.number, sealed) else {
                continue;
            };
            let is_granted = rule.judge(&facts.read(), &regime.path).is_ok();
            count += i64::from(is_granted != outcome.is_granted);
        }
    }
}
