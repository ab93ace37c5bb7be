//! What the rule in force comes to for somebody, written down beside what was judged.

use kernel::{AreaPath, Id, Person};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{
    action::record_by_rule,
    evidence,
    issue::revoke_all,
    model::{Outcome, Regime, RuleState, broken},
    rule::{Facts, Rule},
    store::{self as rows, Place},
    vault::Secret,
};
use crate::{
    Ctx, Refusal,
    notice::{self, NoticeKind, Recipient},
};

/// What of somebody's evidence was judged, as it is sealed beside the outcome.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub person: Id<Person>,
    pub facts: SealedFacts,
    /// Beside the row's own word, which whoever has the database could change.
    pub granted: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SealedFacts {
    home: Option<String>,
    works: Vec<String>,
    vehicle: Option<(char, u16)>,
}

impl SealedFacts {
    fn of(facts: &Facts) -> Self {
        let text = |path: &AreaPath| path.as_str().to_owned();
        Self {
            home: facts.home.as_ref().map(text),
            works: facts.works.iter().map(text).collect(),
            vehicle: facts.vehicle,
        }
    }

    pub fn read(&self) -> Facts {
        Facts {
            home: self.home.as_deref().and_then(|it| it.parse().ok()),
            works: self.works.iter().filter_map(|it| it.parse().ok()).collect(),
            vehicle: self.vehicle,
        }
    }
}

fn about(holder: &[u8], number: i64) -> Vec<u8> {
    [b"outcome", holder, &number.to_be_bytes()[..]].concat()
}

pub(super) fn unsealed(secret: &Secret, holder: &[u8], number: i64, sealed: &[u8]) -> Option<Sealed> {
    let clear = secret.unseal(&about(holder, number), sealed)?;
    serde_json::from_slice(&clear).ok()
}

/// What the rule in force comes to for somebody now. It is added to their outcomes where it says something new.
pub(super) fn judge(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    person: Id<Person>,
) -> Result<(Outcome, Facts), Refusal> {
    let place = Place::from(regime);
    rows::move_holder(tx, place, holder)?;
    let facts = evidence::facts(tx, regime, secret, holder, person)?;
    let versions = rows::rules(tx, regime.number)?;
    let version = versions.iter().find(|it| it.state == RuleState::InForce);
    let version = version.ok_or_else(|| Refusal::conflict("conflict-pass-not-in-force"))?;
    let rule = Rule::parse(&version.text).map_err(|_| Refusal::Broken("a rule is not one".to_owned()))?;
    let failed = rule.judge(&facts, &regime.path).err();
    let last = rows::last_outcome(tx, place, holder)?;
    let mut outcome = Outcome {
        number: last.as_ref().map_or(0, |(it, _)| it.number) + 1,
        rule_version: version.version,
        is_granted: failed.is_none(),
        failed: failed.unwrap_or_default(),
        at: ctx.now,
    };
    // Who knows that they are refused is not told it again.
    let mut is_news = true;
    if let Some((last, sealed)) = last {
        let same = (last.rule_version, last.is_granted) == (outcome.rule_version, outcome.is_granted);
        // One that was changed in the database is no outcome, and another is written over it.
        let is_own =
            unsealed(secret, holder, last.number, &sealed).is_some_and(|it| it.granted == last.is_granted);
        if same && last.failed == outcome.failed && is_own {
            outcome = last;
            return Ok((outcome, facts));
        }
        is_news = last.is_granted || !is_own;
    }
    let sealed = Sealed { person, facts: SealedFacts::of(&facts), granted: outcome.is_granted };
    let clear = serde_json::to_vec(&sealed).map_err(broken)?;
    let sealed = secret.seal(&ctx.city.ids.secret(), &about(holder, outcome.number), &clear);
    rows::add_outcome(tx, place, holder, &outcome, &sealed)?;
    rows::set_judged(tx, place, holder, version.version)?;
    let granted = ("granted", outcome.is_granted.to_string());
    let version = ("rule_version", outcome.rule_version.to_string());
    record_by_rule(tx, ctx, regime, "pass.judge", &[granted, version])?;
    if !outcome.is_granted && is_news {
        let to = Recipient::Person(person);
        notice::announce_of_regime(
            tx,
            ctx,
            regime.county,
            to,
            NoticeKind::PassRefused,
            regime.number,
            &regime.called(),
        )?;
    }
    Ok((outcome, facts))
}

/// Somebody who had an outcome is judged again; who is refused now has no pass any more.
pub(super) fn after_change(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    person: Id<Person>,
) -> Result<(), Refusal> {
    rows::move_holder(tx, Place::from(regime), holder)?;
    if rows::last_outcome(tx, Place::from(regime), holder)?.is_none() {
        return Ok(());
    }
    let (outcome, _) = judge(tx, ctx, regime, secret, holder, person)?;
    if !outcome.is_granted {
        revoke_all(tx, ctx, regime, secret, holder, person)?;
    }
    Ok(())
}

/// Judges again one who was judged by an earlier rule than `version`. Of an outcome that was changed in the database nobody
/// can say whose it is: it is left as it stands, and gives nothing.
pub(super) fn judge_anew(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    regime: &Regime,
    secret: &Secret,
    holder: &[u8],
    version: i64,
) -> Result<(), Refusal> {
    let place = Place::from(regime);
    let last = rows::last_outcome(tx, place, holder)?;
    let person = last.and_then(|(it, sealed)| Some(unsealed(secret, holder, it.number, &sealed)?.person));
    if let Some(person) = person {
        after_change(tx, ctx, regime, secret, holder, person)?;
    }
    Ok(rows::set_judged(tx, place, holder, version)?)
}
