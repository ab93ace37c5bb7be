//! A small city to stand on: one city, two counties, two townships, and the people that a story needs.

use std::sync::Arc;

use domain::{
    City, Ctx, SignedIn,
    journal::CityLog,
    organization::{self, Appointment, Organization, OrganizationKind, Post},
    resident::{self, Household, Person, Premises},
};
use kernel::{
    Area, AreaPath, Id, Organization as OrganizationName, Person as PersonName, Post as PostName, Role, Tier,
    Timestamp,
};
use policy::Actor;
use store::{Db, params};
use uuid::Uuid;

use crate::support::{self, TestClock};

pub const CITY: &str = "1509";
pub const COUNTY: &str = "150902";
pub const OTHER_COUNTY: &str = "150921";
pub const TOWNSHIP: &str = "150902001";
pub const OTHER_TOWNSHIP: &str = "150902002";
pub const COMMUNITY: &str = "150902001001";
pub const OTHER_COMMUNITY: &str = "150902001002";
pub const GRID: &str = "15090200100101";
pub const OTHER_GRID: &str = "15090200100102";
const CODES: [&str; 9] =
    [CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, OTHER_TOWNSHIP, COMMUNITY, OTHER_COMMUNITY, GRID, OTHER_GRID];

const INSERT: &str = "INSERT INTO area (id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id) \
    VALUES ($1, $2, $2, $3, 'other', NULL, $4, 0, NULL, NULL)";

pub struct Ground {
    pub city: Arc<City>,
    pub clock: TestClock,
}

pub fn area(code: &str) -> Id<Area> {
    Id::from_uuid(Uuid::from_u128(code.parse().expect("a code of digits")))
}

pub fn path(code: &str) -> AreaPath {
    let above = [4, 6, 9, 12, 14].into_iter().filter(|length| *length <= code.len());
    let text: String = above.map(|length| format!("{}/", &code[..length])).collect();
    text.parse().expect("a path")
}

impl Ground {
    pub fn new(db: Db) -> Self {
        Self::sealed_by(db, CityLog::alone("test.example/journal", [4; 32]).expect("a log"))
    }

    pub fn sealed_by(db: Db, log: CityLog) -> Self {
        let clock = TestClock::at(support::START);
        let city = support::city_with(db, &clock, log);
        city.db
            .write(|tx| {
                CODES.iter().try_for_each(|code| {
                    let tier = Tier::of_code(code).expect("a tier").number();
                    tx.execute(INSERT, params![area(code), *code, tier, &path(code)]).map(drop)
                })
            })
            .expect("the tree is planted");
        Self { city, clock }
    }

    pub fn now(&self) -> Timestamp {
        self.city.clock.now()
    }

    pub fn id<K>(&self) -> Id<K> {
        Id::from_uuid(self.city.ids.next(self.now()))
    }

    /// Somebody who lives in a grid of the first county.
    pub fn resident(&self, name: &str, grid: &str) -> Id<PersonName> {
        let county = area(COUNTY);
        let premises = Premises {
            county,
            id: self.id(),
            area: area(grid),
            area_path: path(grid),
            address: format!("{name}家"),
        };
        let household = Household { county, id: self.id(), premises: premises.id };
        let phone = Some("13900000000".to_owned());
        let person =
            Person { county, id: self.id(), name: name.into(), phone, household: Some(household.id) };
        let id = person.id;
        self.city
            .db
            .write(|tx| {
                resident::register_all(
                    tx,
                    std::slice::from_ref(&premises),
                    std::slice::from_ref(&household),
                    std::slice::from_ref(&person),
                )
            })
            .expect("registered");
        id
    }

    /// Somebody who works here and lives elsewhere.
    pub fn staff(&self, name: &str) -> Id<PersonName> {
        let person =
            Person { county: area(COUNTY), id: self.id(), name: name.into(), phone: None, household: None };
        let id = person.id;
        self.city
            .db
            .write(|tx| resident::register_all(tx, &[], &[], std::slice::from_ref(&person)))
            .expect("registered");
        id
    }

    pub fn organization(
        &self,
        kind: OrganizationKind,
        name: &str,
        code: &str,
        to: Option<Timestamp>,
    ) -> Id<OrganizationName> {
        let from = self.now();
        let it = Organization {
            id: self.id(),
            kind,
            name: name.into(),
            area: area(code),
            area_path: path(code),
            from,
            to,
        };
        self.city.db.write(|tx| organization::found_all(tx, std::slice::from_ref(&it))).expect("founded");
        it.id
    }

    pub fn post(&self, organization: Id<OrganizationName>, role: Role, code: &str) -> Id<PostName> {
        let it = Post { id: self.id(), organization, role, area: area(code), area_path: path(code) };
        self.city.db.write(|tx| organization::create_posts(tx, std::slice::from_ref(&it))).expect("created");
        it.id
    }

    pub fn appoint(
        &self,
        post: Id<PostName>,
        person: Id<PersonName>,
        to: Option<Timestamp>,
    ) -> Id<kernel::Appointment> {
        let it = Appointment { id: self.id(), post, person, from: self.now(), to };
        self.city.db.write(|tx| organization::appoint_all(tx, std::slice::from_ref(&it))).expect("appointed");
        it.id
    }

    /// Staff with one post in a body of its own.
    pub fn officer(&self, name: &str, role: Role, code: &str) -> Id<PersonName> {
        let body =
            self.organization(OrganizationKind::GovernmentDepartment, &format!("{name}的单位"), code, None);
        let person = self.staff(name);
        self.appoint(self.post(body, role, code), person, None);
        person
    }

    /// The person acts now, with the posts that they hold now.
    pub fn acting(&self, person: Id<PersonName>) -> Ctx {
        let ctx = Ctx::anonymous(self.city.clone());
        let posts = ctx.read(|tx| organization::appointments_of(tx, person, ctx.now)).expect("readable");
        let posts = posts.into_iter().map(|(role, organization, area)| policy::Appointment {
            role,
            organization,
            area,
        });
        let signed_in = SignedIn {
            person,
            county: area(COUNTY),
            name: "某人".into(),
            account: Id::from_uuid(Uuid::nil()),
            session: Id::from_uuid(Uuid::nil()),
        };
        Ctx { actor: Actor::signed_in(person, posts.collect()), signed_in: Some(signed_in), ..ctx }
    }

    /// What a statement counts.
    pub fn count(&self, sql: &'static str) -> i64 {
        self.city.db.read(|tx| tx.count(sql, &[])).expect("counted")
    }
}
