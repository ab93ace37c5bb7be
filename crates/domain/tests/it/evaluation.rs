//! Figures of the loop, held equal to what the timelines tell.

use domain::{
    Ctx, Refusal, Window,
    case::{self, Event, Record, StepInput},
    evaluation::{self, Figure, Figures, Grouping, Period},
};
use kernel::{Case, Id, Organization, Role, Timestamp};
use store::{Db, both};

use crate::case::{COMMUNITY, Town, centre, lamp};

fn acceptor(town: &Town) -> Ctx {
    town.person(6, &[(Role::Acceptor, centre(), "150902")])
}

fn figures(town: &Town, period: Period) -> Figures {
    evaluation::evaluate(&acceptor(town), "150902", period, Grouping::Area).unwrap().total
}

fn handle(town: &Town, id: Id<Case>) {
    let handler = town.handler();
    let done = StepInput { note: "已修好".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
}

// The lamp's three work days from Friday the 20th end on Wednesday the 25th at 18:00.
both!(a_case_counts_in_the_period_of_its_deadline_alone, |db: Db| {
    let town = Town::new(db);
    let ids: Vec<_> = (1..=3).map(|number| town.dispatched(number)).collect();
    let november = Period::parse("2026-11-01", "2026-11-30").unwrap();
    let december = Period::parse("2026-12-01", "2026-12-31").unwrap();
    let october = november.month_before();
    assert_eq!(figures(&town, october), Figures::default());

    town.clock.set("2026-11-25T17:59:00+08:00");
    handle(&town, ids[0]);
    town.clock.set("2026-11-26T09:00:00+08:00");
    handle(&town, ids[1]);
    town.clock.set("2026-12-02T09:00:00+08:00");
    let before = figures(&town, november);
    assert_eq!((before.reported, before.registered, before.due), (3, 3, 3));
    assert_eq!((before.handled, before.handled_on_time, before.unhandled), (2, 1, 1));
    assert_eq!(figures(&town, december), Figures { carried: 1, ..Figures::default() });

    handle(&town, ids[2]);
    assert_eq!(figures(&town, november), before, "what is done in December does not mend November");
    assert_eq!(figures(&town, december), Figures { carried: 1, carried_handled: 1, ..Figures::default() });

    // A rework takes the first handling back, on time as it was.
    let again = StepInput { note: "还在闪".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), ids[0], "rework", &again).unwrap();
    let after = figures(&town, november);
    assert_eq!((after.handled, after.handled_on_time, after.unhandled), (1, 0, 2));
});

both!(only_those_who_may_count_are_shown_figures_and_only_those_who_may_read_their_cases, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    let november = Period::parse("2026-11-01", "2026-11-30").unwrap();
    let ask = |ctx: &Ctx, code: &str| evaluation::evaluate(ctx, code, november, Grouping::Organization);
    assert!(matches!(ask(&town.resident(), "150902"), Err(Refusal::Denied)));
    assert!(matches!(ask(&Ctx::anonymous(town.city.clone()), "150902"), Err(Refusal::SignIn)));
    assert!(matches!(ask(&acceptor(&town), "150921"), Err(Refusal::Denied)), "another county");
    assert!(matches!(ask(&acceptor(&town), "999999"), Err(Refusal::NotFound)));
    let bodies = ask(&acceptor(&town), "150902").unwrap().rows;
    assert_eq!(bodies.len(), 1);
    assert_eq!((bodies[0].name.as_str(), bodies[0].figures.due), ("集宁区照明所", 1));

    let auditor = town.person(9, &[(Role::Auditor, centre(), "150902")]);
    let open = |ctx: &Ctx| {
        evaluation::cases(ctx, "150902", november, Figure::Due, None, &Window::first(10))
            .map(|it| it.items.len())
    };
    assert_eq!(open(&acceptor(&town)).unwrap(), 1);
    assert!(!ask(&auditor, "150902").unwrap().opens);
    assert!(matches!(open(&auditor), Err(Refusal::Denied)), "an auditor counts and does not read");
});

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Takes some step that the case's stage offers. A closed case is mostly left alone.
fn step(town: &Town, id: Id<Case>, dice: &mut Dice) {
    let now = case::record(&Ctx::system(town.city.clone()), id).unwrap().case;
    let note = || StepInput { note: "说明".into(), ..StepInput::default() };
    let worker = town.grid_worker();
    let handler = match now.owner {
        Some(owner) => town.person(5, &[(Role::Handler, owner, "150902")]),
        None => town.handler(),
    };
    let with_photos = |ctx: &Ctx, input: StepInput| StepInput { photos: town.photos(ctx), ..input };
    let (ctx, transition, input) = match now.stage.as_str() {
        "collect" => {
            let seen = StepInput { finding: Some("exists".into()), ..StepInput::default() };
            (worker.clone(), "verify", with_photos(&worker, seen))
        }
        "dispatch" => {
            let body = if dice.below(3) == 0 { town.waterworks } else { town.lighting };
            (town.dispatcher(), "dispatch", StepInput { organization: Some(body), ..StepInput::default() })
        }
        "handle" if dice.below(4) == 0 && now.returns == 0 => {
            (handler, "return", StepInput { ground: Some("not-our-duty".into()), ..note() })
        }
        "handle" => (handler.clone(), "feed_back", with_photos(&handler, note())),
        "feedback" if dice.below(5) == 0 => (town.dispatcher(), "rework", note()),
        "feedback" => (town.dispatcher(), "accept", StepInput::default()),
        "check" if dice.below(4) == 0 => {
            let checker = checker(town, &now);
            (checker.clone(), "fail", with_photos(&checker, note()))
        }
        "check" => {
            let checker = checker(town, &now);
            (checker.clone(), "close", with_photos(&checker, StepInput::default()))
        }
        "evaluate" | "closed" if dice.below(4) == 0 && now.reopens < 2 && is_recent(town, &now) => {
            (town.resident(), "reopen", note())
        }
        "evaluate" => {
            let (rating, solved) = (1 + dice.below(5) as i64, dice.below(2) == 0);
            let rated = StepInput { rating: Some(rating), solved: Some(solved), ..StepInput::default() };
            (town.resident(), "rate", rated)
        }
        _ => return,
    };
    case::advance(&ctx, id, transition, &input).unwrap();
}

/// Whether it may still be opened again.
fn is_recent(town: &Town, case: &case::Case) -> bool {
    town.city.clock.now().seconds_since(case.stage_since) < 7 * 86_400
}

/// Nobody checks again what they closed before it was opened again.
fn checker(town: &Town, case: &case::Case) -> Ctx {
    town.person(30 + case.reopens as u128, &[(Role::Acceptor, centre(), "150902")])
}

/// Eighty days of cases that come and move.
pub fn history(town: &Town) -> Vec<Id<Case>> {
    let (mut dice, mut ids) = (Dice(20_261_126), Vec::new());
    for turn in 0..520 {
        town.clock.pass_seconds(600 + dice.below(7 * 3_600) as i64);
        if ids.is_empty() || dice.below(6) == 0 {
            let class = ["c1-street-lamp", "c1-water-supply", "c2-road-surface"][dice.below(3) as usize];
            let report = case::Report { class: class.into(), ..lamp(turn + 1) };
            ids.push(case::report(&town.resident(), report).unwrap().0.id);
        } else {
            let index = dice.below(ids.len() as u64) as usize;
            step(town, ids[index], &mut dice);
        }
    }
    ids
}

/// The figures as one who reads the timelines would count them.
fn recounted<'a>(records: impl Iterator<Item = &'a Record>, period: Period) -> Figures {
    let mut it = Figures::default();
    let (start, end) = (period.start(), period.end());
    let within = |at: Timestamp| start <= at && at < end;
    for Record { case, events, .. } in records {
        let to_handle = |event: &Event| ["dispatch", "handle"].contains(&event.to.as_str());
        // The last of a kind that no way back to the handler undid.
        let standing = |transition: &str| {
            let last = events.iter().rposition(|event| event.transition == transition)?;
            (!events[last + 1..].iter().any(to_handle)).then(|| events[last].at)
        };
        let filed = events.iter().find(|event| event.to == "dispatch").map(|event| event.at);
        if within(case.reported_at) {
            it.reported += 1;
            it.registered += i64::from(filed.is_some_and(|at| at < end));
        }
        let (Some(due), handled) = (case.due, standing("feed_back")) else { continue };
        if within(due) {
            let done = handled.filter(|at| *at < end);
            // The word of the reporter counts once the case is closed, and until it is opened again.
            let closed = events.iter().rposition(|event| event.to == "closed");
            let closed = closed.filter(|at| !events[*at..].iter().any(|event| event.transition == "reopen"));
            let closed = closed.filter(|at| events[*at].at < end);
            let rated = closed.and_then(|_| events.iter().rfind(|event| event.transition == "rate"));
            let first = |transition: &str| {
                events.iter().find(|event| event.transition == transition).is_some_and(|event| event.at < end)
            };
            it.closed += i64::from(first("close"));
            it.reopened += i64::from(first("reopen"));
            let count = |transitions: &[&str]| {
                events.iter().any(|event| transitions.contains(&event.transition.as_str()))
            };
            it.due += 1;
            it.handled += i64::from(done.is_some());
            it.handled_on_time += i64::from(done.is_some_and(|at| at <= due));
            it.unhandled += i64::from(done.is_none());
            it.passed += i64::from(standing("close").is_some_and(|at| at < end));
            it.returned += i64::from(count(&["return"]));
            it.reworked += i64::from(done.is_some() && count(&["rework", "fail"]));
            it.rated += i64::from(rated.is_some());
            it.solved += i64::from(rated.is_some() && case.solved == Some(true));
            it.satisfied += i64::from(rated.is_some_and(|event| event.detail.rating >= Some(3)));
        } else if due < start && handled.is_none_or(|at| at >= start) {
            it.carried += 1;
            it.carried_handled += i64::from(handled.is_some_and(|at| at < end));
        }
    }
    it
}

both!(every_figure_is_what_the_timelines_tell_and_opens_as_many_cases, |db: Db| {
    let town = Town::new(db);
    let ids = history(&town);
    let all = Ctx::system(town.city.clone());
    let records: Vec<_> = ids.iter().map(|id| case::record(&all, *id).unwrap()).collect();
    let ctx = acceptor(&town);
    let mut seen = Figures::default();
    for (from, to) in [
        ("2026-11-20", "2026-11-30"),
        ("2026-12-01", "2026-12-31"),
        ("2026-12-10", "2026-12-10"),
        ("2027-01-01", "2027-01-31"),
        ("2026-01-01", "2027-12-31"),
    ] {
        let period = Period::parse(from, to).unwrap();
        let by_area = evaluation::evaluate(&ctx, "150902001", period, Grouping::Area).unwrap();
        assert_eq!(by_area.total, recounted(records.iter(), period), "{from} to {to}");
        assert_eq!(by_area.rows.len(), 2);
        assert_eq!(by_area.rows[0].key, COMMUNITY);
        assert_eq!(by_area.rows[0].figures, by_area.total);
        assert_eq!(by_area.rows[1].figures, Figures::default());

        let by_body = evaluation::evaluate(&ctx, "150902", period, Grouping::Organization).unwrap();
        assert_eq!(by_body.total, by_area.total);
        for row in &by_body.rows {
            let owner: Option<Id<Organization>> = row.key.parse().ok();
            let theirs = records.iter().filter(|record| record.case.owner == owner);
            assert_eq!(row.figures, recounted(theirs, period), "{} {from} to {to}", row.name);
        }
        for figure in Figure::ALL {
            assert_eq!(listed(&ctx, period, *figure, None), by_area.total.get(*figure), "{figure:?} {from}");
            for row in by_body.rows.iter().filter(|row| !row.key.is_empty()) {
                let owner = row.key.parse().ok();
                assert_eq!(
                    listed(&ctx, period, *figure, owner),
                    row.figures.get(*figure),
                    "{figure:?} {from}"
                );
            }
        }
        if from == "2026-12-01" {
            seen = by_area.total;
        }
    }
    assert!(Figure::ALL.iter().all(|figure| seen.get(*figure) > 0), "the story has some of each: {seen:?}");
});

/// How many cases the figure opens, page by page, each once.
fn listed(ctx: &Ctx, period: Period, figure: Figure, organization: Option<Id<Organization>>) -> i64 {
    let (mut found, mut window) = (Vec::new(), Window::first(3));
    loop {
        let page = evaluation::cases(ctx, "150902", period, figure, organization, &window).unwrap();
        found.extend(page.items.iter().map(|case| case.id));
        match page.next {
            Some(cursor) => window.after = Some(cursor),
            None => break,
        }
    }
    let count = found.len() as i64;
    found.sort();
    found.dedup();
    assert_eq!(found.len() as i64, count, "no case stands twice in {figure:?}");
    count
}
