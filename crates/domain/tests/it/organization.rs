//! Bodies, posts and appointments: whom to tell, where a case may go, and how rights end.

use std::collections::BTreeSet;

use domain::{
    Cursor, Refusal, Window,
    organization::{self, Filter, NewOrganization, OrganizationKind as Kind},
};
use kernel::Role;
use store::both;

use crate::ground::{
    self, CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, OTHER_TOWNSHIP,
    TOWNSHIP,
};

const ENTRIES: &str = "SELECT COUNT(*) FROM journal WHERE subject_kind = 'organization'";

both!(a_temporary_organization_ends_by_itself_and_its_posts_with_it, |db: store::Db| {
    let ground = Ground::new(db);
    let end = ground.now().plus_seconds(3_600);
    let body = ground.organization(Kind::TemporaryPartyOrganization, "卡口临时党支部", TOWNSHIP, Some(end));
    let person = ground.staff("巴特尔");
    ground.appoint(ground.post(body, Role::Leader, TOWNSHIP), person, None);
    let ctx = ground.acting(person);
    assert_eq!(ctx.actor.appointments.len(), 1);
    assert_eq!(organization::list(&ctx, &Filter::default(), &Window::first(10)).unwrap().1, 1);

    ground.clock.pass_seconds(3_599);
    assert_eq!(ground.acting(person).actor.appointments.len(), 1, "the last second still counts");
    ground.clock.pass_seconds(1);
    let ctx = ground.acting(person);
    assert!(ctx.actor.appointments.is_empty());
    assert_eq!(organization::list(&ctx, &Filter::default(), &Window::first(10)).unwrap().1, 0);
    assert_eq!(organization::get(&ctx, body).unwrap().to, Some(end), "what it was is not forgotten");
    let told =
        ctx.read(|tx| organization::holders(tx, &[Role::Leader], &ground::path(GRID), ctx.now, 10)).unwrap();
    assert!(told.is_empty());
});

both!(a_case_can_go_to_what_is_near_and_able_nearest_first, |db: store::Db| {
    let ground = Ground::new(db);
    let able = |kind, name, code| {
        let body = ground.organization(kind, name, code, None);
        ground.post(body, Role::Handler, code);
        body
    };
    let county = able(Kind::GovernmentDepartment, "住建局", COUNTY);
    let city = able(Kind::GovernmentDepartment, "市政处", CITY);
    let township = able(Kind::EnforcementTeam, "执法队", TOWNSHIP);
    let here = able(Kind::PropertyManager, "安居物业", GRID);
    let beside = able(Kind::PropertyManager, "乐居物业", OTHER_GRID);
    let around = able(Kind::PropertyManager, "社区物业", COMMUNITY);
    let next_door = able(Kind::PropertyManager, "邻里物业", OTHER_COMMUNITY);
    let elsewhere = [
        able(Kind::PropertyManager, "别乡物业", OTHER_TOWNSHIP),
        able(Kind::GovernmentDepartment, "别县住建局", OTHER_COUNTY),
        able(Kind::OwnersCommittee, "业委会", GRID),
        ground.organization(Kind::EnforcementTeam, "无人执法队", GRID, None),
    ];
    let ended = able(Kind::PropertyManager, "旧物业", GRID);
    let reader = ground.acting(ground.officer("管理员", Role::Administrator, CITY));
    organization::end_organization(&reader, ended).unwrap();
    ground.clock.pass_seconds(1);
    let ctx = ground.acting(ground.staff("派遣员"));

    let found = organization::for_dispatch(&ctx, &ground::path(GRID)).unwrap();
    let order: Vec<_> = found.iter().map(|it| it.id).collect();
    assert_eq!(order, [here, around, beside, township, next_door, county, city]);
    for body in order.iter().chain(&elsewhere).chain([&ended]) {
        let can = ctx.read(|tx| organization::can_handle(tx, *body, &ground::path(GRID), ctx.now)).unwrap();
        assert_eq!(can, order.contains(body), "the list and the check are one rule: {body}");
    }
    let stranger = domain::Ctx::anonymous(ground.city.clone());
    assert!(matches!(organization::for_dispatch(&stranger, &ground::path(GRID)), Err(Refusal::SignIn)));
});

both!(the_nearest_holder_is_told_first_and_nobody_twice, |db: store::Db| {
    let ground = Ground::new(db);
    let far = ground.officer("市派遣员", Role::Dispatcher, CITY);
    let near = ground.officer("乡派遣员", Role::Dispatcher, TOWNSHIP);
    ground.officer("别乡派遣员", Role::Dispatcher, OTHER_TOWNSHIP);
    let worker = ground.officer("网格长", Role::GridLeader, GRID);
    let both_posts = ground.organization(Kind::GridTeam, "网格队", GRID, None);
    ground.appoint(ground.post(both_posts, Role::GridSupervisor, GRID), worker, None);
    let past = ground.staff("前任");
    ground.appoint(
        ground.post(both_posts, Role::GridSupervisor, GRID),
        past,
        Some(ground.now().plus_seconds(10)),
    );
    ground.clock.pass_seconds(10);

    let ctx = ground.acting(near);
    let told = |roles: &[Role], limit| {
        ctx.read(|tx| organization::holders(tx, roles, &ground::path(GRID), ctx.now, limit)).unwrap()
    };
    assert_eq!(told(&[Role::Dispatcher], 10), [near, far]);
    assert_eq!(told(&[Role::Dispatcher], 1), [near]);
    assert_eq!(told(&Role::ALL, 10), [worker, near, far], "more roles than one statement takes");
    assert!(told(&[], 10).is_empty());
});

both!(an_administrator_acts_in_their_own_area_and_nowhere_else, |db: store::Db| {
    let ground = Ground::new(db);
    let administrator = ground.officer("旗管理员", Role::Administrator, COUNTY);
    let ctx = ground.acting(administrator);
    let body = |code: &str, name: &str| NewOrganization {
        kind: Kind::EnforcementTeam,
        name: name.into(),
        area: ground::area(code),
        from: ground.now(),
        to: None,
    };
    let team = organization::found(&ctx, &body(TOWNSHIP, "  综合执法队 ")).unwrap();
    assert_eq!((team.name.as_str(), &team.area_path), ("综合执法队", &ground::path(TOWNSHIP)));
    let post = organization::create_post(&ctx, team.id, Role::Handler, ground::area(TOWNSHIP)).unwrap();
    let person = ground.staff("处置员");
    let appointment = organization::appoint(&ctx, post.id, person, ctx.now, None).unwrap();
    assert_eq!(ctx.read(|tx| organization::handlers_of(tx, team.id, ctx.now, 5)).unwrap(), [person]);
    assert_eq!(organization::posts(&ctx, team.id).unwrap()[0].appointment.as_ref().unwrap().person, person);
    assert_eq!(ground.count(ENTRIES), 3, "each act has its record");

    let refused =
        |outcome: Result<(), Refusal>| assert!(matches!(outcome, Err(Refusal::Denied)), "{outcome:?}");
    refused(organization::found(&ctx, &body(OTHER_COUNTY, "越界")).map(drop));
    // A post for the whole city in a body of one's own would be a way up.
    refused(organization::create_post(&ctx, team.id, Role::Commander, ground::area(CITY)).map(drop));
    let above = ground.post(team.id, Role::Commander, CITY);
    refused(organization::appoint(&ctx, above, administrator, ctx.now, None).map(drop));
    refused(organization::end_organization(&ctx, team.id));
    refused(organization::end_appointment(&ground.acting(person), appointment));
    let faulty = [
        organization::found(&ctx, &body("150999", "没有的地方")).map(drop),
        organization::found(&ctx, &body(TOWNSHIP, "   ")).map(drop),
        organization::found(&ctx, &NewOrganization { to: Some(ctx.now), ..body(TOWNSHIP, "倒着的") })
            .map(drop),
        organization::create_post(&ctx, team.id, Role::Resident, ground::area(TOWNSHIP)).map(drop),
        organization::appoint(&ctx, post.id, ground.id(), ctx.now, None).map(drop),
    ];
    assert!(faulty.iter().all(|it| matches!(it, Err(Refusal::Invalid(_)))), "{faulty:?}");
    assert_eq!(ground.count(ENTRIES), 3, "what was refused left nothing");

    organization::end_appointment(&ctx, appointment).unwrap();
    assert!(ctx.read(|tx| organization::handlers_of(tx, team.id, ctx.now, 5)).unwrap().is_empty());
    assert!(matches!(organization::end_appointment(&ctx, appointment), Err(Refusal::Conflict(_))));
});

both!(a_list_is_paged_without_loss_and_a_broken_cursor_is_refused, |db: store::Db| {
    let ground = Ground::new(db);
    let kinds = [Kind::Firm, Kind::PropertyManager];
    for (index, code) in [GRID, TOWNSHIP, OTHER_GRID, CITY, OTHER_COUNTY].iter().cycle().take(23).enumerate()
    {
        ground.organization(kinds[index % 2], &format!("单位{}", index / 3), code, None);
    }
    ground.organization(Kind::Firm, "别的", GRID, None);
    let ctx = ground.acting(ground.staff("某人"));
    let walk = |filter: &Filter| {
        let (mut seen, mut window, mut total) = (BTreeSet::new(), Window::first(4), None);
        loop {
            let (page, count) = organization::list(&ctx, filter, &window).unwrap();
            assert!(total.is_none_or(|it| it == count));
            total = Some(count);
            assert!(page.items.iter().all(|it| seen.insert(it.id)), "no row comes twice");
            match page.next {
                Some(next) => window.after = Some(Cursor::decode(&next.encode()).unwrap()),
                None => break,
            }
        }
        assert_eq!(seen.len() as i64, total.unwrap());
        seen.len()
    };
    assert_eq!(walk(&Filter::default()), 24);
    assert_eq!(walk(&Filter { name_prefix: Some("单位".into()), ..Filter::default() }), 23);
    assert_eq!(walk(&Filter { name_prefix: Some("单位1".into()), ..Filter::default() }), 3);
    assert_eq!(walk(&Filter { area: Some(ground::path(COMMUNITY)), ..Filter::default() }), 11);
    let firms = Filter { area: Some(ground::path(CITY)), kind: Some(Kind::Firm), name_prefix: None };
    assert_eq!(walk(&firms), 13);

    let nil = uuid::Uuid::nil().to_string();
    let broken: [&[&str]; 5] = [
        &[],
        &["1509/"],
        &["1509", "firm", "x", &nil],
        &["1509/", "firm", "x\0", &nil],
        &["1509/", "firm", "x", "1"],
    ];
    for parts in broken {
        let window = Window { limit: 5, after: Some(Cursor::new(parts.iter().map(ToString::to_string))) };
        let outcome = organization::list(&ctx, &Filter::default(), &window);
        assert!(matches!(outcome, Err(Refusal::Invalid(_))), "{parts:?}");
    }
    let nul = Filter { name_prefix: Some("\0".into()), ..Filter::default() };
    assert!(matches!(organization::list(&ctx, &nul, &Window::first(5)), Err(Refusal::Invalid(_))));
});

both!(names_are_found_for_more_bodies_than_one_statement_takes, |db: store::Db| {
    let ground = Ground::new(db);
    let mut ids: Vec<_> =
        (0..37).map(|index| ground.organization(Kind::Firm, &format!("企业{index}"), GRID, None)).collect();
    ids.push(ground.id());
    let ctx = ground.acting(ground.staff("某人"));
    let names = ctx.read(|tx| organization::names(tx, &ids)).unwrap();
    assert_eq!(names.len(), 37);
    assert_eq!(names[&ids[36]], "企业36");
    assert_eq!(ctx.read(|tx| organization::name(tx, ids[37])).unwrap(), None);
});
