use kernel::{Id, Submission as SubmissionName};
use store::Tx;
use xform::check::Answer;

use super::{
    model::Fact,
    rule::{self, Binding},
    store as rows,
};
use crate::{
    Ctx, Refusal, area,
    form::{Form, Unit},
    statistic::{self, Origin, Period},
};

/// A record of a unit, as it is being kept.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    pub form: &'a Form,
    pub definition: &'a xform::form::Form,
    pub unit: &'a Unit,
    pub submission: Id<SubmissionName>,
    /// None of a record that is not valid: it says nothing.
    pub answers: Option<&'a [Answer]>,
}

/// Makes the answers to bound questions facts of the unit, and takes back what the same record said before and says no
/// more; in the transaction that keeps the record. How many of them another form had brought already.
pub fn answered(tx: &mut Tx<'_>, ctx: &Ctx, it: &Answered<'_>) -> Result<i64, Refusal> {
    let definitions = &ctx.city.statistic;
    let bindings = rule::bindings(it.definition, definitions);
    if bindings.is_empty() {
        return Ok(0);
    }
    // A person in office is no unit of the statistics.
    let place = area::place(tx, it.unit.path.code())?.filter(|place| place.id.uuid() == it.unit.id);
    let Some(place) = place else { return Ok(0) };
    let before = rows::of_submission(tx, it.submission)?;
    let today = ctx.now.civil().date();
    let (mut entries, mut again) = (Vec::new(), 0);
    for binding in &bindings {
        let Binding { element, option, .. } = *binding;
        let said = before.iter().find(|fact| fact.element == element.code && fact.option == option);
        // An edit speaks of the time of its record.
        let period = match said.and_then(|fact| Period::parse(&fact.period)) {
            Some(period) => period,
            None => Period::of(element.period, today),
        };
        let value = it.answers.and_then(|answers| answer(answers, binding));
        let words = period.to_string();
        let known = rows::load(tx, (place.id, &element.code, option, &words))?;
        again += i64::from(known.as_ref().is_some_and(|fact| fact.form != it.form.id));
        match (value, &known) {
            (Some(value), _) => {
                let fact = Fact {
                    county: known.as_ref().map_or(place.county, |it| it.county),
                    area: place.id,
                    element: element.code.clone(),
                    option: option.to_owned(),
                    period: words.clone(),
                    value,
                    form: it.form.id,
                    submission: it.submission,
                    answered_at: ctx.now,
                    revision: known.as_ref().map_or(1, |it| it.revision + 1),
                };
                rows::keep(tx, &fact)?;
            }
            // What another record has said since is not this one's to take back.
            (None, Some(fact)) if fact.submission == it.submission => rows::take_back(tx, fact)?,
            (None, _) => continue,
        }
        entries.push(statistic::Entry {
            element: element.code.clone(),
            place: place.clone(),
            day: period.first.max(today.min(period.last())),
            option: option.to_owned(),
            reference: statistic::reference(&place, period, option),
            value,
        });
    }
    if entries.is_empty() {
        return Ok(again);
    }
    let origin = Origin { name: &it.form.title, provenance: &it.form.form_id };
    statistic::enter(tx, ctx, &origin, &entries).map(|_| again)
}

fn answer(answers: &[Answer], binding: &Binding<'_>) -> Option<i64> {
    let found = answers.iter().find(|it| it.field == binding.field)?;
    rule::value(binding.element.value_type, &found.value)
}
