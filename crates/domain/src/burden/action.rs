use kernel::Role;
use policy::{Action, Resource};
use store::Tx;

use super::{
    model::{LIMIT_FORMS_MAX, LIMIT_QUESTIONS_MAX, Limit, Month, Spent},
    store as rows,
};
use crate::{
    Ctx, Faults, Message, Refusal, area,
    journal::{self, Entry, SubjectKind},
};

/// Days that a line is kept: the same month of the year before can be looked at.
const KEPT_DAYS: i64 = 500;
/// Longer than anybody fills in one record at a stretch: a phone that says so was put away meanwhile.
const SECONDS_MAX: i64 = 4 * 3_600;
const LIMITERS: [Role; 2] = [Role::Leader, Role::Commander];

/// Adds what a record cost, in the transaction that keeps it.
pub fn spend(tx: &mut Tx<'_>, ctx: &Ctx, it: &Spent) -> Result<(), Refusal> {
    let it = Spent { seconds: it.seconds.filter(|it| (0..=SECONDS_MAX).contains(it)), ..it.clone() };
    Ok(rows::spend(tx, &it, Month::of(ctx.now), ctx.now.plus_seconds(KEPT_DAYS * 86_400))?)
}

/// Sets the most that a unit or post of an area is asked in a month; none of either is no limit.
pub fn set_limit(
    ctx: &Ctx,
    code: &str,
    forms: Option<i64>,
    questions: Option<i64>,
) -> Result<Limit, Refusal> {
    let mut faults = Faults::default();
    let mut must_fit = |field: &str, value: Option<i64>, max: i64| {
        if value.is_some_and(|it| !(0..=max).contains(&it)) {
            faults.add(field, Message::new("fault-range").with("min", 0).with("max", max));
        }
    };
    must_fit("forms", forms, LIMIT_FORMS_MAX);
    must_fit("questions", questions, LIMIT_QUESTIONS_MAX);
    ctx.write(|tx| {
        let place = area::place(tx, code)?.ok_or(Refusal::NotFound)?;
        ctx.must(Action::BurdenLimit, Resource::Area { path: &place.path })?;
        faults.check()?;
        let organization = ctx.acting(&LIMITERS, &place.path, None).ok_or(Refusal::Denied)?;
        let known = rows::limit(tx, place.id)?;
        if known.as_ref().is_some_and(|it| (it.forms, it.questions) == (forms, questions)) {
            return known.ok_or(Refusal::NotFound);
        }
        let limit = Limit {
            area: place.id,
            path: place.path.clone(),
            forms,
            questions,
            organization,
            set_at: ctx.now,
            revision: known.map_or(1, |it| it.revision + 1),
        };
        rows::save_limit(tx, &limit)?;
        let words = |value: Option<i64>| value.map_or_else(|| "none".to_owned(), |it| it.to_string());
        let entry = Entry::new(place.county, "burden.set_limit", SubjectKind::Area, place.id.uuid())
            .with("forms", words(forms))
            .with("questions", words(questions));
        journal::record(tx, ctx, &entry)?;
        Ok(limit)
    })
}
