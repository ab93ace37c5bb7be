//! What asking costs: every record adds to the ledger of its unit, and a tier above keeps it within bounds.

use domain::{
    Refusal,
    burden::{self, Line, Month},
    campaign,
};
use jiff::civil::date;
use kernel::Role;
use store::{Db, both};

use crate::{
    fact::{BOUND, County, xml},
    ground::{CITY, COMMUNITY, COUNTY, OTHER_COUNTY},
};

fn month() -> Month {
    Month::parse("2026-11").unwrap()
}

both!(what_a_village_wrote_is_in_the_ledger_of_its_month, |db: Db| {
    let county = County::new(db);
    county.publish(xml("first", "就业表", BOUND)).unwrap();
    county.publish(xml("second", "年终表", BOUND)).unwrap();
    let (first, second) = (county.send("first"), county.send("second"));
    let ledger = |ctx: &domain::Ctx, code: Option<&str>| burden::ledger(&county.now(ctx), code, month());
    assert_eq!(ledger(&county.leader, None).unwrap().total, Line::default());

    let draft = county.begun(&county.clerk, &first, COMMUNITY).draft;
    county.ground.clock.pass_seconds(90);
    county.finish(&county.clerk, &draft, &[("fairs", "3")]);
    // The kettle boils meanwhile: that is no time at the form.
    let draft = county.begun(&county.clerk, &second, COMMUNITY).draft;
    county.ground.clock.pass_seconds(7_200);
    county.finish(&county.clerk, &draft, &[("dues", "5")]);
    let found = ledger(&county.leader, None).unwrap();
    let sum = Line { forms: 2, questions: 4, again: 1, seconds: 90, timed: 2 };
    assert_eq!(found.total, sum, "the fairs were known from the first form");
    assert_eq!(found.areas.len(), 1, "one township below the county wrote");
    assert_eq!(found.areas[0].1, sum);
    let posts: Vec<_> = found.posts.iter().map(|it| (it.1, it.2.forms)).collect();
    assert_eq!(posts, [(Role::GridSupervisor, 2)]);

    // The village sees its own, and nothing above.
    assert_eq!(ledger(&county.clerk, None).unwrap().total, sum);
    assert_eq!(ledger(&county.other_clerk, None).unwrap().total, Line::default());
    assert!(matches!(ledger(&county.clerk, Some(COUNTY)), Err(Refusal::Denied)));
    assert!(matches!(ledger(&county.leader, Some(OTHER_COUNTY)), Err(Refusal::Denied)));

    let before = burden::ledger(&county.now(&county.leader), None, month().before()).unwrap();
    assert_eq!(before.total, Line::default());
    county.ground.clock.pass_seconds(501 * 86_400);
    burden::forget(&domain::Ctx::system(county.ground.city.clone())).unwrap();
    assert_eq!(county.ground.count("SELECT COUNT(*) FROM burden"), 0);
});

both!(an_edit_adds_its_time_and_is_no_further_form, |db: Db| {
    let county = County::new(db);
    county.publish(xml("first", "就业表", BOUND)).unwrap();
    let first = county.send("first");
    let said = county.answer(&county.clerk, &first, COMMUNITY, &[("fairs", "300")]);
    let instance = "SELECT COUNT(*) FROM burden WHERE seconds = 0";
    assert_eq!(county.ground.count(instance), 1);
    let clerk = county.now(&county.clerk);
    let own = domain::form::own(&clerk).unwrap();
    let id = domain::form::mend(&clerk, "first", &own[0].instance_id).unwrap();
    let draft = domain::form::open_draft(&clerk, id, "").unwrap().draft;
    county.ground.clock.pass_seconds(60);
    let mended = county.finish(&county.clerk, &draft, &[("fairs", "30")]);
    assert_eq!(mended.submission, said.submission);
    let found = burden::ledger(&county.now(&county.leader), None, month()).unwrap();
    assert_eq!(found.total, Line { forms: 1, questions: 2, again: 0, seconds: 60, timed: 1 });
});

both!(a_tier_above_limits_what_a_month_may_ask, |db: Db| {
    let county = County::new(db);
    let mayor = county.ground.officer("市长", Role::Leader, CITY);
    let mayor = || county.ground.acting(mayor);
    county.publish(xml("first", "就业表", BOUND)).unwrap();
    county.publish(xml("second", "年终表", BOUND)).unwrap();
    county.publish(xml("third", "三表", BOUND)).unwrap();
    let ask = |form: &str, day: i8| county.ask(form, date(2026, 11, day));
    let limited = |outcome: Result<campaign::Campaign, Refusal>| match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    };

    // Whoever asks does not say how much.
    let own = burden::set_limit(&county.now(&county.leader), COUNTY, Some(9), None);
    assert!(matches!(own, Err(Refusal::Denied | Refusal::NotFound)));
    assert!(matches!(burden::set_limit(&mayor(), COUNTY, Some(-1), None), Err(Refusal::Invalid(_))));
    burden::set_limit(&mayor(), COUNTY, Some(2), None).unwrap();
    let first = ask("first", 27).unwrap();
    ask("second", 30).unwrap();
    assert_eq!(limited(ask("third", 28)), "conflict-burden-limit");
    county.ask("third", date(2026, 12, 4)).expect("another month has room");
    campaign::end(&county.now(&county.leader), first.id, campaign::End::Withdraw, "重复").unwrap();
    ask("third", 28).expect("what was withdrawn asks nobody");

    // A limit on questions of one community holds for what is asked of the whole county.
    burden::set_limit(&mayor(), COUNTY, None, None).unwrap();
    burden::set_limit(&county.now(&county.leader), COMMUNITY, None, Some(5)).unwrap();
    assert_eq!(limited(ask("first", 27)), "conflict-burden-limit");
    burden::set_limit(&county.now(&county.leader), COMMUNITY, None, Some(6)).unwrap();
    ask("first", 27).unwrap();
    let found = burden::ledger(&county.now(&county.clerk), None, month()).unwrap();
    let limits: Vec<_> = found.limits.iter().map(|it| (it.path.code(), it.questions)).collect();
    assert_eq!(limits, [(COMMUNITY, Some(6))]);
    assert_eq!(county.ground.count("SELECT COUNT(*) FROM journal WHERE action = 'burden.set_limit'"), 4);
});

both!(of_two_that_are_sent_at_once_one_keeps_the_limit, |db: Db| {
    let county = County::new(db);
    let mayor = county.ground.officer("市长", Role::Leader, CITY);
    burden::set_limit(&county.ground.acting(mayor), COUNTY, Some(1), None).unwrap();
    county.publish(xml("first", "就业表", BOUND)).unwrap();
    county.publish(xml("second", "年终表", BOUND)).unwrap();
    let county = &county;
    let sent: Vec<bool> = std::thread::scope(|scope| {
        let both =
            ["first", "second"].map(|form| scope.spawn(move || county.ask(form, date(2026, 11, 27)).is_ok()));
        both.map(|it| it.join().unwrap()).into()
    });
    assert_eq!(sent.iter().filter(|it| **it).count(), 1);
});
