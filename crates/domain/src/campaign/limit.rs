//! What a tier above lets units and posts be asked in a month: a campaign that would go beyond it is not sent.

use kernel::AreaPath;
use store::Tx;

use super::{
    model::{Audience, Campaign},
    rule, store as rows,
};
use crate::{
    Ctx, Message, Refusal, area,
    burden::{self, Month},
    form,
};

/// Forms and questions that a campaign asks of each unit in its area.
struct Load {
    path: AreaPath,
    forms: i64,
    questions: i64,
}

/// Counted is what is due in the same month, whoever asks it. `planned` is not sent yet.
pub fn must_fit(tx: &mut Tx<'_>, ctx: &Ctx, planned: &Campaign, form_id: &str) -> Result<(), Refusal> {
    let limits = burden::hold_limits(tx, &planned.path)?;
    if limits.is_empty() {
        return Ok(());
    }
    // The last moment of a month is midnight of the next.
    let month = Month::of(planned.due.plus_seconds(-1));
    let between = (rule::start_of(month.first_day()), rule::start_of(month.after().first_day()));
    let mut loads = Vec::new();
    for (other, form_id) in rows::due_between(tx, between, &planned.path)? {
        if overlaps(planned.audience, other.audience) {
            let questions = form::questions_of(tx, ctx, &form_id, other.version)?;
            loads.push(Load { path: other.path, forms: 1, questions });
        }
    }
    let questions = form::questions_of(tx, ctx, form_id, planned.version)?;
    loads.push(Load { path: planned.path.clone(), forms: 1, questions });
    for limit in &limits {
        // Of two areas one of which holds the other, the smaller.
        let within = if limit.path.is_within(&planned.path) { &limit.path } else { &planned.path };
        let (forms, questions) = most(&loads, within);
        if !limit.allows(forms, questions) {
            let place = area::place(tx, limit.path.code())?.ok_or(Refusal::NotFound)?;
            let number = |it: Option<i64>| it.map_or_else(|| "–".to_owned(), |it| it.to_string());
            let message = Message::new("conflict-burden-limit")
                .with("area", place.name)
                .with("month", month)
                .with("forms", forms)
                .with("forms_max", number(limit.forms))
                .with("questions", questions)
                .with("questions_max", number(limit.questions));
            return Err(Refusal::Conflict(message));
        }
    }
    Ok(())
}

/// The most that one unit of an area is asked: it is reached in the area of one of the campaigns.
fn most(loads: &[Load], within: &AreaPath) -> (i64, i64) {
    let below = loads.iter().map(|it| &it.path).filter(|path| path.is_within(within));
    let asked = below.chain(std::iter::once(within)).map(|path| {
        let all = loads.iter().filter(|it| path.is_within(&it.path));
        all.fold((0, 0), |sum, it| (sum.0 + it.forms, sum.1 + it.questions))
    });
    asked.fold((0, 0), |most, it| (most.0.max(it.0), most.1.max(it.1)))
}

/// Whether one unit or post may be asked by both.
fn overlaps(one: Audience, other: Audience) -> bool {
    match (one, other) {
        (Audience::Areas { tier, kind }, Audience::Areas { tier: other, kind: other_kind }) => {
            tier == other && (kind.is_none() || other_kind.is_none() || kind == other_kind)
        }
        (Audience::Holders { role }, Audience::Holders { role: other }) => role == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(path: &str, questions: i64) -> Load {
        Load { path: path.parse().unwrap(), forms: 1, questions }
    }

    #[test]
    fn the_most_that_one_unit_is_asked_is_not_the_sum_over_all() {
        let loads = [
            load("1509/", 10),
            load("1509/150902/", 20),
            load("1509/150903/", 35),
            load("1509/150902/150902001/", 5),
        ];
        let most = |path: &str| most(&loads, &path.parse().unwrap());
        assert_eq!(most("1509/"), (3, 45), "three forms in a township, most questions in the other county");
        assert_eq!(most("1509/150902/"), (3, 35));
        assert_eq!(most("1509/150902/150902002/"), (2, 30));
        assert_eq!(most("1509/150904/"), (1, 10));
    }
}
