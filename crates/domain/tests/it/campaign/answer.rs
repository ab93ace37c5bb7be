//! Records that answer: one a unit, reviewed by those above, mended by the unit.

use super::*;

both!(a_unit_has_one_record_however_many_are_sent_at_once, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let outcomes: Vec<Result<Receipt, Rejection>> = thread::scope(|scope| {
        let (county, it) = (&county, &it);
        let send = |number| scope.spawn(move || asked(&county.clerk, it, COMMUNITY, number));
        let threads: Vec<_> = (1..=48).map(send).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let (taken, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 1);
    let first = campaign::units(&county.leader, it.id, None, Show::Arrived, &Window::first(9)).unwrap().items;
    let first = first[0].record.as_ref().unwrap().instance_id.clone();
    for refused in refused {
        match refused.unwrap_err() {
            Rejection::Campaign { message, first: Some(found) } => {
                assert_eq!((message.id, &found), ("conflict-campaign-answered", &first));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(county.counts(&it).arrived, 1);
    match campaign::begin(&county.clerk, it.id, unit(COMMUNITY)).unwrap() {
        Begun::There { instance_id, .. } => assert_eq!(instance_id, first),
        other => panic!("{other:?}"),
    }
});

both!(the_tier_above_reviews_and_nobody_their_own, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    let units =
        campaign::units(&county.secretary, it.id, None, Show::Waiting, &Window::first(9)).unwrap().items;
    let instance = units[0].record.as_ref().unwrap().instance_id.clone();
    // The unit reads it and does not review it; the neighbours do not know of it.
    assert!(!form::may_review(&county.clerk, "village", &instance).unwrap());
    let own = form::judge(&county.clerk, "village", (&instance, 1), Review::Approved, "");
    assert!(matches!(own, Err(Refusal::Denied)));
    for other in [&county.neighbour, &county.other_clerk] {
        assert!(matches!(form::record(other, "village", &instance), Err(Refusal::NotFound)));
        assert!(matches!(form::mend(other, "village", &instance), Err(Refusal::NotFound)));
    }
    // The township gives it back; whoever follows the clerk in office mends it.
    form::judge(&county.secretary, "village", (&instance, 1), Review::HasIssues, "少报了一个组").unwrap();
    assert_eq!(
        county.counts(&it),
        Counts { expected: 2, arrived: 1, valid: 1, returned: 1, ..Counts::default() }
    );
    assert!(county.told(&county.clerk).contains(&NoticeKind::RecordReturned));
    let next = county.ground.acting(county.ground.officer("新文书", Role::GridSupervisor, COMMUNITY));
    let id = form::mend(&next, "village", &instance).unwrap();
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), "140".into());
    form::save(&next, id, 0, "", &changes, &[]).unwrap();
    form::send(&next, id, None).unwrap();
    let history = form::history(&county.secretary, "village", &instance, &|_| 0).unwrap();
    let told: Vec<_> = history.iter().map(|(version, name, _)| (version.number, name.as_deref())).collect();
    assert_eq!(told, [(2, Some("新文书")), (1, Some("村文书"))]);
    assert!(history[0].2.record().contains("140") && history[1].2.record().contains("120"));

    // A reviewer who changed it has become an author, and another one accepts.
    let current = form::record(&county.secretary, "village", &instance).unwrap().current.instance_id;
    let xml = format!(
        r#"<data id="village" version="1"><households>141</households><meta><instanceID>uuid:9</instanceID><deprecatedID>{current}</deprecatedID></meta></data>"#
    );
    let sent = Sent { xml: xml.into_bytes(), ..Sent::default() };
    form::submit(&county.secretary, &sent, Expected::Any).unwrap();
    let own = form::judge(&county.secretary, "village", (&instance, 3), Review::Approved, "");
    assert!(matches!(own, Err(Refusal::Denied)));
    form::judge(&county.leader, "village", (&instance, 3), Review::Approved, "").unwrap();
    assert_eq!(county.counts(&it).accepted, 1);
    // What is accepted stands.
    let changed = form::mend(&county.clerk, "village", &instance);
    assert!(matches!(changed, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-accepted"));
    form::judge(&county.leader, "village", (&instance, 3), Review::HasIssues, "再核对").unwrap();
    form::mend(&county.clerk, "village", &instance).unwrap();
});

both!(what_another_program_sends_counts_where_it_can_be_meant_for_one_unit_alone, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let told = |receipt: Receipt| receipt.asked.map(|it| it.id);
    assert_eq!(told(submit(&county.clerk, 1, "1")), Some("record-asked"));
    assert_eq!(
        told(submit(&county.clerk, 2, "1")),
        Some("record-asked-before"),
        "kept, and counted for none"
    );
    assert_eq!(told(submit(&county.leader, 3, "1")), None, "who is not asked");
    // Two campaigns ask the same of the same unit.
    let second = New { title: "再问一次".into(), ..county.new_campaign(VILLAGES) };
    let second = campaign::send(&county.leader, &second).unwrap();
    assert_eq!(told(submit(&county.other_clerk, 4, "1")), Some("record-asked-several"));
    assert_eq!(told(submit(&county.clerk, 5, "1")), Some("record-asked"), "one of them has its answer");
    assert_eq!((county.counts(&it).arrived, county.counts(&second).arrived), (1, 1));
    // A draft says which one it is.
    fill_in(&county.other_clerk, &second, OTHER_COMMUNITY, "4").unwrap();
    assert_eq!(county.counts(&second).arrived, 2);
});

both!(the_moment_a_phone_had_it_is_shown_beside_that_of_its_arrival, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let Begun::Draft(id) = campaign::begin(&county.clerk, it.id, unit(COMMUNITY)).unwrap() else { panic!() };
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), "12".into());
    form::save(&county.clerk, id, 0, "", &changes, &[]).unwrap();
    let finished = county.ground.now().plus_seconds(600);
    // It waits for a network until it is late.
    county.ground.clock.pass_seconds(8 * DAY);
    form::send(&county.now(&county.clerk), id, Some(finished)).unwrap();
    let units =
        campaign::units(&county.now(&county.leader), it.id, None, Show::Late, &Window::first(9)).unwrap();
    let record = units.items[0].record.as_ref().unwrap();
    assert_eq!((record.finished_at, record.arrived_at), (Some(finished), county.ground.now()));
    // A clock that is wrong says nothing.
    let other = county.now(&county.other_clerk);
    let Begun::Draft(id) = campaign::begin(&other, it.id, unit(OTHER_COMMUNITY)).unwrap() else { panic!() };
    form::save(&other, id, 0, "", &changes, &[]).unwrap();
    form::send(&other, id, Some(other.now.plus_seconds(DAY))).unwrap();
    let units =
        campaign::units(&county.now(&county.leader), it.id, None, Show::Arrived, &Window::first(9)).unwrap();
    let finished: Vec<_> = units.items.iter().map(|it| it.record.as_ref().unwrap().finished_at).collect();
    assert_eq!(finished.iter().flatten().count(), 1);
});

both!(what_is_given_back_or_invalid_is_mended_after_the_end_and_nothing_else_is, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    submit(&county.other_clerk, 2, "-5");
    county.ground.clock.set("2026-12-05T00:00:00+08:00");
    county.tick();
    let [clerk, other] = [&county.clerk, &county.other_clerk].map(|it| county.now(it));
    // Valid, and nobody wants it otherwise: it stands.
    let instance = county.instance(&it, Show::Valid);
    assert_eq!(conflict(form::mend(&clerk, "village", &instance)), "conflict-campaign-closed");
    assert!(!form::may_mend(&clerk, "village", &instance).unwrap());
    assert!(campaign::mine(&clerk).unwrap().is_empty());
    // The invalid one is found where one looks for what is asked, and mended once.
    let mine = campaign::mine(&other).unwrap();
    assert_eq!((mine.len(), mine[0].unit.path.code()), (1, OTHER_COMMUNITY));
    assert!(form::may_mend(&other, "village", "uuid:2").unwrap());
    edit(&other, 3, 2, "5").unwrap();
    assert_eq!(reason(edit(&other, 4, 3, "6").unwrap_err()), "conflict-campaign-closed");
    assert!(campaign::mine(&other).unwrap().is_empty());
    // What the township gives back after the end is mended too, and until it is right.
    let secretary = county.now(&county.secretary);
    form::judge(&secretary, "village", (&instance, 1), Review::HasIssues, "少报了一个组").unwrap();
    assert_eq!(campaign::mine(&clerk).unwrap().len(), 1);
    assert_eq!(mend(&clerk, &instance, "-1").unwrap().state, Judged::Invalid);
    mend(&clerk, &instance, "140").unwrap();
    assert_eq!(conflict(form::mend(&clerk, "village", &instance)), "conflict-campaign-closed");
    form::judge(&secretary, "village", (&instance, 3), Review::Approved, "").unwrap();
    assert_eq!((county.counts(&it).accepted, county.counts(&it).valid), (1, 2));
});

both!(nothing_is_mended_of_what_was_withdrawn, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    submit(&county.clerk, 1, "-5");
    campaign::end(&county.leader, it.id, End::Withdraw, "与另一张表重复").unwrap();
    assert_eq!(reason(edit(&county.clerk, 2, 1, "5").unwrap_err()), "conflict-campaign-withdrawn");
    assert!(campaign::mine(&county.clerk).unwrap().is_empty());
    match campaign::begin(&county.other_clerk, it.id, unit(OTHER_COMMUNITY)) {
        Err(Refusal::Conflict(message)) => {
            assert!(format!("{message:?}").contains("与另一张表重复"), "and why")
        }
        other => panic!("{other:?}"),
    }
});

both!(a_record_is_its_units_and_not_of_whoever_left_it, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    let instance = county.instance(&it, Show::Waiting);
    let begun = form::mend(&county.clerk, "village", &instance).unwrap();
    form::save(&county.clerk, begun, 0, "", &typed("1"), &[]).unwrap();
    let next = county.ground.acting(county.ground.officer("新文书", Role::GridSupervisor, COMMUNITY));
    // The clerk goes to a grid of another village.
    county.leaves(&county.clerk);
    let body = county.ground.organization(
        domain::organization::OrganizationKind::GridTeam,
        "另一个队",
        OTHER_GRID,
        None,
    );
    let person = county.clerk.actor.person.unwrap();
    county.ground.appoint(county.ground.post(body, Role::GridLeader, OTHER_GRID), person, None);
    county.ground.clock.pass_seconds(1);
    let former = county.now(&county.clerk);
    let told = county.told(&former).len();
    form::judge(&county.now(&county.secretary), "village", (&instance, 1), Review::HasIssues, "少报")
        .unwrap();
    // Who holds the office is told, and mends it; who left it is not, and does not, whatever they had begun.
    assert!(county.told(&next).contains(&NoticeKind::RecordReturned));
    assert_eq!(county.told(&former).len(), told);
    assert!(matches!(form::mend(&former, "village", &instance), Err(Refusal::NotFound)));
    assert!(!form::may_mend(&former, "village", &instance).unwrap());
    assert!(matches!(form::send(&former, begun, None), Err(Rejection::OfAnother)));
    assert!(!form::own(&former).unwrap()[0].is_to_mend);
    mend(&county.now(&next), &instance, "140").unwrap();
});

both!(where_nobody_is_in_office_what_is_given_back_goes_to_its_sender, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    let instance = county.instance(&it, Show::Waiting);
    county.leaves(&county.clerk);
    county.ground.clock.pass_seconds(1);
    form::judge(&county.now(&county.secretary), "village", (&instance, 1), Review::HasIssues, "少报")
        .unwrap();
    assert!(county.told(&county.clerk).contains(&NoticeKind::RecordReturned));
});

both!(what_is_sent_again_is_told_again_what_it_counts_for, |db: Db| {
    let county = County::new(db);
    county.sent();
    let told = |receipt: Receipt| (receipt.is_new, receipt.asked.map(|it| it.id));
    assert_eq!(told(submit(&county.clerk, 1, "1")), (true, Some("record-asked")));
    assert_eq!(told(submit(&county.clerk, 1, "1")), (false, Some("record-asked")));
    assert_eq!(told(edit(&county.clerk, 2, 1, "2").unwrap()), (true, Some("record-asked")));
    assert_eq!(told(edit(&county.clerk, 2, 1, "2").unwrap()), (false, Some("record-asked")));
    assert_eq!(told(submit(&county.leader, 3, "1")), (true, None));
    assert_eq!(told(submit(&county.leader, 3, "1")), (false, None));
});

both!(what_is_begun_twice_at_once_is_one_draft, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let begun: BTreeSet<_> = thread::scope(|scope| {
        let (county, it) = (&county, &it);
        let begin = || match campaign::begin(&county.clerk, it.id, unit(COMMUNITY)).unwrap() {
            Begun::Draft(id) => id.uuid(),
            Begun::There { .. } => panic!("nothing was sent"),
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!((begun.len(), form::drafts(&county.clerk).unwrap().len()), (1, 1));
});

both!(what_was_changed_after_it_was_sent_is_not_taken_for_sent, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let Begun::Draft(id) = campaign::begin(&county.clerk, it.id, unit(COMMUNITY)).unwrap() else { panic!() };
    form::save(&county.clerk, id, 0, "", &typed("12"), &[]).unwrap();
    // The record came, and the server ended before the draft was put away.
    let xml = format!(
        r#"<data id="village" version="1"><households>12</households><meta><instanceID>uuid:{}</instanceID></meta></data>"#,
        id.uuid()
    );
    let asked = Asked { campaign: it.id, unit: unit(COMMUNITY), finished_at: None };
    let sent = Sent { xml: xml.into_bytes(), ..Sent::default() };
    form::submit(&county.clerk, &sent, Expected::Asked(&asked)).unwrap();
    county.ground.clock.pass_seconds(60);
    let clerk = county.now(&county.clerk);
    form::save(&clerk, id, 1, "", &typed("13"), &[]).unwrap();
    assert!(matches!(form::sent(&clerk, id), Err(Rejection::ChangedSince)));
    let draft = form::open_draft(&clerk, id, "").unwrap();
    assert!(draft.filling.record().contains("13"), "nothing is lost");
    assert!(matches!(form::send(&clerk, id, None), Err(Rejection::OtherContent)));

    // Of one that was not changed, whoever lost the answer is told again, and it is put away. So with what another has begun.
    let instance = format!("uuid:{}", id.uuid());
    form::discard(&clerk, id).unwrap();
    assert_eq!(form::sent(&clerk, id).unwrap(), Some(Judged::Valid));
    let next = county.ground.acting(county.ground.officer("新文书", Role::GridSupervisor, COMMUNITY));
    let edit = form::mend(&next, "village", &instance).unwrap();
    form::save(&next, edit, 0, "", &typed("14"), &[]).unwrap();
    form::send(&next, edit, None).unwrap();
    assert_eq!(form::sent(&next, edit).unwrap(), Some(Judged::Valid));
    assert_eq!(form::sent(&clerk, edit).unwrap(), None);
});
