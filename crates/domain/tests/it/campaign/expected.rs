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

both!(what_an_area_was_when_it_was_due_counts_wherever_it_has_gone_since, |db: Db| {
    let county = County::new(db);
    county.set(URBAN, COMMUNITY);
    county.set(URBAN, OTHER_COMMUNITY);
    let urban = Audience::Areas { tier: Tier::Community, kind: Some(domain::area::Kind::Urban) };
    let it = campaign::send(&county.leader, &county.new_campaign(urban)).unwrap();
    fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    // While it runs, what an area is now counts.
    county.ground.clock.pass_seconds(DAY);
    county.moves(OTHER_COMMUNITY, OTHER_COUNTY);
    assert_eq!(county.counts(&it).expected, 1);
    county.ground.clock.pass_seconds(DAY);
    county.moves(OTHER_COMMUNITY, TOWNSHIP);
    county.set(URBAN, OTHER_COMMUNITY);
    assert_eq!(county.counts(&it).expected, 2);

    // After it was due one goes to another county, and one becomes a village.
    county.ground.clock.pass_seconds(7 * DAY);
    let before = county.counts(&it);
    county.moves(COMMUNITY, OTHER_COUNTY);
    county.set(RENAME, OTHER_COMMUNITY);
    county.set(RENAMED, OTHER_COMMUNITY);
    county.set(RURAL, OTHER_COMMUNITY);
    assert_eq!((before.expected, county.counts(&it)), (2, before));
    let leader = county.now(&county.leader);
    let whole = campaign::progress(&leader, it.id, None).unwrap();
    let lines: Vec<_> = whole.lines.iter().map(|it| (it.path.code(), it.counts.expected)).collect();
    assert_eq!(lines, [(COUNTY, 1), (TOWNSHIP, 1)], "what has left is told apart, and nothing is lost");
    let units = campaign::units(&leader, it.id, None, Show::All, &Window::first(9)).unwrap().items;
    assert_eq!(units.len(), 2);
    let township = campaign::progress(&leader, it.id, Some(TOWNSHIP)).unwrap();
    assert_eq!(township.counts, Counts { expected: 1, ..Counts::default() });
    // It is still its own record, and goes on with it where it is now.
    let clerk = county.now(&county.clerk);
    assert_eq!(campaign::mine(&clerk).unwrap().len(), 1);
    let instance = county.instance(&it, Show::Arrived);
    mend(&clerk, &instance, "121").unwrap();
    form::judge(&county.now(&county.neighbour), "village", (&instance, 2), Review::Approved, "").unwrap();
    // What comes in from elsewhere owes nothing of what was due before.
    county.ground.clock.pass_seconds(HOUR);
    county.moves(COMMUNITY, TOWNSHIP);
    assert_eq!(county.counts(&it).accepted, 1);
});

both!(a_person_who_was_asked_stays_so_when_their_area_goes_elsewhere, |db: Db| {
    let county = County::new(db);
    let audience = Audience::Holders { role: Role::GridSupervisor };
    let it = campaign::send(&county.leader, &county.new_campaign(audience)).unwrap();
    assert_eq!(county.counts(&it).expected, 2);
    county.ground.clock.pass_seconds(8 * DAY);
    county.moves(COMMUNITY, OTHER_COUNTY);
    assert_eq!(county.counts(&it).expected, 2);
    submit(&county.now(&county.clerk), 1, "7");
    assert_eq!((county.counts(&it).arrived, county.counts(&it).late), (1, 1));
});

both!(a_person_who_is_asked_is_named_by_nothing_that_names_them_elsewhere, |db: Db| {
    let county = County::new(db);
    let audience = Audience::Holders { role: Role::GridSupervisor };
    let it = campaign::send(&county.leader, &county.new_campaign(audience)).unwrap();
    let second = campaign::send(&county.leader, &county.new_campaign(audience)).unwrap();
    let person = county.clerk.actor.person.unwrap().uuid();
    let key = it.key(person);
    assert!(key != person && key != second.key(person));
    let begun = campaign::begin(&county.clerk, it.id, key).unwrap();
    assert!(matches!(begun, Begun::Draft(_)));
    let other = campaign::begin(&county.other_clerk, it.id, key);
    assert!(matches!(other, Err(Refusal::NotFound)), "a key is no right");
    let round = campaign::remind(&county.leader, it.id, COUNTY, Some(key)).unwrap();
    assert_eq!((round.units, round.unit), (1, Some(person)));
    let unknown = campaign::remind(&county.leader, it.id, COUNTY, Some(second.key(person)));
    assert!(matches!(unknown, Err(Refusal::NotFound)));
    // An area is no secret.
    let villages = county.sent();
    assert_eq!(villages.key(unit(COMMUNITY)), unit(COMMUNITY));
});
