//! Figures of the loop, held equal to what the timelines tell.

mod claim;
pub mod play;
mod recount;
mod work;

use domain::{
    Ctx, Refusal, Window, area,
    case::{self, Record, StepInput},
    evaluation::{self, Behind, Counted, Figure, Figures, Grouping, Period},
};
use kernel::{Case, Id, Organization, Role};
use store::{Db, StoreError, both, params};

use self::{
    play::{PERIODS, history, records},
    recount::Reader,
};
use crate::case::{COMMUNITY, Town, centre, lamp};

fn leader(town: &Town) -> Ctx {
    town.person(8, &[(Role::Leader, centre(), "150902")])
}

fn period(from: &str, to: &str) -> Period {
    Period::parse(from, to).unwrap()
}

fn figures(town: &Town, period: Period) -> Figures {
    evaluation::evaluate(&town.acceptor(), "150902", period, Grouping::Area).unwrap().total.all
}

fn handle(town: &Town, id: Id<Case>) {
    let handler = town.handler();
    let done = StepInput { note: "已修好".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
}

/// Enters all that waits, though it changed a moment ago.
fn settle(town: &Town) {
    town.clock.pass_seconds(11);
    while evaluation::settle(&town.city).unwrap() {}
    assert_eq!(evaluation::audit(&Ctx::system(town.city.clone())).unwrap(), [""; 0]);
}

// The lamp's three work days from Friday the 20th end on Wednesday the 25th at 18:00.
both!(a_case_counts_in_the_period_of_its_deadline_alone, |db: Db| {
    let town = Town::new(db);
    let ids: Vec<_> = (1..=3).map(|number| town.dispatched(number)).collect();
    let november = period("2026-11-01", "2026-11-30");
    let december = period("2026-12-01", "2026-12-31");
    assert_eq!(figures(&town, november.before()), Figures::default());

    town.clock.set("2026-11-25T17:59:00+08:00");
    handle(&town, ids[0]);
    assert_eq!(figures(&town, november).due, 0, "what is not due yet counts nowhere, even if it is done");
    town.clock.set("2026-11-26T09:00:00+08:00");
    handle(&town, ids[1]);
    town.clock.set("2026-12-02T09:00:00+08:00");
    let before = figures(&town, november);
    assert_eq!((before.reported, before.registered, before.due), (3, 3, 3));
    assert_eq!((before.handled, before.handled_on_time, before.unhandled), (2, 1, 1));
    let carried = Figures { carried: 1, carried_open: 1, ..Figures::default() };
    assert_eq!(figures(&town, december), carried);

    settle(&town);
    handle(&town, ids[2]);
    assert_eq!(figures(&town, november), before, "what is done in December does not mend November");
    let handled = Figures { carried: 1, carried_handled: 1, ..Figures::default() };
    assert_eq!(figures(&town, december), handled);

    // A rework takes the first handling back, on time as it was.
    settle(&town);
    let again = StepInput { note: "还在闪".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), ids[0], "rework", &again).unwrap();
    let after = figures(&town, november);
    assert_eq!((after.handled, after.handled_on_time, after.unhandled), (1, 0, 2));
    settle(&town);
    assert_eq!(figures(&town, november), after, "what is entered in pages is what was counted");
});

fn send(town: &Town, id: Id<Case>, body: Id<Organization>) {
    let send = StepInput { organization: Some(body), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap();
}

both!(a_case_that_others_support_weighs_one_in_its_area_and_each_part_is_its_bodys_work, |db: Db| {
    let town = Town::new(db);
    let id = case::report(&town.acceptor(), lamp(1)).unwrap().0.id;
    let others: Vec<_> = (1..=4).map(|number| found_body(&town, number)).collect();
    let send =
        StepInput { organization: Some(town.lighting), supporting: others.clone(), ..StepInput::default() };
    let parts = case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap().related.children;
    let worker = handler_of(&town, others[0]);
    let done = StepInput { note: "已断电".into(), photos: town.photos(&worker), ..StepInput::default() };
    let part = parts.iter().find(|it| it.owner == Some(others[0])).unwrap().id;
    case::advance(&worker, part, "feed_back", &done).unwrap();

    town.clock.set("2026-12-01T09:00:00+08:00");
    let november = period("2026-11-01", "2026-11-30");
    for is_settled in [false, true] {
        let it = figures(&town, november);
        let sent = (it.reported, it.due, it.dispatched, it.due_to_close);
        assert_eq!((sent, it.handled), ((1, 1, 1, 1), 0), "settled: {is_settled}");
        let theirs = body_figures(&town, november, others[0]);
        assert_eq!((theirs.due, theirs.handled, theirs.dispatched), (1, 1, 1));
        assert_eq!(body_figures(&town, november, others[1]).unhandled, 1);
        compare_lists(&town, november, it);
        let december = figures(&town, period("2026-12-01", "2026-12-31"));
        assert_eq!((december.carried, december.carried_open), (1, 1));
        compare_lists(&town, period("2026-12-01", "2026-12-31"), december);
        settle(&town);
    }
    let day = case::Between { from: november.start(), until: november.end() };
    let received = case::watched(&town.acceptor(), "150902", case::Watched::Received(day), &Window::first(9));
    assert_eq!(received.unwrap().items.len(), 1, "the wall counts a report once, too");
});

fn found_body(town: &Town, number: i64) -> Id<Organization> {
    let ctx = Ctx::system(town.city.clone());
    let place = ctx.read(|tx| area::place(tx, "150902")).unwrap().unwrap();
    crate::case::found(&ctx, &format!("协办单位{number}"), Role::Handler, &place)
}

fn handler_of(town: &Town, body: Id<Organization>) -> Ctx {
    town.person(5, &[(Role::Handler, body, "150902")])
}

fn body_figures(town: &Town, period: Period, body: Id<Organization>) -> Figures {
    let rows = evaluation::evaluate(&town.acceptor(), "150902", period, Grouping::Organization).unwrap().rows;
    let key = body.to_string();
    rows.iter().find(|row| row.key == key).map(|row| row.counted.all).unwrap_or_default()
}

both!(a_return_is_counted_for_the_body_that_made_it_and_not_for_the_one_that_did_the_work, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let ground = Some("not-our-duty".into());
    let back = StepInput { note: "不归我们管".into(), ground, ..StepInput::default() };
    case::advance(&town.handler(), id, "return", &back).unwrap();
    send(&town, id, town.waterworks);
    let worker = handler_of(&town, town.waterworks);
    let done =
        || StepInput { note: "已修好".into(), photos: town.photos(&worker), ..StepInput::default() };
    case::advance(&worker, id, "feed_back", &done()).unwrap();
    let again = StepInput { note: "还在闪".into(), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "rework", &again).unwrap();
    case::advance(&worker, id, "feed_back", &done()).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, id, "close", &passed).unwrap();
    let rated = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
    case::advance(&town.resident(), id, "rate", &rated).unwrap();

    town.clock.set("2026-11-26T09:00:00+08:00");
    let november = period("2026-11-01", "2026-11-30");
    for is_settled in [false, true] {
        let gave_back = Figures { dispatched: 1, returned: 1, ..Figures::default() };
        assert_eq!(body_figures(&town, november, town.lighting), gave_back, "settled: {is_settled}");
        let worked = body_figures(&town, november, town.waterworks);
        assert_eq!((worked.dispatched, worked.dispatched_right, worked.returned), (1, 1, 0));
        assert_eq!((worked.due, worked.handled, worked.reworked), (1, 1, 1));
        let whole =
            evaluation::evaluate(&town.acceptor(), "150902", november, Grouping::Organization).unwrap();
        assert_eq!((whole.total.all.dispatched, whole.total.all.returned, whole.total.all.due), (1, 1, 1));
        compare_lists(&town, november, whole.total.all);
        settle(&town);
    }
    let claims = evaluation::claims(&worker, id).unwrap();
    assert_eq!(claims.may_appeal, [evaluation::Fact::Reworked], "nobody appeals what another did");
});

both!(only_those_who_may_count_are_shown_figures_and_only_those_who_may_read_their_cases, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    town.clock.set("2026-12-01T09:00:00+08:00");
    let november = period("2026-11-01", "2026-11-30");
    let ask = |ctx: &Ctx, code: &str| evaluation::evaluate(ctx, code, november, Grouping::Organization);
    assert!(matches!(ask(&town.resident(), "150902"), Err(Refusal::Denied)));
    assert!(matches!(ask(&Ctx::anonymous(town.city.clone()), "150902"), Err(Refusal::SignIn)));
    assert!(matches!(ask(&town.acceptor(), "150921"), Err(Refusal::Denied)), "another county");
    assert!(matches!(ask(&town.acceptor(), "999999"), Err(Refusal::NotFound)));
    let bodies = ask(&town.acceptor(), "150902").unwrap().rows;
    assert_eq!(bodies.len(), 1);
    assert_eq!((bodies[0].name.as_str(), bodies[0].counted.all.due), ("集宁区照明所", 1));

    let auditor = town.person(9, &[(Role::Auditor, centre(), "150902")]);
    let open = |ctx: &Ctx| {
        evaluation::cases(ctx, &behind(november, Figure::Due), &Window::first(10)).map(|it| it.items.len())
    };
    assert_eq!(open(&town.acceptor()).unwrap(), 1);
    assert!(!ask(&auditor, "150902").unwrap().opens);
    assert!(matches!(open(&auditor), Err(Refusal::Denied)), "an auditor counts and does not read");
});

fn behind(period: Period, figure: Figure) -> Behind<'static> {
    Behind { area: "150902", period, figure, organization: None, adjusted: false }
}

both!(every_figure_is_what_the_timelines_tell_and_opens_as_many_cases, |db: Db| {
    let town = Town::new(db);
    let mut seen = Figures::default();
    history(&town, |turn, ids| {
        if turn % 64 != 63 {
            return;
        }
        let records = records(&town, ids);
        for (from, to) in PERIODS {
            let it = period(from, to);
            let total = compare_figures(&town, &records, it);
            if turn == 447 {
                seen += total.all;
                compare_lists(&town, it, total.all);
            }
        }
    });
    let missing = |figure: &&Figure| seen.get(**figure) == 0;
    let missing: Vec<_> = Figure::ALL.iter().filter(missing).map(|it| it.as_str()).collect();
    assert_eq!(missing, ["excluded", "exempted"], "the story has some of each but of decisions: {seen:?}");
});

/// Holds the figures of areas and of bodies to the timelines; returns the whole.
fn compare_figures(town: &Town, records: &[Record], period: Period) -> Counted {
    let ctx = town.acceptor();
    let reader = Reader { calendar: &town.city.calendars.of_file(), period, now: ctx.now };
    let by_area = evaluation::evaluate(&ctx, "150902001", period, Grouping::Area).unwrap();
    assert_eq!(by_area.total.all, reader.figures(records.iter()), "{period:?} at {}", ctx.now);
    assert_eq!(by_area.total.adjusted, by_area.total.all, "nothing was decided");
    assert_eq!(by_area.rows.len(), 2);
    assert_eq!(by_area.rows[0].key, COMMUNITY);
    assert_eq!(by_area.rows[0].counted, by_area.total);
    assert_eq!(by_area.rows[1].counted, Counted::default());

    let by_body = evaluation::evaluate(&ctx, "150902", period, Grouping::Organization).unwrap();
    assert_eq!(by_body.total, by_area.total);
    for row in &by_body.rows {
        let owner: Option<Id<Organization>> = row.key.parse().ok();
        let theirs = reader.figures_of(records.iter(), owner);
        assert_eq!(row.counted.all, theirs, "{} {period:?}", row.name);
    }

    // Of the city whole counties are added up, of the county its townships.
    let all = town.person(9, &[(Role::Commander, centre(), "1509")]);
    let of_city = evaluation::evaluate(&all, "1509", period, Grouping::Area).unwrap();
    let county = of_city.rows.iter().find(|row| row.key == "150902").unwrap();
    assert_eq!((of_city.total, county.counted), (by_area.total, by_area.total));
    let of_county = evaluation::evaluate(&all, "150902", period, Grouping::Area).unwrap();
    let township = of_county.rows.iter().find(|row| row.key == "150902001").unwrap();
    assert_eq!((of_county.total, township.counted), (by_area.total, by_area.total));
    let of_bodies = evaluation::evaluate(&all, "1509", period, Grouping::Organization).unwrap();
    assert_eq!((of_bodies.total, of_bodies.rows), (by_body.total, by_body.rows));
    let before = evaluation::compare(&all, "1509", period).unwrap().before;
    assert_eq!(before.1, evaluation::compare(&all, "150902001", period).unwrap().before.1, "{:?}", before.0);
    by_area.total
}

/// Holds each figure to the length of the list that it opens.
fn compare_lists(town: &Town, period: Period, total: Figures) {
    let ctx = town.acceptor();
    let by_body = evaluation::evaluate(&ctx, "150902", period, Grouping::Organization).unwrap();
    for figure in Figure::ALL {
        let behind = behind(period, *figure);
        let opened = |behind: &Behind<'_>| listed(|window| evaluation::cases(&ctx, behind, window).unwrap());
        assert_eq!(opened(&behind), total.get(*figure), "{figure:?} {period:?}");
        assert_eq!(evaluation::count(&ctx, &behind).unwrap(), total.get(*figure), "{figure:?} {period:?}");
        for row in by_body.rows.iter().filter(|row| !row.key.is_empty()) {
            let organization = row.key.parse().ok();
            let behind = Behind { organization, ..behind };
            let theirs = row.counted.all.get(*figure);
            assert_eq!(opened(&behind), theirs, "{figure:?} {period:?}");
            assert_eq!(evaluation::count(&ctx, &behind).unwrap(), theirs, "{figure:?} {period:?}");
        }
    }
}

/// How many cases a list has, page by page, each once.
fn listed(mut page: impl FnMut(&Window) -> domain::Page<case::Case>) -> i64 {
    let (mut found, mut window) = (Vec::new(), Window::first(7));
    loop {
        let page = page(&window);
        found.extend(page.items.iter().map(|case| case.id));
        match page.next {
            Some(cursor) => window.after = Some(cursor),
            None => break,
        }
    }
    let count = found.len() as i64;
    found.sort();
    found.dedup();
    assert_eq!(found.len() as i64, count, "no case stands twice");
    count
}

both!(an_area_that_ended_keeps_its_row_and_a_moved_case_counts_where_it_lies, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    settle(&town);
    town.clock.set("2026-12-01T09:00:00+08:00");
    let system = Ctx::system(town.city.clone());
    let change = "code,name,parent,previous_code,merged_into,ended\n\
        150902001001,,,,150902001002,2026-12-01\n";
    let options = area::Options { complete: false, date: system.now };
    let source = area::Source { name: "test", bytes: change.as_bytes() };
    area::import(&system, source, options, &mut |_, _| {}).unwrap();
    let rows = evaluation::evaluate(
        &town.acceptor(),
        "150902001",
        period("2026-11-01", "2026-11-30"),
        Grouping::Area,
    )
    .unwrap()
    .rows;
    let of =
        |code: &str| rows.iter().find(|row| row.key == code).map(|row| (row.in_force, row.counted.all.due));
    assert_eq!(of("150902001002"), Some((true, 0)));
    assert_eq!(of(COMMUNITY), Some((false, 1)));
    assert_eq!(rows.last().map(|row| row.name.as_str()), Some("泰昌社区"));
});

both!(a_period_is_set_beside_the_one_before_and_the_same_days_of_the_year_before, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    town.clock.set("2027-11-30T09:00:00+08:00");
    let compared =
        evaluation::compare(&town.acceptor(), "150902", period("2027-11-01", "2027-11-30")).unwrap();
    assert_eq!(compared.before.0, period("2027-10-01", "2027-10-31"));
    assert_eq!(compared.year_before.0, period("2026-11-01", "2026-11-30"));
    assert_eq!((compared.before.1.all.reported, compared.year_before.1.all.reported), (0, 1));
    assert_eq!(compared.before.1.all.carried, 1);
    let outside = evaluation::compare(&town.resident(), "150902", period("2027-11-01", "2027-11-30"));
    assert!(matches!(outside, Err(Refusal::Denied)));
});

both!(a_case_that_cannot_be_entered_holds_up_none_of_those_behind_it, |db: Db| {
    const BREAK: &str = "UPDATE case_file SET counted = $2, counted_revision = NULL WHERE id = $1";
    const ENTERED: &str = "SELECT COUNT(*) FROM case_file WHERE counted_revision IS NOT NULL";
    let town = Town::new(db);
    let ids: Vec<_> = (1..=5).map(|number| town.dispatched(number)).collect();
    settle(&town);
    for id in &ids[..2] {
        town.city.db.write::<_, StoreError>(|tx| tx.execute(BREAK, params![*id, vec![9_u8]])).unwrap();
    }
    ids[1..].iter().for_each(|id| handle(&town, *id));
    town.clock.pass_seconds(11);
    while evaluation::settle(&town.city).unwrap() {}
    let entered = town.city.db.read::<_, StoreError>(|tx| tx.count(ENTERED, params![])).unwrap();
    assert_eq!(entered, 3, "all but the two that are unsound");
});
