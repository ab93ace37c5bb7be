//! What templates of cases see: words ready to show and addresses, nothing that decides.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Ctx, Refusal, area,
    case::{self, Case, Status},
};
use kernel::{AreaPath, Tier, Timestamp};

use crate::{locale::Translator, shell::Shell};

/// Characters of a title made from a description.
const TITLE_CHARS_MAX: usize = 60;
/// With less time left than this a clock shows that it is about to run out.
const SOON_SECONDS: i64 = 2 * 3_600;

/// A moment for machines and for people.
#[derive(Clone, Debug)]
pub struct Moment {
    pub machine: String,
    pub words: String,
}

impl Moment {
    pub fn new(t: &Translator, at: Timestamp, now: Timestamp) -> Self {
        Self { machine: at.to_string(), words: t.moment(at, now) }
    }

    pub fn date(t: &Translator, at: Timestamp, now: Timestamp) -> Self {
        Self { machine: at.to_string(), words: t.date(at, now) }
    }
}

/// How a case stands against its clock: that of its stage, or that of the whole where it ends before.
#[derive(Clone, Debug)]
pub struct Clock {
    /// `ok`, `soon`, `overdue`, `paused` or `done`
    pub kind: &'static str,
    pub icon: &'static str,
    pub words: String,
}

impl Clock {
    pub fn new(t: &Translator, case: &Case, now: Timestamp) -> Self {
        let clock = |kind, icon, words| Self { kind, icon, words };
        match (case.status, case.next_due()) {
            (Status::Closed, _) => clock("done", "check", t.say("clock-closed")),
            (Status::Void, _) if case.merged_into.is_some() => clock("done", "check", t.say("clock-merged")),
            (Status::Void, _) => clock("done", "close", t.say("clock-void")),
            (Status::Open, _) if case.is_paused(now) => {
                let until = case.pause.map_or(now, |it| it.until);
                clock("paused", "hourglass", t.with("clock-paused", "date", t.date(until, now)))
            }
            (Status::Open, None) => clock("ok", "clock", t.say("clock-none")),
            (Status::Open, Some(due)) => {
                let (left, whole) = (due.seconds_since(now), due.seconds_since(case.stage_since));
                if left < 0 {
                    clock("overdue", "alert", t.with("clock-overdue", "time", t.duration(left)))
                } else if left < SOON_SECONDS || left.saturating_mul(5) < whole {
                    clock("soon", "hourglass", t.with("clock-left", "time", t.duration(left)))
                } else {
                    clock("ok", "clock", t.with("clock-left", "time", t.duration(left)))
                }
            }
        }
    }
}

/// One case in a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub address: String,
    pub title: String,
    pub place: String,
    pub number: String,
    pub revision: i64,
    pub step: i64,
    pub stage: String,
    pub clock: Clock,
    /// One-time id and level of an order of supervision, where the reader may give one with one press.
    pub supervise: Option<(String, String)>,
}

pub fn rows(ctx: &Ctx, shell: &Shell, cases: &[Case]) -> Result<Vec<Row>, Refusal> {
    let names = AreaNames::of(ctx, cases.iter().map(|case| &case.path))?;
    let shared = shared_codes(cases);
    let row = |case: &Case| {
        let stage = ctx.city.procedures.get(&case.procedure).and_then(|it| it.stage(&case.stage));
        Row {
            address: format!("/cases/{}", case.id),
            title: title(&case.description),
            place: names.line_after(&case.path, shared),
            number: case.number.clone(),
            revision: case.revision,
            step: stage.map_or(1, |stage| stage.step),
            stage: stage.map_or_else(String::new, |it| case::words(&it.label, shell.language()).to_owned()),
            clock: Clock::new(&shell.t, case, ctx.now),
            supervise: None,
        }
    };
    Ok(cases.iter().map(row).collect())
}

/// How many codes, from the root, the areas of all these cases share.
fn shared_codes(cases: &[Case]) -> usize {
    let Some(first) = cases.first() else { return 0 };
    let shared = |case: &Case| {
        first.path.codes().zip(case.path.codes()).take_while(|(one, other)| one == other).count()
    };
    cases.iter().map(shared).min().unwrap_or(0)
}

/// The first line of a description, cut where a title ends.
pub fn title(description: &str) -> String {
    let line = description.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= TITLE_CHARS_MAX {
        return line.to_owned();
    }
    let cut: String = line.chars().take(TITLE_CHARS_MAX - 1).collect();
    format!("{}…", cut.trim_end())
}

/// Names of areas by code.
#[derive(Default)]
pub struct AreaNames(BTreeMap<String, String>);

impl AreaNames {
    /// Of all areas on the way to these, in one read. An area that ended has no name here.
    pub fn of<'a>(ctx: &Ctx, paths: impl Iterator<Item = &'a AreaPath>) -> Result<Self, Refusal> {
        Self::of_codes(ctx, paths.flat_map(AreaPath::codes))
    }

    /// Of the areas with these codes alone.
    pub fn of_codes<'a>(ctx: &Ctx, codes: impl Iterator<Item = &'a str>) -> Result<Self, Refusal> {
        let codes: BTreeSet<&str> = codes.collect();
        ctx.read(|tx| {
            let mut names = BTreeMap::new();
            for code in &codes {
                if let Some(place) = area::place(tx, code)? {
                    names.insert(place.code, place.name);
                }
            }
            Ok(Self(names))
        })
    }

    pub fn name(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }

    /// Codes and names from the county down.
    pub fn parts<'a>(&'a self, path: &'a AreaPath) -> impl Iterator<Item = (&'a str, &'a str)> {
        let below_city = |code: &&str| Tier::of_code(code).is_none_or(|tier| tier >= Tier::County);
        path.codes().filter(below_city).filter_map(|code| Some((code, self.name(code)?)))
    }

    /// The names after the first `shared`, which say nothing where all have them; the last two at least.
    fn line_after(&self, path: &AreaPath, shared: usize) -> String {
        let depth = path.codes().count();
        let parts: Vec<&str> = self.parts(path).map(|(_, name)| name).collect();
        let above = depth - parts.len().min(depth);
        let skipped = shared.saturating_sub(above).min(parts.len().saturating_sub(2));
        if parts.is_empty() { self.line(path) } else { parts[skipped..].join(" · ") }
    }

    /// The names from the county down; of the city, its own.
    pub fn line(&self, path: &AreaPath) -> String {
        let parts: Vec<&str> = self.parts(path).map(|(_, name)| name).collect();
        if parts.is_empty() {
            self.name(path.code()).unwrap_or_default().to_owned()
        } else {
            parts.join(" · ")
        }
    }
}

/// The message that says where a published case stands.
pub fn standing_word(standing: case::Standing) -> &'static str {
    match standing {
        case::Standing::Verifying => "standing-verifying",
        case::Standing::Waiting => "standing-waiting",
        case::Standing::Returned => "standing-returned",
        case::Standing::Given => "standing-given",
        case::Standing::Working => "standing-working",
        case::Standing::Fixed => "standing-fixed",
        case::Standing::Ended => "standing-ended",
        case::Standing::Void => "standing-void",
        case::Standing::Merged => "standing-merged",
        case::Standing::NotOurs => "standing-not-ours",
        case::Standing::Duplicate => "standing-duplicate",
        case::Standing::Reopened => "standing-reopened",
    }
}

/// The loop of a case: always seven steps.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Class beside `loop`.
    pub class: &'static str,
    pub steps: Vec<LoopStep>,
}

#[derive(Clone, Debug)]
pub struct LoopStep {
    pub name: String,
    /// `is-done`, `is-current` or `is-todo`
    pub class: &'static str,
    /// The same in words, for those who do not see it.
    pub state: String,
    pub when: Option<Moment>,
}

impl LoopStep {
    pub fn is_current(&self) -> bool {
        self.class == "is-current"
    }
}

impl Loop {
    /// A loop that has been walked, to show what happens.
    pub fn whole(t: &Translator) -> Self {
        let step = |step| LoopStep {
            name: t.say(&format!("loop-{step}")),
            class: "is-done",
            state: String::new(),
            when: None,
        };
        Self { class: "loop--closed", steps: (1..=7).map(step).collect() }
    }

    pub fn new(ctx: &Ctx, t: &Translator, record: &case::Record) -> Self {
        let (case, now) = (&record.case, ctx.now);
        let current = step_of(ctx, case, &case.stage);
        let step = |step| {
            let class = match (case.status, step) {
                (Status::Closed, _) => "is-done",
                (_, step) if step < current => "is-done",
                (_, step) if step == current => "is-current",
                _ => "is-todo",
            };
            let done = passed_at(ctx, record, step).filter(|_| class == "is-done");
            LoopStep {
                name: t.say(&format!("loop-{step}")),
                class,
                state: t.say(&format!("loop-{class}")),
                when: done.map(|at| Moment::date(t, at, now)),
            }
        };
        let class = match case.status {
            Status::Open => "",
            Status::Closed => "loop--closed",
            Status::Void => "loop--void",
        };
        Self { class, steps: (1..=7).map(step).collect() }
    }
}

fn step_of(ctx: &Ctx, case: &Case, stage: &str) -> i64 {
    ctx.city.procedures.get(&case.procedure).and_then(|it| it.stage(stage)).map_or(1, |stage| stage.step)
}

/// When the case last went past a step.
fn passed_at(ctx: &Ctx, record: &case::Record, step: i64) -> Option<Timestamp> {
    let case = &record.case;
    match step {
        1 => Some(case.reported_at),
        2 => case.registered_at,
        7 => case.closed_at,
        _ => {
            let past = |it: &&case::Event| {
                !it.from.is_empty()
                    && step_of(ctx, case, &it.from) == step
                    && step_of(ctx, case, &it.to) > step
            };
            record.events.iter().filter(past).map(|it| it.at).max()
        }
    }
}

/// Major and minor class, as in “公用设施 / 路灯”.
pub fn class_words(ctx: &Ctx, shell: &Shell, code: &str) -> String {
    let words = |label| case::words(label, shell.language());
    let pairs = ctx
        .city
        .classes
        .classes
        .iter()
        .flat_map(|major| major.minors.iter().map(move |minor| (major, minor)));
    let mut found = pairs.filter(|(_, minor)| minor.code == code);
    found.next().map_or_else(
        || code.to_owned(),
        |(major, minor)| format!("{} / {}", words(&major.label), words(&minor.label)),
    )
}

/// A choice of a form.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// Choices under one heading.
#[derive(Clone, Debug)]
pub struct Group {
    pub label: String,
    pub choices: Vec<Choice>,
}

/// All classes, in their two levels.
pub fn classes(ctx: &Ctx, shell: &Shell, chosen: &str) -> Vec<Group> {
    let words = |label: &case::Label| case::words(label, shell.language()).to_owned();
    let group = |major: &case::MajorClass| Group {
        label: words(&major.label),
        choices: major
            .minors
            .iter()
            .map(|it| Choice {
                value: it.code.clone(),
                label: words(&it.label),
                is_chosen: it.code == chosen,
            })
            .collect(),
    };
    ctx.city.classes.classes.iter().map(group).collect()
}

/// A photo of a case.
#[derive(Clone, Debug)]
pub struct PhotoView {
    pub address: String,
    pub alt: String,
    pub caption: String,
}

/// The photos below `base`, each with the step that it came with.
pub fn photos(ctx: &Ctx, shell: &Shell, record: &case::Record, base: &str) -> Vec<PhotoView> {
    let procedure = ctx.city.procedures.get(&record.case.procedure);
    let caption = |revision: i64| {
        let event = record.events.iter().find(|it| it.revision == revision)?;
        let transition = procedure.and_then(|it| it.transition(&event.transition));
        let step = match (transition, event.transition.as_str()) {
            (Some(it), _) => case::words(&it.label, shell.language()).to_owned(),
            (None, case::NOTE) => shell.t.say("event-note"),
            (None, _) => shell.t.say("loop-1"),
        };
        Some(format!("{step} · {}", shell.t.date(event.at, ctx.now)))
    };
    let photos = record.photos.iter().zip(1..).map(|(photo, number)| PhotoView {
        address: format!("{base}/photos/{}", photo.id),
        alt: shell.t.with("photo-alt", "number", number),
        caption: caption(photo.revision).unwrap_or_default(),
    });
    photos.collect()
}
