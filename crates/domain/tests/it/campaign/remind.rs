//! Who is told, by offices and by the clock.

use super::*;

both!(those_who_are_silent_are_told_and_nobody_too_often, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    county.tick();
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    assert_eq!(county.told(&county.other_clerk), [NoticeKind::CampaignAsked]);
    assert!(county.told(&county.secretary).is_empty(), "only those who answer");
    // At once it is too soon, and half a day later it is not.
    let one = campaign::remind(&county.secretary, it.id, COMMUNITY, Some(unit(COMMUNITY)));
    assert!(matches!(one, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-reminded"));
    let round = campaign::remind(&county.secretary, it.id, TOWNSHIP, None).unwrap();
    assert_eq!((round.units, round.skipped, round.vacant), (0, 2, 0));
    county.ground.clock.pass_seconds(limits::CAMPAIGN_REMINDER_HOURS * HOUR);
    fill_in(&county.now(&county.clerk), &it, COMMUNITY, "1").unwrap();
    let secretary = county.now(&county.secretary);
    let rounds: Vec<_> = thread::scope(|scope| {
        let remind = || campaign::remind(&secretary, it.id, TOWNSHIP, None).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(remind)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(rounds.iter().map(|it| it.units).sum::<i64>(), 1, "of four offices at once one reminds");
    assert_eq!(county.told(&county.other_clerk), [NoticeKind::CampaignReminded, NoticeKind::CampaignAsked]);
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    let answered = campaign::remind(&secretary, it.id, COMMUNITY, Some(unit(COMMUNITY)));
    assert!(
        matches!(answered, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-not-silent")
    );

    // The clock tells before it is due and when it is; a run that was missed is made up for, and nothing twice.
    county.ground.clock.set("2026-11-26T00:00:00+08:00");
    county.tick();
    county.tick();
    county.ground.clock.set("2026-11-28T00:00:00+08:00");
    county.tick();
    let told = county.told(&county.other_clerk);
    assert_eq!(told[..2], [NoticeKind::CampaignDue, NoticeKind::CampaignReminded]);
    assert_eq!(told.len(), 4);
    let kinds: Vec<_> = campaign::rounds(&county.now(&county.leader), it.id).unwrap();
    let kinds: BTreeSet<_> = kinds.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["before", "due", "hand", "start"]));

    // It closes by itself after its grace; nobody is told of it any more, but the office that asked.
    county.ground.clock.set("2026-12-05T00:00:00+08:00");
    let over = asked(&county.now(&county.other_clerk), &it, OTHER_COMMUNITY, 2).unwrap_err();
    assert_eq!(
        reason(over),
        "conflict-campaign-closed",
        "to the moment, whether the clock has looked or not"
    );
    county.tick();
    let (ended, _) = campaign::get(&county.now(&county.leader), it.id).unwrap();
    assert_eq!((ended.state, ended.next), (State::Closed, None));
    assert_eq!(county.told(&county.leader), [NoticeKind::CampaignEnded]);
    let over = asked(&county.now(&county.other_clerk), &it, OTHER_COMMUNITY, 3).unwrap_err();
    assert_eq!(reason(over), "conflict-campaign-closed");
    let remind = campaign::remind(&county.now(&county.secretary), it.id, TOWNSHIP, None);
    assert!(
        matches!(remind, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-not-running")
    );
    assert_eq!(county.told(&county.other_clerk).len(), 4);
});

both!(the_office_that_asked_hears_when_all_have_answered_well, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    submit(&county.clerk, 1, "-1");
    submit(&county.other_clerk, 2, "2");
    county.tick();
    assert!(county.told(&county.leader).is_empty(), "one is invalid");
    edit(&county.clerk, 3, 1, "1").unwrap();
    county.tick();
    county.tick();
    assert_eq!(county.told(&county.leader), [NoticeKind::CampaignComplete]);
    assert!(campaign::get(&county.leader, it.id).unwrap().0.completed_at.is_some());
});

both!(a_post_that_nobody_holds_is_told_as_vacant, |db: Db| {
    let county = County::new(db);
    let grids = Audience::Areas { tier: Tier::Grid, kind: None };
    let worker = county.ground.acting(county.ground.officer("网格长", Role::GridLeader, GRID));
    let it = campaign::send(&county.leader, &county.new_campaign(grids)).unwrap();
    county.tick();
    let round = campaign::rounds(&county.leader, it.id).unwrap().remove(0);
    assert_eq!((round.kind, round.units, round.vacant), (RoundKind::Start, 1, 1));
    assert_eq!(county.told(&worker), [NoticeKind::CampaignAsked]);
    assert!(campaign::begin(&worker, it.id, unit(OTHER_GRID)).is_err());
    // The community's supervisor stands above its grids and reviews what they answer.
    fill_in(&worker, &it, GRID, "30").unwrap();
    let units =
        campaign::units(&county.clerk, it.id, Some(COMMUNITY), Show::Waiting, &Window::first(9)).unwrap();
    let instance = units.items[0].record.as_ref().unwrap().instance_id.clone();
    form::judge(&county.clerk, "village", (&instance, 1), Review::Approved, "").unwrap();
    assert_eq!(county.counts(&it).accepted, 1);
});

both!(a_township_sees_the_rounds_of_its_own_part, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    county.tick();
    county.ground.clock.pass_seconds(DAY);
    let secretary = county.now(&county.secretary);
    campaign::remind(&secretary, it.id, TOWNSHIP, None).unwrap();
    let kinds = |ctx: &Ctx| -> Vec<RoundKind> {
        campaign::rounds(ctx, it.id).unwrap().iter().map(|it| it.kind).collect()
    };
    assert_eq!(kinds(&secretary), [RoundKind::Hand], "a wider one tells figures of others");
    assert_eq!(kinds(&county.now(&county.leader)), [RoundKind::Hand, RoundKind::Start]);
    let village = campaign::rounds(&county.now(&county.clerk), it.id).unwrap();
    assert!(village.is_empty());
});

both!(who_was_reminded_is_forgotten_in_time, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    county.tick();
    let forget = || campaign::forget(&Ctx::system(county.ground.city.clone())).unwrap();
    county.ground.clock.pass_seconds(limits::CAMPAIGN_REMINDERS_KEPT_DAYS * DAY);
    assert_eq!(forget(), 0);
    county.ground.clock.pass_seconds(1);
    assert_eq!(forget(), 3, "two reminders and their round");
    let leader = county.now(&county.leader);
    assert!(campaign::rounds(&leader, it.id).unwrap().is_empty());
    let units = campaign::units(&leader, it.id, None, Show::Silent, &Window::first(9)).unwrap().items;
    assert_eq!((units.len(), units[0].reminders, units[0].reminded_at), (2, 0, None));
});
