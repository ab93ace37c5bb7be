//! Who owes a record, and the figures made of that.

use super::*;

both!(figures_are_exact_from_the_county_down_to_each_village, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    assert_eq!(county.counts(&it), Counts { expected: 2, ..Counts::default() });
    let mine = campaign::mine(&county.clerk).unwrap();
    assert_eq!((mine.len(), mine[0].unit.path.code()), (1, COMMUNITY), "its own village, and no other");
    let receipt = fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    assert_eq!((receipt.state, receipt.asked.unwrap().id), (Judged::Valid, "record-asked"));
    let one = Counts { expected: 2, arrived: 1, valid: 1, waiting: 1, ..Counts::default() };
    assert_eq!(county.counts(&it), one);

    // Invalid, late, and mended: each is counted apart, and mending makes nothing punctual.
    county.ground.clock.pass_seconds(8 * DAY);
    let other = county.now(&county.other_clerk);
    submit(&other, 2, "-5");
    let late = Counts { arrived: 2, invalid: 1, late: 1, ..one };
    assert_eq!(county.counts(&it), late);
    edit(&other, 3, 2, "5").unwrap();
    assert_eq!(county.counts(&it), Counts { invalid: 0, valid: 2, waiting: 2, ..late });

    // The same figures by township, and the units behind each.
    let leader = county.now(&county.leader);
    let whole = campaign::progress(&leader, it.id, None).unwrap();
    assert_eq!(whole.lines.len(), 1);
    assert_eq!((whole.lines[0].path.code(), whole.lines[0].counts), (TOWNSHIP, whole.counts));
    let township = campaign::progress(&leader, it.id, Some(TOWNSHIP)).unwrap();
    assert!(township.lines.is_empty() && township.counts == whole.counts);
    for show in Show::ALL {
        let units = campaign::units(&leader, it.id, None, show, &Window::first(9)).unwrap().items;
        assert_eq!(units.len() as i64, whole.counts.of(show), "{}", show.as_str());
    }
    let late = campaign::units(&leader, it.id, None, Show::Late, &Window::first(9)).unwrap().items;
    assert_eq!((late[0].path.code(), late[0].record.as_ref().unwrap().is_late), (OTHER_COMMUNITY, true));
});

both!(who_owes_a_record_follows_the_tree_until_the_due_moment_and_not_after, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    // A village is closed and another founded while it runs.
    county.ground.clock.pass_seconds(2 * DAY);
    county.set(END_AREA, OTHER_COMMUNITY);
    assert_eq!(county.counts(&it).expected, 1);
    let closed = asked(&county.now(&county.other_clerk), &it, OTHER_COMMUNITY, 1).unwrap_err();
    assert_eq!(reason(closed), "conflict-campaign-not-asked");
    let now = county.ground.now();
    let found = |code: &'static str, id: u128| {
        let values = (Uuid::from_u128(id), format!("{}{code}/", path(TOWNSHIP)));
        let found =
            county.ground.city.db.write(|tx| {
                tx.execute(FOUND, params![values.0, code, values.1.as_str(), county.ground.now()])
            });
        found.unwrap();
    };
    found(NEW_COMMUNITY, NEW_COMMUNITY.parse().unwrap());
    assert!(now < it.due);
    assert_eq!(county.counts(&it).expected, 2);
    let new = county.ground.acting(county.ground.officer("新村文书", Role::GridSupervisor, NEW_COMMUNITY));
    fill_in(&new, &it, NEW_COMMUNITY, "9").unwrap();

    // What happens after it was due changes nothing of who owed: not a founding, a closing or a new name.
    county.ground.clock.pass_seconds(6 * DAY);
    found("150902001004", 150_902_001_004);
    county.set(RENAME, NEW_COMMUNITY);
    county.set(RENAMED, NEW_COMMUNITY);
    county.set(END_AREA, COMMUNITY);
    let counts = county.counts(&it);
    assert_eq!((counts.expected, counts.arrived, counts.silent()), (2, 1, 1));
    let silent = campaign::units(&county.now(&county.leader), it.id, None, Show::Silent, &Window::first(9));
    assert_eq!(silent.unwrap().items[0].path.code(), COMMUNITY);
});

both!(everybody_in_an_office_answers_once_and_for_themselves, |db: Db| {
    let county = County::new(db);
    let audience = Audience::Holders { role: Role::GridLeader };
    let one = county.ground.officer("网格长", Role::GridLeader, GRID);
    let two = county.ground.officer("第二人", Role::GridLeader, GRID);
    // Two posts are one person.
    let body = county.ground.organization(
        domain::organization::OrganizationKind::GridTeam,
        "另一个队",
        OTHER_GRID,
        None,
    );
    county.ground.appoint(county.ground.post(body, Role::GridLeader, OTHER_GRID), one, None);
    let it = campaign::send(&county.leader, &county.new_campaign(audience)).unwrap();
    assert_eq!(county.counts(&it).expected, 2);
    let (one, two) = (county.ground.acting(one), county.ground.acting(two));
    let mine = campaign::mine(&one).unwrap();
    assert_eq!((mine.len(), mine[0].unit.id), (1, one.actor.person.unwrap().uuid()));
    let other = campaign::begin(&one, it.id, two.actor.person.unwrap().uuid());
    assert!(matches!(other, Err(Refusal::NotFound)), "nobody answers for a colleague");
    submit(&one, 1, "3");
    let counts = county.counts(&it);
    assert_eq!((counts.expected, counts.arrived), (2, 1));
    let own = campaign::progress(&county.secretary, it.id, None).unwrap();
    assert_eq!(own.lines.iter().map(|it| it.counts.expected).sum::<i64>(), 2);
    // The reminder goes to the person.
    county.tick();
    assert_eq!(county.told(&two), [NoticeKind::CampaignAsked]);
    assert!(county.told(&one).is_empty());
    let colleague = form::mend(&two, "village", "uuid:1");
    assert!(matches!(colleague, Err(Refusal::NotFound)));
});
