//! Who meets in the stories of the shipped procedures, and what they bring along.

use domain::{
    Ctx, Refusal,
    case::{self, Case, Contact, Report, StepInput},
    organization::OrganizationKind as Kind,
};
use kernel::{Case as CaseName, Id, Organization, Person, Role};
use store::Db;

use crate::ground::{COMMUNITY, COUNTY, GRID, Ground, TOWNSHIP};

/// Who meets in these stories.
pub struct Cast {
    pub ground: Ground,
    pub resident: Id<Person>,
    pub grid_leader: Id<Person>,
    pub supervisor: Id<Person>,
    pub acceptor: Id<Person>,
    pub dispatcher: Id<Person>,
    pub leader: Id<Person>,
    pub commander: Id<Person>,
    /// A property manager with its handler, and an enforcement team with its own.
    pub manager: (Id<Organization>, Id<Person>),
    pub team: (Id<Organization>, Id<Person>),
}

impl Cast {
    pub fn new(db: Db) -> Self {
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

    pub fn as_one(&self, person: Id<Person>) -> Ctx {
        self.ground.acting(person)
    }

    pub fn report(&self, by: Id<Person>, procedure: &str, class: &str) -> Case {
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
    pub fn take(
        &self,
        by: Id<Person>,
        id: Id<CaseName>,
        step: &str,
        input: StepInput,
    ) -> Result<Case, Refusal> {
        let ctx = self.as_one(by);
        let photos = vec![case::store_photo(&ctx, &picture()).unwrap()];
        let input = StepInput { note: "如现场照片".into(), photos, ..input };
        case::advance(&ctx, id, step, &input).map(|record| record.case)
    }

    /// Takes steps one after the other; the stage that the case then stands at.
    pub fn walk(&self, id: Id<CaseName>, steps: &[(Id<Person>, &str, StepInput)]) -> Case {
        let mut last = None;
        for (by, step, input) in steps {
            last =
                Some(self.take(*by, id, step, input.clone()).unwrap_or_else(|it| panic!("{step}: {it:?}")));
        }
        last.unwrap()
    }

    pub fn denied(&self, by: Id<Person>, id: Id<CaseName>, step: &str, input: StepInput) {
        let refused = self.take(by, id, step, input);
        assert!(matches!(refused, Err(Refusal::Denied | Refusal::NotFound)), "{step}: {refused:?}");
    }

    pub fn open_to(&self, by: Id<Person>, id: Id<CaseName>) -> Vec<String> {
        case::record(&self.as_one(by), id).unwrap().transitions
    }
}

pub fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(16, 12).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

pub fn plain() -> StepInput {
    StepInput::default()
}

pub fn to(body: Id<Organization>) -> StepInput {
    StepInput { organization: Some(body), ..plain() }
}

pub fn ground(id: &str) -> StepInput {
    StepInput { ground: Some(id.into()), ..plain() }
}

pub fn found(finding: &str) -> StepInput {
    StepInput { finding: Some(finding.into()), ..plain() }
}

pub fn rated(rating: i64, solved: bool) -> StepInput {
    StepInput { rating: Some(rating), solved: Some(solved), ..plain() }
}
