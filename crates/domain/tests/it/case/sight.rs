//! Who sees a case, by which link, and who learns that they looked for its reporter.

use super::*;

both!(what_one_may_not_see_does_not_exist, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let absent = Id::from_uuid(Uuid::from_u128(404));
    let strangers = [
        town.person(60, &[]),
        town.person(61, &[(Role::Handler, town.waterworks, "150902")]),
        town.person(62, &[(Role::Administrator, centre(), "1509")]),
        Ctx::anonymous(town.city.clone()),
    ];
    for stranger in strangers {
        for case in [id, absent] {
            assert!(matches!(case::record(&stranger, case), Err(Refusal::NotFound)));
            assert!(matches!(
                case::advance(&stranger, case, "feed_back", &StepInput::default()),
                Err(Refusal::NotFound)
            ));
            assert!(matches!(case::add_note(&stranger, case, None, "x", true, &[]), Err(Refusal::NotFound)));
            assert!(matches!(case::read_contact(&stranger, case), Err(Refusal::NotFound)));
        }
        let seen = case::list(&stranger, &Lens::Everything, &Filter::default(), &Window::first(10));
        assert!(seen.is_err() || seen.unwrap().items.is_empty());
    }
});

both!(a_reporter_without_an_account_follows_by_the_secret_link_alone, |db: Db| {
    let town = Town::new(db);
    let anonymous = Ctx::anonymous(town.city.clone());
    let report = Report {
        contact: Contact { name: Some("王".into()), phone: Some("138 0000 0000".into()) },
        ..lamp(1)
    };
    let case = case::report(&anonymous, report).unwrap().0;
    assert!(matches!(case::record(&anonymous, case.id), Err(Refusal::NotFound)));
    let token = case::follow_token(&town.city, case.id);
    let (follower, found) = case::follow(&anonymous, &token).unwrap();
    assert_eq!(found, case.id);
    assert!(case::record(&follower, case.id).unwrap().is_reporter);
    let forged = format!("{}B{}", &token[..10], &token[11..]);
    for token in [forged.as_str(), "", "x", &"A".repeat(500)] {
        assert!(matches!(case::follow(&anonymous, token), Err(Refusal::NotFound)), "{token}");
    }
});

both!(who_reads_the_reporter_is_on_record_and_the_reporter_sees_it, |db: Db| {
    let town = Town::new(db);
    let resident = town.resident();
    let person = resident::Person {
        county: town.county,
        id: resident.actor.person.unwrap(),
        name: "苏日娜".into(),
        phone: Some("13800000000".into()),
        household: None,
    };
    resident.write(|tx| resident::register_all(tx, &[], &[], std::slice::from_ref(&person))).unwrap();
    let id = town.dispatched(1);
    assert!(
        matches!(case::read_contact(&town.handler(), id), Err(Refusal::Denied)),
        "the complainant is sealed from handlers"
    );
    let contact = case::read_contact(&town.acceptor(), id).unwrap();
    assert_eq!(contact.name.as_deref(), Some("苏日娜"));
    let reads = journal::readings(&resident, person.id, &Window::first(10)).unwrap().items;
    assert_eq!(reads.len(), 1);
    assert_eq!((reads[0].role, reads[0].purpose.as_str()), (Some(Role::Acceptor), "case"));
    assert!(journal::readings(&town.handler(), person.id, &Window::first(10)).is_err());
});

both!(a_reporter_without_an_account_sees_by_the_link_who_read_how_to_reach_them, |db: Db| {
    let town = Town::new(db);
    let anonymous = Ctx::anonymous(town.city.clone());
    let contact = Contact { name: Some("王".into()), phone: Some("13800000000".into()) };
    let id = case::report(&anonymous, Report { contact, ..lamp(1) }).unwrap().0.id;
    let by_link = |ctx: &Ctx| case::follow(ctx, &case::follow_token(&town.city, id)).unwrap().0;
    let seen = |ctx: &Ctx| case::record(ctx, id).unwrap().contact_readings;
    let reporter = by_link(&anonymous);
    assert_eq!(seen(&reporter).map(|it| it.len()), Some(0));

    let handler = (Role::Handler, town.waterworks, "150902");
    let both = town.person(6, &[handler, (Role::Acceptor, centre(), "150902")]);
    assert_eq!(case::read_contact(&both, id).unwrap().phone.as_deref(), Some("13800000000"));
    town.clock.pass_seconds(60);
    // A neighbour who got hold of the link is one more who read it; the reporter's own look is none.
    case::read_contact(&by_link(&town.person(60, &[])), id).unwrap();
    case::read_contact(&reporter, id).unwrap();
    let told = seen(&reporter).unwrap();
    let told: Vec<_> = told.iter().map(|it| (it.role, it.organization, it.purpose.as_str(), it.at)).collect();
    let start = Timestamp::parse(START).unwrap();
    assert_eq!(
        told,
        [
            (Some(Role::Resident), None, "case", start.plus_seconds(60)),
            (Some(Role::Acceptor), Some(centre()), "case", start),
        ]
    );
    assert!(seen(&town.acceptor()).is_none(), "for the reporter alone");

    let other = case::report(&town.resident(), lamp(2)).unwrap().0.id;
    case::read_contact(&town.acceptor(), other).unwrap();
    assert_eq!(case::record(&town.resident(), other).unwrap().contact_readings.map(|it| it.len()), Some(1));
    assert_eq!(seen(&reporter).map(|it| it.len()), Some(2), "of this case alone");
    assert_eq!(case::record(&town.dispatcher(), other).unwrap().contact_readings.map(|it| it.len()), None);
});
