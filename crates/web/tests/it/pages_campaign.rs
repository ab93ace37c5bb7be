//! A campaign on pages, without a script: sent by an office, answered by its unit, reviewed by the tier above.

use axum::{body::Body, http::Method};
use domain::{Ctx, area};
use serde_json::json;
use store::{Db, both};

use crate::{
    form::published,
    pages_form::fill,
    support::{GRID, Town, User},
};

const FORM: &str = "application/x-www-form-urlencoded";

fn send(user: &User<'_>, path: &str, body: &str) -> crate::support::Answer {
    user.send_text(Method::POST, path, FORM, body.to_owned())
}

/// The form by which the grids of the county are asked, filled in.
fn asking(user: &User<'_>, title: &str, due: &str) -> String {
    let page = user.get("/campaigns/new").text();
    assert!(page.contains("村情表") && page.contains("value=\"grid\""));
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    format!(
        "id={id}&form=village&title={title}&period=2026&area=150902&audience=grid&due={due}&due_by=day&grace_days=7"
    )
}

/// The path of a campaign that asks them, due in a week.
fn asked(user: &User<'_>) -> String {
    let body = asking(user, "Winter", "2026-11-27");
    let answer = send(user, "/campaigns", &body);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let again = send(user, "/campaigns", &body);
    assert_eq!(again.header("location"), answer.header("location"), "sent twice it is one");
    answer.header("location").split('?').next().unwrap().to_owned()
}

/// Begins, as long as somebody takes for a page, what a campaign asks of the only unit, and sends it.
fn answer(town: &Town, clerk: &User<'_>, campaign: &str, seconds: i64) {
    let begin = format!("unit={}", unit(&clerk.get("/forms").text()));
    let draft = send(clerk, &format!("{campaign}/begin"), &begin).header("location").to_owned();
    town.clock.pass_seconds(seconds);
    fill(clerk, &draft, &[("/data/households", "120"), ("go", "next")]);
    send(clerk, &format!("{draft}/send"), "");
}

/// The id of the only unit that a page asks.
fn unit(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"unit\" value=\"").expect("something is asked");
    rest.split('"').next().unwrap().to_owned()
}

both!(a_grid_answers_a_campaign_and_its_township_reviews_it, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let campaign = asked(&commander);
    let clerk = town.user("grid_leader");
    for path in ["/forms", "/today"] {
        let page = clerk.get(path).text();
        assert!(page.contains("Winter") && page.contains("7 d"), "{path} says until when: {page}");
    }
    let page = clerk.get("/forms").text();
    assert!(!page.contains("/forms/village/begin"), "what is asked by a day is begun there alone");
    let begin = format!("unit={}", unit(&page));
    let draft = send(&clerk, &format!("{campaign}/begin"), &begin).header("location").to_owned();
    let again = send(&clerk, &format!("{campaign}/begin"), &begin);
    assert_eq!(again.header("location"), draft, "a draft is gone on with");
    fill(&clerk, &draft, &[("/data/households", "120"), ("go", "next")]);
    // It waited on a phone for a quarter of an hour.
    town.clock.pass_seconds(900);
    let request = clerk.request(Method::POST, &format!("{draft}/send"));
    let request = request.header("olzii-kept-at", "2026-11-20T01:00:30.000Z").body(Body::empty());
    assert_eq!(town.send(request.unwrap()).header("location"), "/forms?sent=valid");

    assert!(clerk.get("/forms").text().contains("/forms/village/begin"), "for what is filled in every day");

    // A second one is not begun: the first is shown, and can be changed.
    let there = send(&clerk, &format!("{campaign}/begin"), &begin);
    assert_eq!(there.status, 409);
    let text = there.text();
    let (_, rest) = text.split_once("href=\"/forms/village/records/").expect("a link to the first");
    let record = format!("/forms/village/records/{}", rest.split('"').next().unwrap());
    let own = clerk.get(&record).text();
    assert!(
        own.contains("Change it")
            && own.contains("Finished on the phone")
            && !own.contains("value=\"approved\"")
    );

    // The township sees its own part, finds what waits, and gives it back.
    let township = town.user("leader");
    let page = township.get(&campaign).text();
    assert!(page.contains("新体路街道") && !page.contains(">集宁区<"), "{page}");
    let records = "href=\"/forms/village/records\"";
    assert!(!page.contains(records), "nobody is led to where they may not go");
    assert!(commander.get(&campaign).text().contains(records));
    let waiting = township.get(&format!("{campaign}/units?area=150902001&show=waiting")).text();
    assert!(waiting.contains(&record));
    let judged = send(&township, &format!("{record}/review"), "number=1&review=hasIssues&body=Count+again");
    assert_eq!(judged.status, 303);
    let page = clerk.get("/forms").text();
    assert!(page.contains("Given back") && page.contains("Count again"));
    let draft = send(&clerk, &format!("{record}/mend"), "").header("location").to_owned();
    fill(&clerk, &draft, &[("/data/households", "140"), ("go", "next")]);
    send(&clerk, &format!("{draft}/send"), "");
    let page = township.get(&record).text();
    assert!(page.contains("<del>120</del>") && page.contains("<ins>140</ins>"), "{page}");
    assert_eq!(send(&township, &format!("{record}/review"), "number=2&review=approved").status, 303);
    assert_eq!(send(&clerk, &format!("{record}/mend"), "").status, 409, "what is accepted stands");

    let csv = commander.get(&format!("{campaign}/units.csv"));
    assert!(csv.text().starts_with('\u{feff}') && csv.text().contains(GRID));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"campaign-all.csv\"");
    let neighbour = town.user("neighbour");
    for path in
        [campaign.clone(), format!("{campaign}/units"), format!("{campaign}/units.csv"), record.clone()]
    {
        assert_eq!(neighbour.get(&path).status, 404, "{path}");
    }
    assert!(!neighbour.get("/campaigns").text().contains("Winter"));
    assert_eq!(town.anonymous().get(&campaign).status, 303);
});

both!(those_who_are_silent_are_reminded_by_one_press_and_it_ends, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let campaign = asked(&commander);
    let silent = commander.get(&format!("{campaign}/units?area=150902&show=silent")).text();
    assert!(silent.contains("一网格") && silent.contains("Remind"));
    let remind = format!("{campaign}/remind");
    let told = send(&commander, &remind, "area=150902&list=150902");
    let location = told.header("location").to_owned();
    assert!(location.contains("show=silent") && location.contains("told=1"), "{location}");
    assert!(commander.get(&location).text().contains("One unit was reminded"));
    assert!(town.user("grid_leader").get("/notices").text().contains("Still missing: Winter"));
    let one = format!("area={GRID}&unit={}", unit(&commander.get(&location).text()));
    let soon = send(&commander, &remind, &one);
    assert_eq!((soon.status.as_u16(), soon.text().contains("12 hours")), (409, true));
    // Nobody below its area may end it, and not without a reason.
    let end = format!("{campaign}/end");
    assert_eq!(send(&town.user("leader"), &end, "how=close").status, 403);
    let unsaid = send(&commander, &end, "how=withdraw&reason=");
    assert_eq!(unsaid.status, 422);
    assert!(unsaid.text().contains("id=\"reason-error\"") && unsaid.text().contains("Winter"));
    assert_eq!(send(&commander, &end, "how=withdraw&reason=twice").status, 303);
    assert!(commander.get(&campaign).text().contains("Withdrawn"));
    let clerk = town.user("grid_leader");
    assert!(!clerk.get("/forms").text().contains("Winter"));
    assert_eq!(send(&commander, &remind, "area=150902").status, 409);
    let late = send(&clerk, &format!("{campaign}/begin"), &one.replace(&format!("area={GRID}&"), ""));
    assert!(late.status == 409 && late.text().contains("twice"), "and why: {}", late.text());
});

both!(an_office_is_told_all_that_is_wrong_with_what_it_asks, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let page = send(
        &commander,
        "/campaigns",
        "id=x&form=village&title=&area=150902&audience=all&due=soon&grace_days=7",
    );
    assert_eq!(page.status, 422);
    let text = page.text();
    assert!(text.contains("href=\"#audience\"") && text.contains("href=\"#due\""), "{text}");
    let id = "01a1df99-5981-7000-818f-798c97cbd128";
    let body =
        format!("id={id}&form=village&title=Winter&area=150902&audience=grid&due=2026-11-19&grace_days=7");
    let page = send(&commander, "/campaigns", &body);
    assert!(page.status == 422 && page.text().contains("value=\"Winter\""), "what was typed stays");
    assert_eq!(town.user("handler").get("/campaigns/new").status, 403);
    let far = body.replace("150902", "150921");
    assert_eq!(send(&town.user("leader"), "/campaigns", &far.replace("11-19", "11-27")).status, 403);
});

both!(something_else_under_the_same_id_is_not_taken_for_sent_and_stays_on_the_page, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let campaign = asked(&commander);
    let id = campaign.rsplit('/').next().unwrap();
    let body =
        format!("id={id}&form=village&title=Summer&area=150902&audience=grid&due=2026-11-27&grace_days=7");
    let refused = send(&commander, "/campaigns", &body);
    assert_eq!(refused.status, 409);
    let page = refused.text();
    assert!(page.contains("value=\"Summer\"") && page.contains("Another campaign was sent"), "{page}");
    // Sent again from there it is one of its own.
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    let next = rest.split('"').next().unwrap();
    assert_ne!(next, id);
    assert_eq!(send(&commander, "/campaigns", &body.replace(id, next)).status, 303);
    let same = json!({ "id": id, "form": "village", "title": "Summer", "area": "150902", "audience": "grid", "due": "2026-11-27" });
    commander.post("/api/v1/campaigns", &same).of(409);
    // Nor is a form closed on those who have still to answer.
    let closed = send(&commander, "/forms/village/state", "state=closed");
    assert!(closed.status == 409 && closed.text().contains("Winter"), "{}", closed.text());
});

both!(people_who_are_asked_are_counted_where_they_work_and_not_named, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let body = json!({ "form": "village", "title": "Who", "area": "1509", "audience": "holders-leader", "due": "2026-11-27" });
    let sent = commander.post("/api/v1/campaigns", &body).of(201);
    let id = sent["id"].as_str().unwrap();
    let leader = town.user("leader");
    let page = leader.get(&format!("/campaigns/{id}?area=150902001")).text();
    let (_, rest) = page.split_once("<th scope=\"row\">").expect("a row");
    assert!(rest.starts_with("In no area below"), "what stands right here leads nowhere: {rest}");
    let own = leader.get("/api/v1/campaigns/asked").of(200);
    let key = own["items"][0]["unit"]["id"].clone();
    let round =
        commander.post(&format!("/api/v1/campaigns/{id}/reminders"), &json!({ "area": "1509", "unit": key }));
    assert_eq!(round.of(201)["units"], 1);
    assert!(leader.get("/notices").text().contains("Still missing: Who"));
    let mute = json!({ "form": "village", "title": "Who", "area": "1509", "audience": "holders-auditor", "due": "2026-11-27" });
    commander.post("/api/v1/campaigns", &mute).fields(422);
});

both!(the_same_by_json_and_by_openrosa, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let body = json!({ "form": "village", "title": "Winter", "area": "1509", "audience": "grid", "due": "2026-11-27" });
    let sent = commander.post("/api/v1/campaigns", &body).of(201);
    assert_eq!((&sent["due"], &sent["state"]), (&json!("2026-11-28T00:00:00+08:00"), &json!("open")));
    let at = format!("/api/v1/campaigns/{}", sent["id"].as_str().unwrap());
    let clerk = town.user("grid_leader");
    let asked = clerk.get("/api/v1/campaigns/asked").of(200);
    assert_eq!(asked["items"][0]["unit"]["area"], GRID);
    // ODK Collect knows of no campaign: what it sends is counted where it can be meant for one unit alone.
    let record = |number: u32| {
        let xml = format!(
            r#"<data id="village" version="1"><households>9</households><board/><meta><instanceID>uuid:{number}</instanceID></meta></data>"#
        );
        let body = format!(
            "--xyz\r\ncontent-disposition: form-data; name=\"xml_submission_file\"; filename=\"a.xml\"\r\ncontent-type: text/xml\r\n\r\n{xml}\r\n--xyz--\r\n"
        );
        let request = clerk.request(Method::POST, "/v1/projects/1509/submission");
        let request = request.header("x-openrosa-version", "1.0");
        let request = request.header("content-type", "multipart/form-data; boundary=xyz");
        town.send(request.body(Body::from(body)).unwrap())
    };
    let taken = record(1);
    assert!(taken.status == 201 && taken.text().contains("It counts for Winter"), "{}", taken.text());
    assert!(record(2).text().contains("does not count"));
    let progress = commander.get(&format!("{at}/progress")).of(200);
    assert_eq!((&progress["counts"]["expected"], &progress["counts"]["arrived"]), (&json!(1), &json!(1)));
    assert_eq!(progress["areas"].as_array().unwrap().len(), 1);
    let units = commander.get(&format!("{at}/units?show=valid&area=150902001001")).of(200);
    assert_eq!(units["items"][0]["record"]["instance"], "uuid:1");
    let none = commander.post(&format!("{at}/reminders"), &json!({ "area": "1509" })).of(201);
    assert_eq!((&none["units"], &none["vacant"]), (&json!(0), &json!(0)));
    commander.post(&format!("{at}/end"), &json!({ "how": "withdraw" })).fields(422);
    let ended = commander.post(&format!("{at}/end"), &json!({ "how": "close" })).of(200);
    assert_eq!(ended["state"], "closed");
});

both!(a_grid_that_goes_on_under_another_code_keeps_its_answer, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let campaign = asked(&commander);
    let clerk = town.user("grid_leader");
    answer(&town, &clerk, &campaign, 0);
    town.clock.pass_seconds(86_400);
    let ctx = Ctx::system(town.city().clone());
    let rows = "code,name,parent,previous_code\n150902001009,泰昌社区,150902001,150902001001\n\
        150902001009001,一网格,150902001009,150902001001001\n";
    let source = area::Source { name: "recoded.csv", bytes: rows.as_bytes() };
    let options = area::Options { complete: false, date: ctx.now };
    area::import(&ctx, source, options, &mut |_, _| {}).expect("the community goes on under another code");
    let page = town.user("leader").get(&format!("{campaign}/units?area=150902001009&show=arrived")).text();
    let (_, rest) = page.split_once("href=\"/forms/village/records/").expect("its record is found");
    let record = format!("/forms/village/records/{}", rest.split('"').next().unwrap());
    assert_eq!(town.user("leader").get(&record).status, 200);
    let judged = send(&town.user("leader"), &format!("{record}/review"), "number=1&review=approved");
    assert_eq!(judged.status, 303);
});

both!(what_asking_costs_is_on_a_page_and_a_tier_above_bounds_it, |db: Db| {
    let town = Town::new(db);
    let commander = published(&town);
    let campaign = asked(&commander);
    let clerk = town.user("grid_leader");
    answer(&town, &clerk, &campaign, 120);
    let page = commander.get("/burden?area=150902").text();
    assert!(
        page.contains("<dt>Forms</dt><dd>1</dd>") && page.contains("<dt>Minutes</dt><dd>2</dd>"),
        "{page}"
    );
    assert_eq!(commander.get("/burden?month=2026-12").status, 404, "what is to come is not known");
    assert_eq!(clerk.get("/burden").status, 403);
    let limit =
        |forms: &str| send(&commander, "/burden/limit", &format!("area=150902&forms={forms}&questions="));
    assert_eq!(limit("many").status, 422);
    assert_eq!(limit("1").header("location"), "/burden?area=150902&month=");
    let body = asking(&commander, "Again", "2026-11-28");
    let refused = send(&commander, "/campaigns", &body);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("a unit would be asked 2 forms (limit 1)"), "{}", refused.text());
    let told = commander.get("/api/v1/burdens?area=150902&month=2026-11").of(200);
    assert_eq!((&told["total"]["forms"], &told["limits"][0]["forms"]), (&json!(1), &json!(1)));
    let path = "/api/v1/burdens/limits/150902";
    let body_of = json!({ "forms": null, "questions": null }).to_string();
    commander.send_text(Method::PUT, path, "application/json", body_of).of(200);
    assert_eq!(send(&commander, "/campaigns", &body).status, 303);
});
