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
    let nobody = New { audience: Audience::Holders { role: Role::Handler }, ..new.clone() };
    assert_eq!(faults(nobody), ["audience:fault-campaign-nobody"]);
    // Who could not send it is not asked, though somebody is there.
    county.ground.officer("审计员", Role::Auditor, TOWNSHIP);
    for role in [Role::Auditor, Role::Administrator] {
        let mute = New { audience: Audience::Holders { role }, ..new.clone() };
        assert_eq!(faults(mute), ["audience:fault-campaign-role"]);
        assert!(!campaign::audiences(&county.leader).contains(&Audience::Holders { role }));
    }
    let city = New { audience: Audience::Areas { tier: Tier::City, kind: None }, ..new.clone() };
    assert_eq!(faults(city), ["audience:fault-campaign-audience"]);
    let friday = New { due_by: DueBy::Work, ..new };
    let due = campaign::send(&county.leader, &friday).unwrap().due;
    assert_eq!(due.to_string(), "2026-11-27T18:00:00+08:00");
});

both!(another_campaign_under_the_same_id_is_refused_whatever_differs, |db: Db| {
    let county = County::new(db);
    let new = county.new_campaign(VILLAGES);
    let first = campaign::send(&county.leader, &new).unwrap();
    county.ground.clock.pass_seconds(DAY);
    let leader = county.now(&county.leader);
    assert_eq!(campaign::send(&leader, &new).unwrap(), first, "a day later it is still the same");
    let others = [
        New { title: "另一项".into(), ..new.clone() },
        New { period: "2027".into(), ..new.clone() },
        New { area: TOWNSHIP.into(), ..new.clone() },
        New { audience: Audience::Areas { tier: Tier::Grid, kind: None }, ..new.clone() },
        New { is_fixed: true, ..new.clone() },
        New { starts: Some(date(2026, 11, 23)), ..new.clone() },
        New { due: date(2026, 11, 30), ..new.clone() },
        New { due_by: DueBy::Work, ..new.clone() },
        New { grace_days: 8, ..new.clone() },
        New { grace_days: i64::MAX, ..new.clone() },
        New { form_id: "none".into(), ..new.clone() },
    ];
    for other in &others {
        assert_eq!(conflict(campaign::send(&leader, other)), "conflict-campaign-id", "{other:?}");
    }
    assert_eq!(campaign::get(&leader, first.id).unwrap().0, first);
});

both!(a_form_stays_open_as_long_as_a_campaign_asks_it, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    for state in [FormState::Closing, FormState::Closed] {
        match form::set_state(&county.leader, "village", state) {
            Err(Refusal::Conflict(message)) => {
                assert_eq!(message.id, "conflict-form-asked");
                assert!(format!("{message:?}").contains("年终村情"), "which one is told");
            }
            other => panic!("{other:?}"),
        }
    }
    campaign::end(&county.leader, it.id, End::Close, "").unwrap();
    form::set_state(&county.leader, "village", FormState::Closed).unwrap();
    match campaign::send(&county.leader, &county.new_campaign(VILLAGES)) {
        Err(Refusal::Invalid(faults)) => assert_eq!(faults[0].message.id, "fault-campaign-form"),
        other => panic!("{other:?}"),
    }
    // Of two who ask it and close it at once, one comes too late.
    for _ in 0..8 {
        form::set_state(&county.leader, "village", FormState::Open).unwrap();
        let (asked, closed) = thread::scope(|scope| {
            let asked = scope.spawn(|| campaign::send(&county.leader, &county.new_campaign(VILLAGES)));
            let closed = scope.spawn(|| form::set_state(&county.leader, "village", FormState::Closed));
            (asked.join().unwrap(), closed.join().unwrap())
        });
        assert!(asked.is_ok() != closed.is_ok(), "{asked:?} {closed:?}");
        if let Ok(it) = asked {
            campaign::end(&county.leader, it.id, End::Close, "").unwrap();
        }
    }
});

both!(a_list_holds_what_asks_ones_own_areas_page_by_page, |db: Db| {
    let county = County::new(db);
    for day in 1..=5 {
        let due = date(2026, 12, day);
        campaign::send(&county.leader, &New { due, ..county.new_campaign(VILLAGES) }).unwrap();
    }
    let grids = Audience::Areas { tier: Tier::Grid, kind: None };
    let below = New { area: COMMUNITY.into(), title: "网格".into(), ..county.new_campaign(grids) };
    campaign::send(&county.leader, &below).unwrap();
    // Two posts around the same campaigns find each once.
    let person = county.secretary.actor.person.unwrap();
    let body = county.ground.organization(
        domain::organization::OrganizationKind::GovernmentDepartment,
        "驻村",
        COMMUNITY,
        None,
    );
    county.ground.appoint(county.ground.post(body, Role::GridSupervisor, COMMUNITY), person, None);
    let listed = |ctx: &Ctx| {
        let (mut titles, mut window) = (Vec::new(), Window::first(2));
        loop {
            let page = campaign::list(ctx, &window).unwrap();
            titles.extend(page.items.iter().map(|(it, _)| it.due.plus_seconds(-1).civil().date().day()));
            match page.next {
                Some(next) => window.after = Some(next),
                None => return titles,
            }
        }
    };
    assert_eq!(listed(&county.now(&county.secretary)), [5, 4, 3, 2, 1, 27]);
    assert_eq!(listed(&county.leader), [5, 4, 3, 2, 1, 27]);
    assert_eq!(listed(&county.other_clerk), [5, 4, 3, 2, 1], "and not what asks the village beside");
    assert!(listed(&county.neighbour).is_empty());
    let handler = county.ground.acting(county.ground.officer("处置员", Role::Handler, COMMUNITY));
    assert!(listed(&handler).is_empty(), "who may see none is shown none");
});

both!(what_somebody_at_the_top_answers_can_be_reviewed_too, |db: Db| {
    let county = County::new(db);
    let officer = |name: &str, role| county.ground.acting(county.ground.officer(name, role, CITY));
    let (mayor, commander) = (officer("市长", Role::Leader), officer("指挥长", Role::Commander));
    let dispatcher = officer("派遣员", Role::Dispatcher);
    let publication = form::Publication {
        area: CITY.into(),
        organization: None,
        file_name: "city.xml".into(),
        bytes: FORM.replace("id=\"village\"", "id=\"city\"").into_bytes(),
        files: Vec::new(),
        terms: Terms::default(),
        reason: String::new(),
    };
    form::publish(&mayor, &publication).unwrap();
    let audience = Audience::Holders { role: Role::Commander };
    let new = New { area: CITY.into(), form_id: "city".into(), ..county.new_campaign(audience) };
    campaign::send(&mayor, &new).unwrap();
    let xml = r#"<data id="city" version="1"><households>7</households><meta><instanceID>uuid:1</instanceID></meta></data>"#;
    let sent = Sent { xml: xml.as_bytes().to_vec(), ..Sent::default() };
    let receipt = form::submit(&commander, &sent, Expected::Any).unwrap();
    assert_eq!(receipt.asked.unwrap().id, "record-asked");
    let own = form::judge(&commander, "city", ("uuid:1", 1), Review::Approved, "");
    assert!(matches!(own, Err(Refusal::Denied)), "nobody their own");
    let colleague = form::judge(&dispatcher, "city", ("uuid:1", 1), Review::Approved, "");
    assert!(matches!(colleague, Err(Refusal::NotFound)));
    form::judge(&mayor, "city", ("uuid:1", 1), Review::Approved, "").unwrap();
});
