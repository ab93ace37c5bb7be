//! Staff: bodies, posts, who holds them, and what they sign in with.

use std::collections::HashMap;

use anyhow::{Context, Result};
use domain::{
    Ctx,
    account::{self, NewAccount},
    area::Place,
    organization::{self, Appointment, Organization, Post},
    resident::{self, Person},
};
use kernel::{Area, Id, Person as PersonName, Timestamp};

use super::{
    bodies::Body,
    chance::Chance,
    words::{Words, phone},
};

/// Bodies, or accounts, written in one transaction.
const BATCH: usize = 2_000;
const DAY: i64 = 86_400;

pub struct Staff<'a> {
    /// The moment since when they hold their posts.
    pub ctx: &'a Ctx,
    pub words: &'a Words,
    pub places: &'a HashMap<String, Place>,
    pub seed: u64,
    /// Temporary bodies end after this moment.
    pub now: Timestamp,
}

/// Who gets an account, and of which name.
pub struct Holder {
    pub login: String,
    pub person: Id<PersonName>,
    pub county: Id<Area>,
}

#[derive(Default)]
struct Batch {
    bodies: Vec<Organization>,
    posts: Vec<Post>,
    people: Vec<Person>,
    appointments: Vec<Appointment>,
}

impl Staff<'_> {
    /// Founds every body with its posts and gives each post to a person.
    pub fn appoint(&self, bodies: &[Body], progress: &mut dyn FnMut(u64, u64)) -> Result<Vec<Holder>> {
        let chance = &mut Chance::new(self.seed, "staff");
        let mut holders = Vec::new();
        let mut done = 0;
        for chunk in bodies.chunks(BATCH) {
            let mut batch = Batch::default();
            for body in chunk {
                self.body(body, &mut batch, &mut holders, chance)?;
            }
            self.ctx.write(|tx| {
                organization::found_all(tx, &batch.bodies)?;
                organization::create_posts(tx, &batch.posts)?;
                resident::register_all(tx, &[], &[], &batch.people)?;
                organization::appoint_all(tx, &batch.appointments)
            })?;
            done += chunk.len();
            progress(done as u64, bodies.len() as u64);
        }
        Ok(holders)
    }

    fn body(
        &self,
        body: &Body,
        batch: &mut Batch,
        holders: &mut Vec<Holder>,
        chance: &mut Chance,
    ) -> Result<()> {
        let ctx = self.ctx;
        let place = self.place(&body.area)?;
        let (from, to) = match body.days {
            Some((before, after)) => {
                (self.now.plus_seconds(-before * DAY), Some(self.now.plus_seconds(after * DAY)))
            }
            None => (ctx.now, None),
        };
        let organization = Organization {
            id: ctx.id(),
            kind: body.kind,
            name: body.name.clone(),
            area: place.id,
            area_path: place.path.clone(),
            from,
            to,
        };
        for planned in &body.posts {
            let place = self.place(&planned.area)?;
            let post = Post {
                id: ctx.id(),
                organization: organization.id,
                role: planned.role,
                area: place.id,
                area_path: place.path.clone(),
            };
            let (name, phone) = (self.words.any_name(chance), Some(phone(chance)));
            let person = Person { county: place.county, id: ctx.id(), name, phone, household: None };
            let appointment = Appointment { id: ctx.id(), post: post.id, person: person.id, from, to };
            holders.push(Holder { login: planned.login.clone(), person: person.id, county: place.county });
            batch.posts.push(post);
            batch.people.push(person);
            batch.appointments.push(appointment);
        }
        batch.bodies.push(organization);
        Ok(())
    }

    fn place(&self, code: &str) -> Result<&Place> {
        self.places.get(code).with_context(|| format!("there is no area {code}"))
    }
}

pub struct Accounts<'a> {
    pub ctx: &'a Ctx,
    pub password: &'a str,
    pub accounts: Vec<Holder>,
}

impl Accounts<'_> {
    /// One account for each, and one for the resident that is shown. They share a password and so its
    /// hash, made once: right for a demo alone.
    pub fn open(
        mut self,
        resident: (Id<PersonName>, Id<Area>),
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<()> {
        let (person, county) = resident;
        self.accounts.push(Holder { login: "resident".into(), person, county });
        let hash = account::hash_password(self.password, &self.ctx.city.ids.secret());
        let account = |holder: &Holder| NewAccount {
            id: self.ctx.id(),
            person: holder.person,
            county: holder.county,
            login_name: holder.login.clone(),
            password_hash: hash.clone(),
            created_at: self.ctx.now,
        };
        let accounts: Vec<NewAccount> = self.accounts.iter().map(account).collect();
        for (number, chunk) in accounts.chunks(BATCH).enumerate() {
            self.ctx.write(|tx| account::create_all(tx, chunk))?;
            progress((number * BATCH + chunk.len()) as u64, accounts.len() as u64);
        }
        Ok(())
    }
}
