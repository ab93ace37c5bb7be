//! Two reports of one thing: found, merged, told, and parted again.

use std::thread;

use domain::{
    Ctx, Refusal, Window,
    case::{self, Published, Report, Standing, Status, StepInput},
    evaluation::{self, Behind, Figure, Grouping, Period},
    notice::{self, NoticeKind},
};
use kernel::{Case, Id, Role};
use store::{Db, both};
use uuid::Uuid;

use crate::case::{COMMUNITY, Town, centre, lamp};

/// A lamp so many metres north of the one of `lamp`, reported by `by`.
fn report(by: &Ctx, number: u128, metres: f64) -> case::Case {
    let report = Report { position: Some((113.11, 41.03 + metres / 111_200.0)), ..lamp(number) };
    case::report(by, report).unwrap().0
}

fn verify(town: &Town, id: Id<Case>) {
    let grid = town.grid_worker();
    let seen =
        StepInput { finding: Some("exists".into()), photos: town.photos(&grid), ..StepInput::default() };
    case::advance(&grid, id, "verify", &seen).unwrap();
}

fn other_resident(town: &Town) -> Ctx {
    town.person(11, &[])
}

fn merge(ctx: &Ctx, id: Id<Case>, into: Id<Case>) -> Result<case::Record, Refusal> {
    case::merge(ctx, id, into, None, "同一盏灯")
}

fn conflict(outcome: Result<case::Record, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

fn told(ctx: &Ctx) -> Vec<(Option<Id<Case>>, NoticeKind)> {
    notice::list(ctx, &Window::first(50)).unwrap().items.into_iter().map(|it| (it.case, it.kind)).collect()
}

both!(what_is_reported_near_something_open_is_offered_to_everybody_without_anybodys_words, |db: Db| {
    let town = Town::new(db);
    let first = report(&town.resident(), 1, 0.0);
    let again = |metres: f64, number: u128| {
        let report = Report { position: Some((113.11, 41.03 + metres / 111_200.0)), ..lamp(number) };
        let found = case::reported_nearby(&other_resident(&town), &report).unwrap();
        found.iter().map(|it| (it.case.id, it.metres.round() as i64)).collect::<Vec<_>>()
    };
    assert_eq!(again(30.0, 2), [], "what nobody has verified shows no place to anybody");
    verify(&town, first.id);
    assert_eq!(again(30.0, 2), [(first.id, 30)]);
    assert_eq!(again(49.0, 2).len(), 1);
    assert_eq!(again(51.0, 2), [], "further than 50 metres");
    assert_eq!(again(0.0, 1), [], "the report itself, sent again, is no second one");
    let nobody = Ctx::anonymous(town.city.clone());
    let anywhere = |class: &str| case::published_nearby(&nobody, class, COMMUNITY, (113.11, 41.03)).unwrap();
    assert_eq!(anywhere("c1-street-lamp").len(), 1);
    assert!(anywhere("c1-manhole-cover").is_empty(), "another class");
    assert!(
        case::published_nearby(&nobody, "c1-street-lamp", "150921100001", (113.11, 41.03))
            .unwrap()
            .is_empty()
    );

    let in_a_dwelling = Report { place: "3号楼2单元501".into(), ..lamp(3) };
    let home = case::report(&other_resident(&town), in_a_dwelling).unwrap().0;
    verify(&town, home.id);
    assert_eq!(anywhere("c1-street-lamp").len(), 1, "of a dwelling no place is given away");
    town.clock.pass_seconds(7 * 86_400 + 1);
    let later = Ctx::anonymous(town.city.clone());
    let left = case::published_nearby(&later, "c1-street-lamp", COMMUNITY, (113.11, 41.03)).unwrap();
    assert!(left.is_empty(), "longer ago than a week");
});

both!(a_second_report_is_merged_and_its_reporter_is_told_of_every_later_step, |db: Db| {
    let town = Town::new(db);
    let (resident, other, acceptor) = (town.resident(), other_resident(&town), town.acceptor());
    let main = report(&resident, 1, 0.0);
    verify(&town, main.id);
    let second = report(&other, 2, 20.0);
    let seen = case::record(&acceptor, second.id).unwrap();
    let near: Vec<_> = seen.related.nearby.iter().map(|it| (it.case.id, it.metres.round())).collect();
    assert_eq!((near, seen.may_merge), (vec![(main.id, 20.0)], true));
    assert!(!case::record(&other, second.id).unwrap().may_merge, "a reporter merges nothing");
    assert!(matches!(merge(&other, second.id, main.id), Err(Refusal::Denied)));
    assert!(matches!(merge(&town.resident(), second.id, main.id), Err(Refusal::NotFound)));
    assert!(
        matches!(case::merge(&acceptor, second.id, main.id, None, " "), Err(Refusal::Invalid(_))),
        "a reason"
    );
    let nowhere = Id::from_uuid(Uuid::from_u128(77));
    assert!(matches!(merge(&acceptor, second.id, nowhere), Err(Refusal::Invalid(_))));
    assert!(matches!(merge(&acceptor, second.id, second.id), Err(Refusal::Invalid(_))));

    let request = Some(Uuid::from_u128(5));
    let record = case::merge(&acceptor, second.id, main.id, request, "同一盏灯").unwrap();
    assert_eq!((record.case.status, record.case.merged_into), (Status::Void, Some(main.id)));
    let again = case::merge(&acceptor, second.id, main.id, request, "同一盏灯").unwrap();
    assert_eq!(again.case.revision, record.case.revision, "the same request changes nothing");
    assert_eq!(told(&other)[0], (Some(second.id), NoticeKind::CaseMerged));

    // The other reporter is shown where the first case stands, and nothing that was said there.
    let shown = case::record(&other, second.id).unwrap();
    let led_to = shown.related.main.unwrap();
    assert_eq!((led_to.id, led_to.may_read, led_to.stage.as_str()), (main.id, false, "dispatch"));
    assert_eq!(shown.events.last().unwrap().note, "同一盏灯");
    assert!(matches!(case::record(&other, main.id), Err(Refusal::NotFound)));
    let first = case::record(&resident, main.id).unwrap();
    assert!(first.related.merged.is_empty() && first.events.iter().all(|it| it.transition != case::TAKE_IN));
    let staff = case::record(&acceptor, main.id).unwrap();
    assert_eq!(staff.related.merged.iter().map(|it| it.id).collect::<Vec<_>>(), [second.id]);
    assert_eq!(staff.events.last().unwrap().detail.case, Some(second.id));

    let send = StepInput { organization: Some(town.lighting), ..StepInput::default() };
    case::advance(&town.dispatcher(), main.id, "dispatch", &send).unwrap();
    assert_eq!(
        told(&other)[0],
        (Some(second.id), NoticeKind::CaseMoved),
        "by the case that is theirs to open"
    );
    assert_eq!(told(&resident)[0], (Some(main.id), NoticeKind::CaseMoved));
    // By the secret link of an anonymous report it is the same.
    let nobody = Ctx::anonymous(town.city.clone());
    let third = report(&nobody, 3, 10.0);
    merge(&acceptor, third.id, main.id).unwrap();
    let (follower, id) = case::follow(&nobody, &case::follow_token(&town.city, third.id)).unwrap();
    let led_to = case::record(&follower, id).unwrap().related.main.unwrap();
    assert_eq!((led_to.id, led_to.may_read, led_to.stage.as_str()), (main.id, false, "handle"));

    let published: Published = case::published_one(&nobody, second.id).unwrap();
    assert_eq!(
        (case::standing(&nobody, &published), published.merged_into),
        (Standing::Merged, Some(main.id))
    );
    let steps: Vec<_> = case::published_steps(&nobody, std::iter::once(second.id))
        .unwrap()
        .iter()
        .map(|it| case::standing_after(&nobody, it))
        .collect();
    assert_eq!(steps, [Standing::Verifying, Standing::Merged]);
    assert!(
        case::published_steps(&nobody, std::iter::once(main.id))
            .unwrap()
            .iter()
            .all(|it| it.transition != case::TAKE_IN)
    );
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());

    let november = Period::parse("2026-11-01", "2026-11-30").unwrap();
    let figures = evaluation::evaluate(&acceptor, "150902", november, Grouping::Area).unwrap().total.all;
    // The one that stands is filed and not due yet.
    assert_eq!((figures.reported, figures.repeated, figures.registered, figures.due), (3, 2, 1, 0));
    let behind = Behind {
        area: "150902",
        period: november,
        figure: Figure::Repeated,
        organization: None,
        adjusted: false,
    };
    assert_eq!(evaluation::cases(&acceptor, &behind, &Window::first(9)).unwrap().items.len(), 2);
});

both!(only_open_cases_of_one_procedure_are_merged_and_never_in_a_round, |db: Db| {
    let town = Town::new(db);
    let (acceptor, resident) = (town.acceptor(), town.resident());
    let ids: Vec<_> = (1..=4).map(|number| report(&resident, number, 0.0).id).collect();
    merge(&acceptor, ids[0], ids[1]).unwrap();
    assert_eq!(conflict(merge(&acceptor, ids[0], ids[2])), "conflict-closed");
    assert_eq!(conflict(merge(&acceptor, ids[1], ids[0])), "conflict-merge-merged", "no round");
    // What was merged goes along.
    merge(&acceptor, ids[1], ids[2]).unwrap();
    let first = case::record(&acceptor, ids[0]).unwrap().case;
    assert_eq!(first.merged_into, Some(ids[2]), "its link leads to the case that is worked on");
    assert_eq!(conflict(merge(&acceptor, ids[3], ids[1])), "conflict-merge-merged");
    let request = Report { procedure: "public-request".into(), class: "e9-other".into(), ..lamp(9) };
    let request = case::report(&resident, request).unwrap().0.id;
    assert_eq!(conflict(merge(&acceptor, request, ids[2])), "conflict-merge-class");
    let handled = town.handled(20);
    assert_eq!(conflict(merge(&acceptor, handled, ids[2])), "conflict-merge-handled");
    let void =
        StepInput { ground: Some("no-public-matter".into()), note: "不属".into(), ..StepInput::default() };
    let grid = town.grid_worker();
    let refuted = StepInput { finding: Some("absent".into()), note: "没有".into(), ..StepInput::default() };
    case::advance(&grid, ids[2], "refute", &refuted).unwrap();
    case::advance(&acceptor, ids[2], "void", &void).unwrap();
    assert_eq!(conflict(merge(&acceptor, ids[3], ids[2])), "conflict-merge-closed");
    // The body that has to do it does not get rid of it that way, whatever else its people hold.
    let owned = town.dispatched(30);
    let both_posts =
        town.person(5, &[(Role::Handler, town.lighting, "150902"), (Role::Acceptor, centre(), "150902")]);
    assert!(matches!(merge(&both_posts, owned, ids[3]), Err(Refusal::Denied)));
});

both!(two_merges_at_once_make_no_round_and_none_into_a_case_that_closes, |db: Db| {
    let town = Town::new(db);
    let (acceptor, resident) = (town.acceptor(), town.resident());
    for pair in 0..6_u128 {
        let one = report(&resident, 100 + pair * 2, 0.0).id;
        let other = report(&resident, 101 + pair * 2, 0.0).id;
        let (there, back) = thread::scope(|scope| {
            let there = scope.spawn(|| merge(&acceptor, one, other));
            let back = scope.spawn(|| merge(&acceptor, other, one));
            (there.join().unwrap(), back.join().unwrap())
        });
        assert_eq!([&there, &back].iter().filter(|it| it.is_ok()).count(), 1, "{there:?} {back:?}");
        let refused = there.err().or(back.err()).unwrap();
        assert!(matches!(refused, Refusal::Conflict(_)), "{refused:?}");
        let states = [one, other].map(|id| case::record(&acceptor, id).unwrap().case.status);
        assert_eq!(states.iter().filter(|it| **it == Status::Open).count(), 1);
    }
    // A case ends while another is merged into it: whichever comes first, no open report is lost in a closed case.
    for number in 0..6_u128 {
        let main = report(&town.grid_worker(), 200 + number, 0.0).id;
        let second = report(&resident, 300 + number, 0.0).id;
        let void = StepInput {
            ground: Some("no-public-matter".into()),
            note: "不属".into(),
            ..StepInput::default()
        };
        let (ended, merged) = thread::scope(|scope| {
            let ended = scope.spawn(|| case::advance(&acceptor, main, "void", &void).map(drop));
            let merged = scope.spawn(|| merge(&acceptor, second, main).map(drop));
            (ended.join().unwrap(), merged.join().unwrap())
        });
        assert!(ended.is_ok(), "{ended:?}");
        let second = case::record(&acceptor, second).unwrap().case;
        let events = case::record(&acceptor, main).unwrap().events;
        let order: Vec<_> = events.iter().map(|it| it.transition.as_str()).collect();
        match merged {
            Ok(()) => assert_eq!(order, ["report", "take_in", "void"]),
            Err(Refusal::Conflict(message)) => {
                assert_eq!((message.id, second.status), ("conflict-merge-closed", Status::Open));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
});

both!(a_merge_is_undone_within_a_week_and_the_case_goes_on_where_it_stood, |db: Db| {
    let town = Town::new(db);
    let (acceptor, resident) = (town.acceptor(), town.resident());
    let main = report(&resident, 1, 0.0).id;
    let second = town.dispatched(2);
    let before = case::record(&acceptor, second).unwrap().case;
    merge(&acceptor, second, main).unwrap();
    let handler = town.handler();
    assert_eq!(
        told(&handler)[0],
        (Some(second), NoticeKind::CaseMerged),
        "the body is told that it has it no more"
    );
    let done = StepInput { note: "修好".into(), photos: town.photos(&handler), ..StepInput::default() };
    assert_eq!(conflict(case::advance(&handler, second, "feed_back", &done)), "conflict-closed");
    assert!(matches!(case::unmerge(&resident, second, None, "不是"), Err(Refusal::Denied)));
    let seen = case::record(&acceptor, second).unwrap();
    assert!(seen.may_unmerge && !seen.may_merge && seen.transitions.is_empty());
    let record = case::unmerge(&acceptor, second, None, "不是同一盏").unwrap();
    let after = &record.case;
    assert_eq!((after.status, after.stage.as_str(), after.owner), (Status::Open, "handle", before.owner));
    assert_eq!((after.stage_due, after.due, after.closed_at), (before.stage_due, before.due, None));
    assert_eq!(conflict(case::unmerge(&acceptor, second, None, "再")), "conflict-not-merged");
    assert_eq!(case::record(&acceptor, main).unwrap().events.last().unwrap().transition, case::LET_GO);
    let work = case::list(
        &handler,
        &case::Lens::Organization(town.lighting),
        &case::Filter { status: Some(Status::Open), ..case::Filter::default() },
        &Window::first(9),
    );
    assert_eq!(work.unwrap().items.len(), 1);
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!(audit.faults, Vec::<String>::new());

    merge(&acceptor, second, main).unwrap();
    town.clock.pass_seconds(7 * 86_400 + 1);
    let acceptor = town.acceptor();
    assert!(!case::record(&acceptor, second).unwrap().may_unmerge);
    assert_eq!(conflict(case::unmerge(&acceptor, second, None, "晚了")), "conflict-unmerge-late");
});

both!(what_is_not_one_thing_is_not_merged_and_late_work_does_not_vanish, |db: Db| {
    let town = Town::new(db);
    let (acceptor, resident) = (town.acceptor(), town.resident());
    let main = report(&resident, 1, 0.0).id;
    let far = report(&resident, 2, 600.0).id;
    assert_eq!(conflict(merge(&acceptor, far, main)), "conflict-merge-far");
    let nowhere = case::report(&resident, Report { position: None, ..lamp(3) }).unwrap().0.id;
    merge(&acceptor, nowhere, main).unwrap();
    let cover = Report { class: "c1-manhole-cover".into(), ..lamp(4) };
    let cover = case::report(&resident, cover).unwrap().0.id;
    assert_eq!(conflict(merge(&acceptor, cover, main)), "conflict-merge-class");

    // What was mended and broke again is a new report.
    let mended = town.handled(20);
    assert_eq!(conflict(merge(&acceptor, main, mended)), "conflict-merge-main-handled");
    let near = case::record(&acceptor, main).unwrap().related.nearby;
    assert!(near.iter().all(|it| it.case.id != mended), "nor is it offered");

    // A body's time that is over stays on its account.
    let late = town.dispatched(30);
    let soon = town.dispatched(31);
    town.clock.set("2026-11-25T18:00:01+08:00");
    assert_eq!(conflict(merge(&town.acceptor(), late, main)), "conflict-merge-late");
    assert_eq!(conflict(merge(&town.acceptor(), late, soon)), "conflict-merge-late");
});

both!(a_merged_case_runs_no_clock_and_opens_its_reporter_to_no_grid_worker, |db: Db| {
    let town = Town::new(db);
    let (acceptor, other) = (town.acceptor(), other_resident(&town));
    let main = report(&town.resident(), 1, 0.0).id;
    let second = report(&other, 2, 20.0).id;
    let grid = town.grid_worker();
    assert!(case::record(&grid, second).unwrap().may_read_contact, "who looks at it on site may ask back");
    merge(&acceptor, second, main).unwrap();
    let seen = case::record(&grid, second).unwrap();
    assert!(!seen.may_read_contact && seen.may_unmerge);
    assert!(matches!(case::read_contact(&grid, second), Err(Refusal::Denied)));
    assert_eq!(seen.case.next_alarm, None);
    let back = case::unmerge(&grid, second, None, "不是同一盏").unwrap();
    assert!(back.may_read_contact && back.case.next_alarm.is_some());
});
