//! From a case to what it counts for, and from that to figures; pure.

use kernel::{AreaPath, Id, Organization, Timestamp};

use super::{
    claim::Fact,
    figure::Figures,
    ledger::{Entry, Family, Marks, NEVER},
    model::{Counted, Period},
};
use crate::case::Handling;

/// Fewest of five with which a reporter counts as satisfied (基本满意).
const SATISFIED_MIN: i64 = 3;

/// What of a case figures are made of.
#[derive(Clone, Debug)]
pub struct Facts {
    pub path: AreaPath,
    pub owner: Option<Id<Organization>>,
    pub is_open: bool,
    pub is_void: bool,
    /// It was merged into another.
    pub is_repeated: bool,
    /// It is a part of another, which was reported once.
    pub is_part: bool,
    pub reported_at: Timestamp,
    pub registered_at: Option<Timestamp>,
    pub due: Option<Timestamp>,
    pub close_due: Option<Timestamp>,
    pub contact_due: Option<Timestamp>,
    pub handled_at: Option<Timestamp>,
    pub passed_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub contacted_at: Option<Timestamp>,
    pub first_closed_at: Option<Timestamp>,
    pub reopened_at: Option<Timestamp>,
    pub returns: i64,
    pub reworks: i64,
    /// What each body did with it that it was given to.
    pub given: Vec<Given>,
    pub rating: Option<i64>,
    pub solved: Option<bool>,
    pub is_excluded: bool,
    /// What granted appeals exempt: 1 the lateness, 2 the return, 4 the rework.
    pub exempt: i64,
}

/// A body that the case was given to, whoever has it now.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub organization: Id<Organization>,
    pub did: Handling,
}

/// Whose figures are made of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// An area's, in which a case counts once, however many bodies had it, and those that support it do so with it.
    Area,
    /// A body's: its parts of others' cases are its work too, and of returns and rework it answers for its own.
    Body,
}

impl Facts {
    /// All that the case counts for.
    pub fn entries(&self) -> Vec<Entry> {
        let every = self.every();
        let mut entries = Vec::new();
        if !self.is_part {
            let marks = every.with(Marks::REPEATED, self.is_repeated);
            entries.push(entry(self.reported_at, self.registered_at, Family::Report, marks));
        }
        if self.is_void {
            return entries;
        }
        let in_time = |done: Option<Timestamp>, due| {
            every.with(Marks::IN_TIME, done.is_some_and(|at: Timestamp| at <= due))
        };
        if let Some(due) = self.due {
            let marks = in_time(self.handled_at, due)
                .with(Marks::DISPATCHED, self.owner.is_some() || self.returns > 0)
                .with(Marks::RETURNED, self.returns > 0)
                .with(Marks::REWORKED, self.reworks > 0)
                .with(Marks::OWN_REWORK, self.given.iter().any(|it| self.has(it) && it.did.reworked))
                .with(Marks::ENDED, !self.is_open && self.handled_at.is_none())
                .with(Marks::EXEMPT_LATE, self.exempts(Fact::Late))
                .with(Marks::EXEMPT_RETURN, self.exempts(Fact::Returned))
                .with(Marks::EXEMPT_REWORK, self.exempts(Fact::Reworked));
            entries.push(entry(due, self.handled_at, Family::Handling, marks));
            let once = [(self.first_closed_at, Family::Ending), (self.reopened_at, Family::Reopening)];
            for (done, family) in once.into_iter().filter(|(done, _)| done.is_some()) {
                entries.push(entry(due, done, family, every));
            }
            if let (Some(rating), Some(closed)) = (self.rating, self.closed_at) {
                let marks = every
                    .with(Marks::SOLVED, self.solved == Some(true))
                    .with(Marks::SATISFIED, rating >= SATISFIED_MIN);
                entries.push(entry(due, Some(closed), Family::Rating, marks));
            }
        }
        if let Some(due) = self.close_due {
            entries.push(entry(due, self.passed_at, Family::Closing, in_time(self.passed_at, due)));
        }
        if let Some(due) = self.contact_due {
            entries.push(entry(due, self.contacted_at, Family::Contact, in_time(self.contacted_at, due)));
        }
        entries
    }

    /// What it counts for of each body that it was given to.
    pub fn given(&self) -> impl Iterator<Item = (Entry, Id<Organization>)> {
        let due = self.due.filter(|_| !self.is_void);
        due.into_iter()
            .flat_map(move |due| self.given.iter().map(move |it| (self.of_body(it, due), it.organization)))
    }

    fn of_body(&self, it: &Given, due: Timestamp) -> Entry {
        let marks = self
            .every()
            .with(Marks::RETURNED, it.did.returned)
            // The body that has the case is the one that appeals.
            .with(Marks::EXEMPT_RETURN, self.has(it) && self.exempts(Fact::Returned));
        entry(due, None, Family::Given, marks)
    }

    /// What is so of all that it counts for.
    fn every(&self) -> Marks {
        Marks::default().with(Marks::EXCLUDED, self.is_excluded).with(Marks::PART, self.is_part)
    }

    fn has(&self, it: &Given) -> bool {
        self.owner == Some(it.organization)
    }

    fn exempts(&self, fact: Fact) -> bool {
        self.exempt & fact.bit() != 0
    }
}

fn entry(at: Timestamp, done: Option<Timestamp>, family: Family, marks: Marks) -> Entry {
    Entry { at: at.micros(), done: done.map_or(NEVER, day_of), family, marks }
}

/// As it stands in a page: of the years that a moment can be in.
pub fn day_of(at: Timestamp) -> i32 {
    at.day() as i32
}

impl Entry {
    /// The day at which it counts.
    pub fn day(&self) -> i32 {
        day_of(Timestamp::from_micros(self.at))
    }

    /// Whether it may be carried over into a later period: not handled by the end of the day on which it was due.
    pub fn is_late(&self) -> bool {
        self.family == Family::Handling && !self.marks.has(Marks::ENDED) && self.done > self.day()
    }
}

/// What counts in a period, as of a moment: nothing that lies after it.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub first: i32,
    pub last: i32,
    /// The first moment that counts.
    pub start: i64,
    /// The first after those that count.
    pub end: i64,
}

impl Bounds {
    pub fn new(period: Period, now: Timestamp) -> Self {
        let end = period.end().micros().min(now.micros() + 1);
        let (start, last) = (period.start(), Timestamp::from_micros(end - 1));
        Self { first: day_of(start), last: day_of(last), start: start.micros(), end }
    }

    /// The first day of the period that does not count as a whole.
    pub fn whole_days_end(&self) -> i32 {
        day_of(Timestamp::from_micros(self.end))
    }

    fn holds(&self, entry: &Entry) -> bool {
        self.start <= entry.at && entry.at < self.end
    }
}

impl Whose {
    fn counts(self, entry: &Entry) -> bool {
        self == Whose::Body || !entry.marks.has(Marks::PART)
    }
}

impl Counted {
    /// Counts an entry `n` times for what was due or reported in the period.
    pub fn add(&mut self, entry: &Entry, bounds: &Bounds, whose: Whose, n: i64) {
        if !bounds.holds(entry) || !whose.counts(entry) {
            return;
        }
        add(&mut self.all, entry, bounds, whose, n);
        if !entry.marks.has(Marks::EXCLUDED) {
            add(&mut self.adjusted, &exempted(entry), bounds, whose, n);
        }
    }

    /// Counts a handling `n` times if it was carried over into the period.
    pub fn add_carried(&mut self, entry: &Entry, bounds: &Bounds, whose: Whose, n: i64) {
        let was_due = entry.at < bounds.start.min(bounds.end);
        if !was_due || !whose.counts(entry) || !entry.is_late() || entry.done < bounds.first {
            return;
        }
        let carried = |figures: &mut Figures| {
            figures.carried += n;
            let handled = if entry.done <= bounds.last { n } else { 0 };
            figures.carried_handled += handled;
            figures.carried_open += n - handled;
        };
        carried(&mut self.all);
        if !entry.marks.has(Marks::EXCLUDED) {
            carried(&mut self.adjusted);
        }
    }
}

/// The entry as the adjusted figures take it.
fn exempted(entry: &Entry) -> Entry {
    let marks = entry.marks;
    let marks = marks
        .with(Marks::IN_TIME, marks.has(Marks::EXEMPT_LATE))
        .without(if marks.has(Marks::EXEMPT_RETURN) { Marks::RETURNED } else { Marks::default() })
        .without(if marks.has(Marks::EXEMPT_REWORK) {
            Marks::REWORKED.and(Marks::OWN_REWORK)
        } else {
            Marks::default()
        });
    Entry { marks, ..*entry }
}

fn add(it: &mut Figures, entry: &Entry, bounds: &Bounds, whose: Whose, n: i64) {
    let done = if entry.done <= bounds.last { n } else { 0 };
    let of = |count: i64, mark: Marks| if entry.marks.has(mark) { count } else { 0 };
    match entry.family {
        Family::Report => {
            it.reported += n;
            it.registered += done;
            it.repeated += of(n, Marks::REPEATED);
        }
        Family::Handling => {
            it.due += n;
            if whose == Whose::Area {
                sent(it, of(n, Marks::DISPATCHED), of(n, Marks::RETURNED));
            }
            it.handled += done;
            it.handled_on_time += of(done, Marks::IN_TIME);
            it.unhandled += n - done;
            it.reworked += of(done, if whose == Whose::Area { Marks::REWORKED } else { Marks::OWN_REWORK });
            it.excluded += of(n, Marks::EXCLUDED);
            let exempt = [Marks::EXEMPT_LATE, Marks::EXEMPT_RETURN, Marks::EXEMPT_REWORK]
                .map(|mark| entry.marks.has(mark));
            it.exempted += if exempt.contains(&true) { n } else { 0 };
        }
        Family::Given if whose == Whose::Body => sent(it, n, of(n, Marks::RETURNED)),
        Family::Given => {}
        Family::Rating => {
            it.rated += done;
            it.solved += of(done, Marks::SOLVED);
            it.satisfied += of(done, Marks::SATISFIED);
        }
        Family::Closing => {
            it.due_to_close += n;
            it.closed += done;
            it.closed_on_time += of(done, Marks::IN_TIME);
        }
        Family::Ending => it.ended += done,
        Family::Reopening => it.reopened += done,
        Family::Contact => {
            it.to_contact += n;
            it.contacted += of(done, Marks::IN_TIME);
        }
    }
}

/// Counts what was given to a body, and of that what came back.
fn sent(it: &mut Figures, given: i64, returned: i64) {
    it.dispatched += given;
    it.returned += returned;
    it.dispatched_right += given - returned;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn days_change_at_midnight_in_the_city() {
        assert_eq!(day_of(at("1970-01-01T00:00:00+08:00")), 0);
        assert_eq!(day_of(at("1969-12-31T23:59:59+08:00")), -1);
        assert_eq!(day_of(at("2026-11-30T23:59:59+08:00")) + 1, day_of(at("2026-12-01T00:00:00+08:00")));
    }

    #[test]
    fn an_exempted_lateness_stays_late_in_the_figures_as_they_are() {
        let november = Period::parse("2026-11-01", "2026-11-30").unwrap();
        let bounds = Bounds::new(november, at("2026-12-05"));
        let marks = Marks::DISPATCHED.with(Marks::EXEMPT_LATE, true);
        let entry = Entry {
            at: at("2026-11-10T18:00:00+08:00").micros(),
            done: day_of(at("2026-11-12")),
            family: Family::Handling,
            marks,
        };
        let mut counted = Counted::default();
        counted.add(&entry, &bounds, Whose::Area, 1);
        assert_eq!((counted.all.handled_on_time, counted.adjusted.handled_on_time), (0, 1));
        assert_eq!((counted.all.exempted, counted.adjusted.handled), (1, 1));
        counted.add(&Entry { marks: marks.with(Marks::EXCLUDED, true), ..entry }, &bounds, Whose::Area, 1);
        assert_eq!((counted.all.due, counted.adjusted.due, counted.all.excluded), (2, 1, 1));
    }

    #[test]
    fn what_is_not_due_yet_counts_nowhere_though_it_is_done() {
        let november = Period::parse("2026-11-01", "2026-11-30").unwrap();
        let due = at("2026-11-25T18:00:00+08:00");
        let entry = Entry {
            at: due.micros(),
            done: day_of(at("2026-11-21")),
            family: Family::Handling,
            marks: Marks::IN_TIME,
        };
        let on = |now: Timestamp| {
            let mut counted = Counted::default();
            counted.add(&entry, &Bounds::new(november, now), Whose::Area, 1);
            counted.all.due
        };
        assert_eq!((on(due.plus_seconds(-1)), on(due)), (0, 1));
    }
}
