//! The procedures that ship beside the city event, each walked from its start to an end, and what goes wrong on the way.

use domain::{
    Ctx, Refusal,
    case::{self, Case, Contact, Report, Status, StepInput},
    organization::OrganizationKind as Kind,
};
use kernel::{Case as CaseName, Id, Organization, Person, Role};
use store::{Db, both};

use crate::ground::{COMMUNITY, COUNTY, GRID, Ground, TOWNSHIP};

/// Who meets in these stories.
struct Cast {
    ground: Ground,
    resident: Id<Person>,
    grid_leader: Id<Person>,
    supervisor: Id<Person>,
    acceptor: Id<Person>,
    dispatcher: Id<Person>,
    leader: Id<Person>,
    commander: Id<Person>,
    /// A property manager with its handler, and an enforcement team with its own.
    manager: (Id<Organization>, Id<Person>),
    team: (Id<Organization>, Id<Person>),
}

impl Cast {
    fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let body = |kind, name: &str, code| {
            let body = ground.organization(kind, name, code, None);
            let person = ground.staff(name);
            ground.appoint(ground.post(body, Role::Handler, code), person, None);
            (body, person)
        };
        Self {
            resident: ground.resident("苏日娜", GRID),
            grid_leader: ground.officer("网格长", Role::GridLeader, GRID),
            supervisor: ground.officer("监督员", Role::GridSupervisor, COMMUNITY),
            acceptor: ground.officer("受理员", Role::Acceptor, COUNTY),
            dispatcher: ground.officer("派遣员", Role::Dispatcher, TOWNSHIP),
            leader: ground.officer("督办领导", Role::Leader, COUNTY),
            commander: ground.officer("指挥长", Role::Commander, COUNTY),
            manager: body(Kind::PropertyManager, "泰昌物业", COMMUNITY),
            team: body(Kind::EnforcementTeam, "综合行政执法队", TOWNSHIP),
            ground,
        }
    }

    fn as_one(&self, person: Id<Person>) -> Ctx {
        self.ground.acting(person)
    }

    fn report(&self, by: Id<Person>, procedure: &str, class: &str) -> Case {
        let ctx = self.as_one(by);
        let report = Report {
            id: ctx.id(),
            procedure: procedure.into(),
            class: class.into(),
            area: GRID.into(),
            place: "一号楼".into(),
            position: None,
            description: "请来看一看".into(),
            contact: Contact { name: Some("王".into()), phone: Some("13900000001".into()) },
            photos: Vec::new(),
        };
        case::report(&ctx, report).unwrap().0
    }

    /// All that any step asks for; `input` says what matters.
    fn take(&self, by: Id<Person>, id: Id<CaseName>, step: &str, input: StepInput) -> Result<Case, Refusal> {
        let ctx = self.as_one(by);
        let photos = vec![case::store_photo(&ctx, &picture()).unwrap()];
        let input = StepInput { note: "如现场照片".into(), photos, ..input };
        case::advance(&ctx, id, step, &input).map(|record| record.case)
    }

    /// Takes steps one after the other; the stage that the case then stands at.
    fn walk(&self, id: Id<CaseName>, steps: &[(Id<Person>, &str, StepInput)]) -> Case {
        let mut last = None;
        for (by, step, input) in steps {
            last =
                Some(self.take(*by, id, step, input.clone()).unwrap_or_else(|it| panic!("{step}: {it:?}")));
        }
        last.unwrap()
    }

    fn denied(&self, by: Id<Person>, id: Id<CaseName>, step: &str, input: StepInput) {
        let refused = self.take(by, id, step, input);
        assert!(matches!(refused, Err(Refusal::Denied | Refusal::NotFound)), "{step}: {refused:?}");
    }

    fn open_to(&self, by: Id<Person>, id: Id<CaseName>) -> Vec<String> {
        case::record(&self.as_one(by), id).unwrap().transitions
    }
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(16, 12).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

fn plain() -> StepInput {
    StepInput::default()
}

fn to(body: Id<Organization>) -> StepInput {
    StepInput { organization: Some(body), ..plain() }
}

fn ground(id: &str) -> StepInput {
    StepInput { ground: Some(id.into()), ..plain() }
}

fn found(finding: &str) -> StepInput {
    StepInput { finding: Some(finding.into()), ..plain() }
}

fn rated(rating: i64, solved: bool) -> StepInput {
    StepInput { rating: Some(rating), solved: Some(solved), ..plain() }
}

both!(a_request_is_answered_after_a_first_contact_and_closed_by_a_call_back, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    let case = cast.report(cast.acceptor, "public-request", "e9-other");
    assert_eq!((case.stage.as_str(), case.registered_at.is_some()), ("dispatch", true), "taken at the desk");
    let id = case.id;
    let case = cast.walk(id, &[(cast.dispatcher, "dispatch", to(body))]);
    let within = case.stage_due.unwrap().seconds_since(cast.ground.now());
    assert_eq!((case.stage.as_str(), within), ("contact", 24 * 3_600), "contacted within a day and a night");
    assert!(matches!(case::read_contact(&cast.as_one(handler), id), Err(Refusal::Denied)), "sealed");
    assert!(case::read_contact(&cast.as_one(cast.acceptor), id).unwrap().phone.is_some());
    let case = cast.walk(id, &[(handler, "contact", found("reached")), (handler, "reply", plain())]);
    assert_eq!(case.stage, "review");
    cast.walk(id, &[(cast.dispatcher, "accept_reply", plain())]);

    // The acceptor who took the request is its reporter in the books: another one calls back.
    cast.denied(handler, id, "call_back", rated(5, true));
    cast.denied(cast.dispatcher, id, "call_back", rated(5, true));
    cast.denied(cast.acceptor, id, "call_back", rated(5, true));
    let other = cast.ground.officer("受理员二", Role::Acceptor, COUNTY);
    let case = cast.walk(id, &[(other, "call_back", rated(4, true))]);
    assert_eq!((case.status, case.rating, case.solved), (Status::Closed, Some(4), Some(true)));
    // The three rates: contacted, solved, satisfied.
    let events = case::record(&cast.as_one(other), id).unwrap().events;
    let contact = events.iter().find(|it| it.transition == "contact").unwrap();
    assert_eq!(contact.detail.finding.as_deref(), Some("reached"));
    assert_eq!(events.last().unwrap().detail.rating, Some(4));
});

both!(
    a_request_that_is_not_solved_is_done_again_twice_and_one_that_nobody_answers_is_closed_as_such,
    |db: Db| {
        let cast = Cast::new(db);
        let (body, handler) = cast.team;
        let id = cast.report(cast.resident, "public-request", "e9-other").id;
        assert_eq!(cast.open_to(cast.acceptor, id), ["accept_request", "void"]);
        cast.walk(id, &[(cast.acceptor, "accept_request", plain()), (cast.dispatcher, "dispatch", to(body))]);
        cast.walk(
            id,
            &[(handler, "return", ground("not-our-duty")), (cast.dispatcher, "dispatch", to(body))],
        );
        assert_eq!(cast.open_to(handler, id), ["contact", "dispute"], "its return is used up");
        let case =
            cast.walk(id, &[(handler, "dispute", ground("not-our-duty")), (cast.leader, "rule", to(body))]);
        assert_eq!((case.stage.as_str(), case.returns), ("contact", 2));
        assert_eq!(cast.open_to(handler, id), ["contact"], "the ruling binds");
        cast.walk(id, &[(cast.acceptor, "contact_by_desk", found("unreached"))]);
        let again = [(handler, "reply", plain()), (cast.dispatcher, "accept_reply", plain())];
        for round in 1..=2 {
            cast.walk(id, &again);
            assert_eq!(cast.walk(id, &[(cast.acceptor, "redo", plain())]).reworks, round);
        }
        cast.walk(id, &again);
        assert_eq!(cast.open_to(cast.acceptor, id), ["call_back", "unanswered"]);
        assert_eq!(
            cast.open_to(cast.resident, id),
            ["rate"],
            "the requester may say it without being called"
        );
        let case = cast.walk(id, &[(cast.acceptor, "unanswered", plain())]);
        assert_eq!((case.status, case.rating, case.solved), (Status::Closed, None, None));
        assert_eq!(case.passed_at, None, "nobody said that it is solved");
        let declined = cast.report(cast.resident, "public-request", "e9-other").id;
        let case = cast.walk(declined, &[(cast.acceptor, "void", ground("before-a-court"))]);
        assert_eq!(case.status, Status::Void);
    }
);

both!(a_hazard_is_graded_ordered_and_inspected_again_by_somebody_else, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.manager;
    let id = cast.report(cast.resident, "safety-hazard", "e2-fire-exit").id;
    cast.walk(id, &[(cast.grid_leader, "inspect", found("exists"))]);
    let bare = cast.take(cast.acceptor, id, "grade", plain());
    assert!(matches!(bare, Err(Refusal::Invalid(_))), "a hazard has a grade: {bare:?}");
    let case = cast.walk(id, &[(cast.acceptor, "grade", ground("major"))]);
    assert!(case.registered_at.is_some());
    let case = cast.walk(id, &[(cast.dispatcher, "order_at_once", to(body))]);
    assert_eq!(case.stage_due.unwrap().seconds_since(cast.ground.now()), 24 * 3_600);
    cast.walk(id, &[(handler, "rectified", plain())]);
    for party in [cast.grid_leader, cast.dispatcher, handler, cast.resident] {
        cast.denied(party, id, "close", plain());
    }
    assert_eq!(cast.walk(id, &[(cast.supervisor, "close", plain())]).status, Status::Closed);
});

both!(a_hazard_that_is_not_put_right_in_time_goes_to_the_enforcement_team, |db: Db| {
    let cast = Cast::new(db);
    let ((body, handler), (team, officer)) = (cast.manager, cast.team);
    let case = cast.report(cast.grid_leader, "safety-hazard", "e2-construction");
    assert_eq!(case.stage, "grade", "found on inspection by a grid worker");
    let id = case.id;
    let case =
        cast.walk(id, &[(cast.acceptor, "grade", ground("general")), (cast.dispatcher, "order", to(body))]);
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-12-04T18:00:00+08:00", "ten work days");
    cast.ground.clock.set("2026-12-04T18:00:01+08:00");
    assert_eq!(case::tick(&cast.ground.city).unwrap().moved, 1);
    let late = cast.take(handler, id, "rectified", plain());
    assert!(matches!(late, Err(Refusal::Conflict(_))), "its time is over: {late:?}");
    let enforce = [(cast.dispatcher, "refer", to(team)), (officer, "enforced", plain())];
    cast.walk(id, &enforce);
    let case = cast.walk(id, &[(cast.supervisor, "fail", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("refer", 1));
    cast.walk(id, &enforce);
    cast.denied(cast.grid_leader, id, "close", plain());
    assert_eq!(cast.walk(id, &[(cast.supervisor, "close", plain())]).status, Status::Closed);
});

both!(a_repair_goes_from_resident_to_manager_to_the_communitys_check_and_is_rated, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.manager;
    let id = cast.report(cast.resident, "compound-repair", "p1-lift").id;
    let case = cast.walk(id, &[(cast.grid_leader, "assign", to(body))]);
    assert_eq!((case.stage.as_str(), case.owner), ("repair", Some(body)));
    assert!(case.registered_at.is_some() && case.due.is_some());
    cast.walk(id, &[(handler, "feed_back", plain())]);
    cast.denied(cast.grid_leader, id, "close", plain());
    let case = cast.walk(id, &[(cast.supervisor, "close", plain()), (cast.resident, "rate", rated(5, true))]);
    assert_eq!((case.status, case.rating), (Status::Closed, Some(5)));
});

both!(a_manager_who_does_not_move_or_passes_it_on_has_the_township_decide, |db: Db| {
    let cast = Cast::new(db);
    let ((body, handler), (team, officer)) = (cast.manager, cast.team);
    let idle = cast.report(cast.resident, "compound-repair", "p1-lift").id;
    let refused = cast.report(cast.resident, "compound-repair", "p1-leak").id;
    for id in [idle, refused] {
        cast.walk(id, &[(cast.grid_leader, "assign", to(body))]);
    }
    let case = cast.walk(refused, &[(handler, "return", ground("owned-by-a-utility"))]);
    assert_eq!((case.stage.as_str(), case.returns), ("township", 1));
    cast.ground.clock.pass_seconds(24 * 3_600 + 1);
    case::tick(&cast.ground.city).unwrap();
    let stage = case::record(&cast.as_one(cast.dispatcher), idle).unwrap().case.stage;
    assert_eq!(stage, "township", "the clock of its class ran out");
    cast.walk(idle, &[(cast.dispatcher, "supervise", to(body))]);
    assert_eq!(cast.open_to(handler, idle), ["feed_back"], "it is not given back again");
    let case = cast.walk(idle, &[(handler, "feed_back", plain()), (cast.supervisor, "fail", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("supervised", 1));
    cast.walk(idle, &[(handler, "feed_back", plain()), (cast.supervisor, "close", plain())]);
    cast.walk(refused, &[(cast.dispatcher, "supervise", to(team)), (officer, "feed_back", plain())]);
    cast.denied(officer, refused, "close", plain());
    cast.ground.clock.pass_seconds(8 * 86_400);
    case::tick(&cast.ground.city).unwrap();
    let case = case::record(&cast.as_one(cast.dispatcher), idle).unwrap().case;
    assert_eq!((case.status, case.rating), (Status::Closed, None), "nobody rated it in a week");
});

both!(an_emergency_runs_through_the_night_is_checked_and_ended_by_those_above, |db: Db| {
    let cast = Cast::new(db);
    let (body, handler) = cast.team;
    cast.ground.clock.set("2026-11-21T23:30:00+08:00");
    let case = cast.report(cast.leader, "emergency-task", "c2-snow-ice");
    assert_eq!(case.stage_due.unwrap().to_string(), "2026-11-22T00:30:00+08:00", "Saturday at midnight");
    let id = case.id;
    cast.denied(cast.grid_leader, id, "assign_task", to(body));
    let case = cast.walk(id, &[(cast.commander, "assign_task", to(body))]);
    assert_eq!(case.stage_due.unwrap().seconds_since(cast.ground.now()), 12 * 3_600);
    cast.walk(id, &[(handler, "report_back", plain())]);
    let case = cast.walk(id, &[(cast.supervisor, "fail", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks), ("handle", 1));
    let case = cast.walk(id, &[(handler, "report_back", plain()), (cast.supervisor, "confirm", plain())]);
    assert!(case.passed_at.is_some(), "it passed its check, and those above have not ended it");
    cast.denied(cast.commander, id, "conclude", plain());
    cast.denied(handler, id, "conclude", plain());
    let case = cast.walk(id, &[(cast.leader, "reopen", plain()), (handler, "report_back", plain())]);
    assert_eq!((case.stage.as_str(), case.reworks, case.passed_at), ("check", 2, None));
    let case = cast.walk(id, &[(cast.grid_leader, "confirm", plain()), (cast.leader, "conclude", plain())]);
    assert_eq!((case.status, case.registered_at.is_some()), (Status::Closed, true));
});

both!(a_procedure_is_started_only_by_those_whom_it_names, |db: Db| {
    let cast = Cast::new(db);
    let ctx = cast.as_one(cast.resident);
    let report = Report {
        id: ctx.id(),
        procedure: "emergency-task".into(),
        class: "c2-snow-ice".into(),
        area: GRID.into(),
        place: String::new(),
        position: None,
        description: "下雪了".into(),
        contact: Contact::default(),
        photos: Vec::new(),
    };
    assert!(matches!(case::report(&ctx, report.clone()), Err(Refusal::Denied)));
    let unknown = Report { procedure: "no-such-procedure".into(), ..report };
    assert!(matches!(case::report(&ctx, unknown), Err(Refusal::Invalid(_))));
});
