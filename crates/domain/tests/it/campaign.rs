//! A county asks its villages for a record by a day: who owes one is read from the tree, each unit answers once, the tier
//! above reviews, and those who are silent are told.

use std::{collections::BTreeSet, thread};

use domain::{
    Ctx, Refusal, Window,
    campaign::{self, Asked, Audience, Begun, Campaign, Counts, DueBy, End, New, RoundKind, Show, State},
    form::{self, Expected, Judged, Receipt, Rejection, Review, Sent, Terms},
    notice::{self, NoticeKind},
};
use jiff::civil::date;
use kernel::{Role, Tier, limits};
use store::{Db, both, params};
use uuid::Uuid;
use xform::check::fill::Changes;

use crate::ground::{
    COMMUNITY, COUNTY, GRID, Ground, OTHER_COMMUNITY, OTHER_COUNTY, OTHER_GRID, TOWNSHIP, area as area_id,
    path,
};

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
}

const VILLAGES: Audience = Audience::Areas { tier: Tier::Community, kind: None };
const END_AREA: &str = "UPDATE area SET valid_to = $2 WHERE code = $1";
const RENAME: &str = "INSERT INTO area_version (area_id, valid_from, valid_to, code, name, parent_id, path) \
    SELECT id, valid_from, $2, code, name, parent_id, path FROM area WHERE code = $1";
const RENAMED: &str = "UPDATE area SET valid_from = $2 WHERE code = $1";
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
    Sent { xml: xml.into_bytes(), files: Vec::new() }
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

/// Begins, fills in and sends on our own pages.
fn fill_in(ctx: &Ctx, it: &Campaign, code: &str, households: &str) -> Result<Receipt, Rejection> {
    let Begun::Draft(id) = campaign::begin(ctx, it.id, unit(code))? else { panic!("it has answered") };
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), households.into());
    let revision = form::open_draft(ctx, id, "")?.draft.revision;
    form::save(ctx, id, revision, "", &changes, &[])?;
    form::send(ctx, id, Some(ctx.now))
}

both!(figures_are_exact_from_the_county_down_to_each_village, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    assert_eq!(county.counts(&it), Counts { expected: 2, ..Counts::default() });
    let mine = campaign::mine(&county.clerk).unwrap();
    assert_eq!((mine.len(), mine[0].unit.path.code()), (1, COMMUNITY), "its own village, and no other");
    let receipt = fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    assert_eq!((receipt.state, receipt.asked.unwrap().id), (Judged::Valid, "record-asked"));
    let one = Counts { expected: 2, arrived: 1, valid: 1, waiting: 1, ..Counts::default() };
    assert_eq!(county.counts(&it), one);

    // Invalid, late, and mended: each is counted apart, and mending makes nothing punctual.
    county.ground.clock.pass_seconds(8 * DAY);
    let other = county.now(&county.other_clerk);
    submit(&other, 2, "-5");
    let late = Counts { arrived: 2, invalid: 1, late: 1, ..one };
    assert_eq!(county.counts(&it), late);
    edit(&other, 3, 2, "5").unwrap();
    assert_eq!(county.counts(&it), Counts { invalid: 0, valid: 2, waiting: 2, ..late });

    // The same figures by township, and the units behind each.
    let leader = county.now(&county.leader);
    let whole = campaign::progress(&leader, it.id, None).unwrap();
    assert_eq!(whole.lines.len(), 1);
    assert_eq!((whole.lines[0].path.code(), whole.lines[0].counts), (TOWNSHIP, whole.counts));
    let township = campaign::progress(&leader, it.id, Some(TOWNSHIP)).unwrap();
    assert!(township.lines.is_empty() && township.counts == whole.counts);
    for show in Show::ALL {
        let units = campaign::units(&leader, it.id, None, show, &Window::first(9)).unwrap().items;
        assert_eq!(units.len() as i64, whole.counts.of(show), "{}", show.as_str());
    }
    let late = campaign::units(&leader, it.id, None, Show::Late, &Window::first(9)).unwrap().items;
    assert_eq!((late[0].path.code(), late[0].record.as_ref().unwrap().is_late), (OTHER_COMMUNITY, true));
});

both!(a_unit_has_one_record_however_many_are_sent_at_once, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let outcomes: Vec<Result<Receipt, Rejection>> = thread::scope(|scope| {
        let (county, it) = (&county, &it);
        let send = |number| scope.spawn(move || asked(&county.clerk, it, COMMUNITY, number));
        let threads: Vec<_> = (1..=48).map(send).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let (taken, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 1);
    let first = campaign::units(&county.leader, it.id, None, Show::Arrived, &Window::first(9)).unwrap().items;
    let first = first[0].record.as_ref().unwrap().instance_id.clone();
    for refused in refused {
        match refused.unwrap_err() {
            Rejection::Campaign { message, first: Some(found) } => {
                assert_eq!((message.id, &found), ("conflict-campaign-answered", &first));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(county.counts(&it).arrived, 1);
    match campaign::begin(&county.clerk, it.id, unit(COMMUNITY)).unwrap() {
        Begun::There { instance_id, .. } => assert_eq!(instance_id, first),
        other => panic!("{other:?}"),
    }
});

both!(who_owes_a_record_follows_the_tree_until_the_due_moment_and_not_after, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    // A village is closed and another founded while it runs.
    county.ground.clock.pass_seconds(2 * DAY);
    county.set(END_AREA, OTHER_COMMUNITY);
    assert_eq!(county.counts(&it).expected, 1);
    let closed = asked(&county.now(&county.other_clerk), &it, OTHER_COMMUNITY, 1).unwrap_err();
    assert_eq!(reason(closed), "conflict-campaign-not-asked");
    let now = county.ground.now();
    let found = |code: &'static str, id: u128| {
        let values = (Uuid::from_u128(id), format!("{}{code}/", path(TOWNSHIP)));
        let found =
            county.ground.city.db.write(|tx| {
                tx.execute(FOUND, params![values.0, code, values.1.as_str(), county.ground.now()])
            });
        found.unwrap();
    };
    found(NEW_COMMUNITY, NEW_COMMUNITY.parse().unwrap());
    assert!(now < it.due);
    assert_eq!(county.counts(&it).expected, 2);
    let new = county.ground.acting(county.ground.officer("新村文书", Role::GridSupervisor, NEW_COMMUNITY));
    fill_in(&new, &it, NEW_COMMUNITY, "9").unwrap();

    // What happens after it was due changes nothing of who owed: not a founding, a closing or a new name.
    county.ground.clock.pass_seconds(6 * DAY);
    found("150902001004", 150_902_001_004);
    county.set(RENAME, NEW_COMMUNITY);
    county.set(RENAMED, NEW_COMMUNITY);
    county.set(END_AREA, COMMUNITY);
    let counts = county.counts(&it);
    assert_eq!((counts.expected, counts.arrived, counts.silent()), (2, 1, 1));
    let silent = campaign::units(&county.now(&county.leader), it.id, None, Show::Silent, &Window::first(9));
    assert_eq!(silent.unwrap().items[0].path.code(), COMMUNITY);
});

both!(the_tier_above_reviews_and_nobody_their_own, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    fill_in(&county.clerk, &it, COMMUNITY, "120").unwrap();
    let units =
        campaign::units(&county.secretary, it.id, None, Show::Waiting, &Window::first(9)).unwrap().items;
    let instance = units[0].record.as_ref().unwrap().instance_id.clone();
    // The unit reads it and does not review it; the neighbours do not know of it.
    assert!(!form::may_review(&county.clerk, "village", &instance).unwrap());
    let own = form::judge(&county.clerk, "village", (&instance, 1), Review::Approved, "");
    assert!(matches!(own, Err(Refusal::Denied)));
    for other in [&county.neighbour, &county.other_clerk] {
        assert!(matches!(form::record(other, "village", &instance), Err(Refusal::NotFound)));
        assert!(matches!(form::mend(other, "village", &instance), Err(Refusal::NotFound)));
    }
    // The township gives it back; whoever follows the clerk in office mends it.
    form::judge(&county.secretary, "village", (&instance, 1), Review::HasIssues, "少报了一个组").unwrap();
    assert_eq!(
        county.counts(&it),
        Counts { expected: 2, arrived: 1, valid: 1, returned: 1, ..Counts::default() }
    );
    assert!(county.told(&county.clerk).contains(&NoticeKind::RecordReturned));
    let next = county.ground.acting(county.ground.officer("新文书", Role::GridSupervisor, COMMUNITY));
    let id = form::mend(&next, "village", &instance).unwrap();
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), "140".into());
    form::save(&next, id, 0, "", &changes, &[]).unwrap();
    form::send(&next, id, None).unwrap();
    let history = form::history(&county.secretary, "village", &instance, &|_| 0).unwrap();
    let told: Vec<_> = history.iter().map(|(version, name, _)| (version.number, name.as_deref())).collect();
    assert_eq!(told, [(2, Some("新文书")), (1, Some("村文书"))]);
    assert!(history[0].2.record().contains("140") && history[1].2.record().contains("120"));

    // A reviewer who changed it has become an author, and another one accepts.
    let current = form::record(&county.secretary, "village", &instance).unwrap().current.instance_id;
    let xml = format!(
        r#"<data id="village" version="1"><households>141</households><meta><instanceID>uuid:9</instanceID><deprecatedID>{current}</deprecatedID></meta></data>"#
    );
    let sent = Sent { xml: xml.into_bytes(), files: Vec::new() };
    form::submit(&county.secretary, &sent, Expected::Any).unwrap();
    let own = form::judge(&county.secretary, "village", (&instance, 3), Review::Approved, "");
    assert!(matches!(own, Err(Refusal::Denied)));
    form::judge(&county.leader, "village", (&instance, 3), Review::Approved, "").unwrap();
    assert_eq!(county.counts(&it).accepted, 1);
    // What is accepted stands.
    let changed = form::mend(&county.clerk, "village", &instance);
    assert!(matches!(changed, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-accepted"));
    form::judge(&county.leader, "village", (&instance, 3), Review::HasIssues, "再核对").unwrap();
    form::mend(&county.clerk, "village", &instance).unwrap();
});

both!(a_neighbour_county_sees_nothing_and_a_township_its_own_part, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let far = &county.neighbour;
    assert!(matches!(campaign::progress(far, it.id, None), Err(Refusal::NotFound)));
    assert!(matches!(campaign::get(far, it.id), Err(Refusal::NotFound)));
    assert!(matches!(campaign::remind(far, it.id, COUNTY, None), Err(Refusal::NotFound)));
    assert!(matches!(campaign::end(far, it.id, End::Close, ""), Err(Refusal::NotFound)));
    assert!(matches!(campaign::begin(far, it.id, unit(COMMUNITY)), Err(Refusal::NotFound)));
    assert!(campaign::list(far, &Window::first(9)).unwrap().items.is_empty());
    let own = campaign::progress(&county.secretary, it.id, None).unwrap();
    assert_eq!((own.path.code(), own.counts.expected), (TOWNSHIP, 2));
    let above = campaign::progress(&county.secretary, it.id, Some(COUNTY));
    assert!(matches!(above, Err(Refusal::NotFound)));
    assert!(matches!(campaign::end(&county.secretary, it.id, End::Close, ""), Err(Refusal::Denied)));
    assert_eq!(campaign::list(&county.secretary, &Window::first(9)).unwrap().items.len(), 1);
    // To send one costs all who answer: a clerk may not, nor a leader beyond their own area or with another's form.
    let new = county.new_campaign(VILLAGES);
    assert!(matches!(campaign::send(&county.clerk, &new), Err(Refusal::Denied)));
    assert!(matches!(campaign::send(far, &new), Err(Refusal::Denied)));
    let elsewhere = New { area: OTHER_COUNTY.into(), ..new };
    match campaign::send(far, &elsewhere) {
        Err(Refusal::Invalid(faults)) => {
            assert!(faults.iter().any(|it| it.field == "form"), "{faults:?}")
        }
        other => panic!("{other:?}"),
    }
});

both!(those_who_are_silent_are_told_and_nobody_too_often, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    county.tick();
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    assert_eq!(county.told(&county.other_clerk), [NoticeKind::CampaignAsked]);
    assert!(county.told(&county.secretary).is_empty(), "only those who answer");
    // At once it is too soon, and half a day later it is not.
    let one = campaign::remind(&county.secretary, it.id, COMMUNITY, Some(unit(COMMUNITY)));
    assert!(matches!(one, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-reminded"));
    let round = campaign::remind(&county.secretary, it.id, TOWNSHIP, None).unwrap();
    assert_eq!((round.units, round.skipped, round.vacant), (0, 2, 0));
    county.ground.clock.pass_seconds(limits::CAMPAIGN_REMINDER_HOURS * HOUR);
    fill_in(&county.now(&county.clerk), &it, COMMUNITY, "1").unwrap();
    let secretary = county.now(&county.secretary);
    let rounds: Vec<_> = thread::scope(|scope| {
        let remind = || campaign::remind(&secretary, it.id, TOWNSHIP, None).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(remind)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(rounds.iter().map(|it| it.units).sum::<i64>(), 1, "of four offices at once one reminds");
    assert_eq!(county.told(&county.other_clerk), [NoticeKind::CampaignReminded, NoticeKind::CampaignAsked]);
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    let answered = campaign::remind(&secretary, it.id, COMMUNITY, Some(unit(COMMUNITY)));
    assert!(
        matches!(answered, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-not-silent")
    );

    // The clock tells before it is due and when it is; a run that was missed is made up for, and nothing twice.
    county.ground.clock.set("2026-11-26T00:00:00+08:00");
    county.tick();
    county.tick();
    county.ground.clock.set("2026-11-28T00:00:00+08:00");
    county.tick();
    let told = county.told(&county.other_clerk);
    assert_eq!(told[..2], [NoticeKind::CampaignDue, NoticeKind::CampaignReminded]);
    assert_eq!(told.len(), 4);
    let kinds: Vec<_> = campaign::rounds(&county.now(&county.leader), it.id).unwrap();
    let kinds: BTreeSet<_> = kinds.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["before", "due", "hand", "start"]));

    // It closes by itself after its grace; nobody is told of it any more, but the office that asked.
    county.ground.clock.set("2026-12-05T00:00:00+08:00");
    let over = asked(&county.now(&county.other_clerk), &it, OTHER_COMMUNITY, 2).unwrap_err();
    assert_eq!(
        reason(over),
        "conflict-campaign-closed",
        "to the moment, whether the clock has looked or not"
    );
    county.tick();
    let (ended, _) = campaign::get(&county.now(&county.leader), it.id).unwrap();
    assert_eq!((ended.state, ended.next), (State::Closed, None));
    assert_eq!(county.told(&county.leader), [NoticeKind::CampaignEnded]);
    let over = asked(&county.now(&county.other_clerk), &it, OTHER_COMMUNITY, 3).unwrap_err();
    assert_eq!(reason(over), "conflict-campaign-closed");
    let remind = campaign::remind(&county.now(&county.secretary), it.id, TOWNSHIP, None);
    assert!(
        matches!(remind, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-not-running")
    );
    assert_eq!(county.told(&county.other_clerk).len(), 4);
});

both!(the_office_that_asked_hears_when_all_have_answered_well, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    submit(&county.clerk, 1, "-1");
    submit(&county.other_clerk, 2, "2");
    county.tick();
    assert!(county.told(&county.leader).is_empty(), "one is invalid");
    edit(&county.clerk, 3, 1, "1").unwrap();
    county.tick();
    county.tick();
    assert_eq!(county.told(&county.leader), [NoticeKind::CampaignComplete]);
    assert!(campaign::get(&county.leader, it.id).unwrap().0.completed_at.is_some());
});

both!(a_post_that_nobody_holds_is_told_as_vacant, |db: Db| {
    let county = County::new(db);
    let grids = Audience::Areas { tier: Tier::Grid, kind: None };
    let worker = county.ground.acting(county.ground.officer("网格长", Role::GridLeader, GRID));
    let it = campaign::send(&county.leader, &county.new_campaign(grids)).unwrap();
    county.tick();
    let round = campaign::rounds(&county.leader, it.id).unwrap().remove(0);
    assert_eq!((round.kind, round.units, round.vacant), (RoundKind::Start, 1, 1));
    assert_eq!(county.told(&worker), [NoticeKind::CampaignAsked]);
    assert!(campaign::begin(&worker, it.id, unit(OTHER_GRID)).is_err());
    // The community's supervisor stands above its grids and reviews what they answer.
    fill_in(&worker, &it, GRID, "30").unwrap();
    let units =
        campaign::units(&county.clerk, it.id, Some(COMMUNITY), Show::Waiting, &Window::first(9)).unwrap();
    let instance = units.items[0].record.as_ref().unwrap().instance_id.clone();
    form::judge(&county.clerk, "village", (&instance, 1), Review::Approved, "").unwrap();
    assert_eq!(county.counts(&it).accepted, 1);
});

both!(everybody_in_an_office_answers_once_and_for_themselves, |db: Db| {
    let county = County::new(db);
    let audience = Audience::Holders { role: Role::GridLeader };
    let one = county.ground.officer("网格长", Role::GridLeader, GRID);
    let two = county.ground.officer("第二人", Role::GridLeader, GRID);
    // Two posts are one person.
    let body = county.ground.organization(
        domain::organization::OrganizationKind::GridTeam,
        "另一个队",
        OTHER_GRID,
        None,
    );
    county.ground.appoint(county.ground.post(body, Role::GridLeader, OTHER_GRID), one, None);
    let it = campaign::send(&county.leader, &county.new_campaign(audience)).unwrap();
    assert_eq!(county.counts(&it).expected, 2);
    let (one, two) = (county.ground.acting(one), county.ground.acting(two));
    let mine = campaign::mine(&one).unwrap();
    assert_eq!((mine.len(), mine[0].unit.id), (1, one.actor.person.unwrap().uuid()));
    let other = campaign::begin(&one, it.id, two.actor.person.unwrap().uuid());
    assert!(matches!(other, Err(Refusal::NotFound)), "nobody answers for a colleague");
    submit(&one, 1, "3");
    let counts = county.counts(&it);
    assert_eq!((counts.expected, counts.arrived), (2, 1));
    let own = campaign::progress(&county.secretary, it.id, None).unwrap();
    assert_eq!(own.lines.iter().map(|it| it.counts.expected).sum::<i64>(), 2);
    // The reminder goes to the person.
    county.tick();
    assert_eq!(county.told(&two), [NoticeKind::CampaignAsked]);
    assert!(county.told(&one).is_empty());
    let colleague = form::mend(&two, "village", "uuid:1");
    assert!(matches!(colleague, Err(Refusal::NotFound)));
});

both!(what_another_program_sends_counts_where_it_can_be_meant_for_one_unit_alone, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let told = |receipt: Receipt| receipt.asked.map(|it| it.id);
    assert_eq!(told(submit(&county.clerk, 1, "1")), Some("record-asked"));
    assert_eq!(
        told(submit(&county.clerk, 2, "1")),
        Some("record-asked-before"),
        "kept, and counted for none"
    );
    assert_eq!(told(submit(&county.leader, 3, "1")), None, "who is not asked");
    // Two campaigns ask the same of the same unit.
    let second = New { title: "再问一次".into(), ..county.new_campaign(VILLAGES) };
    let second = campaign::send(&county.leader, &second).unwrap();
    assert_eq!(told(submit(&county.other_clerk, 4, "1")), Some("record-asked-several"));
    assert_eq!(told(submit(&county.clerk, 5, "1")), Some("record-asked"), "one of them has its answer");
    assert_eq!((county.counts(&it).arrived, county.counts(&second).arrived), (1, 1));
    // A draft says which one it is.
    fill_in(&county.other_clerk, &second, OTHER_COMMUNITY, "4").unwrap();
    assert_eq!(county.counts(&second).arrived, 2);
});

both!(a_campaign_that_is_planned_or_withdrawn_takes_nothing, |db: Db| {
    let county = County::new(db);
    let new = New { starts: Some(date(2026, 11, 23)), ..county.new_campaign(VILLAGES) };
    let it = campaign::send(&county.leader, &new).unwrap();
    assert_eq!(campaign::send(&county.leader, &new).unwrap().id, it.id, "sent twice it is one");
    county.tick();
    assert!(county.told(&county.clerk).is_empty() && campaign::mine(&county.clerk).unwrap().is_empty());
    let early = asked(&county.clerk, &it, COMMUNITY, 1).unwrap_err();
    assert_eq!(reason(early), "conflict-campaign-planned");
    county.ground.clock.set("2026-11-23T09:00:00+08:00");
    county.tick();
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    let leader = county.now(&county.leader);
    let silent = campaign::end(&leader, it.id, End::Withdraw, " ");
    assert!(matches!(silent, Err(Refusal::Invalid(_))), "not without a reason");
    let clerk = county.now(&county.clerk);
    let Begun::Draft(draft) = campaign::begin(&clerk, it.id, unit(COMMUNITY)).unwrap() else { panic!() };
    campaign::end(&leader, it.id, End::Withdraw, "与另一张表重复").unwrap();
    campaign::end(&leader, it.id, End::Withdraw, "与另一张表重复").unwrap();
    let reopened = campaign::end(&leader, it.id, End::Close, "");
    assert!(matches!(reopened, Err(Refusal::Conflict(message)) if message.id == "conflict-campaign-ended"));
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), "3".into());
    form::save(&clerk, draft, 0, "", &changes, &[]).unwrap();
    assert_eq!(reason(form::send(&clerk, draft, None).unwrap_err()), "conflict-campaign-withdrawn");
    county.ground.clock.pass_seconds(30 * DAY);
    county.tick();
    assert_eq!(county.told(&county.clerk), [NoticeKind::CampaignAsked]);
    assert!(campaign::mine(&county.now(&county.clerk)).unwrap().is_empty());
});

both!(what_cannot_be_asked_is_refused_with_all_its_reasons, |db: Db| {
    let county = County::new(db);
    let new = county.new_campaign(VILLAGES);
    let faults = |new: New| match campaign::send(&county.leader, &new) {
        Err(Refusal::Invalid(faults)) => {
            faults.iter().map(|it| format!("{}:{}", it.field, it.message.id)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let wrong = New { due: date(2026, 11, 1), grace_days: 400, form_id: "none".into(), ..new.clone() };
    assert_eq!(
        faults(wrong),
        ["form:fault-campaign-form", "due:fault-campaign-due", "grace_days:fault-range"]
    );
    let sunday = New { due: date(2026, 11, 29), due_by: DueBy::Work, ..new.clone() };
    assert_eq!(faults(sunday), ["due:fault-campaign-no-workday"]);
    let nobody = New { audience: Audience::Holders { role: Role::Auditor }, ..new.clone() };
    assert_eq!(faults(nobody), ["audience:fault-campaign-nobody"]);
    let city = New { audience: Audience::Areas { tier: Tier::City, kind: None }, ..new.clone() };
    assert_eq!(faults(city), ["audience:fault-campaign-audience"]);
    let friday = New { due_by: DueBy::Work, ..new };
    let due = campaign::send(&county.leader, &friday).unwrap().due;
    assert_eq!(due.to_string(), "2026-11-27T18:00:00+08:00");
});

both!(the_moment_a_phone_had_it_is_shown_beside_that_of_its_arrival, |db: Db| {
    let county = County::new(db);
    let it = county.sent();
    let Begun::Draft(id) = campaign::begin(&county.clerk, it.id, unit(COMMUNITY)).unwrap() else { panic!() };
    let mut changes = Changes::default();
    changes.answers.insert("/data/households".into(), "12".into());
    form::save(&county.clerk, id, 0, "", &changes, &[]).unwrap();
    let finished = county.ground.now().plus_seconds(600);
    // It waits for a network until it is late.
    county.ground.clock.pass_seconds(8 * DAY);
    form::send(&county.now(&county.clerk), id, Some(finished)).unwrap();
    let units =
        campaign::units(&county.now(&county.leader), it.id, None, Show::Late, &Window::first(9)).unwrap();
    let record = units.items[0].record.as_ref().unwrap();
    assert_eq!((record.finished_at, record.arrived_at), (Some(finished), county.ground.now()));
    // A clock that is wrong says nothing.
    let other = county.now(&county.other_clerk);
    let Begun::Draft(id) = campaign::begin(&other, it.id, unit(OTHER_COMMUNITY)).unwrap() else { panic!() };
    form::save(&other, id, 0, "", &changes, &[]).unwrap();
    form::send(&other, id, Some(other.now.plus_seconds(DAY))).unwrap();
    let units =
        campaign::units(&county.now(&county.leader), it.id, None, Show::Arrived, &Window::first(9)).unwrap();
    let finished: Vec<_> = units.items.iter().map(|it| it.record.as_ref().unwrap().finished_at).collect();
    assert_eq!(finished.iter().flatten().count(), 1);
});
