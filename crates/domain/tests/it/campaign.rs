//! A county asks its villages for a record by a day: who owes one is read from the tree, each unit answers once, the tier
//! above reviews, and those who are silent are told.

use std::{collections::BTreeSet, thread};

use domain::{
    Ctx, Refusal, Window,
    campaign::{self, Asked, Audience, Begun, Campaign, Counts, DueBy, End, New, RoundKind, Show, State},
    form::{self, Expected, FormState, Judged, Receipt, Rejection, Review, Sent, Terms},
    notice::{self, NoticeKind},
};
use jiff::civil::date;
use kernel::{Role, Tier, limits};
use store::{Db, both, params};
use uuid::Uuid;
use xform::check::fill::Changes;

use crate::ground::{
    CITY, COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, TOWNSHIP,
    area as area_id, path,
};

mod answer;
mod expected;
mod remind;
mod send;

const FORM: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
  <h:head><h:title>村情表</h:title><model>
    <instance><data id="village" version="1"><households/><meta><instanceID/></meta></data></instance>
    <bind nodeset="/data/households" type="int" required="true()" constraint=". &gt;= 0"/>
  </model></h:head>
  <h:body><input ref="/data/households"><label>户数</label></input></h:body></h:html>"#;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// A new village of the township.
const NEW_COMMUNITY: &str = "150902001003";

struct County {
    ground: Ground,
    leader: Ctx,
    /// The township's.
    secretary: Ctx,
    clerk: Ctx,
    other_clerk: Ctx,
    neighbour: Ctx,
}

impl County {
    fn new(db: Db) -> Self {
        let ground = Ground::new(db);
        let officer = |name: &str, role, code| ground.acting(ground.officer(name, role, code));
        let county = Self {
            leader: officer("县长", Role::Leader, COUNTY),
            secretary: officer("乡镇书记", Role::Leader, TOWNSHIP),
            clerk: officer("村文书", Role::GridSupervisor, COMMUNITY),
            other_clerk: officer("邻村文书", Role::GridSupervisor, OTHER_COMMUNITY),
            neighbour: officer("邻县县长", Role::Leader, OTHER_COUNTY),
            ground,
        };
        let publication = form::Publication {
            area: COUNTY.into(),
            organization: None,
            file_name: "village.xml".into(),
            bytes: FORM.as_bytes().to_vec(),
            files: Vec::new(),
            terms: Terms::default(),
            reason: String::new(),
        };
        form::publish(&county.leader, &publication).unwrap();
        county
    }

    /// Due at the end of the Friday a week after the start.
    fn new_campaign(&self, audience: Audience) -> New {
        New {
            id: self.ground.id(),
            form_id: "village".into(),
            is_fixed: false,
            title: "年终村情".into(),
            period: "2026".into(),
            area: COUNTY.into(),
            audience,
            starts: None,
            due: date(2026, 11, 27),
            due_by: DueBy::Day,
            grace_days: 7,
        }
    }

    fn sent(&self) -> Campaign {
        campaign::send(&self.leader, &self.new_campaign(VILLAGES)).unwrap()
    }

    fn counts(&self, it: &Campaign) -> Counts {
        campaign::progress(&self.now(&self.leader), it.id, None).unwrap().counts
    }

    /// The same person at the moment that the clock shows.
    fn now(&self, ctx: &Ctx) -> Ctx {
        self.ground.acting(ctx.actor.person.unwrap())
    }

    fn tick(&self) {
        campaign::tick(&Ctx::system(self.ground.city.clone())).unwrap();
    }

    fn told(&self, ctx: &Ctx) -> Vec<NoticeKind> {
        let list = notice::list(&self.now(ctx), &Window::first(50)).unwrap();
        list.items.iter().map(|it| it.kind).collect()
    }

    fn set(&self, sql: &'static str, code: &str) {
        let now = self.ground.now();
        self.ground.city.db.write(|tx| tx.execute(sql, params![code, now])).unwrap();
    }

    /// An area lies elsewhere from now on, with the offices that serve it.
    fn moves(&self, code: &str, above: &str) {
        self.set(RENAME, code);
        let (before, after) = (path(code).to_string(), format!("{}{code}/", path(above)));
        let now = self.ground.now();
        let moved = self.ground.city.db.write(|tx| {
            tx.execute(MOVED, params![code, now, after.as_str()])?;
            for sql in FOLLOW {
                tx.execute(sql, params![before.as_str(), after.as_str()])?;
            }
            Ok::<_, store::StoreError>(())
        });
        moved.unwrap();
    }

    /// Somebody leaves their offices.
    fn leaves(&self, ctx: &Ctx) {
        let (person, now) = (ctx.actor.person.unwrap(), self.ground.now());
        self.ground.city.db.write(|tx| tx.execute(LEAVES, params![person, now])).unwrap();
    }

    /// The first instance id of the record of the unit that a list shows first.
    fn instance(&self, it: &Campaign, show: Show) -> String {
        let leader = self.now(&self.leader);
        let units = campaign::units(&leader, it.id, None, show, &Window::first(9)).unwrap().items;
        units[0].record.as_ref().unwrap().instance_id.clone()
    }
}

const VILLAGES: Audience = Audience::Areas { tier: Tier::Community, kind: None };
const END_AREA: &str = "UPDATE area SET valid_to = $2 WHERE code = $1";
const RENAME: &str = "INSERT INTO area_version (area_id, valid_from, valid_to, code, name, parent_id, path) \
    SELECT id, valid_from, $2, code, name, parent_id, path FROM area WHERE code = $1";
const RENAMED: &str = "UPDATE area SET valid_from = $2 WHERE code = $1";
const MOVED: &str = "UPDATE area SET valid_from = $2, path = $3 WHERE code = $1";
const FOLLOW: [&str; 3] = [
    "UPDATE organization SET area_path = $2 WHERE area_path = $1",
    "UPDATE post SET area_path = $2 WHERE area_path = $1",
    "UPDATE submission SET unit_path = $2 WHERE unit_path = $1",
];
const LEAVES: &str = "UPDATE appointment SET valid_to = $2 WHERE person_id = $1";
const URBAN: &str = "UPDATE area SET kind = 'urban' WHERE code = $1 AND valid_from <= $2";
const RURAL: &str = "UPDATE area SET kind = 'rural' WHERE code = $1 AND valid_from <= $2";
const FOUND: &str = "INSERT INTO area (id, code, name, tier, kind, parent_id, path, valid_from, valid_to, successor_id) \
    VALUES ($1, $2, $2, 4, 'rural', NULL, $3, $4, NULL, NULL)";

fn unit(code: &str) -> Uuid {
    area_id(code).uuid()
}

fn record(number: u32, households: &str, replaces: Option<u32>) -> Sent {
    let replaces = replaces.map_or(String::new(), |it| format!("<deprecatedID>uuid:{it}</deprecatedID>"));
    let xml = format!(
        r#"<data id="village" version="1"><households>{households}</households><meta><instanceID>uuid:{number}</instanceID>{replaces}</meta></data>"#
    );
    Sent { xml: xml.into_bytes(), ..Sent::default() }
}

/// From a phone, by OpenRosa.
fn submit(ctx: &Ctx, number: u32, households: &str) -> Receipt {
    form::submit(ctx, &record(number, households, None), Expected::Any).unwrap()
}

fn edit(ctx: &Ctx, number: u32, of: u32, households: &str) -> Result<Receipt, Rejection> {
    form::submit(ctx, &record(number, households, Some(of)), Expected::Any)
}

fn asked(ctx: &Ctx, it: &Campaign, code: &str, number: u32) -> Result<Receipt, Rejection> {
    let asked = Asked { campaign: it.id, unit: unit(code), finished_at: None };
    form::submit(ctx, &record(number, "7", None), Expected::Asked(&asked))
}

fn reason(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::Campaign { message, .. } => message.id,
        other => panic!("{other:?}"),
    }
}

fn typed(households: &str) -> Changes {
    Changes { answers: [("/data/households".to_owned(), households.to_owned())].into(), ..Changes::default() }
}

/// Mends a record on our own pages.
fn mend(ctx: &Ctx, instance: &str, households: &str) -> Result<Receipt, Rejection> {
    let id = form::mend(ctx, "village", instance)?;
    form::save(ctx, id, 0, "", &typed(households), &[])?;
    form::send(ctx, id, None)
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> &'static str {
    match outcome {
        Err(Refusal::Conflict(message)) => message.id,
        other => panic!("{other:?}"),
    }
}

/// Begins, fills in and sends on our own pages.
fn fill_in(ctx: &Ctx, it: &Campaign, code: &str, households: &str) -> Result<Receipt, Rejection> {
    let Begun::Draft(id) = campaign::begin(ctx, it.id, unit(code))? else { panic!("it has answered") };
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), households.into());
    let revision = form::open_draft(ctx, id, "")?.draft.revision;
    form::save(ctx, id, revision, "", &changes, &[])?;
    form::send(ctx, id, Some(ctx.now))
}
