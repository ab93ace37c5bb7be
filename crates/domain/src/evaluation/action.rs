//! Claims: asking, deciding, taking back.

use std::sync::Arc;

use kernel::{Case as CaseName, Id, Role, Timestamp, limits};
use policy::{Action, Appointment, CaseFacts, Decide, Resource};
use store::Tx;
use uuid::Uuid;

use super::{
    claim::{self, Claim, Fact, Kind, PROPOSERS, REVOKERS, Ruling, Said, Turn, effect},
    store::claim as rows,
};
use crate::{
    City, Ctx, Faults, Message, Refusal,
    calendar::{self, Change, Countdown, Limit},
    case::{self, Case, EventDetail, Handling, Moved, Remark, Status},
    notice::{self, NoticeKind, Recipient},
    organization, text,
};

/// What a person says of a claim.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// Made by the sender: the same one again changes nothing.
    pub request: Option<Uuid>,
    /// Why.
    pub note: &'a str,
}

impl<'a> From<&'a str> for Word<'a> {
    fn from(note: &'a str) -> Self {
        Self { request: None, note }
    }
}

/// The claims about a case, and what this actor may do.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Latest first; none for those who do not read internal notes.
    pub claims: Vec<Claim>,
    pub may_propose: bool,
    /// The claim that the actor may take back.
    pub may_revoke: Option<Id<kernel::Claim>>,
    /// Facts that the actor may appeal about.
    pub may_appeal: Vec<Fact>,
    /// The claims on which the actor's word is awaited.
    pub may_rule: Vec<Id<kernel::Claim>>,
}

impl Claims {
    /// Whether there is something to see or to do.
    pub fn is_any(&self) -> bool {
        !self.claims.is_empty() || self.may_propose || !self.may_appeal.is_empty()
    }
}

/// What there is about a case that the actor may see.
pub fn claims(ctx: &Ctx, id: Id<CaseName>) -> Result<Claims, Refusal> {
    ctx.read(|tx| {
        let (case, facts) = case::load_visible(tx, ctx, id)?;
        shown(tx, ctx, &case, &facts)
    })
}

fn shown(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, facts: &CaseFacts) -> Result<Claims, Refusal> {
    let resource = Resource::Case(facts);
    if !ctx.may(Action::CaseNoteInternal, resource) {
        return Ok(Claims::default());
    }
    let claims = rows::of_case(tx, case)?;
    let may = |roles: &[Role], others: &[Id<kernel::Person>]| {
        ctx.may(Action::CaseDecide(&Decide { roles, others }), resource)
    };
    let may_rule = |it: &&Claim| it.turn().is_some_and(|turn| may(turn.roles(it.kind), &it.people()));
    let may_appeal = ctx.may(Action::CaseAppeal, resource);
    let (until, own) = (until(tx, ctx, case)?, own(tx, case)?);
    let open_to_appeal =
        |fact: &Fact| may_appeal && claim::may_appeal(case, &claims, (*fact, own), until, ctx.now);
    Ok(Claims {
        may_propose: may_propose(case, &claims) && may(PROPOSERS, &[]),
        may_revoke: excluded(&claims).filter(|it| may(REVOKERS, &it.people())).map(|it| it.id),
        may_appeal: Fact::ALL.into_iter().filter(open_to_appeal).collect(),
        may_rule: claims.iter().filter(may_rule).map(|it| it.id).collect(),
        claims,
    })
}

/// The claim by which a case is left out.
fn excluded(claims: &[Claim]) -> Option<&Claim> {
    claims.iter().find(|it| it.kind == Kind::Exclusion && it.is_in_force())
}

fn may_propose(case: &Case, claims: &[Claim]) -> bool {
    let exclusions = claims.iter().filter(|it| it.kind == Kind::Exclusion);
    case.registered_at.is_some()
        && case.status != Status::Void
        && exclusions.clone().count() < limits::EXCLUSIONS_PER_CASE_MAX
        && !exclusions.clone().any(|it| it.turn().is_some() || it.is_in_force())
}

/// What the body that has it did with it.
fn own(tx: &mut Tx<'_>, case: &Case) -> Result<Handling, Refusal> {
    Ok(case.owner.map(|owner| case::handling(tx, case, owner)).transpose()?.unwrap_or_default())
}

/// The last moment at which its body may appeal.
fn until(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case) -> Result<Option<Timestamp>, Refusal> {
    case.closed_at.map(|at| due(tx, ctx, case, at, ctx.city.evaluation.appeal)).transpose()
}

/// When a limit ends that runs from a moment on, by the calendar of the case's area.
fn due(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, from: Timestamp, limit: Limit) -> Result<Timestamp, Refusal> {
    Ok(ctx.city.calendars.of(tx, &case.path)?.due(&Countdown::from(from, limit)))
}

/// Asks for a case to be left out of the adjusted figures, on a ground from the list.
pub fn propose_exclusion<'a>(
    ctx: &Ctx,
    id: Id<CaseName>,
    ground: &str,
    word: impl Into<Word<'a>>,
) -> Result<Claims, Refusal> {
    let Word { request, note } = word.into();
    let mut faults = Faults::default();
    if ctx.city.evaluation.ground(ground).is_none() {
        faults.add("ground", Message::new("fault-choice"));
    }
    let note = reason(faults, note)?;
    ctx.write(|tx| {
        let (case, facts) = case::load_visible(tx, ctx, id)?;
        if case::holds(tx, &case, request)? {
            return shown(tx, ctx, &case, &facts);
        }
        ctx.must(Action::CaseDecide(&Decide { roles: PROPOSERS, others: &[] }), Resource::Case(&facts))?;
        let claims = rows::of_case(tx, &case)?;
        if !may_propose(&case, &claims) {
            return Err(Refusal::conflict("conflict-exclusion"));
        }
        ask(tx, ctx, &case, &facts, (Kind::Exclusion, ground, PROPOSERS), Word { request, note: &note })
    })
}

/// The body that handled a closed case asks for one of its facts to be exempted.
pub fn appeal<'a>(
    ctx: &Ctx,
    id: Id<CaseName>,
    fact: Fact,
    word: impl Into<Word<'a>>,
) -> Result<Claims, Refusal> {
    let Word { request, note } = word.into();
    let note = reason(Faults::default(), note)?;
    ctx.write(|tx| {
        let (case, facts) = case::load_visible(tx, ctx, id)?;
        if case::holds(tx, &case, request)? {
            return shown(tx, ctx, &case, &facts);
        }
        ctx.must(Action::CaseAppeal, Resource::Case(&facts))?;
        let claims = rows::of_case(tx, &case)?;
        let (until, own) = (until(tx, ctx, &case)?, own(tx, &case)?);
        if !claim::may_appeal(&case, &claims, (fact, own), until, ctx.now) {
            return Err(Refusal::conflict("conflict-appeal"));
        }
        ask(
            tx,
            ctx,
            &case,
            &facts,
            (Kind::Appeal, fact.as_str(), &[Role::Handler]),
            Word { request, note: &note },
        )
    })
}

fn ask(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    facts: &CaseFacts,
    (kind, about, roles): (Kind, &str, &[Role]),
    word: Word<'_>,
) -> Result<Claims, Refusal> {
    let office = case::office(ctx, roles, case).ok_or(Refusal::Denied)?;
    let due = due(tx, ctx, case, ctx.now, ctx.city.evaluation.review)?;
    let asked = said(ctx, office, word.note)?;
    let (id, about) = (ctx.id(), about.to_owned());
    let claim = Claim { id, kind, about, asked, due, first: None, last: None, revoked: None };
    rows::insert(tx, case, &claim)?;
    let finding = match kind {
        Kind::Exclusion => "exclusion_asked",
        Kind::Appeal => "appeal_asked",
    };
    let case = remark(tx, ctx, case, (finding, false), word, office)?;
    tell_reviewers(tx, ctx, &case, &claim)?;
    shown(tx, ctx, &case, facts)
}

/// The next word on a claim: on an exclusion that of another of the supervision centre; on an appeal first the supervision
/// centre's, and if it supports it, a leader's.
pub fn rule<'a>(
    ctx: &Ctx,
    id: Id<CaseName>,
    claim: Id<kernel::Claim>,
    granted: bool,
    word: impl Into<Word<'a>>,
) -> Result<Claims, Refusal> {
    let Word { request, note } = word.into();
    let note = reason(Faults::default(), note)?;
    ctx.write(|tx| {
        let (case, facts) = case::load_visible(tx, ctx, id)?;
        // To those who do not read what is internal it does not show whether there is a claim.
        ctx.must_see(Action::CaseNoteInternal, Resource::Case(&facts))?;
        if case::holds(tx, &case, request)? {
            return shown(tx, ctx, &case, &facts);
        }
        let claims = rows::of_case(tx, &case)?;
        let mut claim = claims.into_iter().find(|it| it.id == claim).ok_or(Refusal::NotFound)?;
        let Some(turn) = claim.turn() else { return Err(Refusal::conflict("conflict-decided")) };
        let roles = turn.roles(claim.kind);
        let others = claim.people();
        ctx.must(Action::CaseDecide(&Decide { roles, others: &others }), Resource::Case(&facts))?;
        let office = case::office(ctx, roles, &case).ok_or(Refusal::Denied)?;
        let ruling = Ruling { granted, said: said(ctx, office, &note)? };
        match turn {
            Turn::First => {
                claim.first = Some(ruling);
                claim.due = due(tx, ctx, &case, ctx.now, ctx.city.evaluation.review)?;
            }
            Turn::Last => claim.last = Some(ruling),
        }
        rows::update(tx, &case, &claim)?;
        let public = claim.kind == Kind::Exclusion && granted;
        let finding = finding(claim.kind, turn, granted);
        let case = remark(tx, ctx, &case, (finding, public), Word { request, note: &note }, office)?;
        settle(tx, ctx, &case, &claim)?;
        shown(tx, ctx, &case, &facts)
    })
}

fn finding(kind: Kind, turn: Turn, granted: bool) -> &'static str {
    match (kind, turn, granted) {
        (Kind::Exclusion, _, true) => "exclusion_granted",
        (Kind::Exclusion, _, false) => "exclusion_refused",
        (Kind::Appeal, Turn::First, true) => "appeal_supported",
        (Kind::Appeal, Turn::Last, true) => "appeal_granted",
        (Kind::Appeal, _, false) => "appeal_refused",
    }
}

/// Takes an exclusion back: the case counts again.
pub fn revoke_exclusion<'a>(
    ctx: &Ctx,
    id: Id<CaseName>,
    claim: Id<kernel::Claim>,
    word: impl Into<Word<'a>>,
) -> Result<Claims, Refusal> {
    let Word { request, note } = word.into();
    let note = reason(Faults::default(), note)?;
    ctx.write(|tx| {
        let (case, facts) = case::load_visible(tx, ctx, id)?;
        ctx.must_see(Action::CaseNoteInternal, Resource::Case(&facts))?;
        if case::holds(tx, &case, request)? {
            return shown(tx, ctx, &case, &facts);
        }
        let claims = rows::of_case(tx, &case)?;
        let found = claims.into_iter().find(|it| it.id == claim).ok_or(Refusal::NotFound)?;
        let others = found.people();
        ctx.must(Action::CaseDecide(&Decide { roles: REVOKERS, others: &others }), Resource::Case(&facts))?;
        if found.kind != Kind::Exclusion || !found.is_in_force() {
            return Err(Refusal::conflict("conflict-not-excluded"));
        }
        let office = case::office(ctx, REVOKERS, &case).ok_or(Refusal::Denied)?;
        let claim = Claim { revoked: Some(said(ctx, office, &note)?), ..found };
        rows::update(tx, &case, &claim)?;
        let case =
            remark(tx, ctx, &case, ("exclusion_revoked", true), Word { request, note: &note }, office)?;
        settle(tx, ctx, &case, &claim)?;
        shown(tx, ctx, &case, &facts)
    })
}

/// Makes the case count as its claims say, and tells those whom it concerns.
fn settle(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, claim: &Claim) -> Result<(), Refusal> {
    if claim.turn().is_some() {
        return tell_reviewers(tx, ctx, case, claim);
    }
    let (excluded, exempt) = effect(&rows::of_case(tx, case)?);
    rows::apply(tx, case, excluded.then_some(ctx.now), exempt)?;
    let mut tell = |to: Recipient<'_>, kind| {
        notice::enqueue(tx, ctx, case.county, to, kind, case.id, &case.number).map(drop)
    };
    match claim.kind {
        Kind::Exclusion => {
            let kind = if excluded { NoticeKind::CaseExcluded } else { NoticeKind::CaseCounted };
            let has_changed = claim.revoked.is_some() || excluded;
            match case.reporter.filter(|_| has_changed) {
                Some(reporter) => tell(Recipient::Person(reporter), kind),
                None => Ok(()),
            }
        }
        Kind::Appeal => {
            let offices = organization::handling_offices(tx, claim.asked.organization, ctx.now)?;
            offices.iter().try_for_each(|office| {
                let (to, kind) = (Recipient::Office(office), NoticeKind::AppealDecided);
                notice::enqueue(tx, ctx, case.county, to, kind, case.id, &case.number).map(drop)
            })
        }
    }
}

fn tell_reviewers(tx: &mut Tx<'_>, ctx: &Ctx, case: &Case, claim: &Claim) -> Result<(), Refusal> {
    let Some(turn) = claim.turn() else { return Ok(()) };
    for office in organization::nearest_offices(tx, turn.roles(claim.kind), &case.path, ctx.now)? {
        let (to, kind) = (Recipient::Office(&office), NoticeKind::ClaimWaiting);
        notice::enqueue(tx, ctx, case.county, to, kind, case.id, &case.number)?;
    }
    Ok(())
}

/// A claim on which nobody has said a word in time: those above are told, once for each turn. One with which nothing can
/// be done holds up none of those behind it. Returns of how many.
pub fn remind(ctx: &Ctx) -> Result<u64, Refusal> {
    let (mut told, mut after) = (0, None);
    loop {
        let late = ctx.read(|tx| Ok(rows::late(tx, ctx.now, after, BATCH)?))?;
        let Some((last, _)) = late.last() else { return Ok(told) };
        after = Some(*last);
        for ((_, claim), case) in late {
            match remind_of(ctx, case, claim) {
                Ok(()) => told += 1,
                Err(refusal) if refusal.is_of_one() => {
                    tracing::error!(%case, %claim, %refusal, "nobody was told of a claim that waits: mend the row, and the next round goes on");
                }
                Err(refusal) => return Err(refusal),
            }
        }
    }
}

fn remind_of(ctx: &Ctx, case: Id<CaseName>, claim: Id<kernel::Claim>) -> Result<(), Refusal> {
    ctx.write(|tx| {
        let Some(case) = case::in_order(tx, &[case])?.pop() else { return Ok(()) };
        for office in organization::nearest_offices(tx, REVOKERS, &case.path, ctx.now)? {
            let (to, kind) = (Recipient::Office(&office), NoticeKind::ClaimOverdue);
            notice::enqueue(tx, ctx, case.county, to, kind, case.id, &case.number)?;
        }
        Ok(rows::reminded(tx, &case, claim, ctx.now)?)
    })
}

/// Counts again by when a word on a claim is due where that reaches into a year that was entered since.
pub fn recount(city: &Arc<City>) -> Result<u64, Refusal> {
    calendar::recount_each(
        city,
        |tx, change, after| rows::due_from(tx, &change.path, change.start(), after, BATCH),
        recount_one,
    )
}

fn recount_one(ctx: &Ctx, (case, claim): rows::Named, change: &Change) -> Result<bool, Refusal> {
    ctx.write(|tx| {
        let Some(case) = case::in_order(tx, &[case])?.pop() else { return Ok(false) };
        let is_open = |it: &Claim| it.id == claim && it.turn().is_some() && it.due > ctx.now;
        let Some(claim) = rows::of_case(tx, &case)?.into_iter().find(is_open) else { return Ok(false) };
        let due = due(tx, ctx, &case, claim.waits_since(), ctx.city.evaluation.review)?;
        if due == claim.due {
            return Ok(false);
        }
        let moved =
            Some(Moved { stage: Some((claim.due, due)), year: Some(change.year), ..Moved::default() });
        rows::update(tx, &case, &Claim { due, ..claim })?;
        let finding = Some("claim_recounted".to_owned());
        let detail = EventDetail { finding, moved, ..EventDetail::default() };
        let said =
            Remark { word: case::REMARK, request: None, office: None, note: "", public: false, detail };
        case::remark(tx, ctx, &case, said).map(|_| true)
    })
}

/// Claims looked for at once.
const BATCH: i64 = 100;

/// Says it in the case's timeline: what was found, why, and whether the reporter reads it.
fn remark(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    case: &Case,
    (finding, public): (&str, bool),
    word: Word<'_>,
    office: &Appointment,
) -> Result<Case, Refusal> {
    let detail = EventDetail { finding: Some(finding.to_owned()), ..EventDetail::default() };
    let Word { request, note } = word;
    let said = Remark { word: case::REMARK, request, office: Some(office), note, public, detail };
    case::remark(tx, ctx, case, said)
}

fn said(ctx: &Ctx, office: &Appointment, note: &str) -> Result<Said, Refusal> {
    let (person, note) = (ctx.person()?.person, note.to_owned());
    Ok(Said { person, role: office.role, organization: office.organization, at: ctx.now, note })
}

/// Every word of a claim says why.
fn reason(mut faults: Faults, note: &str) -> Result<String, Refusal> {
    let note = text::lines(&mut faults, "note", note);
    let note = text::required(&mut faults, "note", note);
    faults.check()?;
    Ok(note)
}
