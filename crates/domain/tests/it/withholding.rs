//! What a law lets a body withhold from somebody whose record it reads: by two bodies, counted, and until a day.

use domain::{
    Ctx, Refusal, Window, journal,
    notice::{self, NoticeKind},
    organization::OrganizationKind,
    resident,
    withholding::{self, New, State, Step},
};
use kernel::{Id, Person, Role, Withholding};
use policy::Purpose;
use store::both;

use crate::ground::{COUNTY, GRID, Ground, OTHER_GRID, TOWNSHIP};

const DAY: i64 = 86_400;
const LATEST: &str = "SELECT id FROM journal WHERE action = 'person.read' ORDER BY at DESC, id DESC LIMIT 1";

struct Scene {
    ground: Ground,
    resident: Id<Person>,
    /// Reads records.
    worker: Id<Person>,
    /// Of the worker's body.
    leader: Id<Person>,
    /// Of another body.
    auditor: Id<Person>,
}

impl Scene {
    fn new(db: store::Db) -> Self {
        let ground = Ground::new(db);
        let resident = ground.resident("娜仁", GRID);
        let body = ground.organization(OrganizationKind::GovernmentDepartment, "调查单位", COUNTY, None);
        let (worker, leader) = (ground.staff("经办"), ground.staff("负责人"));
        ground.appoint(ground.post(body, Role::GridLeader, GRID), worker, None);
        ground.appoint(ground.post(body, Role::Leader, TOWNSHIP), leader, None);
        let auditor = ground.officer("审计", Role::Auditor, COUNTY);
        Self { ground, resident, worker, leader, auditor }
    }

    fn acting(&self, person: Id<Person>) -> Ctx {
        self.ground.acting(person)
    }

    fn new_request(&self, days: i64) -> New {
        New {
            id: self.ground.id(),
            person: self.resident,
            basis: "刑事诉讼法第一百五十二条，内公（2020）7号".into(),
            days,
        }
    }

    fn approved(&self, days: i64) -> Id<Withholding> {
        let id = withholding::propose(&self.acting(self.leader), &self.new_request(days)).unwrap().id;
        withholding::advance(&self.acting(self.auditor), id, Step::Approve, "").unwrap();
        id
    }

    fn read(&self) {
        resident::get(&self.acting(self.worker), self.resident, Some(Purpose::Visit)).unwrap();
        self.ground.clock.pass_seconds(60);
    }

    fn seen(&self) -> usize {
        let herself = self.acting(self.resident);
        journal::readings(&herself, self.resident, &Window::first(50)).unwrap().items.len()
    }

    fn withheld(&self) -> Vec<i64> {
        let (running, _) = withholding::of_person(&self.acting(self.resident), self.resident).unwrap();
        running.iter().map(|it| it.entries).collect()
    }
}

both!(readings_are_withheld_by_two_bodies_counted_and_shown_when_it_is_over, |db: store::Db| {
    let scene = Scene::new(db);
    scene.read();
    let asked = withholding::propose(&scene.acting(scene.leader), &scene.new_request(10)).unwrap();
    scene.read();
    assert_eq!((scene.seen(), scene.withheld()), (2, vec![]), "asking for it withholds nothing");

    let decided = withholding::advance(&scene.acting(scene.auditor), asked.id, Step::Approve, "").unwrap();
    scene.read();
    scene.read();
    assert_eq!(scene.seen(), 2, "what was shown stays shown, what is read now is not there yet");
    let herself = scene.acting(scene.resident);
    let (running, ended) = withholding::of_person(&herself, scene.resident).unwrap();
    assert_eq!(
        (running[0].entries, Some(running[0].until)),
        (2, decided.ends_at),
        "she knows how many and when"
    );
    assert!(ended.is_empty());
    assert_eq!(withholding::tick(&Ctx::system(scene.ground.city.clone())).unwrap(), 0);

    scene.ground.clock.pass_seconds(10 * DAY);
    let system = Ctx::system(scene.ground.city.clone());
    assert_eq!(
        (withholding::tick(&system).unwrap(), withholding::tick(&system).unwrap()),
        (1, 0),
        "told once"
    );
    assert_eq!((scene.seen(), scene.withheld()), (4, vec![]));
    let herself = scene.acting(scene.resident);
    let told = notice::list(&herself, &Window::first(10)).unwrap().items;
    assert!(told.iter().any(|it| it.kind == NoticeKind::ReadingsShown), "{told:?}");
    let ended = withholding::of_person(&herself, scene.resident).unwrap().1;
    assert_eq!((ended.len(), ended[0].entries), (1, 2));
    assert_eq!(ended[0].organization_name.as_deref(), Some("调查单位"));
    assert_eq!(ended[0].decider_name.as_deref(), Some("审计的单位"));
    assert!(ended[0].withholding.basis.starts_with("刑事诉讼法"), "on what law, by whom");
});

both!(a_proof_of_what_is_withheld_is_not_handed_out, |db: store::Db| {
    let scene = Scene::new(db);
    let id = scene.approved(5);
    scene.read();
    withholding::advance(&scene.acting(scene.leader), id, Step::Lift, "").unwrap();
    let herself = scene.acting(scene.resident);
    let entry = journal::readings(&herself, scene.resident, &Window::first(1)).unwrap().items[0].id;
    scene.approved(5);
    scene.read();
    let herself = scene.acting(scene.resident);
    let shown = journal::proof_of_reading(&herself, scene.resident, entry);
    assert!(
        matches!(shown, Err(Refusal::Conflict(_))),
        "what was lifted stays hers: it only waits for its seal: {shown:?}"
    );
    let hidden = herself.city.db.read(|tx| tx.first(LATEST, &[])?.expect("an entry").get(0)).unwrap();
    let refused = journal::proof_of_reading(&herself, scene.resident, hidden);
    assert!(matches!(refused, Err(Refusal::NotFound)), "{refused:?}");
});

both!(nobody_withholds_alone_and_nobody_else_learns_of_it, |db: store::Db| {
    let scene = Scene::new(db);
    let leader = scene.acting(scene.leader);
    let long = withholding::propose(&leader, &scene.new_request(91));
    assert!(matches!(&long, Err(Refusal::Invalid(faults)) if faults[0].field == "days"), "{long:?}");
    let without = withholding::propose(&leader, &New { basis: " ".into(), ..scene.new_request(1) });
    assert!(matches!(&without, Err(Refusal::Invalid(faults)) if faults[0].field == "basis"), "{without:?}");
    let elsewhere = scene.ground.acting(scene.ground.officer("别处", Role::Leader, OTHER_GRID));
    for ctx in [&elsewhere, &scene.acting(scene.worker), &scene.acting(scene.resident)] {
        assert!(matches!(withholding::propose(ctx, &scene.new_request(1)), Err(Refusal::NotFound)));
    }
    let asked = withholding::propose(&leader, &scene.new_request(3)).unwrap();
    let again = withholding::propose(&leader, &scene.new_request(3));
    assert!(matches!(again, Err(Refusal::Conflict(_))), "one at a time: {again:?}");
    // The leader is an auditor too, of the same body: that makes no second body.
    scene.ground.appoint(scene.ground.post(asked.organization, Role::Auditor, COUNTY), scene.leader, None);
    let alone = withholding::advance(&scene.acting(scene.leader), asked.id, Step::Approve, "");
    assert!(matches!(alone, Err(Refusal::Denied)), "{alone:?}");
    for person in [scene.worker, scene.resident] {
        assert!(matches!(withholding::get(&scene.acting(person), asked.id), Err(Refusal::NotFound)));
    }
    let auditor = scene.acting(scene.auditor);
    let seen = withholding::list(&auditor, &Window::first(10)).unwrap().items;
    assert_eq!((seen.len(), seen[0].steps(&auditor)), (1, vec!["approve", "refuse"]));
    let silent = withholding::advance(&auditor, asked.id, Step::Refuse, "");
    assert!(matches!(&silent, Err(Refusal::Invalid(faults)) if faults[0].field == "note"), "{silent:?}");
    let refused = withholding::advance(&auditor, asked.id, Step::Refuse, "文号不对").unwrap();
    assert_eq!((refused.state, refused.ends_at), (State::Refused, None));
    let late = withholding::advance(&auditor, asked.id, Step::Approve, "");
    assert!(matches!(late, Err(Refusal::Conflict(_))), "{late:?}");
    scene.read();
    assert_eq!((scene.seen(), scene.withheld()), (1, vec![]));
});

both!(a_second_decision_does_not_withhold_again_what_was_read_before, |db: store::Db| {
    let scene = Scene::new(db);
    scene.approved(2);
    scene.read();
    scene.ground.clock.pass_seconds(2 * DAY);
    scene.approved(90);
    scene.read();
    assert_eq!((scene.seen(), scene.withheld()), (1, vec![1]));
    // Others who read are shown at once.
    let other = scene.ground.acting(scene.ground.officer("网格长", Role::GridLeader, GRID));
    resident::get(&other, scene.resident, Some(Purpose::Visit)).unwrap();
    assert_eq!((scene.seen(), scene.withheld()), (2, vec![1]));
});
