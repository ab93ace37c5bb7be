//! Supervision and reopening by the API.

use serde_json::{Value, json};
use store::{Db, both};

use crate::support::{Town, jpeg, lamp, pick, with};

/// A case that its handler has to handle.
fn dispatched(town: &Town, number: u128) -> String {
    let reported = town.user("resident").report(&lamp(number));
    let case = reported["id"].as_str().expect("an id").to_owned();
    let photos = [jpeg(64, 48)];
    town.user("grid_leader").advance(&case, "verify", &json!({ "finding": "exists" }), &photos);
    town.user("dispatcher").advance(&case, "dispatch", &json!({ "organization": town.lighting }), &[]);
    case
}

fn closed(town: &Town, number: u128) -> String {
    let case = dispatched(town, number);
    let photos = [jpeg(64, 48)];
    town.user("handler").advance(&case, "feed_back", &json!({ "note": "换了灯泡" }), &photos);
    town.user("dispatcher").advance(&case, "accept", &json!({}), &[]);
    town.user("grid_supervisor").advance(&case, "close", &json!({}), &photos);
    town.user("resident").advance(&case, "rate", &json!({ "rating": 1, "solved": false }), &[]);
    case
}

both!(a_leader_orders_a_reply_and_decides_on_it, |db: Db| {
    let town = Town::new(db);
    let case = dispatched(&town, 1);
    let (leader, handler) = (town.user("leader"), town.user("handler"));
    let levels = town.anonymous().get("/api/v1/supervisions/levels").of(200);
    assert_eq!(pick(&levels["items"], "id"), ["general", "key", "listed"]);
    assert_eq!(
        (&levels["items"][0]["tier"], &levels["items"][0]["within_amount"]),
        (&json!("township"), &json!(3))
    );

    let id = "01930000-0000-7000-8000-00000000aaaa";
    let order =
        json!({ "id": id, "case": case, "kind": "leader", "level": "general", "requirement": "请说明" });
    let early = with(order.clone(), "kind", "overdue");
    assert_eq!(leader.post("/api/v1/supervisions", &early).fields(422), ["kind"], "its time is not over");
    let given = leader.post("/api/v1/supervisions", &order).of(201);
    assert_eq!((&given["state"], &given["due"]), (&json!("waiting"), &json!("2026-11-25T18:00:00+08:00")));
    assert_eq!(given["organization_name"], "集宁区照明所");
    assert_eq!(given["steps"], json!(["cancel"]));
    assert_eq!(leader.post("/api/v1/supervisions", &order).of(201)["id"], id, "sent again");
    let another = with(order.clone(), "id", Value::Null);
    assert_eq!(leader.post("/api/v1/supervisions", &another).status, 409);
    for (field, value) in [("level", "none"), ("kind", "whim"), ("requirement", " ")] {
        assert_eq!(
            leader.post("/api/v1/supervisions", &with(another.clone(), field, value)).fields(422),
            [field]
        );
    }
    // The leader's office is a township's: what is listed is ordered from above.
    let listed = with(another, "level", "listed");
    assert_eq!(leader.post("/api/v1/supervisions", &listed).fields(422), ["level"]);

    let own = handler.get("/api/v1/supervisions?to_reply=true").of(200);
    assert_eq!((pick(&own["items"], "id"), &own["counts"]["waiting"]), (vec![id.to_owned()], &json!(1)));
    let reply = json!({ "request": "01930000-0000-7000-8000-00000000bbbb", "note": "等配件" });
    for _ in 0..2 {
        let replied = handler.post(&format!("/api/v1/supervisions/{id}/steps/reply"), &reply).of(200);
        assert_eq!((&replied["state"], &replied["reply"]), (&json!("replied"), &json!("等配件")));
    }
    assert_eq!(handler.post(&format!("/api/v1/supervisions/{id}/steps/accept"), &json!({})).status, 403);
    assert_eq!(leader.post(&format!("/api/v1/supervisions/{id}/steps/burn"), &json!({})).status, 404);
    let seen = leader.get(&format!("/api/v1/supervisions/{id}")).of(200);
    assert_eq!(seen["steps"], json!(["refuse", "accept", "cancel"]));
    let done = leader.post(&format!("/api/v1/supervisions/{id}/steps/accept"), &json!({})).of(200);
    assert_eq!((&done["state"], &done["steps"]), (&json!("accepted"), &json!([])));
    for (query, count) in [("", 0), ("?show=ended", 1), ("?area=150902001&show=ended", 1), ("?show=late", 0)]
    {
        let list = leader.get(&format!("/api/v1/supervisions{query}")).of(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(count), "{query}");
    }
    let timeline = leader.get(&format!("/api/v1/cases/{case}")).of(200);
    let said = timeline["events"].as_array().unwrap().iter().filter(|it| it["supervision"] == id);
    let words: Vec<&str> = said.filter_map(|it| it["transition"].as_str()).collect();
    assert_eq!(words, ["supervision_order", "supervision_reply", "supervision_accept"]);
    for stranger in [town.user("stranger"), town.user("neighbour")] {
        assert_eq!(stranger.get(&format!("/api/v1/supervisions/{id}")).status, 404);
    }
});

both!(a_reporter_opens_a_closed_case_again_within_a_week, |db: Db| {
    let town = Town::new(db);
    let (case, late) = (closed(&town, 1), closed(&town, 2));
    let resident = town.user("resident");
    let seen = resident.get(&format!("/api/v1/cases/{case}")).of(200);
    assert_eq!(pick(&seen["transitions"], "id"), ["reopen"]);
    let until = json!({ "transition": "reopen", "until": "2026-11-27T09:00:00+08:00", "open": true });
    assert_eq!((&seen["reopening"], &seen["times_left"]), (&until, &json!({ "reopen": 2 })));
    let path = format!("/api/v1/cases/{case}/transitions/reopen");
    assert_eq!(resident.post(&path, &json!({})).fields(422), ["note"]);
    let reason = json!({ "note": "又灭了" });
    let again = resident.advance(&case, "reopen", &reason, &[jpeg(64, 48)]);
    assert_eq!(
        (&again["status"], &again["stage"], &again["reopens"]),
        (&json!("open"), &json!("dispatch"), &json!(1))
    );
    assert_eq!((&again["closed_at"], again["first_closed_at"].is_string()), (&Value::Null, true));
    let list = town.user("leader").get("/api/v1/cases?reopened=true").of(200);
    assert_eq!(pick(&list["items"], "id"), [case.as_str()]);
    assert_eq!(town.user("leader").get("/api/v1/notices").of(200)["items"][0]["kind"], "case-reopened");

    town.clock.pass_seconds(7 * 86_400 + 1);
    let resident = town.user("resident");
    let seen = resident.get(&format!("/api/v1/cases/{late}")).of(200);
    assert_eq!((&seen["transitions"], &seen["reopening"]["open"]), (&json!([]), &json!(false)));
    let refused = resident.post(&format!("/api/v1/cases/{late}/transitions/reopen"), &reason);
    assert_eq!(refused.status, 409);
    let number = seen["number"].as_str().unwrap();
    assert!(refused.text().contains(number), "it says what to name in a new report: {}", refused.text());
});
