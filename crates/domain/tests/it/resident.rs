//! A person's record: who may read it, that no reading goes unrecorded, and what is told of numbers.

use domain::{
    Ctx, Refusal, Window, journal,
    resident::{self, Counts, Household, Person, Premises},
};
use kernel::Role;
use policy::Purpose;
use store::{StoreError, both};

use crate::ground::{self, CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_GRID, TOWNSHIP};

const READS: &str = "SELECT COUNT(*) FROM journal WHERE action = 'person.read'";

both!(a_person_sees_who_read_their_record_and_why, |db: store::Db| {
    let ground = Ground::new(db);
    let person = ground.resident("娜仁", GRID);
    let worker = ground.acting(ground.officer("网格长", Role::GridLeader, GRID));
    let record = resident::get(&worker, person, Some(Purpose::Visit)).unwrap();
    assert_eq!((record.name.as_str(), record.address.as_deref()), ("娜仁", Some("娜仁家")));
    assert_eq!(record.area_path, ground::path(GRID));

    ground.clock.pass_seconds(60);
    let herself = ground.acting(person);
    assert_eq!(resident::get(&herself, person, None).unwrap(), record);
    let seen = journal::readings(&herself, person, &Window::first(10)).unwrap().items;
    assert_eq!(seen.len(), 1, "her own look is not listed among those of others");
    assert_eq!((seen[0].purpose.as_str(), seen[0].role), ("visit", Some(Role::GridLeader)));
    assert_eq!(seen[0].organization_name.as_deref(), Some("网格长的单位"));
    assert_eq!(ground.count(READS), 2, "but it is journalled");
    assert!(journal::readings(&worker, person, &Window::first(10)).is_err(), "the list is hers");
});

both!(without_a_purpose_or_a_post_for_the_place_nothing_is_read, |db: store::Db| {
    let ground = Ground::new(db);
    let person = ground.resident("娜仁", GRID);
    let worker = ground.acting(ground.officer("网格长", Role::GridLeader, GRID));
    let outcome = resident::get(&worker, person, None);
    assert!(matches!(&outcome, Err(Refusal::Invalid(faults)) if faults[0].field == "purpose"), "{outcome:?}");

    let neighbour = ground.acting(ground.resident("邻居", GRID));
    let other_worker = ground.acting(ground.officer("别格网格长", Role::GridLeader, OTHER_GRID));
    let commander = ground.acting(ground.officer("指挥长", Role::Commander, CITY));
    for ctx in [neighbour, other_worker, commander] {
        for purpose in Purpose::ALL.map(Some).into_iter().chain([None]) {
            assert!(matches!(resident::get(&ctx, person, purpose), Err(Refusal::NotFound)), "{purpose:?}");
        }
    }
    assert!(matches!(resident::get(&worker, ground.id(), Some(Purpose::Visit)), Err(Refusal::NotFound)));
    let stranger = Ctx::anonymous(ground.city.clone());
    assert!(matches!(resident::get(&stranger, person, Some(Purpose::Visit)), Err(Refusal::SignIn)));
    assert_eq!(ground.count(READS), 0);
});

both!(where_the_journal_takes_no_row_no_record_is_read, |db: store::Db| {
    let ground = Ground::new(db);
    let person = ground.resident("娜仁", GRID);
    let worker = ground.acting(ground.officer("网格长", Role::GridLeader, GRID));
    ground.city.db.write(|tx| tx.execute("DROP TABLE journal", &[])).unwrap();
    assert!(matches!(resident::get(&worker, person, Some(Purpose::Visit)), Err(Refusal::Broken(_))));
    assert!(matches!(resident::get(&ground.acting(person), person, None), Err(Refusal::Broken(_))));
});

both!(numbers_are_exact_for_those_who_serve_and_coarse_for_others, |db: store::Db| {
    let ground = Ground::new(db);
    let county = ground::area(COUNTY);
    let (mut premises, mut households, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for (grid, number) in [(GRID, 11), (OTHER_GRID, 6)] {
        for index in 0..number {
            let (area, area_path) = (ground::area(grid), ground::path(grid));
            let home = Premises { county, id: ground.id(), area, area_path, address: format!("{index}号") };
            let household = Household { county, id: ground.id(), premises: home.id };
            people.extend((0..3).map(|_| Person {
                county,
                id: ground.id(),
                name: "某".into(),
                phone: None,
                household: Some(household.id),
            }));
            premises.push(home);
            households.push(household);
        }
    }
    ground.city.db.write(|tx| resident::register_all(tx, &premises, &households, &people)).unwrap();
    let last = people.last().unwrap().id;
    let worker = ground.acting(ground.officer("网格长", Role::GridLeader, GRID));
    let (area, _) = worker.read(|tx| resident::home_of(tx, last)).unwrap().unwrap();
    assert_eq!(area, ground::area(OTHER_GRID));

    assert_eq!(resident::counts(&worker, &ground::path(GRID)).unwrap(), Counts::exact(11, 33));
    let stranger = Ctx::anonymous(ground.city.clone());
    let coarse = |code| resident::counts(&stranger, &ground::path(code)).unwrap();
    assert_eq!(coarse(OTHER_GRID), Counts { households: None, residents: Some(20), coarse: true });
    assert_eq!(coarse(COMMUNITY), Counts { households: Some(15), residents: Some(50), coarse: true });
    // Along the premises and by county: the two ways of counting agree, and staff are no residents.
    assert_eq!([coarse(TOWNSHIP), coarse(COUNTY), coarse(CITY)], [coarse(COMMUNITY); 3]);
    let acceptor = ground.acting(ground.officer("受理员", Role::Acceptor, CITY));
    assert_eq!(resident::counts(&acceptor, &ground::path(CITY)).unwrap(), Counts::exact(17, 51));
});

both!(a_row_that_is_there_already_undoes_the_whole_bulk, |db: store::Db| {
    let ground = Ground::new(db);
    let county = ground::area(COUNTY);
    let person = |id| Person { county, id, name: "某".into(), phone: None, household: None };
    let mut people: Vec<_> = (0..20).map(|_| person(ground.id())).collect();
    people.push(people[0].clone());
    let outcome: Result<(), Refusal> =
        ground.city.db.write(|tx| resident::register_all(tx, &[], &[], &people));
    assert!(outcome.is_err());
    let count: Result<i64, StoreError> =
        ground.city.db.read(|tx| tx.count("SELECT COUNT(*) FROM person", &[]));
    assert_eq!(count.unwrap(), 0);
});
