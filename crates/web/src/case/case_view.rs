//! What every page about one case shows.

use domain::{Ctx, Refusal, case, organization};

use super::{
    related::RelatedView,
    timeline::{Item, timeline},
    view::{AreaNames, Clock, Loop, Moment, PhotoView, class_words, photos, title},
};
use crate::{journal::view::Reading, locale::Translator, shell::Shell};

pub struct CaseView {
    pub number: String,
    pub title: String,
    pub class: String,
    pub place: String,
    pub areas: Vec<(String, String)>,
    pub tags: Vec<String>,
    pub steps: Loop,
    pub clock: Clock,
    /// What the case waits for.
    pub waiting: String,
    pub is_open: bool,
    /// It goes on with another case: its own loop is over.
    pub is_merged: bool,
    pub owner: Option<String>,
    pub due: Option<Moment>,
    /// A year in which it may be due and whose holidays are not entered, and the address of its calendar.
    pub unknown_year: Option<(i16, String)>,
    pub facts: Vec<Fact>,
    pub timeline: Vec<Item>,
    pub photos: Vec<PhotoView>,
    pub reopening: Option<ReopeningView>,
    pub related: RelatedView,
    /// Who read how to reach the reporter, if a reporter who can be reached looks at it.
    pub readings: Option<Vec<Reading>>,
}

/// How a closed case may be opened again by who looks at it, or what they can do instead.
pub struct ReopeningView {
    /// The last moment for it.
    pub until: Option<Moment>,
    pub is_open: bool,
    /// Address of the form for a new report that names this case.
    pub report_again: String,
}

/// A term and what it is.
pub struct Fact {
    pub term: String,
    pub value: String,
    pub more: Option<String>,
}

impl CaseView {
    pub fn new(ctx: &Ctx, shell: &Shell, record: &case::Record, base: &str) -> Result<Self, Refusal> {
        let (case, t) = (&record.case, &shell.t);
        let names = AreaNames::of(ctx, std::iter::once(&case.path))?;
        let stage = ctx.city.procedures.get(&case.procedure).and_then(|it| it.stage(&case.stage));
        let owner =
            case.owner.map(|owner| ctx.read(|tx| organization::name(tx, owner))).transpose()?.flatten();
        let mut tags = Vec::new();
        tags.extend((case.returns > 0).then(|| t.with("case-returns", "count", case.returns)));
        tags.extend((case.reopens > 0).then(|| t.with("case-reopens", "count", case.reopens)));
        tags.extend((case.reworks > 0).then(|| t.with("case-reworks", "count", case.reworks)));
        Ok(Self {
            number: case.number.clone(),
            title: title(&case.description),
            class: ctx
                .city
                .classes
                .get(&case.class)
                .map_or_else(String::new, |it| case::words(&it.label, shell.language()).to_owned()),
            place: names.line(&case.path),
            areas: names.parts(&case.path).map(|(code, name)| (code.to_owned(), name.to_owned())).collect(),
            tags,
            steps: Loop::new(ctx, t, record),
            clock: Clock::new(t, case, ctx.now),
            waiting: match (&record.related.main, case.pause.filter(|_| case.is_paused(ctx.now))) {
                (Some(main), _) => t.with("related-merged-into", "number", &main.number),
                (None, Some(pause)) => t.with("waiting-paused", "date", t.date(pause.until, ctx.now)),
                (None, None) => {
                    stage.map_or_else(String::new, |it| case::words(&it.waiting, shell.language()).to_owned())
                }
            },
            is_open: case.status == case::Status::Open,
            is_merged: case.merged_into.is_some(),
            facts: facts(ctx, shell, record, owner.as_deref()),
            // Before it is sent to a body nobody has it, whoever gave it back.
            owner: owner.filter(|_| stage.is_some_and(|stage| stage.step >= 4)),
            unknown_year: record
                .unknown_year
                .map(|year| (year, format!("/areas/{}/calendar?year={year}", case.path.code()))),
            due: case.stage_due.map(|due| Moment::new(t, due, ctx.now)),
            timeline: timeline(ctx, shell, record)?,
            photos: photos(ctx, shell, record, base),
            reopening: reopening(ctx, t, record),
            related: RelatedView::new(ctx, shell, record)?,
            readings: readings(t, record, base),
        })
    }
}

fn reopening(ctx: &Ctx, t: &Translator, record: &case::Record) -> Option<ReopeningView> {
    let case = &record.case;
    let again =
        |number: &str| format!("/report?area={}&class={}&again={number}", case.path.code(), case.class);
    // Whoever reported the same thing cannot open the other case again, which is not theirs, but say that it is not solved.
    let main =
        record.related.main.as_ref().filter(|it| record.is_reporter && it.status != case::Status::Open);
    if let Some(main) = main {
        return Some(ReopeningView { until: None, is_open: false, report_again: again(&main.number) });
    }
    let it = record.reopening.as_ref()?;
    // While it is open anyway there is nothing to report again.
    (it.is_open || case.status != case::Status::Open).then(|| ReopeningView {
        until: it.until.map(|at| Moment::new(t, at, ctx.now)),
        is_open: it.is_open,
        report_again: again(&case.number),
    })
}

fn readings(t: &Translator, record: &case::Record, base: &str) -> Option<Vec<Reading>> {
    let (case, found) = (&record.case, record.contact_readings.as_ref()?);
    let can_be_reached =
        case.reporter.is_some() || case.contact.name.is_some() || case.contact.phone.is_some();
    (can_be_reached || !found.is_empty()).then(|| found.iter().map(|it| Reading::new(t, it, base)).collect())
}

fn facts(ctx: &Ctx, shell: &Shell, record: &case::Record, owner: Option<&str>) -> Vec<Fact> {
    let (case, t) = (&record.case, &shell.t);
    let fact = |term: &str, value: String| Fact { term: t.say(term), value, more: None };
    let moment = |term: &str, at| fact(term, t.moment(at, ctx.now));
    let position = case.position.map(|(longitude, latitude)| format!("{longitude:.6}, {latitude:.6}"));
    let place = (!case.place.is_empty() || position.is_some()).then(|| case.place.clone());
    let mut facts = vec![fact("fact-description", case.description.clone())];
    facts.extend(place.map(|place| Fact { more: position, ..fact("fact-place", place) }));
    facts.push(fact("fact-class", class_words(ctx, shell, &case.class)));
    facts.push(fact("fact-source", t.say(&format!("source-{}", case.source.as_str()))));
    facts.push(moment("fact-reported", case.reported_at));
    facts.extend(case.registered_at.map(|at| moment("fact-registered", at)));
    facts.extend(case.due.map(|at| moment("fact-due", at)));
    facts.extend(owner.map(|owner| fact("fact-owner", owner.to_owned())));
    facts.extend(record.duty.as_ref().map(|it| fact("responsibility-basis", it.legal_basis.clone())));
    // The first closing stays visible when it was opened again.
    let first = case.first_closed_at.filter(|_| case.reopens > 0);
    facts.extend(first.map(|at| moment("fact-first-closed", at)));
    facts.extend(case.closed_at.map(|at| moment("fact-closed", at)));
    facts.extend(case.rating.map(|rating| fact("fact-rating", t.say(&format!("rating-{rating}")))));
    facts.extend(
        case.solved.map(|solved| fact("fact-solved", t.say(if solved { "solved-yes" } else { "solved-no" }))),
    );
    facts
}
