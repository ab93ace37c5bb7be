//! When a limit ends: the four ways in which offices count time.

use std::sync::Arc;

use jiff::{ToSpan, civil};
use kernel::Timestamp;

use super::model::{AreaCalendar, Countdown, Day, DayKind, Hours, LimitKind, Period, WHOLE};

const MICROS: i64 = 1_000_000;

/// The days of one area: of each what the nearest area says that says anything of it. A year whose holidays the city has not
/// entered counts Monday to Friday, and is told by [`Calendar::is_known`].
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Nearest area first.
    areas: Vec<Arc<AreaCalendar>>,
    /// So many of them, the last, are the city's.
    of_city: usize,
}

impl Calendar {
    /// Nearest area first; the last `of_city` are the city's, its file among them.
    pub(super) fn new(areas: Vec<Arc<AreaCalendar>>, of_city: usize) -> Self {
        Self { areas, of_city }
    }

    /// Whether the holidays of `year` have been entered: by the city, since a fair of one township tells nobody when the
    /// spring festival is.
    pub fn is_known(&self, year: i16) -> bool {
        self.areas.iter().rev().take(self.of_city).any(|area| area.years.contains(&year))
    }

    pub fn is_workday(&self, day: civil::Date) -> bool {
        match self.day(day) {
            Some((_, it)) => it.kind == DayKind::Workday,
            None => !matches!(day.weekday(), civil::Weekday::Saturday | civil::Weekday::Sunday),
        }
    }

    /// What is said of a day, and by the how-manieth area, the nearest being 0.
    pub fn day(&self, day: civil::Date) -> Option<(usize, &Day)> {
        self.areas.iter().enumerate().find_map(|(at, area)| Some((at, area.days.get(&day)?)))
    }

    /// The hours of a workday, and the how-manieth area's they are.
    pub fn hours(&self, day: civil::Date) -> Option<(usize, &Hours)> {
        let of_day =
            |area: &'_ Arc<AreaCalendar>| area.hours.iter().position(|it| it.first <= day && day <= it.last);
        self.areas.iter().enumerate().find_map(|(at, area)| Some((at, &area.hours[of_day(area)?])))
    }

    /// When the last work period of a day ends; none of a day on which nobody works.
    pub fn closes(&self, day: civil::Date) -> Option<Timestamp> {
        let last = self.is_workday(day).then(|| self.periods(day).last()).flatten()?;
        Some(moment(day, last.closes))
    }

    fn periods(&self, day: civil::Date) -> &[Period] {
        self.hours(day).map_or(&[], |(_, hours)| &hours.periods)
    }

    /// The first year that the limit reaches into and whose holidays are not known; until they are its end may move.
    pub fn unknown_year(&self, it: &Countdown) -> Option<i16> {
        let (first, last) = (it.since.civil().year(), self.due(it).civil().year());
        (first..=last).find(|year| it.limit.kind.is_work() && !self.is_known(*year))
    }

    /// When the limit ends.
    pub fn due(&self, it: &Countdown) -> Timestamp {
        match it.limit.kind {
            LimitKind::UrgentHours | LimitKind::WorkHours => self.after(it, it.limit.amount * 3_600 * MICROS),
            LimitKind::NaturalDays => self.after(it, it.limit.amount * 86_400 * MICROS),
            LimitKind::WorkDays => self.after_work_days(it),
        }
    }

    /// When `percent` hundredths of the limit have run, in the time that the limit counts: of work days the work time
    /// from its start to its end.
    pub fn part(&self, it: &Countdown, percent: i64) -> Timestamp {
        if percent == WHOLE {
            return self.due(it);
        }
        let whole = match it.limit.kind {
            LimitKind::UrgentHours | LimitKind::WorkHours => it.limit.amount * 3_600 * MICROS,
            LimitKind::NaturalDays => it.limit.amount * 86_400 * MICROS,
            LimitKind::WorkDays => self.ran(it, self.due(it)),
        };
        self.after(it, whole * percent / WHOLE)
    }

    /// The end of the last work period of the day that is the last to count. The first day does not, nor one on which
    /// the clock stood still at any time.
    fn after_work_days(&self, it: &Countdown) -> Timestamp {
        let still = |day: civil::Date| {
            it.pause.is_some_and(|pause| pause.from < moment(day, 24 * 60) && moment(day, 0) < pause.until)
        };
        let following = it.since.civil().date().series(1.day()).skip(1);
        let last =
            following.filter(|day| self.is_workday(*day) && !still(*day)).nth(it.limit.amount as usize - 1);
        last.map_or(Timestamp::from_micros(i64::MAX), |day| {
            moment(day, self.periods(day).last().map_or(0, |period| period.closes))
        })
    }

    /// When the clock has run for `micros`.
    fn after(&self, it: &Countdown, micros: i64) -> Timestamp {
        let work = it.limit.kind.is_work();
        let reached = self.reached(work, it.since, micros);
        match it.pause {
            Some(pause) if pause.until > it.since && reached > pause.from => {
                let before = self.between(work, it.since, pause.from);
                self.reached(work, pause.until, micros - before)
            }
            _ => reached,
        }
    }

    /// For how many microseconds the clock has run by `until`.
    fn ran(&self, it: &Countdown, until: Timestamp) -> i64 {
        let work = it.limit.kind.is_work();
        let still =
            it.pause.map_or(0, |pause| self.between(work, pause.from.max(it.since), pause.until.min(until)));
        self.between(work, it.since, until) - still
    }

    /// When `micros` have passed since `start`, of work time alone if `work`.
    fn reached(&self, work: bool, start: Timestamp, micros: i64) -> Timestamp {
        if !work {
            return Timestamp::from_micros(start.micros().saturating_add(micros));
        }
        let mut left = micros;
        for (opens, closes) in self.work_from(start) {
            let length = closes.micros() - opens.micros();
            if left <= length {
                return Timestamp::from_micros(opens.micros() + left);
            }
            left -= length;
        }
        Timestamp::from_micros(i64::MAX)
    }

    /// Microseconds from `from` to `to`, of work time alone if `work`; none if `to` comes first.
    fn between(&self, work: bool, from: Timestamp, to: Timestamp) -> i64 {
        if !work {
            return (to.micros() - from.micros()).max(0);
        }
        let periods = self.work_from(from).take_while(|(opens, _)| *opens < to);
        periods.map(|(opens, closes)| closes.min(to).micros() - opens.micros()).sum()
    }

    /// The work periods from `start` on, the first of them cut if it has begun.
    fn work_from(&self, start: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let days = start.civil().date().series(1.day()).filter(|day| self.is_workday(*day));
        let periods = days.flat_map(|day| {
            self.periods(day).iter().map(move |it| (moment(day, it.opens), moment(day, it.closes)))
        });
        periods
            .map(move |(opens, closes)| (opens.max(start), closes))
            .filter(|(opens, closes)| opens < closes)
    }
}

/// `minute` minutes into `day` in the city.
fn moment(day: civil::Date, minute: i64) -> Timestamp {
    Timestamp::from_civil(day.to_datetime(civil::Time::midnight())).plus_seconds(minute * 60)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Calendars,
            model::{Limit, Pause},
        },
        *,
    };

    fn calendar() -> Calendar {
        Calendars::load(include_str!("../../../../data/calendar.toml")).unwrap().of_file()
    }

    fn countdown(since: &str, kind: LimitKind, amount: i64) -> Countdown {
        let limit = Limit::new(kind, amount).unwrap();
        Countdown { since: Timestamp::parse(since).unwrap(), limit, pause: None }
    }

    /// Vectors of the closed-loop reference, section 4.
    #[test]
    fn limits_end_when_an_office_would_say_so() {
        use LimitKind::{UrgentHours, WorkDays, WorkHours};
        let cases = [
            ("2026-02-13T16:30:00+08:00", WorkHours, 4, "2026-02-14T10:30:00+08:00"),
            ("2026-02-14T17:00:00+08:00", WorkHours, 4, "2026-02-24T11:00:00+08:00"),
            ("2026-02-14T17:00:00+08:00", UrgentHours, 4, "2026-02-14T21:00:00+08:00"),
            ("2026-11-20T11:30:00+08:00", WorkHours, 4, "2026-11-20T17:30:00+08:00"),
            ("2026-11-20T12:30:00+08:00", WorkHours, 2, "2026-11-20T16:00:00+08:00"),
            ("2026-11-20T19:00:00+08:00", WorkHours, 2, "2026-11-23T10:00:00+08:00"),
            ("2026-09-30T17:00:00+08:00", WorkHours, 4, "2026-10-08T11:00:00+08:00"),
            ("2026-02-13T16:30:00+08:00", WorkDays, 2, "2026-02-24T18:00:00+08:00"),
            ("2026-02-14T09:00:00+08:00", WorkDays, 5, "2026-02-28T18:00:00+08:00"),
            ("2026-09-30T17:00:00+08:00", WorkDays, 3, "2026-10-10T18:00:00+08:00"),
        ];
        for (start, kind, amount, due) in cases {
            let it = countdown(start, kind, amount);
            assert_eq!(calendar().due(&it).to_string(), due, "{start} {kind:?} {amount}");
        }
    }

    #[test]
    fn a_part_of_a_limit_is_a_part_of_its_own_time() {
        use LimitKind::{NaturalDays, UrgentHours, WorkDays, WorkHours};
        let cases = [
            ("2026-11-20T09:00:00+08:00", WorkHours, 4, 50, "2026-11-20T11:00:00+08:00"),
            ("2026-11-20T17:00:00+08:00", WorkHours, 4, 50, "2026-11-23T09:00:00+08:00"),
            ("2026-11-20T09:00:00+08:00", WorkHours, 3, 200, "2026-11-20T17:00:00+08:00"),
            // An hour of Friday and eight of Monday: half of the nine.
            ("2026-11-20T17:00:00+08:00", WorkDays, 1, 50, "2026-11-23T11:30:00+08:00"),
            ("2026-11-20T17:00:00+08:00", WorkDays, 1, 100, "2026-11-23T18:00:00+08:00"),
            ("2026-11-20T17:00:00+08:00", WorkDays, 1, 150, "2026-11-24T14:30:00+08:00"),
            ("2026-11-20T17:00:00+08:00", UrgentHours, 4, 25, "2026-11-20T18:00:00+08:00"),
            ("2026-11-20T17:00:00+08:00", NaturalDays, 7, 200, "2026-12-04T17:00:00+08:00"),
        ];
        for (start, kind, amount, percent, at) in cases {
            let it = countdown(start, kind, amount);
            assert_eq!(calendar().part(&it, percent).to_string(), at, "{percent} % of {amount} {kind:?}");
        }
    }

    #[test]
    fn a_clock_that_stood_still_goes_on_with_the_time_that_was_left() {
        use LimitKind::{NaturalDays, WorkDays, WorkHours};
        let moment = |text: &str| Timestamp::parse(text).unwrap();
        let cases = [
            // Two of four hours were left.
            (
                "2026-11-20T09:00:00+08:00",
                WorkHours,
                4,
                "2026-11-20T11:00:00+08:00",
                "2026-11-25T10:00:00+08:00",
            ),
            (
                "2026-11-20T09:00:00+08:00",
                NaturalDays,
                1,
                "2026-11-20T15:00:00+08:00",
                "2026-11-25T18:00:00+08:00",
            ),
            // Monday does not count, since the clock stood still on it, nor Tuesday.
            (
                "2026-11-20T09:00:00+08:00",
                WorkDays,
                2,
                "2026-11-23T10:00:00+08:00",
                "2026-11-26T18:00:00+08:00",
            ),
            // It ended before the pause.
            (
                "2026-11-20T09:00:00+08:00",
                WorkHours,
                1,
                "2026-11-20T10:00:00+08:00",
                "2026-11-20T10:00:00+08:00",
            ),
        ];
        for (start, kind, amount, from, due) in cases {
            let pause = Some(Pause { from: moment(from), until: moment("2026-11-25T00:00:00+08:00") });
            let it = Countdown { pause, ..countdown(start, kind, amount) };
            assert_eq!(
                calendar().due(&it).to_string(),
                due,
                "{amount} {kind:?} from {start}, still from {from}"
            );
        }
    }

    #[test]
    fn the_year_2026_has_248_workdays() {
        let days = civil::date(2026, 1, 1).series(1.day()).take(365);
        assert_eq!(days.filter(|day| calendar().is_workday(*day)).count(), 248);
        assert!(!calendar().is_known(2031));
    }

    #[test]
    fn a_calendar_with_a_fault_is_refused_with_its_reason() {
        for text in [
            "periods = []\n[year]",
            "periods = [[\"12:00\", \"08:00\"]]\n[year]",
            "periods = [[\"25:00\", \"26:00\"]]\n[year]",
        ] {
            assert!(Calendars::load(text).is_err(), "{text}");
        }
        assert!(Calendars::load("periods = [[\"08:00\", \"12:00\"]]\n[year.2026]\nholidays = [[\"2026-02-30\"]]\nworkdays = []").unwrap_err().contains("2026-02-30"));
    }
}
