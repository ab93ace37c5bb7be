//! Who is told how the time of a stage stands, when, and whether it arrived.

use domain::{
    Ctx, Window, area,
    case::{self, Event, StepInput},
    notice::{self, NoticeKind},
    organization::Vacancy,
};
use kernel::{Case, Id, Organization, Role};
use store::{Db, both, params};

use super::{COMMUNITY, Town, found, lamp};

/// The stage `handle` of this city: a class that gives three work days, told at half, at eight tenths, at the end, and
/// when it is over for half as long and as long again.
const ALARMS: &str = "\n  [[stage.alarm]]\n  at = 0.5\n  roles = [\"handler\"]\n  relation = \"owner\"\n\
    \n  [[stage.alarm]]\n  at = 1.5\n  roles = [\"dispatcher\"]\n";

fn town(db: Db) -> Town {
    let mut town = Town::new(db);
    let text = include_str!("../../../../../procedures/city-event.toml");
    let at = text.find("  [[stage.alarm]] # the body").unwrap();
    let text = format!("{}{}\n{}", &text[..at], ALARMS.trim_start_matches('\n'), &text[at..]);
    let procedures = case::Procedures::load(&[("city-event.toml".to_owned(), text)]).unwrap();
    std::sync::Arc::get_mut(&mut town.city).unwrap().procedures = procedures;
    town
}

/// A leader in the township, a commander in the county, a dispatcher in the township.
fn offices(town: &Town) -> [Id<Organization>; 3] {
    let ctx = Ctx::system(town.city.clone());
    let place = |code| ctx.read(|tx| area::place(tx, code)).unwrap().unwrap();
    [
        found(&ctx, "新体路街道办", Role::Leader, &place("150902001")),
        found(&ctx, "集宁区指挥部", Role::Commander, &place("150902")),
        found(&ctx, "新体路指挥中心", Role::Dispatcher, &place("150902001")),
    ]
}

fn tick(town: &Town, at: &str) -> case::Done {
    town.clock.set(at);
    case::tick(&town.city).unwrap()
}

fn last(town: &Town, id: Id<Case>) -> Event {
    case::record(&town.acceptor(), id).unwrap().events.pop().unwrap()
}

fn told(event: &Event) -> (&str, Option<i64>, Vec<Role>) {
    let roles = event.detail.told.iter().map(|it| it.role).collect();
    (event.transition.as_str(), event.detail.percent, roles)
}

both!(each_part_of_a_stages_time_is_told_to_those_whom_the_procedure_names_and_once, |db: Db| {
    let town = town(db);
    offices(&town);
    let id = town.dispatched(1);
    // Filed on Friday at nine: seven hours of Friday, then three days of eight, are 31 hours of work.
    let cases = [
        ("2026-11-24T08:30:00+08:00", None),
        ("2026-11-24T08:30:01+08:00", Some(("alarm", Some(50), vec![Role::Handler]))),
        ("2026-11-25T09:48:01+08:00", Some(("alarm", Some(80), vec![Role::Handler]))),
        ("2026-11-25T18:00:00+08:00", None),
        ("2026-11-25T18:00:01+08:00", Some(("overdue", Some(100), vec![Role::Leader]))),
        ("2026-11-27T17:30:01+08:00", Some(("overdue", Some(150), vec![Role::Dispatcher]))),
        ("2026-12-01T17:00:01+08:00", Some(("overdue", Some(200), vec![Role::Commander]))),
        ("2027-11-01T09:00:00+08:00", None),
    ];
    for (at, expected) in cases {
        let escalated = u64::from(expected.is_some());
        assert_eq!(tick(&town, at), case::Done { escalated, ..case::Done::default() }, "{at}");
        assert_eq!(case::tick(&town.city).unwrap(), case::Done::default(), "once");
        if let Some(expected) = expected {
            assert_eq!(told(&last(&town, id)), expected, "{at}");
        }
    }
    let kinds: Vec<_> = notice::list(&town.handler(), &Window::first(9)).unwrap().items;
    let kinds: Vec<_> = kinds.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [NoticeKind::CaseAlarm, NoticeKind::CaseAlarm, NoticeKind::CaseWaiting]);
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

both!(what_was_missed_is_told_as_it_stands_now_to_all_whom_it_would_have_reached, |db: Db| {
    let town = town(db);
    offices(&town);
    let id = town.dispatched(1);
    // The machine stood still from the first moment until long after the end.
    assert_eq!(tick(&town, "2026-11-28T09:00:00+08:00").escalated, 1);
    let event = last(&town, id);
    assert_eq!(told(&event), ("overdue", Some(150), vec![Role::Handler, Role::Leader, Role::Dispatcher]));
    // The clock of the machine is put back and forth again.
    town.clock.set("2026-11-24T09:00:00+08:00");
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default());
    assert_eq!(tick(&town, "2026-11-28T09:00:01+08:00"), case::Done::default());
    assert_eq!(told(&last(&town, id)).1, Some(150), "nothing twice");
});

both!(a_step_takes_what_the_clock_had_to_say_along_with_the_stage, |db: Db| {
    let town = town(db);
    offices(&town);
    let id = town.dispatched(1);
    tick(&town, "2026-11-24T08:30:01+08:00");
    let handler = town.handler();
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler), ..StepInput::default() };
    let record = case::advance(&handler, id, "feed_back", &done).unwrap();
    // The next stage has four work hours of its own.
    assert_eq!(record.case.next_alarm.unwrap().to_string(), "2026-11-24T14:30:01+08:00");
    assert_eq!(tick(&town, "2026-11-24T14:30:02+08:00").escalated, 1);
    assert_eq!(last(&town, id).from, "feedback");
});

/// How many cases the lists, the counts and the wall show as overdue.
fn overdue(town: &Town) -> [i64; 3] {
    let ctx = town.acceptor();
    let late = case::Filter { overdue: true, status: Some(case::Status::Open), ..case::Filter::default() };
    let lens = case::Lens::Subtree(town.community.clone());
    let listed = case::list(&ctx, &lens, &late, &Window::first(9)).unwrap().items;
    assert!(listed.iter().all(|it| it.is_overdue(ctx.now)));
    let wall = case::wall(&ctx, "150902").unwrap();
    let stages = wall.stages.iter().map(|it| it.overdue).sum();
    [listed.len() as i64, case::counts(&ctx, "150902001").unwrap().total().overdue, stages]
}

both!(the_time_of_the_whole_is_told_once_and_no_rework_hides_that_it_is_over, |db: Db| {
    let town = town(db);
    offices(&town);
    let id = town.dispatched(1);
    let done =
        |ctx: &Ctx| StepInput {
            note: "换了灯泡".into(), photos: town.photos(ctx), ..StepInput::default()
        };
    town.clock.set("2026-11-23T09:00:00+08:00");
    let handler = town.handler();
    case::advance(&handler, id, "feed_back", &done(&handler)).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();
    town.clock.set("2026-11-25T18:00:02+08:00");
    let checker = town.checker();
    let again = case::advance(&checker, id, "fail", &done(&checker)).unwrap().case;
    assert_eq!(again.stage_due.unwrap().to_string(), "2026-11-30T18:00:00+08:00", "three work days anew");
    assert_eq!(again.due.unwrap().to_string(), "2026-11-25T18:00:00+08:00", "the first deadline stands");
    assert_eq!(overdue(&town), [1, 1, 1]);
    assert_eq!(tick(&town, "2026-11-25T18:00:03+08:00").escalated, 1);
    let said = last(&town, id);
    assert_eq!(told(&said), ("overdue", None, vec![Role::Leader]));
    assert!(said.detail.whole);
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default(), "once");
    // The stage has its own say as ever.
    assert_eq!(tick(&town, "2026-11-30T18:00:01+08:00").escalated, 1);
    let said = last(&town, id);
    assert_eq!((told(&said).1, said.detail.whole), (Some(100), false));
    let handler = town.handler();
    case::advance(&handler, id, "feed_back", &done(&handler)).unwrap();
    assert_eq!(overdue(&town), [0, 0, 0], "what is handled waits for others");
});

both!(a_whole_that_ends_before_its_stage_is_told_when_it_does, |db: Db| {
    let town = town(db);
    offices(&town);
    let id = case::report(&town.acceptor(), lamp(1)).unwrap().0.id;
    town.clock.set("2026-11-23T09:00:00+08:00");
    let send = StepInput { organization: Some(town.lighting), ..StepInput::default() };
    case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap();
    assert_eq!(
        case::record(&town.handler(), id).unwrap().case.next_due().unwrap().to_string(),
        "2026-11-25T18:00:00+08:00"
    );
    tick(&town, "2026-11-25T17:59:00+08:00");
    assert_eq!(overdue(&town), [0, 0, 0]);
    assert_eq!(tick(&town, "2026-11-25T18:00:01+08:00").escalated, 1);
    let said = last(&town, id);
    assert_eq!((said.transition.as_str(), said.detail.whole), ("overdue", true));
    assert_eq!(overdue(&town), [1, 1, 1]);
    tick(&town, "2026-11-26T18:00:01+08:00");
    assert_eq!(told(&last(&town, id)).1, Some(100), "the stage, a day later");
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());
});

const END: &str =
    "UPDATE appointment SET valid_to = $2 WHERE post_id IN (SELECT id FROM post WHERE organization_id = $1)";
const HOLD: &str =
    "UPDATE appointment SET person_id = $2 WHERE post_id IN (SELECT id FROM post WHERE organization_id = $1)";

both!(a_post_that_nobody_holds_is_passed_over_upwards_and_told_as_vacant, |db: Db| {
    let town = town(db);
    let ctx = Ctx::system(town.city.clone());
    let place = |code| ctx.read(|tx| area::place(tx, code)).unwrap().unwrap();
    let near = found(&ctx, "泰昌社区居委会", Role::Leader, &place(COMMUNITY));
    let above = found(&ctx, "集宁区督办室", Role::Leader, &place("150902"));
    let senders = found(&ctx, "集宁区指挥中心", Role::Dispatcher, &place("150902"));
    let id = town.dispatched(1);
    let leave =
        |body: Id<Organization>| ctx.write(|tx| Ok(tx.execute(END, params![body, ctx.now])?)).unwrap();
    leave(near);
    leave(town.lighting);
    tick(&town, "2026-11-25T18:00:01+08:00");
    let Event { detail, .. } = last(&town, id);
    let told: Vec<_> = detail.told.iter().map(|it| (it.role, it.organization)).collect();
    // The body's own handlers are gone: those who can give the case to another are told.
    assert_eq!(told, [(Role::Dispatcher, senders), (Role::Leader, above)]);
    let vacancy = |role, organization| Vacancy { role, organization };
    let expected = [vacancy(Role::Handler, Some(town.lighting)), vacancy(Role::Leader, Some(near))];
    assert_eq!(detail.vacant, expected);
    // Nobody commands anywhere around: that is told too.
    tick(&town, "2026-12-01T17:00:01+08:00");
    let Event { detail, .. } = last(&town, id);
    assert_eq!(detail.vacant.last(), Some(&vacancy(Role::Commander, None)));
});

both!(whether_it_arrived_is_known_once_somebody_of_the_office_has_looked, |db: Db| {
    let town = town(db);
    let [leaders, ..] = offices(&town);
    let id = town.dispatched(1);
    tick(&town, "2026-11-25T18:00:01+08:00");
    let seen = |ctx: &Ctx| case::record(ctx, id).unwrap().seen.into_values().collect::<Vec<_>>();
    assert_eq!(seen(&town.acceptor()), [false, false], "neither the handlers nor the leader");
    assert!(seen(&town.resident()).is_empty(), "the reporter is not told who has looked");
    let leader = town.person(70, &[(Role::Leader, leaders, "150902001")]);
    notice::read_all(&leader, None).unwrap();
    assert_eq!(seen(&town.acceptor()), [false, false], "somebody else, who holds no such office");
    let person = leader.actor.person;
    leader.write(|tx| Ok(tx.execute(HOLD, params![leaders, person])?)).unwrap();
    assert_eq!(seen(&town.acceptor()), [false, true]);
});

both!(a_case_with_which_nothing_can_be_done_holds_up_none_of_those_behind_it, |db: Db| {
    const STRANGE: &str = "UPDATE case_file SET procedure_id = 'gone', next_alarm = $2 WHERE id = $1";
    const UNSOUND: &str = "UPDATE case_file SET source = 'nowhere' WHERE id = $1";
    let town = town(db);
    offices(&town);
    let [strange, unsound, sound] = [1, 2, 3].map(|number| town.dispatched(number));
    let ctx = Ctx::system(town.city.clone());
    ctx.write(|tx| Ok(tx.execute(STRANGE, params![strange, ctx.now])?)).unwrap();
    ctx.write(|tx| Ok(tx.execute(UNSOUND, params![unsound])?)).unwrap();
    let done = tick(&town, "2026-11-25T18:00:01+08:00");
    assert_eq!(done, case::Done { moved: 0, escalated: 1, stuck: 2 });
    assert_eq!(told(&last(&town, sound)).1, Some(100));
    let beside = case::record(&town.acceptor(), sound).unwrap();
    assert!(beside.related.nearby.is_empty(), "nor does the page of one beside them break");
});
