//! The log as everybody meets it: its page, its files, and the proof of an entry about oneself.

use axum::http::StatusCode;
use domain::journal;
use store::{Db, both};
use tlog::{Hash, LogIdentity, Policy, ProofFile, Resource, Source};

use crate::support::{Answer, Town, lamp, pick};

/// The files of a log as a browser gets them.
struct Served<'a>(&'a Town);

impl Source for Served<'_> {
    type Error = std::convert::Infallible;

    fn get(&self, resource: Resource) -> Result<Option<Vec<u8>>, Self::Error> {
        let answer = self.0.anonymous().get(&format!("/log/{resource}"));
        Ok((answer.status == StatusCode::OK).then_some(answer.bytes))
    }
}

fn identity(town: &Town) -> (Policy, LogIdentity) {
    let policy: Policy = town.anonymous().get("/log/policy").text().parse().unwrap();
    let identity = policy.logs()[0].clone();
    (policy, identity)
}

both!(everybody_can_check_the_whole_log_from_its_files, |db: Db| {
    let town = Town::new(db);
    assert_eq!(town.anonymous().get("/log/checkpoint").status, StatusCode::NOT_FOUND, "nothing is shown yet");
    for number in 0..3 {
        town.user("resident").report(&lamp(number));
    }
    let sealed = journal::seal(town.city()).unwrap().sealed;
    assert!(sealed >= 3);
    let (policy, identity) = identity(&town);
    let audit = tlog::audit(&Served(&town), &identity, &[], &[]).unwrap();
    assert_eq!((audit.findings, audit.signed.unwrap().checkpoint.size), (Vec::new(), sealed as u64));

    let checkpoint = town.anonymous().get("/log/checkpoint");
    policy.judge(&checkpoint.bytes).unwrap();
    let kept = |answer: &Answer| {
        (answer.header("content-type").to_owned(), answer.header("cache-control").to_owned())
    };
    let text = "text/plain; charset=utf-8".to_owned();
    assert_eq!(kept(&checkpoint), (text.clone(), "public, max-age=5".to_owned()));
    for file in [
        format!("/log/tile/0/000.p/{sealed}"),
        format!("/log/tile/entries/000.p/{sealed}"),
        "/log/tile/0/000.p/1".into(),
    ] {
        let tile = town.anonymous().get(&file);
        assert_eq!(tile.status, StatusCode::OK, "{file}");
        let (kind, cache) = kept(&tile);
        assert_eq!((kind.as_str(), cache.as_str()), ("application/octet-stream", "public, max-age=300"));
    }
    for none in
        ["/log/tile/0/000", "/log/tile/0/999", "/log/nothing", "/log/tile/0/000.p/0", "/log/../me", "/log/"]
    {
        let answer = town.anonymous().get(none);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{none}");
        assert_eq!(answer.header("cache-control"), "no-store", "{none}: it may come to be");
    }
    let state = town.anonymous().get("/api/v1/log").of(200);
    assert_eq!((&state["size"], &state["published"]["old"]), (&sealed.into(), &false.into()));
    assert_eq!(state["verifier_key"], identity.keys[0].to_string());
});

both!(a_resident_takes_the_proof_of_a_reading_home, |db: Db| {
    let town = Town::new(db);
    let (resident, grid) = (town.user("resident"), town.user("grid_leader"));
    let path = format!("/api/v1/people/{}", town.people["resident"]);
    grid.get(&format!("{path}?purpose=visit")).of(200);
    let reads = || resident.get(&format!("{path}/reads")).of(200)["items"].clone();
    let proof = format!("{path}/reads/{}/proof", pick(&reads(), "id")[0]);
    assert_eq!(reads()[0]["sealed"], false);
    assert_eq!(resident.get(&proof).of(409)["type"], "conflict");
    journal::seal(town.city()).unwrap();
    assert_eq!(reads()[0]["sealed"], true);

    let (policy, identity) = identity(&town);
    let page = resident.get("/me").text();
    let link =
        page.split('"').find(|it| it.starts_with("/me/readings/")).expect("a link to the proof").to_owned();
    // What a browser needs to check it on the page: where the proof is, and what it has to be of.
    let shown = format!("data-check-proof=\"{link}\"");
    let check = page.split("<button").find(|it| it.contains(&shown)).expect("a button that checks the proof");
    for part in ["data-action=\"person.read\"", "data-purpose=\"visit\"", "data-at=\"2026-", " hidden>"] {
        assert!(check.contains(part), "{part}: {check}");
    }
    for address in [proof.as_str(), &link] {
        let answer = resident.get(address);
        assert!(answer.header("content-disposition").ends_with(".tlog-proof\""), "{address}");
        let file = ProofFile::parse(&answer.bytes).unwrap();
        let opened = journal::Opened::from_extra(file.extra.as_deref()).unwrap();
        file.verify(&identity, Hash::of_entry(&opened.leaf())).unwrap();
        policy.judge(file.checkpoint.as_bytes()).unwrap();
        assert!(opened.entry.contains("\"purpose\":\"visit\""));
        assert!(!answer.text().contains(&town.people["grid_leader"].to_string()));
    }
    assert_eq!(grid.get(&proof).of(404)["type"], "not-found");
    assert_eq!(town.user("other").get(&link).status, StatusCode::NOT_FOUND);
    assert_eq!(town.anonymous().get(&link).status, StatusCode::SEE_OTHER);
});

both!(a_reporter_proves_who_asked_how_to_reach_them, |db: Db| {
    let town = Town::new(db);
    let case = town.user("resident").report(&lamp(1));
    let id = case["id"].as_str().unwrap().to_owned();
    town.user("acceptor").post(&format!("/api/v1/cases/{id}/contact"), &serde_json::json!({}));
    let found =
        town.user("grid_leader").post(&format!("/api/v1/cases/{id}/contact"), &serde_json::Value::Null);
    assert_eq!(found.status, StatusCode::OK, "{}", found.text());
    journal::seal(town.city()).unwrap();
    let page = town.user("resident").get(&format!("/cases/{id}")).text();
    let link = page.split('"').find(|it| it.contains("/readings/")).expect("a link to the proof").to_owned();
    let (_, identity) = identity(&town);
    let read = |link: &str, answer: &Answer| {
        let file = ProofFile::parse(&answer.bytes).unwrap_or_else(|error| panic!("{link}: {error}"));
        let opened = journal::Opened::from_extra(file.extra.as_deref()).unwrap();
        file.verify(&identity, Hash::of_entry(&opened.leaf())).unwrap();
        assert!(opened.entry.contains("case.read_contact"));
    };
    read(&link, &town.user("resident").get(&link));
    assert_eq!(town.user("grid_leader").get(&link).status, StatusCode::NOT_FOUND, "it is the reporter's");
    let token = domain::case::follow_token(town.city(), id.parse().unwrap());
    let by_link = link.replace(&format!("/cases/{id}"), &format!("/follow/{token}"));
    assert_eq!(
        town.anonymous().get(&by_link).status,
        StatusCode::NOT_FOUND,
        "the link does not tell who reported"
    );
    assert!(!town.anonymous().get(&format!("/follow/{token}")).text().contains("/readings/"));
});

both!(the_page_of_the_log_tells_what_is_wrong, |db: Db| {
    let town = Town::new(db);
    town.user("resident").report(&lamp(1));
    journal::seal(town.city()).unwrap();
    let page = town.anonymous().get("/log").text();
    assert!(page.contains("The sealed journal") && !page.contains("banner--bad"), "{page}");
    assert!(
        page.contains("olzii verify FILE.tlog-proof --policy log.policy") && !page.contains("--key"),
        "a proof is checked with its witnesses: {page}"
    );
    assert!(
        page.contains(&identity(&town).1.keys[0].to_string().replace('+', "&#43;"))
            || page.contains("test.example/journal+")
    );

    town.clock.pass_seconds(400);
    town.user("resident").report(&lamp(2));
    let page = town.anonymous().get("/log").text();
    assert!(page.contains("banner--bad") && page.contains("no newer one came"), "{page}");
    town.clock.pass_seconds(400);
    let page = town.anonymous().get("/log").text();
    assert!(page.contains("still waits to be sealed"), "{page}");
    journal::seal(town.city()).unwrap();
    assert!(!town.anonymous().get("/log").text().contains("banner--bad"));
});
