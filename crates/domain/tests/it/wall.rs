//! The wall of a command centre: each number opens its list, and who does nothing while work waits is seen.

use domain::{
    Ctx, Refusal, Window,
    case::{self, StepInput, Wall, Watched},
};
use kernel::{Id, Organization, Role, Tier};
use store::{Db, both};

use crate::{
    case::{Town, centre, lamp},
    cast::{Cast, to},
    evaluation::play::history,
};

fn wall(ctx: &Ctx) -> Wall {
    case::wall(ctx, "150902").unwrap()
}

/// How many cases a number's list holds, read page by page.
fn length(ctx: &Ctx, what: Watched) -> i64 {
    let (mut count, mut window) = (0, Window::first(7));
    loop {
        let page = case::watched(ctx, "150902", what, &window).unwrap();
        count += page.items.len() as i64;
        match page.next {
            Some(next) => window.after = Some(next),
            None => return count,
        }
    }
}

fn silent(wall: &Wall) -> Vec<(Id<Organization>, i64, String)> {
    wall.silent.iter().map(|it| (it.organization, it.waiting, it.since.to_string())).collect()
}

both!(each_number_on_the_wall_is_the_length_of_the_list_that_it_opens, |db: Db| {
    let town = Town::new(db);
    history(&town, |_, _| {});
    for number in 0..9 {
        town.dispatched(9_000 + number);
    }
    let mut seen = [0; 6];
    // Through a day and a night, and at the same hours a week later.
    for turn in 0..30 {
        town.clock.pass_seconds(if turn == 20 { 5 * 86_400 } else { 3 * 3_600 });
        if turn % 4 == 0 {
            case::report(&town.resident(), lamp(20_000 + turn)).unwrap();
        }
        case::tick(&town.city).unwrap();
        let (ctx, mut numbers) = (town.acceptor(), Vec::new());
        let it = wall(&ctx);
        for tier in &it.tiers {
            numbers.push((0, tier.open, Watched::Handling { tier: tier.of, overdue: false }));
            numbers.push((1, tier.overdue, Watched::Handling { tier: tier.of, overdue: true }));
        }
        numbers.push((2, it.breaking, Watched::Breaking(it.breaking_in)));
        for day in [it.today, it.before] {
            numbers.push((3, day.received, Watched::Received(day.between)));
            numbers.push((4, day.closed, Watched::Closed(day.between)));
            numbers.push((5, day.overdue, Watched::WentOverdue(day.between)));
        }
        numbers.extend(it.silent.iter().map(|body| (0, body.waiting, Watched::Body(body.organization))));
        for (kind, number, what) in numbers {
            assert_eq!(number, length(&ctx, what), "{what:?} in turn {turn}");
            seen[kind] += number;
        }
        assert!(it.next.len() as i64 >= it.breaking.min(30), "those that break are the next");
        assert!(it.next.iter().all(|case| case.next_due().is_some_and(|due| due >= it.as_of)));
        let open = case::counts(&ctx, "150902").unwrap().total();
        assert_eq!(it.stages.iter().map(|it| it.open).sum::<i64>(), open.open);
        assert_eq!(it.stages.iter().map(|it| it.overdue).sum::<i64>(), open.overdue);
    }
    assert!(seen[..4].iter().all(|it| *it > 0) && seen[5] > 0, "each kind was met: {seen:?}");
});

// Friday the 20th; offices work 8 to 12 and 14 to 18.
both!(a_body_is_silent_after_four_hours_of_work_without_any_act_and_no_longer_once_it_acts, |db: Db| {
    let town = Town::new(db);
    let (first, _) = (town.dispatched(1), town.dispatched(2));
    let since = case::record(&town.acceptor(), first).unwrap().case.stage_since.to_string();
    town.clock.set("2026-11-20T14:59:00+08:00");
    assert_eq!(silent(&wall(&town.acceptor())), [], "three hours before noon and not yet one after");
    town.clock.set("2026-11-20T15:01:00+08:00");
    assert_eq!(silent(&wall(&town.acceptor())), [(town.lighting, 2, since)]);
    assert_eq!(wall(&town.acceptor()).silent[0].name, "集宁区照明所");

    case::add_note(&town.handler(), first, None, "明早到现场", false, &[]).unwrap();
    assert_eq!(silent(&wall(&town.acceptor())), [], "any act ends it");
    town.clock.set("2026-11-22T12:00:00+08:00");
    assert_eq!(silent(&wall(&town.acceptor())), [], "nobody works at the weekend");
    town.clock.set("2026-11-23T11:00:00+08:00");
    assert_eq!(silent(&wall(&town.acceptor())), [(town.lighting, 2, "2026-11-20T15:01:00+08:00".to_owned())]);

    let back =
        StepInput {
            note: "不归我们".into(), ground: Some("not-our-duty".into()), ..StepInput::default()
        };
    case::advance(&town.handler(), first, "return", &back).unwrap();
    town.clock.set("2026-11-23T17:00:00+08:00");
    let waiting: Vec<i64> = wall(&town.acceptor()).silent.iter().map(|it| it.waiting).collect();
    assert_eq!(waiting, [1], "what it gave back does not wait for it");
});

both!(a_case_runs_over_its_time_on_one_day_and_not_again_when_it_is_over_for_longer, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    let today = |at: &str| {
        town.clock.set(at);
        let done = case::tick(&town.city).unwrap();
        let it = wall(&town.acceptor()).today;
        assert_eq!(it.overdue, length(&town.acceptor(), Watched::WentOverdue(it.between)));
        (done.escalated, it.overdue)
    };
    assert_eq!(today("2026-11-25T18:00:01+08:00"), (1, 0), "what is said now is of the next moment");
    assert_eq!(today("2026-11-25T19:00:00+08:00"), (0, 1));
    assert_eq!(today("2026-12-01T17:00:01+08:00"), (1, 0), "twice its time: those above are told again");
    assert_eq!(today("2026-12-01T19:00:00+08:00"), (0, 0), "it ran over days ago");
});

both!(work_that_the_clock_takes_away_ran_over_its_time_too, |db: Db| {
    let cast = Cast::new(db);
    let id = cast.report(cast.resident, "compound-repair", "p1-lift").id;
    cast.walk(id, &[(cast.grid_leader, "assign", to(cast.manager.0))]);
    let due = case::record(&cast.as_one(cast.dispatcher), id).unwrap().case.stage_due.unwrap();
    cast.ground.clock.set(&due.plus_seconds(1).to_string());
    let leader = || cast.as_one(cast.leader);
    assert_eq!(case::tick(&leader().city).unwrap().moved, 1);
    cast.ground.clock.pass_seconds(60);
    assert_eq!(case::wall(&leader(), crate::ground::COUNTY).unwrap().today.overdue, 1);
});

both!(work_with_a_body_waits_at_the_tier_of_the_bodys_area, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    let it = wall(&town.acceptor());
    assert_eq!(it.tiers, [case::Queue { of: Tier::County, open: 1, overdue: 0 }]);
    let waters = Watched::Body(town.waterworks);
    assert_eq!(length(&town.acceptor(), waters), 0);
});

both!(the_wall_is_for_those_who_may_count_and_its_cases_for_those_who_may_read, |db: Db| {
    let town = Town::new(db);
    town.dispatched(1);
    assert!(matches!(case::wall(&town.resident(), "150902"), Err(Refusal::Denied)));
    assert!(matches!(case::wall(&Ctx::anonymous(town.city.clone()), "150902"), Err(Refusal::SignIn)));
    assert!(matches!(case::wall(&town.acceptor(), "150921"), Err(Refusal::Denied)), "another county");
    assert!(matches!(case::wall(&town.acceptor(), "999999"), Err(Refusal::NotFound)));
    let auditor = town.person(9, &[(Role::Auditor, centre(), "150902")]);
    let it = case::wall(&auditor, "150902").unwrap();
    assert!(!it.opens && it.next.is_empty() && it.tiers[0].open == 1);
    let list = |ctx: &Ctx| case::watched(ctx, "150902", Watched::Breaking(it.breaking_in), &Window::first(5));
    assert!(matches!(list(&auditor), Err(Refusal::Denied)), "an auditor counts and does not read");
    assert!(matches!(list(&town.resident()), Err(Refusal::Denied)));
});
