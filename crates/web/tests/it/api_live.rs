//! What moves, told as it moves, to those who may see it.

use std::{collections::BTreeSet, time::Duration};

use axum::{body::Body, http::Method};
use domain::{
    account,
    case::{self, Contact, Report},
};
use kernel::Id;
use serde_json::Value;
use store::{Db, both};
use tokio_stream::StreamExt;
use uuid::Uuid;

use crate::support::{GRID, Town, lamp, with};

/// Reads events until `until` comes; their names and data.
async fn events(body: Body, until: &str) -> Vec<(String, Value)> {
    let mut stream = body.into_data_stream();
    let (mut text, mut found) = (String::new(), Vec::new());
    while let Some(chunk) = stream.next().await {
        text.push_str(std::str::from_utf8(&chunk.expect("a chunk")).expect("UTF-8"));
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim()
            };
            let name = field("event:").to_owned();
            found.push((name.clone(), serde_json::from_str(field("data:")).unwrap_or_default()));
            text = rest.to_owned();
            if name == until {
                return found;
            }
        }
    }
    panic!("the stream ended before {until}: {found:?}");
}

both!(the_map_moves_when_a_case_does, |db: Db| {
    let town = Town::new(db);
    let watch = |name: &str, path: &str| {
        let request = town.user(name).request(Method::GET, path).body(Body::empty()).unwrap();
        let answer = town.run(town.open(request));
        assert_eq!(answer.headers()["content-type"], "text/event-stream", "{name}");
        answer.into_body()
    };
    let all = watch("commander", "/api/v1/events?area=1509");
    let here = watch("dispatcher", "/api/v1/events");
    let elsewhere = watch("neighbour", "/api/v1/events");
    let case = town.user("resident").report(&lamp(1));
    let seen = town.run(events(all, "counts"));
    let moved = seen.iter().find(|(name, _)| name == "case").expect("the case before its figures");
    assert_eq!((&moved.1["id"], &moved.1["county_code"]), (&case["id"], &"150902".into()));
    assert!(moved.1.get("description").is_none() && moved.1.get("place").is_none());
    assert_eq!(seen.last().unwrap().1["total"]["open"], 1);
    assert_eq!(town.run(events(here, "case")).last().unwrap().1["id"], case["id"]);

    // A case of their own is the first that the neighbours hear of.
    town.clock.pass_seconds(1);
    let other = town.user("resident").report(&with(lamp(2), "area", "150921100001"));
    let heard = town.run(events(elsewhere, "case"));
    assert_eq!(heard.last().unwrap().1["id"], other["id"]);
});

both!(the_map_goes_on_when_more_move_at_once_than_are_read_at_once, |db: Db| {
    /// One more than a look reads at once.
    const MOVES: u128 = 501;
    let town = Town::new(db);
    let request = town.user("commander").request(Method::GET, "/api/v1/events?area=1509");
    let map = town.run(town.open(request.body(Body::empty()).unwrap())).into_body();
    let resident = account::resolve(town.city(), &town.token("resident")).unwrap();
    let report = |number| Report {
        id: Id::from_uuid(Uuid::from_u128(number)),
        procedure: "city-event".into(),
        class: "c1-street-lamp".into(),
        area: GRID.into(),
        place: String::new(),
        position: None,
        description: "停电了".into(),
        contact: Contact::default(),
        photos: Vec::new(),
    };
    // All at one moment: the clock stands still.
    let reported: BTreeSet<String> =
        (1..=MOVES).map(|it| case::report(&resident, report(it)).unwrap().0.id.to_string()).collect();
    let told = town.run(async {
        let (mut stream, mut text, mut told) = (map.into_data_stream(), String::new(), BTreeSet::new());
        let all = async {
            while told.len() < reported.len() {
                text.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
                while let Some((event, rest)) = text.split_once("\n\n") {
                    let data = event.lines().find_map(|line| line.strip_prefix("data:")).unwrap_or_default();
                    let data: Value = serde_json::from_str(data).unwrap_or_default();
                    told.extend(data["id"].as_str().map(str::to_owned));
                    text = rest.to_owned();
                }
            }
        };
        // Pings would go on for ever.
        let _ = tokio::time::timeout(Duration::from_secs(20), all).await;
        told
    });
    assert_eq!(told.len(), reported.len(), "not told: {:?}", reported.difference(&told).collect::<Vec<_>>());
});

both!(who_sees_no_area_is_told_nothing, |db: Db| {
    let town = Town::new(db);
    assert_eq!(town.anonymous().get("/api/v1/events").of(401)["type"], "sign-in");
    assert_eq!(town.user("resident").get("/api/v1/events").of(403)["type"], "denied");
    assert_eq!(town.user("handler").get("/api/v1/events?area=150902").of(403)["type"], "denied");
    assert_eq!(town.user("neighbour").get("/api/v1/events?area=1509").of(403)["type"], "denied");
    assert_eq!(town.user("commander").get("/api/v1/events?area=77").of(404)["type"], "not-found");
    assert_eq!(town.user("resident").get("/api/v1/counts?area=1509").of(403)["type"], "denied");
});
