//! What turnstiles and devices of checkpoints send, and what they are told.

use std::{collections::BTreeMap, sync::Arc, thread};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{
    Refusal,
    checkpoint::{self, New},
    pass::{self, Bearer, Decision, NewRegime},
};
use kernel::Id;
use serde_json::{Value, json};
use store::{Db, both};
use uuid::Uuid;
use web::{Settings, checkpoint::BundleSource};

use crate::support::{Answer, Town};

const VECTORS: &str = include_str!("../../../../data/vectors/pass.json");
const VERIFY: &str = "/api/v1/passes/verify";
const COUNTS: &str = "/api/v1/checkpoints/counts";
/// When the vectors' passes are good.
const NOW: i64 = 1_800_000_000;

fn vectors() -> Value {
    serde_json::from_str(VECTORS).expect("vectors")
}

fn town(db: Db) -> Town {
    let bundle = BASE64_STANDARD.decode(vectors()["bundle"].as_str().unwrap()).unwrap();
    let source: BundleSource = Arc::new(move |_| Ok(Some(bundle.clone())));
    let town = Town::with(db, Settings { pass_bundle: Some(source), ..Settings::default() });
    let now = town.city().clock.now().micros() / 1_000_000;
    town.clock.pass_seconds(NOW - now);
    town
}

fn text(name: &str) -> String {
    let vectors = vectors();
    let case = vectors["cases"].as_array().unwrap().iter().find(|it| it["name"] == name);
    case.unwrap_or_else(|| panic!("{name}"))["text"].as_str().unwrap().to_owned()
}

both!(a_turnstile_is_told_green_red_or_yellow_with_the_agreed_code, |db: Db| {
    let town = town(db);
    let mut seen = BTreeMap::new();
    for case in vectors()["cases"].as_array().unwrap().iter().filter(|it| it["now"] == NOW) {
        let body = json!({ "pass": case["text"], "scope": case["class"], "regime": case["regime"] });
        // A turnstile that is set to what there is not would refuse everybody: it is told that instead.
        if case["regime"] == 99 || case["class"] == 16 {
            let field = if case["regime"] == 99 { "regime" } else { "scope" };
            assert_eq!(town.anonymous().post(VERIFY, &body).fields(422), [field], "{}", case["name"]);
            continue;
        }
        let answer = town.anonymous().post(VERIFY, &body).of(200);
        let told = &answer["answers"][0];
        assert_eq!(told["code"], case["code"], "{}", case["name"]);
        let tone = match (case["code"] == "accepted", case["cannot_tell"] == true) {
            (true, _) => "green",
            (false, true) => "yellow",
            (false, false) => "red",
        };
        assert_eq!(told["answer"], tone, "{}", case["name"]);
        assert!(!told["reason"].as_str().unwrap().starts_with("pass-"), "{told}");
        seen.insert(tone, ());
    }
    assert_eq!(seen.len(), 3);
    // A family at a gate that has a name.
    let passes = json!([text("good, Ed25519"), text("revoked"), "nonsense"]);
    let answer = town.user("handler").post(VERIFY, &json!({ "passes": passes, "scope": "compound" })).of(200);
    let codes: Vec<_> = answer["answers"].as_array().unwrap().iter().map(|it| it["code"].clone()).collect();
    assert_eq!(codes, ["accepted", "revoked", "prefix"]);
    assert_eq!((&answer["bundle"], &answer["issued_at"]), (&json!(1), &json!(NOW)));
    let shop = json!({ "pass": text("good, Ed25519"), "scope": "shop" });
    assert_eq!(town.anonymous().post(VERIFY, &shop).of(200)["answers"][0]["code"], "scope");
    let any = json!({ "pass": text("good, Ed25519") });
    let told = town.anonymous().post(VERIFY, &any).of(200)["answers"][0].clone();
    assert_eq!(told["expires"], json!(NOW + 24 * 3600));
    assert_eq!((&told["regime"], &told["order"]), (&json!(12), &json!("Flood, old town")));
    // A turnstile of one order is told whose the pass is that another issued.
    let other = json!({ "pass": text("good, Ed25519"), "scope": 0, "regime": 13 });
    let told = town.anonymous().post(VERIFY, &other).of(200)["answers"][0].clone();
    assert_eq!((&told["answer"], &told["code"]), (&json!("red"), &json!("other-regime")));
    assert_eq!((&told["regime"], &told["order"]), (&json!(12), &json!("Flood, old town")));
});

both!(what_is_no_question_is_told_and_a_city_without_passes_says_so, |db: Db| {
    let town = town(db);
    let fields = |body: Value| town.anonymous().post(VERIFY, &body).fields(422);
    assert_eq!(fields(json!({})), ["pass"]);
    assert_eq!(fields(json!({ "pass": "a", "passes": ["b"] })), ["pass"]);
    assert_eq!(fields(json!({ "passes": [] })), ["passes"]);
    assert_eq!(fields(json!({ "passes": vec!["a"; 17] })), ["passes"]);
    assert_eq!(fields(json!({ "pass": "a", "name": "王" })), ["name"]);
    assert_eq!(fields(json!({ "pass": 7 })), ["pass"]);
    assert_eq!(fields(json!({ "pass": "a", "scope": "no such place" })), ["scope"]);
    assert_eq!(fields(json!({ "pass": "a", "scope": "compound", "regime": 77 })), ["regime"]);
    assert_eq!(fields(json!({ "pass": "a", "regime": 99 })), ["regime"]);
    assert_eq!(
        fields(json!({ "pass": "a", "scope": 7, "regime": 12 })),
        ["scope"],
        "it has fewer kinds of place"
    );
    assert_eq!(fields(json!({ "pass": "a", "scope": 16 })), ["scope"], "in no order");
    let long = json!({ "pass": "A".repeat(100_000) });
    assert_eq!(town.anonymous().post(VERIFY, &long).of(200)["answers"][0]["code"], "prefix");
    town.clock.pass_seconds(73 * 3600);
    let good = json!({ "pass": text("good, Ed25519") });
    let told = town.anonymous().post(VERIFY, &good).of(200);
    assert_eq!(
        (&told["answers"][0]["answer"], &told["answers"][0]["code"]),
        (&json!("yellow"), &json!("bundle-expired"))
    );
});

#[test]
fn a_city_without_passes_says_so() {
    let scratch = store::testing::Scratch::sqlite();
    let town = Town::new(scratch.db.clone());
    let answer = town.anonymous().post(VERIFY, &json!({ "pass": "OZ1:" }));
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "1"));
    assert_eq!(answer.json()["type"], "no-bundle");
}

#[test]
fn a_newer_bundle_is_taken_up_and_one_that_is_none_leaves_the_last() {
    let vectors = vectors();
    let bundle = |name: &str| -> Vec<u8> {
        let found = vectors["bundles"].as_array().unwrap().iter().find(|it| it["name"] == name).unwrap();
        BASE64_STANDARD.decode(found["bundle"].as_str().unwrap()).unwrap()
    };
    let served = Arc::new(std::sync::Mutex::new(Ok(Some(bundle("good")))));
    let source: BundleSource = {
        let served = served.clone();
        Arc::new(move |_| {
            let served: &Result<_, &str> = &served.lock().unwrap();
            served.clone().map_err(|it| Refusal::Broken(it.to_owned()))
        })
    };
    let scratch = store::testing::Scratch::sqlite();
    let town = Town::with(scratch.db.clone(), Settings { pass_bundle: Some(source), ..Settings::default() });
    let number = || town.anonymous().post(VERIFY, &json!({ "pass": "x" })).of(200)["bundle"].clone();
    assert_eq!(number(), 1);
    *served.lock().unwrap() = Ok(Some(bundle("good, after another")));
    assert_eq!(number(), 1, "not asked for each pass");
    town.clock.pass_seconds(16);
    assert_eq!(number(), 8);
    for other in ["good", "nothing", "a list twice"] {
        *served.lock().unwrap() = Ok(Some(bundle(other)));
        town.clock.pass_seconds(16);
        assert_eq!(number(), 8, "{other}");
    }
    *served.lock().unwrap() = Err("the disk does not answer");
    town.clock.pass_seconds(16);
    assert_eq!(number(), 8, "what cannot be read now says nothing of what there was");
    *served.lock().unwrap() = Ok(None);
    town.clock.pass_seconds(16);
    assert_eq!(town.anonymous().post(VERIFY, &json!({ "pass": "x" })).status.as_u16(), 503);
}

fn order(now: kernel::Timestamp) -> NewRegime {
    NewRegime {
        area: "150902001".into(),
        title: "防汛通行".into(),
        legal_basis: "突发事件应对法".into(),
        order_number: "2026-3".into(),
        purposes: "让居民通过".into(),
        duties: "只看真假，不登记".into(),
        start: now,
        end: now.plus_seconds(10 * 86_400),
        scopes: "小区\n商店".into(),
        bearer: Bearer::Name,
        pass_seconds: 48 * 3_600,
        holders: 1_000,
        rule: "resident: lives_in".into(),
    }
}

struct Gate {
    town: Town,
    id: Id<kernel::Checkpoint>,
    device: String,
}

impl Gate {
    fn new(db: Db) -> Self {
        let town = Town::new(db);
        let [ctx, commander] = ["leader", "commander"]
            .map(|it| domain::account::resolve(town.city(), &town.token(it)).expect("a session"));
        let proposed = pass::propose(&ctx, &order(ctx.now)).unwrap().number;
        let regime = pass::decide(&commander, proposed, Decision::Approve, "").unwrap().number;
        let (ends_at, id) = (ctx.now.plus_seconds(86_400), ctx.id());
        let (area, name) = ("150902001".to_owned(), "北门".to_owned());
        let new = New { id, area, name, regime, place: 0, ends_at };
        checkpoint::open(&ctx, &new).unwrap();
        let device = checkpoint::add_device(&ctx, id).unwrap();
        let device = checkpoint::device_token(town.city(), device.id);
        Self { town, id, device }
    }

    fn hour(&self) -> i64 {
        self.town.city().clock.now().micros() / 3_600_000_000
    }

    fn body(&self, batch: u128, looks: i64) -> Value {
        let counts = json!([{ "hour": self.hour(), "outcome": "accepted", "looks": looks }]);
        json!({ "device": self.device, "batch": Uuid::from_u128(batch), "counts": counts })
    }

    fn send(&self, body: &Value) -> Answer {
        self.town.anonymous().post(COUNTS, body)
    }

    fn green(&self) -> i64 {
        let token = self.town.token("leader");
        let ctx = domain::account::resolve(self.town.city(), &token).expect("a session");
        checkpoint::detail(&ctx, self.id).unwrap().hours.iter().map(|it| it.green).sum()
    }
}

both!(a_batch_sent_48_times_at_once_over_the_wire_counts_once, |db: Db| {
    let gate = Gate::new(db);
    let body = gate.body(1, 7);
    let new: Vec<bool> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..48).map(|_| scope.spawn(|| gate.send(&body).of(200)["is_new"] == true)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(new.iter().filter(|it| **it).count(), 1);
    assert_eq!(gate.green(), 7);
    let state = gate.send(&gate.body(2, 1)).of(200);
    assert_eq!((&state["name"], &state["number"], &state["place"]), (&json!("北门"), &json!(1), &json!(0)));
});

both!(a_body_with_room_for_a_person_is_refused_and_a_gate_that_there_is_not_is_not_there, |db: Db| {
    let gate = Gate::new(db);
    for (name, value) in [("name", json!("王小明")), ("pass", json!("OZ1:")), ("place", json!("北门"))] {
        let mut body = gate.body(1, 1);
        body[name] = value.clone();
        assert_eq!(gate.send(&body).fields(422), [name]);
        let mut body = gate.body(1, 1);
        body["counts"][0][name] = value;
        assert!(gate.send(&body).fields(422)[0].contains(name));
    }
    let mut unknown = gate.body(1, 1);
    unknown["device"] = json!("A".repeat(43));
    let absent = gate.send(&unknown);
    assert_eq!(absent.status.as_u16(), 404);
    unknown["device"] = json!("x");
    assert_eq!(gate.send(&unknown).bytes, absent.bytes);
    assert_eq!(gate.send(&gate.body(1, 0)).fields(422), ["looks"]);
    assert_eq!(gate.green(), 0);
    gate.town.clock.pass_seconds(2 * 86_400);
    assert_eq!(gate.send(&gate.body(1, 1)).of(200)["is_new"], true, "after its end, as of its last hour");
    gate.town.clock.pass_seconds(9 * 86_400);
    assert_eq!(gate.send(&gate.body(1, 1)).status.as_u16(), 404);
});
