//! Who may ask whom, and how asking ends.

use super::*;

both!(a_neighbour_county_sees_nothing_and_a_township_its_own_part, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let far = &county.neighbour;
    assert!(matches!(campaign::progress(far, it.id, None), Err(Refusal::NotFound)));
    assert!(matches!(campaign::get(far, it.id), Err(Refusal::NotFound)));
    assert!(matches!(campaign::remind(far, it.id, COUNTY, None), Err(Refusal::NotFound)));
    assert!(matches!(campaign::end(far, it.id, End::Close, ""), Err(Refusal::NotFound)));
    assert!(matches!(campaign::begin(far, it.id, unit(COMMUNITY)), Err(Refusal::NotFound)));
    assert!(campaign::list(far, &Window::first(9)).unwrap().items.is_empty());
    let own = campaign::progress(&county.secretary, it.id, None).unwrap();
    assert_eq!((own.path.code(), own.counts.expected), (TOWNSHIP, 2));
    let above = campaign::progress(&county.secretary, it.id, Some(COUNTY));
    assert!(matches!(above, Err(Refusal::NotFound)));
    assert!(matches!(campaign::end(&county.secretary, it.id, End::Close, ""), Err(Refusal::Denied)));
    assert_eq!(campaign::list(&county.secretary, &Window::first(9)).unwrap().items.len(), 1);
    // To send one costs all who answer: a clerk may not, nor a leader beyond their own area or with another's form.
    let new = county.new_campaign(VILLAGES);
    assert!(matches!(campaign::send(&county.clerk, &new), Err(Refusal::Denied)));
    assert!(matches!(campaign::send(far, &new), Err(Refusal::Denied)));
    let elsewhere = New { area: OTHER_COUNTY.into(), ..new };
    match campaign::send(far, &elsewhere) {
        Err(Refusal::Invalid(faults)) => {
            assert!(faults.iter().any(|it| it.field == "form"), "{faults:?}")
        }
        other => panic!("{other:?}"),
    }
});

both!(a_campaign_that_is_planned_or_withdrawn_takes_nothing, |db: Db| {
    let county = County::new(db);
    let new = New { starts: Some(date(2026, 11, 23)), ..county.new_campaign(VILLAGES) };
    let it = campaign::send(&county.leader, &new).unwrap();
    assert_eq!(campaign::send(&county.leader, &new).unwrap().id, it.id, "sent twice it is one");
    county.tick();
    assert!(county.told(&county.clerk).is_empty() && campaign::mine(&county.clerk).unwrap().is_empty());
    let early = asked(&county.clerk, &it, COMMUNITY, 1).unwrap_err();
    assert_eq!(reason(early), "conflict-campaign-planned");
    county.ground.clock.set("2026-11-23T09:00:00+08:00");
    county.tick();
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    let leader = county.now(&county.leader);
    let silent = campaign::end(&leader, it.id, End::Withdraw, " ");
    assert!(matches!(silent, Err(Refusal::Invalid(_))), "not without a reason");
    let clerk = county.now(&county.clerk);
    let Begun::Draft(draft) = campaign::begin(&clerk, it.id, unit(COMMUNITY)).unwrap() else { panic!() };
    campaign::end(&leader, it.id, End::Withdraw, "与另一张表重复").unwrap();
    campaign::end(&leader, it.id, End::Withdraw, "与另一张表重复").unwrap();
    let reopened = campaign::end(&leader, it.id, End::Close, "");
    assert!(matches!(reopened, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-ended"));
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), "3".into());
    form::save(&clerk, draft, 0, "", &changes, &[]).unwrap();
    assert_eq!(reason(form::send(&clerk, draft, None).unwrap_err()), "conflict-campaign-withdrawn");
    county.ground.clock.pass_seconds(30 * DAY);
    county.tick();
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    assert!(campaign::mine(&county.now(&county.clerk)).unwrap().is_empty());
});

both!(what_cannot_be_asked_is_refused_with_all_its_reasons, |db: Db| {
    let county = County::new(db);
    let new = county.new_campaign(VILLAGES);
    let faults = |new: New| match campaign::send(&county.leader, &new) {
        Err(Refusal::Invalid(faults)) => {
            faults.iter().map(|it| format!("{}:{}", it.field, it.message.id)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let wrong = New { due: date(2026, 11, 1), grace_days: 400, form_id: "none".into(), ..new.clone() };
    assert_eq!(
        faults(wrong),
        ["form:fault-campaign-form", "due:fault-campaign-due", "grace_days:fault-range"]
    );
    let sunday = New { due: date(2026, 11, 29), due_by: DueBy::Work, ..new.clone() };
    assert_eq!(faults(sunday), ["due:fault-campaign-no-workday"]);
    let nobody = New { audience: Audience::Holders { role: Role::Auditor }, ..new.clone() };
    assert_eq!(faults(nobody), ["audience:fault-campaign-nobody"]);
    let city = New { audience: Audience::Areas { tier: Tier::City, kind: None }, ..new.clone() };
    assert_eq!(faults(city), ["audience:fault-campaign-audience"]);
    let friday = New { due_by: DueBy::Work, ..new };
    let due = campaign::send(&county.leader, &friday).unwrap().due;
    assert_eq!(due.to_string(), "2026-11-27T18:00:00+08:00");
});
