use domain::{
    Ctx, Refusal, Window,
    notice::{self, NoticeKind, Recipient, UNREAD_MAX},
    organization::{self, OrganizationKind},
};
use kernel::{Id, Role};
use store::both;

use crate::ground::{self, CITY, COMMUNITY, COUNTY, GRID, Ground, TOWNSHIP};

/// Tells the nearest dispatchers around the grid, as a step of a case by `ctx` would.
fn tell(ctx: &Ctx, number: &str) {
    let (county, case) = (ground::area(COUNTY), Id::from_uuid(uuid::Uuid::from_u128(9)));
    let told = ctx.write(|tx| {
        for office in organization::nearest_offices(tx, &[Role::Dispatcher], &ground::path(GRID), ctx.now)? {
            let office = Recipient::Office(&office);
            notice::enqueue(tx, ctx, county, office, NoticeKind::CaseWaiting, case, number)?;
        }
        Ok(())
    });
    told.unwrap();
}

fn read(ctx: &Ctx) -> Vec<(String, bool)> {
    let page = notice::list(ctx, &Window::first(20)).unwrap();
    page.items.into_iter().map(|it| (it.detail, it.read)).collect()
}

both!(the_nearest_office_is_told_once_and_whoever_holds_it_reads_it, |db: store::Db| {
    let ground = Ground::new(db);
    let far = ground.officer("旗指挥中心", Role::Dispatcher, COUNTY);
    let near = ground.officer("镇指挥中心", Role::Dispatcher, TOWNSHIP);
    let other_role = ground.officer("镇领导", Role::Leader, TOWNSHIP);
    tell(&Ctx::system(ground.city.clone()), "甲");
    assert_eq!(read(&ground.acting(near)), [("甲".to_owned(), false)]);
    assert_eq!(notice::unread(&ground.acting(near)).unwrap(), 1);
    for spared in [far, other_role] {
        assert!(read(&ground.acting(spared)).is_empty());
    }

    ground.clock.pass_seconds(10);
    notice::read_all(&ground.acting(near), None).unwrap();
    assert_eq!(read(&ground.acting(near)), [("甲".to_owned(), true)]);
    ground.clock.pass_seconds(10);
    tell(&Ctx::system(ground.city.clone()), "乙");
    assert_eq!(read(&ground.acting(near)), [("乙".to_owned(), false), ("甲".to_owned(), true)]);
    assert_eq!(notice::unread(&ground.acting(near)).unwrap(), 1);
});

both!(the_nearest_of_each_role_is_told_for_those_nearest_of_all_may_be_excepted, |db: store::Db| {
    let ground = Ground::new(db);
    ground.officer("网格长", Role::GridLeader, GRID);
    ground.officer("旗受理员", Role::Acceptor, COUNTY);
    ground.officer("市受理员", Role::Acceptor, CITY);
    let ctx = Ctx::system(ground.city.clone());
    let roles = [Role::GridLeader, Role::GridAssistant, Role::Acceptor];
    let offices =
        ctx.read(|tx| organization::nearest_offices(tx, &roles, &ground::path(GRID), ctx.now)).unwrap();
    let mut told: Vec<_> = offices.iter().map(|it| (it.role.as_str(), it.area.clone())).collect();
    told.sort();
    assert_eq!(told, [("acceptor", ground::path(COUNTY)), ("grid_leader", ground::path(GRID))]);
});

both!(who_comes_into_an_office_reads_its_notices_and_who_leaves_it_does_not, |db: store::Db| {
    let ground = Ground::new(db);
    let body = ground.organization(OrganizationKind::CommandCentre, "社区指挥站", COMMUNITY, None);
    let post = ground.post(body, Role::Dispatcher, COMMUNITY);
    let (first, second) = (ground.staff("前任"), ground.staff("后任"));
    ground.appoint(post, first, Some(ground.now().plus_seconds(10)));
    tell(&Ctx::system(ground.city.clone()), "甲");
    assert_eq!(read(&ground.acting(first)).len(), 1);
    ground.clock.pass_seconds(20);
    ground.appoint(post, second, None);
    assert!(read(&ground.acting(first)).is_empty());
    assert_eq!(read(&ground.acting(second)), [("甲".to_owned(), false)]);
});

both!(nobody_is_told_of_their_own_act, |db: store::Db| {
    let ground = Ground::new(db);
    let body = ground.organization(OrganizationKind::CommandCentre, "镇指挥中心", TOWNSHIP, None);
    let post = ground.post(body, Role::Dispatcher, TOWNSHIP);
    let (one, colleague) = (ground.staff("一"), ground.staff("二"));
    ground.appoint(post, one, None);
    ground.appoint(post, colleague, None);
    tell(&ground.acting(one), "甲");
    assert!(read(&ground.acting(one)).is_empty());
    assert_eq!(notice::unread(&ground.acting(one)).unwrap(), 0);
    assert_eq!(read(&ground.acting(colleague)).len(), 1);
});

fn latest(ctx: &Ctx) -> notice::Position {
    notice::list(ctx, &Window::first(20)).unwrap().items[0].position()
}

both!(what_came_after_the_page_was_shown_stays_unread_also_of_the_same_microsecond, |db: store::Db| {
    let ground = Ground::new(db);
    let near = ground.officer("镇指挥中心", Role::Dispatcher, TOWNSHIP);
    let clock = Ctx::system(ground.city.clone());
    let reader = ground.acting(near);
    tell(&clock, "甲");
    tell(&clock, "乙");
    let shown = latest(&reader);
    tell(&clock, "丙");
    notice::read_all(&reader, Some(shown)).unwrap();
    let states = [("丙".to_owned(), false), ("乙".to_owned(), true), ("甲".to_owned(), true)];
    assert_eq!(read(&reader), states);
    assert_eq!(notice::unread(&reader).unwrap(), 1);

    let newer = latest(&reader);
    notice::read_all(&reader, Some(newer)).unwrap();
    notice::read_all(&reader, Some(shown)).unwrap();
    assert_eq!(notice::unread(&reader).unwrap(), 0, "another device that shows less takes nothing back");
});

both!(nobody_has_seen_what_is_to_come, |db: store::Db| {
    let ground = Ground::new(db);
    let reader = ground.acting(ground.officer("镇指挥中心", Role::Dispatcher, TOWNSHIP));
    tell(&Ctx::system(ground.city.clone()), "甲");
    let shown = latest(&reader);
    let ahead = notice::Position { at: shown.at.plus_seconds(1), ..shown };
    let Err(Refusal::Invalid(faults)) = notice::read_all(&reader, Some(ahead)) else { panic!("taken") };
    assert_eq!((faults[0].field.as_str(), faults[0].message.id), ("until", "fault-until-future"));
    assert_eq!(notice::unread(&reader).unwrap(), 1);
    assert_eq!(notice::Position::parse(&shown.encode()).unwrap(), shown);
    for text in ["", "WyJ4Il0", "%", &shown.encode()[1..]] {
        let Err(Refusal::Invalid(faults)) = notice::Position::parse(text) else { panic!("{text}") };
        assert_eq!((faults[0].field.as_str(), faults[0].message.id), ("until", "fault-until"), "{text}");
    }
});

both!(unread_notices_are_counted_no_further_than_anyone_reads, |db: store::Db| {
    let ground = Ground::new(db);
    let near = ground.officer("镇指挥中心", Role::Dispatcher, TOWNSHIP);
    for number in 0..UNREAD_MAX + 5 {
        tell(&Ctx::system(ground.city.clone()), &number.to_string());
    }
    let reader = ground.acting(near);
    assert_eq!(notice::unread(&reader).unwrap(), UNREAD_MAX);
    let (mut window, mut seen) = (Window::first(20), 0);
    loop {
        let page = notice::list(&reader, &window).unwrap();
        seen += page.items.len() as i64;
        match page.next {
            Some(next) => window.after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, UNREAD_MAX + 5, "the list itself goes on to the end");
});
