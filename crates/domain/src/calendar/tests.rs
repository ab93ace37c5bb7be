//! Deadlines held against a slow calculation that shares no code with them: it knows days by their number and walks
//! minute by minute, over ten years of calendars made by chance.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{ToSpan, civil};
use kernel::Timestamp;
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use super::{
    model::{AreaCalendar, Countdown, Day, DayKind, Hours, Limit, LimitKind, Pause, Period, WHOLE},
    rule::Calendar,
};

/// Days from 2020-01-01 on, which was a Wednesday, and the minutes and seconds of the city's clocks.
const DAYS: i64 = 3_653;
const DAY: i64 = 24 * 60;
const EPOCH_SECONDS: i64 = 1_577_836_800 - 8 * 3_600;
/// A part of time in which all that is asked comes out even: three seconds.
const UNITS: i64 = 20;

/// What one area says, by the numbers of days.
#[derive(Clone, Debug)]
struct AreaSpec {
    /// Day and whether people work on it.
    days: BTreeMap<i64, bool>,
    hours: Vec<Season>,
}

/// First and last day, and the work periods in minutes.
type Season = (i64, i64, Vec<(i64, i64)>);

/// Areas, nearest first; the last has hours for every day.
type Spec = Vec<AreaSpec>;

#[derive(Clone, Copy, Debug)]
struct Question {
    kind: LimitKind,
    amount: i64,
    extensions: i64,
    percent: i64,
    /// Minutes.
    start: i64,
    /// From so many minutes after the start, and for how long.
    pause: Option<(i64, i64)>,
}

fn periods() -> impl Strategy<Value = Vec<(i64, i64)>> {
    // Four times of a day in order, in steps of five minutes: one period or two.
    (1..60_i64, 12..60_i64, 1..40_i64, 12..60_i64, any::<bool>()).prop_map(
        |(opens, first, gap, second, two)| {
            let morning = (opens * 5, (opens + first) * 5);
            let afternoon = (morning.1 + gap * 5, morning.1 + (gap + second) * 5);
            if two { vec![morning, afternoon] } else { vec![morning] }
        },
    )
}

fn area(is_root: bool) -> impl Strategy<Value = AreaSpec> {
    let days = vec((0..DAYS + 800, any::<bool>()), 0..400);
    let seasons = vec((0..DAYS, 1..200_i64, periods()), 0..4);
    (days, seasons, periods()).prop_map(move |(days, seasons, usual)| {
        let mut hours: Vec<Season> = Vec::new();
        for (first, length, periods) in seasons {
            // None over another.
            if hours.iter().all(|(from, to, _)| first + length < *from || *to < first) {
                hours.push((first, first + length, periods));
            }
        }
        if is_root {
            hours.push((i64::MIN, i64::MAX, usual));
        }
        AreaSpec { days: days.into_iter().collect(), hours }
    })
}

fn spec() -> impl Strategy<Value = Spec> {
    (vec(area(false), 0..3), area(true)).prop_map(|(mut areas, root)| {
        areas.push(root);
        areas
    })
}

fn question() -> impl Strategy<Value = Question> {
    let kind = prop_oneof![
        Just(LimitKind::UrgentHours),
        Just(LimitKind::WorkHours),
        Just(LimitKind::WorkDays),
        Just(LimitKind::NaturalDays),
    ];
    let pause = prop::option::of((-3 * DAY..20 * DAY, 1..60 * DAY));
    (kind, 1..20_i64, 0..3_i64, 1..45_i64, 0..DAYS * DAY, pause).prop_map(
        |(kind, amount, extensions, fifths, start, pause)| Question {
            kind,
            amount,
            extensions,
            percent: fifths * 5,
            start,
            pause,
        },
    )
}

// ---- what is tested ----

fn date(day: i64) -> civil::Date {
    match day {
        i64::MIN => civil::Date::MIN,
        i64::MAX => civil::Date::MAX,
        day => civil::date(2020, 1, 1).checked_add(day.days()).unwrap(),
    }
}

fn calendar(spec: &Spec) -> Calendar {
    let area = |it: &AreaSpec| {
        let day = |(day, works): (&i64, &bool)| {
            let kind = if *works { DayKind::Workday } else { DayKind::Holiday };
            (date(*day), Day { kind, name: String::new() })
        };
        let hours = |(first, last, periods): &Season| Hours {
            first: date(*first),
            last: date(*last),
            name: String::new(),
            periods: periods
                .iter()
                .map(|(opens, closes)| Period { opens: *opens, closes: *closes })
                .collect(),
        };
        Arc::new(AreaCalendar {
            days: it.days.iter().map(day).collect(),
            hours: it.hours.iter().map(hours).collect(),
            ..AreaCalendar::default()
        })
    };
    Calendar::new(spec.iter().map(area).collect(), spec.len())
}

fn moment(minute: i64) -> Timestamp {
    Timestamp::from_micros((EPOCH_SECONDS + minute * 60) * 1_000_000)
}

/// Units after the first minute.
fn answer(calendar: &Calendar, it: &Question) -> i64 {
    let limit = Limit { kind: it.kind, amount: it.amount * (1 + it.extensions) };
    let pause = it.pause.map(|(after, length)| Pause {
        from: moment(it.start + after),
        until: moment(it.start + after + length),
    });
    let at = calendar.part(&Countdown { since: moment(it.start), limit, pause }, it.percent);
    (at.micros() / 1_000_000 - EPOCH_SECONDS) / 3
}

// ---- the slow calculation ----

struct Slow<'a> {
    spec: &'a Spec,
    /// Minutes from and to which the clock stands still.
    still: Option<(i64, i64)>,
}

impl Slow<'_> {
    fn is_workday(&self, day: i64) -> bool {
        for area in self.spec {
            if let Some(works) = area.days.get(&day) {
                return *works;
            }
        }
        // 0 is Monday: the first day was a Wednesday.
        (day + 2) % 7 < 5
    }

    fn hours(&self, day: i64) -> &[(i64, i64)] {
        for area in self.spec {
            for (first, last, periods) in &area.hours {
                if *first <= day && day <= *last {
                    return periods;
                }
            }
        }
        &[]
    }

    fn is_still(&self, minute: i64) -> bool {
        self.still.is_some_and(|(from, until)| from <= minute && minute < until)
    }

    fn counts(&self, kind: LimitKind, minute: i64) -> bool {
        let (day, of_day) = (minute.div_euclid(DAY), minute.rem_euclid(DAY));
        let works = || {
            self.is_workday(day)
                && self.hours(day).iter().any(|(opens, closes)| *opens <= of_day && of_day < *closes)
        };
        let is_work = matches!(kind, LimitKind::WorkHours | LimitKind::WorkDays);
        !self.is_still(minute) && (!is_work || works())
    }

    /// In units.
    fn after(&self, kind: LimitKind, start: i64, units: i64) -> i64 {
        let (mut minute, mut left) = (start, units);
        loop {
            if self.counts(kind, minute) {
                if left <= UNITS {
                    return minute * UNITS + left;
                }
                left -= UNITS;
            }
            minute += 1;
        }
    }

    /// The minute at which one limit ends; an hour or a day of the clock, or workdays counted on the fingers.
    fn limit(&self, kind: LimitKind, start: i64, amount: i64) -> i64 {
        let wall = match kind {
            LimitKind::UrgentHours | LimitKind::WorkHours => amount * 60,
            LimitKind::NaturalDays => amount * DAY,
            LimitKind::WorkDays => {
                let (mut day, mut left) = (start.div_euclid(DAY), amount);
                while left > 0 {
                    day += 1;
                    let runs = (day * DAY..(day + 1) * DAY).all(|minute| !self.is_still(minute));
                    left -= i64::from(runs && self.is_workday(day));
                }
                return day * DAY + self.hours(day).last().unwrap().1;
            }
        };
        self.after(kind, start, wall * UNITS) / UNITS
    }

    fn answer(&self, it: &Question) -> i64 {
        // Each extension is one more limit from the deadline before.
        let due = (0..=it.extensions).fold(it.start, |from, _| self.limit(it.kind, from, it.amount));
        if it.percent == WHOLE {
            return due * UNITS;
        }
        let whole = match it.kind {
            LimitKind::UrgentHours | LimitKind::WorkHours => it.amount * 60 * (1 + it.extensions),
            LimitKind::NaturalDays => it.amount * DAY * (1 + it.extensions),
            LimitKind::WorkDays => {
                (it.start..due).filter(|minute| self.counts(it.kind, *minute)).count() as i64
            }
        };
        self.after(it.kind, it.start, whole * UNITS * it.percent / WHOLE)
    }
}

fn slow(spec: &Spec, it: &Question) -> i64 {
    let still = it.pause.map(|(after, length)| (it.start + after, it.start + after + length));
    Slow { spec, still }.answer(it)
}

proptest! {
    #![proptest_config(Config { cases: 256, failure_persistence: None, ..Config::default() })]
    #[test]
    fn a_deadline_is_what_counting_every_minute_comes_to(spec in spec(), it in question()) {
        prop_assert_eq!(answer(&calendar(&spec), &it), slow(&spec, &it));
    }
}

/// Errors that somebody could make, each of which the comparison above must find.
#[test]
fn the_comparison_finds_planted_errors() {
    type Planted = fn(&Spec, &Question) -> i64;
    let errors: [(&str, Planted); 6] = [
        ("the city is heard before the county", |spec, it| {
            answer(&calendar(&spec.iter().rev().cloned().collect()), it)
        }),
        ("adjusted workdays are forgotten", |spec, it| {
            let mut spec = spec.clone();
            spec.iter_mut().for_each(|area| area.days.retain(|_, works| !*works));
            answer(&calendar(&spec), it)
        }),
        ("seasons are forgotten", |spec, it| {
            let mut spec = spec.clone();
            spec.iter_mut().for_each(|area| area.hours.retain(|(first, ..)| *first == i64::MIN));
            answer(&calendar(&spec), it)
        }),
        ("the clock runs on in a pause", |spec, it| {
            answer(&calendar(spec), &Question { pause: None, ..*it })
        }),
        ("an extension is forgotten", |spec, it| {
            answer(&calendar(spec), &Question { extensions: it.extensions.min(1), ..*it })
        }),
        ("a part of work days is a part of the days between", |spec, it| {
            let due = answer(&calendar(spec), &Question { percent: WHOLE, ..*it });
            let start = it.start * UNITS;
            start + (due - start) * it.percent / WHOLE
        }),
    ];
    let strategy = (spec(), question());
    for (error, planted) in errors {
        let mut runner = TestRunner::deterministic();
        let found = (0..400).any(|_| {
            let (spec, it) = strategy.new_tree(&mut runner).unwrap().current();
            planted(&spec, &it) != slow(&spec, &it)
        });
        assert!(found, "{error}");
    }
}
