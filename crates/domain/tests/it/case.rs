//! The closed loop, walked by those who close it.

mod alarm;
mod list;
mod relief;

use std::sync::Arc;

use domain::{
    City, Ctx, Refusal, SignedIn, Window, area,
    case::{self, Contact, Filter, Lens, Report, Status, StepInput},
    journal, notice,
    organization::{self, OrganizationKind},
    resident,
};
use kernel::{Area, AreaPath, Case, Id, Organization, Person, Role, Timestamp};
use policy::{Actor, Appointment};
use store::{Db, both};
use uuid::Uuid;

use crate::support::{self, START, TestClock};

const AREAS: &str = "code,name,parent\n1509,乌兰察布市,15\n150902,集宁区,1509\n150902001,新体路街道,150902\n\
    150902001001,泰昌社区,150902001\n150902001002,光明社区,150902001\n150921,卓资县,1509\n\
    150921100,卓资山镇,150921\n150921100001,东街社区,150921100\n";
pub const COMMUNITY: &str = "150902001001";

/// A small city with one person for each part.
pub struct Town {
    pub city: Arc<City>,
    pub clock: TestClock,
    county: Id<Area>,
    community: AreaPath,
    pub lighting: Id<Organization>,
    pub waterworks: Id<Organization>,
}

impl Town {
    pub fn new(db: Db) -> Self {
        let clock = TestClock::at(START);
        let city = support::city(db, &clock);
        let ctx = Ctx::system(city.clone());
        let options = area::Options { complete: false, date: ctx.now };
        area::import(&ctx, area::Source { name: "test", bytes: AREAS.as_bytes() }, options, &mut |_, _| {})
            .unwrap();
        let place = ctx.read(|tx| area::place(tx, COMMUNITY)).unwrap().unwrap();
        let county = ctx.read(|tx| area::place(tx, "150902")).unwrap().unwrap();
        let body = |name: &str| found(&ctx, name, Role::Handler, &county);
        let (lighting, waterworks) = (body("集宁区照明所"), body("集宁区水务局"));
        Self { city, clock, county: county.id, community: place.path, lighting, waterworks }
    }

    /// Somebody who holds `role` in `organization` for the area of `code`.
    pub fn person(&self, number: u128, posts: &[(Role, Id<Organization>, &str)]) -> Ctx {
        let person = Id::<Person>::from_uuid(Uuid::from_u128(number));
        let path = |code: &str| {
            self.community.ancestors().find(|it| it.code() == code).unwrap_or_else(|| self.community.clone())
        };
        let appointments = posts
            .iter()
            .map(|(role, organization, code)| Appointment {
                role: *role,
                organization: *organization,
                area: path(code),
            })
            .collect();
        let signed_in = SignedIn {
            person,
            county: self.county,
            name: format!("person {number}"),
            account: Id::from_uuid(Uuid::from_u128(number)),
            session: Id::from_uuid(Uuid::from_u128(number)),
        };
        let ctx = Ctx::anonymous(self.city.clone());
        Ctx { actor: Actor::signed_in(person, appointments), signed_in: Some(signed_in), ..ctx }
    }

    pub fn resident(&self) -> Ctx {
        self.person(1, &[])
    }

    pub fn grid_worker(&self) -> Ctx {
        self.person(2, &[(Role::GridLeader, team(), COMMUNITY)])
    }

    pub fn checker(&self) -> Ctx {
        self.person(3, &[(Role::GridSupervisor, team(), COMMUNITY)])
    }

    pub fn dispatcher(&self) -> Ctx {
        self.person(4, &[(Role::Dispatcher, centre(), "150902001")])
    }

    pub fn handler(&self) -> Ctx {
        self.person(5, &[(Role::Handler, self.lighting, "150902")])
    }

    pub fn acceptor(&self) -> Ctx {
        self.person(6, &[(Role::Acceptor, centre(), "150902")])
    }

    pub fn photos(&self, ctx: &Ctx) -> Vec<case::StoredPhoto> {
        vec![case::store_photo(ctx, &jpeg(64, 48)).unwrap()]
    }

    /// A case that stands where its handler has to handle it.
    pub fn dispatched(&self, number: u128) -> Id<Case> {
        let id = case::report(&self.resident(), lamp(number)).unwrap().0.id;
        let grid = self.grid_worker();
        let found =
            StepInput { finding: Some("exists".into()), photos: self.photos(&grid), ..StepInput::default() };
        case::advance(&grid, id, "verify", &found).unwrap();
        let send = StepInput { organization: Some(self.lighting), ..StepInput::default() };
        case::advance(&self.dispatcher(), id, "dispatch", &send).unwrap();
        id
    }

    /// A case that was handled and waits for its check.
    pub fn handled(&self, number: u128) -> Id<Case> {
        let id = self.dispatched(number);
        let handler = self.handler();
        let done =
            StepInput { note: "换了灯泡".into(), photos: self.photos(&handler), ..StepInput::default() };
        case::advance(&handler, id, "feed_back", &done).unwrap();
        case::advance(&self.dispatcher(), id, "accept", &StepInput::default()).unwrap();
        id
    }
}

/// A body with one post that somebody holds.
pub fn found(ctx: &Ctx, name: &str, role: Role, place: &area::Place) -> Id<Organization> {
    let new = organization::Organization {
        id: ctx.id(),
        kind: OrganizationKind::GovernmentDepartment,
        name: name.into(),
        area: place.id,
        area_path: place.path.clone(),
        from: ctx.now,
        to: None,
    };
    let post = organization::Post {
        id: ctx.id(),
        organization: new.id,
        role,
        area: place.id,
        area_path: place.path.clone(),
    };
    let held =
        organization::Appointment { id: ctx.id(), post: post.id, person: ctx.id(), from: ctx.now, to: None };
    ctx.write(|tx| {
        organization::found_all(tx, std::slice::from_ref(&new))?;
        organization::create_posts(tx, std::slice::from_ref(&post))?;
        organization::appoint_all(tx, std::slice::from_ref(&held))
    })
    .unwrap();
    new.id
}

pub fn team() -> Id<Organization> {
    Id::from_uuid(Uuid::from_u128(0xa))
}

pub fn centre() -> Id<Organization> {
    Id::from_uuid(Uuid::from_u128(0xb))
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

pub fn lamp(number: u128) -> Report {
    Report {
        id: Id::from_uuid(Uuid::from_u128(0x1000 + number)),
        procedure: "city-event".into(),
        class: "c1-street-lamp".into(),
        area: COMMUNITY.into(),
        place: "泰昌路口".into(),
        position: Some((113.11, 41.03)),
        description: "路灯不亮三天了".into(),
        contact: Contact::default(),
        photos: Vec::new(),
    }
}

fn fields(refusal: Refusal) -> Vec<String> {
    match refusal {
        Refusal::Invalid(faults) => faults.into_iter().map(|fault| fault.field).collect(),
        other => panic!("{other:?}"),
    }
}

both!(a_broken_lamp_goes_from_report_to_a_rated_closing, |db: Db| {
    let town = Town::new(db);
    let (case, new) = case::report(&town.resident(), lamp(1)).unwrap();
    assert!(new && case.stage == "collect" && case.status == Status::Open);
    let id = case.id;

    let grid = town.grid_worker();
    assert_eq!(case::record(&grid, id).unwrap().transitions, ["verify", "refute"]);
    let bare = StepInput { finding: Some("exists".into()), ..StepInput::default() };
    assert_eq!(fields(case::advance(&grid, id, "verify", &bare).unwrap_err()), ["photos"]);
    let seen =
        StepInput { finding: Some("exists".into()), photos: town.photos(&grid), ..StepInput::default() };
    let case = case::advance(&grid, id, "verify", &seen).unwrap().case;
    assert_eq!(case.stage, "dispatch");
    assert_eq!(
        case.due.unwrap().to_string(),
        "2026-11-25T18:00:00+08:00",
        "three work days from Friday morning"
    );
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-11-20T11:00:00+08:00");

    let nobody = StepInput { organization: Some(team()), ..StepInput::default() };
    assert_eq!(
        fields(case::advance(&town.dispatcher(), id, "dispatch", &nobody).unwrap_err()),
        ["organization"]
    );
    let send = StepInput { organization: Some(town.lighting), ..StepInput::default() };
    assert_eq!(
        case::advance(&town.dispatcher(), id, "dispatch", &send).unwrap().case.owner,
        Some(town.lighting)
    );

    let handler = town.handler();
    let work = case::list(&handler, &Lens::Organization(town.lighting), &open(), &Window::first(10)).unwrap();
    assert_eq!(work.items.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
    let done =
        StepInput { note: "换了灯泡".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
    case::advance(&town.dispatcher(), id, "accept", &StepInput::default()).unwrap();

    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    assert_eq!(case::advance(&checker, id, "close", &passed).unwrap().case.stage, "evaluate");

    let resident = town.resident();
    let kinds: Vec<_> =
        notice::list(&resident, &Window::first(20)).unwrap().items.iter().map(|it| it.kind).collect();
    assert_eq!(kinds.first(), Some(&notice::NoticeKind::CaseDone));
    let seven = StepInput { rating: Some(7), solved: Some(true), ..StepInput::default() };
    assert_eq!(fields(case::advance(&resident, id, "rate", &seven).unwrap_err()), ["rating"]);
    let five = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
    let case = case::advance(&resident, id, "rate", &five).unwrap().case;
    assert_eq!((case.status, case.rating, case.solved), (Status::Closed, Some(5), Some(true)));

    let record = case::record(&resident, id).unwrap();
    let steps: Vec<_> = record.events.iter().map(|event| event.transition.as_str()).collect();
    assert_eq!(steps, ["report", "verify", "dispatch", "feed_back", "accept", "close", "rate"]);
    assert_eq!(record.photos.len(), 3);
    assert!(case::photo(&resident, id, record.photos[0].id).unwrap().starts_with(&[0xff, 0xd8]));
    assert_eq!(record.transitions, ["reopen"], "for a week");
    assert!(matches!(case::add_note(&resident, id, None, "还有一句", true), Err(Refusal::Conflict(_))));
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!((audit.cases, audit.photos, audit.faults), (1, 3, Vec::<String>::new()));
});

fn open() -> Filter {
    Filter { status: Some(Status::Open), ..Filter::default() }
}

both!(the_same_report_sent_twice_is_one_case_and_another_under_its_id_is_refused, |db: Db| {
    let town = Town::new(db);
    let resident = town.resident();
    assert!(case::report(&resident, lamp(1)).unwrap().1);
    assert!(!case::report(&resident, lamp(1)).unwrap().1);
    let other = Report { description: "别的事".into(), ..lamp(1) };
    assert!(matches!(case::report(&resident, other), Err(Refusal::Conflict(_))));
    assert!(
        matches!(case::report(&town.grid_worker(), lamp(1)), Err(Refusal::Conflict(_))),
        "another sender"
    );
    std::thread::scope(|scope| {
        let made: Vec<_> =
            (0..8).map(|_| scope.spawn(|| case::report(&resident, lamp(2)).unwrap().1)).collect();
        assert_eq!(
            made.into_iter().filter(|_| true).map(|it| it.join().unwrap()).filter(|new| *new).count(),
            1
        );
    });
    let mine = case::list(&resident, &Lens::Mine, &Filter::default(), &Window::first(10)).unwrap();
    assert_eq!(mine.items.len(), 2);
});

both!(the_same_step_sent_twice_is_taken_once, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let handler = town.handler();
    let back = StepInput {
        request: Some(Uuid::from_u128(77)),
        note: "不归我们".into(),
        ground: Some("not-our-duty".into()),
        ..StepInput::default()
    };
    let first = case::advance(&handler, id, "return", &back).unwrap().case;
    let again = case::advance(&handler, id, "return", &back).unwrap().case;
    assert_eq!((first.revision, first.returns), (again.revision, again.returns));
    assert_eq!(first.stage, "dispatch");
    let late = StepInput { request: None, ..back };
    assert!(
        matches!(case::advance(&handler, id, "return", &late), Err(Refusal::Conflict(_))),
        "the case has moved on"
    );
});

both!(a_body_returns_a_case_once_and_then_a_leader_rules_once_and_for_all, |db: Db| {
    let town = Town::new(db);
    let id = town.dispatched(1);
    let (handler, dispatcher) = (town.handler(), town.dispatcher());
    let leader = town.person(7, &[(Role::Leader, centre(), "150902")]);
    let back =
        StepInput {
            note: "不归我们".into(), ground: Some("not-our-duty".into()), ..StepInput::default()
        };
    let to = |organization| StepInput {
        organization: Some(organization),
        note: "归你".into(),
        ..StepInput::default()
    };
    let offered = case::record(&handler, id).unwrap();
    assert_eq!(offered.transitions, ["feed_back", "return"]);
    assert_eq!(offered.times_left.into_iter().collect::<Vec<_>>(), [("return".to_owned(), 1)]);
    assert_eq!(conflict(case::advance(&handler, id, "dispute", &back)), "conflict-not-open");
    case::advance(&handler, id, "return", &back).unwrap();

    // Another body has its own return; the first has none left when it comes back.
    case::advance(&dispatcher, id, "dispatch", &to(town.waterworks)).unwrap();
    let other = town.person(55, &[(Role::Handler, town.waterworks, "150902")]);
    assert_eq!(case::record(&other, id).unwrap().transitions, ["feed_back", "return"]);
    case::advance(&other, id, "return", &back).unwrap();
    case::advance(&dispatcher, id, "dispatch", &to(town.lighting)).unwrap();
    assert_eq!(case::record(&handler, id).unwrap().transitions, ["feed_back", "dispute"]);
    assert_eq!(conflict(case::advance(&handler, id, "return", &back)), "conflict-at-most");
    let raised = case::advance(&handler, id, "dispute", &back).unwrap().case;
    assert_eq!((raised.stage.as_str(), raised.returns), ("adjudicate", 3));
    assert_eq!(
        raised.stage_due.unwrap().to_string(),
        "2026-11-23T09:00:00+08:00",
        "eight work hours of seven a day"
    );

    assert!(matches!(case::advance(&dispatcher, id, "rule", &to(town.lighting)), Err(Refusal::Denied)));
    assert_eq!(
        fields(case::advance(&leader, id, "rule", &StepInput::default()).unwrap_err()),
        ["note", "organization"]
    );
    case::advance(&leader, id, "rule", &to(town.lighting)).unwrap();
    assert_eq!(case::record(&handler, id).unwrap().transitions, ["feed_back"]);
    for step in ["return", "dispute"] {
        assert_eq!(conflict(case::advance(&handler, id, step, &back)), "conflict-ruled");
    }
    let done = StepInput { note: "修好了".into(), photos: town.photos(&handler), ..StepInput::default() };
    case::advance(&handler, id, "feed_back", &done).unwrap();
    case::advance(&dispatcher, id, "accept", &StepInput::default()).unwrap();
    // The leader sent it to the body, and so is its dispatcher: the law holds for a ruling too.
    let leader = town.person(7, &[(Role::GridSupervisor, team(), COMMUNITY)]);
    let passed = StepInput { photos: town.photos(&leader), ..StepInput::default() };
    assert!(matches!(case::advance(&leader, id, "close", &passed), Err(Refusal::Denied)));
    let checker = town.checker();
    assert_eq!(case::advance(&checker, id, "close", &passed).unwrap().case.stage, "evaluate");
});

both!(what_a_procedure_allows_twice_is_not_done_a_third_time, |db: Db| {
    let town = Town::new(db);
    let id = case::report(&town.resident(), lamp(1)).unwrap().0.id;
    let (grid, acceptor) = (town.grid_worker(), town.acceptor());
    let absent = StepInput { note: "没有".into(), ..StepInput::default() };
    for left in [2, 1] {
        case::advance(&grid, id, "refute", &absent).unwrap();
        assert_eq!(case::record(&acceptor, id).unwrap().times_left.get("ask_again"), Some(&left));
        case::advance(&acceptor, id, "ask_again", &absent).unwrap();
    }
    case::advance(&grid, id, "refute", &absent).unwrap();
    assert_eq!(case::record(&acceptor, id).unwrap().transitions, ["register", "void"]);
    assert_eq!(conflict(case::advance(&acceptor, id, "ask_again", &absent)), "conflict-at-most");
});

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

both!(whoever_handled_or_dispatched_a_case_never_closes_it, |db: Db| {
    let town = Town::new(db);
    let id = town.handled(1);
    // The handler, the dispatcher and the reporter each hold a checker's post besides.
    let post = (Role::GridSupervisor, team(), COMMUNITY);
    let handler = town.person(5, &[(Role::Handler, town.lighting, "150902"), post]);
    let dispatcher = town.person(4, &[(Role::Dispatcher, centre(), "150902001"), post]);
    let reporter = town.person(1, &[post]);
    let colleague = town.person(50, &[(Role::Handler, town.lighting, "150902"), post]);
    for ctx in [handler, dispatcher, reporter, colleague] {
        let passed = StepInput { photos: town.photos(&ctx), ..StepInput::default() };
        for transition in ["close", "fail"] {
            let refused = case::advance(&ctx, id, transition, &passed);
            assert!(
                matches!(refused, Err(Refusal::Denied)),
                "{:?} {transition}: {refused:?}",
                ctx.actor.person
            );
        }
    }
    let checker = town.checker();
    let failed =
        StepInput { note: "还是不亮".into(), photos: town.photos(&checker), ..StepInput::default() };
    let case = case::advance(&checker, id, "fail", &failed).unwrap().case;
    assert_eq!((case.stage.as_str(), case.reworks, case.owner), ("handle", 1, Some(town.lighting)));
});

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
            assert!(matches!(case::add_note(&stranger, case, None, "x", true), Err(Refusal::NotFound)));
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

both!(a_stage_whose_time_is_over_is_told_above_once_and_an_unrated_case_lapses, |db: Db| {
    let town = Town::new(db);
    let ctx = Ctx::system(town.city.clone());
    let township = ctx.read(|tx| area::place(tx, "150902001")).unwrap().unwrap();
    let near = found(&ctx, "新体路街道办", Role::Leader, &township);
    let county = ctx.read(|tx| area::place(tx, "150902")).unwrap().unwrap();
    found(&ctx, "集宁区督办室", Role::Leader, &county);
    let id = town.handled(1);
    let checker = town.checker();
    case::advance(
        &checker,
        id,
        "close",
        &StepInput { photos: town.photos(&checker), ..StepInput::default() },
    )
    .unwrap();
    let waiting = town.dispatched(2);
    town.clock.set("2026-11-28T09:00:01+08:00");
    let done = case::tick(&town.city).unwrap();
    assert_eq!((done.moved, done.escalated), (1, 1));
    assert_eq!(case::tick(&town.city).unwrap(), case::Done::default(), "once");
    let lapsed = case::record(&town.checker(), id).unwrap();
    assert_eq!((lapsed.case.status, lapsed.case.rating), (Status::Closed, None));
    let late = Filter { overdue: true, ..open() };
    let dispatcher = town.dispatcher();
    let list =
        case::list(&dispatcher, &Lens::Subtree(town.community.clone()), &late, &Window::first(5)).unwrap();
    assert_eq!(list.items.iter().map(|it| it.id).collect::<Vec<_>>(), [waiting]);
    let counts = case::counts(&dispatcher, "150902001").unwrap();
    let (children, total) = (&counts.areas, counts.total());
    assert_eq!((total.open, total.overdue, total.closed), (1, 1, 1));
    assert_eq!(children.iter().map(|it| it.count.open).collect::<Vec<_>>(), [1, 0]);

    // The reporter reads that the time is over, and which office nearest above the case was told of it.
    let record = case::record(&town.resident(), waiting).unwrap();
    let said = record.events.last().unwrap();
    assert_eq!((said.transition.as_str(), said.revision, record.case.revision), ("overdue", 4, 4));
    assert_eq!((said.from.as_str(), said.to.as_str(), said.actor), ("handle", "handle", None));
    let offices: Vec<_> = said.detail.told.iter().map(|it| (it.role, it.organization)).collect();
    assert_eq!(offices, [(Role::Handler, town.lighting), (Role::Leader, near)], "of those missed too");
    let leader = town.person(70, &[(Role::Leader, near, "150902001")]);
    let told = notice::list(&leader, &Window::first(5)).unwrap().items;
    assert_eq!(
        told.iter().map(|it| (it.kind, it.case)).collect::<Vec<_>>(),
        [(notice::NoticeKind::CaseOverdue, Some(waiting))]
    );
    let kinds: Vec<_> = notice::list(&town.resident(), &Window::first(5)).unwrap().items;
    assert!(kinds.iter().all(|it| it.kind != notice::NoticeKind::CaseOverdue), "it did not move");

    // The next stage has a time of its own.
    let handler = town.handler();
    let back =
        StepInput {
            note: "不归我们".into(), ground: Some("not-our-duty".into()), ..StepInput::default()
        };
    assert_eq!(case::advance(&handler, waiting, "return", &back).unwrap().case.escalated, 0);
    town.clock.pass_seconds(3 * 86_400);
    assert_eq!(case::tick(&town.city).unwrap().escalated, 1);
    let audit = case::audit(&Ctx::system(town.city.clone())).unwrap();
    assert_eq!((audit.cases, audit.faults), (2, Vec::<String>::new()));
});

/// As if `count` rows with this word stood in the case's timeline after its first.
fn lengthen(ctx: &Ctx, id: Id<Case>, word: &'static str, count: i64) {
    const EVENT: &str = "INSERT INTO case_event (county_id, case_id, revision, request_id, at, transition, from_stage, \
        to_stage, actor_id, actor_role, organization_id, part, note, public, detail) \
        SELECT county_id, case_id, revision + $2, $3, at, $4, to_stage, to_stage, NULL, 'anonymous', NULL, '', '', \
        TRUE, '{}' FROM case_event WHERE case_id = $1 AND revision = 1";
    const CASE: &str = "UPDATE case_file SET revision = $2 WHERE id = $1";
    ctx.write(|tx| {
        for more in 1..=count {
            tx.execute(EVENT, store::params![id, more, ctx.id::<Case>(), word])?;
        }
        Ok(tx.execute(CASE, store::params![id, count + 1])?)
    })
    .unwrap();
}

both!(what_the_clock_says_of_a_case_takes_no_step_from_it, |db: Db| {
    let town = Town::new(db);
    let ctx = Ctx::system(town.city.clone());
    let grid = town.grid_worker();
    let found =
        StepInput { finding: Some("exists".into()), photos: town.photos(&grid), ..StepInput::default() };
    let steps = kernel::limits::CASE_STEPS_MAX as i64;
    for (number, word, is_open) in [(1, "overdue", true), (2, "note", false)] {
        let id = case::report(&town.resident(), lamp(number)).unwrap().0.id;
        lengthen(&ctx, id, word, steps);
        let taken = case::advance(&grid, id, "verify", &found);
        assert_eq!(taken.is_ok(), is_open, "{word}: {taken:?}");
        assert!(is_open || matches!(taken, Err(Refusal::Conflict(_))));
        assert_eq!(case::add_note(&grid, id, None, "灯杆歪了", true).is_ok(), is_open, "{word}");
    }
});

both!(a_case_that_has_had_all_its_steps_does_not_stop_the_clock, |db: Db| {
    let mut town = Town::new(db);
    // Here a case that nobody rates goes back to its check, and would go round by the clock alone.
    let text = include_str!("../../../../procedures/city-event.toml");
    let text = text.replace(
        "to = \"closed\"\n  relation = \"system\"",
        "to = \"check\"\n  reworks = true\n  relation = \"system\"",
    );
    let round = case::Procedures::load(&[("round.toml".to_owned(), text)]).unwrap();
    Arc::get_mut(&mut town.city).unwrap().procedures = round;
    let (full, other) = (town.handled(1), town.dispatched(2));
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, full, "close", &passed).unwrap();
    let ctx = Ctx::system(town.city.clone());
    let due = case::record(&checker, full).unwrap().case.stage_due.unwrap();
    const WAITS: &str = "UPDATE case_file SET stage = 'evaluate', stage_due = $2 WHERE id = $1";
    lengthen(&ctx, case::report(&town.resident(), lamp(3)).unwrap().0.id, "note", 500);
    let third = lamp(3).id;
    ctx.write(|tx| Ok(tx.execute(WAITS, store::params![third, due])?)).unwrap();
    town.clock.set("2026-12-28T09:00:01+08:00");
    let done = case::tick(&town.city).unwrap();
    assert_eq!(done.moved, 1, "the one that may still move goes on");
    assert!(done.escalated >= 2, "of the others those above are told: {done:?}");
    let stage = |id| case::record(&town.acceptor(), id).unwrap().case.stage;
    assert_eq!(
        (stage(full), stage(third), stage(other)),
        ("check".into(), "evaluate".into(), "handle".into())
    );
});

both!(who_reported_is_forgotten_a_year_after_the_end_and_not_before, |db: Db| {
    let town = Town::new(db);
    let (ended, open) = (town.handled(1), town.dispatched(2));
    let checker = town.checker();
    let passed = StepInput { photos: town.photos(&checker), ..StepInput::default() };
    case::advance(&checker, ended, "close", &passed).unwrap();
    let five = StepInput { rating: Some(5), solved: Some(true), ..StepInput::default() };
    case::advance(&town.resident(), ended, "rate", &five).unwrap();
    let forget = || case::forget_reporters(&Ctx::system(town.city.clone())).unwrap();
    let reporter = |id| case::record(&Ctx::system(town.city.clone()), id).unwrap().case.reporter;
    town.clock.set("2027-11-19T09:00:00+08:00");
    assert_eq!((forget(), reporter(ended).is_some()), (0, true));
    town.clock.set("2027-11-22T09:00:00+08:00");
    assert_eq!((forget(), reporter(ended), reporter(open).is_some()), (1, None, true));
    assert_eq!(forget(), 0, "once");
});

both!(pages_of_a_list_follow_each_other_without_gap_or_repeat, |db: Db| {
    let town = Town::new(db);
    for number in 0..7 {
        town.clock.pass_seconds(60);
        case::report(&town.resident(), lamp(number)).unwrap();
    }
    for filter in [open(), Filter::default()] {
        let mut window = Window::first(3);
        let mut seen = Vec::new();
        loop {
            let page = case::list(&town.acceptor(), &Lens::Everything, &filter, &window).unwrap();
            seen.extend(page.items.iter().map(|it| it.id));
            match page.next {
                Some(next) => window.after = Some(next),
                None => break,
            }
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().copied().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7), "{filter:?}");
    }
});

both!(an_upload_that_is_no_picture_or_hides_something_is_not_kept_as_it_is, |db: Db| {
    let town = Town::new(db);
    let ctx = town.grid_worker();
    for upload in [
        &b""[..],
        b"<svg onload=alert(1)>",
        b"GIF89a\x01\x00\x01\x00",
        &jpeg(8, 8)[..60],
        &vec![0xff; 11 << 20],
    ] {
        assert_eq!(fields(case::store_photo(&ctx, upload).unwrap_err()), ["photos"]);
    }
    // A picture with a comment that says where it was taken.
    let mut tagged = jpeg(64, 48);
    tagged.splice(2..2, [&[0xff, 0xfe, 0x00, 0x12][..], b"GPS=41.03,113.11"].concat());
    let stored = case::store_photo(&ctx, &tagged).unwrap();
    let report = Report { photos: vec![stored.clone()], ..lamp(1) };
    let id = case::report(&ctx, report).unwrap().0.id;
    let kept = case::photo(&ctx, id, stored.id).unwrap();
    assert!(!kept.windows(4).any(|it| it == b"GPS="));
    let big = case::store_photo(&ctx, &jpeg(4000, 1000)).unwrap();
    assert_eq!((big.width, big.height), (2048, 512));
});
