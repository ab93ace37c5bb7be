use kernel::{Id, Person, Role, Withholding as WithholdingName, limits};
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{DAYS_MAX, State, Withholding},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal,
    journal::{self, Entry, SubjectKind},
    notice::{self, NoticeKind, Recipient},
    resident, text,
};

const PROPOSERS: [Role; 2] = [Role::Leader, Role::Commander];
const DECIDERS: [Role; 1] = [Role::Auditor];
/// Days after its end, or after it was refused or proposed, for which a decision is kept: as long as the entries it is about.
const RETENTION_DAYS: i64 = 3_650;

/// What a body asks for.
#[derive(Clone, Debug)]
pub struct New {
    /// Made by the client: the same one again asks for nothing new.
    pub id: Id<WithholdingName>,
    pub person: Id<Person>,
    pub basis: String,
    pub days: i64,
}

/// What can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Approve,
    Refuse,
    /// The body that asked ends it before its day.
    Lift,
}

impl Step {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "approve" => Some(Step::Approve),
            "refuse" => Some(Step::Refuse),
            "lift" => Some(Step::Lift),
            _ => None,
        }
    }
}

/// Asks, in the name of the actor's body, that its readings of a person's record are not shown to the person yet. The same
/// again is the same.
pub fn propose(ctx: &Ctx, new: &New) -> Result<Withholding, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let basis = text::lines(&mut faults, "basis", &new.basis);
    let basis = text::required(&mut faults, "basis", basis);
    if !(1..=DAYS_MAX).contains(&new.days) {
        faults.add("days", Message::new("fault-range").with("min", 1).with("max", DAYS_MAX));
    }
    ctx.write(|tx| {
        let (county, path) = resident::place_of(tx, new.person)?.ok_or(Refusal::NotFound)?;
        ctx.must_see(Action::WithholdingPropose, Resource::Person { id: new.person, area: &path })?;
        let organization = ctx.acting(&PROPOSERS, &path, None).ok_or(Refusal::NotFound)?;
        faults.check()?;
        if let Some(known) = rows::load(tx, new.id)? {
            let same = (known.person, known.organization, &known.basis, known.days)
                == (new.person, organization, &basis, new.days);
            return if same { Ok(known) } else { Err(Refusal::conflict("conflict-withholding-id")) };
        }
        if rows::has_open(tx, new.person, organization, ctx.now)? {
            return Err(Refusal::conflict("conflict-withholding-open"));
        }
        let it = Withholding {
            id: new.id,
            county,
            person: new.person,
            path,
            organization,
            basis: basis.clone(),
            days: new.days,
            proposed_at: ctx.now,
            state: State::Proposed,
            decided_by: None,
            decided_at: None,
            note: String::new(),
            ends_at: None,
            told_at: None,
            revision: 1,
        };
        rows::insert(tx, &it)?;
        record(tx, ctx, &it, "withholding.propose")?;
        Ok(it)
    })
}

/// Decides on what another body asked for, or ends what one's own body has.
pub fn advance(ctx: &Ctx, id: Id<WithholdingName>, step: Step, note: &str) -> Result<Withholding, Refusal> {
    ctx.person()?;
    let mut faults = Faults::default();
    let mut note = text::lines(&mut faults, "note", note);
    if step == Step::Refuse {
        note = text::required(&mut faults, "note", note);
    }
    ctx.write(|tx| {
        let it = super::query::visible(tx, ctx, id)?;
        let resource = Resource::Person { id: it.person, area: &it.path };
        let next = if step == Step::Lift {
            ctx.must(Action::WithholdingPropose, resource)?;
            if !it.is_of_own_body(ctx) {
                return Err(Refusal::Denied);
            }
            it.lifted(ctx.now)?
        } else {
            ctx.must(Action::WithholdingDecide { proposed_by: it.organization }, resource)?;
            let body = ctx.acting(&DECIDERS, &it.path, Some(it.organization)).ok_or(Refusal::Denied)?;
            faults.check()?;
            let state = if step == Step::Approve { State::Approved } else { State::Refused };
            it.decided(state, body, &note, ctx.now)?
        };
        rows::save(tx, &next)?;
        record(tx, ctx, &next, "withholding.decide")?;
        Ok(next)
    })
}

/// Not as an entry about the person, whose list would give it away; they see the decision itself once it is over.
fn record(tx: &mut Tx<'_>, ctx: &Ctx, it: &Withholding, action: &str) -> Result<(), Refusal> {
    let entry = Entry::new(it.county, action, SubjectKind::Withholding, it.id.uuid());
    journal::record(tx, ctx, &entry.with("state", it.state.as_str()).with("days", it.days))
}

/// Tells people that entries which were withheld are shown now. Returns how many were told.
pub fn tick(ctx: &Ctx) -> Result<u64, Refusal> {
    let mut told = 0;
    loop {
        let over = ctx.read(|tx| Ok::<_, Refusal>(rows::over(tx, ctx.now, limits::PAGE_ROWS_MAX as i64)?))?;
        if over.is_empty() {
            return Ok(told);
        }
        for it in over {
            told += ctx.write(|tx| {
                let next = Withholding { told_at: Some(ctx.now), revision: it.revision + 1, ..it.clone() };
                rows::save(tx, &next)?;
                if rows::entries(tx, &it)? == 0 {
                    return Ok(0);
                }
                let recipient = Recipient::Person(it.person);
                notice::announce(tx, ctx, it.county, recipient, NoticeKind::ReadingsShown, "")?;
                Ok(1)
            })?;
        }
    }
}

/// Deletes what is past its retention. Returns how many.
pub fn forget(ctx: &Ctx) -> Result<u64, Refusal> {
    ctx.write(|tx| Ok(rows::forget(tx, ctx.now.plus_seconds(-RETENTION_DAYS * 86_400))?))
}
