//! The tree of areas, procedures and classes.

use domain::{Ctx, area};
use serde_json::json;
use store::{Db, both};

use crate::support::{GRID, Town, pick};

both!(the_tree_is_public_and_narrowed_by_tier_code_name_and_parent, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let codes = |query: &str| {
        let page = nobody.get(&format!("/api/v1/areas?{query}")).of(200);
        (page["total"].as_i64().unwrap(), pick(&page["items"], "code"))
    };
    assert_eq!(codes("tier=county"), (2, vec!["150902".into(), "150921".into()]));
    assert_eq!(codes("tier=2"), codes("tier=county"));
    assert_eq!(codes("parent=150902001").0, 2);
    assert_eq!(codes("code=150902001&tier=4").0, 2);
    assert_eq!(codes("name=%E6%B3%B0%E6%98%8C"), (1, vec!["150902001001".into()]));
    assert_eq!(codes("parent=999999"), (0, vec![]));
    let first = nobody.get("/api/v1/areas?limit=5").of(200);
    assert_eq!((first["total"].as_i64(), first["items"].as_array().map(Vec::len)), (Some(9), Some(5)));
    let rest =
        nobody.get(&format!("/api/v1/areas?limit=5&cursor={}", first["next"].as_str().unwrap())).of(200);
    assert_eq!((rest["items"].as_array().map(Vec::len), rest["next"].as_str()), (Some(4), None));
});

both!(an_area_tells_its_line_what_is_below_it_and_what_it_was, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let grid = nobody.get(&format!("/api/v1/areas/{GRID}")).of(200);
    assert_eq!(pick(&grid["line"], "code"), ["1509", "150902", "150902001", "150902001001", GRID]);
    assert_eq!((grid["tier"].as_str(), grid["parent_code"].as_str()), (Some("grid"), Some("150902001001")));
    let county = nobody.get("/api/v1/areas/150902").of(200);
    assert!(county["counts"].as_array().unwrap().iter().any(|it| it["tier"] == "grid" && it["count"] == 1));
    let below = nobody.get("/api/v1/areas/150902001/children?limit=1").of(200);
    assert_eq!(pick(&below["items"], "code"), ["150902001001"]);

    town.clock.pass_seconds(30 * 86_400);
    let ctx = Ctx::system(town.city().clone());
    let renamed = "code,name,parent\n150902001002,朝阳社区,150902001\n";
    let source = area::Source { name: "later", bytes: renamed.as_bytes() };
    area::import(&ctx, source, area::Options { complete: false, date: ctx.now }, &mut |_, _| {}).unwrap();
    let name =
        |query: &str| nobody.get(&format!("/api/v1/areas/150902001002{query}")).of(200)["name"].clone();
    assert_eq!((name(""), name("?as_of=2026-12-01")), (json!("朝阳社区"), json!("光明社区")));
    let history = nobody.get("/api/v1/areas/150902001002/history").of(200);
    assert_eq!(pick(&history["items"], "name"), ["光明社区", "朝阳社区"]);
    assert_eq!(nobody.get("/api/v1/areas/150902001002?as_of=2020-01-01").of(404)["type"], "not-found");
    assert_eq!(nobody.get("/api/v1/areas/150902001002?as_of=yesterday").fields(422), ["as_of"]);
});

both!(a_point_finds_its_area_and_outlines_are_kept_by_their_tag, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    assert_eq!(nobody.get("/api/v1/areas/locate?longitude=113.1&latitude=41").of(200)["code"], "150902");
    assert_eq!(nobody.get("/api/v1/areas/locate?longitude=0&latitude=0").of(404)["type"], "not-found");
    for (query, field) in [
        ("longitude=181&latitude=0", "longitude"),
        ("longitude=0&latitude=NaN", "latitude"),
        ("longitude=0", "latitude"),
    ] {
        assert_eq!(nobody.get(&format!("/api/v1/areas/locate?{query}")).fields(422), [field], "{query}");
    }
    let outlines = nobody.get("/api/v1/areas/boundaries?parent=1509");
    assert_eq!(outlines.header("content-type"), "application/geo+json");
    let tag = outlines.header("etag").to_owned();
    assert_eq!(outlines.of(200)["features"][0]["properties"]["code"], "150902");
    let request = nobody
        .request(axum::http::Method::GET, "/api/v1/areas/boundaries?parent=1509")
        .header("if-none-match", tag);
    let known = town.send(request.body(axum::body::Body::empty()).unwrap());
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
});

both!(a_client_learns_from_the_server_what_it_may_send, |db: Db| {
    let town = Town::new(db);
    let nobody = town.anonymous();
    let procedures = nobody.get("/api/v1/procedures").of(200);
    assert_eq!(procedures["items"][0]["id"], "city-event");
    let one = nobody.get("/api/v1/procedures/city-event").of(200);
    let steps: Vec<_> =
        one["stages"].as_array().unwrap().iter().map(|it| it["step"].as_i64().unwrap()).collect();
    assert_eq!(steps[..8], [1, 2, 3, 3, 4, 5, 6, 7]);
    let handle = one["stages"].as_array().unwrap().iter().find(|it| it["id"] == "handle").unwrap();
    let back = handle["transitions"].as_array().unwrap().iter().find(|it| it["id"] == "return").unwrap();
    assert_eq!((back["at_most"].as_i64(), back["then"].as_str()), (Some(1), Some("dispute")));
    assert_eq!(nobody.get("/api/v1/procedures/other").of(404)["type"], "not-found");
    let classes = nobody.get("/api/v1/classes").of(200);
    assert!(classes.to_string().contains("c1-street-lamp"));
});
