//! The closed loop, walked by those who close it.

mod alarm;
mod clock;
mod list;
mod relief;
mod report;
mod returns;
mod sight;
mod walk;

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

fn open() -> Filter {
    Filter { status: Some(Status::Open), ..Filter::default() }
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}
